//! The dashboards that somebody may see.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use dashboards::{
    domain::{Action, Object},
    store::Listed,
};
use maud::{Markup, html};

use super::{
    board_head::{copies, item},
    connect,
    shell::{Page, Place, Theme},
};
use crate::{
    app::{App, Caller},
    web::problem::Problem,
};
use gadget_draw::{moment, number::counted, tile::icon};

/// Answers with the only dashboard, or with the list of them.
pub(super) async fn home(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seen = seen(&app, &caller).await?;
    let mut alive = seen.iter().filter(|each| !each.dashboard.is_deleted());
    if alive.clone().next().is_none()
        && let Some(first) = connect::first(&app, &caller, &headers).await?
    {
        return Ok(first.into_response());
    }
    Ok(match (alive.next(), alive.next()) {
        (Some(only), None) => Redirect::to(&format!("/d/{}", only.dashboard.id())).into_response(),
        _ => {
            let missing = connect::missing(&app, &caller).await?;
            draw(&caller, &headers, &seen, &missing).into_response()
        }
    })
}

/// Answers with the list of dashboards.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let missing = connect::missing(&app, &caller).await?;
    Ok(draw(
        &caller,
        &headers,
        &seen(&app, &caller).await?,
        &missing,
    ))
}

async fn seen(app: &App, caller: &Caller) -> Result<Vec<Listed>, Problem> {
    let mut all = app.store.dashboards().await?;
    all.retain(|listed| caller.may(Action::View, Object::Dashboard(&listed.dashboard)));
    Ok(all)
}

fn draw(caller: &Caller, headers: &HeaderMap, all: &[Listed], missing: &Markup) -> Markup {
    Page {
        title: "Dashboards",
        place: Place::Dashboards,
        theme: Theme::of(headers),
        user: caller.user(),
        again_seconds: None,
        content: html! { (missing) (content(caller, all)) },
    }
    .draw()
}

fn content(caller: &Caller, all: &[Listed]) -> Markup {
    let count = |tiles: usize| {
        counted(
            i64::try_from(tiles).unwrap_or(i64::MAX),
            "gadget",
            "gadgets",
        )
    };
    let may_create = caller.may(Action::Create, Object::Dashboards);
    let may_manage =
        |listed: &Listed| caller.may(Action::Manage, Object::Dashboard(&listed.dashboard));
    html! {
        div.head {
            div.head__text { h1 { "Dashboards" } }
            @if may_create {
                div.head__actions {
                    button.button type="button" hidden data-board="import" aria-haspopup="dialog" { "Import" }
                    a.button."button--first" href="/dashboards/new" { "New dashboard" }
                }
            }
        }
        @let (gone, alive): (Vec<_>, Vec<_>) = all.iter().partition(|each| each.dashboard.is_deleted());
        @if alive.is_empty() {
            div.start { h2 { "No dashboards yet" } p { "Create a dashboard to show gadgets side by side." } }
        }
        ul.boards {
            @for each in &alive {
                @let (id, title) = (each.dashboard.id(), each.dashboard.title());
                li.sheet.board data-dashboard=(id) data-title=(title) {
                    div.board__text {
                        a href={ "/d/" (id) } { b { bdi { (title) } } }
                        p.facts { span { (count(each.dashboard.tiles().len())) } span { "changed " (moment(&each.updated_at.to_rfc3339())) } }
                    }
                    @let menu = format!("menu-{id}");
                    button.button."button--icon" type="button" data-menu popovertarget=(menu) aria-haspopup="menu" aria-expanded="false" aria-label={ "Actions for " (title) } title="More" { (icon("more")) }
                    div.menu."menu--narrow" id=(menu) popover role="menu" aria-label=(title) {
                        a role="menuitem" tabindex="-1" href={ "/d/" (id) } { "Open" }
                        a role="menuitem" tabindex="-1" href={ "/d/" (id) "/wall" } { "Wallboard" }
                        (copies(id.as_str(), may_create))
                        @if may_manage(each) { (item("delete", "Delete")) }
                    }
                }
            }
        }
        @if !gone.is_empty() {
            h2.boards__gone { "Deleted" }
            p.muted { "You can restore a deleted dashboard for 30 days." }
            ul.boards {
                @for each in &gone {
                    li.sheet.board {
                        div.board__text { b { bdi { (each.dashboard.title()) } } }
                        button.button type="button" data-restore=(each.dashboard.id()) hidden aria-label={ "Restore " (each.dashboard.title()) } { "Restore" }
                    }
                }
            }
        }
    }
}
