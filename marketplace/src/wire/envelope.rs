//! The JSON around the records: pages, exports, listings, metrics and errors, read leniently.

use std::ops::Range;

use chrono::NaiveDate;
use serde::de::Deserialize;
use serde_json::{json, value::RawValue};
use thiserror::Error;

use super::array::{ArrayError, ArraySplitter};
use super::lenient::{LenientList, LenientText, lenient_object};
use crate::{
    apps::{App, WeeklyUsers},
    day::Day,
};

/// An answer that cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// It is not JSON, or is cut off.
    #[error("it is not the expected JSON")]
    NoJson(#[source] serde_json::Error),
    /// It starts with a byte order mark.
    #[error("it starts with a byte order mark")]
    ByteOrderMark,
    /// It is HTML.
    #[error("it is HTML, not JSON")]
    Markup,
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// A required member is missing.
    #[error("it has no `{0}`")]
    Missing(&'static str),
    /// Its list is broken.
    #[error(transparent)]
    List(#[from] ArrayError),
    /// It has two numbers for the same app and week.
    #[error("it has two numbers for the same app and week")]
    TwoNumbers,
}

/// What a page or an export lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Records {
    Licenses,
    Transactions,
}

lenient_object! {
    /// The target of a link.
    Target {
        "href" => href: LenientText<'a>,
    }
}

lenient_object! {
    /// The links of a page.
    Links {
        "next" => next: Option<&'a RawValue>,
    }
}

lenient_object! {
    /// One page of licenses or transactions.
    ReportPage {
        "_links" => links: Links<'a>,
        "licenses" => licenses: Option<&'a RawValue>,
        "transactions" => transactions: Option<&'a RawValue>,
        "totalCount" => total: LenientText<'a>,
    }
}

lenient_object! {
    /// The developer space of a vendor.
    Space {
        "developerId" => developer: LenientText<'a>,
    }
}

lenient_object! {
    /// The answer to a request for an export.
    ExportAnswer {
        "export" => export: Export<'a>,
    }
}

lenient_object! {
    /// An export.
    Export {
        "id" => id: LenientText<'a>,
        "status" => status: LenientText<'a>,
    }
}

lenient_object! {
    /// One page of the apps of a vendor.
    Listing {
        "links" => links: Links<'a>,
        "_links" => hal_links: Links<'a>,
        "items" => items: Option<LenientList<ListedApp<'a>>>,
    }
}

lenient_object! {
    /// One app of the listing.
    ListedApp {
        "appKey" => key: LenientText<'a>,
        "appName" => name: LenientText<'a>,
    }
}

lenient_object! {
    /// The answer of the partner metrics.
    Metrics {
        "records" => records: Option<LenientList<Metric<'a>>>,
    }
}

lenient_object! {
    /// The numbers of one app for one week.
    Metric {
        "date" => date: LenientText<'a>,
        "appKey" => app: LenientText<'a>,
        "userCounts" => user_counts: LenientText<'a>,
        "userCount" => user_count: LenientText<'a>,
        "users" => users: LenientText<'a>,
    }
}

lenient_object! {
    /// The three known shapes of an error body.
    ErrorBody {
        "errors" => errors: LenientList<Problem<'a>>,
        "code" => code: LenientText<'a>,
        "message" => message: LenientText<'a>,
        "error" => error: LenientText<'a>,
    }
}

lenient_object! {
    /// One problem of an error body.
    Problem {
        "code" => code: LenientText<'a>,
        "message" => message: LenientText<'a>,
        "title" => title: LenientText<'a>,
        "detail" => detail: LenientText<'a>,
    }
}

/// Reads a whole answer, and names what servers often send in place of JSON.
fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ResponseError> {
    match body.trim_ascii_start() {
        [] => return Err(ResponseError::Empty),
        [b'<', ..] => return Err(ResponseError::Markup),
        [0xef, 0xbb, 0xbf, ..] => return Err(ResponseError::ByteOrderMark),
        _ => {}
    }
    serde_json::from_slice(body).map_err(ResponseError::NoJson)
}

/// Returns the target of a link, which is a text or an object with `href`; nothing if it is empty.
fn target(link: Option<&RawValue>) -> Option<String> {
    let link = link?.get();
    let text = match serde_json::from_str::<Target<'_>>(link) {
        Ok(target) if !target.href.trimmed().is_empty() => target.href.trimmed().to_owned(),
        _ => serde_json::from_str::<LenientText<'_>>(link)
            .ok()?
            .trimmed()
            .to_owned(),
    };
    (!text.is_empty()).then_some(text)
}

