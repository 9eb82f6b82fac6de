//! Each fault, as a client sees it.

use std::collections::BTreeSet;
use std::io::Read;
use std::net::TcpListener;
use std::time::{Duration, Instant, SystemTime};

use marketplace_sim::{Data, Fault, Faults, Options, Scope};
use serde_json::{Value, json};

use crate::client::Api;

const LICENSES: &str = "/reporting/developer-space/{d}/licenses";
const TRANSACTIONS: &str = "/reporting/developer-space/{d}/sales/transactions";
const LISTING: &str = "/product-listing/developer-space/{d}?limit=5";
const METRICS: &str = "/partner-metrics/developer-space/{d}";
const SPACE: &str = "/developer-space/vendor/1212980";

fn rows() -> (Vec<Value>, Vec<Value>) {
    let licenses = (0..40)
        .map(|number| {
            json!({"licenseId": format!("SEN-{number}"), "addonKey": format!("com.acme.app{}", number % 7), "tier": "25 Users",
                "hosting": "Cloud", "maintenanceStartDate": "2026-01-01", "maintenanceEndDate": "2027-01-01"})
        })
        .collect();
    let transactions = (0..8)
        .map(|number| {
            json!({"transactionLineItemId": format!("{number}-1"), "addonKey": "com.acme.app0",
                "purchaseDetails": {"saleDate": "2026-01-01", "tier": "25 Users", "saleType": "New"}})
        })
        .collect();
    (licenses, transactions)
}

fn start() -> Api {
    let (licenses, transactions) = rows();
    let day = "2026-11-20".parse().unwrap();
    Api::start(
        Options::new()
            .data(Data::rows(&licenses, &transactions))
            .today(day),
    )
}

fn metrics_body() -> String {
    json!({"granularity": "WEEK", "attributes": [{"name": "APP_KEY"}],
        "metrics": {"metricFields": [{"name": "USER_COUNT"}]},
        "dateRange": {"startDate": "2026-11-02", "endDate": "2026-11-15"}})
    .to_string()
}

fn status(api: &Api, path: &str) -> u16 {
    api.get(path).status().as_u16()
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["licenseId"].as_str().unwrap())
        .collect()
}

#[test]
fn the_first_tries_of_a_path_fail_and_the_third_succeeds() {
    let api = start();
    for (fault, code) in [
        (Fault::RateLimit, 429),
        (Fault::RateLimitDate, 429),
        (Fault::BadGateway, 502),
    ] {
        api.sim.set_faults(fault);
        for path in [LICENSES, TRANSACTIONS] {
            let tries: Vec<u16> = (0..3).map(|_| status(&api, path)).collect();
            assert_eq!(tries, [code, code, 200], "{fault}");
        }
    }
}

#[test]
fn a_rate_limit_says_when_to_retry() {
    let api = start();
    let retry_after = |fault: Fault| {
        api.sim.set_faults(fault);
        let answer = api.get(SPACE);
        assert_eq!(answer.status().as_u16(), 429);
        answer.headers()["retry-after"].to_str().unwrap().to_owned()
    };
    assert_eq!(retry_after(Fault::RateLimit), "1");
    assert_eq!(retry_after(Fault::RateLimitLong), "99999");
    let date = retry_after(Fault::RateLimitDate);
    let time = httpdate::parse_http_date(&date).unwrap();
    assert!(time <= SystemTime::now() + Duration::from_secs(2), "{date}");
}

