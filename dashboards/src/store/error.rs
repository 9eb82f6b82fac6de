//! The errors of the store, as far as callers need to tell them apart.

use gadget_api::FieldPath;

use crate::{
    domain::{ChangeRecord, ChangeRefusal, Dashboard, Datasource, DatasourceRefusal},
    store::KeyProblem,
};

/// An error of the database driver.
#[derive(Debug)]
pub struct DriverError(Inner);

#[derive(Debug)]
enum Inner {
    Database(sqlx::Error),
    Migration(sqlx::migrate::MigrateError),
}

impl std::fmt::Display for DriverError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Inner::Database(error) => error.fmt(formatter),
            Inner::Migration(error) => error.fmt(formatter),
        }
    }
}

// The driver's messages contain their causes, so there is no separate source.
impl std::error::Error for DriverError {}

impl From<sqlx::Error> for DriverError {
    fn from(error: sqlx::Error) -> Self {
        Self(Inner::Database(error))
    }
}

impl From<sqlx::migrate::MigrateError> for DriverError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self(Inner::Migration(error))
    }
}

/// Why the store failed. Nothing was changed, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The object does not exist.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// The kind of object.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// Somebody else changed the dashboard first.
    #[error("the dashboard was changed in the meantime: {}", summaries(records))]
    Stale {
        /// The dashboard as it is now.
        current: Box<Dashboard>,
        /// The changes since the expected revision.
        records: Vec<ChangeRecord>,
    },
    /// Somebody else changed the datasource first.
    #[error("the datasource “{}” was changed in the meantime; reload it and try again", current.name)]
    StaleDatasource {
        /// The datasource as it is now.
        current: Box<Datasource>,
    },
    /// The change cannot be applied to the dashboard.
    #[error(transparent)]
    Refused(#[from] ChangeRefusal),
    /// The datasource cannot be saved like this.
    #[error(transparent)]
    Datasource(#[from] DatasourceRefusal),
    /// The id or name is already used.
    #[error("there is already a {what} with this name")]
    Taken {
        /// The kind of object.
        what: &'static str,
    },
    /// No administrator would be left.
    #[error("this is the last administrator; make somebody else an administrator first")]
    LastAdministrator,
    /// Secrets cannot be encrypted or decrypted.
    #[error("the secrets of datasources are locked: {0}")]
    Locked(KeyProblem),
    /// One secret cannot be decrypted: it was damaged, or moved from another row or field.
    #[error("the secret `{field}` of the datasource `{datasource}` is damaged; enter it again")]
    DamagedSecret {
        /// The datasource.
        datasource: String,
        /// The field.
        field: FieldPath,
    },
    /// The blob was stored or removed in the meantime.
    #[error("the blob `{name}` has revision {found}, not {expected}")]
    BlobConflict {
        /// Its name.
        name: String,
        /// Its revision; 0 if it does not exist.
        found: u64,
        /// The revision that was expected.
        expected: u64,
    },
    /// A value is too large to be stored.
    #[error("{what} has {bytes} bytes; the limit is {most}")]
    TooLarge {
        /// The kind of object.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// There is no space left, or the database has reached a limit of its user.
    #[error(
        "nothing can be saved because the disk of the database is full; free some space there, then try again"
    )]
    Full(#[source] DriverError),
    /// The database takes no changes, as a standby server of PostgreSQL.
    #[error(
        "nothing can be saved because the database is read-only at present; try again once its administrator has made it writable"
    )]
    ReadOnly(#[source] DriverError),
    /// The database cannot be reached, or is too busy. If the connection was lost during a commit,
    /// the change may have been made: check before trying again.
    #[error("the database is not responding; try again")]
    Unavailable(#[source] DriverError),
    /// Another transaction conflicted with this one on every attempt of the store.
    #[error("the database is too busy; try again")]
    Contended(#[source] DriverError),
    /// Stored data cannot be read.
    #[error("the stored {what} cannot be read: {details}")]
    Unreadable {
        /// The kind of object.
        what: &'static str,
        /// The cause.
        details: String,
    },
    /// Any other error of the database.
    #[error("the database failed: {0}")]
    Database(DriverError),
    /// A fault that a test injected.
    #[cfg(test)]
    #[error("injected fault before call {call} of the store")]
    Fault {
        /// The number of the call.
        call: u64,
    },
}

impl StoreError {
    /// Tells whether the whole transaction can be retried because it certainly wrote nothing.
    pub(crate) fn is_contended(&self) -> bool {
        matches!(self, Self::Contended(_))
    }

    /// Tells whether a unique constraint was violated.
    pub(crate) fn is_duplicate(&self) -> bool {
        let Self::Database(DriverError(Inner::Database(sqlx::Error::Database(error)))) = self
        else {
            return false;
        };
        error.is_unique_violation()
    }

    /// Creates the error for an object that does not exist.
    pub(crate) fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound {
            what,
            id: id.to_string(),
        }
    }

    /// Creates the error for stored data that cannot be read.
    pub(crate) fn unreadable(what: &'static str, details: impl ToString) -> Self {
        Self::Unreadable {
            what,
            details: details.to_string(),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.into()),
            sqlx::Error::Database(details) => {
                let code = details.code().unwrap_or_default().into_owned();
                match ErrorClass::of(&code) {
                    ErrorClass::Full => Self::Full(error.into()),
                    ErrorClass::ReadOnly => Self::ReadOnly(error.into()),
                    ErrorClass::Contended => Self::Contended(error.into()),
                    ErrorClass::Unavailable => Self::Unavailable(error.into()),
                    ErrorClass::Other => Self::Database(error.into()),
                }
            }
            _ => Self::Database(error.into()),
        }
    }
}

