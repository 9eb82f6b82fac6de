//! The log: to standard error, and nothing at all where a command has one line to say.

use std::io::{self, IsTerminal};

use tracing_subscriber::filter::LevelFilter;

use super::arguments::{Command, CommonOptions, LogLevel};

/// Starts the log at the level that was asked for.
pub(super) fn start(common: &CommonOptions, command: &Command) {
    let level = common.log.unwrap_or(match command {
        Command::Serve(_) => LogLevel::Warn,
        // These say what was refused in their own words.
        _ => LogLevel::Off,
    });
    let level = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let has_colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(has_colours)
        .init();
}
