//! Tiles without a view: the first sync runs, or there is nothing to show and why.

use std::time::Duration;

use gadget_api::{Error, Progress, Step, StepState, TileSize};
use maud::{Markup, html};

use super::tile::{frame, icon, sentence, title};

/// A tile as far as it is known without a view.
pub struct Bare<'a> {
    /// An id that only this tile has.
    pub id: &'a str,
    /// The revision.
    pub revision: u64,
    /// The size of the tile.
    pub size: TileSize,
    /// The title of the tile.
    pub title: &'a str,
    /// Buttons and links beside the title.
    pub tools: &'a Markup,
}

/// Draws a tile whose data is being read for the first time.
pub fn waiting_tile(tile: &Bare<'_>, progress: Option<&Progress>) -> Markup {
    syncing_tile(
        tile,
        &Syncing {
            progress,
            left: None,
            foot: Markup::default(),
        },
    )
}

/// What is known about a first sync.
pub struct Syncing<'a> {
    /// How far it is; nothing while it waits for its turn.
    pub progress: Option<&'a Progress>,
    /// How long it still takes, see [`time_left`].
    pub left: Option<&'a str>,
    /// What else stands at the foot: when it started, and what cancels it.
    pub foot: Markup,
}

/// Draws a tile whose data is being read for the first time, with all that is known about it.
pub fn syncing_tile(tile: &Bare<'_>, syncing: &Syncing<'_>) -> Markup {
    let body = html! {
        div.sync {
            @match syncing.progress {
                Some(progress) => (sync(progress, syncing.left)),
                None => p.sync__now { b { "Waits for its turn" } },
            }
            p.muted { "Figures appear when everything is read; a part is never counted. You can leave this page." }
        }
        (bones(tile.size))
    };
    let foot =
        html! { footer.tile__foot { span.state."state--busy" { "First sync" } (syncing.foot) } };
    bare(tile, &body, &foot)
}

/// Returns how long work still takes, such as `about 3 minutes left`; nothing while nobody can tell.
pub fn time_left(elapsed: Duration, progress: &Progress) -> Option<String> {
    /// Before this much is done the pace says little.
    const LEAST: f64 = 0.03;
    let fraction = progress
        .fraction
        .filter(|fraction| (LEAST..1.0).contains(fraction))?;
    let seconds = elapsed.as_secs_f64() * (1.0 - fraction) / fraction;
    if elapsed < Duration::from_secs(2) || !seconds.is_finite() {
        return None;
    }
    let rounded = |unit: f64, one: &str, more: &str| {
        let count = (seconds / unit).round().max(1.0);
        let word = if count == 1.0 { one } else { more };
        format!("about {count} {word} left")
    };
    Some(match seconds {
        ..5.0 => "a few seconds left".to_owned(),
        ..50.0 => format!("about {} seconds left", (seconds / 10.0).ceil() * 10.0),
        ..5_400.0 => rounded(60.0, "minute", "minutes"),
        _ => rounded(3_600.0, "hour", "hours"),
    })
}

/// Draws a tile that has nothing to show, with what can be done about it.
pub fn failed_tile(tile: &Bare<'_>, error: &Error, ways_out: &Markup) -> Markup {
    let body = html! {
        div.state-of role="alert" {
            span."state-of__sign"."state-of__sign--error" { (icon("warn")) }
            div {
                p { b { bdi { (sentence(error.message())) } } }
                @if let Some(remedy) = error.remedy() { p { bdi { (sentence(remedy)) } } }
                p."state-of__ways" { (ways_out) }
            }
        }
    };
    let foot = html! { footer.tile__foot { span.state."state--failed" { "No data" } } };
    bare(tile, &body, &foot)
}

/// Draws a tile whose settings are not all there.
pub fn unset_tile(tile: &Bare<'_>) -> Markup {
    let body = html! {
        div.unset {
            p { b { "Not set up yet" } }
            p.muted { "Choose what it shows; then its figures appear here." }
            button.button."button--first" type="button" hidden data-do="configure" { "Set up" }
        }
    };
    bare(tile, &body, &Markup::default())
}

fn bare(tile: &Bare<'_>, body: &Markup, foot: &Markup) -> Markup {
    let head = title(tile.id, tile.title, "", tile.tools);
    frame((tile.id, tile.revision), tile.size, &head, body, foot)
}

fn sync(progress: &Progress, left: Option<&str>) -> Markup {
    let percent = progress
        .fraction
        .filter(|fraction| fraction.is_finite())
        .map(|fraction| format!("{:.0}", fraction.clamp(0.0, 1.0) * 100.0));
    html! {
        p.sync__now {
            b { "First sync" }
            span.muted { @if let Some(left) = left { (left) } @else { bdi { (progress.text) } } }
        }
        @match &percent {
            Some(percent) => progress max="100" value=(percent) aria-label="First sync" { (percent) " %" },
            None => progress aria-label="First sync" {},
        }
        @if left.is_some() && !progress.text.is_empty() { p.muted { bdi { (progress.text) } } }
        (steps(&progress.steps))
    }
}

/// Draws the steps of long work, or of the test of a datasource, one below the other.
pub fn steps(steps: &[Step]) -> Markup {
    html! {
        @if !steps.is_empty() {
            ul.steps { @for step in steps { (one_step(step)) } }
        }
    }
}

