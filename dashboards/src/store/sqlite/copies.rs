//! Copies of a database: backups, the one before a migration, and bringing one back.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use super::{
    inspection::{Check, MAGIC, head, inspect},
    options, remove_if_exists,
};
use crate::store::{
    DriverError, IfExists, KeySource, OpenError,
    file_lock::FileLock,
    files::{self, file_error, with_suffix},
    key_file,
};

/// The reason for refusing a file without content.
const EMPTY_OR_MISSING: &str = "is empty or does not exist";

/// The files of a database, beside the file itself.
const SUFFIXES: [&str; 4] = ["-wal", "-shm", "-journal", ".lock"];

/// Where a backup goes.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Target<'a> {
    pub(in crate::store) path: &'a Path,
    pub(in crate::store) if_exists: IfExists,
}

impl Target<'_> {
    /// Checks that a backup of `database` destroys nothing here.
    async fn check(&self, database: &Path, key: Option<&KeySource>) -> Result<(), OpenError> {
        let refused = |reason| {
            Err(OpenError::Target {
                path: self.path.to_owned(),
                reason,
            })
        };
        let mut in_use = vec![database.to_owned()];
        in_use.extend(SUFFIXES.map(|suffix| with_suffix(database, suffix)));
        if let Some(KeySource::File(key)) = key {
            in_use.extend([key.clone(), key_file::next(key)]);
        }
        if in_use.iter().any(|path| is_same_file(self.path, path)) {
            return refused("is a file that the host itself uses");
        }
        match fs::symlink_metadata(self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(cause) => return Err(file_error(self.path, cause)),
            Ok(found) if !found.is_file() => return refused("is not a file"),
            Ok(_) if self.if_exists == IfExists::Refuse => {
                return refused("already exists (`--replace` replaces an earlier backup)");
            }
            Ok(_) => {}
        }
        if SUFFIXES
            .iter()
            .any(|suffix| with_suffix(self.path, suffix).exists())
        {
            return refused("is the database of another host");
        }
        match inspect(self.path, i64::MAX, Check::Full).await {
            Ok(1..) => Ok(()),
            _ => refused("is not a backup that `host-demo backup` has made"),
        }
    }
}

/// Tells whether two paths name one file, or would if there was one.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let id = |path: &Path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    if let (Some(one), Some(other)) = (id(one), id(other)) {
        return one == other;
    }
    let place = |path: &Path| {
        let directory = fs::canonicalize(files::directory_of(path)).ok()?;
        Some(directory.join(path.file_name()?))
    };
    place(one).is_some_and(|one| place(other) == Some(one))
}

/// A file that is written beside its place, and removed unless it is completed.
struct Partial {
    path: PathBuf,
}

impl Partial {
    /// Creates an empty file beside `target`.
    fn create(target: &Path) -> Result<Self, OpenError> {
        let path = with_suffix(target, ".half");
        // A process that was killed may have left one; anything else is not ours.
        if head(&path)?.is_some_and(|head| !head.starts_with(MAGIC)) {
            return Err(file_error(&path, io::ErrorKind::AlreadyExists.into()));
        }
        let failed = |cause| file_error(&path, cause);
        remove_if_exists(&path).map_err(failed)?;
        files::write_new(&path, b"").map_err(failed)?;
        Ok(Self { path })
    }

    /// Moves the complete file to its place.
    fn complete(self, target: &Path) -> Result<(), OpenError> {
        files::rename(&self.path, target).map_err(|cause| file_error(target, cause))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for path in [self.path.clone(), with_suffix(&self.path, "-journal")] {
            if let Err(error) = remove_if_exists(&path) {
                tracing::warn!(%error, "failed to remove an incomplete copy");
            }
        }
    }
}

/// Copies a database into a file that appears only when it is complete.
async fn copy(connection: &mut SqliteConnection, target: &Path) -> Result<(), OpenError> {
    // SQLite keeps the permissions of an existing empty file.
    let partial = Partial::create(target)?;
    sqlx::query("VACUUM INTO $1")
        .bind(partial.path.to_string_lossy().into_owned())
        .execute(&mut *connection)
        .await
        .map_err(|cause| OpenError::Copy {
            path: target.to_owned(),
            cause: DriverError::from(cause),
        })?;
    File::open(&partial.path)
        .and_then(|file| file.sync_all())
        .map_err(|cause| file_error(&partial.path, cause))?;
    inspect(&partial.path, i64::MAX, Check::Full).await?;
    partial.complete(target)
}

/// Copies a database before its schema is migrated to `version`; replaces a copy for the same one.
pub(super) async fn backup_before_migration(
    connection: &mut SqliteConnection,
    database: &Path,
    version: i64,
) -> Result<(), OpenError> {
    copy(
        connection,
        &with_suffix(database, &format!(".before-{version}")),
    )
    .await
}

/// Copies a database that a host may be using.
pub(in crate::store) async fn backup_file(
    database: &Path,
    key: Option<&KeySource>,
    target: Target<'_>,
) -> Result<(), OpenError> {
    // The copy is checked, so that checking this file tells only the reason earlier.
    let check = Check::Quick(super::CHECK_LIMIT);
    if inspect(database, i64::MAX, check).await? == 0 {
        return Err(OpenError::Foreign {
            path: database.to_owned(),
            reason: EMPTY_OR_MISSING,
        });
    }
    target.check(database, key).await?;
    let mut connection =
        options(database)
            .connect()
            .await
            .map_err(|cause| OpenError::Database {
                database: database.display().to_string(),
                cause: DriverError::from(cause),
            })?;
    let outcome = copy(&mut connection, target.path).await;
    // The copy is complete, so an error while closing does not matter.
    let _closed = connection.close().await;
    outcome
}

/// Replaces a database that no host is using with a backup.
pub(in crate::store) async fn restore(
    backup: &Path,
    database: &Path,
    known: i64,
) -> Result<(), OpenError> {
    let lock = FileLock::take(database)?;
    if inspect(backup, known, Check::Full).await? == 0 {
        return Err(OpenError::Foreign {
            path: backup.to_owned(),
            reason: EMPTY_OR_MISSING,
        });
    }
    let bytes = fs::read(backup).map_err(|cause| file_error(backup, cause))?;
    let partial = Partial::create(database)?;
    File::options()
        .append(true)
        .open(&partial.path)
        .and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        })
        .map_err(|cause| file_error(&partial.path, cause))?;
    if database.exists() {
        files::rename(database, &with_suffix(database, ".replaced"))
            .map_err(|cause| file_error(database, cause))?;
    }
    // SQLite would apply a remaining log of the old database to the new one.
    for ending in ["-wal", "-shm"] {
        let left = with_suffix(database, ending);
        remove_if_exists(&left).map_err(|cause| file_error(&left, cause))?;
    }
    partial.complete(database)?;
    lock.release();
    Ok(())
}
