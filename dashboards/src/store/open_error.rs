//! The errors of opening, backing up and restoring a store.

use std::path::PathBuf;

use crate::store::{DriverError, StoreError};

/// Why a store cannot be opened. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another host uses the file.
    #[error("{} is used by another host; stop that host, or use another data directory", path.display())]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// The file is not one of our databases.
    #[error("{} {reason}; the file was not changed. Move it away to start with an empty database, or choose another one with --database", path.display())]
    Foreign {
        /// The database file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The file is damaged.
    #[error("{} is damaged ({details}); the file was not changed. Restore a backup with `host-demo restore`", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What the check found.
        details: String,
    },
    /// The file is empty or missing, but other files of the database are there.
    #[error("{} is empty or missing, but {} of an earlier database is there; nothing was changed. Restore a backup with `host-demo restore`, or begin with an empty database with `host-demo migrate --new-database`", path.display(), found.display())]
    Lost {
        /// The database file.
        path: PathBuf,
        /// The file that is there.
        found: PathBuf,
    },
    /// A backup would destroy something.
    #[error("cannot back up to {}: it {reason}; nothing was changed. Choose another file", path.display())]
    Target {
        /// The file that the backup was to be written to.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A copy of the database cannot be written.
    #[error("cannot write the backup {}: {cause}", path.display())]
    Copy {
        /// The file that the backup was to be written to.
        path: PathBuf,
        /// The cause.
        cause: DriverError,
    },
    /// A later version of the host wrote the database.
    #[error(
        "the database has schema version {found} and this host supports up to {known}; update the host, or restore the backup from before the update"
    )]
    Newer {
        /// The version of the database.
        found: i64,
        /// The latest version that this host supports.
        known: i64,
    },
    /// The directory is on a network file system.
    #[error("{} is on a network file system, where SQLite can lose data; use a local directory or PostgreSQL", path.display())]
    NetworkFileSystem {
        /// The directory.
        path: PathBuf,
    },
    /// A file or directory cannot be created, read or written.
    #[error("cannot use {}: {cause}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        cause: std::io::Error,
    },
    /// The database does not respond, or rejects the connection.
    #[error("cannot open {database}: {cause}")]
    Database {
        /// The database as messages name it.
        database: String,
        /// The cause.
        cause: DriverError,
    },
    /// The schema cannot be migrated.
    #[error("cannot migrate the schema of {database}: {cause}")]
    Migrate {
        /// The database as messages name it.
        database: String,
        /// The cause.
        cause: DriverError,
    },
    /// The operation copies a file, and PostgreSQL has none.
    #[error("this works only for SQLite; back up PostgreSQL with its own tools, such as `pg_dump`")]
    NoFile,
    /// The stored data cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}
