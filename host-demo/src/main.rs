//! A dashboard host that loads gadget libraries.

mod cli;
mod datasource_file;
mod engine;
mod home;
mod program;
mod settings;
mod stale;
mod web;

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    cli::run(env::args_os().collect())
}
