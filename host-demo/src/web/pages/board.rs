//! The page of a dashboard, and one gadget of it alone.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Extension,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use chrono::Utc;
use dashboards::domain::{Action, Dashboard, DashboardId, DatasourceId, Object, Tile};
use gadget_api::{ErrorKind, SourceState, TileSize};
use maud::{Markup, html};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    board_head::Head,
    connect,
    shell::{Page, Place, Theme},
    tools::tools,
};
use crate::{
    app::{App, Caller, PlacedTile, RefreshRequest, TileKey, TilePhase, TileStatus, titled},
    web::{
        api::TilePath,
        composed::{Composed, Drawings, DrawnTile},
        problem::Problem,
    },
};
use gadget_draw::{
    Hidden, Links, Switches,
    tile::{Extent, TileFrame, icon, tile_with},
    waiting::{Bare, Syncing, failed_tile, syncing_tile, time_left, unset_tile, waiting_tile},
};

/// How soon a browser without scripts looks again while something is under way.
const AGAIN_SECONDS: u8 = 3;
/// Asks for a tile as it stands alone.
const ALONE: &str = "?among=alone";

/// Where the tiles of a dashboard stand, for who looks.
pub(in crate::web) struct TilePlace {
    pub(in crate::web) dashboard: DashboardId,
    /// The address of the dashboard's page.
    pub(in crate::web) page: String,
    /// The address of the dashboard in the API.
    pub(in crate::web) api: String,
    pub(in crate::web) can_edit: bool,
    /// Whether who looks has a public link only: there is nothing behind the tiles then.
    pub(in crate::web) is_public: bool,
    pub(in crate::web) setting: Setting,
    /// The datasources that who looks may change, if a tile says that its own refuses.
    pub(in crate::web) mendable: BTreeSet<DatasourceId>,
}

/// What a tile stands among.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(in crate::web) enum Setting {
    /// The other tiles of its dashboard.
    #[default]
    Board,
    /// Nothing: it is as large as the screen allows.
    Alone,
}

impl TilePlace {
    /// Returns the place of the tiles for who is logged in.
    pub(in crate::web) fn on(caller: &Caller, dashboard: &Dashboard) -> Self {
        Self {
            dashboard: dashboard.id().clone(),
            page: format!("/d/{}", dashboard.id()),
            api: format!("/api/dashboards/{}", dashboard.id()),
            can_edit: caller.may(Action::Edit, Object::Dashboard(dashboard)),
            is_public: false,
            setting: Setting::Board,
            mendable: BTreeSet::new(),
        }
    }

    /// Changes what the tiles stand among.
    pub(in crate::web) fn among(self, setting: Setting) -> Self {
        Self { setting, ..self }
    }

    /// Adds the datasources that who looks may change, where one of them has refused.
    pub(in crate::web) async fn with_mendable(
        mut self,
        app: &App,
        caller: &Caller,
        tiles: &[Tile],
    ) -> Result<Self, Problem> {
        let has_refused = |tile: &Tile| {
            let key = (self.dashboard.clone(), tile.id.clone());
            app.states.status(&key).failed.is_some_and(is_refusal)
        };
        if !tiles.iter().any(has_refused) {
            return Ok(self);
        }
        let all = app.store.datasources().await?.into_iter();
        self.mendable = all
            .filter(|datasource| caller.may(Action::Edit, Object::Datasource(datasource)))
            .map(|datasource| datasource.id)
            .collect();
        Ok(self)
    }
}

/// Answers with the dashboard.
pub(super) async fn dashboard(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut drawings = Drawings::default();
    let missing = connect::missing(&app, &caller).await?;
    let place = TilePlace::on(&caller, &dashboard);
    let tiles = dashboard.tiles();
    let place = place.with_mendable(&app, &caller, tiles).await?;
    let is_under_way = wake(&app, &dashboard) == Going::On;
    let head = Head::of(&app, &caller, &dashboard).await?;
    let page = Page {
        title: dashboard.title().as_str(),
        place: Place::Dashboards,
        theme: Theme::of(&headers),
        user: caller.user(),
        again_seconds: is_under_way.then_some(AGAIN_SECONDS),
        content: html! { (missing) (content(&app, &place, &dashboard, &head, &mut drawings)) },
    };
    Ok(Composed::new(page.draw(), drawings).respond(&caller, &headers))
}

/// Whether the tiles of a dashboard are still being made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Going {
    On,
    Done,
}

/// Has the tiles made that nobody has asked for since the start.
pub(super) fn wake(app: &Arc<App>, dashboard: &Dashboard) -> Going {
    let mut going = Going::Done;
    for tile in dashboard.tiles() {
        if wake_tile(app, &(dashboard.id().clone(), tile.id.clone())) == Going::On {
            going = Going::On;
        }
    }
    going
}

