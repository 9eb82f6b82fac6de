//! The developer space of a vendor, and the listing of its apps.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::fault::Fault;
use crate::parameter;
use crate::row::App;
use crate::server::{Call, Server};

/// How many apps a page of the listing has without `limit`.
const LIMIT_DEFAULT: usize = 10;
/// The largest page of the listing.
const LIMIT_MAX: usize = 50;

/// Answers a request for the developer space of a vendor id.
pub(crate) fn space_of_vendor(server: &Server, vendor: &str) -> Answer {
    if vendor == server.vendor() {
        return Answer::json(&json!({"developerId": server.developer()}));
    }
    not_found(&format!("There is no developer space of vendor {vendor}."))
}

/// Answers a request for a page of the app listing.
pub(crate) fn product_listing(server: &Server, call: &Call) -> Answer {
    if call.has(Fault::NoListing) {
        let detail = "The listing is not available.";
        return Answer::resource_error(500, "INTERNAL_SERVER_ERROR", "Internal error", detail);
    }
    let limit = match parameter::count(&call.query, "limit") {
        Ok(limit) => limit.unwrap_or(LIMIT_DEFAULT).min(LIMIT_MAX),
        Err(error) => return bad_request(&format!("{} {}", error.name, error.message)),
    };
    let first = match call.parameter("cursor").map(index_of_cursor) {
        None => 0,
        Some(Some(index)) => index,
        Some(None) => return bad_request("cursor is not from this listing"),
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
        links["next"] = Value::from(format!("{own}&cursor={}", cursor_of(next)));
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

fn cursor_of(index: usize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{{\"p\":{index}}}"))
}

fn index_of_cursor(cursor: &str) -> Option<usize> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let number = text.strip_prefix("{\"p\":")?.strip_suffix('}')?;
    number.parse().ok()
}

fn bad_request(detail: &str) -> Answer {
    Answer::resource_error(400, "BAD_REQUEST", "Bad request", detail)
}

fn not_found(detail: &str) -> Answer {
    Answer::resource_error(404, "NOT_FOUND", "Not found", detail)
}
