//! Sentences about what is taken over.

use std::collections::BTreeMap;

use gadget_api::{Adoption, Error, ErrorKind, FieldPath};
use serde_json::{Value, json};

use super::fixtures::*;
use crate::sharing::{ReasonKind, Scope, Ticks};

#[test]
fn every_field_that_means_the_same_is_taken_where_the_receiver_accepts_it() {
    let preview = preview_of(
        &timeboard(),
        Tile::of(
            "all",
            vendor_users(),
            json!({"datasource": "d2", "vendor": "v3", "bucket": "week"}),
        ),
    );
    let rows: Vec<_> = preview.tiles[0]
        .fields
        .iter()
        .map(|field| {
            let old = field.old.as_ref().map_or("", |old| old.text.as_str());
            (
                field.title.as_str(),
                old,
                field.new.text.as_str(),
                field.takes,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("Datasource", "Bolt Marketplace", "Acme Marketplace", true),
            ("Vendor", "V3", "V1", true),
            (
                "Period",
                "Last 30 days",
                "Custom (From 2026-09-01, To 2026-10-31)",
                true
            ),
            ("Bucket", "Week", "Auto", true),
            ("Include", "none", "Community", true),
        ]
    );
    assert_eq!(preview.changes, 1);
}

#[test]
fn a_value_that_the_receiver_does_not_accept_is_left_and_the_others_are_taken() {
    let mut days_only = bucket();
    days_only["oneOf"] =
        json!([{"const": "auto", "title": "Auto"}, {"const": "day", "title": "Day"}]);
    let days = gadget(
        "days",
        &[MARKET],
        json!({"period": period(), "bucket": days_only}),
    );
    let settings = with(timeboard(), json!({"bucket": "week"}));
    let preview = preview_of(&settings, Tile::of("days", days, json!({"bucket": "day"})));
    assert_eq!(taken(&preview.tiles[0]), ["period"]);
    assert_eq!(
        why(&preview.tiles[0], "bucket"),
        Some((
            ReasonKind::NotAccepted,
            "it must be one of `auto`, `day`".to_owned()
        ))
    );
}

#[test]
fn where_a_dependent_value_would_no_longer_be_offered_the_tile_takes_nothing_of_the_group() {
    let tile = || {
        let settings = with(app_settings("d2", "v3", "pager"), json!({"bucket": "day"}));
        Tile::of("pager", app_users(), settings)
    };
    let proposal = propose(&app_users(), &timeboard(), &[tile()]);
    let preview = first(&proposal);
    let reason = Some((ReasonKind::Dependent, "V1 does not offer Pager".to_owned()));
    assert_eq!(taken(&preview.tiles[0]), ["period", "bucket", "include"]);
    assert_eq!(why(&preview.tiles[0], "datasource"), reason);
    assert_eq!(why(&preview.tiles[0], "vendor"), reason);
    let blocking = field(&preview.tiles[0], "vendor")
        .why
        .clone()
        .unwrap()
        .field;
    assert_eq!(blocking, Some(FieldPath::parse("/app").unwrap()));

    // With the app ticked too, the same group is taken.
    let mut ticks = preview.ticks();
    ticks.set("pager", "app");
    let preview = proposal.preview(Scope::AllCompatible, &ticks, &fine);
    assert_eq!(
        taken(&preview.tiles[0]),
        ["datasource", "vendor", "app", "period", "bucket", "include"]
    );
}

#[test]
fn each_choice_of_ticks_in_a_group_is_settled_by_what_is_offered_then() {
    // The tile shows d2, v1, timeboard; d1, v2, signoff is shared.
    let tile = Tile::of("t", app_users(), app_settings("d2", "v1", "timeboard"));
    let proposal = propose(&app_users(), &app_settings("d1", "v2", "signoff"), &[tile]);
    for (ticked, expected, reason) in [
        (vec!["datasource"], vec!["datasource"], None),
        (
            vec!["vendor"],
            vec![],
            Some((ReasonKind::NotOffered, "Bolt Marketplace does not offer V2")),
        ),
        (
            vec!["app"],
            vec![],
            Some((ReasonKind::NotOffered, "V1 does not offer Signoff")),
        ),
        (
            vec!["datasource", "vendor"],
            vec![],
            Some((ReasonKind::Dependent, "V2 does not offer Timeboard")),
        ),
        // V1 of the tile stays and does not offer the app: the datasource alone is fine.
        (vec!["datasource", "app"], vec!["datasource"], None),
        (
            vec!["vendor", "app"],
            vec![],
            Some((ReasonKind::NotOffered, "Bolt Marketplace does not offer V2")),
        ),
        (
            vec!["datasource", "vendor", "app"],
            vec!["datasource", "vendor", "app"],
            None,
        ),
    ] {
        let ticks = ticked.iter().map(|semantic| ("t", *semantic)).collect();
        let preview = proposal.preview(Scope::AllCompatible, &ticks, &fine);
        assert_eq!(taken(&preview.tiles[0]), expected, "{ticked:?}");
        if let Some((kind, text)) = reason {
            assert_eq!(
                why(&preview.tiles[0], ticked[0]),
                Some((kind, text.to_owned())),
                "{ticked:?}"
            );
        }
    }
}

#[test]
fn fields_that_only_connect_a_group_without_a_meaning_block_it_too() {
    let mut private = app();
    private.as_object_mut().unwrap().remove("x-semantic");
    private.as_object_mut().unwrap().remove("x-share");
    let own_app = gadget(
        "own-app",
        &[MARKET],
        json!({"datasource": datasource(MARKET), "vendor": vendor(), "favourite": private, "bucket": bucket()}),
    );
    let settings = json!({"datasource": "d2", "vendor": "v3", "favourite": "pager"});
    let shared = with(timeboard(), json!({"bucket": "day"}));
    let preview = preview_of(&shared, Tile::of("own", own_app, settings));
    assert_eq!(taken(&preview.tiles[0]), ["bucket"]);
    assert_eq!(
        why(&preview.tiles[0], "datasource"),
        Some((ReasonKind::Dependent, "V1 does not offer Pager".to_owned()))
    );
}

#[test]
fn a_list_of_choices_depends_on_what_its_items_depend_on() {
    let fields = json!({"datasource": datasource(MARKET), "vendor": vendor(), "bucket": bucket(),
        "apps": {"type": "array", "uniqueItems": true, "title": "Apps", "default": [], "items": {"type": "string"},
            "x-choices": {"source": "apps", "dependsOn": ["/datasource", "/vendor"]}}});
    let several = gadget("several", &[MARKET], fields);
    for (apps, expected, reason) in [
        (
            json!(["signoff"]),
            vec!["bucket"],
            Some("V1 does not offer Signoff"),
        ),
        (
            json!(["timeboard", "signoff"]),
            vec!["bucket"],
            Some("V1 does not offer Signoff"),
        ),
        (json!([]), vec!["vendor", "bucket"], None),
    ] {
        let settings = json!({"datasource": "d1", "vendor": "v2", "apps": apps});
        let shared = with(timeboard(), json!({"bucket": "day"}));
        let preview = preview_of(&shared, Tile::of("t", several.clone(), settings));
        assert_eq!(taken(&preview.tiles[0]), expected);
        let reason = reason.map(|text| (ReasonKind::Dependent, text.to_owned()));
        assert_eq!(why(&preview.tiles[0], "vendor"), reason);
    }
}

#[test]
fn fields_that_decide_too_much_at_once_are_not_shared() {
    let deciding: Vec<String> = (1..=5).map(|at| format!("f{at}")).collect();
    let mut fields: serde_json::Map<String, Value> = deciding
        .iter()
        .map(|name| {
            let field = json!({"type": "string", "title": name, "default": "", "x-semantic": name});
            (name.clone(), field)
        })
        .collect();
    let pointers: Vec<String> = deciding.iter().map(|name| format!("/{name}")).collect();
    let last = json!({"type": "string", "title": "Last", "default": "",
        "x-choices": {"source": "apps", "dependsOn": pointers}});
    fields.insert("last".to_owned(), last);
    let many = gadget("many", &[MARKET], Value::Object(fields));
    let settings = json!({"f1": "1", "f2": "2", "f3": "3", "f4": "4", "f5": "5"});
    let tile = Tile::of("t", many.clone(), json!({}));
    let preview = first(&propose(&many, &settings, &[tile]));
    let reason = preview.tiles[0].nothing.as_ref().unwrap();
    assert_eq!(reason.kind, ReasonKind::Unknown);
    assert_eq!(
        reason.text,
        "5 of its fields decide what others offer, and at most 4 can be shared at once"
    );
}

#[test]
fn a_value_that_was_already_gone_blocks_only_its_own_group() {
    let tile = Tile::of("old", app_users(), app_settings("d1", "v1", "retired"));
    let preview = preview_of(&timeboard(), tile);
    assert_eq!(taken(&preview.tiles[0]), ["period", "include"]);
    // Its app can be replaced by one that is offered.
    let tile = Tile::of("old", app_users(), app_settings("d1", "v1", "retired"));
    let proposal = propose(&app_users(), &timeboard(), &[tile]);
    let ticks = Ticks::from_iter([("old", "app")]);
    let preview = proposal.preview(Scope::AllCompatible, &ticks, &fine);
    assert_eq!(taken(&preview.tiles[0]), ["app"]);
}

#[test]
fn a_dependent_value_that_was_already_gone_still_blocks_what_it_depends_on() {
    // Both vendors offer the same: what is wrong with the app reads the same before and after.
    let tile = Tile::of("old", app_users(), app_settings("d2", "v1", "retired"));
    let shared = app_settings("d2", "v4", "timeboard");
    let preview = preview_of(&shared, tile);
    assert_eq!(taken(&preview.tiles[0]), [""; 0]);
    assert_eq!(
        why(&preview.tiles[0], "vendor"),
        Some((
            ReasonKind::Dependent,
            "V4 does not offer retired".to_owned()
        ))
    );
}

#[test]
fn a_value_is_judged_by_what_its_deciders_are_in_the_end() {
    // The vendor is not offered; with the vendor of the tile, the shared app is.
    let tile = Tile::of("t", app_users(), app_settings("d2", "v1", "retired"));
    let proposal = propose(
        &app_users(),
        &app_settings("d1", "v2", "timeboard"),
        &[tile],
    );
    let ticks = Ticks::from_iter([("t", "vendor"), ("t", "app")]);
    let preview = proposal.preview(Scope::AllCompatible, &ticks, &fine);
    assert_eq!(taken(&preview.tiles[0]), ["app"]);
}

#[test]
fn the_name_is_never_taken() {
    let tile = Tile::of(
        "t",
        app_users(),
        with(app_settings("d1", "v1", "docflow"), json!({"name": "Mine"})),
    );
    let greedy = Tile::of(
        "g",
        vendor_users(),
        json!({"datasource": "d1", "vendor": "v1", "name": "Ours"}),
    );
    let mut greedy = greedy;
    greedy.world = greedy.world.adopting(|_, shared| {
        let mut all = Adoption::all(shared);
        all.taken.insert("name".to_owned(), json!("Stolen"));
        Ok(all)
    });
    let proposal = propose(&app_users(), &timeboard(), &[tile, greedy]);
    let preview = first(&proposal);
    for tile in &preview.tiles {
        assert!(tile.fields.iter().all(|field| field.semantic != "name"));
    }
    let names: Vec<_> = apply_first(&proposal)
        .tiles
        .iter()
        .map(|tile| tile.settings["name"].clone())
        .collect();
    assert_eq!(names, ["Mine", "Ours"]);
}

#[test]
fn a_gadget_may_convert_or_refuse_with_a_reason() {
    type Adopt = fn(&Value, &BTreeMap<String, Value>) -> Result<Adoption, Error>;
    let convert: Adopt = |_, shared| {
        let mut all = Adoption::all(shared);
        all.taken.insert("bucket".to_owned(), json!("week"));
        Ok(all)
    };
    let refuse: Adopt = |_, shared| {
        let mut all = Adoption::all(shared);
        all.taken.remove("bucket");
        all.refused
            .insert("bucket".to_owned(), "I only show days".to_owned());
        Ok(all)
    };
    let silent: Adopt = |_, shared| {
        let mut all = Adoption::all(shared);
        all.taken.remove("bucket");
        Ok(all)
    };
    let wrong: Adopt = |_, shared| {
        let mut all = Adoption::all(shared);
        all.taken.insert("bucket".to_owned(), json!("decade"));
        Ok(all)
    };
    for (adopt, new, from, reason) in [
        (convert, "week", Some("day"), None),
        (
            refuse,
            "day",
            None,
            Some((ReasonKind::Refused, "I only show days")),
        ),
        (
            silent,
            "day",
            None,
            Some((ReasonKind::Refused, "the gadget does not take it")),
        ),
        (
            wrong,
            "decade",
            Some("day"),
            Some((
                ReasonKind::NotAccepted,
                "it must be one of `auto`, `day`, `week`",
            )),
        ),
    ] {
        let mut tile = Tile::of("t", app_users(), app_settings("d1", "v1", "timeboard"));
        tile.world = tile.world.adopting(adopt);
        let preview = preview_of(&with(timeboard(), json!({"bucket": "day"})), tile);
        let bucket = field(&preview.tiles[0], "bucket");
        assert_eq!(bucket.new.value, new);
        assert_eq!(
            bucket
                .converted_from
                .as_ref()
                .map(|shown| shown.value.clone()),
            from.map(Value::from)
        );
        assert_eq!(bucket.takes, reason.is_none());
        assert_eq!(
            why(&preview.tiles[0], "bucket"),
            reason.map(|(kind, text)| (kind, text.to_owned()))
        );
        assert!(field(&preview.tiles[0], "period").takes);
    }
}

#[test]
fn a_gadget_that_cannot_be_asked_costs_its_own_tile_alone() {
    let mut broken = Tile::of("broken", app_users(), app_settings("d1", "v1", "timeboard"));
    broken.world = broken
        .world
        .adopting(|_, _| Err(Error::new(ErrorKind::Panicked, "it panicked")));
    let fine = Tile::of("fine", app_users(), app_settings("d1", "v1", "timeboard"));
    let preview = first(&propose(&app_users(), &timeboard(), &[broken, fine]));
    let reason = preview.tiles[0].nothing.as_ref().unwrap();
    assert_eq!(reason.kind, ReasonKind::Unknown);
    assert_eq!(
        reason.text,
        "the gadget could not say which settings it accepts: it panicked"
    );
    assert_eq!(taken(&preview.tiles[1]), ["period", "include"]);
}

#[test]
fn choices_that_cannot_be_read_keep_what_they_decide_about() {
    for (shown, unreachable, expected) in [
        // The tile can leave a datasource that does not answer.
        ("d2", "d2", vec!["datasource", "period", "include"]),
        // It cannot go to one.
        ("d2", "d1", vec!["period", "include"]),
        // It cannot be judged on one.
        ("d1", "d1", vec![]),
    ] {
        let mut tile = Tile::of("t", app_users(), app_settings(shown, "v1", "timeboard"));
        tile.world = tile.world.without(unreachable);
        let preview = preview_of(&timeboard(), tile);
        assert_eq!(taken(&preview.tiles[0]), expected, "{shown} {unreachable}");
        if unreachable == "d1" && shown == "d2" {
            assert_eq!(
                why(&preview.tiles[0], "datasource"),
                Some((
                    ReasonKind::Unknown,
                    "its choices could not be read: no answer".to_owned()
                ))
            );
        }
    }
}

#[test]
fn a_field_that_offers_nothing_says_why_and_leaves_the_rest_to_be_taken() {
    for (shown, silent, expected) in [
        ("d2", "d1", vec!["period", "include"]),
        ("d1", "d1", vec!["period", "include"]),
        ("d2", "d2", vec!["datasource", "period", "include"]),
    ] {
        let mut tile = Tile::of("t", app_users(), app_settings(shown, "v1", "timeboard"));
        tile.world = tile.world.silent_about(silent);
        let preview = preview_of(&timeboard(), tile);
        assert_eq!(taken(&preview.tiles[0]), expected, "{shown} {silent}");
        let reason = (
            ReasonKind::Dependent,
            "Acme Marketplace does not offer V1: There was no answer".to_owned(),
        );
        if (shown, silent) == ("d2", "d1") {
            assert_eq!(why(&preview.tiles[0], "datasource"), Some(reason));
        }
    }
}
