//! The dashboard: its tiles, and what each of them shows now.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use gadget_api::{Error, Progress, TileSize, View};
use serde_json::Value;
use tokio::sync::watch;

/// What the dashboard as a whole is called among the revisions; no tile has this id.
pub(super) const WHOLE: &str = "whole";

/// One gadget on the dashboard.
#[derive(Clone, Debug)]
pub(super) struct Tile {
    /// Its name in addresses and on the page.
    pub(super) id: String,
    pub(super) gadget: String,
    /// What it is called until there is a view.
    pub(super) title: String,
    pub(super) size: TileSize,
    pub(super) settings: Value,
    /// The day of the last view, and what it shows.
    pub(super) shown: Option<Arc<View>>,
    pub(super) state: TileState,
    /// Grows with each change.
    pub(super) revision: u64,
}

/// What goes on in a tile.
#[derive(Clone, Debug)]
pub(super) enum TileState {
    Waiting,
    Refreshing(Option<Progress>),
    /// The last attempt went well, perhaps with an earlier snapshot.
    Done,
    /// The last attempt failed; what was shown before stays.
    Failed(Error),
}

impl Tile {
    pub(super) fn new(
        id: String,
        gadget: String,
        title: String,
        size: TileSize,
        settings: Value,
    ) -> Self {
        Self {
            id,
            gadget,
            title,
            size,
            settings,
            shown: None,
            state: TileState::Waiting,
            revision: 1,
        }
    }

    /// Tells whether there is something to look at, be it an error.
    pub(super) fn has_ended_once(&self) -> bool {
        self.shown.is_some() || matches!(self.state, TileState::Failed(_))
    }
}

/// What the dashboard as a whole shows.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// No datasource was named.
    Empty,
    /// The datasource is asked what there is.
    Filling,
    /// The datasource could not be asked.
    Failed(Error),
    Filled,
}

/// The dashboard at one moment.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) name: String,
    pub(super) content: Content,
    pub(super) tiles: Vec<Tile>,
    pub(super) is_refreshing: bool,
    pub(super) refreshed_at: Option<DateTime<Utc>>,
    /// Grows with each change of the dashboard as a whole.
    pub(super) revision: u64,
}

/// The dashboard that the refresher writes and the pages read.
#[derive(Debug)]
pub(super) struct Board {
    now: Mutex<Snapshot>,
    changes: watch::Sender<u64>,
}

impl Board {
    pub(super) fn new(content: Content) -> Self {
        let now = Snapshot {
            name: "Dashboard".to_owned(),
            content,
            tiles: Vec::new(),
            is_refreshing: false,
            refreshed_at: None,
            revision: 1,
        };
        Self {
            now: Mutex::new(now),
            changes: watch::Sender::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Snapshot> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns everything as it is now.
    pub(super) fn snapshot(&self) -> Snapshot {
        self.lock().clone()
    }

    /// Returns one tile as it is now.
    pub(super) fn tile(&self, id: &str) -> Option<Tile> {
        self.lock().tiles.iter().find(|tile| tile.id == id).cloned()
    }

    /// Returns the revisions of the dashboard as a whole, which is called [`WHOLE`], and of each tile.
    pub(super) fn revisions(&self) -> BTreeMap<String, u64> {
        let now = self.lock();
        let tiles = now
            .tiles
            .iter()
            .map(|tile| (tile.id.clone(), tile.revision));
        std::iter::once((WHOLE.to_owned(), now.revision))
            .chain(tiles)
            .collect()
    }

    /// Returns a receiver that wakes up at each change.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Changes the dashboard as a whole.
    pub(super) fn change(&self, change: impl FnOnce(&mut Snapshot)) {
        {
            let mut now = self.lock();
            change(&mut now);
            now.revision += 1;
        }
        self.tell();
    }

    /// Changes one tile; nothing happens if it is not there.
    pub(super) fn change_tile(&self, id: &str, change: impl FnOnce(&mut Tile)) {
        if let Some(tile) = self.lock().tiles.iter_mut().find(|tile| tile.id == id) {
            change(tile);
            tile.revision += 1;
        }
        self.tell();
    }

    fn tell(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_of_a_tile_is_a_new_revision_that_wakes_who_waits() {
        let board = Board::new(Content::Empty);
        let tile = Tile::new(
            "t1".into(),
            "g".into(),
            "G".into(),
            TileSize::M,
            Value::Null,
        );
        board.change(|now| now.tiles.push(tile));
        let changes = board.changes();
        board.change_tile("t1", |tile| tile.state = TileState::Refreshing(None));
        board.change_tile("t9", |_| unreachable!("there is no such tile"));
        assert_eq!(
            board.revisions(),
            BTreeMap::from([("t1".to_owned(), 2), (WHOLE.to_owned(), 2)])
        );
        assert!(changes.has_changed().unwrap());
    }
}
