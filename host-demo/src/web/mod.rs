//! The dashboard on a page: an HTTP server for this machine alone.

mod assets;
mod board;
mod catalog;
mod details;
mod events;
mod fill;
mod guard;
mod listen;
mod pages;
mod refresher;
mod shell;
mod stand_in;
mod start;
#[cfg(test)]
mod tests;

use std::sync::{Arc, mpsc::SyncSender};

use axum::{
    Router, middleware,
    routing::{get, post},
};
use chrono::Utc;
use gadget_api::{Choices, Error, FieldPath, GadgetDescription, Selection, Table};
use gadget_host::{Call, Cancellation, Datasource};
use serde_json::Value;
use tokio::sync::watch;
use tower_http::compression::CompressionLayer;

pub(crate) use self::start::serve;
use self::{
    board::{Board, Tile},
    guard::{Hosts, guard},
};
use crate::engine::Engine;

/// What all requests share.
struct Site {
    engine: Engine,
    board: Board,
    datasource: Option<Arc<Datasource>>,
    /// Values that lead where a dashboard is filled.
    preferred: &'static [&'static str],
    /// Becomes true when the host is told to end.
    ending: watch::Receiver<bool>,
    /// Ends calls of gadgets.
    cancellation: Cancellation,
    wake_up: SyncSender<()>,
}

impl Site {
    /// Wakes the refresher; it is awake already if there is no room for one more wake-up.
    fn refresh_now(&self) {
        let _ = self.wake_up.try_send(());
    }

    /// Returns a call of the gadget of a tile as of today.
    fn call(&self, tile: &Tile) -> Call {
        self.call_of(&tile.gadget, tile.settings.clone())
    }

    fn call_of(&self, gadget: &str, settings: Value) -> Call {
        let call =
            Call::new(gadget, settings, Utc::now().date_naive()).cancelled_by(&self.cancellation);
        match &self.datasource {
            Some(datasource) => call.with_datasource(Arc::clone(datasource)),
            None => call,
        }
    }

    /// Returns the rows behind a part of a tile; it waits for the gadget.
    fn details(&self, tile: &Tile, selection: &Selection) -> Result<Table, Error> {
        Ok(self.engine.details(&self.call(tile), selection, None)?)
    }
}

impl fill::Offers for Site {
    fn description(&self, gadget: &str) -> Result<GadgetDescription, Error> {
        Ok(self.engine.catalog().gadget(gadget)?.description().clone())
    }

    fn choices(&self, gadget: &str, field: &FieldPath, settings: &Value) -> Result<Choices, Error> {
        Ok(self
            .engine
            .choices(&self.call_of(gadget, settings.clone()), field)?)
    }
}

/// Returns the routes with everything that stands before them.
fn routes(site: Arc<Site>, hosts: Hosts) -> Router {
    Router::new()
        .route("/", get(pages::dashboard))
        .route("/catalog", get(catalog::catalog))
        .route("/events", get(events::events))
        .route("/refresh", post(pages::refresh))
        .route("/tile/{id}", get(pages::one_tile))
        .route("/tile/{id}/tile.svg", get(pages::picture))
        .route("/tile/{id}/table.csv", get(pages::table))
        .route("/tile/{id}/details", get(details::details))
        .route("/tile/{id}/details.csv", get(details::details_file))
        .route("/assets/{name}", get(assets::asset))
        .route("/health", get(pages::health))
        .fallback(pages::nowhere)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(hosts, guard))
        .with_state(site)
}
