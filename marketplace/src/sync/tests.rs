//! Tests of whole syncs, over services with canned answers.

mod changes;
mod stored;
mod waiting;

use gadget_api::testing::Canned;
use serde_json::{Value, json};

use super::*;
use crate::{Cache, Day, Rules};

const SPACE: &str = "/rest/3/developer-space/vendor/1212980";
const REPORTS: &str = "/rest/3/reporting/developer-space/d-1";
const APPS: &str = "/rest/3/product-listing/developer-space/d-1";
const METRICS: &str = "/rest/3/partner-metrics/developer-space/d-1";
const TODAY: &str = "2026-11-20";
const APP: &str = "com.acme.timeboard";

fn license(number: u32, users: u32) -> Value {
    json!({"addonKey": APP, "addonName": "Timeboard", "licenseId": format!("SEN-{number}"), "hosting": "Server",
        "licenseType": "COMMERCIAL", "status": "active", "tier": format!("{users} Users"), "lastUpdated": "2026-11-02",
        "maintenanceStartDate": "2026-11-02", "maintenanceEndDate": "2027-11-02"})
}

fn at(rest: &str) -> String {
    format!("{REPORTS}/{rest}")
}

/// Adds an export of licenses that does not work.
type BreakExport = fn(Canned) -> Canned;

