//! The datasources that somebody may use: what they are, who may use them, what reads them.

use std::sync::Arc;

use axum::{Extension, extract::State, http::HeaderMap};
use dashboards::{
    domain::{Action, Dashboard, Datasource, DatasourceId, Object, Permission, Tile},
    store::Listed,
};
use maud::{Markup, html};

use super::shell::{Page, Place, Theme};
use crate::{
    app::{App, Caller, TilePhase, named},
    web::problem::Problem,
};
use gadget_draw::{number::counted, tile::sentence};

/// Answers with the list.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let mut all = app.store.datasources().await?;
    all.retain(|each| caller.may(Action::View, Object::Datasource(each)));
    let boards = app.store.dashboards().await?;
    let read = app.store.read_datasources().await?;
    let rows = all.iter().map(|each| Row {
        uses: uses(&app, &boards, &each.id).count(),
        state: state(&app, &boards, each, read.contains(&each.id)),
        datasource: each,
    });
    let rows: Vec<_> = rows.collect();
    let page = Page {
        title: "Datasources",
        place: Place::Datasources,
        theme: Theme::of(&headers),
        user: caller.user(),
        again_seconds: None,
        content: content(&app, &caller, &rows),
    };
    Ok(page.draw())
}

struct Row<'a> {
    datasource: &'a Datasource,
    uses: usize,
    state: Condition,
}

/// How a datasource is, as far as the gadgets that read it know.
struct Condition {
    class: &'static str,
    text: String,
    detail: Option<String>,
}

fn content(app: &App, caller: &Caller, rows: &[Row<'_>]) -> Markup {
    html! {
        (super::connect::style())
        div.head {
            div.head__text {
                h1 { "Datasources" }
                p.facts { span { "Where gadgets get their data, and with which account" } }
            }
            @if caller.may(Action::Create, Object::Datasources) {
                div.head__actions { a.button."button--first" href="/datasources/new" { "Add datasource" } }
            }
        }
        @if rows.is_empty() {
            div.start {
                h2 { "No datasources yet" }
                p { "Gadgets get their data from a datasource. Connect one to start." }
                p { a.button."button--first" href="/datasources/new" { "Connect a datasource" } }
            }
        } @else {
            div.sheet.sources {
                table.table {
                    caption.sr { "Datasources that you can use" }
                    thead { tr {
                        th scope="col" { "Name" } th scope="col" { "Kind" } th scope="col" { "Who can use it" }
                        th.num scope="col" { "Gadgets" } th scope="col" { "State" }
                    } }
                    tbody { @for row in rows { (drawn(app, caller, row)) } }
                }
            }
        }
    }
}

fn drawn(app: &App, caller: &Caller, row: &Row<'_>) -> Markup {
    let Row {
        datasource,
        uses,
        state,
    } = row;
    let catalog = app.engine.catalog();
    let kind = catalog.datasource_kind(&datasource.kind).ok();
    let title = kind.map_or(datasource.kind.as_str(), |kind| &kind.declaration().title);
    let is_mine = caller.user_id() == Some(&datasource.owner);
    html! {
        tr {
            th scope="row" {
                @if caller.may(Action::Edit, Object::Datasource(datasource)) {
                    a href={ "/datasources/" (datasource.id) } { bdi { (datasource.name) } }
                } @else { bdi { (datasource.name) } }
            }
            td data-label="Kind" { bdi { (title) } }
            td data-label="Who can use it" { (who(&datasource.permission, is_mine)) }
            td.num data-label="Gadgets" { (uses) }
            td data-label="State" {
                span class={ "state " (state.class) } { (state.text) }
                @if let Some(detail) = &state.detail { p.muted { bdi { (sentence(detail)) } } }
            }
        }
    }
}

/// Says who may use something, in a line.
fn who(permission: &Permission, is_mine: bool) -> String {
    let owner = if is_mine { "You" } else { "The owner" };
    let people = |count: usize| match count {
        0 => String::new(),
        count => format!(
            " and {}",
            counted(i64::try_from(count).unwrap_or(i64::MAX), "person", "people")
        ),
    };
    match permission {
        Permission::AnyoneEdits => "Anyone can use and edit it".to_owned(),
        Permission::SomeEdit { editors } => {
            format!(
                "Anyone can use it; {}{} can edit it",
                owner.to_lowercase(),
                people(editors.len())
            )
        }
        Permission::OnlyNamed { users, editors } => {
            format!("{owner}{}", people(users.union(editors).count()))
        }
    }
}

/// Returns the tiles that read a datasource.
fn uses<'a>(
    app: &'a App,
    boards: &'a [Listed],
    id: &'a DatasourceId,
) -> impl Iterator<Item = (&'a Dashboard, &'a Tile)> {
    let alive = boards
        .iter()
        .map(|each| &each.dashboard)
        .filter(|board| !board.is_deleted());
    alive
        .flat_map(|board| board.tiles().iter().map(move |tile| (board, tile)))
        .filter(move |(_, tile)| {
            let description = app.engine.description(&tile.gadget).ok();
            description
                .and_then(|gadget| named(gadget, &tile.settings.to_value()))
                .as_ref()
                == Some(id)
        })
}

fn state(app: &App, boards: &[Listed], datasource: &Datasource, is_read: bool) -> Condition {
    let bad = |text: &str, detail: Option<String>| Condition {
        class: "state--failed",
        text: text.to_owned(),
        detail,
    };
    if let Err(error) = app.engine.catalog().datasource_kind(&datasource.kind) {
        return bad("Its library is missing", Some(error.to_string()));
    }
    if let (Some(problem), false) = (app.store.key_problem(), datasource.secrets.is_empty()) {
        return bad("Its secrets are locked", Some(problem.to_string()));
    }
    for (board, tile) in uses(app, boards, &datasource.id) {
        let status = app.states.status(&(board.id().clone(), tile.id.clone()));
        if let TilePhase::Failed(error) = &status.state {
            return bad("Not available", Some(error.message().to_owned()));
        }
        // What an earlier connection was refused says nothing of this one.
        let is_tried = is_read || status.tried_at.is_some();
        if let (true, Some(view)) = (is_tried, &status.view) {
            let late = view
                .sources
                .iter()
                .find_map(|source| source.reason.as_ref());
            if let (true, Some(reason)) = (view.is_stale(), late) {
                return Condition {
                    class: "state--stale",
                    text: "Out of date".to_owned(),
                    detail: Some(reason.clone()),
                };
            }
        }
    }
    let (class, text) = if is_read {
        ("", "Up to date")
    } else {
        ("state--none", "Not read yet")
    };
    Condition {
        class,
        text: text.to_owned(),
        detail: None,
    }
}
