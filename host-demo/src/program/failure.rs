//! How a command ends: the exit code, and the one line for people.

use std::{fmt::Display, process::ExitCode};

use gadget_api::ErrorKind;
use gadget_host::{CallError, RefusedLibrary};

use gadget_draw::text::clean;

/// The exit codes; scripts rely on them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The answer is fresh.
    Fresh = 0,
    /// Something else went wrong.
    Other = 1,
    /// The command line, the settings or the datasource file cannot be used.
    Usage = 2,
    /// There is an answer, but it is older than was asked for.
    Stale = 3,
    /// A library was refused, or a gadget broke.
    Library = 4,
    /// The datasource refused the credentials, or they lack a right.
    Credentials = 5,
    /// The datasource did not answer, or with something that cannot be used.
    Datasource = 6,
    /// The time was over, or somebody interrupted.
    Time = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command has no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    remedy: Option<String>,
}

impl Failure {
    /// Creates a failure; `message` is in lower case and without a full stop.
    pub(crate) fn new(exit: Exit, message: impl Display) -> Self {
        Self {
            exit,
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
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Returns the line for people.
    pub(crate) fn line(&self) -> String {
        let message = clean_line(&self.message);
        match &self.remedy {
            Some(remedy) => format!("host-demo: {message}. {}", clean_line(remedy)),
            None => format!("host-demo: {message}"),
        }
    }

    /// Writes the line to standard error.
    pub(crate) fn tell(&self) {
        #[expect(
            clippy::print_stderr,
            reason = "this is where the command line tells of errors"
        )]
        {
            eprintln!("{}", self.line());
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

/// Returns how a command ends that could not go on because of an error of this kind.
pub(crate) fn exit_of(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::Settings | ErrorKind::Unsupported => Exit::Usage,
        ErrorKind::Credentials | ErrorKind::Rights => Exit::Credentials,
        ErrorKind::Datasource | ErrorKind::Network | ErrorKind::TooLarge => Exit::Datasource,
        ErrorKind::TimedOut | ErrorKind::Cancelled => Exit::Time,
        ErrorKind::Panicked => Exit::Library,
        _ => Exit::Other,
    }
}

impl From<gadget_api::Error> for Failure {
    fn from(error: gadget_api::Error) -> Self {
        let failure = Self::new(exit_of(error.kind()), &error);
        match error.remedy() {
            Some(remedy) => failure.with_remedy(remedy),
            None => failure,
        }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let exit = match &error {
            CallError::UnknownId(_) => Exit::Usage,
            CallError::Hangs { .. } | CallError::RestartNeeded { .. } => Exit::Library,
            _ => exit_of(error.kind()),
        };
        let failure = Self::new(exit, &error);
        match error.remedy() {
            Some(remedy) => failure.with_remedy(remedy),
            None => failure,
        }
    }
}

impl From<&RefusedLibrary> for Failure {
    fn from(refused: &RefusedLibrary) -> Self {
        Self::new(Exit::Library, refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_error_ends_with_its_own_code() {
        for (kind, code) in [
            (ErrorKind::Settings, 2),
            (ErrorKind::Unsupported, 2),
            (ErrorKind::Panicked, 4),
            (ErrorKind::Credentials, 5),
            (ErrorKind::Rights, 5),
            (ErrorKind::Datasource, 6),
            (ErrorKind::Network, 6),
            (ErrorKind::TooLarge, 6),
            (ErrorKind::TimedOut, 7),
            (ErrorKind::Cancelled, 7),
            (ErrorKind::NotFound, 1),
            (ErrorKind::Conflict, 1),
            (ErrorKind::Internal, 1),
        ] {
            assert_eq!(exit_of(kind) as u8, code, "{kind:?}");
        }
    }

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
