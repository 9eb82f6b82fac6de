//! Whether this host can do its work now: it is of no use while nothing can be saved.

use std::time::Duration;

use dashboards::store::Store;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use super::error::store_message;

/// How long an answer holds: whoever asks more often causes no more writes.
const VALID_FOR: Duration = Duration::from_secs(1);
/// How long the store may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells whether the host is ready, and why not.
pub(crate) struct Readiness {
    store: Store,
    last: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl Readiness {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            last: Mutex::default(),
        }
    }

    /// Checks that the store can be reached and takes changes.
    ///
    /// # Errors
    ///
    /// Returns what people may read about why not.
    pub(crate) async fn check(&self) -> Result<(), String> {
        // Callers that come meanwhile wait for the same answer.
        let mut last = self.last.lock().await;
        if let Some((at, answer)) = &*last
            && at.elapsed() < VALID_FOR
        {
            return answer.clone();
        }
        let answer = match timeout(PATIENCE, self.store.check_writable()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(store_message(&error)),
            Err(_) => Err("the database is not responding".to_owned()),
        };
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}
