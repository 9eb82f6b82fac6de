//! A dashboard host that loads gadget libraries.

mod app;
mod cli;
mod web;

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    let server = cli::Server {
        serve: web::serve,
        api_document: web::openapi,
    };
    cli::run(env::args_os().collect(), &server)
}
