//! People.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, patch, post, put},
};
use chrono::{DateTime, Utc};
use dashboards::domain::{Action, Name, Role, TokenId, User, UserId};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::json::{Body, SecretBody};
use crate::{
    app::{App, Caller},
    web::{
        credentials::{Lasts, SessionCookie},
        endpoint::{Access, Endpoint, Resource},
        problem::Problem,
    },
};

const ALL: &str = "/api/users";
const ONE: &str = "/api/users/{user}";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::GET,
            ALL,
            Access::May(Action::View, Resource::Users),
            ("listUsers", "Lists the users"),
            get(list),
        )
        .answers::<Vec<UserAnswer>>(),
        Endpoint::api(
            Method::POST,
            ALL,
            Access::May(Action::Create, Resource::Users),
            ("createUser", "Adds a user"),
            post(create),
        )
        .takes::<NewUser>()
        .answers::<UserAnswer>(),
        Endpoint::api(
            Method::PATCH,
            ONE,
            Access::May(Action::Edit, Resource::User),
            (
                "changeUser",
                "Changes the name of a user or, for administrators, the role",
            ),
            patch(change),
        )
        .takes::<UserChange>()
        .answers::<UserAnswer>(),
        Endpoint::api(
            Method::PUT,
            "/api/users/{user}/password",
            Access::May(Action::Edit, Resource::User),
            (
                "setPassword",
                "Changes the password of a user and ends their other sessions",
            ),
            put(set_password),
        )
        .takes::<NewPassword>(),
        Endpoint::api(
            Method::DELETE,
            ONE,
            Access::May(Action::Manage, Resource::User),
            ("deleteUser", "Deletes a user and ends all their sessions"),
            delete(remove),
        ),
    ]
}

/// A user.
#[derive(JsonSchema, Serialize)]
struct UserAnswer {
    id: UserId,
    name: Name,
    role: Role,
    /// Whether the user can log in with a password.
    has_password: bool,
    created_at: DateTime<Utc>,
}

impl From<User> for UserAnswer {
    fn from(user: User) -> Self {
        Self {
            has_password: user.password.is_some(),
            id: user.id,
            name: user.name,
            role: user.role,
            created_at: user.created_at,
        }
    }
}

/// A user to add.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// What the user logs in with.
    #[schemars(with = "Name")]
    name: String,
    /// What the user may do at most.
    role: Role,
    /// The first password: at least 12 characters.
    #[schemars(with = "String")]
    password: SecretString,
}

/// What is to be different of a user; what is not there stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UserChange {
    /// What the user logs in with.
    #[serde(default)]
    name: Option<Name>,
    /// What the user may do at most. Only administrators can change it.
    #[serde(default)]
    role: Option<Role>,
}

/// A new password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// At least 12 characters.
    #[schemars(with = "String")]
    password: SecretString,
    /// The password so far: needed for one's own, if there is one.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    old_password: Option<SecretString>,
    /// API tokens of the user that are revoked with it; others keep working.
    #[serde(default)]
    revoke_tokens: BTreeSet<TokenId>,
}

async fn list(State(app): State<Arc<App>>) -> Result<Json<Vec<UserAnswer>>, Problem> {
    let users = app.people.all().await?;
    Ok(Json(users.into_iter().map(UserAnswer::from).collect()))
}

async fn create(
    State(app): State<Arc<App>>,
    SecretBody(new): SecretBody<NewUser>,
) -> Result<Json<UserAnswer>, Problem> {
    let user = app.people.add(&new.name, new.role, new.password).await?;
    Ok(Json(user.into()))
}

async fn change(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(user): Extension<Arc<User>>,
    Body(change): Body<UserChange>,
) -> Result<Json<UserAnswer>, Problem> {
    let UserChange { name, role } = change;
    let changed = app.people.change(&caller, &user, name.as_ref(), role);
    Ok(Json(changed.await?.into()))
}

async fn set_password(
    State(app): State<Arc<App>>,
    State(cookies): State<SessionCookie>,
    Extension(caller): Extension<Caller>,
    Extension(user): Extension<Arc<User>>,
    SecretBody(new): SecretBody<NewPassword>,
) -> Result<Response, Problem> {
    app.people
        .set_password(&caller, &user, new.password, new.old_password)
        .await?;
    app.tokens
        .revoke_of(&user.id, |token| new.revoke_tokens.contains(&token.id))
        .await?;
    // The password ended the session of the caller too; a person goes on with a new one.
    let set = match &caller {
        Caller::Person { user: own, .. } if own.id == user.id => {
            let session = app.sessions.begin(&user.id).await?;
            Some([(header::SET_COOKIE, cookies.set(&session, Lasts::Days))])
        }
        _ => None,
    };
    Ok((StatusCode::NO_CONTENT, set, ()).into_response())
}

async fn remove(
    State(app): State<Arc<App>>,
    Extension(user): Extension<Arc<User>>,
) -> Result<StatusCode, Problem> {
    app.people.remove(&user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
