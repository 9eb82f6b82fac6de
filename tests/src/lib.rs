//! What the tests of several crates share: built libraries and programs, hosts that run, a browser,
//! and waiting.

use std::{
    fs,
    path::{Path, PathBuf},
};

use marketplace_sim::{Data, Options};
use serde_json::{Value, json};

pub use self::{
    artifacts::{Library, example, library, program},
    host::Host,
    wait::{PATIENCE, wait_until},
};

mod artifacts;
pub mod axe;
pub mod browser;
pub mod demo;
pub mod fresh_host;
mod host;
pub mod literals;
pub mod npm;
pub mod postgres;
pub mod running_host;
pub mod secret_scan;
pub mod small_disk;
mod wait;
pub mod web_server;

/// Returns the root of the workspace.
///
/// # Panics
///
/// Panics when this crate is not in the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    root.expect("the tests lie in the workspace").to_owned()
}

/// Returns the options of a stand-in with a small sample vendor, and the account that the tests use.
#[must_use]
pub fn small_vendor() -> Options {
    Options::new()
        .data(Data::sample(120, 7))
        .vendor(VENDOR)
        .account(EMAIL, TOKEN)
}

/// Returns the case files of the counting rule, each with its name.
///
/// # Panics
///
/// Panics when a case cannot be read.
#[must_use]
pub fn cases() -> Vec<(String, Value)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(workspace().join("tests/cases"))
        .expect("the cases are there")
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a case can be read");
            let name = path
                .file_stem()
                .expect("a case has a name")
                .to_string_lossy()
                .into_owned();
            (name, serde_json::from_str(&text).expect("a case is JSON"))
        })
        .collect()
}

/// The vendor, account and token of the stand-in in tests; the token is unique enough to search for.
pub const VENDOR: &str = "1212980";
/// See [`VENDOR`].
pub const EMAIL: &str = "partner@acme.example";
/// See [`VENDOR`].
pub const TOKEN: &str = "canary-7f3a9c-token";

/// Returns a datasource for the stand-in at `base_url`.
#[must_use]
pub fn datasource(base_url: &str) -> Value {
    json!({"kind": "atlassian-marketplace", "base_url": base_url, "vendors": [VENDOR], "email": EMAIL, "token": TOKEN})
}
