//! The promises of the sample vendor, checked on its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use chrono::{Datelike, Months, NaiveDate};
use marketplace_sim::{Data, Options};
use serde_json::Value;

use crate::client::Api;

const TIMEBOARD: &str = "com.acme.timeboard";
const ALL: &str = "cloudComplianceBoundaries=commercial&cloudComplianceBoundaries=fedramp_moderate&cloudComplianceBoundaries=isolated_cloud";
const LICENSES: &str = "/reporting/developer-space/{d}/licenses";
const TRANSACTIONS: &str = "/reporting/developer-space/{d}/sales/transactions";

fn day(text: &str) -> NaiveDate {
    text[..10].parse().unwrap()
}

fn today() -> NaiveDate {
    day("2026-11-20")
}

fn start(licenses: u32, seed: u64, today: NaiveDate) -> Api {
    let data = Data::sample(licenses, seed);
    Api::start(Options::new().data(data).today(today))
}

/// The rows of a full sync.
struct Rows {
    licenses: Vec<Value>,
    transactions: Vec<Value>,
}

fn rows_of(api: &Api) -> Rows {
    let late = format!("withDataInsights=true&startDate=2018-07-01&dateType=start&{ALL}");
    let mut licenses = api.exported_rows("licenses", &late);
    licenses.extend(api.exported_rows("licenses", &format!("endDate=2018-06-30&{ALL}")));
    let query = format!("includeManualInvoice=true&{ALL}");
    Rows {
        licenses,
        transactions: api.exported_rows("sales/transactions", &query),
    }
}

/// The rows of the vendor in its usual size, which most tests use.
fn usual_rows() -> &'static Rows {
    static ROWS: OnceLock<Rows> = OnceLock::new();
    ROWS.get_or_init(|| rows_of(&start(4_000, 1, today())))
}

fn words<'a>(rows: &'a [Value], path: &str) -> BTreeSet<&'a str> {
    rows.iter()
        .filter_map(|row| row.pointer(path).and_then(Value::as_str))
        .collect()
}

/// The first id of a row, which all rows of a license share (apart from edge cases).
fn license_of(row: &Value) -> Option<&str> {
    ["licenseId", "appEntitlementNumber"]
        .iter()
        .filter_map(|name| row[name].as_str())
        .find(|id| *id != "null")
}

/// The kinds of movement by month and app, derived from the sales alone.
fn movements(transactions: &[Value]) -> BTreeMap<(i32, u32), BTreeSet<(&str, &'static str)>> {
    let mut by_license: BTreeMap<(&str, &str), Vec<&Value>> = BTreeMap::new();
    for row in transactions {
        let app = row["addonKey"].as_str().unwrap();
        if let Some(id) = license_of(row) {
            by_license.entry((app, id)).or_default().push(row);
        }
    }
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for ((app, _), rows) in by_license {
        let counted = |row: &&Value| {
            let license_type = row["purchaseDetails"]["licenseType"].as_str().unwrap();
            !["COMMUNITY", "OPEN_SOURCE", "FREE"].contains(&license_type)
        };
        let rows: Vec<&Value> = rows.into_iter().filter(counted).collect();
        for (date, kind) in steps(&rows) {
            found
                .entry((date.year(), date.month()))
                .or_default()
                .insert((app, kind));
        }
    }
    found
}

fn date_of(row: &Value, name: &str) -> NaiveDate {
    day(row["purchaseDetails"][name].as_str().unwrap())
}

fn users_of(row: &Value) -> u32 {
    let tier = row["purchaseDetails"]["tier"].as_str().unwrap();
    let digits: String = tier.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(10_001)
}

/// The movements of one license by a simple rule: the last sale is valid, and a refund ends the sale of its size.
fn steps(rows: &[&Value]) -> Vec<(NaiveDate, &'static str)> {
    let is_refund = |row: &&&Value| row["purchaseDetails"]["saleType"] == "Refund";
    let is_added = |row: &&Value| row["purchaseDetails"].get("proratedDetails").is_some();
    let refunds: Vec<_> = rows.iter().filter(is_refund).collect();
    let sales: Vec<_> = rows
        .iter()
        .filter(|row| !is_refund(row) && !is_added(row))
        .collect();
    let users_on = |at: NaiveDate| {
        sales
            .iter()
            .rev()
            .find(|sale| {
                let (from, until) = (
                    date_of(sale, "maintenanceStartDate"),
                    date_of(sale, "maintenanceEndDate"),
                );
                let refunded = refunds.iter().any(|refund| {
                    users_of(refund) == users_of(sale)
                        && date_of(refund, "saleDate") <= at
                        && date_of(refund, "maintenanceEndDate") == until
                });
                from <= at && at < until && !refunded
            })
            .map_or(0, |sale| users_of(sale))
    };
    let mut days: BTreeSet<NaiveDate> = BTreeSet::new();
    for row in rows {
        for name in ["saleDate", "maintenanceStartDate", "maintenanceEndDate"] {
            days.insert(date_of(row, name));
        }
    }
    let mut found = Vec::new();
    let (mut before, mut had) = (0, false);
    for at in days.into_iter().filter(|at| *at <= today()) {
        let now = users_on(at);
        let kind = match (before, now) {
            (0, 0) => None,
            (0, _) if had => Some("reactivation"),
            (0, _) => Some("new"),
            (_, 0) => Some("churn"),
            (before, now) if now > before => Some("expansion"),
            (before, now) if now < before => Some("contraction"),
            _ => None,
        };
        found.extend(kind.map(|kind| (at, kind)));
        had |= now > 0;
        before = now;
    }
    found
}

