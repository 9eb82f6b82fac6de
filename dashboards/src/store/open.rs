//! Opens, backs up and restores a store.

use std::{
    path::Path,
    sync::{Arc, RwLock},
};

use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::sync::broadcast;

use crate::store::{
    Database, DriverError, KeyProblem, KeySource, OpenError, Store, StoreError,
    handle::{Inner, KeyState, Pools},
    listener,
    migrations::{Migrations, latest},
    postgres, sqlite,
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

impl Store {
    /// Opens a store; creates the database or migrates its schema if needed.
    ///
    /// A missing or wrong key is not an error: it locks the secrets, see [`Store::key_problem`].
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] that says what to do; nothing was written.
    pub async fn open(options: &OpenOptions) -> Result<Self, OpenError> {
        Self::open_with(options, &Migrations::current()).await
    }

    /// Opens a store with the given migrations.
    pub(super) async fn open_with(
        options: &OpenOptions,
        migrations: &Migrations,
    ) -> Result<Self, OpenError> {
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let (pools, listener) = match &options.database {
            Database::Sqlite(path) => (sqlite::open(path, &migrations.sqlite).await?, None),
            Database::Postgres(address) => {
                let name = options.database.to_string();
                let (pool, refusals) =
                    postgres::open(address, &name, &migrations.postgres).await?;
                let connection =
                    listener::connect(&pool)
                        .await
                        .map_err(|cause| OpenError::Database {
                            database: name,
                            cause: DriverError::from(cause),
                        })?;
                let task = listener::run(pool.clone(), connection, events.clone());
                (
                    Pools::Postgres { pool, refusals },
                    Some(tokio::spawn(task)),
                )
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

    /// Backs up this store's SQLite database into a file, and checks the copy.
    ///
    /// # Errors
    ///
    /// - [`OpenError::NoFile`] for PostgreSQL, which has its own backup tools.
    pub async fn backup(&self, target: &Path) -> Result<(), OpenError> {
        let Pools::Sqlite { readers, .. } = &self.inner.pools else {
            return Err(OpenError::NoFile);
        };
        // A separate connection, because `VACUUM INTO` needs one that may write.
        let mut options = readers.connect_options().as_ref().clone();
        options = options.pragma("query_only", "OFF");
        let failed = |cause| OpenError::Database {
            database: target.display().to_string(),
            cause: DriverError::from(cause),
        };
        let mut connection = SqliteConnection::connect_with(&options)
            .await
            .map_err(failed)?;
        let outcome = sqlite::backup(&mut connection, target).await;
        // The backup is complete, so an error while closing does not matter.
        let _closed = connection.close().await;
        outcome
    }

    /// Backs up a SQLite database into a file, and checks the copy. Another process may be using
    /// the database.
    ///
    /// # Errors
    ///
    /// - [`OpenError::NoFile`] for PostgreSQL, which has its own backup tools.
    /// - [`OpenError::Foreign`] when the database does not exist yet.
    pub async fn backup_of(database: &Database, target: &Path) -> Result<(), OpenError> {
        let Database::Sqlite(path) = database else {
            return Err(OpenError::NoFile);
        };
        sqlite::backup_file(path, target).await
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