/// Services without any list: those are added by each test.
fn space() -> Canned {
    let settings = json!({"base_url": "https://api.atlassian.com/marketplace", "vendors": ["1212980"], "email": "me@acme.example"});
    Canned::default()
        .with_datasource("atlassian-marketplace", settings)
        .with_answer(SPACE, 200, r#"{"developerId": "d-1"}"#)
        .with_answer(APPS, 200, json!({"items": [{"appKey": APP, "appName": "Timeboard for Jira"}]}).to_string())
        .with_answer(
            METRICS,
            200,
            json!({"records": [
                {"date": "2026-11-02", "appKey": APP, "userCounts": 90}, {"date": "2026-11-09", "appKey": APP, "userCounts": 99},
                {"date": "2026-11-16", "appKey": APP, "userCounts": 500}]})
            .to_string(),
        )
}

/// Adds an export; the list can be asked for it several times.
fn export(services: Canned, list: &str, id: &str, body: impl Into<Vec<u8>>) -> Canned {
    let export = at(&format!("{list}/async/export/{id}"));
    services
        .with_answer(
            &at(&format!("{list}/async/export")),
            202,
            json!({"export": {"id": id}}).to_string(),
        )
        .with_answer(
            &format!("{export}/status"),
            200,
            json!({"export": {"id": id, "status": "COMPLETED"}}).to_string(),
        )
        .with_answer(&export, 200, body)
}

fn exports(services: Canned, licenses: &[Value], transactions: &[Value]) -> Canned {
    let services = export(services, "licenses", "recent", json!(licenses).to_string());
    let services = export(services, "licenses", "old", "[]");
    export(
        services,
        "sales/transactions",
        "sales",
        json!(transactions).to_string(),
    )
}

/// Services whose lists of licenses all have these, however often and for whatever they are asked.
fn repeating(licenses: &[Value]) -> Canned {
    let services = export(space(), "licenses", "both", json!(licenses).to_string());
    export(services, "sales/transactions", "sales", "[]")
}

fn run(services: &Canned) -> Result<Refreshed, Error> {
    run_with(services, &Cache::default())
}

fn run_with(services: &dyn Services, cache: &Cache) -> Result<Refreshed, Error> {
    let clock = Canned::default();
    let context = clock.refresh_context(TODAY);
    sync(services, cache, "1212980", context.today(), context.now())
}

fn users_now(services: &Canned, name: Option<&gadget_api::SnapshotName>) -> i64 {
    let cache = Cache::default();
    let loaded = cache.load(services, "1212980", name).unwrap();
    let day = Day::parse(TODAY).unwrap();
    let totals = cache.totals(services, &loaded, &Rules::default(), day);
    totals.unwrap().current_status().users_now
}

fn page(name: &str, records: &[Value], has_next: bool) -> String {
    let links = if has_next {
        json!({"next": {"href": "/elsewhere"}})
    } else {
        json!({})
    };
    json!({"_links": links, name: records}).to_string()
}

#[test]
fn exports_become_a_snapshot() {
    let services = exports(space(), &[license(1, 50), license(2, 100)], &[]);
    let refreshed = run(&services).unwrap();
    assert_eq!(refreshed.stale, None);
    let name = refreshed.snapshot.unwrap();
    assert_eq!(users_now(&services, Some(&name)), 150);
    let loaded = Cache::default().load(&services, "1212980", None).unwrap();
    assert_eq!(loaded.failure, None);
    assert_eq!(loaded.snapshot.apps()[0].name, "Timeboard for Jira");
    let (last, before) = loaded.snapshot.weekly_users(APP).unwrap();
    assert_eq!((last.users, before.unwrap().users), (99, 90));
    assert_eq!(loaded.snapshot.no_transactions(), None);
    let told = services.progress_told();
    let is_told = |text: &str| told.iter().any(|progress| progress.text == text);
    assert!(
        is_told("Reading licenses") && is_told("Reading transactions"),
        "{told:?}"
    );
    let last: Vec<_> = told
        .last()
        .unwrap()
        .steps
        .iter()
        .map(|step| (step.label.as_str(), step.detail.as_str()))
        .collect();
    assert_eq!(
        last,
        [
            ("Access", "vendor 1212980"),
            ("Licenses", "2 rows"),
            ("Transactions", "0 rows"),
            ("Atlassian's count", "")
        ]
    );
}

#[test]
fn a_full_sync_asks_what_the_reference_says() {
    let services = exports(space(), &[license(1, 50)], &[]);
    run(&services).unwrap();
    let asked: Vec<String> = services
        .requests()
        .iter()
        .filter(|request| request.path().ends_with("/async/export"))
        .map(|request| {
            let query: Vec<_> = request
                .query()
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            assert_eq!(request.body(), Some(b"{}".as_slice()));
            query.join("&")
        })
        .collect();
    let boundaries = "cloudComplianceBoundaries=commercial&cloudComplianceBoundaries=fedramp_moderate&cloudComplianceBoundaries=isolated_cloud&accept=json";
    assert_eq!(
        asked,
        [
            format!("endDate=2018-06-30&dateType=start&{boundaries}"),
            format!("withDataInsights=true&startDate=2018-07-01&dateType=start&{boundaries}"),
            format!("includeManualInvoice=true&{boundaries}"),
        ]
    );
    let metrics = services
        .requests()
        .into_iter()
        .find(|request| request.path() == METRICS)
        .unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(metrics.body().unwrap()).unwrap(),
        json!({"granularity": "WEEK", "attributes": [{"name": "APP_KEY"}],
            "metrics": {"metricFields": [{"name": "USER_COUNT"}, {"name": "INSTALL_COUNT"}]},
            "dateRange": {"startDate": "2026-08-10", "endDate": "2026-11-15"}})
    );
}

