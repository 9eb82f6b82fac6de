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
/// A ledger of all apps may be as large as the snapshot that it counts.
const KEPT_LEDGERS_OF_ALL_APPS: usize = 4;

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
    ledgers_of_all_apps: Mutex<Recent<LedgerKey, Arc<Ledger>>>,
}

#[derive(Clone, Debug, PartialEq)]
struct LedgerKey {
    snapshot: (String, u64),
    /// Nothing for all apps.
    app: Option<String>,
    rules: Rules,
    today: Day,
}

impl LedgerKey {
    fn new(shown: &Shown, app: Option<&str>, rules: &Rules, today: Day) -> Self {
        Self {
            snapshot: shown.id.clone(),
            app: app.map(str::to_owned),
            rules: rules.clone(),
            today,
        }
    }
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
        let key = LedgerKey::new(shown, Some(app), rules, today);
        found_or_counted(&self.ledgers, key, KEPT_LEDGERS, || {
            Ledger::new(shown.snapshot.rows(), app, rules, today)
        })
    }

    /// Returns the ledger of all apps.
    #[must_use]
    pub fn ledger_of_all_apps(&self, shown: &Shown, rules: &Rules, today: Day) -> Arc<Ledger> {
        let key = LedgerKey::new(shown, None, rules, today);
        found_or_counted(
            &self.ledgers_of_all_apps,
            key,
            KEPT_LEDGERS_OF_ALL_APPS,
            || Ledger::of_all_apps(shown.snapshot.rows(), rules, today),
        )
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

/// Returns the ledger of a key; it is counted while others may use the rest.
fn found_or_counted(
    ledgers: &Mutex<Recent<LedgerKey, Arc<Ledger>>>,
    key: LedgerKey,
    most: usize,
    count: impl FnOnce() -> Ledger,
) -> Arc<Ledger> {
    if let Some(ledger) = lock(ledgers).find(&key) {
        return ledger;
    }
    let ledger = Arc::new(count());
    lock(ledgers).keep(key, Arc::clone(&ledger), most);
    ledger
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
