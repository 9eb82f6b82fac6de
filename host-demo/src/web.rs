//! The dashboards on pages, and the HTTP API behind them.

mod admission;
mod api;
mod caller;
mod choices;
mod connections;
mod endpoint;
mod entered;
mod fill;
mod guard;
mod listen;
mod live;
mod pages;
mod problem;
mod questions;
mod room;
mod session;
mod sources;
mod stand_in;
mod start;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::{Arc, atomic::AtomicBool};

use axum::{Router, middleware};
use dashboards::store::Store;
use tokio::{
    runtime::Handle,
    sync::{RwLock, Semaphore, watch},
};
use tower_http::compression::CompressionLayer;

use self::{
    api::Proposals,
    caller::SessionCookie,
    choices::Answers,
    connections::Limits,
    guard::{Hosts, guard},
    live::Live,
    session::{FirstStart, Throttle},
    sources::Opened,
};
pub(crate) use self::{api::openapi::document as openapi, start::serve};
use crate::engine::Engine;

/// How many passwords are looked at at once: each takes memory and time.
const PASSWORDS_AT_ONCE: usize = 2;

/// What all requests share.
struct Site {
    engine: Engine,
    store: Store,
    live: Live,
    opened: Opened,
    answers: Answers,
    proposals: Proposals,
    first: FirstStart,
    throttle: Throttle,
    password_permits: Semaphore,
    cookie: SessionCookie,
    runtime: Handle,
    /// Held for reading by whatever brings a tile up to date.
    working: Arc<RwLock<()>>,
    /// Becomes true when the host is told to end.
    ending: watch::Receiver<bool>,
    /// Whether stored data has changed a moment ago.
    is_settling: AtomicBool,
}

impl Site {
    fn new(
        engine: Engine,
        store: Store,
        first: FirstStart,
        cookie: SessionCookie,
        ending: watch::Receiver<bool>,
    ) -> Self {
        Self {
            engine,
            store,
            live: Live::new(),
            opened: Opened::default(),
            answers: Answers::default(),
            proposals: Proposals::default(),
            first,
            throttle: Throttle::default(),
            password_permits: Semaphore::new(PASSWORDS_AT_ONCE),
            cookie,
            runtime: Handle::current(),
            working: Arc::default(),
            ending,
            is_settling: AtomicBool::new(false),
        }
    }

    /// Cancels what brings tiles up to date, and returns when it has come to its end: it may still
    /// store something.
    async fn stop_working(&self) {
        self.live.retain(|_| false);
        drop(self.working.write().await);
    }

    /// Returns when the host is told to end.
    async fn ended(&self) {
        let mut ending = self.ending.clone();
        // Nobody can tell it any more where the sender is gone.
        let _ = ending.wait_for(|is_ending| *is_ending).await;
    }
}

/// Returns the routes with everything that stands before them.
fn routes(site: &Arc<Site>, hosts: Hosts, limits: Limits) -> Router {
    let all = api::endpoints().into_iter().chain(pages::endpoints());
    endpoint::router(all.collect(), site, limits.body)
        .fallback(pages::nowhere)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(hosts, guard))
        .with_state(Arc::clone(site))
}
