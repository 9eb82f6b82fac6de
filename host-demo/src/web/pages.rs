//! The pages for people.

mod account;
mod assets;
mod board;
mod board_head;
mod catalog;
mod connect;
mod datasources;
mod details;
mod list;
mod login;
mod new_board;
mod public;
mod sharing;
mod shell;
mod tools;
mod users;
mod wall;

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use dashboards::domain::Action;
use maud::{Markup, html};

use self::shell::{Page, Place, Theme};
pub(super) use self::{
    board::{Setting, TilePlace, draw_tile, draw_whole_tile},
    public::asks_password,
    shell::asking_for_password,
};
use super::{
    api::events,
    endpoint::{Access, Endpoint, Resource},
    problem::Problem,
};
use crate::app::App;
use gadget_draw::tile::sentence;

/// Returns every page.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let see = Access::May(Action::View, Resource::Dashboard);
    vec![
        Endpoint::page(
            "/",
            Access::May(Action::View, Resource::Dashboards),
            get(list::home),
        ),
        Endpoint::page(
            "/dashboards",
            Access::May(Action::View, Resource::Dashboards),
            get(list::list),
        ),
        Endpoint::page(
            "/dashboards/new",
            Access::May(Action::Create, Resource::Dashboards),
            get(new_board::page),
        ),
        Endpoint::page("/d/{dashboard}", see, get(board::dashboard)),
        Endpoint::page("/d/{dashboard}/t/{tile}", see, get(board::one)),
        Endpoint::page(
            "/d/{dashboard}/t/{tile}/details",
            see,
            get(details::details),
        ),
        Endpoint::page(
            "/catalog",
            Access::May(Action::View, Resource::Catalog),
            get(catalog::catalog),
        ),
        Endpoint::page(
            "/datasources",
            Access::May(Action::View, Resource::Datasources),
            get(datasources::list),
        ),
        Endpoint::page(
            "/datasources/new",
            Access::May(Action::Create, Resource::Datasources),
            get(connect::new),
        ),
        Endpoint::page(
            "/datasources/{datasource}",
            Access::May(Action::Edit, Resource::Datasource),
            get(connect::edit),
        ),
        Endpoint::page("/d/{dashboard}/wall", see, get(wall::wallboard)),
        Endpoint::page("/public/{token}", Access::Link, get(public::dashboard)),
        Endpoint::page("/public/{token}/wall", Access::Link, get(public::wallboard)),
        Endpoint::page("/public/{token}/events", Access::Link, get(events)),
        Endpoint::page(
            "/public/{token}/tiles/{tile}/tile.html",
            Access::Link,
            get(public::tile),
        ),
        Endpoint::page(
            "/public/{token}/password",
            Access::Anyone,
            get(public::password),
        ),
        Endpoint::submit(
            "/public/{token}/password",
            Access::Anyone,
            post(public::prove),
        ),
        Endpoint::page("/embed/{token}", Access::Link, get(public::embedded)),
        Endpoint::page("/login", Access::Anyone, get(login::page)),
        Endpoint::submit("/login", Access::Anyone, post(login::log_in)),
        Endpoint::page("/start", Access::Anyone, get(login::start)),
        Endpoint::submit("/start", Access::Anyone, post(login::open)),
        Endpoint::page("/account", Access::SignedIn, get(account::page)),
        Endpoint::page(
            "/users",
            Access::May(Action::View, Resource::Users),
            get(users::page),
        ),
        Endpoint::submit("/logout", Access::SignedIn, post(login::log_out)),
        Endpoint::page("/assets/{name}", Access::Anyone, get(assets::asset)),
        Endpoint::page("/health", Access::Anyone, get(health)).at_once(),
        Endpoint::page("/ready", Access::Anyone, get(ready)).at_once(),
    ]
}

/// The most characters of the name of a file.
const LONGEST_NAME: usize = 120;

/// Answers with a file that a browser saves; of `name` only what is plain stays.
pub(in crate::web) fn file(kind: &'static str, name: &str, content: impl IntoResponse) -> Response {
    let plain = name.chars().map(|letter| match letter {
        '-' | '_' | '.' => letter,
        _ if letter.is_ascii_alphanumeric() => letter,
        // Gadgets name tables, and a quotation mark would end the name.
        _ => '-',
    });
    let plain: String = plain.take(LONGEST_NAME).collect();
    let disposition = format!("attachment; filename=\"{plain}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, content).into_response()
}

/// Says on a page why something was not done.
pub(super) fn refused(headers: &HeaderMap, problem: &Problem) -> impl IntoResponse + use<> {
    let title = match problem.status() {
        StatusCode::NOT_FOUND => "Page not found",
        StatusCode::FORBIDDEN => "You don't have permission to do this",
        _ => "Something went wrong",
    };
    let content = html! {
        div.start {
            h1 { (title) }
            @if problem.status() != StatusCode::NOT_FOUND { p { bdi { (sentence(problem.message())) } } }
            p { a href="/" { "Go to the dashboards" } }
        }
    };
    (problem.status(), bare(headers, title, content))
}

/// Answers a request for what there is none of.
pub(super) async fn nowhere(uri: Uri, headers: HeaderMap) -> Response {
    if uri.path().starts_with("/api/") {
        return Problem::not_found("operation").into_response();
    }
    refused(&headers, &Problem::not_found("page")).into_response()
}

/// Draws a page that says nothing of who looks.
fn bare(headers: &HeaderMap, title: &str, content: Markup) -> Markup {
    Page {
        title,
        place: Place::Elsewhere,
        theme: Theme::of(headers),
        user: None,
        again_seconds: None,
        content,
    }
    .draw()
}

/// Says that the host answers.
/// Tells that the process answers.
async fn health() -> &'static str {
    "ok\n"
}

/// Tells whether the host can do its work, for whoever directs people or alarms to it.
async fn ready(State(app): State<Arc<App>>) -> (StatusCode, String) {
    match app.readiness.check().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {reason}\n"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_plain_whatever_a_gadget_calls_its_table() {
        let long = "x".repeat(300);
        let cut = "x".repeat(120);
        for (name, expected) in [
            ("t1-movements.csv", "t1-movements.csv"),
            ("t1-a\"; filename=\"b.exe", "t1-a---filename--b.exe"),
            ("t1-\u{202e}vsc.é", "t1--vsc.-"),
            ("../../a\r\nb: c", "..-..-a--b--c"),
            (&long, &cut),
        ] {
            let response = file("text/csv", name, "");
            let found = &response.headers()[header::CONTENT_DISPOSITION];
            assert_eq!(found, &format!("attachment; filename=\"{expected}\""));
        }
    }
}
