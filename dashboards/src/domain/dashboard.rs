//! A dashboard, and how a change makes the next one of it.

use std::collections::BTreeSet;

use crate::domain::{
    Change, DashboardId, Field, FieldValue, Name, Permission, Refusal, Tile, TileId, TileSettings,
    UserId,
};

/// The most tiles that a dashboard has.
pub const MAX_TILES: usize = 100;

/// A dashboard: tiles in reading order, an owner, and a revision that each change raises by one.
///
/// The ids of its tiles are unique, and there are at most [`MAX_TILES`].
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

/// What a stored dashboard is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct DashboardParts {
    /// Names it.
    pub id: DashboardId,
    /// What people call it.
    pub title: Name,
    /// Whose it is.
    pub owner: UserId,
    /// Who else may use and edit it.
    pub permission: Permission,
    /// The number of its last change; 0 when it was created.
    pub revision: u64,
    /// The tiles in reading order.
    pub tiles: Vec<Tile>,
    /// Whether it is deleted.
    pub is_deleted: bool,
}

/// What a change made of a dashboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The dashboard after it.
    pub dashboard: Dashboard,
    /// What it set; nothing if everything was so already, and then the revision stays.
    pub touched: BTreeSet<Field>,
    /// The change that undoes it.
    pub inverse: Change,
    /// What happened, in a few words for people.
    pub summary: String,
}

