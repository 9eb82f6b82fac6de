//! The stand-in Marketplace of `--demo`: a program beside this one, which ends when this one does.

use std::{
    env,
    io::{self, BufRead, BufReader},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
};

use serde_json::json;

use crate::{
    datasource_file::NamedContent,
    program::{Exit, Failure},
};

const PROGRAM: &str = "marketplace-sim";
/// The sample vendor and its account; the token opens nothing but the stand-in.
const VENDOR: &str = "1212980";
const EMAIL: &str = "demo@acme.example";
const TOKEN: &str = "sample-token";

/// Waits for the end of its standard input, which is a pipe from this process: it closes however
/// this process ends, and then the stand-in is told to end too.
const KEEPER: &str =
    r#""$0" "$@" & stand_in=$!; read -r _; kill "$stand_in" 2>/dev/null; wait "$stand_in""#;

/// A stand-in that runs.
#[derive(Debug)]
pub(super) struct StandIn {
    keeper: Child,
    line: Option<ChildStdin>,
    base_url: String,
}

impl StandIn {
    /// The apps of the sample vendor that are worth showing first.
    pub(super) const SHOWN: &[&str] = &[
        "com.acme.timeboard",
        "com.acme.planboard",
        "com.acme.retronotes",
    ];

    /// Starts the program beside this one and waits until it listens.
    pub(super) fn start() -> Result<Self, Failure> {
        let program = program()?;
        let mut keeper = Command::new("/bin/sh")
            .args(["-c", KEEPER])
            .arg(&program)
            .args([
                "--listen",
                "127.0.0.1:0",
                "--vendor",
                VENDOR,
                "--email",
                EMAIL,
                "--token",
                TOKEN,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // An interrupt from the keyboard is for this process alone; it ends the other in order.
            .process_group(0)
            .spawn()
            .map_err(|error| failure(&program, &format!("cannot be started: {error}")))?;
        let line = keeper.stdin.take();
        let base_url = keeper
            .stdout
            .take()
            .map(announced)
            .unwrap_or_else(|| Ok(None));
        let mut stand_in = Self {
            keeper,
            line,
            base_url: String::new(),
        };
        match base_url {
            Ok(Some(base_url)) => {
                stand_in.base_url = base_url;
                Ok(stand_in)
            }
            Ok(None) => Err(failure(&program, "ended before it listened")),
            Err(error) => Err(failure(&program, &format!("cannot be read: {error}"))),
        }
    }

    /// Returns a datasource that reads it: its name, and its settings with the secrets among them.
    pub(super) fn datasource(&self) -> NamedContent {
        NamedContent {
            name: "Sample Marketplace".to_owned(),
            content: json!({
                "kind": "atlassian-marketplace",
                "base_url": self.base_url,
                "vendors": [VENDOR],
                "email": EMAIL,
                "token": TOKEN,
            }),
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        drop(self.line.take());
        // It ends by itself within moments; nothing is left to do where it cannot be waited for.
        let _ = self.keeper.wait();
    }
}

fn program() -> Result<PathBuf, Failure> {
    let own = env::current_exe().map_err(|error| {
        Failure::new(
            Exit::Other,
            format!("failed to find this program's own file: {error}"),
        )
    })?;
    let program = own.with_file_name(PROGRAM);
    if program.is_file() {
        return Ok(program);
    }
    Err(failure(&program, "is not there")
        .with_remedy("Run `cargo demo`, which builds it and lays it beside this program."))
}

fn failure(program: &std::path::Path, what: &str) -> Failure {
    Failure::new(
        Exit::Other,
        format!("the stand-in Marketplace `{}` {what}", program.display()),
    )
}

/// Reads `listening http://HOST:PORT/marketplace`.
fn announced(output: impl io::Read) -> io::Result<Option<String>> {
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    Ok(line
        .trim_end()
        .strip_prefix("listening ")
        .map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_what_follows_the_word() {
        for (line, address) in [
            (
                "listening http://127.0.0.1:4711/marketplace\n",
                Some("http://127.0.0.1:4711/marketplace"),
            ),
            ("something else\n", None),
            ("", None),
        ] {
            assert_eq!(announced(line.as_bytes()).unwrap().as_deref(), address);
        }
    }
}
