//! One gadget on a dashboard: what it shows, in every form; and bringing it up to date.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{Method, StatusCode},
    response::Response,
    routing::{get, post},
};
use dashboards::domain::{Action, Dashboard, DashboardId, Tile, TileId};
use gadget_api::{Error, ErrorKind, Selection, Table, TileSize, View};
use gadget_host::Call;
use maud::Markup;
use schemars::JsonSchema;
use tokio::task::spawn_blocking;

use super::json::Asked;
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Resource},
    live::TileKey,
    pages,
    problem::Problem,
    sources,
    worker::{Want, today},
};
use gadget_draw::{Hidden, ImageOptions, Palette, csv::csv, tile_png, tile_svg};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let see = Access::May(Action::View, Resource::Dashboard);
    let edit = Access::May(Action::Edit, Resource::Dashboard);
    vec![
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/view.json",
            see,
            ("readView", "Answers with what a gadget shows, as data"),
            get(view),
        )
        .answers::<View>(),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/tile.html",
            see,
            ("drawTile", "Answers with a gadget as it stands on a page"),
            get(markup),
        )
        .asks::<TileQuery>()
        .sends("text/html"),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/tile.svg",
            see,
            ("drawPicture", "Answers with a gadget as a drawing"),
            get(picture),
        )
        .asks::<PictureQuery>()
        .sends("image/svg+xml"),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/tile.png",
            see,
            ("drawPixels", "Answers with a gadget as pixels"),
            get(pixels),
        )
        .asks::<PictureQuery>()
        .sends("image/png"),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/table.csv",
            see,
            ("readTable", "Answers with a table of a gadget"),
            get(table),
        )
        .asks::<TableQuery>()
        .sends("text/csv"),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/details.csv",
            see,
            (
                "readDetails",
                "Answers with the rows behind a part of a gadget",
            ),
            get(details_file),
        )
        .asks::<Selection>()
        .sends("text/csv"),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/tiles/{tile}/refresh",
            edit,
            ("refreshTile", "Reads the source of a gadget again"),
            post(refresh),
        ),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/tiles/{tile}/cancel",
            edit,
            (
                "cancelRefresh",
                "Ends the refresh of a gadget that is under way",
            ),
            post(cancel),
        ),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/refresh",
            edit,
            ("refreshDashboard", "Reads the sources of all gadgets again"),
            post(refresh_all),
        ),
    ]
}

/// A tile that a path names.
pub(in crate::web) struct Named {
    pub(in crate::web) key: TileKey,
    pub(in crate::web) tile: Tile,
}

impl Named {
    /// Finds the tile on the dashboard that was let through.
    pub(in crate::web) fn on(dashboard: &Dashboard, tile: &str) -> Result<Self, Problem> {
        let id = TileId::parse(tile).map_err(|_| Problem::not_found("gadget"))?;
        let tile = dashboard
            .tile(&id)
            .ok_or_else(|| Problem::not_found("gadget"))?;
        Ok(Self {
            key: (dashboard.id().clone(), id),
            tile: tile.clone(),
        })
    }
}

/// Returns what people read as the name of a tile.
pub(in crate::web) fn label(site: &Site, dashboard: &DashboardId, tile: &Tile) -> String {
    if let Some(name) = &tile.name {
        return name.to_string();
    }
    let key = (dashboard.clone(), tile.id.clone());
    if let Some(view) = site.live.showing(&key).view {
        return view.title.clone();
    }
    match site.engine.catalog().gadget(&tile.gadget) {
        Ok(gadget) => gadget.description().manifest.title.clone(),
        Err(_) => tile.gadget.clone(),
    }
}

type On = (State<Arc<Site>>, Extension<Arc<Dashboard>>, Path<TilePath>);

/// The part of a path that names a tile.
#[derive(serde::Deserialize)]
pub(in crate::web) struct TilePath {
    pub(in crate::web) tile: String,
}

/// Gives a view the name that somebody gave its tile.
pub(in crate::web) fn titled(view: Arc<View>, tile: &Tile) -> Arc<View> {
    let Some(name) = &tile.name else {
        return view;
    };
    let mut named = Arc::unwrap_or_clone(view);
    named.title = name.to_string();
    Arc::new(named)
}

fn shown(site: &Site, named: &Named) -> Result<Arc<View>, Problem> {
    let view = site.live.showing(&named.key).view.ok_or_else(|| {
        Problem::new(
            StatusCode::CONFLICT,
            "not_yet",
            "the gadget shows nothing yet",
        )
        .with_remedy("Set it up, or wait until its source was read.")
    })?;
    Ok(titled(view, &named.tile))
}

async fn view((State(site), Extension(dashboard), Path(path)): On) -> Result<Json<View>, Problem> {
    let named = Named::on(&dashboard, &path.tile)?;
    Ok(Json(Arc::unwrap_or_clone(shown(&site, &named)?)))
}

/// How a picture is wanted.
#[derive(JsonSchema, serde::Deserialize)]
struct PictureQuery {
    /// Its size; without one, that on the dashboard.
    #[serde(default)]
    size: Option<TileSize>,
    #[serde(default)]
    palette: PaletteName,
    /// The ids of series to leave out, with commas between them.
    #[serde(default)]
    hide: String,
}

#[derive(Default, JsonSchema, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum PaletteName {
    #[default]
    Light,
    Dark,
    Print,
}

impl PictureQuery {
    fn image_options(&self, tile: &Tile) -> ImageOptions {
        ImageOptions {
            size: self.size.unwrap_or(tile.size),
            palette: match self.palette {
                PaletteName::Light => Palette::Light,
                PaletteName::Dark => Palette::Dark,
                PaletteName::Print => Palette::Print,
            },
            hidden: Hidden::parse(&self.hide),
        }
    }
}

