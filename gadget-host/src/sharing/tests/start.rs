//! The sentence about a tile that is added later.

use gadget_api::{Adoption, GadgetDescription};
use serde_json::{Value, json};

use super::fixtures::*;
use crate::sharing::{SetUpTile, start_values};

fn start(gadget: GadgetDescription, tiles: &[(GadgetDescription, Value)]) -> Value {
    let tiles: Vec<_> = tiles
        .iter()
        .map(|(gadget, settings)| SetUpTile { gadget, settings })
        .collect();
    let world = World::new(gadget.clone());
    start_values(&gadget, &world, &tiles).settings
}

#[test]
fn a_tile_added_later_starts_with_the_values_that_the_dashboard_shares() {
    let timeboard = || (app_users(), app_settings("d1", "v1", "timeboard"));
    let docflow = || {
        (
            app_users(),
            with(
                app_settings("d1", "v1", "docflow"),
                json!({"bucket": "day"}),
            ),
        )
    };
    let vendor = || {
        (
            vendor_users(),
            json!({"name": "V", "datasource": "d1", "vendor": "v1", "bucket": "day"}),
        )
    };
    let tracker = || (tracker_users(), app_settings("t1", "v9", "beeper"));
    let last = json!({"kind": "last_30_days"});
    for (case, gadget, tiles, expected) in [
        ("an empty dashboard", app_users(), vec![], json!({})),
        (
            "only others",
            app_users(),
            vec![tracker(), (clock(), json!({}))],
            json!({}),
        ),
        (
            "one tile",
            app_users(),
            vec![timeboard()],
            json!({"datasource": "d1", "vendor": "v1", "app": "timeboard", "period": last, "bucket": "auto", "include": []}),
        ),
        (
            "values that more than half agree on",
            app_users(),
            vec![timeboard(), docflow(), vendor(), tracker()],
            json!({"datasource": "d1", "vendor": "v1", "period": last, "bucket": "day", "include": []}),
        ),
        (
            "a tie",
            vendor_users(),
            vec![timeboard(), docflow()],
            json!({"datasource": "d1", "vendor": "v1", "period": last, "include": []}),
        ),
        (
            "values that are no longer offered",
            app_users(),
            vec![(app_users(), app_settings("d1", "v1", "retired"))],
            json!({"datasource": "d1", "vendor": "v1", "period": last, "bucket": "auto", "include": []}),
        ),
    ] {
        assert_eq!(start(gadget, &tiles), expected, "{case}");
    }
}

#[test]
fn start_values_are_what_the_gadget_takes_and_say_which_fields_they_are() {
    let settings = json!({"datasource": "d1", "vendor": "v1"});
    let gadget = vendor_users();
    let world = World::new(gadget.clone()).adopting(|_, shared| {
        let mut all = Adoption::all(shared);
        all.refused.insert("bucket".to_owned(), "no".to_owned());
        Ok(all)
    });
    let other = vendor_users();
    let tiles = [SetUpTile {
        gadget: &other,
        settings: &settings,
    }];
    let found = start_values(&gadget, &world, &tiles);
    let fields: Vec<_> = found.fields.iter().map(|path| path.as_str()).collect();
    assert_eq!(fields, ["/datasource", "/vendor", "/period", "/include"]);
    assert!(found.settings.get("bucket").is_none());
}

#[test]
fn a_datasource_that_does_not_answer_leaves_the_rest_of_the_form() {
    let settings = json!({"datasource": "d1", "vendor": "v1", "bucket": "day"});
    let gadget = vendor_users();
    let world = World::new(gadget.clone()).without("d1");
    let tiles = [SetUpTile {
        gadget: &gadget,
        settings: &settings,
    }];
    let found = start_values(&gadget, &world, &tiles);
    assert_eq!(
        found.settings,
        json!({"period": {"kind": "last_30_days"}, "bucket": "day", "include": []})
    );
}
