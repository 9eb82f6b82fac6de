//! API tokens: what opens the API to other programs.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{Method, StatusCode},
    routing::delete,
};
use host_demo::domain::{Action, ApiToken};

use crate::web::{
    Site,
    endpoint::{Access, Endpoint, Thing},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::api(
        Method::DELETE,
        "/api/tokens/{token}",
        Access::May(Action::Manage, Thing::ApiToken),
        ("revokeToken", "Revokes an API token"),
        delete(revoke),
    )]
}

async fn revoke(
    State(site): State<Arc<Site>>,
    Extension(token): Extension<Arc<ApiToken>>,
) -> Result<StatusCode, Problem> {
    site.store.revoke_api_token(&token.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
