//! Tests of the store on both databases, and of what is special to each.

mod access;
mod blobs;
mod copies;
mod crash;
mod dashboards;
mod datasources;
mod editors;
mod fixture;
mod full_disk;
mod hosts;
mod keys;
mod lost_database;
mod migrations;
mod secrets;
mod sharing;
mod sqlite_file;

use chrono::{DateTime, Utc};
use gadget_api::{FieldPath, TileSize, Version};
use serde_json::{Value, json};

use crate::domain::{
    Change, Dashboard, DashboardId, DashboardParts, Name, Permission, Settings, Tile, TileId,
    TileSettings, UserId,
};

/// A time that both databases store exactly: their precision is a microsecond.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_800_000_000_123_456).unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn field(text: &str) -> FieldPath {
    FieldPath::parse(text).unwrap()
}

fn settings(value: Value) -> Settings {
    Settings::parse(value).unwrap()
}

fn board_id() -> DashboardId {
    DashboardId::parse("board").unwrap()
}

fn user_id(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

fn tile_id(number: usize) -> TileId {
    TileId::parse(&format!("t{number}")).unwrap()
}

/// A dashboard whose tiles all have the setting `n` with the value 0.
fn board(tiles: usize) -> Dashboard {
    let tiles = (0..tiles).map(|number| Tile {
        settings: settings(json!({"n": 0})),
        ..Tile::new(tile_id(number), "users", Version::new(1, 0, 0), TileSize::M)
    });
    Dashboard::from_parts(DashboardParts {
        id: board_id(),
        title: name("Board"),
        owner: user_id("owner"),
        permission: Permission::AnyoneEdits,
        revision: 0,
        tiles: tiles.collect(),
        is_deleted: false,
    })
    .unwrap()
}

/// The change that sets `n` in all tiles.
fn share(tiles: usize, value: u64) -> Change {
    Change::Share {
        tiles: (0..tiles)
            .map(|number| TileSettings {
                tile: tile_id(number),
                gadget_version: Version::new(1, 0, 0),
                settings: settings(json!({"n": value})),
            })
            .collect(),
    }
}

/// The values of `n` in all tiles.
fn values(dashboard: &Dashboard) -> Vec<u64> {
    let tiles = dashboard.tiles().iter();
    tiles
        .map(|tile| tile.settings.members()["n"].as_u64().unwrap())
        .collect()
}
