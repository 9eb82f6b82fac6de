//! End to end: stand-in, HTTP, library, host, JSON, for every case of the counting rule.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Output,
};

use marketplace_sim::{Data, Options, Sim};
use serde_json::{Map, Value, json};
use workspace_tests::{EMAIL, Host, TOKEN, VENDOR, cases, library};

const KINDS: [&str; 5] = ["new", "reactivation", "expansion", "contraction", "churn"];

fn view(output: &Output) -> Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    serde_json::from_slice(&output.stdout).expect("the view is JSON")
}

fn by_id<'a>(list: &'a Value, id: &str) -> &'a Value {
    let found = list
        .as_array()
        .and_then(|list| list.iter().find(|each| each["id"] == id));
    found.unwrap_or(&Value::Null)
}

fn notice<'a>(view: &'a Value, code: &str) -> Option<&'a Value> {
    let notices = view["notices"].as_array().expect("a view has notices");
    notices.iter().find(|notice| notice["code"] == code)
}

/// Reads the numbers of a case out of a view with a bar for each day.
fn numbers(view: &Value) -> Map<String, Value> {
    let mut numbers = Map::new();
    let steps = &by_id(&view["charts"], "waterfall")["steps"];
    let mut licenses = Map::new();
    for id in ["opening", "closing"].into_iter().chain(KINDS) {
        let step = by_id(steps, id);
        let value = step["value"].as_i64().expect("a step has an integer");
        numbers.insert(id.to_owned(), json!(value.abs()));
        match step["licenses"].as_u64() {
            Some(count) if count > 0 => drop(licenses.insert(id.to_owned(), json!(count))),
            _ => {}
        }
    }
    numbers.insert("licenses".to_owned(), Value::Object(licenses));
    for id in ["gained", "lost", "net", "users_now"] {
        numbers.insert(id.to_owned(), by_id(&view["figures"], id)["value"].clone());
    }
    let now = by_id(&view["figures"], "users_now");
    numbers.insert("users_week_ago".to_owned(), now["previous"].clone());
    numbers.insert("users_now_low".to_owned(), now["low"].clone());
    let rows = by_id(&view["tables"], "excluded")["rows"].clone();
    let excluded: Map<String, Value> = rows
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| {
            (
                row[0].as_str().unwrap_or_default().to_owned(),
                row[2].clone(),
            )
        })
        .collect();
    numbers.insert("excluded".to_owned(), Value::Object(excluded));
    for code in [
        "no_id",
        "refund_without_sale",
        "unexplained",
        "by_sales_only",
        "may_still_renew",
        "unlimited",
    ] {
        let count = notice(view, code).map_or(json!(0), |notice| notice["count"].clone());
        numbers.insert(code.to_owned(), count);
    }
    let renewing =
        notice(view, "may_still_renew").map_or(json!(0), |notice| notice["licenses"].clone());
    numbers.insert("may_still_renew_licenses".to_owned(), renewing);
    numbers.insert(
        "daily".to_owned(),
        daily(by_id(&view["charts"], "movements")),
    );
    numbers
}

fn daily(chart: &Value) -> Value {
    let mut daily: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let starts = chart["starts"].as_array().expect("a chart has starts");
    for kind in KINDS {
        let values = by_id(&chart["series"], kind)["values"].clone();
        for (start, value) in starts.iter().zip(values.as_array().into_iter().flatten()) {
            if *value != json!(0) {
                let day = start.as_str().expect("a start is a date").to_owned();
                daily
                    .entry(day)
                    .or_default()
                    .insert(kind.to_owned(), value.clone());
            }
        }
    }
    json!(daily)
}

/// Starts a stand-in that serves a case.
fn stand_in(case: &Value) -> Sim {
    let today = case["today"].as_str().expect("a case has a day");
    let data = Data::case(&case.to_string()).expect("the stand-in reads the case");
    let options = Options::new()
        .data(data)
        .today(today.parse().expect("the day is a date"))
        .vendor(VENDOR)
        .account(EMAIL, TOKEN);
    Sim::start(options).expect("the stand-in starts on loopback")
}

/// Returns the settings of a case for all apps, with a bar for each day.
fn settings_of(case: &Value) -> Value {
    let mut settings = case["settings"].clone();
    settings["vendor"] = json!(VENDOR);
    settings["bucket"] = json!("day");
    settings
}

