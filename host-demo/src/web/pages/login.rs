//! Logging in, and the first start.

use std::sync::Arc;

use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::bare;
use crate::{
    draw::tile::{icon, sentence},
    web::{Site, caller::Caller, problem::Problem, session::Use},
};

/// What the form of the page sends.
#[derive(Deserialize)]
pub(super) struct LogIn {
    name: String,
    password: SecretString,
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
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Form(form): Form<LogIn>,
) -> Response {
    match site.log_in(&form.name, form.password).await {
        Ok(cookie) => entered(cookie),
        Err(problem) => {
            let page = draw(&headers, &form.name, Some(&problem));
            (problem.status(), page).into_response()
        }
    }
}

/// Opens with the token of the address, or shows the button that does.
pub(super) async fn start(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Query(token): Query<Token>,
) -> Response {
    let secret = token.token.expose_secret();
    if site.first.opens(secret) && site.first.use_of() == Use::Once {
        // Something that looks at addresses ahead must not spend the token.
        return first_page(&headers, secret).into_response();
    }
    opened(&site, &headers, secret).await
}

/// Opens with the token that the button sends.
pub(super) async fn open(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Form(token): Form<Token>,
) -> Response {
    opened(&site, &headers, token.token.expose_secret()).await
}

async fn opened(site: &Site, headers: &HeaderMap, token: &str) -> Response {
    match site.open_first(token).await {
        Ok(cookie) => entered(cookie),
        Err(problem) => {
            let page = draw(headers, "", Some(&problem));
            (problem.status(), page).into_response()
        }
    }
}

/// Ends the session.
pub(super) async fn log_out(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Problem> {
    if let Caller::Person { session, .. } = &caller {
        site.store.end_session(session).await?;
    }
    let gone = [(header::SET_COOKIE, site.cookie.removed())];
    Ok((gone, Redirect::to("/login")).into_response())
}

fn entered(cookie: String) -> Response {
    let headers = [(header::SET_COOKIE, cookie)];
    (StatusCode::SEE_OTHER, headers, [(header::LOCATION, "/")]).into_response()
}

fn draw(headers: &HeaderMap, name: &str, problem: Option<&Problem>) -> Markup {
    let content = html! {
        div.door {
            h1 { "Log in" }
            @if let Some(problem) = problem {
                div.strip."strip--error" role="alert" {
                    (icon("warn"))
                    div {
                        p { b { (sentence(problem.message())) } }
                        @if let Some(remedy) = problem.remedy() { p { (remedy) } }
                    }
                }
            }
            form.sheet method="post" action="/login" {
                label.field { span.field__label { "Name" } input.input name="name" value=(name) autocomplete="username" required autofocus; }
                label.field { span.field__label { "Password" } input.input name="password" type="password" autocomplete="current-password" required; }
                button.button."button--first" type="submit" { "Log in" }
            }
            p.muted { "Nobody has a password yet? Start the host again: it prints an address that opens it." }
        }
    };
    bare(headers, "Log in", content)
}

fn first_page(headers: &HeaderMap, token: &str) -> Markup {
    let content = html! {
        div.door {
            h1 { "Open this host" }
            p { "This address opens the host as its administrator, once. Give yourself a name and a password then, so that you can log in again." }
            form.sheet method="post" action="/start" {
                input type="hidden" name="token" value=(token);
                button.button."button--first" type="submit" { "Open as administrator" }
            }
        }
    };
    bare(headers, "Open this host", content)
}
