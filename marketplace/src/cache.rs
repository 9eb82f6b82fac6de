//! Recently used snapshots and ledgers, so that a render takes no longer than a report.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use gadget_api::{Error, ErrorKind, LogLevel, Services, SnapshotName};

use crate::{
    count::{Ledger, Rules},
    day::Day,
    snapshot::Snapshot,
    store::{SnapshotId, SnapshotStore, SnapshotVersion, SyncFailure, not_stored},
};

const KEPT_SNAPSHOTS: usize = 4;
const KEPT_LEDGERS: usize = 64;
/// A ledger of all apps may be as large as the snapshot that it counts.
const KEPT_LEDGERS_OF_ALL_APPS: usize = 4;

/// A snapshot, and why the sync after it failed, if one did.
#[derive(Clone, Debug)]
pub struct LoadedSnapshot {
    /// The data.
    pub snapshot: Arc<Snapshot>,
    /// Why the data is not newer, if it should be.
    pub failure: Option<SyncFailure>,
    id: SnapshotId,
}

/// Recently used snapshots and ledgers.
#[derive(Debug, Default)]
pub struct Cache {
    snapshots: Mutex<Recent<SnapshotId, Arc<Snapshot>>>,
    ledgers: Mutex<Recent<LedgerKey, Arc<Ledger>>>,
    ledgers_of_all_apps: Mutex<Recent<LedgerKey, Arc<Ledger>>>,
}

#[derive(Clone, Debug, PartialEq)]
struct LedgerKey {
    snapshot: SnapshotId,
    /// Nothing for all apps.
    app: Option<String>,
    rules: Rules,
    today: Day,
}

impl LedgerKey {
    fn new(loaded: &LoadedSnapshot, app: Option<&str>, rules: &Rules, today: Day) -> Self {
        Self {
            snapshot: loaded.id.clone(),
            app: app.map(str::to_owned),
            rules: rules.clone(),
            today,
        }
    }
}

impl Cache {
    /// Returns the snapshot with a name; without a name, the newest readable one of the vendor.
    ///
    /// Nothing is fetched.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`] when nothing is stored for this datasource, vendor and account.
    /// - [`ErrorKind::Internal`] when the stored data cannot be read.
    pub fn load(
        &self,
        services: &dyn Services,
        vendor: &str,
        name: Option<&SnapshotName>,
    ) -> Result<LoadedSnapshot, Error> {
        let store = SnapshotStore::open(services, vendor)?;
        let (version, snapshot) = match name {
            Some(name) => {
                let version = store.version(name).ok_or_else(|| not_stored(name))?;
                let snapshot = self.snapshot(&store, version.generation)?;
                (version, snapshot.ok_or_else(|| not_stored(name))?)
            }
            None => self
                .newest(services, &store)?
                .ok_or_else(|| nothing_read(vendor))?,
        };
        Ok(LoadedSnapshot {
            snapshot,
            failure: store.failure(version)?,
            id: store.id(version.generation),
        })
    }

    /// Returns the ledger of an app.
    #[must_use]
    pub fn ledger(
        &self,
        loaded: &LoadedSnapshot,
        app: &str,
        rules: &Rules,
        today: Day,
    ) -> Arc<Ledger> {
        let key = LedgerKey::new(loaded, Some(app), rules, today);
        found_or_counted(&self.ledgers, key, KEPT_LEDGERS, || {
            Ledger::new(loaded.snapshot.rows(), app, rules, today)
        })
    }

    /// Returns the ledger of all apps.
    #[must_use]
    pub fn ledger_of_all_apps(
        &self,
        loaded: &LoadedSnapshot,
        rules: &Rules,
        today: Day,
    ) -> Arc<Ledger> {
        let key = LedgerKey::new(loaded, None, rules, today);
        found_or_counted(
            &self.ledgers_of_all_apps,
            key,
            KEPT_LEDGERS_OF_ALL_APPS,
            || Ledger::of_all_apps(loaded.snapshot.rows(), rules, today),
        )
    }

    /// Returns the newest readable snapshot, and its version.
    pub(crate) fn newest(
        &self,
        services: &dyn Services,
        store: &SnapshotStore<'_>,
    ) -> Result<Option<(SnapshotVersion, Arc<Snapshot>)>, Error> {
        for version in store.versions()? {
            match self.snapshot(store, version.generation) {
                Ok(Some(snapshot)) => return Ok(Some((version, snapshot))),
                Ok(None) => {}
                // A snapshot that is damaged, or newer than this library, is as good as none.
                Err(error) => services.log(LogLevel::Warn, &error.to_string()),
            }
        }
        Ok(None)
    }

    /// Keeps a snapshot that was just stored, so that nobody has to read it again.
    pub(crate) fn keep(&self, id: SnapshotId, snapshot: Snapshot) {
        lock(&self.snapshots).keep(id, Arc::new(snapshot), KEPT_SNAPSHOTS);
    }

    fn snapshot(
        &self,
        store: &SnapshotStore<'_>,
        generation: u64,
    ) -> Result<Option<Arc<Snapshot>>, Error> {
        let id = store.id(generation);
        if let Some(snapshot) = lock(&self.snapshots).find(&id) {
            return Ok(Some(snapshot));
        }
        let Some(snapshot) = store.snapshot(generation)?.map(Arc::new) else {
            return Ok(None);
        };
        lock(&self.snapshots).keep(id, Arc::clone(&snapshot), KEPT_SNAPSHOTS);
        Ok(Some(snapshot))
    }
}

fn nothing_read(vendor: &str) -> Error {
    let message = format!("nothing has been read for vendor {vendor} yet");
    Error::new(ErrorKind::NotFound, message).with_remedy("Refresh to read it.")
}

/// Values by key, the most recently used first.
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

/// Returns the ledger of a key; the cache is not locked while it is counted.
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

/// Locks a part of the cache; a panic of another thread does not make it invalid.
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
