//! The stand-in against the reference: accounts, spaces, listing, pages, exports, metrics.

use std::time::Duration;

use marketplace_sim::{Data, Options};
use serde_json::{Value, json};

use crate::client::Api;

const LICENSES: &str = "/reporting/developer-space/{d}/licenses";
const TRANSACTIONS: &str = "/reporting/developer-space/{d}/sales/transactions";

/// A case whose members have an unusual order and form, which must not change.
const CASE: &str = r#"{"today":"2026-11-20","app":"com.acme.timeboard","licenses":[
 {"tier":"10 Users","licenseId":"SEN-1", "addonKey":"com.acme.timeboard","hosting":"Data Center","maintenanceStartDate":"2018-06-30","maintenanceEndDate":"2027-01-01","lastUpdated":"2026-11-01","status":"active","licenseType":"COMMERCIAL","installedOnSandbox":"Yes","one":1.50e2},
 {"licenseId":"SEN-2","addonKey":"com.acme.timeboard","hosting":"Cloud","maintenanceStartDate":"2018-07-01","lastUpdated":"2026-11-02","status":"active","tier":"25 Users"},
 {"licenseId":"SEN-3","addonKey":"com.acme.other","addonName":"Other","productId":"p-other","maintenanceStartDate":null,"tier":"25 Users"},
 {"licenseId":"SEN-4","maintenanceStartDate":"soon","maintenanceStartDate":"later"}],
 "transactions":[{"transactionId":"AT-1","transactionLineItemId":"1-1","addonKey":"com.acme.timeboard","purchaseDetails":{"saleType":"New","saleDate":"2026-01-05","hosting":"Cloud","tier":"10 Users","purchasePrice":0}}],
 "expected":{"users_now":35}}"#;

fn case() -> Api {
    Api::start(Options::new().data(Data::case(CASE).unwrap()))
}

fn many(count: u32) -> Api {
    let rows: Vec<Value> = (0..count)
        .map(|number| {
            json!({"licenseId": format!("SEN-{number}"), "addonKey": format!("com.acme.app{}", number % 23),
                "maintenanceStartDate": "2026-01-01", "tier": format!("{number} Users"),
                "contactDetails": {"company": format!("Company {number}"), "country": "DE", "region": "EMEA"}})
        })
        .collect();
    Api::start(Options::new().data(Data::rows(&rows, &[])))
}

#[test]
fn only_the_account_has_access() {
    let api = case();
    let path = "/developer-space/vendor/1212980";
    let (status, body) = api.json(path);
    assert_eq!(
        (status, &body["developerId"]),
        (200, &json!(api.sim.developer_id()))
    );
    for (email, token) in [
        ("partner@acme.example", "wrong"),
        ("other@acme.example", "demo-token"),
    ] {
        let request = api.client.get(api.url(path)).basic_auth(email, Some(token));
        let (status, body) = crate::client::answer(request.send().unwrap());
        assert_eq!(
            (status, body),
            (401, json!({"code": 401, "message": "Unauthorized"}))
        );
    }
    let answer = api.client.get(api.url(path)).send().unwrap();
    assert_eq!(answer.status().as_u16(), 401);
}

#[test]
fn a_wrong_path_fails_as_the_api_does() {
    let api = case();
    let other = "00000000-0000-4000-8000-000000000001";
    let cases = [
        ("/developer-space/vendor/7", 404),
        (&format!("/product-listing/developer-space/{other}"), 404),
        ("/product-listing/developer-space/1212980", 400),
        ("/reporting/developer-space/{d}/", 404),
        ("/reporting/developer-space/1212980/licenses", 400),
        (&format!("/reporting/developer-space/{other}/licenses"), 403),
        ("/developer-space/{d}/reporting/licenses", 403),
        ("/reporting/developer-space/{d}/licenses/", 404),
        ("/../2/vendors/1212980/reporting/licenses", 410),
        (
            "/reporting/developer-space/{d}/licenses/async/export/x/status",
            404,
        ),
        ("/reporting/developer-space/{d}/licenses/async/export", 405),
        ("/partner-metrics/developer-space/{d}", 405),
        (
            "/reporting/developer-space/{d}/licenses?startDate=20260101",
            400,
        ),
        ("/reporting/developer-space/{d}/licenses?limit=many", 400),
    ];
    for (path, expected) in cases {
        assert_eq!(api.json(path).0, expected, "{path}");
    }
    for (query, expected) in [("accept=xml", 400), ("accept=csv", 501), ("", 501)] {
        let path = format!("{LICENSES}/async/export?{query}");
        assert_eq!(api.post(&path, "").0, expected, "{query}");
    }
    let (_, body) = api.json(&format!("{LICENSES}?endDate=tomorrow"));
    assert_eq!(body["errors"][0]["message"], "Must be a date");
    assert_eq!(body["errors"][0]["path"], "endDate");
}

