//! The handling of a request: it is logged, delayed, checked for faults and credentials, and answered.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request as HttpRequest, header};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::NaiveDate;

use crate::answer::Answer;
use crate::changes::{Changes, FixedData, NextDay};
use crate::data::Data;
use crate::delivery::{self, Delivery};
use crate::exports::{Job, Jobs};
use crate::fault::{Fault, Faults, Scope};
use crate::filter::Filter;
use crate::options::Options;
use crate::route::{Part, Route};
use crate::row::{Dataset, List};
use crate::row_faults::RowFaults;
use crate::selection::Selection;
use crate::{apps, fault_answer, ids, metrics, reports};

/// The path of the base address.
pub(crate) const BASE_PATH: &str = "/marketplace";
/// The largest body of a request.
const BODY_MAX: usize = 1024 * 1024;
/// How many selections are cached.
const SELECTIONS_MAX: usize = 16;
/// How many requests are logged.
const LOG_MAX: usize = 100_000;

/// A request that the stand-in has received.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The whole path, such as `/marketplace/rest/3/developer-space/vendor/1212980`.
    pub path: String,
    /// The query as sent, without the question mark; empty if there is none.
    pub query: String,
    /// Whether the request had an `Authorization` header.
    pub has_credentials: bool,
}

/// The parts of a request that the resources use.
pub(crate) struct Call {
    /// The names and values of the query.
    pub(crate) query: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Bytes,
    /// The developer space of the path.
    pub(crate) developer: String,
    faults: Faults,
    scopes: Vec<Scope>,
}

impl Call {
    /// Tells whether `fault` is on for this request.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.has(fault, &self.scopes)
    }

    /// Returns the faults in single rows of the answer.
    pub(crate) fn row_faults(&self) -> RowFaults {
        RowFaults {
            dates: self.has(Fault::OddDates),
            tiers: self.has(Fault::OddTiers),
        }
    }

    /// Returns the first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The state of a running stand-in.
pub(crate) struct Server {
    options: Options,
    developer: String,
    served: Mutex<Served>,
    faults: Mutex<Faults>,
    log: Mutex<VecDeque<Request>>,
    tries: Mutex<HashMap<String, u32>>,
    pages_shifted: AtomicUsize,
}

/// The data, with selections and exports of it.
struct Served {
    today: NaiveDate,
    dataset: Arc<dyn Dataset>,
    selections: HashMap<(List, Filter), Arc<Selection>>,
    jobs: Jobs,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Server {
    /// Creates the server from its options.
    pub(crate) fn new(options: Options) -> Self {
        let today = options.day_of(&options.data);
        Self {
            developer: ids::uuid("developer", &options.vendor),
            served: Mutex::new(Served {
                today,
                dataset: options.data.open(today),
                selections: HashMap::new(),
                jobs: Jobs::default(),
            }),
            faults: Mutex::new(options.faults.clone()),
            log: Mutex::default(),
            tries: Mutex::default(),
            pages_shifted: AtomicUsize::new(0),
            options,
        }
    }

    /// Returns the options that the server was started with.
    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Returns the numeric vendor id.
    pub(crate) fn vendor(&self) -> &str {
        &self.options.vendor
    }

    /// Returns the id of the developer space.
    pub(crate) fn developer(&self) -> &str {
        &self.developer
    }

    /// Returns the current day for the data.
    pub(crate) fn today(&self) -> NaiveDate {
        lock(&self.served).today
    }

    /// Returns the data.
    pub(crate) fn dataset(&self) -> Arc<dyn Dataset> {
        Arc::clone(&lock(&self.served).dataset)
    }

    /// Returns how long an export takes.
    pub(crate) fn export_time(&self) -> Duration {
        self.options.export_time
    }

    /// Returns the rows that `filter` selects, from the cache if an earlier request used it.
    pub(crate) fn selection(&self, list: List, filter: Filter) -> Arc<Selection> {
        let mut served = lock(&self.served);
        let key = (list, filter);
        if let Some(known) = served.selections.get(&key) {
            return Arc::clone(known);
        }
        if served.selections.len() == SELECTIONS_MAX {
            served.selections.clear();
        }
        let dataset = Arc::clone(&served.dataset);
        let selection = Arc::new(Selection::new(dataset, list, key.1.clone()));
        served.selections.insert(key, Arc::clone(&selection));
        selection
    }

    /// Starts an export and returns its id.
    pub(crate) fn start_export(&self, list: List, selection: Arc<Selection>) -> String {
        let mut served = lock(&self.served);
        served.jobs.start(list, selection, Instant::now())
    }

    /// Returns a known export.
    pub(crate) fn export(&self, list: List, id: &str) -> Option<Job> {
        lock(&self.served).jobs.find(list, id)
    }

    /// Serves other data from now on. Exports that were already started keep theirs.
    pub(crate) fn replace_data(&self, data: &Data) {
        let today = self.options.day_of(data);
        let dataset = data.open(today);
        let mut served = lock(&self.served);
        served.today = today;
        served.dataset = dataset;
        served.selections.clear();
    }

    /// Lets a day go by. Exports that were already started keep their rows.
    pub(crate) fn next_day(&self, changes: Changes) -> Result<NextDay, FixedData> {
        let mut served = lock(&self.served);
        let (dataset, day) = served.dataset.next_day(changes).ok_or(FixedData)?;
        served.today = day.today;
        served.dataset = dataset;
        served.selections.clear();
        Ok(day)
    }

    /// Replaces the faults and resets the counts of earlier ones.
    pub(crate) fn set_faults(&self, faults: Faults) {
        lock(&self.tries).clear();
        self.pages_shifted.store(0, Ordering::Relaxed);
        *lock(&self.faults) = faults;
    }

    /// Returns the requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        lock(&self.log).iter().cloned().collect()
    }