/// How a tile of a page is wanted.
#[derive(JsonSchema, serde::Deserialize)]
pub(in crate::web) struct TileQuery {
    /// The ids of series to leave out, with commas between them.
    #[serde(default)]
    pub(in crate::web) hide: String,
    #[serde(default)]
    among: pages::Setting,
}

async fn markup(
    Extension(caller): Extension<Caller>,
    Asked(query): Asked<TileQuery>,
    (State(site), Extension(dashboard), Path(path)): On,
) -> Result<Markup, Problem> {
    let named = Named::on(&dashboard, &path.tile)?;
    let place = pages::TilePlace::on(&caller, &dashboard).among(query.among);
    let tiles = std::slice::from_ref(&named.tile);
    let place = place.with_mendable(&site, &caller, tiles).await?;
    let hidden = Hidden::parse(&query.hide);
    Ok(pages::draw_tile_without(
        &site,
        &place,
        &named.tile,
        &hidden,
    ))
}

async fn picture(
    Asked(query): Asked<PictureQuery>,
    (State(site), Extension(dashboard), Path(path)): On,
) -> Result<Response, Problem> {
    let named = Named::on(&dashboard, &path.tile)?;
    let view = shown(&site, &named)?;
    let svg = tile_svg(&view, &query.image_options(&named.tile));
    let name = format!("{}.svg", path.tile);
    Ok(pages::file("image/svg+xml", &name, svg))
}

async fn pixels(
    Asked(query): Asked<PictureQuery>,
    (State(site), Extension(dashboard), Path(path)): On,
) -> Result<Response, Problem> {
    let named = Named::on(&dashboard, &path.tile)?;
    let view = shown(&site, &named)?;
    let options = query.image_options(&named.tile);
    // Filling pixels takes a processor for a while.
    let png = spawn_blocking(move || tile_png(&view, &options)).await?;
    let png = png.map_err(|error| Problem::internal(error.to_string()))?;
    let name = format!("{}.png", path.tile);
    Ok(pages::file("image/png", &name, png))
}

/// Which table is asked for.
#[derive(JsonSchema, serde::Deserialize)]
struct TableQuery {
    /// Its id; without one, the main table of the view.
    #[serde(default)]
    id: Option<String>,
}

async fn table(
    Asked(query): Asked<TableQuery>,
    (State(site), Extension(dashboard), Path(path)): On,
) -> Result<Response, Problem> {
    let named = Named::on(&dashboard, &path.tile)?;
    let view = shown(&site, &named)?;
    let table = match &query.id {
        Some(id) => view.table(id),
        None => view.main_table(),
    };
    let table = table.ok_or_else(|| Problem::not_found("table"))?;
    let name = format!("{}-{}.csv", path.tile, table.id);
    Ok(pages::file("text/csv; charset=utf-8", &name, csv(table)))
}

async fn details_file(
    selection: Result<Query<Selection>, QueryRejection>,
    (State(site), Extension(dashboard), Path(path)): On,
) -> Result<Response, Problem> {
    let named = Named::on(&dashboard, &path.tile)?;
    let table = site.rows(&named.tile, selection).await?;
    let name = format!("{}-details.csv", path.tile);
    Ok(pages::file("text/csv; charset=utf-8", &name, csv(&table)))
}

impl Site {
    /// Returns the rows behind a part of a tile.
    pub(in crate::web) async fn rows(
        self: &Arc<Self>,
        tile: &Tile,
        selection: Result<Query<Selection>, QueryRejection>,
    ) -> Result<Table, Error> {
        let Query(selection) = selection.map_err(|rejection| {
            let message = format!("no part of a gadget is named so: {rejection}");
            Error::new(ErrorKind::Settings, message)
        })?;
        let call = self.call_of(tile).await?;
        let site = Arc::clone(self);
        // A gadget may take its time; the threads that answer requests are not for that.
        spawn_blocking(move || site.engine.details(&call, &selection, None))
            .await
            .map_err(|_| Error::new(ErrorKind::Internal, "the rows could not be made"))?
            .map_err(Error::from)
    }

    /// Returns a call of the gadget of a tile as of today.
    pub(in crate::web) async fn call_of(&self, tile: &Tile) -> Result<Call, Error> {
        self.call_with(&tile.gadget, tile.settings.to_value()).await
    }

    /// Returns a call of a gadget with these settings, and with the datasource that they name.
    pub(in crate::web) async fn call_with(
        &self,
        gadget: &str,
        settings: serde_json::Value,
    ) -> Result<Call, Error> {
        let description = self.engine.catalog().gadget(gadget)?.description();
        let source = self
            .source_of(sources::named(description, &settings))
            .await?;
        let call = Call::new(gadget, settings, today());
        Ok(match source {
            Some(source) => call.with_datasource(source),
            None => call,
        })
    }
}

async fn refresh(
    (State(site), Extension(dashboard), Path(path)): On,
) -> Result<StatusCode, Problem> {
    let named = Named::on(&dashboard, &path.tile)?;
    site.ask(&named.key, Want::Refresh);
    Ok(StatusCode::NO_CONTENT)
}

async fn cancel(
    (State(site), Extension(dashboard), Path(path)): On,
) -> Result<StatusCode, Problem> {
    let named = Named::on(&dashboard, &path.tile)?;
    site.live.showing(&named.key).cancellation.cancel();
    Ok(StatusCode::NO_CONTENT)
}

async fn refresh_all(
    State(site): State<Arc<Site>>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> StatusCode {
    for tile in dashboard.tiles() {
        site.ask(&(dashboard.id().clone(), tile.id.clone()), Want::Refresh);
    }
    StatusCode::NO_CONTENT
}