#[test]
fn a_case_is_served_unchanged_and_each_row_in_one_of_two_requests() {
    let api = case();
    assert_eq!(api.sim.today().to_string(), "2026-11-20");
    let boundaries = "cloudComplianceBoundaries=commercial&cloudComplianceBoundaries=fedramp_moderate&cloudComplianceBoundaries=isolated_cloud";
    let late = api.export(
        "licenses",
        &format!("withDataInsights=true&startDate=2018-07-01&dateType=start&{boundaries}"),
    );
    let early = api.export("licenses", &format!("endDate=2018-06-30&{boundaries}"));
    let (_, rest) = CASE.split_once("\"licenses\":[\n ").unwrap();
    let rows: Vec<&str> = rest.split("],\n").next().unwrap().split(",\n ").collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(early, format!("[{}]", rows[0]));
    assert_eq!(late, format!("[{}]", rows[1..].join(",")));
}

#[test]
fn the_apps_of_a_case_are_those_of_its_rows() {
    let api = case();
    let (_, listing) = api.json("/product-listing/developer-space/{d}?includePrivate=true");
    let items = listing["items"].as_array().unwrap();
    let names: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item["appKey"].as_str().unwrap(),
                item["appName"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("com.acme.timeboard", "com.acme.timeboard"),
            ("com.acme.other", "Other")
        ]
    );
    assert!(listing["links"].get("next").is_none());
}

#[test]
fn a_filter_selects_rows_and_one_that_is_not_implemented_fails() {
    let api = case();
    let ids = |query: &str| -> Vec<String> {
        api.rows_by_pages(&format!("{LICENSES}?{query}"), 2)
            .iter()
            .map(|row| row["licenseId"].as_str().unwrap().to_owned())
            .collect()
    };
    let cases = [
        ("lastUpdated=2026-11-02", vec!["SEN-2", "SEN-3", "SEN-4"]),
        ("startDate=2030-01-01&endDate=2020-01-01", vec![]),
        ("unknown=1", vec!["SEN-1", "SEN-2", "SEN-3", "SEN-4"]),
    ];
    for (query, expected) in cases {
        assert_eq!(ids(query), expected, "{query}");
    }
    let sales = |query: &str| {
        api.rows_by_pages(&format!("{TRANSACTIONS}?{query}"), 5)
            .len()
    };
    assert_eq!(sales("startDate=2026-01-05&endDate=2026-01-05"), 1);
    assert_eq!(sales("startDate=2026-01-06"), 0);
    let (status, body) = api.json(&format!("{LICENSES}?sortBy=company"));
    assert_eq!(
        (status, &body["errors"][0]["path"]),
        (501, &json!("sortBy"))
    );
}

#[test]
fn pages_have_ten_rows_by_default_and_at_most_fifty() {
    let api = many(120);
    for (query, rows, next) in [
        ("", 10, true),
        ("?limit=50", 50, true),
        ("?limit=500", 50, true),
        ("?limit=50&offset=100", 20, false),
        ("?limit=20&offset=100", 20, false),
        ("?offset=119&limit=1", 1, false),
        ("?offset=5000", 0, false),
        ("?limit=0", 0, false),
    ] {
        let (status, page) = api.json(&format!("{LICENSES}{query}"));
        assert_eq!(status, 200);
        assert_eq!(page["licenses"].as_array().unwrap().len(), rows, "{query}");
        assert_eq!(page["_links"].get("next").is_some(), next, "{query}");
    }
    let (_, page) = api.json(&format!("{LICENSES}?x=7&x=8&x=9&limit=2"));
    let expected = format!(
        "/rest/3/reporting/developer-space/{}/licenses?x=7&x=8&x=9&limit=2&offset=2",
        api.sim.developer_id()
    );
    assert_eq!(page["_links"]["next"]["href"], expected);
    assert_eq!(page["_links"]["query"]["templated"], true);

    let by_pages = api.rows_by_pages(LICENSES, 50);
    assert_eq!(by_pages.len(), 120);
    assert_eq!(by_pages, api.exported_rows("licenses", ""));
}

