//! The pages: the dashboard, one tile of it, and what a tile can be had as.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use gadget_api::DatasourceDeclaration;
use gadget_host::Catalog;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::{
    Site,
    board::{Content, Snapshot, Tile, TileState, WHOLE},
    shell::{Page, Place, Theme},
};
use crate::draw::{
    Links,
    csv::csv,
    moment,
    tile::{Placed, icon, sentence, tile},
    tile_as_svg,
    waiting::{Bare, failed_tile, waiting_tile},
};

/// How soon a browser without scripts looks again while something is under way.
const AGAIN_SECONDS: u8 = 3;

/// Answers with the dashboard.
pub(super) async fn dashboard(State(site): State<Arc<Site>>, headers: HeaderMap) -> Markup {
    let now = site.board.snapshot();
    let is_under_way = now.is_refreshing || matches!(now.content, Content::Filling);
    Page {
        title: &now.name,
        place: Place::Dashboard,
        theme: Theme::of(&headers),
        again_seconds: is_under_way.then_some(AGAIN_SECONDS),
        content: content(&now, site.engine.catalog()),
    }
    .draw()
}

fn content(now: &Snapshot, catalog: &Catalog) -> Markup {
    match &now.content {
        Content::Empty => empty(catalog),
        Content::Filling => html! {
            div.start role="status" data-live="page" data-revision=(now.revision) {
                h1 { "Filling the dashboard" }
                p { "The datasource is asked which apps there are." }
                progress aria-label="Filling the dashboard" {}
            }
        },
        Content::Failed(error) => html! {
            div.start {
                h1 { "The dashboard could not be filled" }
                p { "Nothing was counted. What is wrong:" }
                div.strip."strip--error" role="alert" {
                    (icon("warn"))
                    div {
                        p { b { bdi { (sentence(error.message())) } } }
                        @if let Some(remedy) = error.remedy() { p { bdi { (sentence(remedy)) } } }
                    }
                }
                (refresh_form("Try again"))
            }
        },
        Content::Filled => html! {
            div.head {
                div.head__text {
                    h1 { bdi { (now.name) } }
                    p.facts id=(WHOLE) data-revision=(now.revision) {
                        span { (count_of(&now.tiles)) }
                        @if let Some(at) = now.refreshed_at { span { "refreshed " (moment(&at.to_rfc3339())) } }
                        span { "refreshes by itself every 15 minutes" }
                    }
                }
                div.head__actions { (refresh_form("Refresh now")) }
            }
            div.grid."grid--even" data-live="tiles" { @for tile in &now.tiles { (draw(tile)) } }
        },
    }
}

fn count_of(tiles: &[Tile]) -> String {
    crate::draw::number::counted(
        i64::try_from(tiles.len()).unwrap_or(i64::MAX),
        "gadget",
        "gadgets",
    )
}

fn refresh_form(label: &str) -> Markup {
    html! {
        form method="post" action="/refresh" {
            button.button type="submit" { (icon("again")) (label) }
        }
    }
}

fn empty(catalog: &Catalog) -> Markup {
    html! {
        div.start {
            h1 { "No datasource yet" }
            p { "A dashboard shows what its gadgets read from a datasource. This host was started without one." }
            div.sheet.ways {
                div {
                    h2 { "Look at sample data" }
                    p { "A stand-in runs beside the host; nothing leaves this machine." }
                    pre { code { "host-demo serve --demo" } }
                }
                div {
                    h2 { "Connect an account of your own" }
                    p { "Write a datasource file, keep the token in a file of its own, and name the datasource at start." }
                    @for kind in catalog.datasource_kinds().take(3) {
                        pre { code { (example_of(kind.declaration())) } }
                    }
                    pre { code { "host-demo serve --datasource FILE" } }
                }
            }
        }
    }
}

/// Returns a datasource file of a kind, as far as its schema tells what stands in one.
fn example_of(declaration: &DatasourceDeclaration) -> String {
    let mut example = Map::from_iter([("kind".to_owned(), Value::from(declaration.id.as_str()))]);
    let properties = declaration
        .schema
        .get("properties")
        .and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if property.get("writeOnly") == Some(&Value::Bool(true)) {
            example.insert(format!("{name}_file"), Value::from(name.as_str()));
            continue;
        }
        let value = property
            .get("default")
            .or_else(|| property.pointer("/examples/0"))
            .cloned();
        let blank = || {
            if property["type"] == "array" {
                Value::Array(vec!["…".into()])
            } else {
                "…".into()
            }
        };
        example.insert(
            name.clone(),
            value
                .filter(|value| *value != "" && *value != Value::Array(Vec::new()))
                .unwrap_or_else(blank),
        );
    }
    serde_json::to_string_pretty(&example).unwrap_or_default()
}

