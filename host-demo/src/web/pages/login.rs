//! Logging in, and the first start.

use std::sync::Arc;

use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, IntoResponseParts, Redirect, Response},
};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::shell::door;
use crate::{
    app::{App, AppError, Caller, Client, Validity},
    web::{
        credentials::{Lasts, SessionCookie},
        problem::Problem,
    },
};
use gadget_draw::tile::{icon, sentence};

/// What the form of the page sends.
#[derive(Deserialize)]
pub(super) struct LogIn {
    name: String,
    password: SecretString,
    /// There if the session is to outlast the browser.
    stays: Option<String>,
}

/// The token in an address that the host printed.
#[derive(Deserialize)]
pub(super) struct Token {
    token: SecretString,
}

/// Answers with the form.
pub(super) async fn page(headers: HeaderMap) -> Markup {
    draw(&headers, "", None)
}

/// Logs in and goes to the dashboards.
pub(super) async fn log_in(
    State(app): State<Arc<App>>,
    State(cookies): State<SessionCookie>,
    client: Client,
    headers: HeaderMap,
    Form(form): Form<LogIn>,
) -> Response {
    let lasts = match form.stays {
        Some(_) => Lasts::Days,
        None => Lasts::UntilClosed,
    };
    let logged_in = app.sessions.log_in(&form.name, form.password, &client);
    match logged_in.await {
        Ok(logged_in) => entered(cookies.logged_in(&logged_in, lasts)),
        Err(error) => failed(&headers, &form.name, error),
    }
}

/// Opens with the token of the address, or shows the button that does.
pub(super) async fn start(
    State(app): State<Arc<App>>,
    State(cookies): State<SessionCookie>,
    headers: HeaderMap,
    Query(token): Query<Token>,
) -> Response {
    let secret = token.token.expose_secret();
    let setup = app.sessions.setup();
    if setup.is_valid(secret) && setup.validity() == Validity::Once {
        // Something that looks at addresses ahead must not spend the token.
        return first_page(&headers, secret).into_response();
    }
    opened(&app, &cookies, &headers, secret).await
}

/// Opens with the token that the button sends.
pub(super) async fn open(
    State(app): State<Arc<App>>,
    State(cookies): State<SessionCookie>,
    headers: HeaderMap,
    Form(token): Form<Token>,
) -> Response {
    opened(&app, &cookies, &headers, token.token.expose_secret()).await
}

async fn opened(app: &App, cookies: &SessionCookie, headers: &HeaderMap, token: &str) -> Response {
    match app.sessions.redeem_setup_token(token).await {
        Ok(session) => {
            let cookie = cookies.set(&session, Lasts::Days);
            entered([(header::SET_COOKIE, cookie)])
        }
        Err(error) => failed(headers, "", error),
    }
}

/// Ends the session.
pub(super) async fn log_out(
    State(app): State<Arc<App>>,
    State(cookies): State<SessionCookie>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    app.sessions.end(&caller).await?;
    let removed = [(header::SET_COOKIE, cookies.removed())];
    Ok((removed, Redirect::to("/login")).into_response())
}

fn failed(headers: &HeaderMap, name: &str, error: AppError) -> Response {
    let problem = Problem::from(error);
    let page = draw(headers, name, Some(&problem));
    (problem.status(), page).into_response()
}

fn entered(cookies: impl IntoResponseParts) -> Response {
    (StatusCode::SEE_OTHER, cookies, [(header::LOCATION, "/")]).into_response()
}

fn draw(headers: &HeaderMap, name: &str, problem: Option<&Problem>) -> Markup {
    let is_wrong = problem.map(|_| "true");
    let sheet = html! {
        @if let Some(problem) = problem {
            div.strip."strip--error" role="alert" {
                (icon("warn"))
                div {
                    (sentence(problem.message())) " "
                    @if let Some(remedy) = problem.remedy() { (remedy) }
                }
            }
        }
        form.stack method="post" action="/login" {
            div.field {
                label for="name" { "Name" }
                input.input id="name" name="name" value=(name) autocomplete="username" required autofocus[name.is_empty()];
            }
            div.field {
                label for="password" { "Password" }
                input.input id="password" name="password" type="password" autocomplete="current-password" required aria-invalid=[is_wrong] autofocus[!name.is_empty()];
            }
            label.check { input type="checkbox" name="stays" value="yes"; span { "Stay signed in on this computer" } }
            button.button."button--first" type="submit" { "Sign in" }
        }
    };
    let foot = "No account? An administrator of this host can add you. Nobody has a password yet? \
        Start the host again: it prints an address that opens it.";
    door(headers, "Sign in", &sheet, foot)
}

fn first_page(headers: &HeaderMap, token: &str) -> Markup {
    let sheet = html! {
        p { "This address signs you in as administrator once. Set a password so that you can sign in again." }
        form.stack method="post" action="/start" {
            input type="hidden" name="token" value=(token);
            button.button."button--first" type="submit" { "Continue as administrator" }
        }
    };
    let foot = "The host printed this address because no administrator has a password yet.";
    door(headers, "Sign in to this host", &sheet, foot)
}
