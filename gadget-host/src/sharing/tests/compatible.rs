//! Sentences about who can take what.

use serde_json::json;

use super::fixtures::*;
use crate::sharing::{Incompatible, ReasonKind, can_share, compatibility};

fn shared(
    sharer: &gadget_api::GadgetDescription,
    receiver: &gadget_api::GadgetDescription,
) -> Vec<String> {
    compatibility(sharer, receiver).map_or_else(
        |_| Vec::new(),
        |found| {
            found
                .fields
                .into_iter()
                .map(|field| field.semantic)
                .collect()
        },
    )
}

#[test]
fn only_forms_with_a_meaning_end_with_sharing() {
    let text = json!({"type": "string", "title": "Text", "default": ""});
    for (gadget, expected) in [
        (app_users(), true),
        (clock(), true),
        (gadget("note", &[], json!({"text": text})), false),
        (gadget("named", &[], json!({"name": name()})), false),
        (gadget("empty", &[], json!({})), false),
    ] {
        assert_eq!(can_share(&gadget), expected, "{}", gadget.manifest.id);
    }
}

#[test]
fn compatible_are_gadgets_of_one_datasource_kind_that_mean_the_same_by_the_same_type() {
    let text_period =
        json!({"type": "string", "title": "Period", "x-semantic": "period", "default": ""});
    let other_tag = json!({"title": "Period", "x-semantic": "period", "default": {"type": "a"}, "oneOf": [
        {"type": "object", "title": "A", "additionalProperties": false, "required": ["type"],
            "properties": {"type": {"const": "a", "default": "a"}}}]});
    let texts = json!({"type": "array", "uniqueItems": true, "title": "Bucket", "x-semantic": "bucket", "default": [], "items": {"type": "string"}});
    let alone =
        json!({"type": "boolean", "title": "Alone", "default": true, "x-semantic": "alone"});
    // No such gadget is loaded; sharing does not rest on that.
    let mut secret = gadget("secret", &[MARKET], json!({"bucket": bucket()}));
    secret.schema["properties"]["bucket"]["writeOnly"] = json!(true);
    let cases = [
        (
            "itself",
            app_users(),
            Ok(vec![
                "datasource",
                "vendor",
                "app",
                "period",
                "bucket",
                "include",
            ]),
        ),
        (
            "fewer meanings",
            vendor_users(),
            Ok(vec!["datasource", "vendor", "period", "bucket", "include"]),
        ),
        (
            "a kind among several",
            gadget("both", &[TRACKER, MARKET], json!({"period": period()})),
            Ok(vec!["period"]),
        ),
        (
            "another field name",
            gadget("renamed", &[MARKET], json!({"span": period()})),
            Ok(vec!["period"]),
        ),
        (
            "another kind",
            tracker_users(),
            Err("it reads a different kind of datasource: `tracker`"),
        ),
        ("no kind", clock(), Err("it reads no datasource")),
        (
            "no field",
            gadget("empty", &[MARKET], json!({})),
            Err("none of its settings has the same meaning"),
        ),
        (
            "no equal meaning",
            gadget("alone", &[MARKET], json!({"alone": alone})),
            Err("none of its settings has the same meaning"),
        ),
        (
            "only the name",
            gadget("named", &[MARKET], json!({"name": name()})),
            Err("none of its settings has the same meaning"),
        ),
        (
            "only a secret",
            secret,
            Err("none of its settings has the same meaning"),
        ),
        (
            "a text for a choice by kind",
            gadget("odd", &[MARKET], json!({"period": text_period})),
            Err("its settings with the same meaning have a different type: `period`"),
        ),
        (
            "another tag",
            gadget("odd", &[MARKET], json!({"period": other_tag})),
            Err("its settings with the same meaning have a different type: `period`"),
        ),
        (
            "a list for a text",
            gadget("odd", &[MARKET], json!({"bucket": texts})),
            Err("its settings with the same meaning have a different type: `bucket`"),
        ),
        (
            "one of two types",
            gadget(
                "half",
                &[MARKET],
                json!({"period": text_period, "bucket": bucket()}),
            ),
            Ok(vec!["bucket"]),
        ),
        (
            "a datasource of another kind",
            gadget(
                "both",
                &[TRACKER, MARKET],
                json!({"datasource": datasource(TRACKER), "bucket": bucket()}),
            ),
            Ok(vec!["bucket"]),
        ),
    ];
    for (case, receiver, expected) in cases {
        let found = compatibility(&app_users(), &receiver);
        let found = found.map(|found| {
            found
                .fields
                .into_iter()
                .map(|field| field.semantic)
                .collect::<Vec<_>>()
        });
        let expected = expected
            .map(|fields: Vec<&str>| fields.into_iter().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(
            found.map_err(|error: Incompatible| error.to_string()),
            expected.map_err(str::to_owned),
            "{case}"
        );
    }
    assert_eq!(shared(&clock(), &clock()), [""; 0]);
    assert_eq!(shared(&clock(), &app_users()), [""; 0]);
}

#[test]
fn the_field_of_the_name_is_not_shared_whatever_it_means() {
    let label = json!({"type": "string", "title": "Name", "default": "", "x-semantic": "label"});
    let fields = json!({"name": label, "bucket": bucket()});
    let gadget = gadget("labelled", &[MARKET], fields);
    assert_eq!(shared(&gadget, &gadget), ["bucket"]);
}

#[test]
fn a_field_that_says_so_is_never_shared() {
    let label = json!({"type": "string", "title": "Label", "default": "", "x-semantic": "label", "x-share": "never"});
    let fields = json!({"label": label, "bucket": bucket()});
    let gadget = gadget("labelled", &[MARKET], fields);
    assert_eq!(shared(&gadget, &gadget), ["bucket"]);
}

#[test]
fn a_datasource_is_shared_only_within_its_kind_even_where_a_field_does_not_name_it() {
    let mut unnamed = datasource(MARKET);
    unnamed.as_object_mut().unwrap().remove("x-datasource-kind");
    let fields = json!({"datasource": unnamed, "bucket": bucket()});
    let one = gadget("one", &[MARKET], fields.clone());
    let several = gadget("several", &[MARKET, TRACKER], fields);
    assert_eq!(shared(&app_users(), &one), ["datasource", "bucket"]);
    assert_eq!(shared(&app_users(), &several), ["bucket"]);
    assert_eq!(shared(&several, &one), ["bucket"]);
}

#[test]
fn a_datasource_is_shared_only_with_a_field_of_its_kind() {
    let of = |kind| {
        let fields = json!({"datasource": datasource(kind), "bucket": bucket()});
        gadget("several", &[MARKET, TRACKER], fields)
    };
    for (receiver, expected) in [
        (of(MARKET), vec!["datasource", "bucket"]),
        (of(TRACKER), vec!["bucket"]),
    ] {
        assert_eq!(shared(&app_users(), &receiver), expected);
        assert_eq!(shared(&receiver, &app_users()), expected);
    }
}

#[test]
fn incompatible_tiles_are_shown_and_untouched() {
    let text_period =
        json!({"type": "string", "title": "Period", "x-semantic": "period", "default": ""});
    let tiles = [
        Tile::of(
            "tracker",
            tracker_users(),
            app_settings("t1", "v1", "timeboard"),
        ),
        Tile::of("clock", clock(), json!({})),
        Tile::of(
            "odd",
            gadget("odd", &[MARKET], json!({"period": text_period})),
            json!({}),
        ),
        Tile::of("empty", gadget("empty", &[MARKET], json!({})), json!({})),
    ];
    let proposal = propose(&app_users(), &app_settings("d1", "v1", "timeboard"), &tiles);
    let preview = first(&proposal);
    let found: Vec<_> = preview
        .tiles
        .iter()
        .map(|tile| (tile.tile.as_str(), tile.nothing.as_ref().unwrap().kind))
        .collect();
    assert_eq!(
        found,
        [
            ("tracker", ReasonKind::OtherDatasourceKind),
            ("clock", ReasonKind::OtherDatasourceKind),
            ("odd", ReasonKind::OtherType),
            ("empty", ReasonKind::NoSharedSemantic),
        ]
    );
    assert_eq!((preview.compatible, preview.changes), (0, 0));
    assert_eq!(apply_first(&proposal).tiles, []);
}

#[test]
fn a_field_of_another_type_is_shown_and_untouched_while_the_others_are_taken() {
    let text_period =
        json!({"type": "string", "title": "Period", "x-semantic": "period", "default": "short"});
    let half = gadget(
        "half",
        &[MARKET],
        json!({"period": text_period, "bucket": bucket()}),
    );
    let tiles = [Tile::of("half", half, json!({"period": "long"}))];
    let settings = with(
        app_settings("d1", "v1", "timeboard"),
        json!({"bucket": "week"}),
    );
    let proposal = propose(&app_users(), &settings, &tiles);
    let preview = first(&proposal);
    assert_eq!(taken(&preview.tiles[0]), ["bucket"]);
    assert_eq!(
        why(&preview.tiles[0], "period"),
        Some((
            ReasonKind::OtherType,
            "it has a different type: text, not choice by `kind`".to_owned()
        ))
    );
    assert_eq!(
        apply_first(&proposal).tiles[0].settings,
        json!({"period": "long", "bucket": "week"})
    );
}
