//! Recently used snapshots and counts, so that a render takes no longer than a report.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use gadget_api::{Error, ErrorKind, LogLevel, Services, SnapshotName};

use crate::{
    count::{Details, Ledger, Rules, Selection, Totals},
    day::Day,
    rows::Rows,
    snapshot::{Part, Snapshot, part::Depth},
    store::{SnapshotId, SnapshotStore, SnapshotVersion, SyncFailure, not_stored},
};

/// How much memory snapshots may take, and counts by other rules or of other days; each.
const BUDGET_BYTES: usize = 64 << 20;
/// How many parts are counted at once.
const MOST_THREADS: usize = 4;

/// A snapshot, with the newest failed sync after it.
#[derive(Clone, Debug)]
pub struct LoadedSnapshot {
    /// The snapshot.
    pub snapshot: Arc<Snapshot>,
    /// Why the newest sync after it failed, if so.
    pub failure: Option<SyncFailure>,
    id: SnapshotId,
    vendor: String,
}

/// Recently used snapshots and counts of all datasources.
#[derive(Debug, Default)]
pub struct Cache {
    snapshots: Mutex<Recent<SnapshotId, Arc<Snapshot>>>,
    counts: Mutex<Recent<CountKey, Arc<Totals>>>,
}

#[derive(Clone, Debug, PartialEq)]
struct CountKey {
    snapshot: SnapshotId,
    rules: Rules,
    today: Day,
}

impl Cache {
    /// Returns the snapshot with a name, or the newest one.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`] when it is not stored, or no longer, or belongs to another datasource.
    /// - [`ErrorKind::Internal`] when the store fails, or the stored snapshot is damaged.
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
            vendor: vendor.to_owned(),
        })
    }

    /// Returns the count of all apps.
    ///
    /// The count by the default rules on the day of the sync is stored with the snapshot; any other takes time in
    /// proportion to the rows, once.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Internal`] when the store fails, or the stored rows are damaged.
    pub fn totals(
        &self,
        services: &dyn Services,
        loaded: &LoadedSnapshot,
        rules: &Rules,
        today: Day,
    ) -> Result<Arc<Totals>, Error> {
        let stored = &loaded.snapshot.totals;
        if *rules == Rules::default() && stored.today() == today {
            return Ok(Arc::new(stored.clone()));
        }
        let key = CountKey {
            snapshot: loaded.id.clone(),
            rules: rules.clone(),
            today,
        };
        if let Some(totals) = lock(&self.counts).find(&key) {
            return Ok(totals);
        }
        let store = SnapshotStore::open(services, &loaded.vendor)?;
        let count = |rows: &Rows| Totals::of(rows, rules, today);
        let parts: Vec<&Part> = loaded.snapshot.parts.iter().collect();
        let counted = of_parts(&store, &parts, Depth::Counting, count)?;
        let totals = Arc::new(Totals::sum(today, counted));
        lock(&self.counts).keep(key, Arc::clone(&totals), totals.bytes());
        Ok(totals)
    }

    /// Returns the licenses behind a part of a view of one app, or of all apps.
    ///
    /// # Errors
    ///
    /// The same as [`Cache::totals`].
    pub fn details(
        &self,
        services: &dyn Services,
        loaded: &LoadedSnapshot,
        app: Option<&str>,
        (rules, today): (&Rules, Day),
        selection: &Selection,
    ) -> Result<Details, Error> {
        let store = SnapshotStore::open(services, &loaded.vendor)?;
        let has_app = |part: &&Part| app.is_none_or(|app| part.apps.iter().any(|key| key == app));
        let parts: Vec<&Part> = loaded.snapshot.parts.iter().filter(has_app).collect();
        let lists = of_parts(&store, &parts, Depth::Everything, |rows| {
            let ledger = match app {
                Some(app) => Ledger::new(rows, app, rules, today),
                None => Ledger::of_all_apps(rows, rules, today),
            };
            ledger.details(rows, selection)
        })?;
        Ok(Details::merge(lists))
    }

    /// Returns the newest snapshot that can be read.
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

    /// Keeps the snapshot that a sync has stored.
    pub(crate) fn keep(&self, id: SnapshotId, snapshot: Snapshot) {
        let bytes = snapshot.memory_bytes();
        lock(&self.snapshots).keep(id, Arc::new(snapshot), bytes);
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
        let bytes = snapshot.memory_bytes();
        lock(&self.snapshots).keep(id, Arc::clone(&snapshot), bytes);
        Ok(Some(snapshot))
    }
}

/// Reads parts on several threads, and returns what `count` makes of each, in order.
fn of_parts<T: Send>(
    store: &SnapshotStore<'_>,
    parts: &[&Part],
    depth: Depth,
    count: impl Fn(&Rows) -> T + Sync,
) -> Result<Vec<T>, Error> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(MOST_THREADS).min(parts.len()).max(1);
    let counted = |part: &&Part| store.part(part, depth).map(|rows| count(&rows));
    if threads == 1 {
        return parts.iter().map(counted).collect();
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, T)>, Error> {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(part) = parts.get(place) else {
                return Ok(done);
            };
            done.push((place, counted(part)?));
        }
    };
    let mut all: Vec<(usize, T)> = thread::scope(|scope| {
        let running: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut all = work()?;
        for thread in running {
            match thread.join() {
                Ok(done) => all.extend(done?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok::<_, Error>(all)
    })?;
    all.sort_unstable_by_key(|(place, _)| *place);
    Ok(all.into_iter().map(|(_, value)| value).collect())
}

fn nothing_read(vendor: &str) -> Error {
    let message = format!("nothing has been read for vendor {vendor} yet");
    Error::new(ErrorKind::NotFound, message).with_remedy("Refresh to read it.")
}

/// The values that were used last, the newest first, as far as memory allows.
#[derive(Debug)]
struct Recent<K, V>(VecDeque<(K, V, usize)>);

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<K: PartialEq, V: Clone> Recent<K, V> {
    fn find(&mut self, key: &K) -> Option<V> {
        let place = self.0.iter().position(|(known, ..)| known == key)?;
        let entry = self.0.remove(place)?;
        let value = entry.1.clone();
        self.0.push_front(entry);
        Some(value)
    }

    /// Keeps a value of this size; it stays at least until the next one comes.
    fn keep(&mut self, key: K, value: V, bytes: usize) {
        self.0.retain(|(known, ..)| *known != key);
        self.0.push_front((key, value, bytes));
        let mut sum = 0usize;
        let fits = |(.., bytes): &&(K, V, usize)| {
            sum = sum.saturating_add(*bytes);
            sum <= BUDGET_BYTES
        };
        let kept = self.0.iter().take_while(fits).count();
        self.0.truncate(kept.max(1));
    }
}

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
            recent.keep(number, number * 10, BUDGET_BYTES / 3);
        }
        assert_eq!(recent.find(&0), Some(0));
        recent.keep(3, 30, BUDGET_BYTES / 3);
        let found: Vec<_> = (0..4).map(|number| recent.find(&number)).collect();
        assert_eq!(found, [Some(0), None, Some(20), Some(30)]);
        recent.keep(4, 40, BUDGET_BYTES * 2);
        assert_eq!((recent.find(&4), recent.find(&0)), (Some(40), None));
    }
}