#[test]
fn a_fault_has_its_status_and_content_type() {
    let api = start();
    let cases: [(Fault, &str, u16, &str); 12] = [
        (Fault::BadGatewayAlways, SPACE, 502, "text/html"),
        (Fault::Unavailable, LICENSES, 503, "application/json"),
        (Fault::Redirect, LISTING, 302, "application/json"),
        (Fault::LoginPage, LICENSES, 200, "text/html"),
        (
            Fault::ForbiddenTransactions,
            TRANSACTIONS,
            403,
            "application/json",
        ),
        (
            Fault::ForbiddenTransactions,
            LICENSES,
            200,
            "application/json",
        ),
        (Fault::ForbiddenAll, SPACE, 403, "application/json"),
        (Fault::Unauthorized, LICENSES, 401, "application/json"),
        (Fault::ExpiredToken, LICENSES, 401, "application/json"),
        (Fault::NoListing, LISTING, 500, "application/json"),
        (Fault::NoListing, LICENSES, 200, "application/json"),
        (Fault::WrongContentType, LICENSES, 200, "text/plain"),
    ];
    for (fault, path, expected, content_type) in cases {
        api.sim.set_faults(fault);
        let answer = api.get(path);
        assert_eq!(answer.status().as_u16(), expected, "{fault}");
        let sent = answer.headers()["content-type"].to_str().unwrap();
        assert!(sent.starts_with(content_type), "{fault}: {sent}");
    }
    api.sim.set_faults(Fault::Empty);
    assert_eq!(api.get(LICENSES).text().unwrap(), "");
    api.sim.set_faults(Fault::Unauthorized);
    let text = api.get(SPACE).text().unwrap();
    assert!(
        text.contains("Authorization: Basic cGFydG5lckBhY21lLmV4YW1wbGU6"),
        "{text}"
    );
    api.sim.set_faults(Faults::none());
    assert_eq!(status(&api, LICENSES), 200);
}

#[test]
fn a_redirect_has_the_target_of_the_options() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/elsewhere", other.local_addr().unwrap());
    let api = Api::start(
        Options::new()
            .data(Data::nothing())
            .redirect_to(&url)
            .faults(Fault::Redirect),
    );
    assert_eq!(api.get(SPACE).headers()["location"].to_str().unwrap(), url);
}

#[test]
fn a_fault_can_be_limited_to_one_kind_of_request() {
    let api = start();
    let export = format!("{LICENSES}/async/export/none");
    let cases = [
        (Scope::Licenses, [503, 200, 200, 200, 503]),
        (Scope::Transactions, [200, 503, 200, 200, 404]),
        (Scope::Listing, [200, 200, 503, 200, 404]),
        (Scope::Space, [200, 200, 200, 503, 404]),
        (Scope::Export, [200, 200, 200, 200, 503]),
        (Scope::Metrics, [200, 200, 200, 200, 404]),
    ];
    for (scope, expected) in cases {
        api.sim
            .set_faults(Faults::none().with_scope(Fault::Unavailable, scope));
        let paths = [LICENSES, TRANSACTIONS, LISTING, SPACE, export.as_str()];
        assert_eq!(paths.map(|path| status(&api, path)), expected, "{scope:?}");
    }
}

#[test]
fn a_truncated_body_closes_the_connection() {
    let (licenses, transactions) = rows();
    let api = Api::start(
        Options::new()
            .data(Data::rows(&licenses, &transactions))
            .export_time(Duration::ZERO),
    );
    let (_, started) = api.post(&format!("{LICENSES}/async/export?accept=json"), "");
    let id = started["export"]["id"].as_str().unwrap();
    let export = format!("{LICENSES}/async/export/{id}");
    api.sim.set_faults(Fault::Truncated);
    for path in [LICENSES, &export] {
        let answer = api.get(path);
        assert_eq!(answer.status().as_u16(), 200);
        assert!(answer.bytes().is_err(), "{path}");
    }
    api.sim.set_faults(Fault::TruncatedJson);
    for path in [LICENSES, &export] {
        let text = api.get(path).text().unwrap();
        assert!(!text.is_empty());
        assert!(serde_json::from_str::<Value>(&text).is_err(), "{path}");
    }
}

#[test]
fn an_unusual_body_is_sent_completely() {
    let api = start();
    api.sim.set_faults(Fault::Bom);
    let bytes = api.get(LICENSES).bytes().unwrap();
    assert!(bytes.starts_with(b"\xef\xbb\xbf{"));
    api.sim.set_faults(Fault::DeepJson);
    let text = api.get(LICENSES).text().unwrap();
    assert_eq!(text.len(), 200_000);
    assert!(text.starts_with("[[[[") && text.ends_with("]]]]"));
}

