//! Sentences about the preview: ticks, scopes, and tiles that take nothing.

use gadget_api::FieldPath;
use serde_json::json;

use super::fixtures::*;
use crate::sharing::{Editing, Exposure, Preview, Proposal, ReasonKind, Scope, Setup, Sharer};

#[test]
fn a_field_without_the_word_is_ticked_also_where_it_has_another_value() {
    let mut bare = app();
    bare.as_object_mut().unwrap().shift_remove("x-share");
    let own = json!({"datasource": datasource(MARKET), "vendor": vendor(), "app": bare});
    let other = gadget("other", &[MARKET], own);
    let settings = json!({"datasource": "d2", "vendor": "v3", "app": "pager"});
    let preview = preview_of(&timeboard(), Tile::of("t", other, settings));
    let of_app = preview.tiles[0]
        .fields
        .iter()
        .find(|field| field.semantic == "app");
    assert!(of_app.unwrap().ticked);
}

#[test]
fn all_is_ticked_at_first_but_what_is_set_and_shared_only_when_unset() {
    let preset = || {
        let mut tile = Tile::new("preset", app_users());
        tile.settings = json!({"app": "docflow"});
        tile
    };
    for (case, tile, app_is_ticked) in [
        (
            "another app",
            Tile::of("t", app_users(), app_settings("d2", "v3", "pager")),
            false,
        ),
        ("no app yet", Tile::new("t", app_users()), true),
        ("an app from a template", preset(), false),
    ] {
        let preview = preview_of(&timeboard(), tile);
        for field in preview.tiles[0]
            .fields
            .iter()
            .filter(|field| field.can_tick)
        {
            let expected = field.semantic != "app" || app_is_ticked;
            assert_eq!(field.ticked, expected, "{case}: {}", field.semantic);
        }
        let note = (
            ReasonKind::HasOwnValue,
            "it has a different value".to_owned(),
        );
        let expected = (!app_is_ticked).then_some(note);
        assert_eq!(why(&preview.tiles[0], "app"), expected, "{case}");
    }
}

#[test]
fn what_is_equal_already_says_so_and_has_no_tick() {
    let same = Tile::of("same", app_users(), timeboard());
    let defaults = Tile::of(
        "defaults",
        app_users(),
        with(timeboard(), json!({"bucket": "auto"})),
    );
    let partly = Tile::of(
        "partly",
        app_users(),
        with(timeboard(), json!({"bucket": "day"})),
    );
    let proposal = propose(&app_users(), &timeboard(), &[same, defaults, partly]);
    let preview = first(&proposal);
    let kinds: Vec<_> = preview
        .tiles
        .iter()
        .map(|tile| tile.nothing.as_ref().map(|reason| reason.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            Some(ReasonKind::AlreadyEqual),
            Some(ReasonKind::AlreadyEqual),
            None
        ]
    );
    assert_eq!(taken(&preview.tiles[2]), ["bucket"]);
    let period = field(&preview.tiles[2], "period");
    assert_eq!((period.can_tick, period.ticked), (false, false));
    assert_eq!(
        why(&preview.tiles[2], "period"),
        Some((
            ReasonKind::AlreadyEqual,
            "it already has this value".to_owned()
        ))
    );
}

#[test]
fn there_are_two_scopes_and_the_first_tile_of_a_dashboard_starts_with_those_not_set_up() {
    let done = || Tile::of("done", app_users(), app_settings("d1", "v1", "docflow"));
    let new = || Tile::new("new", vendor_users());
    for (setup_before, tiles, expected) in [
        (Setup::NotYet, vec![new()], Scope::NotSetUp),
        (Setup::NotYet, vec![], Scope::NotSetUp),
        (Setup::NotYet, vec![new(), done()], Scope::AllCompatible),
        (Setup::Done, vec![new()], Scope::AllCompatible),
    ] {
        let receivers: Vec<_> = tiles.iter().map(Tile::receiver).collect();
        let (gadget, settings) = (app_users(), timeboard());
        let sharer = Sharer {
            tile: "sharer",
            gadget: &gadget,
            settings: &settings,
            setup_before,
            exposure: Exposure::Nothing,
        };
        assert_eq!(
            Proposal::new(1, &sharer, &receivers).default_scope(),
            expected
        );
    }
    let proposal = propose(&app_users(), &timeboard(), &[new(), done()]);
    for (scope, expected) in [
        (Scope::NotSetUp, vec!["new"]),
        (Scope::AllCompatible, vec!["new", "done"]),
    ] {
        let preview = proposal.preview(scope, &proposal.first_ticks(scope), &fine);
        let shown: Vec<_> = preview
            .tiles
            .iter()
            .map(|tile| tile.tile.as_str())
            .collect();
        assert_eq!(shown, expected);
        assert_eq!((preview.not_set_up, preview.compatible), (1, 2));
        assert_eq!(preview.changes, expected.len());
    }
}

