//! What can go wrong with a store, as far as callers tell it apart.

use std::path::PathBuf;

use gadget_api::FieldPath;

use crate::{
    domain::{Dashboard, Datasource, DatasourceRefusal, Record, Refusal},
    store::KeyProblem,
};

/// Why a store cannot be opened. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another host has the file.
    #[error("{} is used by another host; stop it, or give this one a data directory of its own", path.display())]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The file is a database of another program, or none.
    #[error("{} {reason}; the file was left as it is. Move it away to start anew, or name another with --database", path.display())]
    Foreign {
        /// The database file.
        path: PathBuf,
        /// What it is instead.
        reason: &'static str,
    },
    /// The file is damaged.
    #[error("{} is damaged ({details}); the file was left as it is. Bring a backup back with `host-demo restore`", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What the check found.
        details: String,
    },
    /// A later version of the host wrote the database.
    #[error(
        "the database has schema version {found}, this host knows up to {known}; update the host, or bring the backup of before the update back"
    )]
    Newer {
        /// The version of the database.
        found: i64,
        /// The latest version that this host knows.
        known: i64,
    },
    /// The directory is on another machine.
    #[error("{} is on a network file system, where SQLite loses data; use a local directory, or PostgreSQL", path.display())]
    NetworkFileSystem {
        /// The directory.
        path: PathBuf,
    },
    /// A file or directory cannot be made or read.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database does not answer, or refuses.
    #[error("cannot open {database}: {source}")]
    Database {
        /// What a message calls the database.
        database: String,
        /// Why.
        source: Cause,
    },
    /// The schema cannot be brought up to date.
    #[error("cannot bring the schema of {database} up to date: {source}")]
    Migrate {
        /// What a message calls the database.
        database: String,
        /// Why.
        source: Cause,
    },
    /// A server has no file to copy.
    #[error("PostgreSQL is backed up with its own tools, such as `pg_dump`")]
    NoFile,
    /// What is stored cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the library that speaks to the database says; for the log and for people.
#[derive(Debug)]
pub struct Cause(Inner);

#[derive(Debug)]
enum Inner {
    Database(sqlx::Error),
    Migration(sqlx::migrate::MigrateError),
}

impl std::fmt::Display for Cause {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Inner::Database(error) => error.fmt(formatter),
            Inner::Migration(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Inner::Database(error) => error.source(),
            Inner::Migration(error) => error.source(),
        }
    }
}

impl From<sqlx::Error> for Cause {
    fn from(error: sqlx::Error) -> Self {
        Self(Inner::Database(error))
    }
}

impl From<sqlx::migrate::MigrateError> for Cause {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self(Inner::Migration(error))
    }
}

