//! The parts of a dashboard that a change can set; two changes conflict when theirs overlap.

use serde::{Deserialize, Serialize};

use crate::domain::{Dashboard, Tile, TileId};

/// A part of a dashboard that a change can set.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(tag = "field", rename_all = "snake_case")]
pub enum Field {
    /// The title.
    Title,
    /// Who may view and edit the dashboard.
    Permission,
    /// Whether the dashboard is deleted.
    Deleted,
    /// A whole tile that was added or removed.
    Tile {
        /// The tile.
        tile: TileId,
    },
    /// One member of a tile's settings.
    Setting {
        /// The tile.
        tile: TileId,
        /// The member.
        member: String,
    },
    /// The gadget version that a tile's settings are for.
    GadgetVersion {
        /// The tile.
        tile: TileId,
    },
    /// The name of a tile.
    Name {
        /// The tile.
        tile: TileId,
    },
    /// The size of a tile.
    Size {
        /// The tile.
        tile: TileId,
    },
    /// The position of a tile in reading order.
    Position {
        /// The tile.
        tile: TileId,
    },
    /// How often a tile refreshes automatically.
    Refresh {
        /// The tile.
        tile: TileId,
    },
}

impl Field {
    /// Returns the tile that the field belongs to, if it belongs to one.
    #[must_use]
    pub fn tile(&self) -> Option<&TileId> {
        match self {
            Self::Title | Self::Permission | Self::Deleted => None,
            Self::Tile { tile }
            | Self::Setting { tile, .. }
            | Self::GadgetVersion { tile }
            | Self::Name { tile }
            | Self::Size { tile }
            | Self::Position { tile }
            | Self::Refresh { tile } => Some(tile),
        }
    }

    /// Tells whether setting `self` can overwrite a change of `other`.
    ///
    /// A whole tile overlaps with each of its parts. The gadget version overlaps with all settings,
    /// because settings for one version may not be valid for another.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        if self.tile().is_none() || self.tile() != other.tile() {
            return false;
        }
        matches!(
            (self, other),
            (Self::Tile { .. }, _)
                | (_, Self::Tile { .. })
                | (Self::GadgetVersion { .. }, Self::Setting { .. })
                | (Self::Setting { .. }, Self::GadgetVersion { .. })
        )
    }

    /// Returns a description for users, with the tile's label on `dashboard`.
    #[must_use]
    pub fn describe(&self, dashboard: &Dashboard) -> String {
        let label = |tile: &TileId| match dashboard.tile(tile) {
            Some(tile) => format!("“{}”", tile.label()),
            None => "a removed gadget".to_owned(),
        };
        match self {
            Self::Title => "the title".to_owned(),
            Self::Permission => "the permissions".to_owned(),
            Self::Deleted => "whether the dashboard is deleted".to_owned(),
            Self::Tile { tile } => label(tile),
            Self::Setting { tile, member } => format!("`{member}` of {}", label(tile)),
            Self::GadgetVersion { tile } => format!("the gadget version of {}", label(tile)),
            Self::Name { tile } => format!("the name of {}", label(tile)),
            Self::Size { tile } => format!("the size of {}", label(tile)),
            Self::Position { tile } => format!("the position of {}", label(tile)),
            Self::Refresh { tile } => format!("the automatic refresh of {}", label(tile)),
        }
    }

    /// Returns the settings in which two versions of a tile differ.
    pub(crate) fn of_settings(old: &Tile, new: &Tile) -> Vec<Self> {
        let tile = &old.id;
        let mut fields: Vec<Self> = old
            .settings
            .differences(&new.settings)
            .into_iter()
            .map(|member| Self::Setting {
                tile: tile.clone(),
                member,
            })
            .collect();
        if old.gadget_version != new.gadget_version {
            fields.push(Self::GadgetVersion { tile: tile.clone() });
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_overlap_only_within_their_tile() {
        let tile = |id: &str| TileId::parse(id).unwrap();
        let setting = |id: &str, member: &str| Field::Setting {
            tile: tile(id),
            member: member.to_owned(),
        };
        let whole = Field::Tile { tile: tile("a") };
        let version = Field::GadgetVersion { tile: tile("a") };
        let size = Field::Size { tile: tile("a") };
        for (one, other, expected) in [
            (&setting("a", "app"), &setting("a", "app"), true),
            (&setting("a", "app"), &setting("a", "period"), false),
            (&setting("a", "app"), &setting("b", "app"), false),
            (&setting("a", "app"), &version, true),
            (&setting("b", "app"), &version, false),
            (&size, &version, false),
            (&whole, &size, true),
            (&whole, &setting("a", "app"), true),
            (&whole, &setting("b", "app"), false),
            (&Field::Title, &Field::Title, true),
            (&Field::Title, &Field::Permission, false),
            (&Field::Title, &whole, false),
        ] {
            assert_eq!(one.overlaps(other), expected, "{one:?} {other:?}");
            assert_eq!(other.overlaps(one), expected, "{other:?} {one:?}");
        }
    }
}
