//! API tokens: what opens the API to other programs.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode},
    routing::{delete, get, post},
};
use chrono::{DateTime, Utc};
use dashboards::{
    domain::{Action, ApiToken, Denied, Name, Object, Scope, TokenId, UserId},
    store::{new_id_bytes, new_secret},
};
use gadget_api::{FieldError, FieldPath};
use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::json::Body;
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Thing},
    problem::Problem,
};

const ALL: &str = "/api/tokens";

/// How many tokens a user has at most.
const MOST: usize = 50;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::GET,
            ALL,
            Access::SignedIn,
            ("listTokens", "Lists one's own API tokens"),
            get(list),
        )
        .answers::<Vec<TokenAnswer>>(),
        Endpoint::api(
            Method::POST,
            ALL,
            Access::SignedIn,
            (
                "createToken",
                "Makes an API token for oneself; only this answer holds its secret",
            ),
            post(create),
        )
        .takes::<NewToken>()
        .answers::<CreatedToken>(),
        Endpoint::api(
            Method::DELETE,
            "/api/tokens/{token}",
            Access::May(Action::Manage, Thing::ApiToken),
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
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<TokenAnswer>>, Problem> {
    let tokens = site.store.api_tokens_of(own(&caller)?).await?;
    Ok(Json(tokens.into_iter().map(TokenAnswer::from).collect()))
}

async fn create(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<NewToken>,
) -> Result<Json<CreatedToken>, Problem> {
    let user = own(&caller)?;
    let now = Utc::now();
    let refused = |path, message| {
        let field = FieldPath::parse(path).expect("the path is well-formed");
        Problem::of_fields(&[FieldError::new(field, message)])
    };
    if new.scopes.is_empty() {
        return Err(refused("/scopes", "choose at least one"));
    }
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(refused("/expires_at", "choose a day that is to come"));
    }
    if site.store.api_tokens_of(user).await?.len() >= MOST {
        let message = format!("you have {MOST} tokens already; revoke one first");
        return Err(Problem::new(StatusCode::CONFLICT, "too_many", message));
    }
    let (secret, hash) = new_secret();
    let token = ApiToken {
        id: TokenId::from_bytes(new_id_bytes()),
        user: user.clone(),
        name: new.name,
        token: hash,
        scopes: new.scopes,
        created_at: now,
        expires_at: new.expires_at,
    };
    caller.check(Action::Create, Object::ApiToken(&token))?;
    site.store.create_api_token(&token).await?;
    Ok(Json(CreatedToken {
        secret: secret.expose_secret().to_owned(),
        token: token.into(),
    }))
}

/// Returns who asks.
fn own(caller: &Caller) -> Result<&UserId, Problem> {
    caller.user_id().ok_or_else(|| Denied::LogIn.into())
}

async fn revoke(
    State(site): State<Arc<Site>>,
    Extension(token): Extension<Arc<ApiToken>>,
) -> Result<StatusCode, Problem> {
    site.store.revoke_api_token(&token.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
