//! The developer space, its apps, and what is told about one app.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::fault::Fault;
use crate::ids;
use crate::row::App;
use crate::server::{Call, Server};

/// Apps on a page of the listing: without `limit`, and at most.
const LISTING_LIMIT: (usize, usize) = (10, 50);
/// Versions on a page: without `limit`, and at most.
const VERSIONS_LIMIT: (usize, usize) = (25, 50);

/// Answers the developer space of a vendor id.
pub(crate) fn space_of_vendor(server: &Server, vendor: &str) -> Answer {
    if vendor == server.vendor() {
        return Answer::json(&json!({"developerId": server.developer()}));
    }
    not_found(&format!("There is no developer space of vendor {vendor}."))
}

/// Answers a developer space.
pub(crate) fn space(server: &Server) -> Answer {
    let dataset = server.dataset();
    let vendor = server.vendor();
    Answer::json(&json!({
        "id": server.developer(),
        "name": dataset.vendor_name(),
        "status": "ACTIVE",
        "type": "ATLASSIAN_EXTERNAL",
        "vendorId": vendor,
        "version": 3,
        "organisationId": null,
    }))
}

/// Answers a page of the app listing.
pub(crate) fn product_listing(server: &Server, call: &Call) -> Answer {
    if call.has(Fault::NoListing) {
        let detail = "The listing is not available.";
        return Answer::resource_error(500, "INTERNAL_SERVER_ERROR", "Internal error", detail);
    }
    let limit = match limit(call, LISTING_LIMIT) {
        Ok(limit) => limit,
        Err(detail) => return bad_request(&detail),
    };
    let first = match call.parameter("cursor").map(place_of_cursor) {
        None => 0,
        Some(Some(place)) => place,
        Some(None) => return bad_request("cursor is not one of this listing"),
    };
    let dataset = server.dataset();
    let private = call.parameter("includePrivate") == Some("true");
    let apps: Vec<&App> = dataset
        .apps()
        .iter()
        .filter(|app| app.public || private)
        .collect();

    let endless = call.has(Fault::EndlessPaging) && !apps.is_empty();
    let looping = call.has(Fault::LoopingNext);
    let empty = call.has(Fault::EmptyPages) && first > 0;
    let from = if looping { 0 } else { first };
    let items: Vec<Value> = (from..from.saturating_add(limit))
        .filter(|_| !empty)
        .filter_map(|at| {
            if endless {
                apps.get(at % apps.len())
            } else {
                apps.get(at)
            }
        })
        .map(|app| listed(server, app))
        .collect();

    let path = format!(
        "/rest/3/product-listing/developer-space/{}",
        server.developer()
    );
    let private = if private { "&includePrivate=true" } else { "" };
    let own = format!("{path}?limit={limit}{private}");
    let mut links = json!({"self": own});
    let more = from.saturating_add(limit) < apps.len();
    if more || endless || looping || call.has(Fault::EmptyPages) {
        let next = from.saturating_add(limit);
        links["next"] = Value::from(format!("{own}&cursor={}", cursor_of_place(next)));
    }
    Answer::json(&json!({"links": links, "items": items}))
}

fn listed(server: &Server, app: &App) -> Value {
    let offered = |hosting: &str, visibility: &str| {
        if app.hostings.contains(&hosting) {
            Value::from(visibility)
        } else {
            Value::Null
        }
    };
    let (state, approval) = if app.public {
        ("PUBLIC", "APPROVED")
    } else {
        ("PRIVATE", "UNINITIATED")
    };
    json!({
        "productId": app.product_id,
        "appKey": app.key,
        "developerId": server.developer(),
        "appName": app.name,
        "summary": format!("{}: made for teams.", app.name),
        "tagLine": "For teams that like to know.",
        "state": state,
        "approvalStatus": approval,
        "slug": app.name.to_lowercase().replace(' ', "-"),
        "revision": 4,
        "hostingVisibility": {
            "cloud": offered("cloud", "site"),
            "server": offered("server", "app"),
            "dataCenter": offered("dataCenter", "app"),
        },
    })
}

fn cursor_of_place(place: usize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{{\"p\":{place}}}"))
}

fn place_of_cursor(cursor: &str) -> Option<usize> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let number = text.strip_prefix("{\"p\":")?.strip_suffix('}')?;
    number.parse().ok()
}

/// Answers the hostings of an app.
pub(crate) fn app_software(server: &Server, app_key: &str) -> Answer {
    let dataset = server.dataset();
    let Some(app) = dataset.apps().iter().find(|app| app.key == app_key) else {
        return not_found(&format!("There is no app {app_key}."));
    };
    let items: Vec<Value> = app
        .hostings
        .iter()
        .map(|hosting| {
            let boundaries = if *hosting == "cloud" {
                json!(["commercial"])
            } else {
                Value::Null
            };
            json!({
                "appSoftwareId": software_id(app, hosting),
                "hosting": hosting.to_lowercase(),
                "complianceBoundaries": boundaries,
                "archived": *hosting == "server",
            })
        })
        .collect();
    Answer::json(&Value::from(items))
}

/// Answers a page of an app's versions on one hosting. There are three, the newest first.
pub(crate) fn app_versions(server: &Server, call: &Call, app_software: &str) -> Answer {
    let limit = match limit(call, VERSIONS_LIMIT) {
        Ok(0) => return bad_request("limit must be between 1 and 50"),
        Ok(limit) => limit,
        Err(detail) => return bad_request(&detail),
    };
    let dataset = server.dataset();
    let found = dataset.apps().iter().find(|app| {
        app.hostings
            .iter()
            .any(|hosting| software_id(app, hosting) == app_software)
    });
    let Some(app) = found else {
        return not_found(&format!("There is no app software {app_software}."));
    };
    let first = match call.parameter("cursor").map(place_of_cursor) {
        None => 0,
        Some(Some(place)) => place,
        Some(None) => return bad_request("cursor is not one of this listing"),
    };
    let asked = call.parameter("paymentModel");
    let all: Vec<Value> = (0..3)
        .filter(|_| asked.is_none_or(|model| model == app.payment_model))
        .map(|age| {
            json!({
                "buildNumber": 300 - age,
                "versionNumber": format!("3.{}.0", 2 - age),
                "supportedPaymentModel": app.payment_model,
            })
        })
        .collect();
    let total = all.len();
    let versions: Vec<Value> = all.into_iter().skip(first).take(limit).collect();
    let mut links = json!({});
    let next = first.saturating_add(limit);
    if next < total {
        let path = format!("/rest/3/app-software/{app_software}/versions");
        let cursor = cursor_of_place(next);
        links["next"] = Value::from(format!("{path}?limit={limit}&cursor={cursor}"));
    }
    Answer::json(&json!({"links": links, "versions": versions, "totalCount": total}))
}

fn software_id(app: &App, hosting: &str) -> String {
    ids::uuid("software", &format!("{} {hosting}", app.key))
}

fn limit(call: &Call, (default, max): (usize, usize)) -> Result<usize, String> {
    match call.parameter("limit").map(str::parse::<usize>) {
        None => Ok(default),
        Some(Ok(limit)) => Ok(limit.min(max)),
        Some(Err(_)) => Err("limit must be an integer that is not negative".to_owned()),
    }
}

fn bad_request(detail: &str) -> Answer {
    Answer::resource_error(400, "BAD_REQUEST", "Bad request", detail)
}

fn not_found(detail: &str) -> Answer {
    Answer::resource_error(404, "NOT_FOUND", "Not found", detail)
}
