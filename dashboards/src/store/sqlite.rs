//! Opens a SQLite file: only ours, only whole, only for one host.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use sqlx::{
    ConnectOptions as _, Connection as _, Row as _, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::store::{Cause, OpenError, files, handle::Pools, migrations::latest};

/// What stands in the head of our files; the first migration writes it.
const APPLICATION_ID: u32 = 1_734_435_956;

/// The first bytes of every SQLite file.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Looks at every page, at each start.
const QUICK: &str = "PRAGMA quick_check(3)";

/// Looks at every page and index, where a copy has to be good for years.
const THOROUGH: &str = "PRAGMA integrity_check(3)";

/// What is wrong with a file that holds nothing.
const NOT_THERE: &str = "is empty or not there";

/// How long a connection waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Keeps other hosts away from a file, until it is released or the process ends.
pub(super) struct FileLock {
    file: Mutex<Option<File>>,
}

impl FileLock {
    /// Takes the lock beside a database file.
    fn take(database: &Path) -> Result<Self, OpenError> {
        let path = beside(database, ".lock");
        let file = files::open_private(&path).map_err(|source| file_error(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(Self {
                file: Mutex::new(Some(file)),
            }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
                path: database.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(file_error(&path, source)),
        }
    }

    /// Lets another host have the file.
    pub(super) fn release(&self) {
        let mut file = self
            .file
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // A child between fork and exec still has the file open, so closing it here is not enough.
        if let Some(Err(error)) = file.take().map(|file| file.unlock()) {
            tracing::warn!(%error, "failed to unlock the database file");
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        self.release();
    }
}

/// Opens a database file, and makes it if it is not there.
pub(super) async fn open(path: &Path, migrator: &Migrator) -> Result<Pools, OpenError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    files::make_directory(directory).map_err(|source| file_error(directory, source))?;
    if files::is_on_network(directory).map_err(|source| file_error(directory, source))? {
        return Err(OpenError::NetworkFileSystem {
            path: directory.to_owned(),
        });
    }
    let lock = FileLock::take(path)?;
    let applied = look(path, latest(migrator), QUICK).await?;
    // SQLite gives its other files the permissions of this one.
    files::open_private(path).map_err(|source| file_error(path, source))?;
    let failed = |source| OpenError::Database {
        database: path.display().to_string(),
        source: Cause::from(source),
    };
    let mut connection = options(path).connect().await.map_err(failed)?;
    if applied > 0 && applied < latest(migrator) {
        let copy = beside(path, &format!(".before-{}", latest(migrator)));
        backup(&mut connection, &copy).await?;
    }
    migrator
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|source| OpenError::Migrate {
            database: path.display().to_string(),
            source: Cause::from(source),
        })?;
    connection.close().await.map_err(failed)?;
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options(path))
        .await
        .map_err(failed)?;
    let readers = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options(path).pragma("query_only", "ON"))
        .await
        .map_err(failed)?;
    Ok(Pools::Sqlite {
        writer,
        readers,
        lock,
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
        // Statements hold what people write, so none goes to the log.
        .disable_statement_logging()
}

/// Looks at a file without changing a byte of it; returns the schema version, 0 for a new file.
async fn look(path: &Path, known: i64, check: &'static str) -> Result<i64, OpenError> {
    let Some(head) = head(path)? else {
        return Ok(0);
    };
    let foreign = |reason| OpenError::Foreign {
        path: path.to_owned(),
        reason,
    };
    if !head.starts_with(MAGIC) {
        return Err(foreign("is no SQLite database"));
    }
    let found = number(&head, 68);
    if found != 0 && found != APPLICATION_ID {
        return Err(foreign("belongs to another program"));
    }
    // After a clean end there is no log beside the file: then the file alone has to be whole, and
    // SQLite need not even make a log.
    let has_log = fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0);
    if !has_log {
        check_length(path, &head)?;
    }
    let mut connection = open_to_look(path, has_log).await?;
    let outcome = look_inside(&mut connection, path, known, check).await;
    // Nothing was written, so there is nothing that closing could lose.
    let _closed = connection.close().await;
    outcome
}

/// Reads the first 100 bytes; nothing if there is no file, or an empty one.
fn head(path: &Path) -> Result<Option<Vec<u8>>, OpenError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(file_error(path, source)),
    };
    let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
    if !is_file {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
            reason: "is no file",
        });
    }
    let mut head = Vec::new();
    file.take(100)
        .read_to_end(&mut head)
        .map_err(|source| file_error(path, source))?;
    if head.is_empty() {
        return Ok(None);
    }
    // A text of a few bytes is judged like any other.
    head.resize(100, 0);
    Ok(Some(head))
}

