//! Public links: people without a user see one dashboard.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode},
    routing::{delete, get, post},
};
use chrono::{DateTime, Utc};
use dashboards::{
    domain::{Action, Dashboard, LinkId, LinkState, Object, PublicLink, UserId},
    store::{hash_password, new_id_bytes, new_secret},
};
use gadget_api::{FieldError, FieldPath};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::json::SecretBody;
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Thing},
    problem::Problem,
};

const OF_DASHBOARD: &str = "/api/dashboards/{dashboard}/links";
/// How many links of one dashboard open at a time; more are a mistake.
const MOST_LINKS: usize = 100;

pub(super) fn endpoints() -> Vec<Endpoint> {
    let publish = Access::May(Action::Publish, Thing::Dashboard);
    vec![
        Endpoint::api(
            Method::GET,
            OF_DASHBOARD,
            publish,
            (
                "listLinks",
                "Lists the public links of a dashboard that the caller made; for administrators all",
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
                "Makes a public link; its address is answered this once",
            ),
            post(create),
        )
        .takes::<NewLink>()
        .answers::<NewLinkAnswer>(),
        Endpoint::api(
            Method::DELETE,
            "/api/links/{link}",
            Access::May(Action::Manage, Thing::Link),
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
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> Result<Json<Vec<LinkAnswer>>, Problem> {
    let mut links = site.store.links_of(dashboard.id()).await?;
    links.retain(|link| caller.may(Action::View, Object::Link(link)));
    let now = Utc::now();
    let answers = links.into_iter().map(|link| LinkAnswer::of(link, now));
    Ok(Json(answers.collect()))
}

async fn create(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    SecretBody(new): SecretBody<NewLink>,
) -> Result<Json<NewLinkAnswer>, Problem> {
    let now = Utc::now();
    let field = |name: &str| FieldPath::root().child(name);
    if new.expires_at.is_some_and(|end| end <= now) {
        let error = FieldError::new(field("expires_at"), "choose a time that is still to come");
        return Err(Problem::of_fields(&[error]));
    }
    let owner = caller.user_id().ok_or_else(|| Problem::not_found("user"))?;
    let known = site.store.links_of(dashboard.id()).await?;
    if known.iter().filter(|link| link.is_open(now)).count() >= MOST_LINKS {
        let message = format!("the dashboard has {MOST_LINKS} public links already");
        return Err(Problem::bad(message).with_remedy("Revoke those that nobody needs."));
    }
    let password = match new.password {
        None => None,
        Some(password) => {
            let permit = site.password_permits.acquire().await;
            let hashed =
                spawn_blocking(move || hash_password(&password, PublicLink::MIN_PASSWORD_CHARS));
            let hashed = hashed.await?;
            drop(permit);
            Some(hashed.map_err(|bad| {
                Problem::of_fields(&[FieldError::new(field("password"), bad.to_string())])
            })?)
        }
    };
    let (secret, token) = new_secret();
    let link = PublicLink {
        id: LinkId::from_bytes(new_id_bytes()),
        dashboard: dashboard.id().clone(),
        created_by: owner.clone(),
        token,
        password,
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
    };
    site.store.create_link(&link).await?;
    let secret = secret.expose_secret();
    Ok(Json(NewLinkAnswer {
        path: format!("/public/{secret}"),
        // A password is asked for by a page of its own: its cookie does not reach into frames.
        embed_path: link.password.is_none().then(|| format!("/embed/{secret}")),
        link: LinkAnswer::of(link, now),
    }))
}

async fn revoke(
    State(site): State<Arc<Site>>,
    Extension(link): Extension<Arc<PublicLink>>,
) -> Result<StatusCode, Problem> {
    site.store.revoke_link(&link.id, Utc::now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
