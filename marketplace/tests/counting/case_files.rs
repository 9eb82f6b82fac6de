//! The case files of the workspace: each gives exactly what it expects.

use std::path::{Path, PathBuf};

use marketplace::{Bucket, Ledger};
use serde_json::Value;

use crate::{case, sum_of_apps::assert_sum_of_apps};

/// Returns every case file with what it holds.
fn cases() -> Vec<(PathBuf, Value)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let entries = directory.read_dir().expect("the cases are there");
    let paths = entries.map(|entry| entry.expect("the directory can be read").path());
    let cases: Vec<_> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .map(|path| {
            let bytes = std::fs::read(&path).expect("a case can be read");
            let case = serde_json::from_slice(&bytes).expect("a case is JSON");
            (path, case)
        })
        .collect();
    let count = cases.len();
    assert!(count >= 13, "{count} cases in {}", directory.display());
    cases
}

#[test]
fn every_case_file_gives_exactly_what_it_expects() {
    for (path, case) in cases() {
        let counted = case::count(&case).unwrap();
        for (key, expected) in case["expected"].as_object().unwrap() {
            assert_eq!(&counted[key], expected, "{key} of {}", path.display());
        }
    }
}

#[test]
fn all_apps_of_a_case_file_add_up_from_each_by_itself() {
    for (_, case) in cases() {
        let rows = case::rows(&case).unwrap();
        let rules = case::rules(&case["settings"]).unwrap();
        let today = case::day(&case["today"]).unwrap();
        let kind = case::kind(&case["settings"]["period"]).unwrap();
        let all = Ledger::of_all_apps(&rows, &rules, today);
        let period = kind.period(today, all.first_day_with_users()).unwrap();
        for bucket in Bucket::ALL {
            assert_sum_of_apps(&rows, &rules, today, period, bucket);
        }
    }
}