fn one_step(step: &Step) -> Markup {
    let (class, sign, word) = match step.state {
        StepState::Done => ("done", "check", "done"),
        StepState::Running => ("now", "busy", "running"),
        StepState::Warned => ("warned", "warn", "with a warning"),
        StepState::Failed => ("failed", "warn", "failed"),
        _ => ("", "wait", "waiting"),
    };
    html! {
        li class=(class) {
            (icon(sign))
            span { bdi { (step.label) } span.sr { ", " (word) } }
            span { bdi { @if step.detail.is_empty() && class.is_empty() { "waiting" } @else { (step.detail) } } }
        }
    }
}

/// Draws the outline of figures and chart, so that the tile does not jump when they come.
fn bones(size: TileSize) -> Markup {
    let drawings: &[(&str, u16)] = match size {
        TileSize::S => return html! { div.bones aria-hidden="true" { (outline(326, 44)) } },
        TileSize::M => &[("d-narrow", 326), ("d-mid-up", 560)],
        TileSize::L | TileSize::XL => &[("d-narrow", 326), ("d-mid", 560), ("d-wide", 780)],
    };
    html! {
        div.bones aria-hidden="true" {
            @for (class, width) in drawings {
                div class=(class) { (outline(*width, if *width < 500 { 200 } else { 260 })) }
            }
        }
    }
}

fn outline(width: u16, height: u16) -> Markup {
    const HEIGHTS: [u16; 14] = [30, 62, 48, 75, 58, 82, 66, 44, 90, 70, 52, 78, 64, 36];
    const TOP: u16 = 60;
    let figures = if width < 500 { 3 } else { 4 };
    let column = width / figures;
    let slot = width / 14;
    // A third of the room is below zero.
    let zero = TOP + height.saturating_sub(TOP) * 2 / 3;
    html! {
        svg viewBox={ "0 0 " (width) " " (height) } {
            @for place in 0..figures {
                rect.bone x=(place * column) y="0" width=(column * 3 / 5) height="9" rx="2" {}
                rect.bone x=(place * column) y="17" width=(column * 2 / 5) height="18" rx="2" {}
            }
            @if height > TOP {
                @for (place, share) in (0_u16..).zip(HEIGHTS) {
                    @let up = (zero - TOP) * share / 100;
                    @let down = (height - zero) * (100 - share) / 100;
                    rect.bone x=(place * slot + slot / 6) y=(zero - up) width=(slot * 2 / 3) height=(up + down) {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILE: Bare<'_> = Bare {
        id: "t1",
        revision: 3,
        size: TileSize::M,
        title: "<b>App</b>",
        tools: &maud::PreEscaped(String::new()),
    };

    #[test]
    fn a_tile_without_a_view_says_what_happens_and_escapes_it() {
        let mut running = Step::waiting("licenses", "<i>Licenses</i>");
        running.state = StepState::Running;
        let progress = Progress {
            fraction: Some(0.5),
            text: "<u>".into(),
            steps: vec![running],
        };
        let page = waiting_tile(&TILE, Some(&progress)).into_string();
        assert!(page.contains(r#"<progress max="100" value="50""#), "{page}");
        assert!(
            page.contains("&lt;i&gt;Licenses")
                && page.contains("&lt;u&gt;")
                && page.contains("&lt;b&gt;App")
        );
        let error =
            Error::new(gadget_api::ErrorKind::Network, "no <answer>").with_remedy("Try again");
        let page = failed_tile(&TILE, &error, &Markup::default()).into_string();
        assert!(
            page.contains("No &lt;answer&gt;.") && page.contains("Try again."),
            "{page}"
        );
    }

    #[test]
    fn how_long_it_takes_is_said_only_where_it_is_known() {
        for (seconds, fraction, said) in [
            (60, None, None),
            (60, Some(0.0), None),
            (60, Some(0.01), None),
            (60, Some(f64::NAN), None),
            (60, Some(1.0), None),
            (1, Some(0.5), None),
            (60, Some(0.97), Some("a few seconds left")),
            (60, Some(0.7), Some("about 30 seconds left")),
            (60, Some(0.5), Some("about 1 minute left")),
            (60, Some(0.25), Some("about 3 minutes left")),
            (600, Some(0.05), Some("about 3 hours left")),
        ] {
            let progress = Progress {
                fraction,
                ..Progress::default()
            };
            assert_eq!(
                time_left(Duration::from_secs(seconds), &progress).as_deref(),
                said,
                "{seconds} s, {fraction:?}"
            );
        }
    }

    #[test]
    fn a_first_sync_says_how_far_it_is_and_what_cancels_it() {
        let mut steps =
            ["Access", "Licenses", "Transactions"].map(|name| Step::waiting(name, name));
        steps[0].state = StepState::Done;
        steps[1].state = StepState::Running;
        steps[1].detail = "81,400 of about 210,000".into();
        let progress = Progress {
            fraction: Some(0.5),
            text: "reading licenses".into(),
            steps: steps.into(),
        };
        let syncing = Syncing {
            progress: Some(&progress),
            left: Some("about 3 minutes left"),
            foot: html! { button type="button" { "Cancel" } },
        };
        let page = syncing_tile(&TILE, &syncing).into_string();
        insta::assert_snapshot!("syncing", page.replace("><", ">\n<"));
    }
}
