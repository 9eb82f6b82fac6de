//! Why something that was asked for has no answer, in one line for people.

use std::fmt::Display;

use gadget_api::ErrorKind;
use gadget_host::{CallError, RefusedLibrary};

use gadget_draw::text::clean;

/// What kept a command from its answer; each kind has an exit code of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FailureKind {
    Other,
    /// The command line, the settings or the datasource file cannot be used.
    Usage,
    /// A library was refused, or a gadget broke.
    Library,
    /// The datasource refused the credentials, or they lack a right.
    Credentials,
    /// The datasource did not answer, or with something that cannot be used.
    Datasource,
    /// The time was over, or somebody interrupted.
    Time,
}

/// Why a command has no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    kind: FailureKind,
    message: String,
    remedy: Option<String>,
}

impl Failure {
    /// Creates a failure; `message` is in lower case and without a full stop.
    pub(crate) fn new(kind: FailureKind, message: impl Display) -> Self {
        Self {
            kind,
            message: message.to_string(),
            remedy: None,
        }
    }

    /// Adds a sentence that says what to do.
    pub(crate) fn with_remedy(mut self, remedy: impl Display) -> Self {
        self.remedy = Some(remedy.to_string());
        self
    }

    /// Creates the failure of input that cannot be used.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    pub(crate) fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Returns the line for people.
    pub(crate) fn line(&self) -> String {
        let message = clean_line(&self.message);
        match &self.remedy {
            Some(remedy) => format!("host-demo: {message}. {}", clean_line(remedy)),
            None => format!("host-demo: {message}"),
        }
    }
}

/// Returns foreign text on one line.
fn clean_line(text: &str) -> String {
    clean(&text.replace(['\n', '\r', '\t'], " "))
        .trim_end_matches('.')
        .to_owned()
        + if text.trim_end().ends_with('.') {
            "."
        } else {
            ""
        }
}

/// Returns the kind of a failure that an error of this kind causes.
fn kind_of(kind: ErrorKind) -> FailureKind {
    match kind {
        ErrorKind::Settings | ErrorKind::Unsupported => FailureKind::Usage,
        ErrorKind::Credentials | ErrorKind::Rights => FailureKind::Credentials,
        ErrorKind::Datasource | ErrorKind::Network | ErrorKind::TooLarge => FailureKind::Datasource,
        ErrorKind::TimedOut | ErrorKind::Cancelled => FailureKind::Time,
        ErrorKind::Panicked => FailureKind::Library,
        _ => FailureKind::Other,
    }
}

impl From<gadget_api::Error> for Failure {
    fn from(error: gadget_api::Error) -> Self {
        let failure = Self::new(kind_of(error.kind()), &error);
        match error.remedy() {
            Some(remedy) => failure.with_remedy(remedy),
            None => failure,
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let kind = match &error {
            CallError::Unknown(_) => FailureKind::Usage,
            CallError::Suspended { .. } | CallError::LibrarySuspended { .. } => {
                FailureKind::Library
            }
            _ => kind_of(error.kind()),
        };
        let failure = Self::new(kind, &error);
        match error.remedy() {
            Some(remedy) => failure.with_remedy(remedy),
            None => failure,
        }
    }
}

impl From<&RefusedLibrary> for Failure {
    fn from(refused: &RefusedLibrary) -> Self {
        Self::new(FailureKind::Library, refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_whatever_a_gadget_writes() {
        let error =
            gadget_api::Error::new(ErrorKind::Network, "no\nanswer\u{1b}[2J").with_remedy("Wait.");
        assert_eq!(
            Failure::from(error).line(),
            "host-demo: no answer[2J. Wait."
        );
    }
}
