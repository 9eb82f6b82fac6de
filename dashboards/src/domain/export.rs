//! A dashboard as a file: everything but secrets, people and rights.

use gadget_api::{FieldPath, TileSize, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    Dashboard, DashboardId, DashboardParts, Datasource, Name, Permission, RefreshMinutes, Refusal,
    Settings, Tile, TileId, UserId,
};

/// The version of the file's shape.
const EXPORT: u32 = 1;

/// A dashboard as a file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DashboardExport {
    /// The version of the shape.
    export: u32,
    /// The title.
    pub title: Name,
    /// The datasources that the settings name, so that an import can ask which ones to take.
    #[serde(default)]
    pub datasources: Vec<ExportedDatasource>,
    /// The tiles in reading order.
    pub tiles: Vec<ExportedTile>,
}

/// What a file tells of a datasource: enough to choose another one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedDatasource {
    /// The id by which the settings name it.
    pub id: String,
    /// The id of its kind.
    pub kind: String,
    /// What people called it.
    pub name: Name,
}

/// A tile in a file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedTile {
    /// The id of the gadget.
    pub gadget: String,
    /// The version of the gadget that the settings are for.
    pub gadget_version: Version,
    /// What the user called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// How large it is.
    pub size: TileSize,
    /// The settings without secrets.
    pub settings: Settings,
    /// How often it refreshes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_minutes: Option<RefreshMinutes>,
}

/// Why a file is no dashboard.
#[derive(Debug, thiserror::Error)]
pub enum ExportRefusal {
    /// It is not such a file.
    #[error("the file is no exported dashboard: {0}")]
    Shape(#[from] serde_json::Error),
    /// It was written by a later version.
    #[error("the file has version {found}, this host reads version {EXPORT}; update the host")]
    Version {
        /// The version of the file.
        found: u32,
    },
    /// It is a dashboard that cannot be.
    #[error("the file holds a dashboard that cannot be: {0}")]
    Dashboard(#[from] Refusal),
}

impl DashboardExport {
    /// Writes a dashboard.
    ///
    /// `secret_fields` tells which fields of a tile's settings are secret: they are left out.
    /// `datasources` are those that may be named; the ones that no setting names are left out.
    #[must_use]
    pub fn of(
        dashboard: &Dashboard,
        datasources: &[Datasource],
        secret_fields: impl Fn(&Tile) -> Vec<FieldPath>,
    ) -> Self {
        let tiles: Vec<_> = dashboard
            .tiles()
            .iter()
            .map(|tile| ExportedTile {
                gadget: tile.gadget.clone(),
                gadget_version: tile.gadget_version,
                name: tile.name.clone(),
                size: tile.size,
                settings: tile.settings.without(&secret_fields(tile)),
                refresh_minutes: tile.refresh,
            })
            .collect();
        let is_named = |id: &str| {
            tiles
                .iter()
                .any(|tile| holds(&tile.settings.to_value(), id))
        };
        let datasources = datasources
            .iter()
            .filter(|datasource| is_named(datasource.id.as_str()))
            .map(|datasource| ExportedDatasource {
                id: datasource.id.to_string(),
                kind: datasource.kind.clone(),
                name: datasource.name.clone(),
            })
            .collect();
        Self {
            export: EXPORT,
            title: dashboard.title().clone(),
            datasources,
            tiles,
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Returns an error when the text is not such a file, or a later version wrote it.
    pub fn parse(text: &str) -> Result<Self, ExportRefusal> {
        /// What every version of the file says.
        #[derive(Deserialize)]
        struct Head {
            export: u32,
        }

        let head: Head = serde_json::from_str(text)?;
        if head.export != EXPORT {
            return Err(ExportRefusal::Version { found: head.export });
        }
        Ok(serde_json::from_str(text)?)
    }

    /// Puts the id of another datasource wherever the settings name `from`.
    pub fn replace_datasource(&mut self, from: &str, to: &str) {
        for tile in &mut self.tiles {
            let mut value = tile.settings.to_value();
            replace(&mut value, from, to);
            if let Ok(settings) = Settings::parse(value) {
                tile.settings = settings;
            }
        }
        for datasource in &mut self.datasources {
            if datasource.id == from {
                to.clone_into(&mut datasource.id);
            }
        }
    }

    /// Makes a new dashboard of the file.
    ///
    /// `tile_id` gives an id that was never used each time it is asked.
    ///
    /// # Errors
    ///
    /// Returns an error when the file holds too many tiles.
    pub fn into_dashboard(
        self,
        id: DashboardId,
        owner: UserId,
        mut tile_id: impl FnMut() -> TileId,
    ) -> Result<Dashboard, ExportRefusal> {
        let tiles = self.tiles.into_iter().map(|tile| Tile {
            id: tile_id(),
            gadget: tile.gadget,
            gadget_version: tile.gadget_version,
            name: tile.name,
            size: tile.size,
            settings: tile.settings,
            refresh: tile.refresh_minutes,
        });
        Ok(Dashboard::from_parts(DashboardParts {
            id,
            title: self.title,
            owner,
            permission: Permission::default(),
            revision: 0,
            tiles: tiles.collect(),
            is_deleted: false,
        })?)
    }
}

/// Tells whether a text stands anywhere in a value.
pub(crate) fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found == text,
        Value::Array(items) => items.iter().any(|item| holds(item, text)),
        Value::Object(members) => members.values().any(|member| holds(member, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn replace(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(found) if found == from => to.clone_into(found),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, from, to)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| replace(member, from, to)),
        _ => {}
    }
}
