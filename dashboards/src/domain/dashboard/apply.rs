//! How a change turns a dashboard into its next revision.

use std::collections::BTreeSet;

use super::{Dashboard, MAX_TILES, each_once};
use crate::domain::{Change, ChangeRefusal, Field, FieldValue, Tile, TileId, TileSettings};

/// The result of applying a change to a dashboard.
#[derive(Clone, Debug, PartialEq)]
pub struct AppliedChange {
    /// The dashboard after the change.
    pub dashboard: Dashboard,
    /// The fields that it set; empty if nothing changed, and then the revision stays the same.
    pub touched: BTreeSet<Field>,
    /// The change that undoes it.
    pub inverse: Change,
    /// A short description for users.
    pub summary: String,
}

impl AppliedChange {
    /// Tells whether the change had an effect.
    #[must_use]
    pub fn is_change(&self) -> bool {
        !self.touched.is_empty()
    }
}

impl Dashboard {
    /// Applies a change completely or not at all.
    ///
    /// The revision increases by one if the change has an effect. Applying the inverse restores
    /// everything except the revision.
    ///
    /// # Errors
    ///
    /// Returns the refusal when the change cannot be applied to the dashboard.
    pub fn apply(&self, change: &Change) -> Result<AppliedChange, ChangeRefusal> {
        if self.is_deleted && !matches!(change, Change::Restore | Change::Delete) {
            return Err(ChangeRefusal::Deleted);
        }
        let mut next = self.clone();
        let (inverse, summary) = next.change(change)?;
        let touched = self.touched(change, &next);
        if touched.is_empty() {
            // The inverse of a change without effect is the change itself.
            return Ok(AppliedChange {
                dashboard: next,
                touched,
                inverse: change.clone(),
                summary,
            });
        }
        next.revision += 1;
        Ok(AppliedChange {
            dashboard: next,
            touched,
            inverse,
            summary,
        })
    }

    /// Changes the dashboard in place; returns the inverse and a description for users.
    ///
    /// An error can leave the dashboard partly changed: the caller discards it.
    fn change(&mut self, change: &Change) -> Result<(Change, String), ChangeRefusal> {
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
                let duplicate = Tile {
                    id: copy.clone(),
                    ..self.tiles[at].clone()
                };
                self.insert(duplicate, at + 1)?;
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
                Ok((
                    inverse,
                    format!("shared settings with {}", gadgets(tiles.len())),
                ))
            }
            Change::SetFields { fields, versions } => {
                let before = self.tiles.clone();
                for field in fields {
                    let at = self.position(&field.tile)?;
                    let tile = &mut self.tiles[at];
                    tile.settings = tile
                        .settings
                        .with_member(&field.member, field.value.as_ref())
                        .map_err(|problem| ChangeRefusal::Settings {
                            label: tile.label().to_owned(),
                            problem,
                        })?;
                }
                for (tile, version) in versions {
                    let at = self.position(tile)?;
                    self.tiles[at].gadget_version = *version;
                }
                let restored: BTreeSet<_> = fields.iter().map(|field| &field.tile).collect();
                let summary = format!("restored settings of {}", gadgets(restored.len()));
                Ok((restoring(&before, &self.tiles), summary))
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
                        format!(
                            "set “{label}” to refresh every {} minutes",
                            refresh.minutes()
                        )
                    }
                    None => format!("turned off automatic refresh of “{label}”"),
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

    /// Replaces the settings of tiles; returns the inverse.
    fn configure(&mut self, tiles: &[TileSettings]) -> Result<Change, ChangeRefusal> {
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
        Ok(restoring(&before, &self.tiles))
    }

    fn insert(&mut self, tile: Tile, at: usize) -> Result<(), ChangeRefusal> {
        if self.tile(&tile.id).is_some() {
            return Err(ChangeRefusal::TileExists { tile: tile.id });
        }
        if self.tiles.len() == MAX_TILES {
            return Err(ChangeRefusal::TooManyTiles);
        }
        self.tiles.insert(at.min(self.tiles.len()), tile);
        Ok(())
    }

    fn position(&self, id: &TileId) -> Result<usize, ChangeRefusal> {
        self.tiles
            .iter()
            .position(|tile| tile.id == *id)
            .ok_or_else(|| ChangeRefusal::UnknownTile { tile: id.clone() })
    }

    /// Returns the fields that `change` set, given the dashboard after it.
    ///
    /// Moving a tile sets only the position of that tile, although others shift.
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

/// Returns the change that restores the settings of `before` in the tiles of `after`.
fn restoring(before: &[Tile], after: &[Tile]) -> Change {
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

/// Returns a number of tiles as users read it.
fn gadgets(count: usize) -> String {
    match count {
        1 => "1 gadget".to_owned(),
        _ => format!("{count} gadgets"),
    }
}
