//! Tiles without a view: the first sync runs, or there is nothing to show and why.

use gadget_api::{Error, Progress, Step, StepState, TileSize};
use maud::{Markup, html};

use super::tile::{frame, icon, sentence, title};

/// A tile as far as it is known without a view.
pub(crate) struct Bare<'a> {
    pub(crate) id: &'a str,
    pub(crate) revision: u64,
    pub(crate) size: TileSize,
    pub(crate) title: &'a str,
    /// Buttons and links beside the title.
    pub(crate) tools: &'a Markup,
}

/// Draws a tile whose data is being read for the first time.
pub(crate) fn waiting_tile(tile: &Bare<'_>, progress: Option<&Progress>) -> Markup {
    let body = html! {
        div.sync {
            @match progress {
                Some(progress) => (sync(progress)),
                None => p.sync__now { b { "Waits for its turn" } },
            }
            p.muted { "Figures appear when everything is read; a part is never counted. You can leave this page." }
        }
        (bones())
    };
    let foot = html! { footer.tile__foot { span.state."state--busy" { "First sync" } } };
    bare(tile, &body, &foot)
}

/// Draws a tile that has nothing to show.
pub(crate) fn failed_tile(tile: &Bare<'_>, error: &Error) -> Markup {
    let body = html! {
        div.strip."strip--error" role="alert" {
            (icon("warn"))
            div {
                p { b { bdi { (sentence(error.message())) } } }
                @if let Some(remedy) = error.remedy() { p { bdi { (sentence(remedy)) } } }
            }
        }
    };
    let foot = html! { footer.tile__foot { span.state."state--failed" { "No data" } } };
    bare(tile, &body, &foot)
}

/// Draws a tile whose settings are not all there.
pub(crate) fn unset_tile(tile: &Bare<'_>) -> Markup {
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

fn sync(progress: &Progress) -> Markup {
    let percent = progress
        .fraction
        .filter(|fraction| fraction.is_finite())
        .map(|fraction| format!("{:.0}", fraction.clamp(0.0, 1.0) * 100.0));
    html! {
        p.sync__now {
            b { "First sync" }
            span.muted { bdi { (progress.text) } }
        }
        @match &percent {
            Some(percent) => progress max="100" value=(percent) aria-label="First sync" { (percent) " %" },
            None => progress aria-label="First sync" {},
        }
        @if !progress.steps.is_empty() {
            ul.steps { @for step in &progress.steps { (one_step(step)) } }
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

/// Draws the outline of a chart, so that the tile does not jump when the chart comes.
fn bones() -> Markup {
    const HEIGHTS: [u8; 13] = [40, 62, 35, 58, 70, 44, 66, 52, 78, 60, 48, 72, 56];
    html! {
        div.bones aria-hidden="true" {
            svg viewBox="0 0 326 190" {
                @for column in 0..3_u16 {
                    rect.bone x=(column * 112) y="0" width="64" height="9" rx="2" {}
                    rect.bone x=(column * 112) y="17" width="46" height="16" rx="2" {}
                }
                @for (place, height) in HEIGHTS.iter().enumerate() {
                    rect.bone x=(6 + place * 24) y=(150 - height) width="14" height=(height + height / 3) {}
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
        let page = failed_tile(&TILE, &error).into_string();
        assert!(
            page.contains("No &lt;answer&gt;.") && page.contains("Try again."),
            "{page}"
        );
    }
}
