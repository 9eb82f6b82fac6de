//! A dashboard as a file: everything except secrets, users and permissions.

use gadget_api::{FieldPath, TileSize, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    ChangeRefusal, Dashboard, DashboardId, DashboardParts, Datasource, Name, Permission,
    RefreshMinutes, Settings, Tile, TileId, UserId,
};

/// The version of the file format.
const EXPORT: u32 = 1;

/// A dashboard as a file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DashboardExport {
    /// The version of the file format.
    export: u32,
    /// The title.
    pub title: Name,
    /// The datasources that the settings name, so that an import can ask for replacements.
    #[serde(default)]
    pub datasources: Vec<ExportedDatasource>,
    /// The tiles in reading order.
    pub tiles: Vec<ExportedTile>,
}

/// What a file says about a datasource: enough to choose a replacement.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedDatasource {
    /// The id by which the settings name it.
    pub id: String,
    /// The id of its kind.
    pub kind: String,
    /// The name that users saw.
    pub name: Name,
}

/// A tile in a file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedTile {
    /// The id of the gadget.
    pub gadget: String,
    /// The gadget version that the settings are for.
    pub gadget_version: Version,
    /// The name that a user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The size.
    pub size: TileSize,
    /// The settings, without secrets.
    pub settings: Settings,
    /// How often it refreshes automatically.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_minutes: Option<RefreshMinutes>,
}

/// Why a file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ExportRefusal {
    /// It has another format.
    #[error("the file is not an exported dashboard: {0}")]
    Format(serde_json::Error),
    /// A later version wrote it.
    #[error("the file has version {found} and this host reads version {EXPORT}; update the host")]
    Version {
        /// The version of the file.
        found: u32,
    },
    /// Its dashboard breaks a rule.
    #[error("the dashboard in the file cannot be created: {0}")]
    Dashboard(ChangeRefusal),
}

impl DashboardExport {
    /// Creates the file of a dashboard.
    ///
    /// `secret_fields` returns the fields of a tile's settings that are secret and are left out.
    /// Of `datasources`, only those that a setting names are included.
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
                .any(|tile| contains_string(&tile.settings.to_value(), id))
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
    /// Returns an error when the text is not an exported dashboard, or a later version wrote it.
    pub fn parse(text: &str) -> Result<Self, ExportRefusal> {
        /// What every version of the file contains.
        #[derive(Deserialize)]
        struct Head {
            export: u32,
        }

        let head: Head = serde_json::from_str(text).map_err(ExportRefusal::Format)?;
        if head.export != EXPORT {
            return Err(ExportRefusal::Version { found: head.export });
        }
        serde_json::from_str(text).map_err(ExportRefusal::Format)
    }

    /// Replaces the datasource `from` with `to` in all settings.
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

    /// Creates a new dashboard from the file.
    ///
    /// `tile_id` returns a new unique id on each call.
    ///
    /// # Errors
    ///
    /// Returns an error when the file contains too many tiles.
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
        Dashboard::from_parts(DashboardParts {
            id,
            title: self.title,
            owner,
            permission: Permission::default(),
            revision: 0,
            tiles: tiles.collect(),
            is_deleted: false,
        })
        .map_err(ExportRefusal::Dashboard)
    }
}

/// Tells whether a value contains a string anywhere.
pub(crate) fn contains_string(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found == text,
        Value::Array(items) => items.iter().any(|item| contains_string(item, text)),
        Value::Object(members) => members.values().any(|member| contains_string(member, text)),
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
