//! Opens a SQLite file if it is ours, undamaged and not used by another host.

mod copies;
mod inspection;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, Connection as _,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub(super) use self::copies::{Target, backup_file, restore};
use self::{
    copies::backup_before_migration,
    inspection::{Check, head, inspect},
};
use crate::store::{
    DriverError, KeySource, OpenError,
    file_lock::FileLock,
    files::{self, file_error, with_suffix},
    handle::Pools,
    migrations::latest,
};

/// How long the check at a start may take; damage that it does not reach is found by a backup.
const CHECK_LIMIT: Duration = Duration::from_secs(20);

/// How long a connection waits for a lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What to do where a database is missing, or has no content.
#[derive(Clone, Copy, Debug)]
pub(super) enum IfEmpty<'a> {
    /// Creates it, unless the key or another file of an earlier one is there.
    CreateFirst { key: &'a KeySource },
    /// Creates it.
    BeginAnew,
}

/// Opens a database file, creating it if it does not exist.
pub(super) async fn open(
    path: &Path,
    migrator: &Migrator,
    if_empty: IfEmpty<'_>,
) -> Result<Pools, OpenError> {
    let directory = files::directory_of(path);
    files::make_directory(directory).map_err(|cause| file_error(directory, cause))?;
    if files::is_on_network(directory).map_err(|cause| file_error(directory, cause))? {
        return Err(OpenError::NetworkFileSystem {
            path: directory.to_owned(),
        });
    }
    let lock = FileLock::take(path)?;
    let applied = inspect(path, latest(migrator), Check::Quick(CHECK_LIMIT)).await?;
    if applied == 0 {
        prepare_new(path, if_empty)?;
    }
    // SQLite creates its other files with the permissions of this one.
    files::open_private(path).map_err(|cause| file_error(path, cause))?;
    let failed = |cause| OpenError::Database {
        database: path.display().to_string(),
        cause: DriverError::from(cause),
    };
    let mut connection = options(path).connect().await.map_err(failed)?;
    if applied > 0 && applied < latest(migrator) {
        backup_before_migration(&mut connection, path, latest(migrator)).await?;
    }
    migrator
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|cause| OpenError::Migrate {
            database: path.display().to_string(),
            cause: DriverError::from(cause),
        })?;
    // No other host can use the file, so whoever held a lease is gone. On a full disk they end by
    // themselves.
    if let Err(error) = sqlx::query("DELETE FROM leases")
        .execute(&mut connection)
        .await
    {
        tracing::warn!(%error, "failed to remove the leases of an earlier process");
    }
    connection.close().await.map_err(failed)?;
    let writer = pool(1).connect_with(options(path)).await.map_err(failed)?;
    let readers = pool(4)
        .connect_with(options(path).pragma("query_only", "ON"))
        .await
        .map_err(failed)?;
    Ok(Pools::Sqlite {
        writer,
        readers,
        lock,
        directory: directory.to_owned(),
    })
}

/// Returns the options of a pool, whose connections stay open: opening one needs space on the disk.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None)
        .max_lifetime(None)
        .after_release(|connection, _| {
            Box::pin(async move {
                // Waits for a rollback that is still under way.
                connection.ping().await?;
                // On a full disk SQLite rolls back by itself, and the driver, whose own rollback then
                // fails, takes the transaction for open. Closing the connection ends it for both.
                Ok(!connection.is_in_transaction())
            })
        })
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("trusted_schema", "OFF")
        // Statements contain user data, which must not be logged.
        .disable_statement_logging()
}

/// Checks that a new database takes the place of no earlier one, unless that is wanted.
fn prepare_new(path: &Path, if_empty: IfEmpty<'_>) -> Result<(), OpenError> {
    let log = with_suffix(path, "-wal");
    // The log of a database that is being created is beside a file with content.
    let log_of_earlier = match head(path)? {
        None => fs::metadata(&log).is_ok_and(|log| log.len() > 0),
        Some(_) => false,
    };
    match if_empty {
        IfEmpty::CreateFirst { key } => {
            let found = match key {
                KeySource::File(key) if key.exists() => Some(key.clone()),
                _ if log_of_earlier => Some(log),
                _ => copy_of_earlier(path),
            };
            found.map_or(Ok(()), |found| {
                Err(OpenError::Lost {
                    path: path.to_owned(),
                    found,
                })
            })
        }
        IfEmpty::BeginAnew if log_of_earlier => {
            let kept = with_suffix(&log, ".replaced");
            files::rename(&log, &kept).map_err(|cause| file_error(&log, cause))?;
            let index = with_suffix(path, "-shm");
            remove_if_exists(&index).map_err(|cause| file_error(&index, cause))
        }
        IfEmpty::BeginAnew => Ok(()),
    }
}

/// Returns a copy of an earlier database that a migration or `restore` has made.
fn copy_of_earlier(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let entries = fs::read_dir(files::directory_of(path)).ok()?;
    entries
        .filter_map(Result::ok)
        .find(|entry| {
            let found = entry.file_name();
            let ending = found.to_str().and_then(|found| found.strip_prefix(name));
            ending.is_some_and(|ending| ending.starts_with(".before-") || ending == ".replaced")
        })
        .map(|entry| entry.path())
}

fn remove_if_exists(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
