//! Opens a store.

use std::{
    path::Path,
    sync::{Arc, RwLock},
};

use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::sync::broadcast;

use crate::store::{
    Cause, Database, KeyProblem, KeySource, OpenError, Store, StoreError,
    handle::{Inner, KeyState, Pools},
    listener,
    migrations::{Migrations, latest},
    postgres, sqlite,
};

/// How many events a page may be behind before it is told to read everything again.
const EVENTS_KEPT: usize = 256;

/// How to open a store.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Which database.
    pub database: Database,
    /// Where the key of the secrets is.
    pub key: KeySource,
}

impl Store {
    /// Opens a store; makes the database or brings its schema up to date where needed.
    ///
    /// A key that is missing or wrong does not hinder: the secrets are locked then, see
    /// [`Store::key_problem`].
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] that says what to do; nothing was written then.
    pub async fn open(options: &OpenOptions) -> Result<Self, OpenError> {
        Self::open_with(options, &Migrations::current()).await
    }

    /// Opens a store with these steps of the schema.
    pub(super) async fn open_with(
        options: &OpenOptions,
        migrations: &Migrations,
    ) -> Result<Self, OpenError> {
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let (pools, listener) = match &options.database {
            Database::Sqlite(path) => (sqlite::open(path, &migrations.sqlite).await?, None),
            Database::Postgres(address) => {
                let name = options.database.to_string();
                let pool = postgres::open(address, &name, &migrations.postgres).await?;
                let heard =
                    listener::connect(&pool)
                        .await
                        .map_err(|source| OpenError::Database {
                            database: name,
                            source: Cause::from(source),
                        })?;
                let task = listener::run(pool.clone(), heard, events.clone());
                (Pools::Postgres(pool), Some(tokio::spawn(task)))
            }
        };
        let store = Self {
            inner: Arc::new(Inner {
                pools,
                events: RwLock::new(Some(events)),
                key: RwLock::new(KeyState::Locked(KeyProblem::NotRead)),
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

    /// Copies a SQLite database into a file, while it is used; the copy was opened and checked.
    ///
    /// # Errors
    ///
    /// - [`OpenError::NoFile`] for PostgreSQL, which has tools of its own for this.
    pub async fn backup(&self, target: &Path) -> Result<(), OpenError> {
        let Pools::Sqlite { readers, .. } = &self.inner.pools else {
            return Err(OpenError::NoFile);
        };
        // A connection of its own: `VACUUM INTO` writes, though not into the database.
        let mut options = readers.connect_options().as_ref().clone();
        options = options.pragma("query_only", "OFF");
        let failed = |source| OpenError::Database {
            database: target.display().to_string(),
            source: Cause::from(source),
        };
        let mut connection = SqliteConnection::connect_with(&options)
            .await
            .map_err(failed)?;
        let outcome = sqlite::backup(&mut connection, target).await;
        // What is to be kept is in the file already.
        let _closed = connection.close().await;
        outcome
    }

    /// Copies a SQLite database that another process may use into a file; the copy was opened and
    /// checked.
    ///
    /// # Errors
    ///
    /// - [`OpenError::NoFile`] for PostgreSQL, which has tools of its own for this.
    /// - [`OpenError::Foreign`] when there is no database yet.
    pub async fn backup_of(database: &Database, target: &Path) -> Result<(), OpenError> {
        let Database::Sqlite(path) = database else {
            return Err(OpenError::NoFile);
        };
        sqlite::backup_file(path, target).await
    }

    /// Brings a backup of a SQLite database back in place of the file that is there, which is kept
    /// beside it with the ending `.replaced`.
    ///
    /// # Errors
    ///
    /// - [`OpenError::InUse`] while a host uses the file.
    /// - [`OpenError::Damaged`], [`OpenError::Foreign`], [`OpenError::Newer`] when the backup
    ///   cannot be used; what was there is as it was then.
    pub async fn restore(backup: &Path, database: &Path) -> Result<(), OpenError> {
        let known = latest(&Migrations::current().sqlite);
        sqlite::restore(backup, database, known).await
    }

    /// Looks at every page and index of a SQLite database; PostgreSQL looks after itself.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Unreadable`] with what was found.
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