impl Applied {
    /// Tells whether anything is different now.
    #[must_use]
    pub fn is_change(&self) -> bool {
        !self.touched.is_empty()
    }
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
    /// - [`Refusal::Full`] when there are too many tiles.
    /// - [`Refusal::TileTwice`] when two tiles have one id.
    pub fn from_parts(parts: DashboardParts) -> Result<Self, Refusal> {
        if parts.tiles.len() > MAX_TILES {
            return Err(Refusal::Full);
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

    /// Returns the dashboard as a new one: its own id and owner, tiles of new ids, revision 0.
    ///
    /// `tile_id` gives an id that was never used each time it is asked.
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

    /// Returns whose it is.
    #[must_use]
    pub fn owner(&self) -> &UserId {
        &self.owner
    }

    /// Returns who else may use and edit it.
    #[must_use]
    pub fn permission(&self) -> &Permission {
        &self.permission
    }

    /// Returns the number of its last change.
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

    /// Returns the tile of this id.
    #[must_use]
    pub fn tile(&self, id: &TileId) -> Option<&Tile> {
        self.tiles.iter().find(|tile| tile.id == *id)
    }

    /// Applies a change: the whole of it, or nothing.
    ///
    /// The revision rises by one if anything is different afterwards. Applying the inverse gives
    /// this dashboard again, but for the revision.
    ///
    /// # Errors
    ///
    /// Returns the refusal when the change does not fit the dashboard.
    pub fn apply(&self, change: &Change) -> Result<Applied, Refusal> {
        if self.is_deleted && !matches!(change, Change::Restore | Change::Delete) {
            return Err(Refusal::Deleted);
        }
        let mut next = self.clone();
        let (inverse, summary) = next.change(change)?;
        let touched = self.touched(change, &next);
        if touched.is_empty() {
            // What changes nothing is undone by changing nothing.
            return Ok(Applied {
                dashboard: next,
                touched,
                inverse: change.clone(),
                summary,
            });
        }
        next.revision += 1;
        Ok(Applied {
            dashboard: next,
            touched,
            inverse,
            summary,
        })
    }

    /// Changes the dashboard in place; returns what undoes it and what a person reads.
    ///
    /// After an error the value is half changed: the caller drops it.
    fn change(&mut self, change: &Change) -> Result<(Change, String), Refusal> {
        match change {
            Change::Rename { title } => {
                let summary = format!("renamed the dashboard to “{title}”");
                let title = std::mem::replace(&mut self.title, title.clone());
                Ok((Change::Rename { title }, summary))
            }
            Change::AddTile { tile, at } => {
                self.insert(tile.clone(), *at)?;
                let inverse = Change::RemoveTile {
                    tile: tile.id.clone(),
                };
                Ok((inverse, format!("added “{}”", tile.label())))
            }
            Change::RemoveTile { tile } => {
                let at = self.position(tile)?;
                let tile = self.tiles.remove(at);
                let summary = format!("removed “{}”", tile.label());
                Ok((Change::AddTile { tile, at }, summary))
            }
            Change::DuplicateTile { tile, copy } => {
                let at = self.position(tile)?;
                let summary = format!("duplicated “{}”", self.tiles[at].label());
                let twin = Tile {
                    id: copy.clone(),
                    ..self.tiles[at].clone()
                };
                self.insert(twin, at + 1)?;
                Ok((Change::RemoveTile { tile: copy.clone() }, summary))
            }
            Change::Configure { tile } => {
                let inverse = self.configure(std::slice::from_ref(tile))?;
                let at = self.position(&tile.tile)?;
                Ok((
                    inverse,
                    format!("changed the settings of “{}”", self.tiles[at].label()),
                ))
            }
            Change::Share { tiles } => {
                let inverse = self.configure(tiles)?;
                Ok((inverse, shared(tiles.len())))
            }
            Change::SetFields { fields, versions } => {
                let before = self.tiles.clone();
                for field in fields {
                    let at = self.position(&field.tile)?;
                    let tile = &mut self.tiles[at];
                    tile.settings = tile
                        .settings
                        .with_member(&field.member, field.value.as_ref())
                        .map_err(|source| Refusal::Settings {
                            label: tile.label().to_owned(),
                            source,
                        })?;
                }
                for (tile, version) in versions {
                    let at = self.position(tile)?;
                    self.tiles[at].gadget_version = *version;
                }
                let named: BTreeSet<_> = fields.iter().map(|field| &field.tile).collect();
                Ok((fields_back(&before, &self.tiles), put_back(named.len())))
            }
            Change::NameTile { tile, name } => {
                let at = self.position(tile)?;
                let old = self.tiles[at].label().to_owned();
                let name = std::mem::replace(&mut self.tiles[at].name, name.clone());
                let summary = format!("renamed “{old}” to “{}”", self.tiles[at].label());
                Ok((
                    Change::NameTile {
                        tile: tile.clone(),
                        name,
                    },
                    summary,
                ))
            }
            Change::Resize { tile, size } => {
                let at = self.position(tile)?;
                let summary = format!("resized “{}” to {size:?}", self.tiles[at].label());
                let size = std::mem::replace(&mut self.tiles[at].size, *size);
                Ok((
                    Change::Resize {
                        tile: tile.clone(),
                        size,
                    },
                    summary,
                ))
            }
            Change::SetRefresh { tile, refresh } => {
                let at = self.position(tile)?;
                let label = self.tiles[at].label();
                let summary = match refresh {
                    Some(refresh) => {
                        format!("made “{label}” refresh every {} minutes", refresh.minutes())
                    }
                    None => format!("made “{label}” refresh by hand only"),
                };
                let refresh = std::mem::replace(&mut self.tiles[at].refresh, *refresh);
                Ok((
                    Change::SetRefresh {
                        tile: tile.clone(),
                        refresh,
                    },
                    summary,
                ))
            }
            Change::MoveTile { tile, to } => {
                let from = self.position(tile)?;
                let moved = self.tiles.remove(from);
                let summary = format!("moved “{}”", moved.label());
                self.tiles.insert((*to).min(self.tiles.len()), moved);
                Ok((
                    Change::MoveTile {
                        tile: tile.clone(),
                        to: from,
                    },
                    summary,
                ))
            }
            Change::SetPermission { permission } => {
                let permission = std::mem::replace(&mut self.permission, permission.clone());
                Ok((
                    Change::SetPermission { permission },
                    "changed the permissions".to_owned(),
                ))
            }
            Change::Delete => {
                self.is_deleted = true;
                Ok((Change::Restore, "deleted the dashboard".to_owned()))
            }
            Change::Restore => {
                self.is_deleted = false;
                Ok((Change::Delete, "restored the dashboard".to_owned()))
            }
        }
    }

    /// Gives tiles other settings; returns what undoes it.
    fn configure(&mut self, tiles: &[TileSettings]) -> Result<Change, Refusal> {
        each_once(tiles.iter().map(|tile| &tile.tile))?;
        let before = self.tiles.clone();
        for TileSettings {
            tile,
            gadget_version,
            settings,
        } in tiles
        {
            let at = self.position(tile)?;
            self.tiles[at].gadget_version = *gadget_version;
            self.tiles[at].settings = settings.clone();
        }
        Ok(fields_back(&before, &self.tiles))
    }

    fn insert(&mut self, tile: Tile, at: usize) -> Result<(), Refusal> {
        if self.tile(&tile.id).is_some() {
            return Err(Refusal::TileExists { tile: tile.id });
        }
        if self.tiles.len() == MAX_TILES {
            return Err(Refusal::Full);
        }
        self.tiles.insert(at.min(self.tiles.len()), tile);
        Ok(())
    }

    fn position(&self, id: &TileId) -> Result<usize, Refusal> {
        self.tiles
            .iter()
            .position(|tile| tile.id == *id)
            .ok_or_else(|| Refusal::NoTile { tile: id.clone() })
    }

    /// Returns what `change` set, given the dashboard after it.
    ///
    /// Who moves a tile touches its place alone, although others make room for it.
    fn touched(&self, change: &Change, next: &Self) -> BTreeSet<Field> {
        let mut touched = BTreeSet::new();
        if self.title != next.title {
            touched.insert(Field::Title);
        }
        if self.permission != next.permission {
            touched.insert(Field::Permission);
        }
        if self.is_deleted != next.is_deleted {
            touched.insert(Field::Deleted);
        }
        for old in &self.tiles {
            let tile = old.id.clone();
            let Some(new) = next.tile(&old.id) else {
                touched.insert(Field::Tile { tile });
                continue;
            };
            touched.extend(Field::of_settings(old, new));
            if old.name != new.name {
                touched.insert(Field::Name { tile: tile.clone() });
            }
            if old.size != new.size {
                touched.insert(Field::Size { tile: tile.clone() });
            }
            if old.refresh != new.refresh {
                touched.insert(Field::Refresh { tile });
            }
        }
        for new in &next.tiles {
            if self.tile(&new.id).is_none() {
                let tile = new.id.clone();
                touched.insert(Field::Tile { tile });
            }
        }
        if let Change::MoveTile { tile, .. } = change
            && self.position(tile) != next.position(tile)
        {
            touched.insert(Field::Position { tile: tile.clone() });
        }
        touched
    }
}

/// Returns the change that gives the settings of `before` to the tiles of `after`.
fn fields_back(before: &[Tile], after: &[Tile]) -> Change {
    let mut fields = Vec::new();
    let mut versions = Vec::new();
    for (old, new) in before.iter().zip(after).filter(|(old, new)| old != new) {
        for member in old.settings.differences(&new.settings) {
            let value = old.settings.members().get(&member).cloned();
            fields.push(FieldValue {
                tile: old.id.clone(),
                member,
                value,
            });
        }
        if old.gadget_version != new.gadget_version {
            versions.push((old.id.clone(), old.gadget_version));
        }
    }
    Change::SetFields { fields, versions }
}

fn each_once<'a>(tiles: impl Iterator<Item = &'a TileId>) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    for tile in tiles {
        if !seen.insert(tile) {
            return Err(Refusal::TileTwice { tile: tile.clone() });
        }
    }
    Ok(())
}

fn shared(tiles: usize) -> String {
    match tiles {
        1 => "shared settings with 1 tile".to_owned(),
        _ => format!("shared settings with {tiles} tiles"),
    }
}

fn put_back(tiles: usize) -> String {
    match tiles {
        1 => "put settings of 1 tile back".to_owned(),
        _ => format!("put settings of {tiles} tiles back"),
    }
}
