//! Opens, backs up and restores a store.

use std::{
    path::Path,
    sync::{Arc, RwLock},
};

use sqlx::Row as _;
use tokio::sync::broadcast;

use crate::store::{
    Database, DriverError, KeyProblem, KeySource, OpenError, Store, StoreError,
    handle::{Inner, KeyState, Pools},
    listener,
    migrations::{Migrations, latest},
    postgres,
    sqlite::{self, IfEmpty, Target},
};

/// How many events a stream buffers before a slow reader misses some.
const EVENTS_KEPT: usize = 256;

/// The options for opening a store.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The database.
    pub database: Database,
    /// The key of the secrets.
    pub key: KeySource,
}

/// What a backup does where a file is in its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IfExists {
    /// Refuses every file.
    Refuse,
    /// Replaces an earlier backup, and refuses every other file.
    ReplaceBackup,
}

impl Store {
    /// Opens a store; creates the database or migrates its schema if needed.
    ///
    /// A missing or wrong key is not an error: it locks the secrets, see [`Store::key_problem`].
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] that says what to do; nothing was written.
    ///
    /// - [`OpenError::Lost`] when a SQLite database is empty or missing, but was there before.
    pub async fn open(options: &OpenOptions) -> Result<Self, OpenError> {
        Self::open_with(options, &Migrations::current()).await
    }

    /// Opens a store, with an empty database in place of one that is lost.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] that says what to do; nothing was written.
    pub async fn open_anew(options: &OpenOptions) -> Result<Self, OpenError> {
        Self::open_as(options, &Migrations::current(), IfEmpty::BeginAnew).await
    }

    /// Opens a store with the given migrations.
    pub(super) async fn open_with(
        options: &OpenOptions,
        migrations: &Migrations,
    ) -> Result<Self, OpenError> {
        let key = &options.key;
        Self::open_as(options, migrations, IfEmpty::CreateFirst { key }).await
    }

    async fn open_as(
        options: &OpenOptions,
        migrations: &Migrations,
        if_empty: IfEmpty<'_>,
    ) -> Result<Self, OpenError> {
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let (pools, listener) = match &options.database {
            Database::Sqlite(path) => (
                sqlite::open(path, &migrations.sqlite, if_empty).await?,
                None,
            ),
            Database::Postgres(address) => {
                let name = options.database.to_string();
                let (pool, refusals) = postgres::open(address, &name, &migrations.postgres).await?;
                let connection =
                    listener::connect(&pool)
                        .await
                        .map_err(|cause| OpenError::Database {
                            database: name,
                            cause: DriverError::from(cause),
                        })?;
                let task = listener::run(pool.clone(), connection, events.clone());
                (Pools::Postgres { pool, refusals }, Some(tokio::spawn(task)))
            }
        };
        let store = Self {
            inner: Arc::new(Inner {
                pools,
                events: RwLock::new(Some(events)),
                key: RwLock::new(KeyState::Locked(KeyProblem::NotLoaded)),
                listener,
                #[cfg(test)]
                faults: crate::store::faults::Faults::default(),
            }),
        };
        let state = store.read_key(&options.key).await?;
        if let KeyState::Locked(problem) = &state {
            tracing::warn!(%problem, "the secrets of datasources are locked");
        }
        store.set_key_state(state);
        Ok(store)
    }

    /// Backs up this store's SQLite database into a new file, and checks the copy.
    ///
    /// # Errors
    ///
    /// - [`OpenError::NoFile`] for PostgreSQL, which has its own backup tools.
    /// - [`OpenError::Target`] when the file exists.
    pub async fn backup(&self, target: &Path) -> Result<(), OpenError> {
        let Pools::Sqlite { readers, .. } = &self.inner.pools else {
            return Err(OpenError::NoFile);
        };
        let target = Target {
            path: target,
            if_exists: IfExists::Refuse,
        };
        let options = readers.connect_options();
        sqlite::backup_file(options.get_filename(), None, target).await
    }

    /// Backs up a SQLite database into a file, and checks the copy. Another process may be using
    /// the database.
    ///
    /// # Errors
    ///
    /// - [`OpenError::NoFile`] for PostgreSQL, which has its own backup tools.
    /// - [`OpenError::Foreign`] when the database does not exist yet.
    /// - [`OpenError::Target`] when the file exists and is not a backup that may be replaced.
    pub async fn backup_of(
        options: &OpenOptions,
        target: &Path,
        if_exists: IfExists,
    ) -> Result<(), OpenError> {
        let Database::Sqlite(path) = &options.database else {
            return Err(OpenError::NoFile);
        };
        let target = Target {
            path: target,
            if_exists,
        };
        sqlite::backup_file(path, Some(&options.key), target).await
    }

    /// Replaces a SQLite database with a backup. The old file is kept with the suffix `.replaced`.
    ///
    /// # Errors
    ///
    /// - [`OpenError::InUse`] while a host uses the file.
    /// - [`OpenError::Damaged`], [`OpenError::Foreign`], [`OpenError::Newer`] when the backup
    ///   cannot be used; the database is not changed then.
    pub async fn restore(backup: &Path, database: &Path) -> Result<(), OpenError> {
        let known = latest(&Migrations::current().sqlite);
        sqlite::restore(backup, database, known).await
    }

    /// Checks every page and index of a SQLite database; does nothing for PostgreSQL.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Unreadable`] with the findings.
    pub async fn check_integrity(&self) -> Result<(), StoreError> {
        let Pools::Sqlite { readers, .. } = &self.inner.pools else {
            return Ok(());
        };
        let rows = sqlx::query("PRAGMA integrity_check(3)")
            .fetch_all(readers)
            .await?;
        let findings: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
        if findings == ["ok"] {
            return Ok(());
        }
        Err(StoreError::unreadable("database", findings.join("; ")))
    }
}
