//! What tiles show now: kept in memory, made anew from snapshots whenever it is needed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, NaiveDate, Utc};
use dashboards::domain::{DashboardId, DatasourceId, Settings, TileId};
use gadget_api::{Error, ErrorKind, Progress, View};
use gadget_host::Cancellation;
use tokio::sync::watch;

use super::refresh::RefreshRequest;

/// A tile among all tiles of all dashboards.
pub(crate) type TileKey = (DashboardId, TileId);

/// The blobs of a space, by name, with their revisions: equal ones hold the same data.
pub(crate) type StoredBlobs = BTreeMap<String, u64>;

/// What one tile shows, and what goes on in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct TileStatus {
    pub(crate) view: Option<Arc<View>>,
    pub(crate) state: TilePhase,
    /// The settings that the view, or the failure, is for.
    pub(crate) settings: Option<Settings>,
    /// The datasource that the settings name.
    pub(crate) source: Option<DatasourceId>,
    /// The space of the stored data that the view is made from, where it reads a datasource.
    pub(crate) space: Option<String>,
    /// What was stored there when the view was made.
    pub(crate) stored: Option<StoredBlobs>,
    /// The day as of which the view counts.
    pub(crate) day: Option<NaiveDate>,
    /// When the data was last brought up to date, however that ended.
    pub(crate) tried_at: Option<DateTime<Utc>>,
    /// Why that did not bring newer data, if it did not.
    pub(crate) failed: Option<ErrorKind>,
    /// Grows with each change that can be seen.
    pub(crate) revision: u64,
    /// Whether the worker is at it, and what is wanted once it is done.
    pub(crate) is_busy: bool,
    pub(crate) again: Option<RefreshRequest>,
    /// Ends what is under way.
    pub(crate) cancellation: Cancellation,
}

/// What goes on in a tile.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum TilePhase {
    #[default]
    Waiting,
    /// The settings that the gadget needs are not all there.
    NotSetUp,
    Refreshing(Option<Progress>),
    /// The last attempt went well, perhaps with an earlier snapshot.
    Done,
    /// The last attempt failed; what was shown before stays.
    Failed(Error),
}

impl TileStatus {
    /// Takes away the view of data from another space, and ends what reads it.
    pub(crate) fn keep_to(&mut self, space: Option<&str>) {
        if self.space.as_deref() == space {
            return;
        }
        self.space = space.map(str::to_owned);
        if self.view.take().is_some() {
            self.state = TilePhase::Waiting;
        }
        // What is under way looks at the one that it began with.
        self.cancellation.cancel();
        self.cancellation = Cancellation::new();
    }

    /// Tells whether there is something to look at, be it an error.
    pub(crate) fn has_ended_once(&self) -> bool {
        self.view.is_some() || matches!(self.state, TilePhase::Failed(_) | TilePhase::NotSetUp)
    }
}

/// What all tiles show; the worker writes it and the pages read it.
#[derive(Debug)]
pub(crate) struct TileStates {
    tiles: Mutex<BTreeMap<TileKey, TileStatus>>,
    dashboards: Mutex<BTreeMap<DashboardId, u64>>,
    changes: watch::Sender<u64>,
    /// Grows when somebody may have gained or lost the right to look.
    access: AtomicU64,
}

impl TileStates {
    pub(crate) fn new() -> Self {
        Self {
            tiles: Mutex::default(),
            dashboards: Mutex::default(),
            changes: watch::Sender::new(0),
            access: AtomicU64::new(0),
        }
    }

    fn tiles(&self) -> MutexGuard<'_, BTreeMap<TileKey, TileStatus>> {
        self.tiles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a tile shows now; a tile that nobody asked for waits.
    pub(crate) fn status(&self, key: &TileKey) -> TileStatus {
        self.tiles().get(key).cloned().unwrap_or_default()
    }

    /// Returns the tiles that were asked for since the start.
    pub(crate) fn known(&self) -> Vec<TileKey> {
        self.tiles().keys().cloned().collect()
    }

    /// Returns the revisions of what the tiles of a dashboard show.
    pub(crate) fn revisions(&self, dashboard: &DashboardId) -> BTreeMap<String, u64> {
        let tiles = self.tiles();
        let of_dashboard = tiles.iter().filter(|((of, _), _)| of == dashboard);
        of_dashboard
            .map(|((_, tile), status)| (tile.to_string(), status.revision))
            .collect()
    }

    /// Changes what a tile shows, and wakes the pages if anybody can see it.
    pub(crate) fn change<T>(&self, key: &TileKey, change: impl FnOnce(&mut TileStatus) -> T) -> T {
        let mut tiles = self.tiles();
        let status = tiles.entry(key.clone()).or_default();
        let before = (status.view.clone(), status.state.clone());
        let answer = change(status);
        let is_same_view = is_same(before.0.as_ref(), status.view.as_ref());
        let is_seen = status.revision == 0 || before.1 != status.state || !is_same_view;
        if is_same_view {
            // What was drawn of it is found by the view itself.
            status.view = before.0;
        }
        if is_seen {
            status.revision += 1;
            drop(tiles);
            self.tell();
        }
        answer
    }

    /// Forgets the tiles that `keep` does not want.
    pub(crate) fn retain(&self, keep: impl Fn(&TileKey) -> bool) {
        self.tiles().retain(|key, status| {
            let stays = keep(key);
            if !stays {
                status.cancellation.cancel();
            }
            stays
        });
    }

    /// Notes that a dashboard has a new revision in the store, and wakes the pages.
    pub(crate) fn dashboard_changed(&self, dashboard: &DashboardId, revision: u64) {
        let mut dashboards = self
            .dashboards
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        dashboards.insert(dashboard.clone(), revision);
        drop(dashboards);
        self.tell();
    }

    /// Returns the newest revision that was heard of since the start.
    pub(crate) fn heard_revision(&self, dashboard: &DashboardId) -> Option<u64> {
        let dashboards = self.dashboards.lock();
        let dashboards = dashboards.unwrap_or_else(PoisonError::into_inner);
        dashboards.get(dashboard).copied()
    }

    /// Returns a receiver that wakes up at each change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Wakes the pages because something else than what tiles show has changed: who may look, say.
    pub(crate) fn wake(&self) {
        self.access.fetch_add(1, Ordering::Release);
        self.tell();
    }

    /// Returns how often that has happened.
    pub(crate) fn access_revision(&self) -> u64 {
        self.access.load(Ordering::Acquire)
    }

    fn tell(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }
}

fn is_same(one: Option<&Arc<View>>, other: Option<&Arc<View>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(dashboard: &str, tile: &str) -> TileKey {
        let dashboard = DashboardId::parse(dashboard).unwrap();
        (dashboard, TileId::parse(tile).unwrap())
    }

    #[test]
    fn each_change_of_a_tile_is_a_new_revision_that_wakes_who_waits() {
        let live = TileStates::new();
        let changes = live.changes();
        live.change(&key("d", "t1"), |status| status.state = TilePhase::Done);
        live.change(&key("d", "t1"), |status| {
            status.state = TilePhase::Refreshing(None);
        });
        live.change(&key("e", "t2"), |_| ());
        // What cannot be seen is no change.
        live.change(&key("d", "t1"), |status| status.is_busy = true);
        assert!(changes.has_changed().unwrap());
        let dashboard = DashboardId::parse("d").unwrap();
        assert_eq!(
            live.revisions(&dashboard),
            BTreeMap::from([("t1".to_owned(), 2)])
        );
        live.retain(|(_, tile)| tile.as_str() != "t1");
        assert!(live.revisions(&dashboard).is_empty());
    }
}