/// One page of licenses or transactions.
#[derive(Debug)]
pub(crate) struct Page {
    /// Where each record is in the body.
    pub(crate) records: Vec<Range<usize>>,
    /// Whether the server says that more pages follow; its link to them is not used.
    pub(crate) has_next: bool,
    /// How many records all pages have, if the server says so.
    pub(crate) total: Option<u64>,
}

/// Reads a page of licenses or transactions.
pub(crate) fn page(body: &[u8], records: Records) -> Result<Page, ResponseError> {
    let page: ReportPage<'_> = read(body)?;
    let (list, name) = match records {
        Records::Licenses => (page.licenses, "licenses"),
        Records::Transactions => (page.transactions, "transactions"),
    };
    let list = list.ok_or(ResponseError::Missing(name))?.get().as_bytes();
    let place_in_body = |part: &[u8]| {
        let from = part.as_ptr().addr() - body.as_ptr().addr();
        from..from + part.len()
    };
    let mut found = Vec::new();
    if list.first() == Some(&b'{') {
        // By the API reference this is one object; the API sends a list.
        found.push(place_in_body(list));
    } else {
        let mut splitter = ArraySplitter::new();
        splitter.feed(list, &mut |element: &[u8]| {
            found.push(place_in_body(element));
            Ok::<(), ArrayError>(())
        })?;
        splitter.finish()?;
    }
    Ok(Page {
        records: found,
        has_next: target(page.links.next).is_some(),
        total: page.total.trimmed().parse().ok(),
    })
}

/// Reads the id of a vendor's developer space.
pub(crate) fn developer(body: &[u8]) -> Result<String, ResponseError> {
    let space: Space<'_> = read(body)?;
    match space.developer.trimmed() {
        "" => Err(ResponseError::Missing("developerId")),
        developer => Ok(developer.to_owned()),
    }
}

/// Reads the id of a started export.
pub(crate) fn export_id(body: &[u8]) -> Result<String, ResponseError> {
    let answer: ExportAnswer<'_> = read(body)?;
    match answer.export.id.trimmed() {
        "" => Err(ResponseError::Missing("export.id")),
        id => Ok(id.to_owned()),
    }
}

/// The state of an export.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ExportState {
    Pending,
    Completed,
    Failed,
}

/// Reads the state of an export; an unknown one is taken as pending.
pub(crate) fn export_state(body: &[u8]) -> Result<ExportState, ResponseError> {
    let answer: ExportAnswer<'_> = read(body)?;
    let status = answer.export.status.trimmed().to_ascii_uppercase();
    match status.as_str() {
        "" => Err(ResponseError::Missing("export.status")),
        "COMPLETED" => Ok(ExportState::Completed),
        "FAILED" | "ERROR" | "CANCELLED" | "EXPIRED" => Ok(ExportState::Failed),
        _ => Ok(ExportState::Pending),
    }
}

