//! Licenses and transactions: pages and background exports.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answer::{Answer, Payload};
use crate::exports::Job;
use crate::fault::Fault;
use crate::filter::Filter;
use crate::parameter::{self, ParameterError};
use crate::row::List;
use crate::row_faults::RowFaults;
use crate::selection::Selection;
use crate::server::{Call, Server};

/// The page size without `limit`.
const LIMIT_DEFAULT: usize = 10;
/// The largest page size.
const LIMIT_MAX: usize = 50;
/// The approximate size of the chunks of an export.
const CHUNK_BYTES: usize = 64 * 1024;

/// Answers a request for a page of `list`.
pub(crate) fn page(server: &Server, call: &Call, list: List) -> Result<Answer, ParameterError> {
    let offset = parameter::count(&call.query, "offset")?.unwrap_or(0);
    let limit = parameter::count(&call.query, "limit")?
        .unwrap_or(LIMIT_DEFAULT)
        .min(LIMIT_MAX);
    let selection = server.selection(list, filter(call, list)?);
    let range = PageRange { offset, limit };
    let (rows, more) = page_rows(server, call, list, &selection, range);

    let links = page_links(call, list, range, more);
    let mut text = format!("{{\"_links\":{links},\"{}\":[", list.member());
    text.push_str(&rows.join(","));
    text.push_str("]}");
    Ok(Answer::text(text))
}

/// The rows of a list that a page shows.
#[derive(Clone, Copy)]
struct PageRange {
    offset: usize,
    limit: usize,
}

fn page_rows(
    server: &Server,
    call: &Call,
    list: List,
    selection: &Selection,
    range: PageRange,
) -> (Vec<String>, bool) {
    let PageRange { offset, limit } = range;
    if call.has(Fault::EmptyPages) && offset > 0 {
        return (Vec::new(), true);
    }
    let first = if call.has(Fault::LoopingNext) {
        0
    } else {
        offset
    };
    let is_duplicating = call.has(Fault::DuplicateRows);
    let endless = call.has(Fault::EndlessPaging);
    let shift = server.shift(call);
    let rotating = endless || shift > 0;
    // Only a rotating list needs its length, which costs a scan.
    let len = if rotating { selection.len() } else { 0 };
    if rotating && len == 0 {
        return (Vec::new(), endless);
    }
    let mut rows = Vec::new();
    let mut more = false;
    for at in first..=first.saturating_add(limit) {
        let at = if is_duplicating {
            index_before_duplication(at)
        } else {
            at
        };
        if !endless && shift > 0 && at >= len {
            break;
        }
        let number = if rotating { (at + shift) % len } else { at };
        let Some(position) = selection.positions(number, 1).pop() else {
            break;
        };
        if rows.len() == limit {
            more = true;
            break;
        }
        let mut row = String::new();
        selection.write(position, &mut row);
        let mut changed = String::new();
        call.row_faults().write(list, number, &row, &mut changed);
        rows.push(changed);
    }
    let more = (more && limit > 0) || call.has(Fault::LoopingNext) || call.has(Fault::EmptyPages);
    (rows, more || endless)
}

/// Returns the index of the row at `at` in a list in which every fifth row appears twice.
fn index_before_duplication(at: usize) -> usize {
    at / 6 * 5 + (at % 6).min(4)
}

fn page_links(call: &Call, list: List, range: PageRange, more: bool) -> Value {
    let PageRange { offset, limit } = range;
    let root = format!("/rest/3{}", root(&call.developer, list));
    let href = |offset: usize| json!({"href": page_href(&root, &call.query, limit, offset)});
    let export = |format: &str| {
        format!(
            "{}/export?accept={format}",
            self::root(&call.developer, list)
        )
    };
    let mut links = json!({
        "self": href(offset),
        "query": {"href": format!("{root}{{?productId*,startDate,endDate,text,tier*,hosting,lastUpdated,sortBy,order,offset,limit}}"), "templated": true},
        "export": [
            {"href": export("csv"), "type": "text/csv"},
            {"href": export("json"), "type": "application/json"},
        ],
    });
    if more {
        let next = if call.has(Fault::LoopingNext) {
            0
        } else {
            offset.saturating_add(limit)
        };
        links["next"] = href(next);
    }
    if offset > 0 {
        links["prev"] = href(offset.saturating_sub(limit));
    }
    links
}

fn page_href(root: &str, query: &[(String, String)], limit: usize, offset: usize) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in query {
        if name != "limit" && name != "offset" {
            pairs.append_pair(name, value);
        }
    }
    pairs.append_pair("limit", &limit.to_string());
    if offset > 0 {
        pairs.append_pair("offset", &offset.to_string());
    }
    format!("{root}?{}", pairs.finish())
}