#[test]
fn the_listing_is_paged_by_cursor() {
    let api = many(60);
    let mut keys = Vec::new();
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/product-listing/developer-space/{{d}}?includePrivate=true{cursor}");
        let (status, page) = api.json(&path);
        assert_eq!(status, 200);
        let items = page["items"].as_array().unwrap();
        pages.push(items.len());
        keys.extend(
            items
                .iter()
                .map(|item| item["appKey"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["links"]["next"].as_str() else {
            break;
        };
        let (_, query) = next.split_once('?').unwrap();
        let value = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("cursor="))
            .unwrap();
        cursor = format!("&cursor={value}");
    }
    assert_eq!(pages, [10, 10, 3]);
    keys.dedup();
    assert_eq!(keys.len(), 23);
    let path = "/product-listing/developer-space/{d}?cursor=%21";
    assert_eq!(api.json(path).0, 400);
}

#[test]
fn an_export_is_queued_until_its_time_is_over() {
    let start = |export_time| {
        let data = Data::case(CASE).unwrap();
        let api = Api::start(Options::new().data(data).export_time(export_time));
        let (_, started) = api.post(&format!("{LICENSES}/async/export?accept=json"), "{}");
        (api, started)
    };
    let path = |started: &Value| {
        let id = started["export"]["id"].as_str().unwrap();
        format!("{LICENSES}/async/export/{id}")
    };

    let (api, started) = start(Duration::from_secs(3_600));
    let path_queued = path(&started);
    let (_, state) = api.json(&format!("{path_queued}/status"));
    assert_eq!(state["export"]["status"], "QUEUED");
    let (status, body) = api.json(&path_queued);
    assert_eq!(
        (status, body["errors"][0]["message"].as_str().unwrap()),
        (404, "Export is being processed")
    );

    let (api, started) = start(Duration::ZERO);
    let path = path(&started);
    let link = |name: &str| started["_links"][name]["href"].as_str().unwrap();
    let (_, id) = path.rsplit_once('/').unwrap();
    assert!(link("status").ends_with(&format!("/{id}/status")));
    assert!(link("download").starts_with("/reporting/"));
    let (_, state) = api.json(&format!("{path}/status"));
    assert_eq!(state["export"]["status"], "COMPLETED");
    api.sim.replace_data(&Data::nothing());
    let (status, rows) = api.json(&path);
    assert_eq!((status, rows.as_array().unwrap().len()), (200, 4));
    assert_eq!(api.rows_by_pages(LICENSES, 10).len(), 0);
}

#[test]
fn a_long_answer_is_compressed_for_clients_that_accept_gzip() {
    let rows: Vec<Value> = (0..60)
        .map(|number| json!({"licenseId": format!("SEN-{number}"), "tier": "x".repeat(500)}))
        .collect();
    let api = Api::start(Options::new().data(Data::rows(&rows, &[])));
    let plain = reqwest::blocking::Client::builder()
        .gzip(false)
        .no_proxy()
        .build()
        .unwrap();
    for (limit, coding, expected) in [
        (50, "gzip, br", Some("gzip")),
        (50, "identity", None),
        (50, "gzip;q=0", None),
        (2, "gzip", None),
    ] {
        let request = plain
            .get(api.url(&format!("{LICENSES}?limit={limit}")))
            .basic_auth(Options::EMAIL, Some(Options::TOKEN))
            .header("accept-encoding", coding);
        let answer = request.send().unwrap();
        let sent = answer.headers().get("content-encoding");
        assert_eq!(
            sent.map(|value| value.to_str().unwrap()),
            expected,
            "{coding}"
        );
    }
    assert_eq!(api.rows_by_pages(LICENSES, 50), rows);
}

#[test]
fn metrics_are_served_by_week_and_app() {
    let api = case();
    let path = "/partner-metrics/developer-space/{d}";
    let body = |start: &str, end: &str| {
        json!({"granularity": "WEEK", "attributes": [{"name": "APP_KEY"}],
            "metrics": {"metricFields": [{"name": "USER_COUNT"}, {"name": "INSTALL_COUNT"}]},
            "dateRange": {"startDate": start, "endDate": end}})
        .to_string()
    };
    let (status, answer) = api.post(
        &format!("{path}?limit=14"),
        &body("2026-11-02", "2026-11-15"),
    );
    assert_eq!(status, 200, "{answer}");
    let records = answer["records"].as_array().unwrap();
    let seen: Vec<_> = records
        .iter()
        .map(|record| {
            (
                record["date"].as_str().unwrap(),
                record["appKey"].as_str().unwrap(),
                record["userCounts"].as_u64().unwrap(),
                record["installCounts"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("2026-11-02", "com.acme.timeboard", 35, 2),
            ("2026-11-02", "com.acme.other", 25, 1),
            ("2026-11-09", "com.acme.timeboard", 35, 2),
            ("2026-11-09", "com.acme.other", 25, 1),
        ]
    );

    let wide = body("2026-01-05", "2026-11-15");
    assert_eq!(
        api.post(path, &wide).1["records"].as_array().unwrap().len(),
        7 * 2
    );
    assert_eq!(api.post(&format!("{path}?limit=15"), &wide).0, 400);
    assert_eq!(api.post(path, &body("2026-11-16", "2026-11-20")).0, 400);
    for (name, value) in [
        ("granularity", json!("DAY")),
        ("attributes", json!([])),
        ("metrics", json!([])),
    ] {
        let mut body: Value = serde_json::from_str(&wide).unwrap();
        body[name] = value;
        assert_eq!(api.post(path, &body.to_string()).0, 400, "{name}");
    }
}

#[test]
fn requests_are_logged() {
    let api = case();
    api.json(&format!("{LICENSES}?limit=1"));
    let requests = api.sim.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].method, "GET");
    assert_eq!(requests[0].query, "limit=1");
    assert!(
        requests[0]
            .path
            .starts_with("/marketplace/rest/3/reporting/")
    );
    assert!(requests[0].has_credentials);
    api.sim.clear_requests();
    assert_eq!(api.sim.requests(), []);
}
