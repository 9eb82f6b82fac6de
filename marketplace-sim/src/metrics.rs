//! Partner metrics: users and instances of each app, as the instances report them.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::day;
use crate::fault::Fault;
use crate::parameter;
use crate::row::Usage;
use crate::server::{Call, Server};

/// How many weeks an answer covers without `limit`.
const LIMIT_DEFAULT: usize = 7;
/// The largest `limit`.
const LIMIT_MAX: usize = 14;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetricsRequest {
    granularity: String,
    #[serde(default)]
    attributes: Vec<Named>,
    metrics: Metrics,
    date_range: DateRange,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    metric_fields: Vec<Named>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DateRange {
    start_date: String,
    end_date: String,
}

/// Answers a request for users and instances.
pub(crate) fn answer(server: &Server, call: &Call) -> Answer {
    if call.has(Fault::NoMetrics) {
        let detail = "The metrics are not available.";
        return Answer::resource_error(500, "INTERNAL_SERVER_ERROR", "Internal error", detail);
    }
    match records(server, call) {
        Ok(records) => Answer::json(&json!({"records": records})),
        Err(detail) => Answer::resource_error(400, "BAD_REQUEST", "Bad request", &detail),
    }
}

fn records(server: &Server, call: &Call) -> Result<Vec<Value>, String> {
    let request: MetricsRequest =
        serde_json::from_slice(&call.body).map_err(|error| format!("Invalid body: {error}"))?;
    let fields = fields(&request)?;
    require_app_key(&request)?;
    let weeks = weeks(&request, call, server.today())?;
    let dataset = server.dataset();
    let last_days: Vec<NaiveDate> = weeks.iter().map(|(_, last)| *last).collect();
    let usage = dataset.usage(&last_days);

    let mut records = Vec::new();
    for (at, (first, _)) in weeks.iter().enumerate() {
        for (app, usage) in dataset.apps().iter().zip(&usage) {
            let mut record = json!({
                "date": first.to_string(),
                "appKey": app.key,
                "productId": app.product_id,
            });
            let usage = usage.get(at).copied().unwrap_or_default();
            add_fields(&mut record, &fields, call, usage);
            records.push(record);
        }
    }
    Ok(records)
}

/// The metrics that the stand-in implements.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Field {
    Users,
    Installs,
}

fn fields(request: &MetricsRequest) -> Result<Vec<Field>, String> {
    let names = &request.metrics.metric_fields;
    if names.is_empty() {
        return Err("metrics.metricFields must not be empty".to_owned());
    }
    names
        .iter()
        .map(|field| match field.name.as_str() {
            "USER_COUNT" => Ok(Field::Users),
            "INSTALL_COUNT" => Ok(Field::Installs),
            other => Err(format!(
                "metrics.metricFields: {other} must be one of INSTALL_COUNT, USER_COUNT"
            )),
        })
        .collect()
}

/// Requires the one attribute that the stand-in implements.
fn require_app_key(request: &MetricsRequest) -> Result<(), String> {
    let names: Vec<&str> = request
        .attributes
        .iter()
        .map(|each| each.name.as_str())
        .collect();
    if names == ["APP_KEY"] {
        return Ok(());
    }
    Err("attributes must be APP_KEY".to_owned())
}

fn add_fields(record: &mut Value, fields: &[Field], call: &Call, usage: Usage) {
    for field in fields {
        let (name, value) = match field {
            Field::Users if call.has(Fault::MetricsOtherField) => ("users", usage.users),
            Field::Users => ("userCounts", usage.users),
            Field::Installs => ("installCounts", usage.installs),
        };
        record[name] = Value::from(value);
    }
}

/// Returns the first and last day of each week of the answer.
fn weeks(
    request: &MetricsRequest,
    call: &Call,
    today: NaiveDate,
) -> Result<Vec<(NaiveDate, NaiveDate)>, String> {
    if request.granularity != "WEEK" {
        return Err("granularity must be WEEK".to_owned());
    }
    let date = |name: &str, text: &str| {
        let date = parameter::date(name, text);
        date.map_err(|error| format!("dateRange.{name}: {}", error.message))
    };
    let start = date("startDate", &request.date_range.start_date)?;
    let end = date("endDate", &request.date_range.end_date)?;
    if end >= today {
        return Err("dateRange.endDate must be before today".to_owned());
    }
    let limit = parameter::count(&call.query, "limit")
        .map_err(|error| format!("{} {}", error.name, error.message))?
        .unwrap_or(LIMIT_DEFAULT);
    if limit > LIMIT_MAX {
        return Err(format!("limit must be at most {LIMIT_MAX}"));
    }
    let monday = day::plus(start, -i64::from(start.weekday().num_days_from_monday()));
    let weeks = monday.iter_weeks().take_while(|first| *first <= end);
    Ok(weeks
        .take(limit)
        .map(|first| (first, day::plus(first, 6).min(end)))
        .collect())
}
