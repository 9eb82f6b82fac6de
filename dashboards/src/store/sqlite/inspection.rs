//! Inspects a file without changing it: whether it is one of ours, whole and readable.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions as _, Connection as _, Row as _, SqliteConnection, sqlite::SqliteConnectOptions,
};

use super::BUSY_TIMEOUT;
use crate::store::{
    OpenError,
    files::{file_error, with_suffix},
};

/// The application id in the header of our files; the first migration writes it.
const APPLICATION_ID: u32 = 1_734_435_956;

/// The first bytes of every SQLite file.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// The code of a statement that was interrupted.
const SQLITE_INTERRUPT: &str = "9";

/// How many steps of SQLite may pass between two looks at the time.
const STEPS: i32 = 10;

/// How thoroughly a file is checked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Check {
    /// Checks every page, as far as that is possible in this time.
    Quick(Duration),
    /// Checks every page and index, for backups.
    Full,
}

/// Inspects a file without changing it; returns the schema version, or 0 for a new file.
pub(super) async fn inspect(path: &Path, known: i64, check: Check) -> Result<i64, OpenError> {
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
pub(super) fn head(path: &Path) -> Result<Option<Vec<u8>>, OpenError> {
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

/// Returns what SQLite finds wrong with a file, or nothing if the time was not enough.
async fn findings(
    connection: &mut SqliteConnection,
    check: Check,
) -> Result<Option<Vec<String>>, sqlx::Error> {
    let sql = match check {
        Check::Quick(limit) => {
            let end = Instant::now() + limit;
            let mut handle = connection.lock_handle().await?;
            handle.set_progress_handler(STEPS, move || Instant::now() < end);
            "PRAGMA quick_check(3)"
        }
        Check::Full => "PRAGMA integrity_check(3)",
    };
    let rows = sqlx::query(sql).fetch_all(&mut *connection).await;
    connection.lock_handle().await?.remove_progress_handler();
    match rows {
        Ok(rows) => Ok(Some(
            rows.iter().filter_map(|row| row.try_get(0).ok()).collect(),
        )),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(SQLITE_INTERRUPT) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn inspect_contents(
    connection: &mut SqliteConnection,
    path: &Path,
    known: i64,
    check: Check,
) -> Result<i64, OpenError> {
    let count = async |connection: &mut SqliteConnection, sql: &'static str| {
        let row = sqlx::query(sql).fetch_one(connection).await;
        row.and_then(|row| row.try_get::<i64, _>(0))
            .map_err(|error| damaged(path, &error))
    };
    let findings = findings(&mut *connection, check).await;
    match findings.map_err(|error| damaged(path, &error))? {
        Some(findings) if findings == ["ok"] => {}
        Some(findings) => {
            return Err(OpenError::Damaged {
                path: path.to_owned(),
                details: findings.join("; "),
            });
        }
        None => tracing::warn!(
            "the database is too large to be checked completely at the start; `host-demo backup` checks all of it"
        ),
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

fn damaged(path: &Path, error: &sqlx::Error) -> OpenError {
    OpenError::Damaged {
        path: path.to_owned(),
        details: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Database, KeySource, OpenOptions, Store};

    #[tokio::test]
    async fn the_check_at_a_start_ends_when_its_time_is_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.sqlite");
        let options = OpenOptions {
            database: Database::Sqlite(path.clone()),
            key: KeySource::File(directory.path().join("key")),
        };
        Store::open(&options).await.unwrap().close().await;
        let mut connection = open_for_inspection(&path, false).await.unwrap();
        for (check, expected) in [
            (Check::Quick(Duration::ZERO), None),
            (Check::Quick(Duration::from_secs(600)), Some("ok")),
            (Check::Full, Some("ok")),
        ] {
            let found = findings(&mut connection, check).await.unwrap();
            let found = found.map(|found| found.join("; "));
            assert_eq!(found.as_deref(), expected, "{check:?}");
        }
        // What was not checked completely can be used.
        let version = inspect(&path, i64::MAX, Check::Quick(Duration::ZERO)).await;
        assert!(version.unwrap() > 0);
    }
}
