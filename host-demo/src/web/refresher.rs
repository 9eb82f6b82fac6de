//! The thread that keeps the dashboard up to date: gadgets block, so none of them runs on the server's own threads.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use chrono::Utc;
use gadget_api::{Error, ErrorKind, Progress};
use gadget_host::Datasource;

use super::{
    Site,
    board::{Content, Tile, TileState},
    fill,
};
use crate::stale::marked_stale;

/// How long the dashboard rests between two refreshes. The source itself changes a few times a day.
const REST: Duration = Duration::from_secs(15 * 60);
/// How long a refresh may take: the first one reads everything.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// Refreshes now, at each wake-up, and after each rest, until nobody can wake it any more.
pub(super) fn run(site: &Arc<Site>, datasource: &Arc<Datasource>, wake_ups: &Receiver<()>) {
    loop {
        round(site, datasource);
        if site.cancellation.is_cancelled() {
            return;
        }
        match wake_ups.recv_timeout(REST) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // Who pressed the button twice wants one refresh.
        while wake_ups.try_recv().is_ok() {}
    }
}

fn round(site: &Arc<Site>, datasource: &Arc<Datasource>) {
    if !matches!(site.board.snapshot().content, Content::Filled) {
        site.board.change(|now| now.content = Content::Filling);
        match filled(site, datasource) {
            Ok(filled) => site.board.change(|now| {
                now.name = filled.name;
                now.tiles = filled.tiles;
                now.content = Content::Filled;
            }),
            Err(error) => {
                site.board
                    .change(|now| now.content = Content::Failed(error));
                return;
            }
        }
    }
    site.board.change(|now| now.is_refreshing = true);
    show_stored(site);
    let mut is_any_fresh = false;
    for tile in site.board.snapshot().tiles {
        is_any_fresh |= refresh(site, &tile);
        // What was read for one tile is often all that the next one needs.
        show_stored(site);
    }
    site.board.change(|now| {
        now.is_refreshing = false;
        if is_any_fresh {
            now.refreshed_at = Some(Utc::now());
        }
    });
}

/// Shows what is stored in tiles that show nothing yet, so that nobody waits for what was read before.
fn show_stored(site: &Arc<Site>) {
    for tile in site
        .board
        .snapshot()
        .tiles
        .iter()
        .filter(|tile| tile.shown.is_none())
    {
        if let Ok(view) = site.engine.rendered(&site.call(tile), None) {
            site.board
                .change_tile(&tile.id, |tile| tile.shown = Some(Arc::new(view)));
        }
    }
}

/// Refreshes one tile and says whether that went well.
fn refresh(site: &Arc<Site>, tile: &Tile) -> bool {
    site.board
        .change_tile(&tile.id, |tile| tile.state = TileState::Refreshing(None));
    let told = |progress: &Progress| {
        let progress = progress.clone();
        site.board.change_tile(&tile.id, |tile| {
            tile.state = TileState::Refreshing(Some(progress))
        });
    };
    let outcome = site
        .engine
        .refreshed_view(&site.call(tile), REFRESH_TIMEOUT, Utc::now(), &told);
    let is_fresh = outcome.as_ref().is_ok_and(|shown| !shown.view.is_stale());
    site.board.change_tile(&tile.id, |tile| match outcome {
        Ok(shown) => (tile.shown, tile.state) = (Some(Arc::new(shown.view)), TileState::Done),
        Err(error) => {
            let error = Error::from(error);
            if let Some(view) = tile.shown.take() {
                tile.shown = Some(Arc::new(marked_stale(Arc::unwrap_or_clone(view), &error)));
            }
            tile.state = TileState::Failed(error);
        }
    });
    is_fresh
}

fn filled(site: &Arc<Site>, datasource: &Arc<Datasource>) -> Result<fill::Filled, Error> {
    let templates = site.engine.catalog().templates();
    let mut refusal = None;
    for template in templates {
        match fill::fill(
            template.template(),
            datasource.id(),
            site.preferred,
            site.as_ref(),
        ) {
            Ok(filled) => return Ok(filled),
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    Err(refusal.unwrap_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            "no library brings a dashboard template",
        )
        .with_remedy("Put a gadget library into the directory of gadgets and start again.")
    }))
}
