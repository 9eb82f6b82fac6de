//! A dashboard and its rules.

mod apply;

use std::collections::BTreeSet;

pub use self::apply::AppliedChange;
use crate::domain::{ChangeRefusal, DashboardId, Name, Permission, Tile, TileId, UserId};

/// The maximum number of tiles on a dashboard.
pub const MAX_TILES: usize = 100;

/// A dashboard: tiles in reading order, an owner, and a revision that each change increments.
///
/// Its tile ids are unique, and it has at most [`MAX_TILES`] tiles.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    id: DashboardId,
    title: Name,
    owner: UserId,
    permission: Permission,
    revision: u64,
    tiles: Vec<Tile>,
    is_deleted: bool,
}

/// The parts of a stored dashboard.
#[derive(Clone, Debug, PartialEq)]
pub struct DashboardParts {
    /// The id.
    pub id: DashboardId,
    /// The title.
    pub title: Name,
    /// The owner.
    pub owner: UserId,
    /// Who else may view and edit it.
    pub permission: Permission,
    /// The number of the last change; 0 for a new dashboard.
    pub revision: u64,
    /// The tiles in reading order.
    pub tiles: Vec<Tile>,
    /// Whether it is deleted.
    pub is_deleted: bool,
}

impl Dashboard {
    /// Creates an empty dashboard at revision 0.
    #[must_use]
    pub fn new(id: DashboardId, title: Name, owner: UserId) -> Self {
        Self {
            id,
            title,
            owner,
            permission: Permission::default(),
            revision: 0,
            tiles: Vec::new(),
            is_deleted: false,
        }
    }

    /// Creates a dashboard from its parts.
    ///
    /// # Errors
    ///
    /// - [`ChangeRefusal::TooManyTiles`] when there are too many tiles.
    /// - [`ChangeRefusal::DuplicateTile`] when two tiles have the same id.
    pub fn from_parts(parts: DashboardParts) -> Result<Self, ChangeRefusal> {
        if parts.tiles.len() > MAX_TILES {
            return Err(ChangeRefusal::TooManyTiles);
        }
        each_once(parts.tiles.iter().map(|tile| &tile.id))?;
        Ok(Self {
            id: parts.id,
            title: parts.title,
            owner: parts.owner,
            permission: parts.permission,
            revision: parts.revision,
            tiles: parts.tiles,
            is_deleted: parts.is_deleted,
        })
    }

    /// Returns a copy as a new dashboard at revision 0, whose tiles have new ids.
    ///
    /// `tile_id` returns a new unique id on each call.
    #[must_use]
    pub fn cloned_as(
        &self,
        id: DashboardId,
        title: Name,
        owner: UserId,
        mut tile_id: impl FnMut() -> TileId,
    ) -> Self {
        let tiles = self.tiles.iter().map(|tile| Tile {
            id: tile_id(),
            ..tile.clone()
        });
        Self {
            tiles: tiles.collect(),
            ..Self::new(id, title, owner)
        }
    }

    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &DashboardId {
        &self.id
    }

    /// Returns the title.
    #[must_use]
    pub fn title(&self) -> &Name {
        &self.title
    }

    /// Returns the owner.
    #[must_use]
    pub fn owner(&self) -> &UserId {
        &self.owner
    }

    /// Returns who else may view and edit it.
    #[must_use]
    pub fn permission(&self) -> &Permission {
        &self.permission
    }

    /// Returns the number of the last change.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns the tiles in reading order.
    #[must_use]
    pub fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    /// Tells whether it is deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    /// Returns the tile with this id.
    #[must_use]
    pub fn tile(&self, id: &TileId) -> Option<&Tile> {
        self.tiles.iter().find(|tile| tile.id == *id)
    }
}

fn each_once<'a>(tiles: impl Iterator<Item = &'a TileId>) -> Result<(), ChangeRefusal> {
    let mut seen = BTreeSet::new();
    for tile in tiles {
        if !seen.insert(tile) {
            return Err(ChangeRefusal::DuplicateTile { tile: tile.clone() });
        }
    }
    Ok(())
}
