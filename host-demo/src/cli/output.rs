//! Standard output: the answer and nothing else.

use std::io::{self, ErrorKind, Write};

use crate::app::{Failure, FailureKind};

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
    let mut out = io::stdout().lock();
    match out.write_all(answer).and_then(|()| out.flush()) {
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