/// Answers a request to start an export.
pub(crate) fn start_export(
    server: &Server,
    call: &Call,
    list: List,
) -> Result<Answer, ParameterError> {
    if call.has(Fault::ExportForbidden) {
        let message = "The export could not be started.";
        return Ok(Answer::reporting_error(
            500,
            "INTERNAL_SERVER_ERROR",
            "",
            message,
        ));
    }
    require_json(&call.query)?;
    let selection = server.selection(list, filter(call, list)?);
    let id = server.start_export(list, selection);
    Ok(Answer::json(&json!({
        "_links": export_links(&call.developer, list, &id),
        "export": {"id": id},
    })))
}

/// Answers a request for the state of the export with this id.
pub(crate) fn export_status(server: &Server, call: &Call, list: List, id: &str) -> Answer {
    let Some(job) = server.export(list, id) else {
        return unknown_export(id);
    };
    Answer::json(&json!({
        "_links": export_links(&call.developer, list, id),
        "export": {"id": id, "status": state(call, &job, server.export_time())},
    }))
}

/// Answers a request to download the export with this id.
pub(crate) fn export_download(server: &Server, call: &Call, list: List, id: &str) -> Answer {
    let Some(job) = server.export(list, id) else {
        return unknown_export(id);
    };
    if state(call, &job, server.export_time()) != "COMPLETED" {
        let message = "Export is being processed";
        return Answer::reporting_error(404, "NOT_FOUND", "exportId", message);
    }
    file(call, list, job.selection)
}

fn state(call: &Call, job: &Job, export_time: Duration) -> &'static str {
    match job.state(Instant::now(), export_time) {
        "COMPLETED" if call.has(Fault::ExportStuck) => "IN_PROGRESS",
        "COMPLETED" if call.has(Fault::ExportFailed) => "FAILED",
        state => state,
    }
}

fn unknown_export(id: &str) -> Answer {
    let message = format!("There is no export with the id {id}.");
    Answer::reporting_error(404, "NOT_FOUND", "exportId", &message)
}

fn export_links(developer: &str, list: List, id: &str) -> Value {
    let root = root(developer, list);
    let href = |tail: &str| json!({"href": format!("{root}{tail}")});
    json!({
        "self": href("/async/export"),
        "query": href(""),
        "status": href(&format!("/async/export/{id}/status")),
        "download": href(&format!("/async/export/{id}")),
    })
}

/// Returns the path of a list below `/rest/3`. Links in pages have that prefix and links in exports do not; the API does both.
fn root(developer: &str, list: List) -> String {
    format!("/reporting/developer-space/{developer}/{}", list.path())
}

fn file(call: &Call, list: List, selection: Arc<Selection>) -> Answer {
    let rows = ExportRows {
        list,
        selection,
        row_faults: call.row_faults(),
        is_duplicating: call.has(Fault::DuplicateRows),
        place: 0,
        number: 0,
        done: false,
    };
    Answer {
        payload: Payload::Chunks(Box::new(rows)),
        ..Answer::status(200)
    }
}

/// The rows of an export, produced chunk by chunk.
struct ExportRows {
    list: List,
    selection: Arc<Selection>,
    row_faults: RowFaults,
    is_duplicating: bool,
    place: u32,
    number: usize,
    done: bool,
}

impl Iterator for ExportRows {
    type Item = std::io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let mut chunk = String::with_capacity(CHUNK_BYTES + 4096);
        if self.place == 0 {
            chunk.push('[');
        }
        let places = self.selection.places();
        while self.place < places && chunk.len() < CHUNK_BYTES {
            self.write_place(&mut chunk);
        }
        if self.place == places {
            self.done = true;
            chunk.push(']');
        }
        Some(Ok(chunk.into_bytes()))
    }
}

impl ExportRows {
    fn write_place(&mut self, chunk: &mut String) {
        let (list, row_faults, is_duplicating) = (self.list, self.row_faults, self.is_duplicating);
        let number = &mut self.number;
        self.selection.write_place(self.place, &mut |row| {
            let times = if is_duplicating && *number % 5 == 4 {
                2
            } else {
                1
            };
            for time in 0..times {
                if *number > 0 || time > 0 {
                    chunk.push(',');
                }
                row_faults.write(list, *number, row, chunk);
            }
            *number += 1;
        });
        self.place += 1;
    }
}

fn filter(call: &Call, list: List) -> Result<Filter, ParameterError> {
    let filter = Filter::parse(list, &call.query)?;
    if call.has(Fault::IgnoreFilters) {
        return Ok(Filter::everything());
    }
    Ok(filter)
}

/// Requires `accept=json`. Without it the API exports CSV, which the stand-in does not implement.
fn require_json(query: &[(String, String)]) -> Result<(), ParameterError> {
    let name = "accept";
    let accepted = query.iter().find(|(other, _)| other == name);
    let accepted = accepted.map_or("csv", |(_, value)| value);
    match parameter::one_of(name, accepted, &["csv", "json"])?.as_str() {
        "json" => Ok(()),
        _ => Err(ParameterError::unimplemented(name)),
    }
}