fn wake_tile(app: &Arc<App>, key: &TileKey) -> Going {
    let status = app.states.status(key);
    if !status.has_ended_once() && !status.is_busy {
        app.refresher.ask(key, RefreshRequest::Due);
    }
    match status.has_ended_once() && !status.is_busy {
        true => Going::Done,
        false => Going::On,
    }
}

fn content(
    app: &App,
    place: &TilePlace,
    dashboard: &Dashboard,
    head: &Head,
    drawings: &mut Drawings,
) -> Markup {
    let tiles = dashboard.tiles();
    html! {
        div id="whole" data-api=(place.api) data-events={ (place.api) "/events" } data-revision=(dashboard.revision()) data-can-edit[place.can_edit] {
            (head.draw(place))
            @if dashboard.is_deleted() {
                div.strip."strip--plain".missing {
                    (icon("warn"))
                    p { "This dashboard is deleted. Other people can no longer see it. " button.button."button--text" type="button" data-restore=(place.dashboard) hidden { "Restore" } }
                }
            }
            @if tiles.is_empty() {
                div.start {
                    h2 { "No gadgets yet" }
                    p { "Choose gadgets from the catalog." }
                    @if place.can_edit {
                        a.button."button--first" href={ "/catalog?dashboard=" (place.dashboard) } { "Add a gadget" }
                    }
                }
            }
            div.grid."grid--even" data-live="tiles" { @for tile in tiles { (drawings.put(draw_tile(app, place, tile))) } }
        }
    }
}

/// Answers with one gadget alone, as large as the screen allows.
pub(super) async fn one(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<TilePath>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut drawings = Drawings::default();
    let placed = PlacedTile::on(&dashboard, &path.tile)?;
    let place = TilePlace::on(&caller, &dashboard).among(Setting::Alone);
    let tiles = std::slice::from_ref(&placed.tile);
    let place = place.with_mendable(&app, &caller, tiles).await?;
    let is_under_way = wake_tile(&app, &placed.key) == Going::On;
    let title = app.tiles.label(dashboard.id(), &placed.tile);
    let tile = draw_whole_tile(&app, &place, &placed.tile, &Hidden::default());
    let page = Page {
        title: &title,
        place: Place::Dashboards,
        theme: Theme::of(&headers),
        user: caller.user(),
        again_seconds: is_under_way.then_some(AGAIN_SECONDS),
        content: html! {
            div id="whole" data-api=(place.api) data-events={ (place.api) "/events" } data-revision=(dashboard.revision()) data-tile-query=(ALONE) data-can-edit[place.can_edit] {
                p.crumbs { a href=(place.page) { bdi { (dashboard.title()) } } span { "/" } bdi { (title) } }
                // A page without a heading of its own is hard to find one's way on by ear.
                h1.sr { bdi { (title) } }
                div.grid data-live="tiles" { (drawings.put(tile)) }
            }
        },
    };
    Ok(Composed::new(page.draw(), drawings).respond(&caller, &headers))
}

/// Draws a tile as it is now, with what most readers see at first.
pub(in crate::web) fn draw_tile(app: &App, place: &TilePlace, placed: &Tile) -> DrawnTile {
    let whole = match place.is_public {
        true => tile_address(place, placed),
        false => format!("{}/t/{}", place.page, placed.id),
    };
    let extent = Extent::AtFirst { whole: &whole };
    draw(app, place, placed, &Hidden::default(), extent)
}

/// Draws all of a tile as it is now, without the series that a reader has hidden.
pub(in crate::web) fn draw_whole_tile(
    app: &App,
    place: &TilePlace,
    placed: &Tile,
    hidden: &Hidden,
) -> DrawnTile {
    draw(app, place, placed, hidden, Extent::Whole)
}

/// Returns where a tile is asked for.
fn tile_address(place: &TilePlace, placed: &Tile) -> String {
    let query = match place.setting {
        Setting::Board => "",
        Setting::Alone => ALONE,
    };
    format!("{}/tiles/{}/tile.html{query}", place.api, placed.id)
}