#[test]
fn the_same_seed_and_day_give_the_same_bytes() {
    let export = |seed, date| {
        let api = start(600, seed, date);
        let licenses = api.export("licenses", ALL);
        licenses + &api.export("sales/transactions", "")
    };
    let one = export(1, today());
    assert!(one == export(1, today()));
    assert!(one != export(2, today()));
    assert!(one != export(1, day("2026-11-21")));
}

#[test]
fn pages_and_exports_hold_the_same_rows() {
    let api = start(400, 1, today());
    for (path, list) in [(LICENSES, "licenses"), (TRANSACTIONS, "sales/transactions")] {
        let query = format!("startDate=2024-01-01&{ALL}");
        let by_pages = api.rows_by_pages(&format!("{path}?{query}"), 50);
        assert!(by_pages.len() > 200, "{list}");
        assert!(by_pages == api.exported_rows(list, &query), "{list}");
    }
}

#[test]
fn there_are_a_dozen_apps_and_all_kinds_of_rows() {
    let api = start(4_000, 1, today());
    let (_, listing) =
        api.json("/product-listing/developer-space/{d}?includePrivate=true&limit=50");
    let items = listing["items"].as_array().unwrap();
    assert_eq!(items.len(), 12);
    assert_eq!(items[0]["appKey"], TIMEBOARD);
    assert_eq!(items[0]["appName"], "Timeboard for Jira");
    let rows = usual_rows();
    assert!((3_900..=4_000).contains(&rows.licenses.len()));
    assert_eq!(words(&rows.licenses, "/addonKey").len(), 12);
    let hostings = BTreeSet::from(["Cloud", "Data Center", "Server"]);
    assert_eq!(words(&rows.licenses, "/hosting"), hostings);
    assert_eq!(
        words(&rows.transactions, "/purchaseDetails/hosting"),
        hostings
    );
    let sale_types = ["Downgrade", "New", "Refund", "Renewal", "Upgrade"];
    assert_eq!(
        words(&rows.transactions, "/purchaseDetails/saleType"),
        BTreeSet::from(sale_types)
    );
    assert_eq!(
        words(&rows.transactions, "/purchaseDetails/billingPeriod"),
        BTreeSet::from(["Annual", "Monthly"])
    );
    assert_eq!(
        words(&rows.licenses, "/status"),
        BTreeSet::from(["active", "cancelled", "inactive"])
    );
    let boundaries = words(&rows.licenses, "/cloudComplianceBoundaries/0");
    assert_eq!(
        boundaries,
        BTreeSet::from(["commercial", "fedramp_moderate", "isolated_cloud"])
    );
    let line_items = words(&rows.transactions, "/transactionLineItemId");
    assert_eq!(
        line_items.len(),
        rows.transactions.len(),
        "line items are unique"
    );
    let countries = words(&rows.licenses, "/contactDetails/country");
    assert_eq!(countries.len(), 20);
    for row in rows.licenses.iter().chain(&rows.transactions) {
        for path in ["/contactDetails", "/customerDetails"] {
            let path = format!("{path}/technicalContact/email");
            if let Some(email) = row.pointer(&path).and_then(Value::as_str) {
                assert!(email == "null" || email.ends_with(".example"), "{email}");
            }
        }
    }
}

#[test]
fn every_movement_happens_in_every_month_of_the_year() {
    let other = rows_of(&start(1_000, 7, today()));
    for rows in [usual_rows(), &other] {
        let date = today();
        let movements = movements(&rows.transactions);
        for months_ago in 0..12 {
            let month = date.checked_sub_months(Months::new(months_ago)).unwrap();
            let found = &movements[&(month.year(), month.month())];
            for kind in ["new", "reactivation", "expansion", "contraction", "churn"] {
                assert!(found.contains(&(TIMEBOARD, kind)), "{kind} in {month}");
            }
        }
    }
}