/// Reads one page of apps, and the cursor of the next page.
pub(crate) fn apps(body: &[u8]) -> Result<(Vec<App>, Option<String>), ResponseError> {
    let listing: Listing<'_> = read(body)?;
    let items = listing.items.ok_or(ResponseError::Missing("items"))?;
    let named = items.0.iter().filter(|item| !item.key.trimmed().is_empty());
    let apps = named.map(|item| {
        let key = item.key.trimmed();
        let name = Some(item.name.trimmed()).filter(|name| !name.is_empty());
        App {
            key: key.to_owned(),
            name: name.unwrap_or(key).to_owned(),
        }
    });
    let next = target(listing.links.next).or_else(|| target(listing.hal_links.next));
    let cursor = next.as_deref().and_then(|next| query_value(next, "cursor"));
    Ok((apps.collect(), cursor))
}

/// Returns the value of a parameter in the query of an address.
fn query_value(address: &str, name: &str) -> Option<String> {
    let query = address.split_once('?')?.1;
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Returns the body of the request for the weekly users of all apps.
pub(crate) fn weekly_users_request(first: NaiveDate, last: NaiveDate) -> Vec<u8> {
    let body = json!({
        "granularity": "WEEK",
        "attributes": [{"name": "APP_KEY"}],
        "metrics": {"metricFields": [{"name": "USER_COUNT"}, {"name": "INSTALL_COUNT"}]},
        "dateRange": {"startDate": first.to_string(), "endDate": last.to_string()},
    });
    body.to_string().into_bytes()
}

/// Reads the weekly users of all apps, sorted.
///
/// The name of the member is uncertain: every record that names an app must have one of three.
pub(crate) fn weekly_users(body: &[u8]) -> Result<Vec<WeeklyUsers>, ResponseError> {
    let metrics: Metrics<'_> = read(body)?;
    let records = metrics.records.ok_or(ResponseError::Missing("records"))?;
    let mut weeks = Vec::new();
    for record in &records.0 {
        let app = record.app.trimmed();
        if app.is_empty() {
            continue;
        }
        let candidates = [&record.user_counts, &record.user_count, &record.users];
        let users = candidates.iter().find_map(|text| whole_number(text));
        weeks.push(WeeklyUsers {
            app: app.to_owned(),
            week: Day::parse(record.date.trimmed()).ok_or(ResponseError::Missing("date"))?,
            users: users.ok_or(ResponseError::Missing("userCounts"))?,
        });
    }
    weeks.sort_unstable();
    weeks.dedup();
    let has_two = weeks
        .windows(2)
        .any(|pair| pair[0].app == pair[1].app && pair[0].week == pair[1].week);
    if has_two {
        return Err(ResponseError::TwoNumbers);
    }
    Ok(weeks)
}

/// Reads a whole number that is not negative; `12.0` is one.
fn whole_number(text: &LenientText<'_>) -> Option<u64> {
    let text = text.trimmed();
    match text.split_once('.') {
        None => text.parse().ok(),
        Some((whole, rest)) => whole
            .parse()
            .ok()
            .filter(|_| rest.bytes().all(|digit| digit == b'0')),
    }
}

/// The content of an error body that has one of the known shapes.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct ApiError {
    /// A short code such as `NOT_FOUND`; may be empty.
    pub(crate) code: String,
    /// The message, which is not shown to people because it may repeat what was sent.
    pub(crate) message: String,
}

/// Reads an error body; one of another shape is empty.
pub(crate) fn api_error(body: &[u8]) -> ApiError {
    let Ok(body) = read::<ErrorBody<'_>>(body) else {
        return ApiError::default();
    };
    let nested = serde_json::from_str::<Problem<'_>>("{}").unwrap_or_default();
    let problem = body.errors.0.first().unwrap_or(&nested);
    let first = |texts: &[&LenientText<'_>]| {
        let said = texts.iter().find(|text| !text.trimmed().is_empty());
        said.map_or(String::new(), |text| text.trimmed().to_owned())
    };
    let code = first(&[&problem.code, &body.code]);
    let is_name = code.len() <= 40
        && code
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    ApiError {
        code: if is_name { code } else { String::new() },
        message: first(&[
            &problem.message,
            &problem.detail,
            &problem.title,
            &body.message,
            &body.error,
        ]),
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