/// Why the store did not do something. Nothing was changed, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// Somebody else changed the dashboard first.
    #[error("the dashboard was changed meanwhile: {}", meanwhile(records))]
    Stale {
        /// The dashboard as it is now.
        current: Box<Dashboard>,
        /// What changed since the revision that was given.
        records: Vec<Record>,
    },
    /// Somebody else changed the datasource first.
    #[error("the datasource “{}” was changed meanwhile; look at it again", current.name)]
    StaleDatasource {
        /// The datasource as it is now.
        current: Box<Datasource>,
    },
    /// The change does not fit the dashboard.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The datasource cannot be saved so.
    #[error(transparent)]
    Datasource(#[from] DatasourceRefusal),
    /// The id or name is taken.
    #[error("there is a {what} of this name already")]
    Taken {
        /// What kind of thing.
        what: &'static str,
    },
    /// The last administrator would go.
    #[error("this is the last administrator; make somebody else one first")]
    LastAdministrator,
    /// Secrets cannot be opened or sealed.
    #[error("the secrets of datasources are locked: {0}")]
    Locked(KeyProblem),
    /// One secret cannot be opened: it was damaged, or moved from another place.
    #[error("the secret `{field}` of the datasource `{datasource}` is damaged; enter it again")]
    DamagedSecret {
        /// The datasource.
        datasource: String,
        /// The field.
        field: FieldPath,
    },
    /// Somebody else stored the blob first.
    #[error("the blob `{name}` has revision {found}, not {expected}")]
    BlobConflict {
        /// Its name.
        name: String,
        /// The revision that it has; 0 if it is not there.
        found: u64,
        /// The revision that was expected.
        expected: u64,
    },
    /// A value is too large to be kept.
    #[error("{what} has {bytes} bytes; at most {most} can be kept")]
    TooLarge {
        /// What kind of thing.
        what: &'static str,
        /// How large it is.
        bytes: usize,
        /// How large it may be.
        most: usize,
    },
    /// There is no space left.
    #[error("the database has no space left; make room and try again")]
    Full(#[source] Cause),
    /// The database cannot be reached, or is too busy. If it was lost while a change was being
    /// acknowledged, the change may be there: look before trying again.
    #[error("the database does not answer; try again")]
    Unavailable(#[source] Cause),
    /// The database has changed under this transaction; the store tries again by itself.
    #[error("the database is in too much demand; try again")]
    Contended(#[source] Cause),
    /// What is stored cannot be read.
    #[error("the stored {what} cannot be read: {details}")]
    Unreadable {
        /// What kind of thing.
        what: &'static str,
        /// Why.
        details: String,
    },
    /// Anything else that the database says.
    #[error("the database refused: {0}")]
    Database(#[source] Cause),
    /// A fault that a test asked for.
    #[cfg(test)]
    #[error("a fault before call {call} of the store")]
    Fault {
        /// The number of the call.
        call: u64,
    },
}

impl StoreError {
    /// Tells whether the whole transaction may be tried again, because it surely did nothing.
    pub(crate) fn is_contended(&self) -> bool {
        matches!(self, Self::Contended(_))
    }

    /// Tells whether the connection was lost.
    pub(crate) fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Tells whether a unique value is there already.
    pub(crate) fn is_duplicate(&self) -> bool {
        let Self::Database(Cause(Inner::Database(sqlx::Error::Database(error)))) = self else {
            return false;
        };
        error.is_unique_violation()
    }

    /// Creates the error for a thing that is not there.
    pub(crate) fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound {
            what,
            id: id.to_string(),
        }
    }

    /// Creates the error for a stored thing that cannot be read.
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
                match Meaning::of(&code) {
                    Meaning::Full => Self::Full(error.into()),
                    Meaning::Contended => Self::Contended(error.into()),
                    Meaning::Unavailable => Self::Unavailable(error.into()),
                    Meaning::Other => Self::Database(error.into()),
                }
            }
            _ => Self::Database(error.into()),
        }
    }
}

/// What the code of a database error means to callers.
#[derive(Debug, Eq, PartialEq)]
enum Meaning {
    Full,
    Contended,
    Unavailable,
    Other,
}

impl Meaning {
    /// Reads a code: five letters and digits of PostgreSQL, or a number of SQLite, whose last
    /// eight bits tell the kind.
    fn of(code: &str) -> Self {
        match code {
            "40001" | "40P01" => return Self::Contended,
            // Out of disk, too many connections, and waits that took too long.
            "53100" => return Self::Full,
            "53300" | "55P03" | "57014" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => {
                return Self::Unavailable;
            }
            _ if code.len() == 5 && code.starts_with("08") => return Self::Unavailable,
            _ if code.len() == 5 => return Self::Other,
            _ => {}
        }
        match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(13) => Self::Full,
            Ok(5 | 6) => Self::Unavailable,
            _ => Self::Other,
        }
    }
}

/// Writes what changed meanwhile, for people.
fn meanwhile(records: &[Record]) -> String {
    match records {
        [] => "look at it again".to_owned(),
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

    #[test]
    fn codes_mean_the_same_on_both_databases() {
        for (code, expected) in [
            ("40001", Meaning::Contended),
            ("40P01", Meaning::Contended),
            ("53100", Meaning::Full),
            ("13", Meaning::Full),
            ("08006", Meaning::Unavailable),
            ("57P01", Meaning::Unavailable),
            ("5", Meaning::Unavailable),
            ("517", Meaning::Unavailable),
            ("2067", Meaning::Other),
            ("23505", Meaning::Other),
            ("", Meaning::Other),
        ] {
            assert_eq!(Meaning::of(code), expected, "{code}");
        }
    }
}