/// Returns the number at a place of the head.
fn number(head: &[u8], at: usize) -> u32 {
    let bytes = head.get(at..).and_then(<[u8]>::first_chunk::<4>);
    bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// Refuses a file that was cut: SQLite takes the rest of a page that is not there for zeros.
fn check_length(path: &Path, head: &[u8]) -> Result<(), OpenError> {
    let length = fs::metadata(path)
        .map_err(|source| file_error(path, source))?
        .len();
    // Two bytes, of which 1 stands for the largest page.
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
        details: format!("it has {length} bytes and should have {}", page * pages),
    })
}

async fn open_to_look(path: &Path, has_log: bool) -> Result<SqliteConnection, OpenError> {
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

async fn look_inside(
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
    // The list of migrations is made before the first of them, which writes the number.
    let is_barely_begun = application == 0 && migrated == 1 && tables <= 2;
    if application != i64::from(APPLICATION_ID) && !is_barely_begun {
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

/// Copies the whole database into a file, which is there only when it is whole.
pub(super) async fn backup(
    connection: &mut SqliteConnection,
    target: &Path,
) -> Result<(), OpenError> {
    let half = beside(target, ".half");
    let failed = |source| file_error(&half, source);
    remove_if_there(&half).map_err(failed)?;
    let database_failed = |source| OpenError::Database {
        database: half.display().to_string(),
        source: Cause::from(source),
    };
    // SQLite writes into an empty file, whose permissions stay.
    files::write_new(&half, b"").map_err(failed)?;
    sqlx::query("VACUUM INTO $1")
        .bind(half.to_string_lossy().into_owned())
        .execute(&mut *connection)
        .await
        .map_err(database_failed)?;
    File::open(&half)
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    look(&half, i64::MAX, THOROUGH).await?;
    files::rename(&half, target).map_err(failed)
}

/// Copies a database that a host may use.
pub(super) async fn backup_file(path: &Path, target: &Path) -> Result<(), OpenError> {
    if look(path, i64::MAX, QUICK).await? == 0 {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
            reason: NOT_THERE,
        });
    }
    let mut connection = options(path)
        .connect()
        .await
        .map_err(|source| OpenError::Database {
            database: path.display().to_string(),
            source: Cause::from(source),
        })?;
    let outcome = backup(&mut connection, target).await;
    // What is to be kept is in the copy already.
    let _closed = connection.close().await;
    outcome
}

/// Puts a backup in place of a database that no host uses.
pub(super) async fn restore(backup: &Path, database: &Path, known: i64) -> Result<(), OpenError> {
    let lock = FileLock::take(database)?;
    if look(backup, known, THOROUGH).await? == 0 {
        return Err(OpenError::Foreign {
            path: backup.to_owned(),
            reason: NOT_THERE,
        });
    }
    let half = beside(database, ".half");
    let failed = |source| file_error(&half, source);
    remove_if_there(&half).map_err(failed)?;
    let bytes = fs::read(backup).map_err(|source| file_error(backup, source))?;
    files::write_new(&half, &bytes).map_err(failed)?;
    if database.exists() {
        files::rename(database, &beside(database, ".replaced"))
            .map_err(|source| file_error(database, source))?;
    }
    // What is left of the old log would be taken for the end of the new file.
    for ending in ["-wal", "-shm"] {
        let left = beside(database, ending);
        remove_if_there(&left).map_err(|source| file_error(&left, source))?;
    }
    files::rename(&half, database).map_err(failed)?;
    lock.release();
    Ok(())
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns the path of a file that belongs to another one.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn file_error(path: &Path, source: io::Error) -> OpenError {
    OpenError::File {
        path: path.to_owned(),
        source,
    }
}

fn damaged(path: &Path, error: &sqlx::Error) -> OpenError {
    OpenError::Damaged {
        path: path.to_owned(),
        details: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_lock_is_free_although_a_forked_child_has_inherited_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("a.sqlite");
        let is_in_use = || matches!(FileLock::take(&database), Err(OpenError::InUse { .. }));
        for release in [FileLock::release as fn(&FileLock), |_| ()] {
            let lock = FileLock::take(&database).unwrap();
            // Between fork and exec, a child of this process shares the open file.
            let inherited = lock.file.lock().unwrap().as_ref().map(File::try_clone);
            assert!(is_in_use());
            release(&lock);
            drop(lock);
            assert!(!is_in_use());
            drop(inherited);
        }
    }
}
