//! The database address, as the command line takes it.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

/// The database to use.
#[derive(Clone, Debug)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// The address of a PostgreSQL server, which may contain a password.
    Postgres(SecretString),
}

/// A text is not a database address.
///
/// The text is not repeated because it may contain a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the database must be `sqlite:PATH` or `postgres://USER@HOST/NAME`")]
pub struct BadDatabase;

impl Database {
    /// Reads `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    ///
    /// Returns an error when the text is neither.
    pub fn parse(text: &str) -> Result<Self, BadDatabase> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(['?', '\0']) || path == ":memory:" {
                return Err(BadDatabase);
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(SecretString::from(text)));
        }
        Err(BadDatabase)
    }

    /// Returns the default database of a data directory.
    #[must_use]
    pub fn in_directory(data: &Path) -> Self {
        Self::Sqlite(data.join("dashboards.sqlite"))
    }
}

impl fmt::Display for Database {
    /// Writes the database as messages name it, without user and password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "{}", path.display()),
            Self::Postgres(address) => {
                let address = url::Url::parse(address.expose_secret()).ok();
                let host = address.as_ref().and_then(url::Url::host_str);
                let name = address.as_ref().map_or("", url::Url::path);
                write!(formatter, "PostgreSQL at {}", host.unwrap_or("a socket"))?;
                match name.trim_start_matches('/') {
                    "" => Ok(()),
                    name => write!(formatter, ", database {name}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_server() {
        for (text, expected) in [
            ("sqlite:data/x.sqlite", Some("data/x.sqlite")),
            ("sqlite:///var/x.sqlite", Some("/var/x.sqlite")),
            (
                "postgres://me:canary@db.example:5433/boards",
                Some("PostgreSQL at db.example, database boards"),
            ),
            (
                "postgresql:///boards?host=/run/pg",
                Some("PostgreSQL at a socket, database boards"),
            ),
            ("sqlite:", None),
            ("sqlite::memory:", None),
            ("mysql://x", None),
            ("", None),
        ] {
            let database = Database::parse(text);
            assert_eq!(
                database.as_ref().ok().map(ToString::to_string).as_deref(),
                expected,
                "{text}"
            );
            assert!(!format!("{database:?}").contains("canary"));
        }
    }
}