    /// Clears the log of requests.
    pub(crate) fn clear_requests(&self) {
        lock(&self.log).clear();
    }

    /// Returns by how many rows the list has shifted at this page.
    pub(crate) fn shift(&self, call: &Call) -> usize {
        if call.has(Fault::ShiftingPages) {
            self.pages_shifted.fetch_add(1, Ordering::Relaxed)
        } else {
            0
        }
    }

    /// Counts the requests for a path and returns the number of this one, from 1.
    pub(crate) fn count_try(&self, path: &str) -> u32 {
        let mut tries = lock(&self.tries);
        let count = tries.entry(path.to_owned()).or_default();
        *count += 1;
        *count
    }

    /// Returns the target of the fault `redirect`.
    pub(crate) fn redirect_to(&self) -> &str {
        &self.options.redirect_to
    }

    fn log_request(&self, request: Request) {
        let mut log = lock(&self.log);
        if log.len() == LOG_MAX {
            log.pop_front();
        }
        log.push_back(request);
    }

    fn is_authorized(&self, headers: &HeaderMap) -> bool {
        let account = format!("{}:{}", self.options.email, self.options.token);
        let sent = headers.get(header::AUTHORIZATION);
        let sent = sent.and_then(|value| value.to_str().ok());
        let Some((scheme, encoded)) = sent.and_then(|value| value.split_once(' ')) else {
            return false;
        };
        scheme.eq_ignore_ascii_case("basic")
            && BASE64_STANDARD
                .decode(encoded.trim())
                .is_ok_and(|decoded| decoded == account.as_bytes())
    }

    /// Answers an authorized call for `route`.
    fn answer(&self, route: &Route, call: &Call) -> Answer {
        if let Some(rejected) = self.reject_developer(route) {
            return rejected;
        }
        match route {
            Route::SpaceOfVendor { vendor } => apps::space_of_vendor(self, vendor),
            Route::ProductListing { .. } => apps::product_listing(self, call),
            Route::Metrics { .. } => metrics::answer(self, call),
            Route::Report { list, part, .. } => self.report(call, *list, part),
            Route::Gone => Answer::reporting_error(
                410,
                "API_DEPRECATED",
                "",
                "Version 2 of this API was removed.",
            ),
            Route::WrongOrder => Answer::gateway_error(403, "Forbidden"),
            Route::Unknown => Answer::gateway_error(404, "Not Found"),
        }
    }