#[test]
fn every_month_has_sales_of_all_types() {
    let rows = usual_rows();
    let mut types: BTreeMap<(i32, u32), BTreeSet<&str>> = BTreeMap::new();
    for row in &rows.transactions {
        let sold = date_of(row, "saleDate");
        let sale_type = row["purchaseDetails"]["saleType"].as_str().unwrap();
        types
            .entry((sold.year(), sold.month()))
            .or_default()
            .insert(sale_type);
    }
    for months_ago in 0..12 {
        let month = today().checked_sub_months(Months::new(months_ago)).unwrap();
        let found = &types[&(month.year(), month.month())];
        for sale_type in ["New", "Renewal", "Upgrade", "Refund"] {
            assert!(found.contains(sale_type), "{sale_type} in {month}");
        }
    }
    let first = types.keys().next().unwrap();
    assert_eq!(*first, (2018, 11), "eight years of history");
}

#[test]
fn the_largest_app_has_all_edge_cases() {
    let rows = usual_rows();
    let now = today();
    let licenses: Vec<&Value> = rows
        .licenses
        .iter()
        .filter(|row| row["addonKey"] == TIMEBOARD)
        .collect();
    let sales: Vec<&Value> = rows
        .transactions
        .iter()
        .filter(|row| row["addonKey"] == TIMEBOARD)
        .collect();
    let valid = |row: &&&Value| {
        let end = row["maintenanceEndDate"].as_str().map(day);
        day(row["maintenanceStartDate"].as_str().unwrap()) <= now && end.is_none_or(|end| end > now)
    };
    for license_type in [
        "EVALUATION",
        "COMMUNITY",
        "OPEN_SOURCE",
        "DEMONSTRATION",
        "INTERNAL USE",
        "PARTNER_NETWORK",
    ] {
        let found = licenses
            .iter()
            .filter(valid)
            .any(|row| row["licenseType"] == license_type);
        assert!(found, "{license_type}");
    }
    let any = |what: &str, holds: &dyn Fn(&Value) -> bool| {
        assert!(licenses.iter().any(|row| holds(row)), "{what}");
    };
    any("free", &|row| {
        ["FREE", "LEGACY_FREE", "FOUNDATION_FREE"]
            .contains(&row["licenseType"].as_str().unwrap_or(""))
    });
    any("sandbox", &|row| row["installedOnSandbox"] == "Yes");
    any("no type", &|row| row.get("licenseType").is_none());
    any("unlimited", &|row| {
        row["tier"] == "Unlimited Users" && row["licenseType"] == "COMMERCIAL"
    });
    any("a word as tier", &|row| row["tier"] == "Enterprise");
    any("no id", &|row| {
        row["licenseId"] == "null" && row["addonLicenseId"] == ""
    });
    any("late", &|row| {
        let late = now - chrono::TimeDelta::days(6);
        let end = row["maintenanceEndDate"].as_str().map(day);
        row["status"] == "active" && end.is_some_and(|end| end > late && end <= now)
    });
    let ids: BTreeSet<&str> = licenses.iter().filter_map(|row| license_of(row)).collect();
    let sales_only = sales
        .iter()
        .filter_map(|row| license_of(row))
        .any(|id| !ids.contains(id));
    assert!(sales_only, "sales without a license row");
    let mut entitlements: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in licenses.iter().filter(valid) {
        if let (Some(entitlement), Some(id)) = (
            row["appEntitlementNumber"].as_str(),
            row["licenseId"].as_str(),
        ) {
            entitlements.entry(entitlement).or_default().insert(id);
        }
    }
    assert_eq!(
        entitlements.values().filter(|ids| ids.len() > 1).count(),
        1,
        "merged rows"
    );
    let added = sales
        .iter()
        .filter(|row| row["purchaseDetails"].get("proratedDetails").is_some());
    assert!(added.count() > 20, "added users");
    let named = sales.iter().any(|row| {
        row["purchaseDetails"]
            .get("originalTransactionDetails")
            .is_some()
    });
    assert!(named, "a refund that names its sale");
}

