//! The targets: one table, with where each number comes from.

use serde_json::Value;

use super::{number, page::Part};
use crate::Failure;

/// The bound of a number.
#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

struct Target {
    what: &'static str,
    part: Part,
    /// The number, and what it is divided by if that is not empty.
    at: [&'static str; 2],
    bound: Bound,
    unit: &'static str,
    how: &'static str,
}

const MIB: &str = "MiB";
/// How memory is measured.
const PEAK: &str = "VmHWM of the process, sampled every few milliseconds";

const fn target(
    part: Part,
    what: &'static str,
    at: [&'static str; 2],
    bound: Bound,
    (unit, how): (&'static str, &'static str),
) -> Target {
    Target {
        what,
        part,
        at,
        bound,
        unit,
        how,
    }
}

/// All targets that these benchmarks show.
const TARGETS: [Target; 18] = [
    target(
        Part::Own,
        "ledger of all apps, 1M licenses",
        ["/counting/1000000/ledger_of_all_apps_ms", ""],
        Bound::AtMost(150.0),
        ("ms", "median of runs in one process"),
    ),
    target(
        Part::Own,
        "report of one app, 12 months, 1M licenses",
        ["/counting/1000000/report_ms", ""],
        Bound::AtMost(0.1),
        ("ms", "median of runs in one process"),
    ),
    target(
        Part::Own,
        "stored snapshot to first report, 1M licenses",
        ["/syncing/1000000/reload_to_report_ms", ""],
        Bound::AtMost(20.0),
        ("ms", "a new cache each time, blobs in memory"),
    ),
    target(
        Part::Own,
        "sync with 5,000 changed rows of 1M",
        [
            "/syncing/1000000/changed_sync/cpu_ms",
            "/syncing/1000000/first_sync/cpu_ms",
        ],
        Bound::AtMost(0.02),
        ("of the first", "CPU time, the stand-in in another process"),
    ),
    target(
        Part::Own,
        "sync without changes, 1M licenses",
        [
            "/syncing/1000000/unchanged_sync/cpu_ms",
            "/syncing/1000000/first_sync/cpu_ms",
        ],
        Bound::AtMost(0.02),
        ("of the first", "CPU time, the stand-in in another process"),
    ),
    target(
        Part::Own,
        "bare call through the border",
        ["/border/bare_call_ns", ""],
        Bound::AtMost(10.0),
        ("ns", "a million calls of the host by a gadget"),
    ),
    target(
        Part::Own,
        "render of a 100 KiB view through the border",
        ["/border/ratio", ""],
        Bound::AtMost(1.1),
        (
            "of the same without",
            "medians of 400 pairs with the same JSON",
        ),
    ),
    target(
        Part::Own,
        "load of the App Users library, all checks",
        ["/load/load_ms", ""],
        Bound::AtMost(5.0),
        ("ms", "median of first loads, each in a new process"),
    ),
    target(
        Part::Peers,
        "export to report against DuckDB, 1M licenses",
        ["/report/1000000/faster_than/duckdb/wall", ""],
        Bound::AtLeast(1.2),
        ("times faster", "wall time of whole processes, in turns"),
    ),
    target(
        Part::Peers,
        "export to report against polars, 1M licenses",
        ["/report/1000000/faster_than/polars/wall", ""],
        Bound::AtLeast(2.5),
        ("times faster", "wall time of whole processes, in turns"),
    ),
    target(
        Part::Peers,
        "first sync against DuckDB, 1M licenses",
        ["/host/1000000/cpu_beside_duckdb", ""],
        Bound::AtMost(1.2),
        (
            "of its CPU time",
            "whole processes, DuckDB reads the same exports from files",
        ),
    ),
    target(
        Part::Peers,
        "peak memory of the first sync, 1M licenses",
        ["/host/1000000/first_sync/peak_kib", "1024"],
        Bound::AtMost(256.0),
        (MIB, PEAK),
    ),
    target(
        Part::Peers,
        "stored by the first sync, 1M licenses",
        ["/host/1000000/stored_bytes", "1000000"],
        Bound::AtMost(80.0),
        ("MB", "all files of the data directory"),
    ),
    target(
        Part::Peers,
        "whole process of an offline render, 1M licenses",
        ["/host/1000000/offline/cpu_ms", "1000"],
        Bound::AtMost(0.25),
        ("s of CPU time", "user and system, in steps of 10 ms"),
    ),
    target(
        Part::Peers,
        "host's sync without changes, 1M licenses",
        ["/host/1000000/unchanged_sync/share_of_first", ""],
        Bound::AtMost(0.02),
        ("of the first", "CPU time of whole processes"),
    ),
    target(
        Part::Peers,
        "host's sync with 5,000 changed rows of 1M",
        ["/host/1000000/changed_sync/share_of_first", ""],
        Bound::AtMost(0.02),
        ("of the first", "CPU time of whole processes"),
    ),
    target(
        Part::Peers,
        "resident after the first sync, four gadgets, 1M licenses",
        ["/host/1000000/serving/resident_kib", "1024"],
        Bound::AtMost(400.0),
        (MIB, "VmRSS when every gadget has a view"),
    ),
    target(
        Part::Peers,
        "peak memory of export to report, 1M licenses",
        ["/report/1000000/ours/peak_kib", "1024"],
        Bound::AtMost(256.0),
        (MIB, PEAK),
    ),
];

/// A target and what was measured.
pub(crate) struct Outcome {
    pub(crate) what: &'static str,
    pub(crate) bound: String,
    pub(crate) how: &'static str,
    /// Nothing if it was not measured at this size.
    pub(crate) measured: Option<String>,
    pub(crate) is_met: bool,
}

/// Compares results with the targets of their part.
pub(crate) fn outcomes(part: Part, results: &Value) -> Vec<Outcome> {
    let targets = TARGETS.iter().filter(|target| target.part == part);
    targets.map(|target| outcome(target, results)).collect()
}

fn outcome(target: &Target, results: &Value) -> Outcome {
    let [number_at, divisor_at] = target.at;
    let divisor = match divisor_at {
        "" => Some(1.0),
        text => text.parse().ok().or_else(|| number(results, text)),
    };
    let measured = match (number(results, number_at), divisor) {
        (Some(number), Some(divisor)) if divisor > 0.0 => Some(number / divisor),
        _ => None,
    };
    let unit = target.unit;
    let (bound, is_met) = match target.bound {
        Bound::AtLeast(least) => (
            format!("at least {least} {unit}"),
            measured.is_some_and(|measured| measured >= least),
        ),
        Bound::AtMost(most) => (
            format!("at most {most} {unit}"),
            measured.is_some_and(|measured| measured <= most),
        ),
    };
    Outcome {
        what: target.what,
        bound,
        how: target.how,
        measured: measured.map(super::page::rounded),
        is_met,
    }
}

/// Fails if a target is missed, or was not measured.
pub(crate) fn check(outcomes: &[Outcome]) -> Result<(), Failure> {
    let missed: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !outcome.is_met)
        .map(|outcome| {
            let measured = outcome.measured.as_deref().unwrap_or("not measured");
            format!("{}: {measured}, {}", outcome.what, outcome.bound)
        })
        .collect();
    if missed.is_empty() {
        Ok(())
    } else {
        Err(format!("missed targets:\n  {}", missed.join("\n  ")).into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_target_is_missed_if_its_bound_is_broken_or_nothing_was_measured() {
        let cases = [
            (json!({"border": {"bare_call_ns": 9.9}}), true),
            (json!({"border": {"bare_call_ns": 10.1}}), false),
            (json!({}), false),
        ];
        for (results, is_met) in cases {
            let outcomes = outcomes(Part::Own, &results);
            let of_call = outcomes
                .iter()
                .filter(|outcome| outcome.what.starts_with("bare call"));
            assert!(of_call.clone().all(|outcome| outcome.is_met == is_met));
            assert_eq!(
                check(&of_call.map(copy).collect::<Vec<_>>()).is_ok(),
                is_met
            );
        }
    }

    fn copy(outcome: &Outcome) -> Outcome {
        Outcome {
            what: outcome.what,
            bound: outcome.bound.clone(),
            how: outcome.how,
            measured: outcome.measured.clone(),
            is_met: outcome.is_met,
        }
    }

    #[test]
    fn a_number_is_divided_by_another_one_or_by_a_unit() {
        let results = json!({"host": {"1000000": {"stored_bytes": 79e6}}});
        let outcomes = outcomes(Part::Peers, &results);
        let stored = outcomes
            .iter()
            .find(|outcome| outcome.what.starts_with("stored"));
        let stored = stored.expect("there is such a target");
        assert_eq!(
            (stored.measured.as_deref(), stored.is_met),
            (Some("79"), true)
        );
    }
}
