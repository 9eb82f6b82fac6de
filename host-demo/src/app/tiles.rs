//! What the gadgets of a dashboard show: as data, as tables and as pictures.

use std::sync::Arc;

use dashboards::domain::{Dashboard, DashboardId, Tile, TileId};
use gadget_api::{Error, ErrorKind, Selection, Table, View};
use gadget_draw::{ImageOptions, tile_png, tile_svg};

use super::{
    AppError, Drawing, Drawings, Engine, Forms, blocking,
    tile_states::{TileKey, TileStates},
};

/// What tiles show.
pub(crate) struct Tiles {
    engine: Arc<Engine>,
    forms: Arc<Forms>,
    states: Arc<TileStates>,
    drawings: Arc<Drawings>,
}

/// A tile with its key among those of all dashboards.
pub(crate) struct PlacedTile {
    pub(crate) key: TileKey,
    pub(crate) tile: Tile,
}

impl PlacedTile {
    /// Finds a tile on a dashboard.
    pub(crate) fn on(dashboard: &Dashboard, tile: &str) -> Result<Self, AppError> {
        let id = TileId::parse(tile).map_err(|_| AppError::not_found("gadget"))?;
        let tile = dashboard
            .tile(&id)
            .ok_or_else(|| AppError::not_found("gadget"))?;
        Ok(Self {
            key: (dashboard.id().clone(), id),
            tile: tile.clone(),
        })
    }
}

impl Tiles {
    pub(super) fn new(
        engine: Arc<Engine>,
        forms: Arc<Forms>,
        states: Arc<TileStates>,
        drawings: Arc<Drawings>,
    ) -> Self {
        Self {
            engine,
            forms,
            states,
            drawings,
        }
    }

    /// Returns what people read as the name of a tile.
    pub(crate) fn label(&self, dashboard: &DashboardId, tile: &Tile) -> String {
        if let Some(name) = &tile.name {
            return name.to_string();
        }
        let key = (dashboard.clone(), tile.id.clone());
        if let Some(view) = self.states.status(&key).view {
            return view.title.clone();
        }
        match self.engine.description(&tile.gadget) {
            Ok(description) => description.manifest.title.clone(),
            Err(_) => tile.gadget.clone(),
        }
    }

    /// Returns the view of a tile under the name that somebody gave the tile.
    pub(crate) fn view(&self, placed: &PlacedTile) -> Result<Arc<View>, AppError> {
        Ok(titled(self.shown(placed)?, &placed.tile))
    }

    fn shown(&self, placed: &PlacedTile) -> Result<Arc<View>, AppError> {
        let view = self.states.status(&placed.key).view;
        view.ok_or(AppError::NothingShown)
    }

    /// Returns a tile as an SVG file.
    pub(crate) fn svg(
        &self,
        placed: &PlacedTile,
        options: ImageOptions,
    ) -> Result<Arc<Drawing>, AppError> {
        let view = self.shown(placed)?;
        let inputs = format!("svg {:?} {options:?}", placed.tile.name);
        Ok(self.drawings.of(&view, inputs, || {
            let view = titled(Arc::clone(&view), &placed.tile);
            tile_svg(&view, &options).into_bytes()
        }))
    }

    /// Returns a tile as pixels.
    pub(crate) async fn png(
        &self,
        placed: &PlacedTile,
        options: ImageOptions,
    ) -> Result<Arc<Drawing>, AppError> {
        let view = self.shown(placed)?;
        let inputs = format!("png {:?} {options:?}", placed.tile.name);
        if let Some(drawing) = self.drawings.kept(&view, &inputs) {
            return Ok(drawing);
        }
        let named = titled(Arc::clone(&view), &placed.tile);
        // Filling pixels takes a processor for a while.
        let png = blocking::run(move || tile_png(&named, &options)).await?;
        let png = png.map_err(|error| AppError::Drawing(error.to_string()))?;
        Ok(self.drawings.of(&view, inputs, || png))
    }

    /// Returns the rows behind a part of a tile.
    pub(crate) async fn rows(&self, tile: &Tile, selection: Selection) -> Result<Table, Error> {
        let call = self.forms.call_of(tile).await?;
        let engine = Arc::clone(&self.engine);
        // A gadget may take its time; the threads that answer requests are not for that.
        blocking::run(move || engine.details(&call, &selection, None))
            .await
            .map_err(|_| Error::new(ErrorKind::Internal, "failed to write the rows"))?
            .map_err(Error::from)
    }
}

/// Gives a view the name that somebody gave its tile.
pub(crate) fn titled(view: Arc<View>, tile: &Tile) -> Arc<View> {
    let Some(name) = &tile.name else {
        return view;
    };
    let mut named = Arc::unwrap_or_clone(view);
    named.title = name.to_string();
    Arc::new(named)
}
