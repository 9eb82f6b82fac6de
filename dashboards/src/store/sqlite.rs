//! Opens a SQLite file if it is ours, undamaged and not used by another host.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, Connection as _, Row as _, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::store::{
    DriverError, OpenError,
    file_lock::FileLock,
    files::{self, file_error, with_suffix},
    handle::Pools,
    migrations::latest,
};

/// The application id in the header of our files; the first migration writes it.
const APPLICATION_ID: u32 = 1_734_435_956;

/// The first bytes of every SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// The check at each start: every page.
const QUICK_CHECK: &str = "PRAGMA quick_check(3)";

/// The check of backups: every page and index.
const FULL_CHECK: &str = "PRAGMA integrity_check(3)";

/// The reason for refusing a file without content.
const EMPTY_OR_MISSING: &str = "is empty or does not exist";

/// How long a connection waits for a lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a database file, creating it if it does not exist.
pub(super) async fn open(path: &Path, migrator: &Migrator) -> Result<Pools, OpenError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    files::make_directory(directory).map_err(|cause| file_error(directory, cause))?;
    if files::is_on_network(directory).map_err(|cause| file_error(directory, cause))? {
        return Err(OpenError::NetworkFileSystem {
            path: directory.to_owned(),
        });
    }
    let lock = FileLock::take(path)?;
    let applied = inspect(path, latest(migrator), QUICK_CHECK).await?;
    // SQLite creates its other files with the permissions of this one.
    files::open_private(path).map_err(|cause| file_error(path, cause))?;
    let failed = |cause| OpenError::Database {
        database: path.display().to_string(),
        cause: DriverError::from(cause),
    };
    let mut connection = options(path).connect().await.map_err(failed)?;
    if applied > 0 && applied < latest(migrator) {
        let copy = with_suffix(path, &format!(".before-{}", latest(migrator)));
        backup(&mut connection, &copy).await?;
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

/// Inspects a file without changing it; returns the schema version, or 0 for a new file.
async fn inspect(path: &Path, known: i64, check: &'static str) -> Result<i64, OpenError> {
    let Some(head) = head(path)? else {
        return Ok(0);
    };
    let foreign = |reason| OpenError::Foreign {
        path: path.to_owned(),
        reason,
    };
    if !head.starts_with(MAGIC) {
        return Err(foreign("is not a SQLite database"));
    }
    let found = number(&head, 68);
    if found != 0 && found != APPLICATION_ID {
        return Err(foreign("belongs to another program"));
    }
    // After a clean shutdown there is no write-ahead log: then the file alone must be complete, and
    // SQLite can open it without creating a log.
    let has_log = fs::metadata(with_suffix(path, "-wal")).is_ok_and(|log| log.len() > 0);
    if !has_log {
        check_length(path, &head)?;
    }
    let mut connection = open_for_inspection(path, has_log).await?;
    let outcome = inspect_contents(&mut connection, path, known, check).await;
    // Nothing was written, so an error while closing does not matter.
    let _closed = connection.close().await;
    outcome
}

/// Reads the 100-byte header; returns nothing if the file is empty or does not exist.
fn head(path: &Path) -> Result<Option<Vec<u8>>, OpenError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(file_error(path, cause)),
    };
    let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
    if !is_file {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
            reason: "is not a file",
        });
    }
    let mut head = Vec::new();
    file.take(100)
        .read_to_end(&mut head)
        .map_err(|cause| file_error(path, cause))?;
    if head.is_empty() {
        return Ok(None);
    }
    // A shorter file is checked like any other.
    head.resize(100, 0);
    Ok(Some(head))
}

/// Returns the 32-bit number at an offset of the header.
fn number(head: &[u8], at: usize) -> u32 {
    let bytes = head.get(at..).and_then(<[u8]>::first_chunk::<4>);
    bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// Refuses a truncated file: SQLite would read the missing part of a page as zeros.
fn check_length(path: &Path, head: &[u8]) -> Result<(), OpenError> {
    let length = fs::metadata(path)
        .map_err(|cause| file_error(path, cause))?
        .len();
    // A 16-bit number, in which 1 stands for the largest page size.
    let page = match number(head, 16) >> 16 {
        1 => 65536,
        page => u64::from(page),
    };
    let pages = u64::from(number(head, 28));
    if page > 0 && length.is_multiple_of(page) && length >= page * pages {
        return Ok(());
    }
    Err(OpenError::Damaged {
        path: path.to_owned(),
        details: format!("it has {length} bytes instead of {}", page * pages),
    })
}

async fn open_for_inspection(path: &Path, has_log: bool) -> Result<SqliteConnection, OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("trusted_schema", "OFF");
    options
        .immutable(!has_log)
        .connect()
        .await
        .map_err(|error| damaged(path, &error))
}

