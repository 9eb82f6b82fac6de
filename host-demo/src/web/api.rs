//! The HTTP API: what scripts of the page use, and other programs with a token.

mod catalog;
mod changes;
mod copies;
mod dashboards;
mod datasources;
mod events;
mod forms;
mod json;
mod kinds;
mod links;
pub(super) mod openapi;
mod sessions;
mod sharing;
mod templates;
mod tiles;
mod tokens;
mod users;

pub(super) use self::{
    events::events,
    tiles::{TilePath, TileQuery, selected},
};

use super::endpoint::Endpoint;

/// Returns everything that the API can do.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut all = vec![openapi::endpoint()];
    all.extend(sessions::endpoints());
    all.extend(catalog::endpoints());
    all.extend(dashboards::endpoints());
    all.extend(copies::endpoints());
    all.extend(templates::endpoints());
    all.extend(changes::endpoints());
    all.extend(tiles::endpoints());
    all.extend(forms::endpoints());
    all.extend(sharing::endpoints());
    all.extend(events::endpoints());
    all.extend(datasources::endpoints());
    all.extend(kinds::endpoints());
    all.extend(links::endpoints());
    all.extend(tokens::endpoints());
    all.extend(users::endpoints());
    all
}
