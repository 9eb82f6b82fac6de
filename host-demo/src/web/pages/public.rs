//! What a public link shows: one dashboard, for looking only, on a page or in a frame of another page.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Extension, Form,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use dashboards::domain::Dashboard;
use maud::{Markup, html};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    TilePlace,
    board::{Going, Setting, wake},
    draw_tile, draw_whole_tile,
    shell::{Page, Place, Theme},
    wall,
};
use crate::{
    app::{App, AppError, Caller, Client, PlacedTile},
    web::{
        api::{TilePath, TileQuery},
        authorization::link_proof,
        composed::{Composed, Drawings},
        credentials::SessionCookie,
        problem::Problem,
    },
};
use gadget_draw::{
    Hidden,
    tile::{icon, sentence},
};

/// How soon a browser without scripts looks again while something is under way.
const AGAIN_SECONDS: u8 = 5;

/// The part of a path that is the secret of a link.
#[derive(Deserialize)]
pub(super) struct LinkPath {
    token: String,
}

/// How a page that embeds wants it.
#[derive(Deserialize)]
pub(super) struct Look {
    #[serde(default)]
    theme: String,
}

/// What the form for the password sends.
#[derive(Deserialize)]
pub(super) struct Password {
    password: SecretString,
}

fn place(dashboard: &Dashboard, token: &str) -> TilePlace {
    let base = format!("/public/{token}");
    TilePlace {
        dashboard: dashboard.id().clone(),
        page: base.clone(),
        api: base,
        can_edit: false,
        is_public: true,
        setting: Setting::Board,
        mendable: BTreeSet::new(),
    }
}

/// Answers with the dashboard.
pub(super) async fn dashboard(
    State(app): State<Arc<App>>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<LinkPath>,
    headers: HeaderMap,
) -> Response {
    let (place, theme) = (place(&dashboard, &path.token), Theme::of(&headers));
    draw(&app, &dashboard, &place, (Place::Public, theme)).respond(&caller, &headers)
}

/// Answers with the dashboard for a frame of another page.
pub(super) async fn embedded(
    State(app): State<Arc<App>>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<LinkPath>,
    Query(look): Query<Look>,
    headers: HeaderMap,
) -> Response {
    let (place, theme) = (place(&dashboard, &path.token), Theme::named(&look.theme));
    draw(&app, &dashboard, &place, (Place::Embedded, theme)).respond(&caller, &headers)
}

/// Answers with one tile as it is now.
pub(super) async fn tile(
    State(app): State<Arc<App>>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<LinkPath>,
    Path(of): Path<TilePath>,
    Query(query): Query<TileQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let placed = PlacedTile::on(&dashboard, &of.tile)?;
    let place = place(&dashboard, &path.token);
    let hidden = Hidden::parse(&query.hide);
    let tile = draw_whole_tile(&app, &place, &placed.tile, &hidden);
    Ok(Composed::of(tile).respond(&caller, &headers))
}

/// Answers with the wallboard.
pub(super) async fn wallboard(
    State(app): State<Arc<App>>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<LinkPath>,
    Query(pace): Query<wall::Pace>,
) -> Markup {
    let place = place(&dashboard, &path.token);
    wall::draw(&app, &place, &dashboard, &pace)
}

fn draw(
    app: &Arc<App>,
    dashboard: &Dashboard,
    at: &TilePlace,
    (place, theme): (Place, Theme),
) -> Composed {
    let mut drawings = Drawings::default();
    let is_under_way = wake(app, dashboard) == Going::On;
    let title = dashboard.title().as_str();
    let content = html! {
        div id="whole" data-api=(at.api) data-events={ (at.api) "/events" } data-revision=(dashboard.revision()) {
            div.head { div.head__text { h1 { bdi { (title) } } } }
            @if dashboard.tiles().is_empty() { div.start { h2 { "No gadgets yet" } } }
            div.grid."grid--even" data-live="tiles" {
                @for tile in dashboard.tiles() { (drawings.put(draw_tile(app, at, tile))) }
            }
        }
    };
    let page = Page {
        title,
        place,
        theme,
        user: None,
        again_seconds: is_under_way.then_some(AGAIN_SECONDS),
        content,
    };
    Composed::new(page.draw(), drawings)
}