async fn inspect_contents(
    connection: &mut SqliteConnection,
    path: &Path,
    known: i64,
    check: &'static str,
) -> Result<i64, OpenError> {
    let count = async |connection: &mut SqliteConnection, sql: &'static str| {
        let row = sqlx::query(sql).fetch_one(connection).await;
        row.and_then(|row| row.try_get::<i64, _>(0))
            .map_err(|error| damaged(path, &error))
    };
    let findings = sqlx::query(check)
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| damaged(path, &error))?;
    let findings: Vec<String> = findings
        .iter()
        .filter_map(|row| row.try_get(0).ok())
        .collect();
    if findings != ["ok"] {
        return Err(OpenError::Damaged {
            path: path.to_owned(),
            details: findings.join("; "),
        });
    }
    let tables = count(&mut *connection, "SELECT count(*) FROM sqlite_master").await?;
    if tables == 0 {
        return Ok(0);
    }
    let application = count(&mut *connection, "PRAGMA application_id").await?;
    let migrated = count(
        &mut *connection,
        "SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
    )
    .await?;
    // The table of migrations is created before the first migration writes the application id.
    let is_before_first_migration = application == 0 && migrated == 1 && tables <= 2;
    if application != i64::from(APPLICATION_ID) && !is_before_first_migration {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
            reason: "belongs to another program",
        });
    }
    let found = count(
        &mut *connection,
        "SELECT COALESCE(max(version), 0) FROM _sqlx_migrations",
    )
    .await?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    Ok(found)
}

/// Copies a database into a file that appears only when it is complete.
pub(super) async fn backup(
    connection: &mut SqliteConnection,
    target: &Path,
) -> Result<(), OpenError> {
    let partial = with_suffix(target, ".half");
    let failed = |cause| file_error(&partial, cause);
    remove_if_exists(&partial).map_err(failed)?;
    let database_failed = |cause| OpenError::Database {
        database: partial.display().to_string(),
        cause: DriverError::from(cause),
    };
    // SQLite keeps the permissions of an existing empty file.
    files::write_new(&partial, b"").map_err(failed)?;
    sqlx::query("VACUUM INTO $1")
        .bind(partial.to_string_lossy().into_owned())
        .execute(&mut *connection)
        .await
        .map_err(database_failed)?;
    File::open(&partial)
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    inspect(&partial, i64::MAX, FULL_CHECK).await?;
    files::rename(&partial, target).map_err(failed)
}

/// Copies a database that a host may be using.
pub(super) async fn backup_file(path: &Path, target: &Path) -> Result<(), OpenError> {
    if inspect(path, i64::MAX, QUICK_CHECK).await? == 0 {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
            reason: EMPTY_OR_MISSING,
        });
    }
    let mut connection = options(path)
        .connect()
        .await
        .map_err(|cause| OpenError::Database {
            database: path.display().to_string(),
            cause: DriverError::from(cause),
        })?;
    let outcome = backup(&mut connection, target).await;
    // The copy is complete, so an error while closing does not matter.
    let _closed = connection.close().await;
    outcome
}

/// Replaces a database that no host is using with a backup.
pub(super) async fn restore(backup: &Path, database: &Path, known: i64) -> Result<(), OpenError> {
    let lock = FileLock::take(database)?;
    if inspect(backup, known, FULL_CHECK).await? == 0 {
        return Err(OpenError::Foreign {
            path: backup.to_owned(),
            reason: EMPTY_OR_MISSING,
        });
    }
    let partial = with_suffix(database, ".half");
    let failed = |cause| file_error(&partial, cause);
    remove_if_exists(&partial).map_err(failed)?;
    let bytes = fs::read(backup).map_err(|cause| file_error(backup, cause))?;
    files::write_new(&partial, &bytes).map_err(failed)?;
    if database.exists() {
        files::rename(database, &with_suffix(database, ".replaced"))
            .map_err(|cause| file_error(database, cause))?;
    }
    // SQLite would apply a remaining log of the old database to the new one.
    for ending in ["-wal", "-shm"] {
        let left = with_suffix(database, ending);
        remove_if_exists(&left).map_err(|cause| file_error(&left, cause))?;
    }
    files::rename(&partial, database).map_err(failed)?;
    lock.release();
    Ok(())
}

fn remove_if_exists(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn damaged(path: &Path, error: &sqlx::Error) -> OpenError {
    OpenError::Damaged {
        path: path.to_owned(),
        details: error.to_string(),
    }
}