#[test]
fn a_slow_answer_drips_and_a_hanging_one_never_comes() {
    let api = start();
    api.sim.set_faults(Fault::Slow);
    let began = Instant::now();
    let mut answer = api.get(SPACE);
    let mut bytes = [0; 4];
    answer.read_exact(&mut bytes).unwrap();
    assert!(
        began.elapsed() >= Duration::from_millis(850),
        "{:?}",
        began.elapsed()
    );
    drop(answer);
    api.sim.set_faults(Fault::Hang);
    let waiting = api
        .request(SPACE)
        .timeout(Duration::from_millis(400))
        .send();
    assert!(waiting.unwrap_err().is_timeout());
}

#[test]
fn an_endless_body_and_a_bomb_do_not_end() {
    let api = start();
    for fault in [Fault::Oversized, Fault::GzipBomb] {
        api.sim.set_faults(fault);
        let mut answer = api.get(LICENSES);
        let mut taken = 0;
        let mut buffer = vec![0; 1024 * 1024];
        while taken < 20 * 1024 * 1024 {
            let count = answer.read(&mut buffer).unwrap();
            assert!(count > 0, "{fault} ended after {taken}");
            taken += count;
        }
    }
}

#[test]
fn endless_pages_are_new_or_repeated_or_empty() {
    let api = start();
    let page = |offset: usize| {
        let (_, page) = api.json(&format!("{LICENSES}?limit=30&offset={offset}"));
        let next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
        (page["licenses"].as_array().unwrap().clone(), next.unwrap())
    };
    api.sim.set_faults(Fault::EndlessPaging);
    let (rows, next) = page(3_000);
    assert_eq!(rows.len(), 30);
    assert!(next.ends_with("offset=3030"), "{next}");
    let (_, listing) = api.json(&format!("{LISTING}&cursor=eyJwIjo3MH0"));
    assert_eq!(listing["items"].as_array().unwrap().len(), 5);
    assert!(listing["links"]["next"].is_string());

    api.sim.set_faults(Fault::LoopingNext);
    let (first, next) = page(0);
    assert!(!next.contains("offset"), "{next}");
    assert_eq!(page(30).0, first);
    let (_, one) = api.json(LISTING);
    let cursor = one["links"]["next"]
        .as_str()
        .unwrap()
        .split("cursor=")
        .last()
        .unwrap();
    let (_, other) = api.json(&format!("{LISTING}&cursor={cursor}"));
    assert_eq!(one["items"], other["items"]);
    assert_eq!(one["links"]["next"], other["links"]["next"]);

    api.sim.set_faults(Fault::EmptyPages);
    assert_eq!(page(0).0.len(), 30);
    assert_eq!(page(30).0.len(), 0);
}

#[test]
fn exports_fail_cannot_be_started_or_never_end() {
    let (licenses, _) = rows();
    let api = Api::start(
        Options::new()
            .data(Data::rows(&licenses, &[]))
            .export_time(Duration::ZERO),
    );
    let root = format!("{LICENSES}/async/export");
    let state = || {
        let (_, started) = api.post(&format!("{root}?accept=json"), "");
        let id = started["export"]["id"].as_str().unwrap().to_owned();
        let (_, state) = api.json(&format!("{root}/{id}/status"));
        let download = status(&api, &format!("{root}/{id}"));
        (
            state["export"]["status"].as_str().unwrap().to_owned(),
            download,
        )
    };
    api.sim.set_faults(Fault::ExportFailed);
    assert_eq!(state(), ("FAILED".to_owned(), 404));
    api.sim.set_faults(Fault::ExportStuck);
    assert_eq!(state(), ("IN_PROGRESS".to_owned(), 404));
    api.sim.set_faults(Fault::ExportForbidden);
    assert_eq!(api.post(&format!("{root}?accept=json"), "").0, 500);
    assert_eq!(status(&api, LICENSES), 200, "pages still work");
    api.sim.set_faults(Faults::none());
    assert_eq!(state(), ("COMPLETED".to_owned(), 200));
}

#[test]
fn filters_can_be_ignored() {
    let api = start();
    let path = format!("{LICENSES}?startDate=2030-01-01");
    assert_eq!(api.rows_by_pages(&path, 50).len(), 0);
    api.sim.set_faults(Fault::IgnoreFilters);
    assert_eq!(api.rows_by_pages(&path, 50).len(), 40);
    assert_eq!(
        api.exported_rows("licenses", "endDate=2018-06-30").len(),
        40
    );
}

