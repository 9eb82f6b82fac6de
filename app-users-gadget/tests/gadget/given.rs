//! A Marketplace with canned answers, and what the gadgets make of it.

use app_users_gadget::{AppUsers, AppUsersSettings, VendorUsersSettings};
use gadget_api::{CreateContext, Gadget, SnapshotName, View, testing::Canned};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) const TODAY: &str = "2026-11-20";
pub(crate) const APP: &str = "com.acme.timeboard";
pub(crate) const DOCFLOW: &str = "com.acme.docflow";
const REPORTS: &str = "/rest/3/reporting/developer-space/d-1";

pub(crate) fn at(rest: &str) -> String {
    format!("{REPORTS}/{rest}")
}

/// Returns a license row of the app.
pub(crate) fn license(id: u32, hosting: &str, tier: &str, span: (&str, &str)) -> Value {
    json!({"addonKey": APP, "addonName": "Timeboard", "licenseId": format!("SEN-{id}"), "hosting": hosting,
        "licenseType": "COMMERCIAL", "status": "active", "tier": tier, "lastUpdated": span.0,
        "maintenanceStartDate": span.0, "maintenanceEndDate": span.1,
        "contactDetails": {"company": format!("Company {id}"), "country": "DE"}})
}

/// Returns a sale of the license with this id.
pub(crate) fn sale(
    id: u32,
    kind: &str,
    tier: &str,
    old_tier: Option<&str>,
    span: (&str, &str),
) -> Value {
    let mut details = json!({"saleType": kind, "saleDate": span.0, "licenseType": "COMMERCIAL", "hosting": "Data Center",
        "billingPeriod": "Annual", "tier": tier, "maintenanceStartDate": span.0, "maintenanceEndDate": span.1});
    if let Some(old_tier) = old_tier {
        details["oldTier"] = json!(old_tier);
    }
    json!({"addonKey": APP, "addonName": "Timeboard", "licenseId": format!("SEN-{id}"),
        "transactionId": format!("AT-{id}-{}", span.0), "transactionLineItemId": format!("L-{id}-{}", span.0),
        "lastUpdated": span.0, "purchaseDetails": details})
}

/// Returns a row of another app.
pub(crate) fn of_app(mut row: Value, key: &str, name: &str) -> Value {
    row["addonKey"] = json!(key);
    row["addonName"] = json!(name);
    row
}

