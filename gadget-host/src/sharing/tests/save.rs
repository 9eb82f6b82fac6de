//! Sentences about applying.

use gadget_api::{FieldError, FieldPath, Version};
use serde_json::{Value, json};

use super::fixtures::*;
use crate::sharing::{ApplyError, Proposal, Scope, Ticks};

fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).unwrap()
}

/// Two tiles that can take another period, one of them also another bucket.
fn tiles() -> [Tile; 2] {
    [
        Tile::of("a", app_users(), app_settings("d1", "v1", "timeboard")),
        Tile::of(
            "b",
            vendor_users(),
            json!({"name": "B", "datasource": "d1", "vendor": "v1", "bucket": "week"}),
        ),
    ]
}

fn shared() -> Value {
    with(
        app_settings("d1", "v1", "timeboard"),
        json!({"period": {"kind": "custom", "from": "2026-09-01", "to": "2026-10-31"}}),
    )
}

#[test]
fn all_ticked_tiles_change_at_once() {
    let proposal = propose(&app_users(), &shared(), &tiles());
    let applied = apply_first(&proposal);
    assert_eq!(applied.revision, REVISION);
    let period = shared()["period"].clone();
    let found: Vec<_> = applied
        .tiles
        .iter()
        .map(|tile| {
            (
                tile.tile.as_str(),
                tile.settings.clone(),
                tile.fields.clone(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                "a",
                with(
                    app_settings("d1", "v1", "timeboard"),
                    json!({"period": period})
                ),
                vec![path("/period")]
            ),
            (
                "b",
                json!({"name": "B", "datasource": "d1", "vendor": "v1", "bucket": "auto", "period": period}),
                vec![path("/period"), path("/bucket")]
            ),
        ]
    );
    assert_eq!(applied.tiles[0].gadget_version, Version::new(1, 0, 0));
}

#[test]
fn a_field_and_a_tile_without_a_tick_keep_their_values() {
    let proposal = propose(&app_users(), &shared(), &tiles());
    let ticks = Ticks::from_iter([("b", "bucket")]);
    let applied = proposal.apply(&ticks, REVISION, &fine).unwrap();
    assert_eq!(applied.tiles.len(), 1);
    assert_eq!(
        applied.tiles[0].settings,
        json!({"name": "B", "datasource": "d1", "vendor": "v1", "bucket": "auto"})
    );
    let mut ticks = proposal.first_ticks(Scope::AllCompatible);
    ticks.clear_tile("b");
    let applied = proposal.apply(&ticks, REVISION, &fine).unwrap();
    let changed: Vec<_> = applied
        .tiles
        .iter()
        .map(|tile| tile.tile.as_str())
        .collect();
    assert_eq!(changed, ["a"]);
}

#[test]
fn a_stale_revision_is_refused() {
    let proposal = propose(&app_users(), &shared(), &tiles());
    let ticks = proposal.first_ticks(Scope::AllCompatible);
    let refused = proposal.apply(&ticks, REVISION + 1, &fine).unwrap_err();
    assert_eq!(refused, ApplyError::Stale { seen: 7, now: 8 });
    assert_eq!(
        refused.to_string(),
        "the dashboard is at revision 8 and the preview was made for revision 7; look at a new preview"
    );
}

#[test]
fn a_tile_of_another_dashboard_is_refused() {
    let proposal = propose(&app_users(), &shared(), &tiles());
    for tile in ["elsewhere", "sharer"] {
        let ticks = Ticks::from_iter([("a", "period"), (tile, "period")]);
        let refused = proposal.apply(&ticks, REVISION, &fine).unwrap_err();
        assert_eq!(
            refused,
            ApplyError::UnknownTile {
                tile: tile.to_owned()
            }
        );
    }
}

#[test]
fn if_any_receiver_fails_nothing_changes_and_the_message_names_tile_and_field() {
    let blocked = Tile::of("c", app_users(), app_settings("d2", "v3", "pager"));
    let incompatible = Tile::of("d", clock(), json!({}));
    let mut locked = Tile::of("e", app_users(), app_settings("d1", "v1", "docflow"));
    locked.editing = crate::sharing::Editing::Refused {
        why: "you may not edit this gadget".to_owned(),
    };
    let [a, b] = tiles();
    let proposal = propose(
        &app_users(),
        &shared(),
        &[a, b, blocked, incompatible, locked],
    );
    for (tile, semantic, expected) in [
        (
            "c",
            "vendor",
            "nothing was changed: “c”, Vendor: V1 does not offer Pager",
        ),
        (
            "c",
            "datasource",
            "nothing was changed: “c”, Datasource: Acme Marketplace does not offer V3",
        ),
        (
            "d",
            "period",
            "nothing was changed: “d”, period: it reads no datasource",
        ),
        (
            "e",
            "period",
            "nothing was changed: “e”, period: you may not edit this gadget",
        ),
        (
            "a",
            "vendor",
            "nothing was changed: “a”, Vendor: it already has this value",
        ),
        (
            "b",
            "app",
            "nothing was changed: “b”, app: it has no such field",
        ),
    ] {
        let ticks = Ticks::from_iter([("a", "period"), ("b", "bucket"), (tile, semantic)]);
        let refused = proposal.apply(&ticks, REVISION, &fine).unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
}

#[test]
fn what_a_gadget_finds_wrong_beyond_its_schema_stands_in_the_way_too() {
    let check = |tile: &str, settings: &Value| {
        let is_custom = settings["period"]["kind"] == "custom";
        match (tile, is_custom) {
            ("a", true) => vec![FieldError::new(path("/period/to"), "the data ends earlier")],
            ("b", true) => vec![FieldError::new(
                path("/name"),
                "the name is too short for it",
            )],
            _ => Vec::new(),
        }
    };
    let proposal = propose(&app_users(), &shared(), &tiles());
    let preview = proposal.preview(
        Scope::AllCompatible,
        &proposal.first_ticks(Scope::AllCompatible),
        &check,
    );
    assert_eq!(preview.takes(), Ticks::default());
    let text = &field(&preview.tiles[0], "period")
        .why
        .as_ref()
        .unwrap()
        .text;
    assert_eq!(text, "the data ends earlier");
    // A fault at a field that is not taken cannot be laid to one value: the tile takes nothing.
    let reason = preview.tiles[1].nothing.as_ref().unwrap();
    assert_eq!(reason.text, "Name: the name is too short for it");

    let ticks = Ticks::from_iter([("a", "period"), ("b", "period")]);
    let refused = proposal.apply(&ticks, REVISION, &check).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "nothing was changed: “a”, Period: the data ends earlier; “b”, Period: Name: the name is too short for it"
    );
}

#[test]
fn what_a_gadget_found_wrong_before_does_not_stand_in_the_way() {
    let check = |_: &str, settings: &Value| {
        let is_empty = settings["name"] == "";
        let fault = || FieldError::new(path("/name"), "a name would be good");
        is_empty.then(fault).into_iter().collect()
    };
    let settings = with(app_settings("d1", "v1", "timeboard"), json!({"name": ""}));
    let proposal = propose(
        &app_users(),
        &shared(),
        &[Tile::of("a", app_users(), settings)],
    );
    let ticks = Ticks::from_iter([("a", "period")]);
    assert_eq!(
        proposal
            .apply(&ticks, REVISION, &check)
            .unwrap()
            .tiles
            .len(),
        1
    );
}

#[test]
fn applying_asks_nobody_even_after_the_proposal_was_stored() {
    let tiles = [Tile::of(
        "c",
        app_users(),
        app_settings("d2", "v3", "pager"),
    )];
    let proposal = propose(&app_users(), &shared(), &tiles);
    let asked = tiles[0].world.asked();
    // Once what it takes, and the choices for each of two datasources with each of two vendors.
    assert_eq!(asked, 5);
    let stored = serde_json::to_string(&proposal).unwrap();
    let proposal: Proposal = serde_json::from_str(&stored).unwrap();
    let ticks = Ticks::from_iter([("c", "datasource"), ("c", "vendor"), ("c", "app")]);
    let applied = proposal.apply(&ticks, REVISION, &fine).unwrap();
    assert_eq!(applied.tiles[0].settings["app"], "timeboard");
    assert_eq!(tiles[0].world.asked(), asked);
}

#[test]
fn sharing_is_no_setting_of_the_gadget() {
    let proposal = propose(&app_users(), &shared(), &tiles());
    for (tile, before) in apply_first(&proposal).tiles.iter().zip(tiles()) {
        assert_eq!(before.problems(&tile.settings), []);
    }
}
