//! People.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode},
    routing::{delete, get},
};
use chrono::{DateTime, Utc};
use host_demo::domain::{Action, Name, Role, User, UserId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::web::{
    Site,
    endpoint::{Access, Endpoint, Thing},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::GET,
            "/api/users",
            Access::May(Action::View, Thing::Users),
            ("listUsers", "Lists the users"),
            get(list),
        )
        .answers::<Vec<UserAnswer>>(),
        Endpoint::api(
            Method::DELETE,
            "/api/users/{user}",
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

async fn list(State(site): State<Arc<Site>>) -> Result<Json<Vec<UserAnswer>>, Problem> {
    let users = site.store.users().await?;
    Ok(Json(users.into_iter().map(UserAnswer::from).collect()))
}

async fn remove(
    State(site): State<Arc<Site>>,
    Extension(user): Extension<Arc<User>>,
) -> Result<StatusCode, Problem> {
    site.store.delete_user(&user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
