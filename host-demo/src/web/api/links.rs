//! Public links: people without a user see one dashboard.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{Method, StatusCode},
    routing::delete,
};
use chrono::Utc;
use host_demo::domain::{Action, PublicLink};

use crate::web::{
    Site,
    endpoint::{Access, Endpoint, Thing},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::api(
        Method::DELETE,
        "/api/links/{link}",
        Access::May(Action::Manage, Thing::Link),
        ("revokeLink", "Revokes a public link"),
        delete(revoke),
    )]
}

async fn revoke(
    State(site): State<Arc<Site>>,
    Extension(link): Extension<Arc<PublicLink>>,
) -> Result<StatusCode, Problem> {
    site.store.revoke_link(&link.id, Utc::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
