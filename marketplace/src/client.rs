//! The client of the reporting API, over the services of a host.
//!
//! It reads answers leniently; one that cannot be used is an error, never a partial result.

use gadget_api::{Error, ErrorKind, LogLevel, Request, Response, ResponseHead, Services};

use self::failure::{response_error, status_error};
use crate::{
    apps::App,
    wire::{self, Records},
};

mod export;
mod failure;
mod listing;
mod metrics;
mod paging;

pub(crate) use self::{export::ExportId, paging::PageScan};

/// The start of all paths, below the base address of a datasource.
const API: &str = "/rest/3";
/// The largest answer that is read as a whole, inflated.
const MAX_ANSWER_BYTES: u64 = 8 << 20;
/// The day that divides the two requests for licenses: only newer ones have insight fields.
pub(crate) const INSIGHTS_SINCE: &str = "2018-07-01";
const BEFORE_INSIGHTS: &str = "2018-06-30";
const BOUNDARIES: [&str; 3] = ["commercial", "fedramp_moderate", "isolated_cloud"];

/// One of the lists that a full sync reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ListRequest {
    /// Licenses that started on or after the first day with insight fields.
    RecentLicenses,
    /// Older licenses.
    OldLicenses,
    /// All transactions.
    Transactions,
}

impl ListRequest {
    /// All lists, in the order in which they are read: the shortest first, as it shows whether dates are respected.
    pub(crate) const ALL: [Self; 3] = [Self::OldLicenses, Self::RecentLicenses, Self::Transactions];

    pub(crate) fn records(self) -> Records {
        match self {
            Self::RecentLicenses | Self::OldLicenses => Records::Licenses,
            Self::Transactions => Records::Transactions,
        }
    }

    /// Returns what people call the records.
    pub(crate) fn label(self) -> &'static str {
        match self.records() {
            Records::Licenses => "licenses",
            Records::Transactions => "transactions",
        }
    }

    fn path(self) -> &'static str {
        match self.records() {
            Records::Licenses => "licenses",
            Records::Transactions => "sales/transactions",
        }
    }

    /// Adds the parameters of this list.
    fn with_parameters(self, mut request: Request) -> Request {
        request = match self {
            Self::RecentLicenses => request
                .with_query("withDataInsights", "true")
                .with_query("startDate", INSIGHTS_SINCE)
                .with_query("dateType", "start"),
            Self::OldLicenses => request
                .with_query("endDate", BEFORE_INSIGHTS)
                .with_query("dateType", "start"),
            Self::Transactions => request.with_query("includeManualInvoice", "true"),
        };
        for boundary in BOUNDARIES {
            request = request.with_query("cloudComplianceBoundaries", boundary);
        }
        request
    }
}

/// The developer space of a vendor, which all reports belong to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct DeveloperSpace {
    id: String,
}

impl DeveloperSpace {
    fn reporting(&self, rest: &str) -> String {
        format!("{API}/reporting/developer-space/{}/{rest}", self.id)
    }

    /// Returns the id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

/// Sends requests to the API through the host.
#[derive(Clone, Copy)]
pub(crate) struct Client<'a> {
    services: &'a dyn Services,
}

impl<'a> Client<'a> {
    pub(crate) fn new(services: &'a dyn Services) -> Self {
        Self { services }
    }

    /// Returns the developer space of a vendor.
    pub(crate) fn space(&self, vendor: &str) -> Result<DeveloperSpace, Error> {
        self.find_space(vendor)?
            .ok_or_else(|| status_error(&format!("vendor {vendor}"), 404, ""))
    }

