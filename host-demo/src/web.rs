//! The dashboards on pages, and the HTTP API behind them.

mod admission;
mod api;
mod authorization;
mod client;
mod composed;
mod connections;
mod credentials;
mod endpoint;
mod guard;
mod listen;
mod measured;
mod pages;
mod problem;
mod start;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{Router, extract::FromRef, middleware};
use tower_http::compression::CompressionLayer;

pub(crate) use self::{api::openapi::document as openapi, start::serve};
use self::{
    connections::Limits,
    credentials::SessionCookie,
    guard::{Hosts, guard},
};
use crate::app::App;

/// What handlers of requests have at hand.
#[derive(Clone)]
struct WebState {
    app: Arc<App>,
    cookies: SessionCookie,
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

/// Returns the routes with everything that stands before them.
fn routes(state: &WebState, hosts: Hosts, limits: Limits) -> Router {
    let all = api::endpoints().into_iter().chain(pages::endpoints());
    endpoint::router(all.collect(), state, limits)
        .fallback(pages::nowhere)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(hosts, guard))
        .with_state(state.clone())
}
