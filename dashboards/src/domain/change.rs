//! Changes of a dashboard, as values.

use gadget_api::{TileSize, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{Action, Name, Permission, RefreshMinutes, Settings, Tile, TileId};

/// A change of a dashboard: what a user asks for, or what undoes it.
///
/// Positions count from 0 in reading order; a position past the end means the end.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Changes the title of the dashboard.
    Rename {
        /// The new title.
        title: Name,
    },
    /// Adds a tile.
    AddTile {
        /// The tile, including its id.
        tile: Tile,
        /// Its new position.
        at: usize,
    },
    /// Removes a tile.
    RemoveTile {
        /// The tile.
        tile: TileId,
    },
    /// Adds a copy of a tile right after it.
    DuplicateTile {
        /// The tile.
        tile: TileId,
        /// The id of the copy.
        copy: TileId,
    },
    /// Replaces all settings of a tile.
    Configure {
        /// The tile and its settings.
        #[serde(flatten)]
        tile: TileSettings,
    },
    /// Replaces the settings of several tiles: all of them or none.
    Share {
        /// The tiles with their settings; each tile occurs once.
        tiles: Vec<TileSettings>,
    },
    /// Sets single members of settings: what undoes `Configure` and `Share`.
    SetFields {
        /// The members.
        fields: Vec<FieldValue>,
        /// The gadget versions that change.
        versions: Vec<(TileId, Version)>,
    },
    /// Names a tile, or removes its name.
    NameTile {
        /// The tile.
        tile: TileId,
        /// The name; without one, the gadget's title is shown.
        name: Option<Name>,
    },
    /// Changes the size of a tile.
    Resize {
        /// The tile.
        tile: TileId,
        /// The size.
        size: TileSize,
    },
    /// Sets how often a tile refreshes automatically.
    SetRefresh {
        /// The tile.
        tile: TileId,
        /// The interval; without one, the tile refreshes only on request.
        refresh: Option<RefreshMinutes>,
    },
    /// Moves a tile.
    MoveTile {
        /// The tile.
        tile: TileId,
        /// Its new position.
        to: usize,
    },
    /// Sets who may view and edit the dashboard.
    SetPermission {
        /// The new permission.
        permission: Permission,
    },
    /// Deletes the dashboard; it can be restored.
    Delete,
    /// Restores a deleted dashboard.
    Restore,
}

/// All settings of one tile.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TileSettings {
    /// The tile.
    pub tile: TileId,
    /// The gadget version that they are for.
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
    /// Its value; without one, the member is removed. JSON `null` is a value.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some"
    )]
    pub value: Option<Value>,
}

/// Reads a value that is present, so that `null` does not count as absent.
fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Change {
    /// Returns the action that needs to be allowed for this change.
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
    fn null_differs_from_an_absent_value() {
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