    /// Returns the developer space of a vendor; nothing if the API does not know the vendor.
    pub(crate) fn find_space(&self, vendor: &str) -> Result<Option<DeveloperSpace>, Error> {
        if vendor.is_empty() || !vendor.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::new(
                ErrorKind::Settings,
                format!("`{}` is not a vendor id", short(vendor)),
            )
            .with_remedy("A vendor id is the number in the address of the partner console: marketplace.atlassian.com/manage/vendors/…"));
        }
        let what = format!("vendor {vendor}");
        let request = Request::get(format!("{API}/developer-space/vendor/{vendor}"));
        let response = self
            .services
            .fetch(&request.with_max_bytes(MAX_ANSWER_BYTES))?;
        if response.head.status == 404 {
            return Ok(None);
        }
        let body = self.good(&what, response)?;
        let id = wire::developer(&body).map_err(|bad| response_error(&what, &bad))?;
        if !is_id(&id) {
            return Err(Error::new(
                ErrorKind::Datasource,
                format!("the answer to a request for {what} has an invalid `developerId`"),
            ));
        }
        Ok(Some(DeveloperSpace { id }))
    }

    /// Reads one license or transaction, to see whether the list can be read.
    pub(crate) fn probe(&self, space: &DeveloperSpace, list: ListRequest) -> Result<(), Error> {
        let request = list
            .with_parameters(Request::get(space.reporting(list.path())))
            .with_query("limit", "1")
            .with_query("offset", "0");
        let body = self.fetch(list.label(), &request)?;
        let page = wire::page(&body, list.records());
        page.map(drop)
            .map_err(|bad| response_error(list.label(), &bad))
    }

    /// Sends a request and returns the JSON body of a successful answer.
    fn fetch(&self, what: &str, request: &Request) -> Result<Vec<u8>, Error> {
        let request = request.clone().with_max_bytes(MAX_ANSWER_BYTES);
        let response = self.services.fetch(&request)?;
        self.good(what, response)
    }

    /// Returns the JSON body of a successful answer.
    fn good(&self, what: &str, response: Response) -> Result<Vec<u8>, Error> {
        if !response.head.is_success() {
            return Err(self.refused(what, &response.head, &response.body));
        }
        check_json(what, &response.head)?;
        Ok(response.body)
    }

    /// Returns the error of an unsuccessful answer, and logs what the API said.
    fn refused(&self, what: &str, head: &ResponseHead, body: &[u8]) -> Error {
        let api_error = wire::api_error(body);
        if !api_error.message.is_empty() {
            let said = failure::scrubbed(&api_error.message);
            let line = format!(
                "the API answered a request for {what} with {}: {said}",
                head.status
            );
            self.services.log(LogLevel::Debug, &line);
        }
        status_error(what, head.status, &api_error.code)
    }
}

/// Tells whether a name from an answer is safe as a part of a path.
fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Returns the start of an unchecked text.
fn short(text: &str) -> String {
    text.chars()
        .filter(|each| !each.is_control())
        .take(40)
        .collect()
}

/// Refuses an answer whose type is not JSON: login pages have status 200.
fn check_json(what: &str, head: &ResponseHead) -> Result<(), Error> {
    let Some(content_type) = head.header("content-type") else {
        return Ok(());
    };
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let is_json = matches!(kind.as_str(), "application/json" | "text/json")
        || (kind.starts_with("application/") && kind.ends_with("+json"));
    if is_json {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Datasource,
        format!(
            "the answer to a request for {what} is `{}`, not JSON",
            short(&kind)
        ),
    )
    .with_remedy(failure::CHECK_BASE_ADDRESS))
}

/// Tells whether an error ends a sync at once, because any other way to the data would fail too.
pub(crate) fn is_final(error: &Error, services: &dyn Services) -> bool {
    match error.kind() {
        ErrorKind::Credentials | ErrorKind::Rights | ErrorKind::Cancelled => true,
        _ => services.is_cancelled() || services.remaining().is_zero(),
    }
}

/// Returns the apps without duplicates, by key.
fn distinct(mut apps: Vec<App>) -> Vec<App> {
    apps.sort_unstable();
    apps.dedup_by(|a, b| a.key == b.key);
    apps
}

#[cfg(test)]
mod tests;