fn draw(
    app: &App,
    place: &TilePlace,
    placed: &Tile,
    hidden: &Hidden,
    extent: Extent<'_>,
) -> DrawnTile {
    let status = app
        .states
        .status(&(place.dashboard.clone(), placed.id.clone()));
    let Some(view) = &status.view else {
        return DrawnTile::Fresh(without_view(app, place, placed, &status));
    };
    let state = state(place, &status.state);
    let is_stale = || {
        let mut sources = view.sources.iter();
        sources.any(|source| source.state == SourceState::Stale)
    };
    let ways_out = match status
        .failed
        .or_else(|| is_stale().then_some(ErrorKind::Datasource))
    {
        Some(kind) => ways_out(place, &status.source, kind),
        None => html! {},
    };
    let inputs = format!(
        "tile {:?}",
        (
            (
                &place.page,
                &place.api,
                place.can_edit,
                place.is_public,
                place.setting
            ),
            (
                &placed.id,
                &placed.name,
                placed.size,
                placed.refresh,
                status.revision
            ),
            (hidden, extent, &state.0, &ways_out.0),
        )
    );
    let drawing = app.drawings.of(view, inputs, || {
        let view = titled(Arc::clone(view), placed);
        let id = placed.id.as_str();
        let links = Links::new(format!("{}/t/{id}/details", place.page));
        let frame = TileFrame {
            id,
            revision: status.revision,
            size: size_in(place, placed),
            links: (!place.is_public).then_some(&links),
            tools: tools_of(place, placed, &view.title),
            state,
            ways_out,
            extent,
        };
        let address = tile_address(place, placed);
        let switches = Switches {
            hidden,
            address: Some(&address),
        };
        tile_with(&view, &frame, &switches)
            .into_string()
            .into_bytes()
    });
    DrawnTile::Kept(drawing)
}

fn size_in(place: &TilePlace, placed: &Tile) -> TileSize {
    match place.setting {
        Setting::Board => placed.size,
        Setting::Alone => TileSize::XL,
    }
}

fn tools_of(place: &TilePlace, placed: &Tile, title: &str) -> Markup {
    match place.is_public {
        true => html! {},
        false => tools(place, placed, title),
    }
}

/// Draws a tile that shows nothing yet.
fn without_view(app: &App, place: &TilePlace, placed: &Tile, status: &TileStatus) -> Markup {
    let title = app.tiles.label(&place.dashboard, placed);
    let tools = tools_of(place, placed, &title);
    let bare = Bare {
        id: placed.id.as_str(),
        revision: status.revision,
        size: size_in(place, placed),
        title: &title,
        tools: &tools,
    };
    match &status.state {
        TilePhase::Failed(error) => {
            let ways = ways_out(place, &status.source, error.kind());
            failed_tile(&bare, error, &ways)
        }
        TilePhase::NotSetUp => unset_tile(&bare),
        TilePhase::Refreshing(progress) => {
            let progress = progress.clone().unwrap_or_default();
            let elapsed = status
                .tried_at
                .and_then(|at| (Utc::now() - at).to_std().ok());
            let left = elapsed.and_then(|elapsed| time_left(elapsed, &progress));
            let syncing = Syncing {
                progress: Some(&progress),
                left: left.as_deref(),
                foot: cancel(place),
            };
            syncing_tile(&bare, &syncing)
        }
        TilePhase::Waiting | TilePhase::Done => waiting_tile(&bare, None),
    }
}

/// Tells whether it takes another account, or more rights of it, to go on.
fn is_refusal(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Credentials | ErrorKind::Rights)
}

/// Draws what whoever looks can do about a refresh that failed.
fn ways_out(place: &TilePlace, source: &Option<DatasourceId>, kind: ErrorKind) -> Markup {
    let mendable = |id: &&DatasourceId| is_refusal(kind) && place.mendable.contains(*id);
    let datasource = source.as_ref().filter(mendable);
    html! {
        @if let Some(datasource) = datasource {
            a href={ "/datasources/" (datasource) } { "Edit the datasource" }
        } @else if place.can_edit {
            button.button."button--text" type="button" hidden data-do="refresh" { "Try again" }
        }
    }
}

/// Draws what ends the refresh that is under way.
fn cancel(place: &TilePlace) -> Markup {
    html! {
        @if place.can_edit { button.button."button--text" type="button" hidden data-do="cancel" { "Cancel" } }
    }
}

fn state(place: &TilePlace, state: &TilePhase) -> Markup {
    match state {
        TilePhase::Refreshing(progress) => html! {
            span.state."state--busy" {
                "refreshing"
                @if let Some(progress) = progress.as_ref().filter(|progress| !progress.text.is_empty()) {
                    ": " bdi { (progress.text) }
                }
            }
            (cancel(place))
        },
        TilePhase::Failed(error) => html! {
            span.state."state--failed" { "last refresh failed: " bdi { (error.message()) } }
        },
        TilePhase::Waiting | TilePhase::NotSetUp | TilePhase::Done => html! {},
    }
}
