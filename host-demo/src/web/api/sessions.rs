//! Logging in and out.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    response::IntoResponse,
    routing::{delete, get, post},
};
use dashboards::domain::{Name, Role, UserId};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::json::SecretBody;
use crate::{
    app::{App, Caller, Client},
    web::{
        credentials::{Lasts, SessionCookie},
        endpoint::{Access, Endpoint},
        problem::Problem,
    },
};

const PATH: &str = "/api/session";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::POST,
            PATH,
            Access::Anyone,
            (
                "logIn",
                "Logs a user in; the response sets the session cookie",
            ),
            post(log_in),
        )
        .takes::<LogIn>(),
        Endpoint::api(
            Method::POST,
            "/api/first-start",
            Access::Anyone,
            (
                "openFirst",
                "Logs in with the token of the address that the host printed",
            ),
            post(open_first),
        )
        .takes::<OpenFirst>(),
        Endpoint::api(
            Method::GET,
            PATH,
            Access::SignedIn,
            ("whoAmI", "Returns the logged-in user"),
            get(who),
        )
        .answers::<Me>(),
        Endpoint::api(
            Method::DELETE,
            PATH,
            Access::SignedIn,
            ("logOut", "Ends the session"),
            delete(log_out),
        ),
        Endpoint::api(
            Method::POST,
            "/api/session/end-others",
            Access::SignedIn,
            ("endOtherSessions", "Ends all other sessions of the caller"),
            post(end_others),
        )
        .answers::<Ended>(),
    ]
}

/// A name and a password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    /// The name of the user, in capitals or not.
    name: String,
    /// The password.
    #[schemars(with = "String")]
    password: SecretString,
}

/// The token of the address that the host printed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OpenFirst {
    /// The token.
    #[schemars(with = "String")]
    token: SecretString,
}

/// Who is logged in.
#[derive(JsonSchema, Serialize)]
struct Me {
    /// The user.
    id: UserId,
    /// What people call the user.
    name: Name,
    /// What the user may do at most.
    role: Role,
    /// Whether the user can log in with a password.
    has_password: bool,
}

/// What was ended.
#[derive(JsonSchema, Serialize)]
struct Ended {
    /// How many sessions.
    sessions: u64,
}

type SetCookie = (StatusCode, [(HeaderName, String); 1]);

fn set_cookie(value: String) -> SetCookie {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, value)])
}

async fn log_in(
    State(app): State<Arc<App>>,
    State(cookies): State<SessionCookie>,
    client: Client,
    SecretBody(log_in): SecretBody<LogIn>,
) -> Result<(StatusCode, HeaderMap), Problem> {
    let LogIn { name, password } = log_in;
    let logged_in = app.sessions.log_in(&name, password, &client).await?;
    let cookies = cookies.logged_in(&logged_in, Lasts::Days);
    Ok((StatusCode::NO_CONTENT, cookies))
}

async fn open_first(
    State(app): State<Arc<App>>,
    State(cookies): State<SessionCookie>,
    SecretBody(open): SecretBody<OpenFirst>,
) -> Result<SetCookie, Problem> {
    let token = open.token.expose_secret();
    let session = app.sessions.redeem_setup_token(token).await?;
    Ok(set_cookie(cookies.set(&session, Lasts::Days)))
}

async fn who(Extension(caller): Extension<Caller>) -> Result<Json<Me>, Problem> {
    let user = caller.user().ok_or_else(|| Problem::not_found("user"))?;
    Ok(Json(Me {
        id: user.id.clone(),
        name: user.name.clone(),
        role: user.role,
        has_password: user.password.is_some(),
    }))
}

async fn log_out(
    State(app): State<Arc<App>>,
    State(cookies): State<SessionCookie>,
    Extension(caller): Extension<Caller>,
) -> Result<impl IntoResponse, Problem> {
    app.sessions.end(&caller).await?;
    Ok(set_cookie(cookies.removed()))
}

async fn end_others(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Ended>, Problem> {
    let sessions = app.sessions.end_others(&caller).await?;
    Ok(Json(Ended { sessions }))
}