/// Answers whoever has a link but has not said its password: asks for it, or says that no frame does.
pub(in crate::web) fn asks_password(headers: &HeaderMap, path: &str) -> Response {
    let mut parts = path.split('/').skip(1);
    let (kind, token) = (parts.next(), parts.next().unwrap_or_default());
    if kind != Some("embed") {
        return Redirect::to(&format!("/public/{token}/password")).into_response();
    }
    let content = html! {
        div.start {
            h1 { "This dashboard is protected by a password" }
            p { "An embedded page cannot ask for the password. Open the dashboard in its own tab, or embed a link without a password." }
            p { a href={ "/public/" (token) } target="_blank" rel="noopener" { "Open the dashboard" } }
        }
    };
    let page = bare(headers, Place::Embedded, "Password required", content);
    (StatusCode::FORBIDDEN, page).into_response()
}

/// Answers with the form for the password.
pub(super) async fn password(
    State(app): State<Arc<App>>,
    Path(path): Path<LinkPath>,
    headers: HeaderMap,
) -> Response {
    match app.links.open(&path.token).await {
        Ok(link) if link.password.is_none() => shown(&path.token, None),
        Ok(_) => password_page(&headers, &path.token, None).into_response(),
        Err(error) => super::refused(&headers, &error.into()).into_response(),
    }
}

/// Opens the link with the right password, for this browser.
pub(super) async fn prove(
    State(app): State<Arc<App>>,
    State(cookies): State<SessionCookie>,
    Path(path): Path<LinkPath>,
    client: Client,
    headers: HeaderMap,
    Form(entered): Form<Password>,
) -> Response {
    match proved(&app, &cookies, &path.token, entered.password, &client).await {
        Ok(cookie) => shown(&path.token, cookie),
        Err(error) => {
            let problem = Problem::from(error);
            if problem.status() == StatusCode::NOT_FOUND {
                return super::refused(&headers, &problem).into_response();
            }
            let page = password_page(&headers, &path.token, Some(&problem));
            (problem.status(), page).into_response()
        }
    }
}

/// Returns the cookie that opens the link from now on; a link without a password needs none.
async fn proved(
    app: &App,
    cookies: &SessionCookie,
    token: &str,
    entered: SecretString,
    client: &Client,
) -> Result<Option<String>, AppError> {
    let link = app.links.open(token).await?;
    app.links.check_password(&link, entered, client).await?;
    let path = format!("/public/{token}");
    let proof = link_proof(&link, token);
    Ok(proof.map(|(name, proof)| cookies.set_below(&path, &name, &proof)))
}

fn shown(token: &str, cookie: Option<String>) -> Response {
    let to = [(header::LOCATION, format!("/public/{token}"))];
    let cookie = cookie.map(|cookie| [(header::SET_COOKIE, cookie)]);
    (StatusCode::SEE_OTHER, cookie, to).into_response()
}

fn password_page(headers: &HeaderMap, token: &str, problem: Option<&Problem>) -> Markup {
    let content = html! {
        div.door {
            h1 { "This dashboard is protected by a password" }
            @if let Some(problem) = problem {
                div.strip."strip--error" role="alert" {
                    (icon("warn"))
                    div {
                        p { b { (sentence(problem.message())) } }
                        @if let Some(remedy) = problem.remedy() { p { (remedy) } }
                    }
                }
            }
            form.sheet method="post" action={ "/public/" (token) "/password" } {
                label.field { span.field__label { "Password" } input.input name="password" type="password" autocomplete="current-password" required autofocus; }
                button.button."button--first" type="submit" { "Open" }
            }
        }
    };
    bare(headers, Place::Public, "Password required", content)
}

fn bare(headers: &HeaderMap, place: Place, title: &str, content: Markup) -> Markup {
    Page {
        title,
        place,
        theme: Theme::of(headers),
        user: None,
        again_seconds: None,
        content,
    }
    .draw()
}