#[test]
fn missing_optional_data_does_not_stop_the_sync() {
    let licenses = [license(1, 50)];
    let services = Canned::default()
        .with_datasource("atlassian-marketplace", json!({}))
        .with_answer(SPACE, 200, r#"{"developerId": "d-1"}"#)
        .with_answer(APPS, 500, "{}")
        .with_html(METRICS, 502, "<html>");
    let services = export(services, "licenses", "recent", json!(licenses).to_string());
    let services = export(services, "licenses", "old", "[]").with_answer(
        &at("sales/transactions/async/export"),
        403,
        "{}",
    );
    assert_eq!(run(&services).unwrap().stale, None);
    assert_eq!(users_now(&services, None), 50);
    let loaded = Cache::default().load(&services, "1212980", None).unwrap();
    assert_eq!(
        loaded.snapshot.no_transactions(),
        Some("the account is not allowed to read transactions (403)")
    );
    assert!(!loaded.snapshot.has_listing());
    assert_eq!(loaded.snapshot.apps()[0].name, "Timeboard");
    assert_eq!(
        loaded.snapshot.weekly_users(APP),
        Err("the API failed to answer a request for Atlassian's count (502)")
    );
}

fn state(status: &str) -> String {
    json!({"export": {"id": "e", "status": status}}).to_string()
}

#[test]
fn exports_that_fail_are_replaced_by_pages() {
    let broken: [(&str, BreakExport); 7] = [
        (
            "refused",
            (|services| services.with_answer(&at("licenses/async/export"), 500, "{}")),
        ),
        (
            "failed",
            (|s| {
                let s = s.with_answer(
                    &at("licenses/async/export"),
                    202,
                    r#"{"export": {"id": "e"}}"#,
                );
                s.with_answer(&at("licenses/async/export/e/status"), 200, state("FAILED"))
            }),
        ),
        (
            "stuck",
            (|s| {
                let s = s.with_answer(
                    &at("licenses/async/export"),
                    202,
                    r#"{"export": {"id": "e"}}"#,
                );
                s.with_answer(
                    &at("licenses/async/export/e/status"),
                    200,
                    state("IN_PROGRESS"),
                )
            }),
        ),
        (
            "cut",
            (|s| {
                export(
                    s,
                    "licenses",
                    "e",
                    json!([license(7, 25), license(8, 25)]).to_string()[..300].to_owned(),
                )
            }),
        ),
        (
            "followed by more",
            (|s| export(s, "licenses", "e", "[] []")),
        ),
        (
            "not of objects",
            (|s| export(s, "licenses", "e", "[{}, 1]")),
        ),
        (
            "html",
            (|s| {
                let s = s
                    .with_answer(
                        &at("licenses/async/export"),
                        202,
                        r#"{"export": {"id": "e"}}"#,
                    )
                    .with_answer(
                        &at("licenses/async/export/e/status"),
                        200,
                        state("COMPLETED"),
                    );
                s.with_html(&at("licenses/async/export/e"), 200, "<html>")
            }),
        ),
    ];
    for (name, break_export) in broken {
        let services = break_export(space()).with_answer(
            &at("licenses"),
            200,
            page("licenses", &[license(1, 50)], false),
        );
        let services = export(services, "sales/transactions", "sales", "[]");
        assert_eq!(run(&services).unwrap().stale, None, "{name}");
        assert_eq!(users_now(&services, None), 50, "{name}");
    }
}

#[test]
fn errors_keep_their_kind_and_nothing_is_stored() {
    let cases: [(&str, u16, ErrorKind); 4] = [
        (SPACE, 401, ErrorKind::Credentials),
        (SPACE, 403, ErrorKind::Rights),
        (SPACE, 404, ErrorKind::Datasource),
        (SPACE, 503, ErrorKind::Datasource),
    ];
    for (path, status, kind) in cases {
        let services = Canned::default()
            .with_datasource("atlassian-marketplace", json!({}))
            .with_answer(path, status, "{}");
        assert_eq!(run(&services).unwrap_err().kind(), kind, "{status}");
        assert_eq!(services.blob_list("").unwrap(), []);
        let failed = services.progress_told().last().unwrap().steps[0].clone();
        assert_eq!(failed.state, StepState::Failed);
    }
    let services = exports(space(), &[], &[]);
    services.cancel();
    assert_eq!(run(&services).unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn a_failed_sync_shows_the_data_before_it_and_says_why() {
    let services = exports(space(), &[license(1, 50)], &[]);
    let fresh = run(&services).unwrap().snapshot.unwrap();
    services.cancel();
    let refreshed = run(&services).unwrap();
    let stale = refreshed.snapshot.unwrap();
    assert_ne!(stale, fresh);
    assert_eq!(
        refreshed.stale.as_ref().map(Error::kind),
        Some(ErrorKind::Cancelled)
    );
    let cache = Cache::default();
    for name in [Some(&stale), None] {
        let loaded = cache.load(&services, "1212980", name).unwrap();
        assert_eq!(loaded.failure.map(|failure| failure.error), refreshed.stale);
        assert_eq!(users_now(&services, name), 50);
    }
    assert_eq!(
        cache
            .load(&services, "1212980", Some(&fresh))
            .unwrap()
            .failure,
        None
    );
}

#[test]
fn changed_rows_are_counted_as_restated() {
    let services = exports(space(), &[license(1, 50)], &[]);
    run(&services).unwrap();
    let blobs = services.blob_list("").unwrap();
    let later = repeating(&[license(1, 100)]);
    for blob in blobs {
        let bytes = services.blob_get(&blob.name).unwrap().unwrap().bytes;
        later.blob_put(&blob.name, &bytes, 0).unwrap();
    }
    run(&later).unwrap();
    let loaded = Cache::default().load(&later, "1212980", None).unwrap();
    assert_eq!(loaded.snapshot.restated(), 1);
}

#[test]
fn a_row_without_id_counts_once_even_if_both_lists_bring_it() {
    let mut old = license(1, 50);
    old.as_object_mut().unwrap().remove("licenseId");
    old["maintenanceStartDate"] = json!("2017-01-01");
    let mut recent = old.clone();
    recent["maintenanceStartDate"] = json!("2019-01-01");
    let both = json!([old, recent]).to_string();
    let services = export(space(), "licenses", "recent", both.clone());
    let services = export(services, "licenses", "old", both);
    let services = export(services, "sales/transactions", "sales", "[]");
    run(&services).unwrap();
    let loaded = Cache::default().load(&services, "1212980", None).unwrap();
    let day = Day::parse(TODAY).unwrap();
    let totals = Cache::default().totals(&services, &loaded, &Rules::default(), day);
    assert_eq!(totals.unwrap().current_status().no_id, 2);
}

#[test]
fn all_exports_together_are_waited_for_once() {
    let services = space()
        .with_answer(
            &at("licenses/async/export"),
            202,
            r#"{"export": {"id": "e"}}"#,
        )
        .with_answer(&at("licenses/async/export/e/status"), 200, state("QUEUED"))
        .with_answer(
            &at("licenses"),
            200,
            page("licenses", &[license(1, 50)], false),
        )
        .with_answer(
            &at("sales/transactions/async/export"),
            202,
            r#"{"export": {"id": "e"}}"#,
        )
        .with_answer(
            &at("sales/transactions/async/export/e/status"),
            200,
            state("QUEUED"),
        )
        .with_answer(
            &at("sales/transactions"),
            200,
            page("transactions", &[], false),
        );
    run(&services).unwrap();
    let polls = services
        .requests()
        .into_iter()
        .filter(|request| request.path().ends_with("/status"));
    // A third of 60 seconds after 0.25, 0.5, 1, 2 and then each 5 seconds, and one look for each other list.
    assert_eq!(polls.count(), 9 + 1 + 1);
    assert_eq!(users_now(&services, None), 50);
}

#[test]
fn unrequested_licenses_are_left_out_if_the_server_ignores_filters() {
    let mut of_atlassian = license(2, 100);
    of_atlassian["licenseSourceType"] = json!("Atlassian");
    let mut for_life = license(3, 10);
    for_life["licenseType"] = json!("FREE");
    for_life["maintenanceEndDate"] = Value::Null;
    let all = json!([license(1, 50), of_atlassian, for_life]).to_string();
    let ignoring = export(space(), "licenses", "both", all.clone());
    let keeping = export(space(), "licenses", "old", "[]");
    for (services, users, free) in [
        (export(ignoring, "sales/transactions", "sales", "[]"), 50, 0),
        (
            export(
                export(keeping, "licenses", "recent", all),
                "sales/transactions",
                "sales",
                "[]",
            ),
            150,
            1,
        ),
    ] {
        run(&services).unwrap();
        let loaded = Cache::default().load(&services, "1212980", None).unwrap();
        let day = Day::parse(TODAY).unwrap();
        let totals = Cache::default().totals(&services, &loaded, &Rules::default(), day);
        let current_status = totals.unwrap().current_status();
        assert_eq!(
            (current_status.users_now, current_status.excluded.len()),
            (users, free)
        );
    }
}