fn export(services: Canned, list: &str, records: &[Value]) -> Canned {
    let export = at(&format!("{list}/async/export"));
    services
        .with_answer(&export, 202, r#"{"export": {"id": "e"}}"#)
        .with_answer(
            &format!("{export}/e/status"),
            200,
            r#"{"export": {"id": "e", "status": "COMPLETED"}}"#,
        )
        .with_answer(&format!("{export}/e"), 200, json!(records).to_string())
}

/// Returns services without transactions, listing and metrics.
pub(crate) fn licenses_alone(licenses: &[Value]) -> Canned {
    let services = Canned::default()
        .with_datasource(
            "atlassian-marketplace",
            json!({"base_url": "https://api.atlassian.com/marketplace", "vendors": ["1212980", "77"], "email": "me@acme.example"}),
        )
        .with_answer("/rest/3/developer-space/vendor/1212980", 200, r#"{"developerId": "d-1"}"#);
    export(services, "licenses", licenses)
}

/// Returns services of a Marketplace where everything works.
pub(crate) fn marketplace(licenses: &[Value], transactions: &[Value]) -> Canned {
    marketplace_with_users(licenses, transactions, [20_871, 21_004])
}

/// Returns the same where Atlassian counts so many users in the last two weeks that are over.
pub(crate) fn marketplace_with_users(
    licenses: &[Value],
    transactions: &[Value],
    users: [u64; 2],
) -> Canned {
    marketplace_with_users_of(licenses, transactions, &[(APP, users)])
}

/// Returns the same for several apps.
pub(crate) fn marketplace_with_users_of(
    licenses: &[Value],
    transactions: &[Value],
    users: &[(&str, [u64; 2])],
) -> Canned {
    let metric = |app: &str, week: &str, users: u64| json!({"date": week, "appKey": app, "productId": "p", "installCounts": 9, "userCounts": users});
    let apps = json!({"links": {}, "items": [
        {"appKey": APP, "appName": "Timeboard"}, {"appKey": DOCFLOW, "appName": "Docflow"}]});
    let records: Vec<Value> = users
        .iter()
        .flat_map(|(app, [before, last])| {
            [
                metric(app, "2026-11-02", *before),
                metric(app, "2026-11-09", *last),
            ]
        })
        .collect();
    let metrics = json!({ "records": records });
    export(licenses_alone(licenses), "sales/transactions", transactions)
        .with_answer(
            "/rest/3/product-listing/developer-space/d-1",
            200,
            apps.to_string(),
        )
        .with_answer(
            "/rest/3/partner-metrics/developer-space/d-1",
            200,
            metrics.to_string(),
        )
}

/// Returns settings of the app with some members set.
pub(crate) fn settings(more: Value) -> AppUsersSettings {
    read(
        json!({"datasource": "test", "vendor": "1212980", "app": APP}),
        more,
    )
}

/// Returns settings of the vendor with some members set.
pub(crate) fn vendor_settings(more: Value) -> VendorUsersSettings {
    read(json!({"datasource": "test", "vendor": "1212980"}), more)
}

fn read<S: DeserializeOwned>(mut settings: Value, more: Value) -> S {
    let more = more.as_object().cloned().unwrap_or_default();
    settings
        .as_object_mut()
        .expect("it is an object")
        .extend(more);
    serde_json::from_value(settings).expect("a test gives settings that can be read")
}

pub(crate) fn gadget(services: &Canned) -> AppUsers {
    gadget_of(services)
}

pub(crate) fn gadget_of<G: Gadget>(services: &Canned) -> G {
    G::create(&CreateContext::new(services)).expect("the gadget needs nothing")
}

/// Refreshes, and returns the view of what is there then.
pub(crate) fn view(services: &Canned, settings: &AppUsersSettings) -> View {
    view_of::<AppUsers>(services, settings)
}

/// Returns the same of another gadget.
pub(crate) fn view_of<G: Gadget>(services: &Canned, settings: &G::Settings) -> View {
    let gadget: G = gadget_of(services);
    let refreshed = gadget
        .refresh(settings, &services.refresh_context(TODAY))
        .expect("there is data");
    let name: SnapshotName = refreshed.snapshot.expect("the data has a name");
    gadget
        .render(settings, &services.render_context_of(TODAY, &name))
        .expect("there is a view")
}

/// A server license that is new, one that grew by an upgrade, one that ended, one that is left out.
pub(crate) fn four() -> (Vec<Value>, Vec<Value>) {
    let mut grown = license(2, "Data Center", "1000 Users", ("2025-02-01", "2027-02-01"));
    grown["lastUpdated"] = json!("2026-11-10");
    let mut gone = license(3, "Cloud", "137 Users", ("2026-03-02", "2026-11-10"));
    gone["status"] = json!("cancelled");
    let mut evaluation = license(4, "Cloud", "Evaluation", ("2026-11-01", "2026-12-01"));
    evaluation["licenseType"] = json!("EVALUATION");
    let licenses = vec![
        license(1, "Server", "50 Users", ("2026-11-02", "2027-11-02")),
        grown,
        gone,
        evaluation,
    ];
    let sales = vec![
        sale(2, "New", "500 Users", None, ("2025-02-01", "2027-02-01")),
        sale(
            2,
            "Upgrade",
            "1000 Users",
            Some("500 Users"),
            ("2026-11-10", "2027-02-01"),
        ),
    ];
    (licenses, sales)
}
