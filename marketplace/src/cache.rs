//! Snapshots and ledgers that were used lately, so that a render takes no longer than a report.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use gadget_api::{Error, ErrorKind, Services, SnapshotName};

use crate::{
    count::{Ledger, Rules},
    day::Day,
    snapshot::Snapshot,
    sync::{Outcome, Shelf, not_there},
};

const KEPT_SNAPSHOTS: usize = 4;
const KEPT_LEDGERS: usize = 64;

/// What a name stands for: a snapshot, and why the sync after it failed, if one did.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The data.
    pub snapshot: Arc<Snapshot>,
    /// Why the data is not newer, if it should be.
    pub outcome: Option<Outcome>,
    /// Names the data alone.
    id: (String, u64),
}

/// Snapshots and ledgers that were used lately.
#[derive(Debug, Default)]
pub struct Cache {
    snapshots: Mutex<Recent<(String, u64), Arc<Snapshot>>>,
    ledgers: Mutex<Recent<LedgerKey, Arc<Ledger>>>,
}

#[derive(Clone, Debug, PartialEq)]
struct LedgerKey {
    snapshot: (String, u64),
    app: String,
    rules: Rules,
    today: Day,
}

impl Cache {
    /// Returns what a name stands for; without a name, the newest snapshot of the vendor that can be read.
    ///
    /// Nothing is fetched.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`] when nothing is stored, or not of this datasource, vendor and account.
    /// - [`ErrorKind::Internal`] when what is stored cannot be read.
    pub fn shown(
        &self,
        services: &dyn Services,
        vendor: &str,
        name: Option<&SnapshotName>,
    ) -> Result<Shown, Error> {
        let shelf = Shelf::of(services, vendor)?;
        if let Some(name) = name {
            let place = shelf.place(name).ok_or_else(|| not_there(name))?;
            let outcome = shelf.outcome(place)?;
            let snapshot = self.snapshot(&shelf, place.generation)?;
            let snapshot = snapshot.ok_or_else(|| not_there(name))?;
            let id = (shelf.key().to_owned(), place.generation);
            return Ok(Shown {
                snapshot,
                outcome,
                id,
            });
        }
        for place in shelf.places()? {
            // A snapshot that is damaged, or newer than this library, is as good as none.
            if let Ok(Some(snapshot)) = self.snapshot(&shelf, place.generation) {
                let outcome = shelf.outcome(place)?;
                let id = (shelf.key().to_owned(), place.generation);
                return Ok(Shown {
                    snapshot,
                    outcome,
                    id,
                });
            }
        }
        Err(Error::new(
            ErrorKind::NotFound,
            format!("nothing has been read of vendor {vendor} yet"),
        )
        .with_remedy("Refresh to read it."))
    }

    /// Returns the ledger of an app.
    #[must_use]
    pub fn ledger(&self, shown: &Shown, app: &str, rules: &Rules, today: Day) -> Arc<Ledger> {
        let key = LedgerKey {
            snapshot: shown.id.clone(),
            app: app.to_owned(),
            rules: rules.clone(),
            today,
        };
        if let Some(ledger) = lock(&self.ledgers).find(&key) {
            return ledger;
        }
        let ledger = Arc::new(Ledger::new(shown.snapshot.rows(), app, rules, today));
        lock(&self.ledgers).keep(key, Arc::clone(&ledger), KEPT_LEDGERS);
        ledger
    }

    fn snapshot(&self, shelf: &Shelf<'_>, generation: u64) -> Result<Option<Arc<Snapshot>>, Error> {
        let key = (shelf.key().to_owned(), generation);
        if let Some(snapshot) = lock(&self.snapshots).find(&key) {
            return Ok(Some(snapshot));
        }
        let Some(snapshot) = shelf.snapshot(generation)?.map(Arc::new) else {
            return Ok(None);
        };
        lock(&self.snapshots).keep(key, Arc::clone(&snapshot), KEPT_SNAPSHOTS);
        Ok(Some(snapshot))
    }
}

/// Values by key, the one used last first.
#[derive(Debug)]
struct Recent<K, V>(VecDeque<(K, V)>);

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<K: PartialEq, V: Clone> Recent<K, V> {
    fn find(&mut self, key: &K) -> Option<V> {
        let place = self.0.iter().position(|(known, _)| known == key)?;
        let entry = self.0.remove(place)?;
        let value = entry.1.clone();
        self.0.push_front(entry);
        Some(value)
    }

    fn keep(&mut self, key: K, value: V, most: usize) {
        self.0.push_front((key, value));
        self.0.truncate(most);
    }
}

/// A thread that panicked leaves the cache as valid as it was.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_used_longest_ago_is_dropped_first() {
        let mut recent = Recent::default();
        for number in 0..3 {
            recent.keep(number, number * 10, 3);
        }
        assert_eq!(recent.find(&0), Some(0));
        recent.keep(3, 30, 3);
        let found: Vec<_> = (0..4).map(|number| recent.find(&number)).collect();
        assert_eq!(found, [Some(0), None, Some(20), Some(30)]);
    }
}
