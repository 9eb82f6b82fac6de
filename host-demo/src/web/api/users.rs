//! People.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, patch, post, put},
};
use chrono::{DateTime, Utc};
use dashboards::{
    domain::{Action, Name, Object, Role, User, UserId},
    store::new_id_bytes,
};
use gadget_api::{FieldError, FieldPath};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::json::{Body, SecretBody};
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Thing},
    problem::Problem,
};

const ALL: &str = "/api/users";
const ONE: &str = "/api/users/{user}";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::GET,
            ALL,
            Access::May(Action::View, Thing::Users),
            ("listUsers", "Lists the users"),
            get(list),
        )
        .answers::<Vec<UserAnswer>>(),
        Endpoint::api(
            Method::POST,
            ALL,
            Access::May(Action::Create, Thing::Users),
            ("createUser", "Adds a user"),
            post(create),
        )
        .takes::<NewUser>()
        .answers::<UserAnswer>(),
        Endpoint::api(
            Method::PATCH,
            ONE,
            Access::May(Action::Edit, Thing::User),
            (
                "changeUser",
                "Gives a user another name or, for administrators, another role",
            ),
            patch(change),
        )
        .takes::<UserChange>()
        .answers::<UserAnswer>(),
        Endpoint::api(
            Method::PUT,
            "/api/users/{user}/password",
            Access::May(Action::Edit, Thing::User),
            (
                "setPassword",
                "Gives a user another password, and ends the user's other sessions",
            ),
            put(set_password),
        )
        .takes::<NewPassword>(),
        Endpoint::api(
            Method::DELETE,
            ONE,
            Access::May(Action::Manage, Thing::User),
            ("deleteUser", "Deletes a user, and ends every session of it"),
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
}

async fn list(State(site): State<Arc<Site>>) -> Result<Json<Vec<UserAnswer>>, Problem> {
    let users = site.store.users().await?;
    Ok(Json(users.into_iter().map(UserAnswer::from).collect()))
}

async fn create(
    State(site): State<Arc<Site>>,
    SecretBody(new): SecretBody<NewUser>,
) -> Result<Json<UserAnswer>, Problem> {
    let user = User {
        id: UserId::from_bytes(new_id_bytes()),
        name: Name::parse(&new.name)?,
        role: new.role,
        password: Some(site.proof(new.password).await?),
        created_at: Utc::now(),
    };
    site.store.create_user(&user).await?;
    Ok(Json(user.into()))
}

async fn change(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(user): Extension<Arc<User>>,
    Body(change): Body<UserChange>,
) -> Result<Json<UserAnswer>, Problem> {
    if change.role.is_some() {
        caller.check(Action::Manage, Object::User(&user))?;
    }
    site.store
        .change_user(&user.id, change.name.as_ref(), change.role)
        .await?;
    let changed = site.store.user(&user.id).await?;
    let changed = changed.ok_or_else(|| Problem::not_found("user"))?;
    Ok(Json(changed.into()))
}

async fn set_password(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(user): Extension<Arc<User>>,
    SecretBody(new): SecretBody<NewPassword>,
) -> Result<Response, Problem> {
    let is_own = caller.user_id() == Some(&user.id);
    if is_own && user.password.is_some() {
        prove_old(&site, &user, new.old_password).await?;
    }
    let proof = site.proof(new.password).await?;
    site.store.set_password(&user.id, Some(&proof)).await?;
    if user.role == Role::Administrator {
        site.first.close();
    }
    let mut headers = HeaderMap::new();
    // Whoever has the cookie of an earlier session is out; the person goes on with a new one.
    if is_own && matches!(caller, Caller::Person { .. }) {
        let cookie = site.new_session(&user.id).await?;
        let cookie = HeaderValue::from_str(&cookie).expect("a cookie of this host is a header");
        headers.insert(header::SET_COOKIE, cookie);
    }
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

/// Refuses who does not know the user's password so far.
async fn prove_old(
    site: &Arc<Site>,
    user: &User,
    old: Option<SecretString>,
) -> Result<(), Problem> {
    let refused = |message| {
        let field = FieldPath::parse("/old_password").expect("the path is well-formed");
        Problem::of_fields(&[FieldError::new(field, message)])
    };
    let old = old.ok_or_else(|| refused("enter the password that you have now"))?;
    let of = user.name.folded();
    let is_right = site.prove(&of, old, user.password.clone()).await?;
    is_right
        .then_some(())
        .ok_or_else(|| refused("this is not the password that you have now"))
}

async fn remove(
    State(site): State<Arc<Site>>,
    Extension(user): Extension<Arc<User>>,
) -> Result<StatusCode, Problem> {
    site.store.delete_user(&user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
