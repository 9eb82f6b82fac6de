//! A second sync of the same day reads everything only if something changed.

use gadget_api::{Blob, testing::Canned};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{super::*, TODAY, at, export, license, run, space, users_now};
use crate::{Cache, Day, Rules};

/// What a list has: all rows, and those that were updated lately.
struct Lists {
    licenses: Vec<Value>,
    transactions: Vec<Value>,
}

impl Lists {
    fn of(licenses: &[Value]) -> Self {
        Self {
            licenses: licenses.to_vec(),
            transactions: Vec::new(),
        }
    }

    fn updated_since(&self, since: &str) -> Self {
        let recent = |rows: &[Value]| {
            let is_recent = |row: &&Value| row["lastUpdated"].as_str() >= Some(since);
            rows.iter().filter(is_recent).cloned().collect()
        };
        Self {
            licenses: recent(&self.licenses),
            transactions: recent(&self.transactions),
        }
    }

    /// Adds the exports of these lists, the newer licenses second, as they are started.
    fn exports(&self, services: Canned, prefix: &str) -> Canned {
        let name = |list: &str| format!("{prefix}-{list}");
        let licenses = json!(self.licenses).to_string();
        let services = export(services, "licenses", &name("old"), "[]");
        let services = export(services, "licenses", &name("recent"), licenses);
        let transactions = json!(self.transactions).to_string();
        export(services, "sales/transactions", &name("sales"), transactions)
    }
}

/// Services that answer a first sync with these lists.
fn first(lists: &Lists) -> Canned {
    lists.exports(space(), "all")
}

/// Services over the same store that answer a request for changes, and then one for everything.
fn second(first: &Canned, lists: &Lists, since: &str) -> Canned {
    let services = lists.updated_since(since).exports(space(), "changes");
    let services = lists.exports(services, "all");
    for blob in first.blob_list("").unwrap() {
        let Blob { bytes, .. } = first.blob_get(&blob.name).unwrap().unwrap();
        services.blob_put(&blob.name, &bytes, 0).unwrap();
    }
    services
}

/// Returns the days that exports were asked to start from, one for each export.
fn asked_since(services: &Canned) -> Vec<Option<String>> {
    let requests = services.requests();
    let exports = requests
        .iter()
        .filter(|request| request.path().ends_with("/async/export"));
    let since = |request: &gadget_api::Request| {
        let mut query = request.query().iter();
        let found = query.find(|(name, _)| name == "lastUpdated");
        found.map(|(_, day)| day.clone())
    };
    exports.map(since).collect()
}

/// The names of the stored parts.
fn parts(services: &Canned) -> Vec<String> {
    let names = services.blob_list("").unwrap().into_iter();
    let mut names: Vec<String> = names.map(|blob| blob.name).collect();
    names.retain(|name| name.contains("/part."));
    names
}

#[test]
fn a_sync_without_changes_reads_only_what_was_updated_lately() {
    let mut older = license(2, 100);
    older["lastUpdated"] = json!("2026-08-01");
    let lists = Lists::of(&[license(1, 50), older]);
    let before = first(&lists);
    run(&before).unwrap();
    assert_eq!(asked_since(&before), [None, None, None]);
    let after = second(&before, &lists, "2026-10-31");
    let refreshed = run(&after).unwrap();
    assert_eq!(refreshed.stale, None);
    assert_eq!(asked_since(&after), vec![Some("2026-10-31".to_owned()); 3]);
    assert_eq!(parts(&after), parts(&before));
    assert_eq!(users_now(&after, refreshed.snapshot.as_ref()), 150);
}

