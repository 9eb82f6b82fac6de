//! Tests of the rules for dashboards and their changes.

mod access;
mod changes;
mod export;
mod undo;

use chrono::DateTime;
use gadget_api::{TileSize, Version};
use serde_json::Value;

use crate::domain::{
    AppliedChange, Change, ChangeRecord, Dashboard, DashboardId, DashboardParts, Name, Permission,
    Settings, Tile, TileId, TileSettings, UserId,
};

fn tile_id(id: &str) -> TileId {
    TileId::parse(id).unwrap()
}

fn user_id(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn settings(value: Value) -> Settings {
    Settings::parse(value).unwrap()
}

fn tile(id: &str, value: Value) -> Tile {
    Tile {
        settings: settings(value),
        ..Tile::new(tile_id(id), "users", Version::new(1, 0, 0), TileSize::M)
    }
}

fn tile_settings(id: &str, value: Value) -> TileSettings {
    TileSettings {
        tile: tile_id(id),
        gadget_version: Version::new(1, 0, 0),
        settings: settings(value),
    }
}

/// A dashboard at revision 0 with these tiles.
fn dashboard(tiles: &[Tile]) -> Dashboard {
    let empty = Dashboard::new(
        DashboardId::parse("board").unwrap(),
        name("Board"),
        user_id("owner"),
    );
    Dashboard::from_parts(DashboardParts {
        id: empty.id().clone(),
        title: empty.title().clone(),
        owner: empty.owner().clone(),
        permission: empty.permission().clone(),
        revision: 0,
        tiles: tiles.to_vec(),
        is_deleted: false,
    })
    .unwrap()
}

/// Records an applied change.
fn record(applied: &AppliedChange, change: &Change, undoes: Option<u64>) -> ChangeRecord {
    ChangeRecord {
        revision: applied.dashboard.revision(),
        by: Some(user_id("owner")),
        at: DateTime::UNIX_EPOCH,
        summary: applied.summary.clone(),
        change: change.clone(),
        touched: applied.touched.clone(),
        inverse: applied.inverse.clone(),
        undoes,
    }
}

/// The parts that a change can set, without the revision.
fn content(dashboard: &Dashboard) -> (Name, Permission, Vec<Tile>, bool) {
    (
        dashboard.title().clone(),
        dashboard.permission().clone(),
        dashboard.tiles().to_vec(),
        dashboard.is_deleted(),
    )
}
