//! The store's handle, and how it runs transactions.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use sqlx::{PgPool, SqlitePool};
use tokio::{sync::broadcast, task::JoinHandle};

use crate::store::{
    Event, EventStream, HostKey, KeyProblem, StoreError,
    file_lock::FileLock,
    files,
    postgres::Refusals,
    sql::{CommitError, DatabaseTransaction, Tx},
};

/// How often a transaction is attempted when it conflicts with others.
const MAX_ATTEMPTS: u32 = 6;

/// With less space on the disk, the next larger change is likely to fail.
const MIN_FREE_BYTES: u64 = 1024 * 1024;

/// The database of dashboards, datasources and users. Clones share one store.
#[derive(Clone)]
pub struct Store {
    pub(super) inner: Arc<Inner>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Store").finish_non_exhaustive()
    }
}

pub(super) struct Inner {
    pub(super) pools: Pools,
    /// The sender of events; removed when the store closes, which ends the streams.
    pub(super) events: RwLock<Option<broadcast::Sender<Event>>>,
    pub(super) key: RwLock<KeyState>,
    /// The task that listens for changes made by other hosts.
    pub(super) listener: Option<JoinHandle<()>>,
    #[cfg(test)]
    pub(super) faults: crate::store::faults::Faults,
}

/// The connection pools.
pub(super) enum Pools {
    Sqlite {
        /// One connection: SQLite allows one writer, so writers wait before they read anything.
        writer: SqlitePool,
        readers: SqlitePool,
        /// Held while the file is open.
        lock: FileLock,
        /// The directory of the file.
        directory: PathBuf,
    },
    Postgres {
        pool: PgPool,
        refusals: Refusals,
    },
}

/// The key of the secrets, or why it is not available.
#[derive(Clone)]
pub(super) enum KeyState {
    Unlocked(Arc<HostKey>),
    Locked(KeyProblem),
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

impl Store {
    /// Returns a stream of the events from now on, of this host and of others.
    #[must_use]
    pub fn events(&self) -> EventStream {
        let events = self.inner.events.read();
        let events = events.unwrap_or_else(PoisonError::into_inner);
        match &*events {
            Some(events) => EventStream::new(events.subscribe()),
            // The sender is dropped immediately, so the stream ends immediately.
            None => EventStream::new(broadcast::channel(1).1),
        }
    }

    /// Returns why the secrets of datasources are locked, if they are.
    #[must_use]
    pub fn key_problem(&self) -> Option<KeyProblem> {
        match self.key_state() {
            KeyState::Unlocked(_) => None,
            KeyState::Locked(problem) => Some(problem),
        }
    }

    /// Checks that the database responds.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Unavailable`] when it does not.
    pub async fn check(&self) -> Result<(), StoreError> {
        let mut tx = self.begin_read().await?;
        tx.row("SELECT name FROM host WHERE name = $1", &["".into()])
            .await?;
        tx.rollback().await;
        Ok(())
    }

    /// Checks that the database can be reached and takes changes.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Unavailable`] when it cannot be reached.
    /// - [`StoreError::Full`] when it takes no changes for want of space.
    /// - [`StoreError::ReadOnly`] when it takes no changes for another reason.
    pub async fn check_writable(&self) -> Result<(), StoreError> {
        if let Pools::Sqlite { directory, .. } = &self.inner.pools
            && files::free_bytes(directory).is_ok_and(|free| free < MIN_FREE_BYTES)
        {
            // The small change below may still fit into the files.
            let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(StoreError::Full(sqlx::Error::Io(full).into()));
        }
        transaction!(self, tx, {
            tx.execute(
                "INSERT INTO host (name, value) VALUES ('checked', CAST({now} AS TEXT))
                 ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value",
                &[],
            )
            .await?;
            Ok(())
        })
    }

    /// Ends all streams and connections; everything that was acknowledged is on disk.
    pub async fn close(&self) {
        if let Some(listener) = &self.inner.listener {
            listener.abort();
        }
        self.end_streams();
        match &self.inner.pools {
            Pools::Sqlite {
                writer,
                readers,
                lock,
                ..
            } => {
                readers.close().await;
                writer.close().await;
                lock.release();
            }
            Pools::Postgres { pool, .. } => pool.close().await,
        }
    }

