//! The wallboard: a dashboard without anything around it, a slide for each gadget, for a screen on a wall.
//!
//! Without scripts the slides stand below one another; with them they take turns.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Query, State},
};
use chrono::Utc;
use dashboards::domain::{Dashboard, Tile};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;

use super::{
    TilePlace,
    board::wake,
    shell::{icons, stylesheets},
};
use crate::app::{App, Caller, TilePhase};
use gadget_draw::{
    Slide,
    tile::{icon, sentence},
    wallboard_slide,
};

/// How long a slide is seen, where nobody says.
const SECONDS: u32 = 20;

/// How fast the slides take turns.
#[derive(Deserialize)]
pub(super) struct Pace {
    #[serde(default)]
    seconds: String,
}

impl Pace {
    /// Returns the seconds; what is no number is as if nobody had said it, since nobody sits before a wall.
    fn seconds(&self) -> u32 {
        self.seconds.parse().unwrap_or(SECONDS).clamp(3, 3600)
    }
}

/// Answers with the wallboard.
pub(super) async fn wallboard(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Query(pace): Query<Pace>,
) -> Markup {
    let place = TilePlace::on(&caller, &dashboard);
    draw(&app, &place, &dashboard, &pace)
}

/// Draws the wallboard of a dashboard.
pub(super) fn draw(
    app: &Arc<App>,
    place: &TilePlace,
    dashboard: &Dashboard,
    pace: &Pace,
) -> Markup {
    wake(app, dashboard);
    let title = dashboard.title().as_str();
    let now = Utc::now().format("%A %-d %B %Y, %H:%M UTC").to_string();
    let tiles = dashboard.tiles();
    html! {
        (DOCTYPE)
        html lang="en" data-theme="dark" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – wallboard" }
                link rel="icon" href="data:,";
                (stylesheets(&["wallboard.css", "wall.css"]))
                script type="module" src="/assets/wall.js" {}
            }
            body.wall-page {
                (icons())
                main id="whole" aria-label={ "Wallboard of " (title) } data-seconds=(pace.seconds()) data-page=(place.page) data-events={ (place.api) "/events" } data-revision=(dashboard.revision()) {
                    @for (at, tile) in tiles.iter().enumerate() {
                        @let slide = Slide { id: &format!("slide-{at}"), title, now: &now, place: at, count: tiles.len() };
                        (of_tile(app, place, tile, &slide))
                    }
                    @if tiles.is_empty() {
                        section.wall { header.wall__head { h1 { bdi { (title) } } } p { "This dashboard has no gadgets yet." } }
                    }
                }
                nav.turns aria-label="Slides" hidden {
                    @if tiles.len() > 1 {
                        (turn("previous", "Previous slide", "earlier"))
                        (turn("pause", "Pause", "pause"))
                        (turn("next", "Next slide", "later"))
                    }
                    (turn("full", "Full screen", "full"))
                    a.button href=(place.page) { "Close" }
                }
                div.turns__time aria-hidden="true" hidden {}
                p.sr role="status" id="turn" {}
            }
        }
    }
}

fn turn(does: &str, label: &str, picture: &str) -> Markup {
    html! { button.button."button--icon" type="button" data-turn=(does) aria-label=(label) title=(label) { (icon(picture)) } }
}

fn of_tile(app: &App, place: &TilePlace, tile: &Tile, slide: &Slide<'_>) -> Markup {
    let status = app
        .states
        .status(&(place.dashboard.clone(), tile.id.clone()));
    html! {
        div.slide data-tile=(tile.id) data-revision=(status.revision) {
            @match &status.view {
                Some(view) => (wallboard_slide(view, slide)),
                None => (without_view(&app.tiles.label(&place.dashboard, tile), &status.state, slide)),
            }
        }
    }
}

fn without_view(name: &str, state: &TilePhase, slide: &Slide<'_>) -> Markup {
    html! {
        section.wall id=(slide.id) aria-labelledby={ (slide.id) "-title" } {
            header.wall__head {
                h1 id={ (slide.id) "-title" } { bdi { (slide.title) } }
                p.wall__now { (slide.now) }
            }
            div.wall__said {
                p.wall__label { bdi { (name) } }
                @match state {
                    TilePhase::Failed(error) => {
                        p { (icon("warn")) " " bdi { (sentence(error.message())) } }
                        @if let Some(remedy) = error.remedy() { p.muted { bdi { (sentence(remedy)) } } }
                    }
                    TilePhase::NotSetUp => p { "This gadget is not set up yet." },
                    TilePhase::Refreshing(Some(progress)) if !progress.text.is_empty() => {
                        p { "Loading data for the first time: " bdi { (progress.text) } }
                    }
                    _ => p { "Loading data for the first time." },
                }
            }
        }
    }
}
