//! Loads one gadget library and prints what it brings, or why it is refused.
//!
//! `load [--allow-unsigned] FILE [COPIES]`: private copies go to the directory `COPIES`, which is a
//! temporary one if it is not named.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command"
)]

use std::{collections::BTreeSet, env, path::PathBuf, process::ExitCode};

use gadget_host::{Catalog, LoadOptions, TrustPolicy};

fn main() -> ExitCode {
    let mut trust = TrustPolicy::AllowedHashes(BTreeSet::new());
    let mut paths = Vec::new();
    for argument in env::args_os().skip(1) {
        if argument == "--allow-unsigned" {
            trust = TrustPolicy::AllowUnsigned;
        } else {
            paths.push(PathBuf::from(argument));
        }
    }
    let mut paths = paths.into_iter();
    let Some(library) = paths.next() else {
        eprintln!("usage: load [--allow-unsigned] FILE [COPIES]");
        return ExitCode::from(2);
    };
    let temporary = match tempfile::tempdir() {
        Ok(temporary) => temporary,
        Err(error) => {
            eprintln!("failed to make a directory for private copies: {error}");
            return ExitCode::FAILURE;
        }
    };
    let copies = paths.next().unwrap_or_else(|| temporary.path().to_owned());
    match Catalog::load_library(&library, &LoadOptions::new(trust, copies)) {
        Ok(catalog) => {
            for gadget in catalog.gadgets() {
                let manifest = &gadget.description().manifest;
                println!(
                    "gadget {} {} {}",
                    manifest.id, manifest.version, manifest.title
                );
            }
            for kind in catalog.datasource_kinds() {
                println!("datasource {} {}", kind.id(), kind.declaration().title);
            }
            for template in catalog.templates() {
                let template = template.template();
                println!("template {} {}", template.id, template.name);
            }
            ExitCode::SUCCESS
        }
        Err(refused) => {
            eprintln!("{refused}");
            // The exit code of the product for a library that cannot be used.
            ExitCode::from(4)
        }
    }
}
