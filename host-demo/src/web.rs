//! The dashboards on pages, and the HTTP API behind them.

mod api;
mod authorization;
mod choices;
mod connections;
mod credentials;
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
mod sources;
mod stand_in;
mod start;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::{Arc, atomic::AtomicBool};

use axum::{Router, extract::FromRef, middleware};
use dashboards::store::Store;
use tokio::{
    runtime::Handle,
    sync::{RwLock, watch},
};
use tower_http::compression::CompressionLayer;

use self::{
    api::Proposals,
    choices::Answers,
    connections::Limits,
    credentials::SessionCookie,
    guard::{Hosts, guard},
    live::Live,
    sources::Opened,
};
pub(crate) use self::{api::openapi::document as openapi, start::serve};
use crate::{
    app::{App, caller},
    engine::Engine,
};

/// What handlers of requests have at hand.
#[derive(Clone)]
struct WebState {
    site: Arc<Site>,
    app: Arc<App>,
    cookies: SessionCookie,
}

impl FromRef<WebState> for Arc<Site> {
    fn from_ref(state: &WebState) -> Self {
        Self::clone(&state.site)
    }
}

impl FromRef<WebState> for Arc<App> {
    fn from_ref(state: &WebState) -> Self {
        Self::clone(&state.app)
    }
}

impl FromRef<WebState> for SessionCookie {
    fn from_ref(state: &WebState) -> Self {
        state.cookies.clone()
    }
}

/// What all requests share.
struct Site {
    app: Arc<App>,
    engine: Engine,
    store: Store,
    live: Live,
    opened: Opened,
    answers: Answers,
    proposals: Proposals,
    runtime: Handle,
    /// Held for reading by whatever brings a tile up to date.
    working: Arc<RwLock<()>>,
    /// Becomes true when the host is told to end.
    ending: watch::Receiver<bool>,
    /// Whether stored data has changed a moment ago.
    is_settling: AtomicBool,
}

impl Site {
    fn new(engine: Engine, store: Store, app: Arc<App>, ending: watch::Receiver<bool>) -> Self {
        Self {
            engine,
            store,
            live: Live::new(),
            opened: Opened::default(),
            answers: Answers::default(),
            proposals: Proposals::default(),
            app,
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
fn routes(state: &WebState, hosts: Hosts, limits: Limits) -> Router {
    let all = api::endpoints().into_iter().chain(pages::endpoints());
    endpoint::router(all.collect(), state, limits.body)
        .fallback(pages::nowhere)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(hosts, guard))
        .with_state(state.clone())
}
