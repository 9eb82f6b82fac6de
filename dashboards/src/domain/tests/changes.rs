//! Changes: their effects, their refusals and their inverses.

use std::collections::BTreeSet;

use gadget_api::{TileSize, Version};
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    Change, ChangeRefusal, Field, FieldValue, MAX_TILES, Permission, RefreshMinutes, Tile,
    TileSettings,
};

#[test]
fn each_change_is_described_and_sets_nothing_else() {
    let before = dashboard(&[
        tile("a", json!({"app": "x", "period": "month"})),
        tile("b", json!({"app": "y"})),
    ]);
    let setting = |tile: &str, member: &str| Field::Setting {
        tile: tile_id(tile),
        member: member.to_owned(),
    };
    let newer = TileSettings {
        gadget_version: Version::new(2, 0, 0),
        ..tile_settings("b", json!({"app": "y"}))
    };
    let table: Vec<(Change, &str, Vec<Field>)> = vec![
        (
            Change::Rename {
                title: name("Sales"),
            },
            "renamed the dashboard to “Sales”",
            vec![Field::Title],
        ),
        (
            Change::AddTile {
                tile: tile("c", json!({})),
                at: 99,
            },
            "added “users”",
            vec![Field::Tile { tile: tile_id("c") }],
        ),
        (
            Change::RemoveTile { tile: tile_id("a") },
            "removed “users”",
            vec![Field::Tile { tile: tile_id("a") }],
        ),
        (
            Change::DuplicateTile {
                tile: tile_id("a"),
                copy: tile_id("c"),
            },
            "duplicated “users”",
            vec![Field::Tile { tile: tile_id("c") }],
        ),
        (
            Change::Configure {
                tile: tile_settings("a", json!({"app": "z", "period": "month"})),
            },
            "changed the settings of “users”",
            vec![setting("a", "app")],
        ),
        (
            Change::Configure { tile: newer },
            "changed the settings of “users”",
            vec![Field::GadgetVersion { tile: tile_id("b") }],
        ),
        (
            Change::Share {
                tiles: vec![
                    tile_settings("a", json!({"app": "x", "period": "week"})),
                    tile_settings("b", json!({"app": "y", "period": "week"})),
                ],
            },
            "shared settings with 2 gadgets",
            vec![setting("a", "period"), setting("b", "period")],
        ),
        (
            Change::NameTile {
                tile: tile_id("a"),
                name: Some(name("Mine")),
            },
            "renamed “users” to “Mine”",
            vec![Field::Name { tile: tile_id("a") }],
        ),
        (
            Change::Resize {
                tile: tile_id("a"),
                size: TileSize::XL,
            },
            "resized “users” to XL",
            vec![Field::Size { tile: tile_id("a") }],
        ),
        (
            Change::SetRefresh {
                tile: tile_id("a"),
                refresh: Some(RefreshMinutes::new(60).unwrap()),
            },
            "set “users” to refresh every 60 minutes",
            vec![Field::Refresh { tile: tile_id("a") }],
        ),
        (
            Change::MoveTile {
                tile: tile_id("a"),
                to: 1,
            },
            "moved “users”",
            vec![Field::Position { tile: tile_id("a") }],
        ),
        (
            Change::SetPermission {
                permission: Permission::SomeEdit {
                    editors: BTreeSet::new(),
                },
            },
            "changed the permissions",
            vec![Field::Permission],
        ),
        (
            Change::Delete,
            "deleted the dashboard",
            vec![Field::Deleted],
        ),
        (Change::Restore, "restored the dashboard", vec![]),
    ];
    for (change, summary, touched) in table {
        let applied = before.apply(&change).unwrap();
        assert_eq!(applied.summary, summary);
        assert_eq!(applied.touched, touched.into_iter().collect(), "{summary}");
        assert_eq!(
            applied.dashboard.revision(),
            u64::from(applied.is_change()),
            "{summary}"
        );
        let text = serde_json::to_string(&change).unwrap();
        assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
    }
}

#[test]
fn an_invalid_change_is_refused_completely() {
    let before = dashboard(&[tile("a", json!({})), tile("b", json!({}))]);
    let none = || ChangeRefusal::UnknownTile {
        tile: tile_id("none"),
    };
    for (change, expected) in [
        (
            Change::RemoveTile {
                tile: tile_id("none"),
            },
            none(),
        ),
        (
            Change::Share {
                tiles: vec![
                    tile_settings("a", json!({"app": 1})),
                    tile_settings("none", json!({})),
                ],
            },
            none(),
        ),
        (
            Change::Share {
                tiles: vec![
                    tile_settings("a", json!({"app": 1})),
                    tile_settings("a", json!({"app": 2})),
                ],
            },
            ChangeRefusal::DuplicateTile { tile: tile_id("a") },
        ),
        (
            Change::AddTile {
                tile: tile("a", json!({})),
                at: 0,
            },
            ChangeRefusal::TileExists { tile: tile_id("a") },
        ),
        (
            Change::DuplicateTile {
                tile: tile_id("a"),
                copy: tile_id("b"),
            },
            ChangeRefusal::TileExists { tile: tile_id("b") },
        ),
    ] {
        assert_eq!(before.apply(&change), Err(expected));
    }
    let deleted = before.apply(&Change::Delete).unwrap().dashboard;
    let rename = Change::Rename { title: name("x") };
    assert_eq!(deleted.apply(&rename), Err(ChangeRefusal::Deleted));
    let full: Vec<_> = (0..MAX_TILES)
        .map(|number| tile(&format!("t{number}"), json!({})))
        .collect();
    let add = Change::AddTile {
        tile: tile("one-more", json!({})),
        at: 0,
    };
    assert_eq!(
        dashboard(&full).apply(&add),
        Err(ChangeRefusal::TooManyTiles)
    );
}

