//! Days that go on: what a later sync sees.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use marketplace_sim::{Changes, Data, FixedData, Options};
use serde_json::{Value, json};

use crate::client::{self, Api};

const ALL: &str = "cloudComplianceBoundaries=commercial&cloudComplianceBoundaries=fedramp_moderate&cloudComplianceBoundaries=isolated_cloud";

fn today() -> NaiveDate {
    "2026-11-20".parse().unwrap()
}

fn start(licenses: u32) -> Api {
    let data = Data::sample(licenses, 1);
    Api::start(Options::new().data(data).today(today()))
}

const LISTS: [(&str, &str); 2] = [
    ("licenses", "includeAtlassianLicenses=true"),
    ("sales/transactions", "includeManualInvoice=true"),
];

/// All rows of both lists, by list and number of the license or id of the sale.
fn rows(api: &Api, query: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (list, hidden) in LISTS {
        for (at, row) in api
            .exported_rows(list, &format!("{ALL}&{hidden}&{query}"))
            .into_iter()
            .enumerate()
        {
            let ids = ["transactionLineItemId", "licenseId", "appEntitlementNumber"];
            let id = ids.iter().find_map(|name| row[*name].as_str());
            // Only the edge cases, which never change, lack ids or share them.
            let mut key = format!("{list} {}", id.map_or(at.to_string(), str::to_owned));
            while found.contains_key(&key) {
                key.push('+');
            }
            found.insert(key, row);
        }
    }
    found
}

fn updated(row: &Value) -> NaiveDate {
    row["lastUpdated"].as_str().unwrap().parse().unwrap()
}

#[test]
fn exactly_the_asked_number_of_rows_differs_from_the_day_before() {
    let api = start(1_500);
    let mut before = rows(&api, "");
    let (mut late, mut gained, mut dated_only) = (0, 0, 0);
    for (step, count) in [1, 2, 37, 200].into_iter().enumerate() {
        let day = api.sim.advance(Changes::rows(count)).unwrap();
        assert_eq!(day.today, api.sim.today());
        assert_eq!(day.today, today() + TimeDelta::days(step as i64 + 1));
        let after = rows(&api, "");
        let added: Vec<_> = after
            .iter()
            .filter(|(key, _)| !before.contains_key(*key))
            .collect();
        let removed = before
            .keys()
            .filter(|key| !after.contains_key(*key))
            .count();
        let changed: Vec<_> = after
            .iter()
            .filter(|(key, row)| before.get(*key).is_some_and(|old| old != *row))
            .collect();
        let found = [changed.len(), added.len(), removed].map(|count| count as u32);
        assert_eq!(found, [day.changed, day.added, day.removed], "{day:?}");
        assert_eq!(found.iter().sum::<u32>(), count, "{day:?}");
        for (_, row) in changed.iter().chain(&added) {
            let age = (day.today - updated(row)).num_days();
            assert!((0..=2).contains(&age), "{row}");
            late += u32::from(age > 0);
        }
        for (key, row) in &changed {
            let old = &before[*key];
            assert!(updated(old) < updated(row), "{old} {row}");
            let has_number = |row: &Value| row.get("appEntitlementNumber").is_some();
            gained += u32::from(!has_number(old) && has_number(row));
            let mut same = old.clone();
            same["lastUpdated"] = row["lastUpdated"].clone();
            dated_only += u32::from(same == **row);
        }
        if count > 100 {
            assert!(found.iter().all(|count| *count > 5), "{day:?}");
            assert!(
                late > 20 && gained > 3 && dated_only > 5,
                "{late} {gained} {dated_only}"
            );
        }
        before = after;
    }
}

#[test]
fn a_request_for_the_last_days_returns_what_changed_and_nothing_older() {
    let api = start(900);
    let before = rows(&api, "");
    for _ in 0..3 {
        api.sim.advance(Changes::rows(60)).unwrap();
    }
    let since = today() - TimeDelta::days(1);
    let after = rows(&api, "");
    let asked = rows(&api, &format!("lastUpdated={since}"));
    assert!(asked.values().all(|row| updated(row) >= since));
    let expected = after.iter().filter(|(_, row)| updated(row) >= since);
    assert!(expected.eq(asked.iter()));
    let differs = |(key, row): &(&String, &Value)| before.get(*key) != Some(*row);
    assert!(
        after
            .iter()
            .filter(differs)
            .all(|(key, _)| asked.contains_key(key))
    );
}

#[test]
fn the_same_days_give_the_same_bytes() {
    let texts = [1, 1, 2].map(|seed| {
        let data = Data::sample(300, seed);
        let api = Api::start(Options::new().data(data).today(today()));
        api.sim.advance(Changes::usual()).unwrap();
        api.sim.advance(Changes::rows(30)).unwrap();
        api.export("licenses", ALL) + &api.export("sales/transactions", ALL)
    });
    assert!(texts[0] == texts[1]);
    assert!(texts[0] != texts[2]);
}

#[test]
fn an_export_that_was_started_keeps_its_day() {
    let api = start(200);
    let path = "/reporting/developer-space/{d}/licenses/async/export";
    let (_, started) = api.post(&format!("{path}?accept=json&{ALL}"), "");
    let id = started["export"]["id"].as_str().unwrap();
    let before = api.export("licenses", ALL);
    api.sim.advance(Changes::rows(50)).unwrap();
    // The first export was completed before the second one.
    let download = api.get(&format!("{path}/{id}"));
    assert!(download.text().unwrap() == before);
    assert!(api.export("licenses", ALL) != before);
}

#[test]
fn a_vendor_without_licenses_gains_some() {
    let api = start(0);
    let day = api.sim.advance(Changes::rows(7)).unwrap();
    assert_eq!((day.changed, day.added, day.removed), (0, 7, 0));
    assert_eq!(rows(&api, "").len(), 7);
}

#[test]
fn a_day_goes_by_on_request_whatever_the_faults() {
    let api = start(300);
    api.sim.set_faults(marketplace_sim::Fault::Hang);
    let root = api.sim.base_url().replace("/marketplace", "");
    let post = |query: &str| {
        let request = api.client.post(format!("{root}/__control/advance{query}"));
        client::answer(request.send().unwrap())
    };
    let (status, day) = post("");
    assert_eq!(
        (status, &day["revision"], &day["today"]),
        (200, &json!(1), &json!("2026-11-21"))
    );
    let (status, day) = post("?days=3&changes=25");
    assert_eq!(
        (status, &day["revision"], &day["today"]),
        (200, &json!(4), &json!("2026-11-24"))
    );
    let sum: u64 = ["changed", "added", "removed"]
        .iter()
        .map(|name| day[*name].as_u64().unwrap())
        .sum();
    assert_eq!(sum, 25);
    for query in ["?days=0", "?days=x", "?changes=-1"] {
        assert_eq!(post(query).0, 400, "{query}");
    }
    assert!(api.sim.requests().is_empty());
    api.sim.replace_data(&Data::nothing());
    assert_eq!(post("").0, 409);
    assert_eq!(api.sim.advance(Changes::usual()), Err(FixedData));
    let get = api
        .client
        .get(format!("{root}/__control/advance"))
        .send()
        .unwrap();
    assert_eq!(get.status().as_u16(), 405);
}