    fn report(&self, call: &Call, list: List, part: &Part) -> Answer {
        let answer = match part {
            Part::Page => reports::page(self, call, list),
            Part::StartExport => reports::start_export(self, call, list),
            Part::ExportStatus { id } => Ok(reports::export_status(self, call, list, id)),
            Part::ExportDownload { id } => Ok(reports::export_download(self, call, list, id)),
        };
        answer.unwrap_or_else(Answer::from)
    }

    /// Rejects a developer space that is not the vendor's.
    fn reject_developer(&self, route: &Route) -> Option<Answer> {
        let developer = developer_of(route)?;
        if developer.eq_ignore_ascii_case(&self.developer) {
            return None;
        }
        let reporting = matches!(route, Route::Report { .. });
        let message = format!("developerId: {developer} is not a UUID");
        Some(match (reporting, ids::is_uuid(developer)) {
            (true, true) => {
                let message =
                    "You don't have permission to view the reports of this developer space.";
                Answer::reporting_error(403, "FORBIDDEN", "developerId", message)
            }
            (true, false) => Answer::reporting_error(400, "BAD_REQUEST", "developerId", &message),
            (false, true) => {
                let detail = format!("There is no developer space {developer}.");
                Answer::resource_error(404, "NOT_FOUND", "Not found", &detail)
            }
            (false, false) => Answer::resource_error(400, "BAD_REQUEST", "Bad request", &message),
        })
    }
}

fn developer_of(route: &Route) -> Option<&str> {
    match route {
        Route::ProductListing { developer }
        | Route::Metrics { developer }
        | Route::Report { developer, .. } => Some(developer),
        _ => None,
    }
}

/// Returns the scopes of a route, for faults that are limited to one.
fn scopes_of(route: &Route) -> Vec<Scope> {
    match route {
        Route::SpaceOfVendor { .. } => vec![Scope::Space],
        Route::ProductListing { .. } => vec![Scope::Listing],
        Route::Metrics { .. } => vec![Scope::Metrics],
        Route::Report { list, part, .. } => {
            let list = match list {
                List::Licenses => Scope::Licenses,
                List::Transactions => Scope::Transactions,
            };
            if *part == Part::Page {
                vec![list]
            } else {
                vec![list, Scope::Export]
            }
        }
        Route::Gone | Route::WrongOrder | Route::Unknown => Vec::new(),
    }
}

/// Handles one request.
pub(crate) async fn handle(
    State(server): State<Arc<Server>>,
    request: HttpRequest<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or("").to_owned();
    server.log_request(Request {
        method: parts.method.to_string(),
        path: path.clone(),
        query: query.clone(),
        has_credentials: parts.headers.contains_key(header::AUTHORIZATION),
    });
    if !server.options.latency.is_zero() {
        tokio::time::sleep(server.options.latency).await;
    }
    let accepts_gzip = delivery::accepts_gzip(&parts.headers);
    let body = match axum::body::to_bytes(body, BODY_MAX).await {
        Ok(body) => body,
        Err(_) => {
            let answer = Answer::gateway_error(413, "Payload Too Large");
            return Delivery::plain(accepts_gzip).deliver(answer);
        }
    };

    let route = path
        .strip_prefix(BASE_PATH)
        .map_or(Route::Unknown, Route::parse);
    let call = Call {
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        body,
        developer: developer_of(&route).unwrap_or_default().to_owned(),
        faults: lock(&server.faults).clone(),
        scopes: scopes_of(&route),
    };
    if call.has(Fault::Hang) {
        std::future::pending::<()>().await;
    }
    let delivery = Delivery::of(&call, accepts_gzip);
    if let Some(answer) = fault_answer::answer(&server, &call, &route, &path, &parts.headers) {
        return delivery.deliver(answer);
    }
    if !server.is_authorized(&parts.headers) {
        let answer = Answer::gateway_error(401, "Unauthorized")
            .with_header("www-authenticate", "Basic realm=\"marketplace\"");
        return delivery.deliver(answer);
    }
    if parts.method.as_str() != route.method() {
        return delivery.deliver(Answer::gateway_error(405, "Method Not Allowed"));
    }
    delivery.deliver(server.answer(&route, &call))
}
