//! `cargo xtask bench`: measures the product, alone or beside its peers, and writes `BENCHMARKS.md`.

mod own;
mod page;
mod peers;
mod process;
mod targets;

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::{Failure, PACKAGES, Profile, stage_as};

/// The day of all data, so that they are the same each time.
const TODAY: &str = "2026-11-20";
/// The app that is reported. It has no edge cases, so that plain SQL counts it alike.
const APP: &str = "com.acme.planboard";

#[derive(Args)]
pub(crate) struct BenchOptions {
    /// Measure beside DuckDB and polars, which are installed from PyPI below `target`
    #[arg(long)]
    peers: bool,
    /// Fail if a target is missed
    #[arg(long)]
    check: bool,
    /// How often a comparison is repeated; medians are reported
    #[arg(long, value_name = "N", default_value_t = 5)]
    runs: usize,
    /// The numbers of licenses
    #[arg(
        long,
        value_name = "N,…",
        value_delimiter = ',',
        default_values_t = [10_000, 100_000, 1_000_000]
    )]
    licenses: Vec<u32>,
}

/// Where things are.
struct Places {
    /// The directory of the release builds.
    programs: PathBuf,
    /// The directory for data sets and results.
    work: PathBuf,
}

impl Places {
    fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// Returns the directory of the data set with this many licenses, which is written once.
    fn data_set(&self, licenses: u32) -> Result<PathBuf, Failure> {
        let directory = self.work.join(format!("data-{licenses}-{TODAY}"));
        if !directory.join("licenses.ndjson").exists() {
            let partial = directory.with_extension("partial");
            process::json(
                process::command(&self.program("benchmarks"))
                    .args(["data-set", &licenses.to_string(), TODAY])
                    .arg(&partial),
            )?;
            std::fs::rename(partial, &directory)?;
        }
        Ok(directory)
    }
}

/// Measures, writes the page, and checks the targets if asked.
pub(crate) fn run(options: &BenchOptions) -> Result<(), Failure> {
    let mut packages = PACKAGES.to_vec();
    packages.push("benchmarks");
    let programs = stage_as(Profile::Release, &packages)?;
    let work = programs.with_file_name("bench");
    std::fs::create_dir_all(&work)?;
    let places = Places { programs, work };
    let (part, results) = if options.peers {
        (page::Part::Peers, peers::measure(&places, options)?)
    } else {
        (page::Part::Own, own::measure(&places, options)?)
    };
    std::fs::write(
        places.work.join(part.file()),
        serde_json::to_string_pretty(&results)?,
    )?;
    let outcomes = targets::outcomes(part, &results);
    page::write(part, &results, &outcomes)?;
    if options.check {
        targets::check(&outcomes)?;
    }
    Ok(())
}

/// Prints what is being measured.
#[expect(clippy::print_stderr, reason = "the progress of a long command")]
fn announce(what: &str) {
    eprintln!("measuring {what}");
}

/// Returns the number at a JSON pointer.
fn number(results: &Value, pointer: &str) -> Option<f64> {
    results.pointer(pointer).and_then(Value::as_f64)
}
