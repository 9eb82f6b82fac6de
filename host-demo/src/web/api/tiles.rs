//! One gadget on a dashboard: what it shows, in every form; and bringing it up to date.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, Method, StatusCode},
    response::Response,
    routing::{get, post},
};
use dashboards::domain::{Action, Dashboard, Tile};
use gadget_api::{Error, ErrorKind, Selection, TileSize, View};
use schemars::JsonSchema;

use super::json::InQuery;
use crate::{
    app::{App, Caller, PlacedTile, RefreshRequest},
    web::{
        composed::Composed,
        endpoint::{Access, Endpoint, Resource},
        pages,
        problem::Problem,
    },
};
use gadget_draw::{Hidden, ImageOptions, Palette, csv::csv};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let see = Access::May(Action::View, Resource::Dashboard);
    let edit = Access::May(Action::Edit, Resource::Dashboard);
    vec![
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/view.json",
            see,
            ("readView", "Returns the view of a gadget as data"),
            get(view),
        )
        .answers::<View>(),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/tile.html",
            see,
            ("drawTile", "Returns a gadget as HTML"),
            get(markup),
        )
        .asks::<TileQuery>()
        .sends("text/html"),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/tile.svg",
            see,
            ("drawPicture", "Returns a gadget as SVG"),
            get(picture),
        )
        .asks::<PictureQuery>()
        .sends("image/svg+xml"),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/tile.png",
            see,
            ("drawPixels", "Returns a gadget as PNG"),
            get(pixels),
        )
        .asks::<PictureQuery>()
        .sends("image/png"),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/table.csv",
            see,
            ("readTable", "Returns a table of a gadget"),
            get(table),
        )
        .asks::<TableQuery>()
        .sends("text/csv"),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/tiles/{tile}/details.csv",
            see,
            ("readDetails", "Returns the rows behind a part of a gadget"),
            get(details_file),
        )
        .asks::<Selection>()
        .sends("text/csv"),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/tiles/{tile}/refresh",
            edit,
            ("refreshTile", "Refreshes a gadget"),
            post(refresh),
        ),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/tiles/{tile}/cancel",
            edit,
            ("cancelRefresh", "Cancels the refresh of a gadget"),
            post(cancel),
        ),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/refresh",
            edit,
            ("refreshDashboard", "Refreshes all gadgets"),
            post(refresh_all),
        ),
    ]
}

/// The tile of a request, and the app that is asked about it.
type OnTile = (State<Arc<App>>, Extension<Arc<Dashboard>>, Path<TilePath>);

/// The part of a path that names a tile.
#[derive(serde::Deserialize)]
pub(in crate::web) struct TilePath {
    pub(in crate::web) tile: String,
}

async fn view(
    (State(app), Extension(dashboard), Path(path)): OnTile,
) -> Result<Json<View>, Problem> {
    let placed = PlacedTile::on(&dashboard, &path.tile)?;
    Ok(Json(Arc::unwrap_or_clone(app.tiles.view(&placed)?)))
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
    InQuery(query): InQuery<TileQuery>,
    headers: HeaderMap,
    (State(app), Extension(dashboard), Path(path)): OnTile,
) -> Result<Response, Problem> {
    let placed = PlacedTile::on(&dashboard, &path.tile)?;
    let place = pages::TilePlace::on(&caller, &dashboard).among(query.among);
    let tiles = std::slice::from_ref(&placed.tile);
    let place = place.with_mendable(&app, &caller, tiles).await?;
    let hidden = Hidden::parse(&query.hide);
    let tile = pages::draw_whole_tile(&app, &place, &placed.tile, &hidden);
    Ok(Composed::of(tile).respond(&caller, &headers))
}

async fn picture(
    InQuery(query): InQuery<PictureQuery>,
    (State(app), Extension(dashboard), Path(path)): OnTile,
) -> Result<Response, Problem> {
    let placed = PlacedTile::on(&dashboard, &path.tile)?;
    let svg = app.tiles.svg(&placed, query.image_options(&placed.tile))?;
    let name = format!("{}.svg", path.tile);
    Ok(pages::file("image/svg+xml", &name, svg.bytes().to_vec()))
}

async fn pixels(
    InQuery(query): InQuery<PictureQuery>,
    (State(app), Extension(dashboard), Path(path)): OnTile,
) -> Result<Response, Problem> {
    let placed = PlacedTile::on(&dashboard, &path.tile)?;
    let options = query.image_options(&placed.tile);
    let png = app.tiles.png(&placed, options).await?;
    let name = format!("{}.png", path.tile);
    Ok(pages::file("image/png", &name, png.bytes().to_vec()))
}

/// Which table is asked for.
#[derive(JsonSchema, serde::Deserialize)]
struct TableQuery {
    /// Its id; without one, the main table of the view.
    #[serde(default)]
    id: Option<String>,
}

async fn table(
    InQuery(query): InQuery<TableQuery>,
    (State(app), Extension(dashboard), Path(path)): OnTile,
) -> Result<Response, Problem> {
    let placed = PlacedTile::on(&dashboard, &path.tile)?;
    let view = app.tiles.view(&placed)?;
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
    (State(app), Extension(dashboard), Path(path)): OnTile,
) -> Result<Response, Problem> {
    let placed = PlacedTile::on(&dashboard, &path.tile)?;
    let table = app.tiles.rows(&placed.tile, selected(selection)?).await?;
    let name = format!("{}-details.csv", path.tile);
    Ok(pages::file("text/csv; charset=utf-8", &name, csv(&table)))
}

/// Returns the part of a gadget that an address names.
pub(in crate::web) fn selected(
    selection: Result<Query<Selection>, QueryRejection>,
) -> Result<Selection, Error> {
    let Query(selection) = selection.map_err(|rejection| {
        let message = format!("the query does not name a part of a gadget: {rejection}");
        Error::new(ErrorKind::Settings, message)
    })?;
    Ok(selection)
}

async fn refresh(
    (State(app), Extension(dashboard), Path(path)): OnTile,
) -> Result<StatusCode, Problem> {
    let placed = PlacedTile::on(&dashboard, &path.tile)?;
    app.refresher.ask(&placed.key, RefreshRequest::Refresh);
    Ok(StatusCode::NO_CONTENT)
}

async fn cancel(
    (State(app), Extension(dashboard), Path(path)): OnTile,
) -> Result<StatusCode, Problem> {
    let placed = PlacedTile::on(&dashboard, &path.tile)?;
    app.states.status(&placed.key).cancellation.cancel();
    Ok(StatusCode::NO_CONTENT)
}

async fn refresh_all(
    State(app): State<Arc<App>>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> StatusCode {
    for tile in dashboard.tiles() {
        app.refresher.ask(
            &(dashboard.id().clone(), tile.id.clone()),
            RefreshRequest::Refresh,
        );
    }
    StatusCode::NO_CONTENT
}
