//! The programs that `cargo xtask bench` runs, each in a process of its own. They print one JSON object.

mod border;
mod counting;
mod data_set;
mod export_report;
mod http_services;
mod measure;
mod serving;
mod stopwatch;

use std::{error::Error, ffi::OsString, path::PathBuf, process::ExitCode};

use chrono::NaiveDate;
use clap::{Parser, Subcommand};

type Failure = Box<dyn Error>;

/// Measures one thing and prints a JSON object.
#[derive(Parser)]
#[command(name = "benchmarks", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs a program and prints its wall time, CPU time and peak memory
    Measure {
        /// The file for what it prints
        #[arg(long)]
        output: PathBuf,
        /// The program and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<OsString>,
    },
    /// Writes the exports of the sample vendor: two JSON arrays, and the licenses line by line
    DataSet {
        licenses: u32,
        today: NaiveDate,
        directory: PathBuf,
    },
    /// Prints the new and churned users of an app in the 52 weeks before today, from a file of licenses by line
    ExportReport {
        file: PathBuf,
        app: String,
        today: NaiveDate,
    },
    /// Times the steps from a data set to a report
    Counting {
        directory: PathBuf,
        app: String,
        today: NaiveDate,
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// Times a first sync, a sync after changes, and the reload of the snapshot, with a stand-in of its own
    Syncing {
        licenses: u32,
        changes: u32,
        app: String,
        today: NaiveDate,
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// Starts a host and prints its memory when every gadget of its dashboard has a view
    Serving {
        /// The host and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<OsString>,
    },
    /// Times calls through the border
    Border,
    /// Times the load of a gadget library, once: later loads in a process find it open
    Load { library: PathBuf },
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the results and errors of a command"
)]
fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(result) => {
            println!("{result}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("benchmarks: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<serde_json::Value, Failure> {
    match task {
        Task::Measure { output, command } => measure::run(&output, &command),
        Task::DataSet {
            licenses,
            today,
            directory,
        } => data_set::write(licenses, today, &directory),
        Task::ExportReport { file, app, today } => export_report::run(&file, &app, today),
        Task::Counting {
            directory,
            app,
            today,
            runs,
        } => counting::run(&directory, &app, today, runs),
        Task::Syncing {
            licenses,
            changes,
            app,
            today,
            runs,
        } => counting::sync(
            &counting::Vendor {
                licenses,
                app: &app,
                today,
            },
            changes,
            runs,
        ),
        Task::Serving { command } => serving::run(&command),
        Task::Border => border::run(),
        Task::Load { library } => border::load(&library),
    }
}