#[test]
fn users_grow_steadily_by_about_a_seventh_a_year() {
    let rows = usual_rows();
    struct Sale<'a> {
        license: &'a str,
        from: NaiveDate,
        until: NaiveDate,
        users: u32,
    }
    let counted = |row: &&Value| {
        let details = &row["purchaseDetails"];
        let license_type = details["licenseType"].as_str().unwrap();
        row["addonKey"] == TIMEBOARD
            && details["saleType"] != "Refund"
            && details.get("proratedDetails").is_none()
            && !["COMMUNITY", "OPEN_SOURCE"].contains(&license_type)
    };
    let sales: Vec<Sale<'_>> = rows
        .transactions
        .iter()
        .filter(counted)
        .map(|row| Sale {
            license: license_of(row).unwrap(),
            from: date_of(row, "maintenanceStartDate").max(date_of(row, "saleDate")),
            until: date_of(row, "maintenanceEndDate"),
            users: users_of(row),
        })
        .collect();
    // The sales of a license are in order, so the last that covers a day is valid.
    let users_on = |at: NaiveDate| -> u32 {
        let covering = sales
            .iter()
            .filter(|sale| sale.from <= at && at < sale.until);
        let in_force: BTreeMap<&str, u32> =
            covering.map(|sale| (sale.license, sale.users)).collect();
        in_force.values().sum()
    };
    let now = users_on(today());
    let year_ago = users_on(day("2025-11-20"));
    assert!((17_000..22_000).contains(&now), "{now}");
    let growth = (now - year_ago) * 100 / year_ago;
    assert!((8..24).contains(&growth), "{growth} %");
    let mut before = users_on(day("2025-11-24"));
    for week in 1..52 {
        let at = day("2025-11-24") + chrono::TimeDelta::weeks(week);
        let then = users_on(at);
        assert!(then.abs_diff(before) < 300, "{before} to {then} until {at}");
        before = then;
    }
}

#[test]
fn insights_and_hidden_rows_are_returned_on_request() {
    let api = start(1_500, 1, today());
    let rows = |query: &str| api.rows_by_pages(&format!("{LICENSES}?{query}"), 50);
    let plain = rows("startDate=2018-07-01");
    assert!(
        plain
            .iter()
            .all(|row| row.get("installedOnSandbox").is_none())
    );
    assert!(
        plain
            .iter()
            .all(|row| row["licenseSourceType"] == "Non-Atlassian")
    );
    let with_insights = rows("startDate=2018-07-01&withDataInsights=true");
    assert!(
        with_insights
            .iter()
            .all(|row| row["installedOnSandbox"].is_string())
    );
    assert_eq!(plain.len(), with_insights.len());
    let internal = rows("startDate=2018-07-01&includeAtlassianLicenses=true");
    assert_eq!(internal.len(), plain.len() + 2);
    let free = rows("showLifeTimeFreeLicenses=true");
    assert!(free.len() >= 2 && free.iter().all(|row| row["licenseType"] == "FREE"));
    let sales = |query: &str| {
        api.rows_by_pages(&format!("{TRANSACTIONS}?startDate=2026-06-01&{query}"), 50)
    };
    let with_invoices = sales("includeManualInvoice=true");
    assert!(with_invoices.len() > sales("").len());
}

#[test]
fn metrics_follow_the_licenses() {
    let api = start(4_000, 1, today());
    let body = r#"{"granularity":"WEEK","attributes":[{"name":"APP_KEY"}],"metrics":{"metricFields":[{"name":"USER_COUNT"}]},
        "dateRange":{"startDate":"2026-08-10","endDate":"2026-11-15"}}"#;
    let path = "/partner-metrics/developer-space/{d}?limit=14";
    let (status, answer) = api.post(path, body);
    assert_eq!(status, 200, "{answer}");
    let records = answer["records"].as_array().unwrap();
    assert_eq!(records.len(), 14 * 12);
    let users: Vec<i64> = records
        .iter()
        .filter(|record| record["appKey"] == TIMEBOARD)
        .map(|record| record["userCounts"].as_i64().unwrap())
        .collect();
    assert!((19_000..26_000).contains(&users[13]), "{users:?}");
    assert!(users[13] > users[0], "{users:?}");
}

#[test]
fn pages_of_a_million_licenses_overlap_where_they_should() {
    let api = start(1_000_000, 1, today());
    let pages = [
        (LICENSES, "licenses", "offset=0", 50),
        (
            LICENSES,
            "licenses",
            "withDataInsights=true&startDate=2018-07-01&offset=900000",
            50,
        ),
        (LICENSES, "licenses", "endDate=2018-06-30", 5),
        (
            TRANSACTIONS,
            "transactions",
            "includeManualInvoice=true&offset=1300000",
            50,
        ),
    ];
    for (path, member, query, expected) in pages {
        let (status, page) = api.json(&format!("{path}?{query}&limit=50&{ALL}"));
        assert_eq!(status, 200);
        assert_eq!(page[member].as_array().unwrap().len(), expected, "{query}");
    }
    let far = api
        .json(&format!("{LICENSES}?offset=999000&limit=50&{ALL}"))
        .1;
    let overlap = api
        .json(&format!("{LICENSES}?offset=999025&limit=25&{ALL}"))
        .1;
    let tail = &far["licenses"].as_array().unwrap()[25..];
    assert_eq!(tail, overlap["licenses"].as_array().unwrap().as_slice());
}
