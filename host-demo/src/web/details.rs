//! The rows behind a part of a tile: a page, and a file.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, RawQuery, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gadget_api::{Error, ErrorKind, Selection, Table};
use maud::{Markup, html};

use super::{
    Site,
    board::Tile,
    pages::{file, missing},
    shell::{Page, Place, Theme},
};
use crate::draw::{
    csv::csv,
    html_table,
    tile::{icon, sentence},
};

/// Answers with the page of the rows.
pub(super) async fn details(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    selection: Result<Query<Selection>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let Some(tile) = site.board.tile(&id) else {
        return missing("tile").into_response();
    };
    let rows = rows(&site, &tile, selection).await;
    let status = match &rows {
        Ok(_) => StatusCode::OK,
        Err(error) => status_of(error),
    };
    let page = Page {
        title: "Details",
        place: Place::Elsewhere,
        theme: Theme::of(&headers),
        again_seconds: None,
        content: content(&tile, &query.unwrap_or_default(), rows),
    };
    (status, page.draw()).into_response()
}

/// Answers with the rows as CSV.
pub(super) async fn details_file(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    selection: Result<Query<Selection>, QueryRejection>,
) -> Response {
    let Some(tile) = site.board.tile(&id) else {
        return missing("tile").into_response();
    };
    match rows(&site, &tile, selection).await {
        Ok(table) => file(
            "text/csv; charset=utf-8",
            &format!("{id}-details.csv"),
            csv(&table),
        ),
        Err(error) => (status_of(&error), format!("{error}\n")).into_response(),
    }
}

async fn rows(
    site: &Arc<Site>,
    tile: &Tile,
    selection: Result<Query<Selection>, QueryRejection>,
) -> Result<Table, Error> {
    let Query(selection) = selection.map_err(|rejection| {
        Error::new(
            ErrorKind::Settings,
            format!("no part of a tile is named so: {rejection}"),
        )
    })?;
    let (site, tile) = (Arc::clone(site), tile.clone());
    // A gadget may take its time; the threads that answer requests are not for that.
    tokio::task::spawn_blocking(move || site.details(&tile, &selection))
        .await
        .map_err(|_| Error::new(ErrorKind::Internal, "the rows could not be made"))?
}

fn status_of(error: &Error) -> StatusCode {
    match error.kind() {
        ErrorKind::Settings | ErrorKind::Unsupported | ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::TimedOut | ErrorKind::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn content(tile: &Tile, query: &str, rows: Result<Table, Error>) -> Markup {
    let name = tile
        .shown
        .as_ref()
        .map_or(tile.title.as_str(), |view| view.title.as_str());
    html! {
        div.head {
            div.head__text {
                p.crumbs { a href="/" { "Dashboard" } span { "/" } a href={ "/#" (tile.id) } { bdi { (name) } } }
                @match &rows {
                    Ok(table) => {
                        h1 { bdi { (heading(table)) } }
                        p.facts {
                            span { bdi { (name) } }
                            span { (row_count(table)) }
                        }
                    }
                    Err(_) => h1 { "No rows" },
                }
            }
            @if rows.is_ok() {
                div.head__actions {
                    a.button href={ "/tile/" (tile.id) "/details.csv?" (query) } download { (icon("down")) "Export CSV" }
                }
            }
        }
        div.sheet {
            @match &rows {
                Ok(table) if table.rows.is_empty() => p { "Nothing moved here." },
                Ok(table) => (html_table(table, &heading(table))),
                Err(error) => {
                    div.strip."strip--plain" {
                        (icon("warn"))
                        div {
                            p { bdi { (sentence(error.message())) } }
                            @if let Some(remedy) = error.remedy() { p { bdi { (sentence(remedy)) } } }
                        }
                    }
                }
            }
        }
    }
}

fn heading(table: &Table) -> String {
    if table.label.is_empty() {
        "Details".to_owned()
    } else {
        table.label.clone()
    }
}

fn row_count(table: &Table) -> String {
    let shown = i64::try_from(table.rows.len()).unwrap_or(i64::MAX);
    let rows = crate::draw::number::counted(shown, "row", "rows");
    match table
        .total
        .and_then(|total| i64::try_from(total).ok())
        .filter(|total| *total > shown)
    {
        Some(total) => format!("{rows} of {}", crate::draw::number::plain(total.into())),
        None => rows,
    }
}
