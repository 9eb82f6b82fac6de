//! Public links: people without a user see one dashboard.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode},
    routing::{delete, get, post},
};
use chrono::{DateTime, Utc};
use dashboards::domain::{Action, Dashboard, LinkId, LinkState, PublicLink, UserId};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::json::SecretBody;
use crate::{
    app::{App, Caller},
    web::{
        endpoint::{Access, Endpoint, Resource},
        problem::Problem,
    },
};

const OF_DASHBOARD: &str = "/api/dashboards/{dashboard}/links";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let publish = Access::May(Action::Publish, Resource::Dashboard);
    vec![
        Endpoint::api(
            Method::GET,
            OF_DASHBOARD,
            publish,
            (
                "listLinks",
                "Lists the caller's public links to a dashboard, and for administrators all links",
            ),
            get(list),
        )
        .answers::<Vec<LinkAnswer>>(),
        Endpoint::api(
            Method::POST,
            OF_DASHBOARD,
            publish,
            (
                "createLink",
                "Creates a public link; only this response contains its address",
            ),
            post(create),
        )
        .takes::<NewLink>()
        .answers::<NewLinkAnswer>(),
        Endpoint::api(
            Method::DELETE,
            "/api/links/{link}",
            Access::May(Action::Manage, Resource::Link),
            ("revokeLink", "Revokes a public link"),
            delete(revoke),
        ),
    ]
}

/// A public link to make.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewLink {
    /// At least six characters; without it whoever has the address may look.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    password: Option<SecretString>,
    /// Until when it opens; without it until it is revoked.
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

/// A public link.
#[derive(JsonSchema, Serialize)]
struct LinkAnswer {
    id: LinkId,
    created_by: UserId,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    has_password: bool,
    state: StateAnswer,
}

/// Whether a link opens.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum StateAnswer {
    Open,
    Expired,
    Revoked,
    /// The user who created it no longer has the right to share the dashboard, or was deleted.
    CreatorLostRight,
}

/// A public link that was made.
#[derive(JsonSchema, Serialize)]
struct NewLinkAnswer {
    link: LinkAnswer,
    /// The path of its page. Nobody can read it here again.
    path: String,
    /// The path of the page for frames of other pages; a link with a password has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    embed_path: Option<String>,
}

impl LinkAnswer {
    fn of(link: PublicLink, now: DateTime<Utc>) -> Self {
        Self {
            state: match link.state(now) {
                LinkState::Open | LinkState::NeedsPassword => StateAnswer::Open,
                LinkState::Expired => StateAnswer::Expired,
                LinkState::Revoked => StateAnswer::Revoked,
            },
            id: link.id,
            created_by: link.created_by,
            created_at: link.created_at,
            expires_at: link.expires_at,
            has_password: link.password.is_some(),
        }
    }
}

async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> Result<Json<Vec<LinkAnswer>>, Problem> {
    let links = app.links.of(dashboard.id(), &caller).await?;
    let now = Utc::now();
    let mut answers = Vec::new();
    for link in links {
        let is_of_right = app.links.is_of_right(&link).await?;
        let mut answer = LinkAnswer::of(link, now);
        if matches!(answer.state, StateAnswer::Open) && !is_of_right {
            answer.state = StateAnswer::CreatorLostRight;
        }
        answers.push(answer);
    }
    Ok(Json(answers))
}

async fn create(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    SecretBody(new): SecretBody<NewLink>,
) -> Result<Json<NewLinkAnswer>, Problem> {
    let now = Utc::now();
    let NewLink {
        password,
        expires_at,
    } = new;
    let created = app
        .links
        .create(&caller, &dashboard, password, expires_at, now);
    let (link, secret) = created.await?;
    let secret = secret.expose_secret();
    Ok(Json(NewLinkAnswer {
        path: format!("/public/{secret}"),
        // A password is asked for by a page of its own: its cookie does not reach into frames.
        embed_path: link.password.is_none().then(|| format!("/embed/{secret}")),
        link: LinkAnswer::of(link, now),
    }))
}

async fn revoke(
    State(app): State<Arc<App>>,
    Extension(link): Extension<Arc<PublicLink>>,
) -> Result<StatusCode, Problem> {
    app.links.revoke(&link.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
