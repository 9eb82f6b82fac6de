//! The rows behind a part of a tile: a page, and a file.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, Query, RawQuery, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gadget_api::{Error, Selection, Table};
use host_demo::domain::Dashboard;
use maud::{Markup, html};

use super::{
    TilePlace,
    shell::{Page, Place, Theme},
};
use crate::{
    draw::{
        html_table,
        tile::{icon, sentence},
    },
    web::{
        Site,
        api::{Named, TilePath, label},
        caller::Caller,
        problem::Problem,
    },
};

/// Answers with the page of the rows.
pub(in crate::web) async fn details(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<TilePath>,
    RawQuery(query): RawQuery,
    selection: Result<Query<Selection>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let named = Named::on(&dashboard, &path.tile)?;
    let rows = site.rows(&named.tile, selection).await;
    let status = match &rows {
        Ok(_) => StatusCode::OK,
        Err(error) => Problem::from(error.clone()).status(),
    };
    let place = TilePlace::on(&caller, &dashboard);
    let subject = Subject {
        dashboard: dashboard.title().as_str(),
        name: &label(&site, dashboard.id(), &named.tile),
        place: &place,
        tile: &path.tile,
        query: &query.unwrap_or_default(),
    };
    let page = Page {
        title: "Details",
        place: Place::Elsewhere,
        theme: Theme::of(&headers),
        user: caller.user(),
        again_seconds: None,
        content: content(&subject, rows),
    };
    Ok((status, page.draw()).into_response())
}

/// What the rows are of.
struct Subject<'a> {
    dashboard: &'a str,
    name: &'a str,
    place: &'a TilePlace,
    tile: &'a str,
    query: &'a str,
}

fn content(subject: &Subject<'_>, rows: Result<Table, Error>) -> Markup {
    let Subject {
        dashboard,
        name,
        place,
        tile,
        query,
    } = subject;
    html! {
        div.head {
            div.head__text {
                p.crumbs { a href=(place.page) { bdi { (dashboard) } } span { "/" } a href={ (place.page) "#" (tile) } { bdi { (name) } } }
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
                    a.button href={ (place.api) "/tiles/" (tile) "/details.csv?" (query) } download { (icon("down")) "Export CSV" }
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
