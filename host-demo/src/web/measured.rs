//! Measurements: of each request, and where they can be read.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::app::{App, Metrics, RequestLabels};

/// The media type of the text that Prometheus reads.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// An endpoint whose requests are measured.
#[derive(Clone)]
pub(super) struct Measured {
    pub(super) metrics: Arc<Metrics>,
    /// Its path in the table of endpoints.
    pub(super) path: &'static str,
}

/// Passes a request on and notes how it was answered.
pub(super) async fn measure(
    State(endpoint): State<Measured>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = request.method().to_string();
    let response = next.run(request).await;
    let labels = RequestLabels {
        method,
        endpoint: endpoint.path,
        status: response.status().as_u16(),
    };
    endpoint.metrics.answered(labels, began.elapsed());
    response
}

/// Returns what is served to whoever reads the measurements, on an address of its own.
pub(super) fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(app)
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    let metrics = app.engine.metrics();
    match metrics.text(&app.engine, app.drawings.counts()) {
        Ok(text) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
