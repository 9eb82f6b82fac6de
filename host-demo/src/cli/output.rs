//! Standard output: the answer and nothing else.

use std::{
    fs::File,
    io::{self, ErrorKind, IsTerminal, Write},
    sync::OnceLock,
};

use rustix::{
    io::fcntl_dupfd_cloexec,
    stdio::{dup2_stdout, stderr, stdout},
};

use crate::app::{Failure, FailureKind};

/// Standard output as it was when the process started.
static ANSWERS: OnceLock<File> = OnceLock::new();

/// The lowest number of the file for answers, which leaves those of the standard streams alone.
const FIRST_FREE: i32 = 3;

/// Keeps standard output for answers: whatever a gadget prints goes to standard error from now on.
///
/// # Errors
///
/// Returns an error when the files cannot be exchanged.
pub(super) fn keep_for_answers() -> Result<(), Failure> {
    let kept = fcntl_dupfd_cloexec(stdout(), FIRST_FREE)
        .and_then(|kept| dup2_stdout(stderr()).map(|()| kept))
        .map_err(|error| {
            Failure::new(
                FailureKind::Other,
                format!("failed to keep standard output for the answer: {error}"),
            )
        })?;
    // A second call finds standard error in place of standard output, and the first file is the right one.
    let _ = ANSWERS.set(kept.into());
    Ok(())
}

/// Tells whether answers go to a terminal.
pub(super) fn is_terminal() -> bool {
    match ANSWERS.get() {
        Some(kept) => kept.is_terminal(),
        None => io::stdout().is_terminal(),
    }
}

/// Writes the answer.
///
/// # Errors
///
/// Returns an error when it cannot be written; a reader that has seen enough is none.
pub(super) fn answer(text: &str) -> Result<(), Failure> {
    bytes(text.as_bytes())
}

/// Writes an answer that is no text.
///
/// # Errors
///
/// Returns an error when it cannot be written; a reader that has seen enough is none.
pub(super) fn bytes(answer: &[u8]) -> Result<(), Failure> {
    let written = match ANSWERS.get() {
        Some(mut kept) => kept.write_all(answer),
        None => {
            let mut out = io::stdout().lock();
            out.write_all(answer).and_then(|()| out.flush())
        }
    };
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(
            FailureKind::Other,
            format!("failed to write the answer: {error}"),
        )),
    }
}

/// Writes a value as JSON for people and programs: indented, members in their own order.
///
/// # Errors
///
/// Returns an error when it cannot be written.
pub(super) fn json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| {
        Failure::new(
            FailureKind::Other,
            format!("failed to write the answer as JSON: {error}"),
        )
    })?;
    text.push('\n');
    answer(&text)
}
