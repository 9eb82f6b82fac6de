//! The command line: prints the address of the stand-in and serves until it is stopped.

use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chrono::NaiveDate;
use clap::Parser;
use marketplace_sim::{Changes, Data, Fault, Faults, FixedData, Options, Sim};
use tokio::signal::unix::{SignalKind, signal};

/// A stand-in for the Atlassian Marketplace reporting API, with a sample vendor, case files and faults.
#[derive(Parser)]
#[command(version, after_help = fault_help())]
struct Arguments {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,

    /// The number of licenses of the sample vendor
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4_000,
        conflicts_with = "case"
    )]
    licenses: u32,

    /// The seed of the sample vendor: the same seed and day give the same bytes
    #[arg(long, value_name = "S", default_value_t = 1, conflicts_with = "case")]
    seed: u64,

    /// Serve the licenses and transactions of this JSON file instead of the sample vendor
    #[arg(long, value_name = "FILE")]
    case: Option<PathBuf>,

    /// The current day for the data, like 2026-11-20 [default: the day of the case, else today in UTC]
    #[arg(long, value_name = "DATE")]
    today: Option<NaiveDate>,

    /// The numeric id of the vendor
    #[arg(long, value_name = "ID", default_value = Options::VENDOR)]
    vendor: String,

    /// The e-mail address of the account that has access
    #[arg(long, value_name = "E", default_value = Options::EMAIL)]
    email: String,

    /// The token of that account
    #[arg(long, value_name = "T", default_value = Options::TOKEN)]
    token: String,

    /// Wait this many milliseconds before each answer
    #[arg(long, value_name = "N", default_value_t = 0)]
    latency_ms: u64,

    /// Faults to turn on: names from the list below, separated by commas
    #[arg(
        long,
        value_name = "NAME,…",
        default_value = "",
        hide_default_value = true
    )]
    fault: Faults,

    /// Let a day go by every so many seconds: rows of the sample vendor change, are added and are removed
    #[arg(long, value_name = "SECONDS", conflicts_with = "case", value_parser = clap::value_parser!(u64).range(1..))]
    day_length: Option<u64>,

    /// Change exactly this many rows when a day goes by [default: one for every 200 licenses]
    #[arg(long, value_name = "N", conflicts_with = "case")]
    changes: Option<u32>,

    /// Print a second line: a JSON object that describes the stand-in as a datasource for a dashboard host
    #[arg(long)]
    describe: bool,
}

fn fault_help() -> String {
    let mut text = "Faults, for all requests or, as NAME@KIND, for one kind of request \
        (licenses, transactions, metrics, listing, export, space):\n"
        .to_owned();
    for fault in Fault::all() {
        text.push_str(&format!("  {:<24}{}\n", fault.name(), fault.help()));
    }
    text
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let data = match &arguments.case {
        Some(path) => Data::case_file(path)?,
        None => Data::sample(arguments.licenses, arguments.seed),
    };
    let mut options = Options::new()
        .listen(arguments.listen)
        .data(data)
        .vendor(arguments.vendor)
        .account(arguments.email, arguments.token)
        .latency(Duration::from_millis(arguments.latency_ms))
        .faults(arguments.fault);
    let changes = arguments.changes.map_or(Changes::usual(), Changes::rows);
    options = options.changes(changes);
    let day_length = arguments.day_length.map(Duration::from_secs);
    if let Some(today) = arguments.today {
        options = options.today(today);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Signals are caught before anything is printed: the reader may stop us at once.
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let sim = Sim::start(options)?;
        announce(&sim, arguments.describe)?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            fixed = let_days_go_by(&sim, day_length, changes) => return Err(fixed.into()),
        }
        Ok(())
    })
}

/// Lets a day go by each time that `day_length` is over; ends only if the data never change.
async fn let_days_go_by(sim: &Sim, day_length: Option<Duration>, changes: Changes) -> FixedData {
    let Some(day_length) = day_length else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(day_length).await;
        if let Err(fixed) = sim.advance(changes) {
            return fixed;
        }
    }
}

/// Prints the line that tells the parent process that requests are accepted.
fn announce(sim: &Sim, describe: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening {}", sim.base_url())?;
    if describe {
        writeln!(out, "{}", sim.describe())?;
    }
    out.flush()
}

#[expect(clippy::print_stderr, reason = "the command reports its errors here")]
fn report(error: &dyn Error) {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    eprintln!("marketplace-sim: {text}");
}
