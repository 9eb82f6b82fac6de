//! What a public link shows: one dashboard, for looking only.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::HeaderMap,
};
use host_demo::domain::Dashboard;
use maud::{Markup, html};
use serde::Deserialize;

use super::{TilePlace, bare, draw_tile};
use crate::web::Site;

/// The part of a path that is the secret of a link.
#[derive(Deserialize)]
pub(super) struct LinkPath {
    token: String,
}

/// Answers with the dashboard.
pub(super) async fn dashboard(
    State(site): State<Arc<Site>>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<LinkPath>,
    headers: HeaderMap,
) -> Markup {
    let base = format!("/public/{}", path.token);
    let place = TilePlace {
        dashboard: dashboard.id().clone(),
        page: base.clone(),
        api: base,
        can_edit: false,
    };
    let content = html! {
        div.head { div.head__text { h1 { bdi { (dashboard.title()) } } } }
        div.grid { @for tile in dashboard.tiles() { (draw_tile(&site, &place, tile)) } }
    };
    bare(&headers, dashboard.title().as_str(), content)
}
