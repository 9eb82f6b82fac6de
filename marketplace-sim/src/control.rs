//! Control of the stand-in over HTTP, beside the API: without credentials, latency and faults, and not in the log of requests.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::changes::{Changes, FixedData, NextDay};
use crate::parameter::{self, ParameterError};
use crate::server::Server;

/// The path at which a day goes by.
pub(crate) const ADVANCE: &str = "/__control/advance";

/// The most days that one request lets go by.
const DAYS_MAX: usize = 3_660;

/// Lets `days` days go by (one by default), with `changes` changed rows each, and answers with the last of them.
pub(crate) async fn advance(
    State(server): State<Arc<Server>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let (status, value) = match requested(&pairs) {
        Err(error) => {
            let message = format!("{}: {}", error.name, error.message);
            (StatusCode::BAD_REQUEST, json!({"error": message}))
        }
        Ok((days, changes)) => {
            let changes = changes.unwrap_or(server.options().changes);
            match advance_by(&server, days, changes) {
                Ok(day) => (StatusCode::OK, json!(day)),
                Err(fixed) => (StatusCode::CONFLICT, json!({"error": fixed.to_string()})),
            }
        }
    };
    answer(status, &value)
}

fn requested(query: &[(String, String)]) -> Result<(usize, Option<Changes>), ParameterError> {
    let days = parameter::count(query, "days")?.unwrap_or(1);
    if !(1..=DAYS_MAX).contains(&days) {
        let message = format!("must be from 1 to {DAYS_MAX}");
        return Err(ParameterError::bad_value("days", message));
    }
    let changes = parameter::count(query, "changes")?;
    let changes = changes.map(|count| Changes::rows(u32::try_from(count).unwrap_or(u32::MAX)));
    Ok((days, changes))
}

fn advance_by(server: &Server, days: usize, changes: Changes) -> Result<NextDay, FixedData> {
    for _ in 1..days {
        server.next_day(changes)?;
    }
    server.next_day(changes)
}

fn answer(status: StatusCode, value: &Value) -> Response {
    let headers = [("content-type", "application/json")];
    (status, headers, value.to_string()).into_response()
}
