//! The store as callers hold it, and how it runs a transaction.

use std::sync::{Arc, PoisonError, RwLock};

use sqlx::{PgPool, SqlitePool};
use tokio::{sync::broadcast, task::JoinHandle};

use crate::store::{
    Changes, Event, HostKey, KeyProblem, StoreError,
    sql::{CommitError, Link, Tx},
    sqlite::FileLock,
};

/// How often a transaction is tried again that another one was in the way of.
const MOST_ATTEMPTS: u32 = 6;

/// Where dashboards, datasources and people are kept. Clones are the same store.
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
    /// Where events go; nowhere once the store is closed, which ends the streams.
    pub(super) events: RwLock<Option<broadcast::Sender<Event>>>,
    pub(super) key: RwLock<KeyState>,
    /// The task that hears of changes by other hosts.
    pub(super) listener: Option<JoinHandle<()>>,
    #[cfg(test)]
    pub(super) faults: crate::store::faults::Faults,
}

/// The connections.
pub(super) enum Pools {
    Sqlite {
        /// One connection: SQLite has one writer, and so nobody waits with a half-read state.
        writer: SqlitePool,
        readers: SqlitePool,
        /// Held as long as the file is open.
        lock: FileLock,
    },
    Postgres(PgPool),
}

/// The key, or why there is none.
#[derive(Clone)]
pub(super) enum KeyState {
    Open(Arc<HostKey>),
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
    /// Returns the stream of what changes from now on, on this host and on others.
    #[must_use]
    pub fn changes(&self) -> Changes {
        let events = self.inner.events.read();
        let events = events.unwrap_or_else(PoisonError::into_inner);
        match &*events {
            Some(events) => Changes::new(events.subscribe()),
            // The sender is dropped at once, so the stream ends at once.
            None => Changes::new(broadcast::channel(1).1),
        }
    }

    /// Returns why the secrets of datasources are locked, if they are.
    #[must_use]
    pub fn key_problem(&self) -> Option<KeyProblem> {
        match self.key_state() {
            KeyState::Open(_) => None,
            KeyState::Locked(problem) => Some(problem),
        }
    }

    /// Tells whether the database answers.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Unavailable`] when it does not.
    pub async fn check(&self) -> Result<(), StoreError> {
        let mut tx = self.reading().await?;
        tx.row("SELECT name FROM host WHERE name = $1", &["".into()])
            .await?;
        tx.rollback().await;
        Ok(())
    }

    /// Ends all streams and connections; what is acknowledged is on the disk.
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
            } => {
                readers.close().await;
                writer.close().await;
                lock.release();
            }
            Pools::Postgres(pool) => pool.close().await,
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

    /// Returns the key, or the error that says why there is none.
    pub(super) fn key(&self) -> Result<Arc<HostKey>, StoreError> {
        match self.key_state() {
            KeyState::Open(key) => Ok(key),
            KeyState::Locked(problem) => Err(StoreError::Locked(problem)),
        }
    }

    /// Begins a transaction that may write.
    pub(super) async fn writing(&self) -> Result<Tx, StoreError> {
        let link = match &self.inner.pools {
            // A transaction that turns into a writing one later could find that it read old rows.
            Pools::Sqlite { writer, .. } => {
                Link::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            Pools::Postgres(pool) => Link::Postgres(pool.begin().await?),
        };
        Ok(self.watched(Tx::new(link)))
    }

    /// Begins a transaction that sees one state and writes nothing.
    pub(super) async fn reading(&self) -> Result<Tx, StoreError> {
        let link = match &self.inner.pools {
            Pools::Sqlite { readers, .. } => Link::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => Link::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        };
        Ok(Tx::new(link))
    }

    #[cfg(test)]
    fn watched(&self, mut tx: Tx) -> Tx {
        tx.faults = self.inner.faults.clone();
        tx
    }

    #[cfg(not(test))]
    #[expect(
        clippy::unused_self,
        reason = "the tests' twin of this needs the store"
    )]
    fn watched(&self, tx: Tx) -> Tx {
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

    /// Tells the streams of this host.
    fn tell(&self, told: Vec<Event>) {
        let events = self.inner.events.read();
        if let Some(events) = &*events.unwrap_or_else(PoisonError::into_inner) {
            for event in told {
                // Nobody may be listening.
                let _unheard = events.send(event);
            }
        }
    }

    /// Ends a transaction and tells what changed. `Ok(None)` means: run all of it again.
    pub(super) async fn end<T>(
        &self,
        tx: Tx,
        outcome: Result<T, StoreError>,
        attempt: u32,
    ) -> Result<Option<T>, StoreError> {
        let may_try_again = attempt < MOST_ATTEMPTS;
        let error = match outcome {
            Err(error) => {
                tx.rollback().await;
                error
            }
            Ok(value) => match tx.commit().await {
                Ok(events) => {
                    self.tell(events);
                    return Ok(Some(value));
                }
                Err(CommitError::Before(error)) => error,
                // Only the database itself can say that nothing was written.
                Err(CommitError::During(error)) if error.is_contended() => error,
                Err(CommitError::During(error)) => return Err(error),
            },
        };
        if may_try_again && (error.is_contended() || (error.is_unavailable() && attempt == 1)) {
            tracing::debug!(%error, attempt, "a transaction is tried again");
            tokio::time::sleep(pause(attempt)).await;
            return Ok(None);
        }
        Err(error)
    }
}

/// Returns how long to wait after an attempt: longer each time, and not the same for everybody.
fn pause(attempt: u32) -> std::time::Duration {
    let [spread, ..] = crate::store::random::new_id_bytes();
    std::time::Duration::from_millis((5 << attempt) + u64::from(spread) / 8)
}

/// Runs a block as one transaction that may write: all of it or nothing.
///
/// The block runs again when another transaction was in its way, so it reads everything anew.
macro_rules! transaction {
    ($store:expr, $tx:ident, $body:expr) => {{
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut $tx = $store.writing().await?;
            let outcome: Result<_, $crate::store::StoreError> = async { $body }.await;
            if let Some(value) = $store.end($tx, outcome, attempt).await? {
                break Ok::<_, $crate::store::StoreError>(value);
            }
        }
    }};
}

/// Runs a block as one transaction that reads; again if the connection was lost.
macro_rules! reading {
    ($store:expr, $tx:ident, $body:expr) => {{
        let mut may_try_again = true;
        loop {
            let mut $tx = $store.reading().await?;
            let outcome: Result<_, $crate::store::StoreError> = async { $body }.await;
            $tx.rollback().await;
            match outcome {
                Err(error) if may_try_again && error.is_unavailable() => may_try_again = false,
                outcome => break outcome,
            }
        }
    }};
}

pub(super) use {reading, transaction};
