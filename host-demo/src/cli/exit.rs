//! How a command ends: its exit code.

use std::process::ExitCode;

use crate::app::{Failure, FailureKind};

/// The exit codes; scripts rely on them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(super) enum Exit {
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

impl Exit {
    /// The one with the highest code.
    pub(super) const LAST: Self = Self::Time;
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<FailureKind> for Exit {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Other => Self::Other,
            FailureKind::Usage => Self::Usage,
            FailureKind::Library => Self::Library,
            FailureKind::Credentials => Self::Credentials,
            FailureKind::Datasource => Self::Datasource,
            FailureKind::Time => Self::Time,
        }
    }
}

/// Writes a failure to standard error, and returns how the command ends.
pub(super) fn failed(failure: &Failure) -> Exit {
    #[expect(
        clippy::print_stderr,
        reason = "this is where the command line reports errors"
    )]
    {
        eprintln!("{}", failure.line());
    }
    failure.kind().into()
}

#[cfg(test)]
mod tests {
    use gadget_api::{Error, ErrorKind};

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
            let failure = Failure::from(Error::new(kind, "it failed"));
            assert_eq!(Exit::from(failure.kind()) as u8, code, "{kind:?}");
        }
    }
}
