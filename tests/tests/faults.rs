//! A Marketplace that misbehaves: named errors or the last good data, never wrong numbers, never a secret.

use std::{fs, path::Path, process::Output, thread};

use marketplace_sim::{Faults, Sim};
use serde_json::{Value, json};
use workspace_tests::{Host, TOKEN, VENDOR, library, small_vendor};

fn stand_in(faults: &str) -> Sim {
    let options = small_vendor().faults(named(faults));
    Sim::start(options).expect("the stand-in starts on loopback")
}

fn named(faults: &str) -> Faults {
    faults
        .parse()
        .expect("a test names faults that the stand-in has")
}

fn settings() -> Value {
    json!({"vendor": VENDOR, "app": "com.acme.timeboard"})
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn view(output: &Output, exit: i32, what: &str) -> Value {
    assert_eq!(
        output.status.code(),
        Some(exit),
        "{what}: {}",
        stderr(output)
    );
    serde_json::from_slice(&output.stdout).expect("the view is JSON")
}

fn by_id<'a>(list: &'a Value, id: &str) -> &'a Value {
    let found = list
        .as_array()
        .and_then(|list| list.iter().find(|each| each["id"] == id));
    found.unwrap_or(&Value::Null)
}

fn notice<'a>(view: &'a Value, code: &str) -> &'a Value {
    let found = view["notices"]
        .as_array()
        .and_then(|list| list.iter().find(|each| each["code"] == code));
    found.unwrap_or(&Value::Null)
}

/// Tells whether bytes contain the token, as it is or as Basic authentication encodes it.
fn holds_secret(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.contains(TOKEN) || text.contains("cGFydG5lckBhY21lLmV4YW1wbGU6")
}

fn assert_token_is_not_printed(output: &Output, what: &str) {
    assert!(
        !holds_secret(&output.stdout),
        "{what}: the token is on standard output"
    );
    assert!(
        !holds_secret(&output.stderr),
        "{what}: the token is on standard error"
    );
}

/// Checks that no file of the host contains the token or a contact person of the sample data.
fn assert_no_leaks(directory: &Path) {
    for entry in fs::read_dir(directory).expect("an own directory can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            assert_no_leaks(&path);
        } else if path
            .file_name()
            .is_none_or(|name| name != "datasource.json")
        {
            let bytes = fs::read(&path).expect("an own file can be read");
            assert!(!holds_secret(&bytes), "{} holds the token", path.display());
            let is_library = path.extension().is_some_and(|extension| extension == "so");
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                is_library || !text.contains(".example"),
                "{} holds an address of a person",
                path.display()
            );
        }
    }
}

#[test]
fn a_fault_ends_with_its_exit_code_or_shows_the_last_good_data_as_stale() {
    let library = library("app-users-gadget", &[]);
    thread::scope(|scope| {
        for (faults, exit, word) in [
            ("unauthorized", 5, "token"),
            ("forbidden-all", 5, "403"),
            ("bad-gateway-always", 6, "502"),
            ("truncated", 6, "truncated"),
            ("truncated-json", 6, ""),
            ("redirect", 6, "redirect"),
            ("login-page", 6, ""),
            ("empty", 6, ""),
            ("export-forbidden,endless-paging", 6, ""),
            ("export-forbidden,looping-next", 6, ""),
            ("oversized", 6, "larger"),
            ("gzip-bomb", 6, "larger"),
            ("rate-limit-long", 7, "again in"),
            ("deep-json", 6, ""),
            ("wrong-content-type", 6, ""),
        ] {
            let gadgets = library.directory();
            scope.spawn(move || one_fault(gadgets, faults, exit, word));
        }
    });
}

fn one_fault(gadgets: &Path, faults: &str, exit: i32, word: &str) {
    let sim = stand_in("");
    let good = Host::new(gadgets);
    let fresh = view(&good.render(&sim.base_url(), &settings(), &[]), 0, faults);

    sim.set_faults(named(faults));
    let new = Host::new(gadgets);
    let output = new.render(&sim.base_url(), &settings(), &["--timeout", "60"]);
    assert_eq!(
        output.status.code(),
        Some(exit),
        "{faults}: {}",
        stderr(&output)
    );
    assert!(
        output.stdout.is_empty(),
        "{faults}: only a view goes to standard output"
    );
    assert!(
        stderr(&output).contains(word),
        "{faults}: {}",
        stderr(&output)
    );
    assert_token_is_not_printed(&output, faults);
    assert_no_leaks(new.data());

    // Where there is earlier data, every fault leads to that data.
    let output = good.render(&sim.base_url(), &settings(), &["--timeout", "60"]);
    let stale = view(&output, 3, faults);
    for part in ["figures", "charts", "tables"] {
        assert_eq!(stale[part], fresh[part], "{faults}: {part}");
    }
    assert_eq!(stale["sources"][0]["state"], "stale", "{faults}");
    assert!(stale["sources"][0]["reason"].is_string(), "{faults}");
    assert_token_is_not_printed(&output, faults);
    let offline = good.render(&sim.base_url(), &settings(), &["--offline"]);
    assert_eq!(
        offline.stdout, output.stdout,
        "{faults}: offline shows what the refresh showed"
    );
    assert_no_leaks(good.data());
}