/// Draws a tile as it is now.
fn draw(shown: &Tile) -> Markup {
    let id = &shown.id;
    let bare = Bare {
        id,
        revision: shown.revision,
        size: shown.size,
        title: &shown.title,
    };
    let Some(view) = &shown.shown else {
        return match &shown.state {
            TileState::Failed(error) => failed_tile(&bare, error),
            TileState::Refreshing(progress) => {
                waiting_tile(&bare, Some(&progress.clone().unwrap_or_default()))
            }
            TileState::Waiting | TileState::Done => waiting_tile(&bare, None),
        };
    };
    let links = Links::new(format!("/tile/{id}/details"));
    let placed = Placed {
        id,
        revision: shown.revision,
        size: shown.size,
        links: Some(&links),
        tools: tools(id, &view.title),
        state: state(&shown.state),
    };
    tile(view, &placed)
}

fn tools(id: &str, title: &str) -> Markup {
    html! {
        a.button."button--icon" href={ "/tile/" (id) "/table.csv" } download aria-label={ "Movements of " (title) " as CSV" } title="Movements as CSV" { (icon("down")) }
        a.button."button--icon" href={ "/tile/" (id) "/tile.svg" } download aria-label={ (title) " as a picture" } title="Tile as a picture" { (icon("picture")) }
    }
}

fn state(state: &TileState) -> Markup {
    match state {
        TileState::Refreshing(progress) => html! {
            span.state."state--busy" {
                "refreshing"
                @if let Some(progress) = progress.as_ref().filter(|progress| !progress.text.is_empty()) {
                    ": " bdi { (progress.text) }
                }
            }
        },
        TileState::Failed(error) => html! {
            span.state."state--failed" { "last refresh failed: " bdi { (error.message()) } }
        },
        TileState::Waiting | TileState::Done => html! {},
    }
}

/// Answers with one tile, for a page that has it already.
pub(super) async fn one_tile(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    match site.board.tile(&id) {
        Some(tile) => draw(&tile).into_response(),
        None => missing("tile").into_response(),
    }
}

/// Answers with the tile as a file.
pub(super) async fn picture(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    match site.board.tile(&id).and_then(|tile| tile.shown) {
        Some(view) => file("image/svg+xml", &format!("{id}.svg"), tile_as_svg(&view)),
        None => missing("picture").into_response(),
    }
}

/// Answers with the first table of the tile: the movements.
pub(super) async fn table(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    let view = site.board.tile(&id).and_then(|tile| tile.shown);
    match view
        .as_ref()
        .and_then(|view| view.table("movements").or(view.tables.first()))
    {
        Some(table) => file("text/csv; charset=utf-8", &format!("{id}.csv"), csv(table)),
        None => missing("table").into_response(),
    }
}

/// Answers with a file that a browser saves; `name` is one that this host made.
pub(super) fn file(kind: &'static str, name: &str, content: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    (
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        content,
    )
        .into_response()
}

/// Starts a refresh and goes back to the dashboard.
pub(super) async fn refresh(State(site): State<Arc<Site>>) -> Redirect {
    site.refresh_now();
    Redirect::to("/")
}

/// Says that a thing of the dashboard is not there.
pub(super) fn missing(what: &str) -> impl IntoResponse + use<> {
    (
        StatusCode::NOT_FOUND,
        format!("there is no such {what} on this dashboard\n"),
    )
}

/// Answers a request for a page that there is none of.
pub(super) async fn nowhere(headers: HeaderMap) -> Response {
    let page = Page {
        title: "Not found",
        place: Place::Elsewhere,
        theme: Theme::of(&headers),
        again_seconds: None,
        content: html! {
            div.start { h1 { "There is no such page" } p { a href="/" { "To the dashboard" } } }
        },
    };
    (StatusCode::NOT_FOUND, page.draw()).into_response()
}

/// Says that the host answers.
pub(super) async fn health() -> &'static str {
    "ok\n"
}
