//! The rows behind a part of a tile: a page, and a file.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, Query, RawQuery, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use dashboards::domain::Dashboard;
use gadget_api::{Error, Selection, Table, View};
use maud::{Markup, html};

use super::{
    TilePlace,
    shell::{Page, Place, Theme},
};
use crate::{
    app::{App, Caller, PlacedTile},
    web::{
        api::{TilePath, selected},
        problem::Problem,
    },
};
use gadget_draw::{
    Links, Picked, number, picked, rows_table,
    tile::{icon, sentence},
};

/// Answers with the page of the rows.
pub(in crate::web) async fn details(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<TilePath>,
    RawQuery(query): RawQuery,
    selection: Result<Query<Selection>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let placed = PlacedTile::on(&dashboard, &path.tile)?;
    let chosen = selection.as_ref().ok().map(|Query(chosen)| chosen.clone());
    let rows = match selected(selection) {
        Ok(selection) => app.tiles.rows(&placed.tile, selection).await,
        Err(error) => Err(error),
    };
    let status = match &rows {
        Ok(_) => StatusCode::OK,
        Err(error) => Problem::from(error.clone()).status(),
    };
    let place = TilePlace::on(&caller, &dashboard);
    let view = app.states.status(&placed.key).view;
    let links = Links::new(format!("{}/t/{}/details", place.page, placed.tile.id));
    let subject = Subject {
        dashboard: dashboard.title().as_str(),
        name: &app.tiles.label(dashboard.id(), &placed.tile),
        place: &place,
        tile: &path.tile,
        query: &query.unwrap_or_default(),
        picked: chosen.and_then(|chosen| picked(view.as_ref()?, &chosen, &links)),
        view: view.as_deref(),
    };
    let page = Page {
        title: &subject.heading(&rows),
        place: Place::Elsewhere,
        theme: Theme::of(&headers),
        user: caller.user(),
        again_seconds: None,
        content: content(&subject, &rows),
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
    /// What is known about the part without its rows.
    picked: Option<Picked>,
    view: Option<&'a View>,
}

impl Subject<'_> {
    fn heading(&self, rows: &Result<Table, Error>) -> String {
        match (&self.picked, rows) {
            (Some(picked), _) => picked.heading.clone(),
            (None, Ok(table)) => heading(table),
            (None, Err(_)) => "No rows".to_owned(),
        }
    }
}

fn content(subject: &Subject<'_>, rows: &Result<Table, Error>) -> Markup {
    let Subject {
        dashboard,
        name,
        place,
        tile,
        query,
        picked,
        view,
    } = subject;
    let picked = picked.as_ref();
    html! {
        div.head {
            div.head__text {
                p.crumbs { a href=(place.page) { bdi { (dashboard) } } span { "/" } a href={ (place.page) "#" (tile) } { bdi { (name) } } }
                h1 { bdi { (subject.heading(rows)) } }
                p.facts {
                    span { bdi { (name) } }
                    @for fact in picked.iter().flat_map(|picked| &picked.facts) { span { bdi { (fact) } } }
                    @if let Ok(table) = rows { span { (row_count(table)) } }
                }
            }
            div.head__actions {
                @for (words, address) in picked.iter().flat_map(|picked| &picked.beside) {
                    a.button."button--quiet" href=(address) { (words) }
                }
                @if rows.is_ok() {
                    a.button href={ (place.api) "/tiles/" (tile) "/details.csv?" (query) } download { (icon("down")) "Export CSV" }
                }
            }
        }
        div.sheet {
            @if let Some(picked) = picked { div.picked { (picked.drawing) } }
            @match rows {
                Ok(table) if table.rows.is_empty() => p { "No rows." },
                Ok(table) => (rows_table(table, &heading(table), *view)),
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
    let shown = u64::try_from(table.rows.len()).unwrap_or(u64::MAX);
    let all = table.total.unwrap_or_default().max(shown);
    number::counted(i64::try_from(all).unwrap_or(i64::MAX), "row", "rows")
}