#[test]
fn faults_that_can_be_worked_around_leave_the_numbers_as_they_are() {
    let library = library("app-users-gadget", &[]);
    let sim = stand_in("");
    let host = Host::new(library.directory());
    let fresh = view(&host.render(&sim.base_url(), &settings(), &[]), 0, "none");
    thread::scope(|scope| {
        for faults in [
            "rate-limit",
            "rate-limit-date",
            "bad-gateway",
            "export-failed",
            "export-forbidden",
            "ignore-filters",
            "duplicate-rows",
            "no-listing",
            "metrics-other-field",
        ] {
            let (library, fresh) = (&library, &fresh);
            scope.spawn(move || {
                let sim = stand_in(faults);
                let host = Host::new(library.directory());
                let shown = view(&host.render(&sim.base_url(), &settings(), &[]), 0, faults);
                for part in ["figures", "charts", "tables"] {
                    assert_eq!(shown[part], fresh[part], "{faults}: {part}");
                }
            });
        }
    });
}

#[test]
fn without_the_right_to_transactions_the_view_says_so_and_counts_licenses() {
    let library = library("app-users-gadget", &[]);
    let sim = stand_in("forbidden-transactions");
    let host = Host::new(library.directory());
    let shown = view(&host.render(&sim.base_url(), &settings(), &[]), 0, "403");
    assert!(notice(&shown, "no_transactions")["text"].is_string());
    assert_eq!(
        by_id(&shown["sources"], "transactions")["state"],
        "unavailable"
    );
    assert!(by_id(&shown["figures"], "users_now")["value"].as_i64() > Some(0));
}

#[test]
fn without_metrics_the_rest_is_shown_with_the_reason() {
    let library = library("app-users-gadget", &[]);
    let sim = stand_in("no-metrics");
    let host = Host::new(library.directory());
    let shown = view(
        &host.render(&sim.base_url(), &settings(), &[]),
        0,
        "no-metrics",
    );
    assert!(notice(&shown, "no_atlassian_count")["text"].is_string());
    assert_eq!(*by_id(&shown["figures"], "atlassian_users"), Value::Null);
    assert!(by_id(&shown["figures"], "users_now")["value"].as_i64() > Some(0));
}

#[test]
fn no_request_follows_a_redirect() {
    let library = library("app-users-gadget", &[]);
    let elsewhere = stand_in("");
    let options = small_vendor()
        .redirect_to(elsewhere.base_url())
        .faults(named("redirect"));
    let sim = Sim::start(options).expect("the stand-in starts on loopback");
    let host = Host::new(library.directory());
    let output = host.render(&sim.base_url(), &settings(), &[]);
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn invalid_settings_are_refused_at_their_field_with_the_valid_choices() {
    let library = library("app-users-gadget", &[]);
    let sim = stand_in("");
    let host = Host::new(library.directory());
    let with = |name: &str, value: Value| {
        let mut settings = settings();
        settings[name] = value;
        settings
    };
    let custom = json!({"kind": "custom", "from": "2026-02-01", "to": "2026-01-01"});
    let odd = json!({"kind": "last_7_days", "from": "2026-01-01"});
    for (settings, words) in [
        (
            with("app", json!("com.acme.nothing")),
            vec!["com.acme.nothing", "com.acme.timeboard"],
        ),
        (with("vendor", json!("999")), vec!["999", VENDOR]),
        (with("period", custom), vec!["/period/to"]),
        (with("perod", json!({})), vec!["/perod"]),
        (with("grace_days", json!(91)), vec!["/grace_days"]),
        (with("hosting", json!(["Moon"])), vec!["/hosting/0"]),
        (with("period", odd), vec!["/period/from"]),
        (json!({"vendor": VENDOR}), vec!["/app"]),
    ] {
        let output = host.render(&sim.base_url(), &settings, &[]);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{settings}: {}",
            stderr(&output)
        );
        assert!(output.stdout.is_empty(), "{settings}");
        for word in words {
            assert!(
                stderr(&output).contains(word),
                "{settings}: no {word} in {}",
                stderr(&output)
            );
        }
    }
}

#[test]
fn rows_behind_a_bar_add_up_to_it() {
    let library = library("app-users-gadget", &[]);
    let sim = stand_in("");
    let host = Host::new(library.directory());
    let mut settings = settings();
    settings["period"] = json!({"kind": "last_12_months"});
    let shown = view(&host.render(&sim.base_url(), &settings, &[]), 0, "fresh");
    let chart = by_id(&shown["charts"], "movements");
    let mut seen = 0;
    for kind in ["new", "reactivation", "expansion", "contraction", "churn"] {
        let values = by_id(&chart["series"], kind)["values"].clone();
        for (at, start) in chart["starts"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
            .skip(9)
        {
            let selection = json!({"chart": "movements", "bucket": start, "series": kind});
            let selection = selection.to_string();
            let output = host.render(
                &sim.base_url(),
                &settings,
                &["--offline", "--details", &selection],
            );
            let table = view(&output, 0, kind);
            let columns = table["columns"].as_array().expect("a table has columns");
            let column = |id: &str| columns.iter().position(|column| column["id"] == id);
            let before = column("users_before").expect("the column is there");
            let after = column("users_after").expect("the column is there");
            let rows = table["rows"].as_array().expect("a table has rows");
            let sum: i64 = rows
                .iter()
                .filter_map(|row| Some((row[after].as_i64()? - row[before].as_i64()?).abs()))
                .sum();
            assert_eq!(json!(sum), values[at], "{kind} {start}");
            seen += sum;
        }
    }
    assert!(seen > 0, "the sample moves");
}
