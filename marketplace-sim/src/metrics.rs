//! Partner metrics: users and instances of each app, as the instances report them.

use chrono::{Datelike, Months, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::day;
use crate::fault::Fault;
use crate::row::{App, Usage};
use crate::server::{Call, Server};

/// How many weeks (or days, months, years) an answer holds without `limit`.
const LIMIT_DEFAULT: usize = 7;
/// The most that `limit` may ask for.
const LIMIT_MAX: usize = 14;
/// A range of dates is cut after this many units, so that no request costs more than another.
const UNITS_MAX: usize = 5_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    granularity: String,
    #[serde(default)]
    attributes: Vec<Named>,
    metrics: Metrics,
    date_range: DateRange,
    #[serde(default)]
    attribute_filter: Option<Value>,
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

/// Answers a question about users and instances.
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
    let question: Question =
        serde_json::from_slice(&call.body).map_err(|error| format!("Invalid body: {error}"))?;
    let fields = fields(&question)?;
    let by_app = is_by_app(&question)?;
    let units = units(&question, call, server.today())?;
    let dataset = server.dataset();
    let last_days: Vec<NaiveDate> = units.iter().map(|(_, last)| *last).collect();
    let usage = dataset.usage(&last_days);
    let wanted = wanted_apps(&question, dataset.apps());

    let mut records = Vec::new();
    for (at, (first, _)) in units.iter().enumerate() {
        let usage_of = |app: usize| {
            let days = usage.get(app);
            days.and_then(|days| days.get(at))
                .copied()
                .unwrap_or_default()
        };
        let date = first.to_string();
        if by_app {
            for (index, app) in wanted.iter().copied() {
                let mut record =
                    json!({"date": date, "appKey": app.key, "productId": app.product_id});
                add_fields(&mut record, &fields, call, usage_of(index));
                records.push(record);
            }
        } else {
            let sum = wanted.iter().fold(Usage::default(), |sum, (index, _)| {
                let usage = usage_of(*index);
                Usage {
                    users: sum.users + usage.users,
                    installs: sum.installs + usage.installs,
                }
            });
            let mut record = json!({"date": date});
            add_fields(&mut record, &fields, call, sum);
            records.push(record);
        }
    }
    Ok(records)
}

/// The metrics of which this server knows something.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Field {
    Users,
    Installs,
}

fn fields(question: &Question) -> Result<Vec<Field>, String> {
    let names = &question.metrics.metric_fields;
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

fn is_by_app(question: &Question) -> Result<bool, String> {
    for attribute in &question.attributes {
        if attribute.name != "APP_KEY" {
            return Err(format!(
                "attributes: {} must be one of APP_KEY",
                attribute.name
            ));
        }
    }
    Ok(!question.attributes.is_empty())
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

/// Returns the apps that `attributeFilter` names, each with its number; all, where it names none.
fn wanted_apps<'a>(question: &Question, apps: &'a [App]) -> Vec<(usize, &'a App)> {
    let keys = question.attribute_filter.as_ref().map(keys_named);
    apps.iter()
        .enumerate()
        .filter(|(_, app)| keys.as_ref().is_none_or(|keys| keys.contains(&app.key)))
        .collect()
}

/// Collects what the filters on `APP_KEY` name, wherever they stand in the expression.
fn keys_named(filter: &Value) -> Vec<String> {
    let mut keys = Vec::new();
    let mut open = vec![filter];
    while let Some(value) = open.pop() {
        let of_app = value.get("fieldName").and_then(Value::as_str) == Some("APP_KEY");
        if of_app {
            let one = value.pointer("/oneFilter/stringFilter/value");
            let several = value.pointer("/oneFilter/inListFilter/values");
            let listed = several.and_then(Value::as_array).into_iter().flatten();
            let named = one.into_iter().chain(listed).filter_map(|key| key.as_str());
            keys.extend(named.map(str::to_owned));
        }
        match value {
            Value::Array(values) => open.extend(values),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    keys
}

/// Returns the first and last day of each unit of the answer.
fn units(
    question: &Question,
    call: &Call,
    today: NaiveDate,
) -> Result<Vec<(NaiveDate, NaiveDate)>, String> {
    let date = |name: &str, text: &str| match day::read(text) {
        Some(day) if text.len() == 10 => Ok(day),
        _ => Err(format!("dateRange.{name}: Must be a date")),
    };
    let start = date("startDate", &question.date_range.start_date)?;
    let end = date("endDate", &question.date_range.end_date)?;
    if end >= today {
        return Err("dateRange.endDate must be before today".to_owned());
    }
    let limit = number(call, "limit")?.unwrap_or(LIMIT_DEFAULT);
    if limit > LIMIT_MAX {
        return Err(format!("limit must be at most {LIMIT_MAX}"));
    }
    let offset = number(call, "offset")?.unwrap_or(0);

    let granularity = Granularity::read(&question.granularity)?;
    let mut units = Vec::new();
    let mut first = granularity.first_day(start);
    while first <= end && units.len() < UNITS_MAX {
        let next = granularity.next(first);
        units.push((first, day::plus(next, -1).min(end)));
        if next == first {
            break;
        }
        first = next;
    }
    Ok(units.into_iter().skip(offset).take(limit).collect())
}

fn number(call: &Call, name: &str) -> Result<Option<usize>, String> {
    let found = call.query.iter().find(|(other, _)| other == name);
    found
        .map(|(_, value)| value.parse())
        .transpose()
        .map_err(|_| format!("{name} must be an integer that is not negative"))
}

#[derive(Clone, Copy)]
enum Granularity {
    Year,
    Month,
    Week,
    Day,
}

impl Granularity {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "YEAR" => Ok(Self::Year),
            "MONTH" => Ok(Self::Month),
            "WEEK" => Ok(Self::Week),
            "DAY" => Ok(Self::Day),
            _ => Err("granularity must be one of YEAR, MONTH, WEEK, DAY".to_owned()),
        }
    }

    fn first_day(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Year => day.with_ordinal(1).unwrap_or(day),
            Self::Month => day.with_day(1).unwrap_or(day),
            Self::Week => day::plus(day, -i64::from(day.weekday().num_days_from_monday())),
            Self::Day => day,
        }
    }

    fn next(self, day: NaiveDate) -> NaiveDate {
        let months = |count| day.checked_add_months(Months::new(count)).unwrap_or(day);
        match self {
            Self::Year => months(12),
            Self::Month => months(1),
            Self::Week => day::plus(day, 7),
            Self::Day => day::plus(day, 1),
        }
    }
}