/// Returns the numbers of a view that add up over the apps of a vendor.
fn sums(view: &Value) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    let mut add = |id: String, value: &Value| {
        let value = value.as_i64().expect("users are integers");
        sums.insert(id, value);
    };
    for id in ["users_now", "gained", "lost", "net"] {
        let figure = by_id(&view["figures"], id);
        add(id.to_owned(), &figure["value"]);
        add(format!("{id} before"), &figure["previous"]);
    }
    let waterfall = by_id(&view["charts"], "waterfall");
    for step in waterfall["steps"].as_array().expect("there are steps") {
        add(format!("step {}", step["id"]), &step["value"]);
    }
    let movements = by_id(&view["charts"], "movements");
    for series in movements["series"].as_array().expect("there are series") {
        let values = series["values"].as_array().into_iter().flatten();
        for (value, start) in values.zip(movements["starts"].as_array().into_iter().flatten()) {
            add(format!("{} of {start}", series["id"]), value);
        }
    }
    sums
}

#[test]
fn the_users_of_a_vendor_are_the_sum_of_app_users_over_its_apps() {
    let library = library("app-users-gadget", &[]);
    for (name, case) in cases() {
        let host = Host::new(library.directory());
        let sim = stand_in(&case);
        let today = case["today"].as_str().expect("a case has a day");
        let mut settings = settings_of(&case);
        let render = |gadget: &str, settings: &Value, more: &[&str]| {
            let more = [&["--today", today], more].concat();
            view(&host.render_gadget(gadget, &sim.base_url(), settings, &more))
        };
        let vendor = render("vendor-users", &settings, &[]);
        let rows = &by_id(&vendor["tables"], "apps")["rows"];
        let rows = rows.as_array().expect("a view of a vendor has its apps");
        let keys: BTreeSet<&str> = rows.iter().filter_map(|row| row[0].as_str()).collect();
        let rows_of_case = ["licenses", "transactions"].map(|list| case[list].as_array());
        let rows_of_case = rows_of_case.into_iter().flatten().flatten();
        let named: BTreeSet<&str> = rows_of_case
            .filter_map(|row| row["addonKey"].as_str())
            .collect();
        assert_eq!(keys, named, "{name}");

        let mut sum = BTreeMap::new();
        for row in rows {
            settings["app"] = row[0].clone();
            // The data that the vendor's gadget has read serves each app.
            let alone = render("app-users", &settings, &["--offline"]);
            let figure = |id: &str, what: &str| by_id(&alone["figures"], id)[what].clone();
            let expected = [
                figure("users_now", "value"),
                figure("users_now", "previous"),
                figure("gained", "value"),
                figure("lost", "value"),
                figure("net", "value"),
            ];
            let cells = row.as_array().expect("a row is a list");
            assert_eq!(cells[2..], expected, "{name}: {}", row[0]);
            for (id, value) in sums(&alone) {
                *sum.entry(id).or_insert(0) += value;
            }
        }
        assert_eq!(sums(&vendor), sum, "{name}");
    }
}

#[test]
fn every_case_gives_its_numbers_from_the_stand_in_to_the_view() {
    let library = library("app-users-gadget", &[]);
    for (name, case) in cases() {
        let host = Host::new(library.directory());
        let sim = stand_in(&case);
        let today = case["today"].as_str().expect("a case has a day");
        let mut settings = settings_of(&case);
        settings["app"] = case["app"].clone();
        let output = host.render(&sim.base_url(), &settings, &["--today", today]);
        let view = view(&output);
        let numbers = numbers(&view);
        let expected = case["expected"]
            .as_object()
            .expect("a case says what it expects");
        for (key, value) in expected {
            match key.as_str() {
                "merged_rows" => {
                    let merged =
                        notice(&view, key).map_or(json!(0), |notice| notice["count"].clone());
                    assert_eq!(merged, *value, "{name}: {key}");
                }
                // These are texts; the unit tests of the counting rule check them.
                "tier_not_understood" | "unknown_license_type" => {}
                _ => assert_eq!(numbers.get(key), Some(value), "{name}: {key}"),
            }
        }

        let offline = host.render(&sim.base_url(), &settings, &["--today", today, "--offline"]);
        assert_eq!(output.stdout, offline.stdout, "{name}: offline differs");
    }
}