#[test]
fn any_change_reads_everything() {
    let before_lists = Lists::of(&[license(1, 50)]);
    let mut without_day = license(2, 50);
    without_day.as_object_mut().unwrap().remove("lastUpdated");
    without_day["licenseId"] = json!("SEN-1");
    let changes = [
        vec![license(1, 100)],
        vec![license(1, 50), license(2, 100)],
        vec![license(1, 50), without_day],
    ];
    for licenses in changes {
        let before = first(&before_lists);
        run(&before).unwrap();
        let lists = Lists::of(&licenses);
        let mut services = lists.exports(space(), "changes");
        services = lists.exports(services, "all");
        for blob in before.blob_list("").unwrap() {
            let Blob { bytes, .. } = before.blob_get(&blob.name).unwrap().unwrap();
            services.blob_put(&blob.name, &bytes, 0).unwrap();
        }
        run(&services).unwrap();
        assert_eq!(asked_since(&services).len(), 6, "{licenses:?}");
    }
}

#[test]
fn the_first_sync_of_a_day_reads_everything() {
    let lists = Lists::of(&[license(1, 50)]);
    let before = first(&lists);
    let clock = Canned::default();
    let context = clock.refresh_context("2026-11-19");
    let cache = Cache::default();
    sync(&before, &cache, "1212980", context.today(), context.now()).unwrap();
    let after = second(&before, &Lists::of(&[]), "2026-10-31");
    // The answers to a request for changes serve the request for everything here.
    run(&after).unwrap();
    assert_eq!(asked_since(&after), [None, None, None]);
    assert_eq!(users_now(&after, None), 0);
}

#[test]
fn changes_that_cannot_be_read_are_a_reason_to_read_everything() {
    let lists = Lists::of(&[license(1, 50)]);
    let before = first(&lists);
    run(&before).unwrap();
    let broken = space().with_answer(&at("licenses/async/export"), 500, "{}");
    let services = Lists::of(&[license(1, 250)]).exports(broken, "all");
    for blob in before.blob_list("").unwrap() {
        let Blob { bytes, .. } = before.blob_get(&blob.name).unwrap().unwrap();
        services.blob_put(&blob.name, &bytes, 0).unwrap();
    }
    let refreshed = run(&services).unwrap();
    assert_eq!(refreshed.stale, None);
    assert_eq!(users_now(&services, None), 250);
}

/// A change of a row: what it says, and the day of its update.
fn histories() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
    let row = (1..30_u32, 1..5_u32, 1..28_u8).prop_map(|(number, tens, day)| {
        let mut row = license(number, tens * 10);
        row["lastUpdated"] = json!(format!("2026-11-{:02}", day.min(20)));
        row
    });
    let rows = proptest::collection::btree_map(1..30_u32, row, 0..12);
    (
        rows,
        proptest::collection::vec((1..30_u32, 1..5_u32, any::<bool>()), 0..3),
    )
        .prop_map(|(rows, changes)| {
            let mut rows = rows;
            for (number, row) in &mut rows {
                row["licenseId"] = json!(format!("SEN-{number}"));
            }
            let before: Vec<Value> = rows.values().cloned().collect();
            for (number, tens, is_new) in changes {
                if is_new || rows.contains_key(&number) {
                    let mut row = license(number, tens * 10);
                    row["lastUpdated"] = json!(TODAY);
                    rows.insert(number, row);
                }
            }
            (before, rows.into_values().collect())
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_sync_that_asks_for_changes_gives_what_reading_everything_gives((old, new) in histories()) {
        let before = first(&Lists::of(&old));
        run(&before).unwrap();
        let newest = old.iter().filter_map(|row| row["lastUpdated"].as_str()).max();
        let since = newest.map_or(TODAY.to_owned(), |newest| {
            Day::parse(newest).unwrap().plus(-2).to_string()
        });
        let asked = second(&before, &Lists::of(&new), &since);
        run(&asked).unwrap();
        let read = first(&Lists::of(&new));
        run(&read).unwrap();
        let counted = |services: &Canned| {
            let cache = Cache::default();
            let loaded = cache.load(services, "1212980", None).unwrap();
            let day = Day::parse(TODAY).unwrap();
            let totals = cache.totals(services, &loaded, &Rules::default(), day).unwrap();
            (loaded.snapshot.row_counts(), totals)
        };
        prop_assert_eq!(counted(&asked), counted(&read));
    }
}