#[test]
fn a_tile_that_is_not_set_up_takes_all_it_needs_or_nothing() {
    // From a tile without an app, a tile that needs one cannot be set up.
    let shared = json!({"datasource": "d1", "vendor": "v1"});
    let tiles = [
        Tile::new("app", app_users()),
        Tile::new("vendor", vendor_users()),
    ];
    let preview = first(&propose(&vendor_users(), &shared, &tiles));
    let reason = preview.tiles[0].nothing.as_ref().unwrap();
    assert_eq!(reason.kind, ReasonKind::Incomplete);
    assert_eq!(
        reason.text,
        "it is not set up and also needs App; set it up in its own form"
    );
    assert_eq!(reason.field, Some(FieldPath::parse("/app").unwrap()));
    assert_eq!(
        taken(&preview.tiles[1]),
        ["datasource", "vendor", "period", "bucket", "include"]
    );
    let preview = preview_of(&timeboard(), Tile::new("app", app_users()));
    assert_eq!(taken(&preview.tiles[0]).len(), 6);
}

#[test]
fn a_tile_whose_library_is_absent_is_listed_and_skipped() {
    let mut absent = Tile::of("absent", app_users(), app_settings("d1", "v1", "docflow"));
    absent.is_absent = true;
    let proposal = propose(&app_users(), &timeboard(), &[absent]);
    for scope in [Scope::NotSetUp, Scope::AllCompatible] {
        let preview = proposal.preview(scope, &proposal.first_ticks(scope), &fine);
        let tile = &preview.tiles[0];
        assert_eq!((tile.gadget.as_str(), tile.changes), ("app-users", false));
        let reason = tile.nothing.as_ref().unwrap();
        assert_eq!(reason.kind, ReasonKind::LibraryAbsent);
        assert_eq!(reason.text, "the library of its gadget is missing");
    }
}

#[test]
fn a_tile_that_the_user_may_not_edit_takes_nothing_and_is_not_even_asked() {
    let mut tile = Tile::of("signoff", app_users(), app_settings("d1", "v2", "signoff"));
    tile.editing = Editing::Refused {
        why: "you may not edit this gadget; Jonas Weber may".to_owned(),
    };
    let tiles = [tile];
    let proposal = propose(&app_users(), &timeboard(), &tiles);
    let preview = first(&proposal);
    let reason = preview.tiles[0].nothing.as_ref().unwrap();
    assert_eq!(reason.kind, ReasonKind::NotEditable);
    assert_eq!(reason.text, "you may not edit this gadget; Jonas Weber may");
    assert_eq!(preview.tiles[0].fields, []);
    assert_eq!((preview.compatible, preview.changes), (1, 0));
    assert_eq!(tiles[0].world.asked(), 0);
}

#[test]
fn a_private_datasource_on_a_dashboard_that_others_see_is_said_before_it_happens() {
    let (gadget, settings) = (app_users(), timeboard());
    for (exposure, expected) in [
        (Exposure::Nothing, None),
        (
            Exposure::PrivateDatasource {
                title: "Acme Marketplace".to_owned(),
            },
            Some(
                "the datasource “Acme Marketplace” is private; everyone who can see this dashboard will see its data in the gadgets",
            ),
        ),
    ] {
        let sharer = Sharer {
            tile: "sharer",
            gadget: &gadget,
            settings: &settings,
            setup_before: Setup::Done,
            exposure,
        };
        let proposal = Proposal::new(1, &sharer, &[]);
        assert_eq!(first(&proposal).warning.as_deref(), expected);
    }
}

#[test]
fn the_tile_itself_is_not_among_the_receivers() {
    let itself = Tile::of("sharer", app_users(), app_settings("d1", "v1", "docflow"));
    assert_eq!(
        first(&propose(&app_users(), &timeboard(), &[itself])).tiles,
        []
    );
}

#[test]
fn a_page_gets_the_preview_as_json() {
    let tile = Tile::of("t", app_users(), app_settings("d2", "v3", "pager"));
    let preview = preview_of(&timeboard(), tile);
    let json = serde_json::to_value(&preview).unwrap();
    assert_eq!(
        json["tiles"][0]["fields"][1],
        json!({
            "semantic": "vendor",
            "field": "/vendor",
            "title": "Vendor",
            "old": {"value": "v3", "text": "V3"},
            "new": {"value": "v1", "text": "V1"},
            "can_tick": true,
            "ticked": true,
            "takes": false,
            "why": {"kind": "dependent", "text": "V1 does not offer Pager", "field": "/app"}
        })
    );
    assert_eq!(json["scope"], "all_compatible");
    assert_eq!(serde_json::from_value::<Preview>(json).unwrap(), preview);
}