/// One of a few tiles, so that changes overlap.
fn any_tile_id() -> impl Strategy<Value = TileId> {
    (0..6_u8).prop_map(|number| tile_id(&format!("t{number}")))
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3_i64).prop_map(Value::from),
        Just(json!({"kind": "custom", "from": "2026-01-01"})),
    ]
}

fn any_settings() -> impl Strategy<Value = Value> {
    vec((prop_oneof!["app", "period", "vendor"], any_value()), 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn any_version() -> impl Strategy<Value = Version> {
    (1..3_u32).prop_map(|major| Version::new(major, 0, 0))
}

fn any_tile_settings() -> impl Strategy<Value = TileSettings> {
    (any_tile_id(), any_version(), any_settings()).prop_map(|(tile, gadget_version, value)| {
        TileSettings {
            tile,
            gadget_version,
            settings: settings(value),
        }
    })
}

fn any_size() -> impl Strategy<Value = TileSize> {
    prop_oneof![
        Just(TileSize::S),
        Just(TileSize::M),
        Just(TileSize::L),
        Just(TileSize::XL)
    ]
}

fn any_name() -> impl Strategy<Value = Name> {
    "[a-c]{1,2}".prop_map(|text| name(&text))
}

fn any_tile() -> impl Strategy<Value = Tile> {
    (any_tile_settings(), any_size(), option::of(any_name())).prop_map(|(filled, size, name)| {
        Tile {
            gadget_version: filled.gadget_version,
            settings: filled.settings,
            name,
            ..Tile::new(filled.tile, "users", Version::new(1, 0, 0), size)
        }
    })
}

pub(super) fn any_dashboard() -> impl Strategy<Value = Dashboard> {
    vec(any_tile(), 0..6).prop_map(|tiles| {
        let mut seen = BTreeSet::new();
        let tiles: Vec<_> = tiles
            .into_iter()
            .filter(|tile| seen.insert(tile.id.clone()))
            .collect();
        dashboard(&tiles)
    })
}

pub(super) fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any_name().prop_map(|title| Change::Rename { title }),
        (any_tile(), 0..8_usize).prop_map(|(tile, at)| Change::AddTile { tile, at }),
        any_tile_id().prop_map(|tile| Change::RemoveTile { tile }),
        (any_tile_id(), any_tile_id())
            .prop_map(|(tile, copy)| Change::DuplicateTile { tile, copy }),
        any_tile_settings().prop_map(|tile| Change::Configure { tile }),
        vec(any_tile_settings(), 0..4).prop_map(|tiles| Change::Share { tiles }),
        (
            vec((any_tile_id(), "app|period", option::of(any_value())), 0..4),
            vec((any_tile_id(), any_version()), 0..2)
        )
            .prop_map(|(fields, versions)| Change::SetFields {
                fields: fields
                    .into_iter()
                    .map(|(tile, member, value)| FieldValue {
                        tile,
                        member,
                        value
                    })
                    .collect(),
                versions
            }),
        (any_tile_id(), option::of(any_name()))
            .prop_map(|(tile, name)| Change::NameTile { tile, name }),
        (any_tile_id(), any_size()).prop_map(|(tile, size)| Change::Resize { tile, size }),
        (any_tile_id(), option::of(5..9_u32)).prop_map(|(tile, minutes)| Change::SetRefresh {
            tile,
            refresh: minutes.map(|minutes| RefreshMinutes::new(minutes).unwrap())
        }),
        (any_tile_id(), 0..8_usize).prop_map(|(tile, to)| Change::MoveTile { tile, to }),
        any::<bool>().prop_map(|is_open| Change::SetPermission {
            permission: if is_open {
                Permission::AnyoneEdits
            } else {
                Permission::SomeEdit {
                    editors: BTreeSet::new(),
                }
            }
        }),
        Just(Change::Delete),
        Just(Change::Restore),
    ]
}

proptest! {
    #[test]
    fn the_inverse_restores_the_dashboard(before in any_dashboard(), change in any_change()) {
        if let Ok(applied) = before.apply(&change) {
            let back = applied.dashboard.apply(&applied.inverse).unwrap();
            prop_assert_eq!(content(&back.dashboard), content(&before));
            prop_assert_eq!(&back.touched, &applied.touched);
            let again = back.dashboard.apply(&back.inverse).unwrap();
            prop_assert_eq!(content(&again.dashboard), content(&applied.dashboard));
        }
    }

    #[test]
    fn a_change_without_effect_creates_no_revision(before in any_dashboard(), change in any_change()) {
        if let Ok(applied) = before.apply(&change) {
            let is_same = content(&before) == content(&applied.dashboard);
            prop_assert_eq!(applied.is_change(), !is_same);
            prop_assert_eq!(applied.dashboard.revision(), before.revision() + u64::from(!is_same));
        }
    }

    #[test]
    fn tile_ids_stay_unique_and_revisions_have_no_gaps(
        before in any_dashboard(),
        changes in vec(any_change(), 0..40),
    ) {
        let mut now = before;
        for change in changes {
            let Ok(applied) = now.apply(&change) else { continue };
            prop_assert!(applied.dashboard.revision() - now.revision() <= 1);
            let ids: BTreeSet<_> = applied.dashboard.tiles().iter().map(|tile| &tile.id).collect();
            prop_assert_eq!(ids.len(), applied.dashboard.tiles().len());
            now = applied.dashboard;
        }
    }

    #[test]
    fn a_change_survives_a_round_trip_through_json(change in any_change()) {
        let text = serde_json::to_string(&change).unwrap();
        prop_assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
    }
}