    pub(super) fn key_state(&self) -> KeyState {
        let state = self.inner.key.read();
        state.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_key_state(&self, state: KeyState) {
        let mut slot = self
            .inner
            .key
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *slot = state;
    }

    /// Returns the key, or the error that says why it is not available.
    pub(super) fn key(&self) -> Result<Arc<HostKey>, StoreError> {
        match self.key_state() {
            KeyState::Unlocked(key) => Ok(key),
            KeyState::Locked(problem) => Err(StoreError::Locked(problem)),
        }
    }

    /// Begins a transaction that may write.
    pub(super) async fn begin_write(&self) -> Result<Tx, StoreError> {
        let inner = match &self.inner.pools {
            // A read transaction that is upgraded later fails if its rows have changed since.
            Pools::Sqlite { writer, .. } => {
                DatabaseTransaction::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            Pools::Postgres { pool, .. } => DatabaseTransaction::Postgres(pool.begin().await?),
        };
        Ok(self.with_faults(Tx::new(inner)))
    }

    /// Begins a read-only transaction that sees one consistent state.
    pub(super) async fn begin_read(&self) -> Result<Tx, StoreError> {
        let inner = match &self.inner.pools {
            Pools::Sqlite { readers, .. } => DatabaseTransaction::Sqlite(readers.begin().await?),
            Pools::Postgres { pool, .. } => DatabaseTransaction::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        };
        Ok(Tx::new(inner))
    }

    #[cfg(test)]
    fn with_faults(&self, mut tx: Tx) -> Tx {
        tx.faults = self.inner.faults.clone();
        tx
    }

    #[cfg(not(test))]
    #[expect(
        clippy::unused_self,
        reason = "the test version of this method needs the store"
    )]
    fn with_faults(&self, tx: Tx) -> Tx {
        tx
    }

    fn end_streams(&self) {
        let mut events = self
            .inner
            .events
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *events = None;
    }

    /// Sends events to the streams of this host.
    fn publish(&self, events: Vec<Event>) {
        let sender = self.inner.events.read();
        if let Some(sender) = &*sender.unwrap_or_else(PoisonError::into_inner) {
            for event in events {
                // There may be no receivers.
                let _no_receivers = sender.send(event);
            }
        }
    }

    /// Ends a transaction and publishes its events. `Ok(None)` means that it should be retried.
    pub(super) async fn finish<T>(
        &self,
        tx: Tx,
        outcome: Result<T, StoreError>,
        attempt: u32,
    ) -> Result<Option<T>, StoreError> {
        let error = match outcome {
            Err(error) => {
                tx.rollback().await;
                error
            }
            Ok(value) => match tx.commit().await {
                Ok(events) => {
                    self.publish(events);
                    return Ok(Some(value));
                }
                Err(CommitError::Before(error)) => error,
                // Only this answer of the database guarantees that nothing was written.
                Err(CommitError::During(error)) if error.is_contended() => error,
                Err(CommitError::During(error)) => return Err(error),
            },
        };
        if let (StoreError::ReadOnly(_), Pools::Postgres { refusals, .. }) =
            (&error, &self.inner.pools)
        {
            refusals.note();
        }
        if waits_for_retry(&error, attempt).await {
            return Ok(None);
        }
        Err(error)
    }
}

/// Waits until a transaction that failed should be retried; returns false if it should not.
pub(super) async fn waits_for_retry(error: &StoreError, attempt: u32) -> bool {
    let is_worth_it = match error {
        StoreError::Contended(_) => true,
        // With another connection: this one may be lost, or lead to a server that was replaced.
        StoreError::Unavailable(_) | StoreError::ReadOnly(_) => attempt == 1,
        _ => false,
    };
    if attempt >= MAX_ATTEMPTS || !is_worth_it {
        return false;
    }
    tracing::debug!(%error, attempt, "retrying a transaction");
    tokio::time::sleep(pause(attempt)).await;
    true
}

/// Returns how long to wait after an attempt: exponential backoff with jitter.
fn pause(attempt: u32) -> std::time::Duration {
    let [jitter, ..] = crate::store::random::new_id_bytes();
    std::time::Duration::from_millis((5 << attempt) + u64::from(jitter) / 8)
}

/// Runs a block as one transaction that may write: all of it or nothing.
///
/// The block is retried when it conflicts with another transaction, so it must do all its reads
/// itself.
macro_rules! transaction {
    ($store:expr, $tx:ident, $body:expr) => {{
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut $tx = $store.begin_write().await?;
            let outcome: Result<_, $crate::store::StoreError> = async { $body }.await;
            if let Some(value) = $store.finish($tx, outcome, attempt).await? {
                break Ok::<_, $crate::store::StoreError>(value);
            }
        }
    }};
}

/// Runs a block as one read-only transaction, retried like one that may write.
macro_rules! reading {
    ($store:expr, $tx:ident, $body:expr) => {{
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut $tx = $store.begin_read().await?;
            let outcome: Result<_, $crate::store::StoreError> = async { $body }.await;
            $tx.rollback().await;
            match outcome {
                Err(error) if $crate::store::handle::waits_for_retry(&error, attempt).await => {}
                outcome => break outcome,
            }
        }
    }};
}

pub(super) use {reading, transaction};
