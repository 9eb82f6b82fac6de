//! The data source of `--demo`: a stand-in program next to this one, which ends when this one does.

use std::{
    env,
    io::{self, BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use serde::Deserialize;
use serde_json::Value;

use super::{Failure, FailureKind, TemplateAnswers, datasource_file::NamedContent};

const PROGRAM: &str = "marketplace-sim";

/// A shell script that runs the stand-in and stops it at the end of its standard input. That is a
/// pipe from this process, which closes however this process ends.
const SUPERVISOR: &str =
    r#""$0" "$@" & stand_in=$!; read -r _; kill "$stand_in" 2>/dev/null; wait "$stand_in""#;

/// A running stand-in.
#[derive(Debug)]
pub(crate) struct StandIn {
    supervisor: Child,
    /// Closed to stop the stand-in.
    stdin: Option<ChildStdin>,
    description: Description,
}

/// What the program prints about itself; this host doesn't know what the values mean.
#[derive(Debug, Default, Deserialize)]
struct Description {
    /// The name of the datasource.
    name: String,
    /// The datasource, in the form of a datasource file.
    datasource: Value,
    /// Answers to the questions of a template.
    answers: TemplateAnswers,
}

impl StandIn {
    /// Starts the program and waits until it listens.
    pub(crate) fn start() -> Result<Self, Failure> {
        let program = program()?;
        let mut supervisor = Command::new("/bin/sh")
            .args(["-c", SUPERVISOR])
            .arg(&program)
            .args(["--listen", "127.0.0.1:0", "--describe"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Only this process receives an interrupt from the keyboard; it then stops the other one.
            .process_group(0)
            .spawn()
            .map_err(|error| failure(&program, &format!("cannot be started: {error}")))?;
        let stdin = supervisor.stdin.take();
        let output = supervisor.stdout.take();
        let mut stand_in = Self {
            supervisor,
            stdin,
            description: Description::default(),
        };
        match output.map(read_description).transpose() {
            Ok(Some(Some(description))) => {
                stand_in.description = description;
                Ok(stand_in)
            }
            Ok(_) => Err(failure(&program, "ended before it was ready")),
            Err(error) => Err(failure(&program, &format!("cannot be read: {error}"))),
        }
    }

    /// Returns a datasource for it: its name, and its settings including secrets.
    pub(crate) fn datasource(&self) -> NamedContent {
        NamedContent {
            name: self.description.name.clone(),
            content: self.description.datasource.clone(),
        }
    }

    /// Returns answers that make a good first dashboard of a template.
    pub(crate) fn answers(&self) -> TemplateAnswers {
        self.description.answers.clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // It ends by itself within moments; if waiting fails, nothing is left to do.
        let _ = self.supervisor.wait();
    }
}

fn program() -> Result<PathBuf, Failure> {
    let own = env::current_exe().map_err(|error| {
        Failure::new(
            FailureKind::Other,
            format!("failed to find this program's own file: {error}"),
        )
    })?;
    let program = own.with_file_name(PROGRAM);
    if program.is_file() {
        return Ok(program);
    }
    Err(failure(&program, "is missing")
        .with_remedy("Run `cargo demo`, which builds it next to this program."))
}

fn failure(program: &Path, what: &str) -> Failure {
    Failure::new(
        FailureKind::Other,
        format!("the stand-in Marketplace `{}` {what}", program.display()),
    )
}

/// Reads the line that says that the program listens, and the description after it; `None` if the output ends before.
fn read_description(output: impl io::Read) -> io::Result<Option<Description>> {
    let mut lines = BufReader::new(output).lines();
    let Some(listening) = lines.next().transpose()? else {
        return Ok(None);
    };
    if !listening.starts_with("listening ") {
        return Ok(None);
    }
    let Some(description) = lines.next().transpose()? else {
        return Ok(None);
    };
    Ok(Some(serde_json::from_str(&description)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LISTENING: &str = "listening http://127.0.0.1:4711/marketplace\n";

    #[test]
    fn the_description_is_passed_on_as_it_was_printed() {
        let datasource = json!({"kind": "weather", "station": 7, "password": "p"});
        let answers = json!({"season": ["spring", 2]});
        let printed = json!({"name": "Sample", "datasource": datasource, "answers": answers});
        let output = format!("{LISTENING}{printed}\n");
        let description = read_description(output.as_bytes()).unwrap().unwrap();
        assert_eq!(description.name, "Sample");
        assert_eq!(description.datasource, datasource);
        assert_eq!(
            description.answers,
            TemplateAnswers::from([("season".to_owned(), vec![json!("spring"), json!(2)])])
        );
    }

    #[test]
    fn a_program_that_ended_early_has_no_description() {
        for output in ["", "something else\n{}\n", LISTENING] {
            assert!(
                read_description(output.as_bytes()).unwrap().is_none(),
                "{output}"
            );
        }
    }

    #[test]
    fn a_description_that_is_not_json_is_an_error() {
        let output = format!("{LISTENING}hello\n");
        assert!(read_description(output.as_bytes()).is_err());
    }
}
