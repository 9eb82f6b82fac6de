//! API tokens: what opens the API to other programs.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode},
    routing::{delete, get, post},
};
use chrono::{DateTime, Utc};
use dashboards::domain::{Action, ApiToken, Name, Scope, TokenId};
use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::json::Body;
use crate::{
    app::{App, Caller, NewApiToken},
    web::{
        endpoint::{Access, Endpoint, Resource},
        problem::Problem,
    },
};

const ALL: &str = "/api/tokens";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::GET,
            ALL,
            Access::SignedIn,
            ("listTokens", "Lists the caller's API tokens"),
            get(list),
        )
        .answers::<Vec<TokenAnswer>>(),
        Endpoint::api(
            Method::POST,
            ALL,
            Access::SignedIn,
            (
                "createToken",
                "Creates an API token for the caller; only this response contains its secret",
            ),
            post(create),
        )
        .takes::<NewToken>()
        .answers::<CreatedToken>(),
        Endpoint::api(
            Method::DELETE,
            "/api/tokens/{token}",
            Access::May(Action::Manage, Resource::ApiToken),
            ("revokeToken", "Revokes an API token"),
            delete(revoke),
        ),
    ]
}

/// An API token, without its secret.
#[derive(JsonSchema, Serialize)]
struct TokenAnswer {
    id: TokenId,
    name: Name,
    /// What it opens; the role of its user bounds it besides.
    scopes: BTreeSet<Scope>,
    created_at: DateTime<Utc>,
    /// Until when it opens; without it until it is revoked.
    expires_at: Option<DateTime<Utc>>,
}

impl From<ApiToken> for TokenAnswer {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scopes: token.scopes,
            created_at: token.created_at,
            expires_at: token.expires_at,
        }
    }
}

/// A new API token.
#[derive(JsonSchema, Serialize)]
struct CreatedToken {
    /// What a program sends as a bearer. It is not shown again.
    secret: String,
    #[serde(flatten)]
    token: TokenAnswer,
}

/// An API token to make.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What the user calls it.
    name: Name,
    /// What it opens.
    scopes: BTreeSet<Scope>,
    /// Until when it opens; without it until it is revoked.
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<TokenAnswer>>, Problem> {
    let tokens = app.tokens.own(&caller).await?;
    Ok(Json(tokens.into_iter().map(TokenAnswer::from).collect()))
}

async fn create(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<NewToken>,
) -> Result<Json<CreatedToken>, Problem> {
    let new = NewApiToken {
        name: new.name,
        scopes: new.scopes,
        expires_at: new.expires_at,
    };
    let (token, secret) = app.tokens.create(&caller, new).await?;
    Ok(Json(CreatedToken {
        secret: secret.expose_secret().to_owned(),
        token: token.into(),
    }))
}

async fn revoke(
    State(app): State<Arc<App>>,
    Extension(token): Extension<Arc<ApiToken>>,
) -> Result<StatusCode, Problem> {
    app.tokens.revoke(&token.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
