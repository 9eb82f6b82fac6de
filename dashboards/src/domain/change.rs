//! A change of a dashboard, as a value.

use gadget_api::{TileSize, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{Action, Name, Permission, RefreshMinutes, Settings, Tile, TileId};

/// A change of a dashboard: what a person asks for, and what undoes it.
///
/// Positions count from 0 in reading order; one past the end means the end.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Gives the dashboard another title.
    Rename {
        /// The new title.
        title: Name,
    },
    /// Adds a tile.
    AddTile {
        /// The tile, its id included.
        tile: Tile,
        /// Where it stands then.
        at: usize,
    },
    /// Removes a tile.
    RemoveTile {
        /// The tile.
        tile: TileId,
    },
    /// Adds a copy of a tile directly after it.
    DuplicateTile {
        /// The tile.
        tile: TileId,
        /// The id of the copy.
        copy: TileId,
    },
    /// Gives a tile other settings, as a whole.
    Configure {
        /// The tile and its settings.
        #[serde(flatten)]
        tile: TileSettings,
    },
    /// Gives many tiles other settings, all or none.
    Share {
        /// The tiles, each once, and their settings.
        tiles: Vec<TileSettings>,
    },
    /// Sets single members of settings: what undoes the two above.
    SetFields {
        /// The members.
        fields: Vec<FieldValue>,
        /// The versions of the gadgets, where they change.
        versions: Vec<(TileId, Version)>,
    },
    /// Gives a tile another name, or its gadget's title.
    NameTile {
        /// The tile.
        tile: TileId,
        /// The name.
        name: Option<Name>,
    },
    /// Gives a tile another size.
    Resize {
        /// The tile.
        tile: TileId,
        /// The size.
        size: TileSize,
    },
    /// Sets how often a tile refreshes by itself.
    SetRefresh {
        /// The tile.
        tile: TileId,
        /// How often; without it only when somebody asks.
        refresh: Option<RefreshMinutes>,
    },
    /// Moves a tile to another place.
    MoveTile {
        /// The tile.
        tile: TileId,
        /// Where it stands then.
        to: usize,
    },
    /// Sets who may use and edit the dashboard.
    SetPermission {
        /// Who may.
        permission: Permission,
    },
    /// Deletes the dashboard; it can be restored.
    Delete,
    /// Brings a deleted dashboard back.
    Restore,
}

/// The settings of one tile, as a whole.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TileSettings {
    /// The tile.
    pub tile: TileId,
    /// The version of the gadget that they are for.
    pub gadget_version: Version,
    /// The settings.
    pub settings: Settings,
}

/// One member of the settings of a tile.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct FieldValue {
    /// The tile.
    pub tile: TileId,
    /// The member.
    pub member: String,
    /// Its value; without one the member goes. A JSON `null` is a value.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some"
    )]
    pub value: Option<Value>,
}

/// Reads a value that is there, so that `null` is not taken for an absent one.
fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Change {
    /// Returns the right that is needed to make this change.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::SetPermission { .. } | Self::Delete | Self::Restore => Action::Manage,
            Self::Rename { .. }
            | Self::AddTile { .. }
            | Self::RemoveTile { .. }
            | Self::DuplicateTile { .. }
            | Self::Configure { .. }
            | Self::Share { .. }
            | Self::SetFields { .. }
            | Self::NameTile { .. }
            | Self::Resize { .. }
            | Self::SetRefresh { .. }
            | Self::MoveTile { .. } => Action::Edit,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_and_absent_are_two_values() {
        let tile = TileId::parse("a").unwrap();
        for (value, text) in [
            (
                Some(Value::Null),
                r#"{"tile":"a","member":"m","value":null}"#,
            ),
            (None, r#"{"tile":"a","member":"m"}"#),
            (Some(json!(1)), r#"{"tile":"a","member":"m","value":1}"#),
        ] {
            let field = FieldValue {
                tile: tile.clone(),
                member: "m".to_owned(),
                value,
            };
            assert_eq!(serde_json::to_string(&field).unwrap(), text);
            assert_eq!(serde_json::from_str::<FieldValue>(text).unwrap(), field);
        }
    }
}