#[test]
fn duplicated_rows_come_twice_in_pages_and_in_exports() {
    let api = start();
    api.sim.set_faults(Fault::DuplicateRows);
    let by_pages = api.rows_by_pages(LICENSES, 7);
    assert_eq!(by_pages.len(), 48);
    assert_eq!(by_pages, api.exported_rows("licenses", ""));
    assert_eq!(ids(&by_pages)[3..7], ["SEN-3", "SEN-4", "SEN-4", "SEN-5"]);
    assert_eq!(
        ids(&by_pages).into_iter().collect::<BTreeSet<_>>().len(),
        40
    );
}

#[test]
fn shifting_pages_lose_a_row_and_repeat_one() {
    let api = start();
    api.sim.set_faults(Fault::ShiftingPages);
    let first = api.rows_by_pages(LICENSES, 10);
    let names = ids(&first);
    assert_eq!(names.len(), 40);
    assert!(!names.contains(&"SEN-10"), "it moved to the page before");
    assert_eq!(names.iter().filter(|name| **name == "SEN-0").count(), 2);
    let second = api.rows_by_pages(LICENSES, 10);
    assert_ne!(ids(&second), names, "each reading sees another order");
}

#[test]
fn some_but_not_all_dates_and_tiers_are_unusual() {
    let api = start();
    let plain = api.exported_rows("licenses", "");
    for (fault, member, expected) in [
        (Fault::OddDates, "maintenanceStartDate", 3),
        (Fault::OddTiers, "tier", 8),
    ] {
        api.sim.set_faults(fault);
        let rows = api.exported_rows("licenses", "");
        assert_eq!(rows, api.rows_by_pages(LICENSES, 50), "{fault}");
        let changed = rows
            .iter()
            .zip(&plain)
            .filter(|(row, plain)| row[member] != plain[member]);
        assert_eq!(changed.count(), expected, "{fault}");
        assert_eq!(ids(&rows), ids(&plain), "{fault}");
    }
    let sales = api.exported_rows("sales/transactions", "");
    let texts: Vec<&Value> = sales
        .iter()
        .map(|row| &row["purchaseDetails"]["tier"])
        .collect();
    assert_eq!(texts[2], "  25 uSERS ");
    assert_eq!(texts[7], "Per Unit Pricing (25 users)");
}

#[test]
fn metrics_fail_or_use_another_name() {
    let api = start();
    let (_, answer) = api.post(METRICS, &metrics_body());
    assert!(answer["records"][0]["userCounts"].is_u64(), "{answer}");
    api.sim.set_faults(Fault::MetricsOtherField);
    let (_, answer) = api.post(METRICS, &metrics_body());
    assert!(answer["records"][0]["users"].is_u64(), "{answer}");
    assert!(answer["records"][0].get("userCounts").is_none());
    api.sim.set_faults(Fault::NoMetrics);
    assert_eq!(api.post(METRICS, &metrics_body()).0, 500);
}

#[test]
fn faults_can_be_combined() {
    let api = start();
    api.sim.set_faults(
        "bad-gateway@licenses,no-listing,forbidden-transactions"
            .parse::<Faults>()
            .unwrap(),
    );
    assert_eq!(status(&api, LICENSES), 502);
    assert_eq!(status(&api, LISTING), 500);
    assert_eq!(status(&api, TRANSACTIONS), 403);
    assert_eq!(status(&api, SPACE), 200);
}

#[test]
fn each_answer_is_delayed_by_the_latency() {
    let options = Options::new()
        .data(Data::nothing())
        .latency(Duration::from_millis(120));
    let api = Api::start(options);
    let began = Instant::now();
    assert_eq!(status(&api, SPACE), 200);
    assert!(began.elapsed() >= Duration::from_millis(120));
}

#[test]
fn a_dropped_stand_in_accepts_no_more_requests() {
    let api = start();
    let address = api.sim.address();
    drop(api.sim);
    let until = Instant::now() + Duration::from_secs(60);
    while std::net::TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(10));
    }
}
