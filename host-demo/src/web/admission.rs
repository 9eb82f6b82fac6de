//! How many requests are answered at once, and how many may wait for that.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::problem::Problem;
use crate::app::Metrics;

/// How much is done at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// How many requests are answered at once.
    pub(super) requests: usize,
    /// How many wait for that.
    pub(super) waiting: usize,
    /// How long they wait.
    pub(super) patience: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            requests: 64,
            waiting: 512,
            patience: Duration::from_secs(5),
        }
    }
}

/// Lets requests in as long as there is room for them.
///
/// A request counts from when its body is there, so that no slow client takes a place, until its answer
/// begins, so that no open page does.
#[derive(Clone)]
pub(super) struct Admission {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    load: Load,
    metrics: Arc<Metrics>,
}

/// One of those that wait.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Admission {
    pub(super) fn new(load: Load, metrics: Arc<Metrics>) -> Self {
        Self {
            places: Arc::new(Semaphore::new(load.requests)),
            waiting: Arc::default(),
            load,
            metrics,
        }
    }

    /// Returns a place, or nothing where too many wait or none became free in time.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        let before = self.waiting.fetch_add(1, Ordering::AcqRel);
        let _waiting = Waiting(&self.waiting);
        if before >= self.load.waiting {
            return None;
        }
        let _counted = self.metrics.waiting();
        let place = Arc::clone(&self.places).acquire_owned();
        timeout(self.load.patience, place).await.ok()?.ok()
    }
}

/// Passes a request on when it is its turn, or refuses it.
pub(super) async fn admit(
    State(admission): State<Admission>,
    request: Request,
    next: Next,
) -> Response {
    let Some(_place) = admission.place().await else {
        admission.metrics.refused();
        let message = "the host is answering too many requests at the moment";
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
            .with_remedy("Try again in a few seconds.");
        return problem.into_response();
    };
    next.run(request).await
}