/// The extended code of a write that failed, but not for want of space on the whole disk.
const SQLITE_IOERR_WRITE: u32 = 778;

/// The extended code of an index of the log that could not be made larger.
const SQLITE_IOERR_SHMSIZE: u32 = 4874;

/// What the code of a database error means for callers.
#[derive(Debug, Eq, PartialEq)]
enum ErrorClass {
    Full,
    ReadOnly,
    Contended,
    Unavailable,
    Other,
}

impl ErrorClass {
    /// Classifies a code: a five-character SQLSTATE of PostgreSQL, or a number of SQLite, whose
    /// lowest eight bits are the primary code.
    fn of(code: &str) -> Self {
        match code {
            "40001" | "40P01" => return Self::Contended,
            "53100" => return Self::Full,
            "25006" => return Self::ReadOnly,
            // Too many connections, shutdowns and timeouts.
            "53300" | "55P03" | "57014" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => {
                return Self::Unavailable;
            }
            _ if code.len() == 5 && code.starts_with("08") => return Self::Unavailable,
            _ if code.len() == 5 => return Self::Other,
            _ => {}
        }
        let Ok(code) = code.parse::<u32>() else {
            return Self::Other;
        };
        match (code, code & 0xff) {
            // Quotas and limits of files end writing and growing in these two ways.
            (_, 13) | (SQLITE_IOERR_WRITE | SQLITE_IOERR_SHMSIZE, _) => Self::Full,
            (_, 5 | 6) => Self::Unavailable,
            _ => Self::Other,
        }
    }
}

/// Joins the summaries of changes.
fn summaries(records: &[ChangeRecord]) -> String {
    match records {
        [] => "reload it and try again".to_owned(),
        records => {
            let summaries: Vec<_> = records
                .iter()
                .map(|record| record.summary.as_str())
                .collect();
            summaries.join("; ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::OpenError;

    #[test]
    fn codes_mean_the_same_on_both_databases() {
        for (code, expected) in [
            ("40001", ErrorClass::Contended),
            ("40P01", ErrorClass::Contended),
            ("53100", ErrorClass::Full),
            ("13", ErrorClass::Full),
            ("778", ErrorClass::Full),
            ("4874", ErrorClass::Full),
            ("25006", ErrorClass::ReadOnly),
            ("08006", ErrorClass::Unavailable),
            ("57P01", ErrorClass::Unavailable),
            ("5", ErrorClass::Unavailable),
            ("517", ErrorClass::Unavailable),
            ("266", ErrorClass::Other),
            ("2067", ErrorClass::Other),
            ("23505", ErrorClass::Other),
            ("", ErrorClass::Other),
        ] {
            assert_eq!(ErrorClass::of(code), expected, "{code}");
        }
    }

    #[test]
    fn the_messages_of_an_error_chain_differ() {
        let lost = || sqlx::Error::Io(std::io::Error::other("broken pipe"));
        let errors: [Box<dyn std::error::Error>; 4] = [
            Box::new(OpenError::Database {
                database: "PostgreSQL at db.example".to_owned(),
                cause: lost().into(),
            }),
            Box::new(OpenError::File {
                path: "data".into(),
                cause: std::io::Error::other("broken pipe"),
            }),
            Box::new(StoreError::Database(lost().into())),
            Box::new(StoreError::from(lost())),
        ];
        for error in errors {
            let chain = std::iter::successors(Some(&*error), |error| error.source());
            let text: Vec<_> = chain.map(ToString::to_string).collect();
            let text = text.join(" / ");
            assert_eq!(text.matches("broken pipe").count(), 1, "{text}");
        }
    }
}
