//! A view on a wallboard: figures that are read from five metres away.
//!
//! A slide fills the screen whatever its size; `assets/wallboard.css` has one unit for all of it.

use gadget_api::{Chart, Figure, NoticeLevel, Number, SourceState, TileSize, View};
use maud::{Markup, PreEscaped, html};

use super::{
    bars, figure,
    hidden::{NOTHING, Switches},
    key::key,
    number,
    paint::Variant,
    picture::{ChartOptions, Picture},
    ranking, source,
    table::{caption_of, html_table},
    tile::{NOTHING as NOTHING_TO_SHOW, icon},
    tile_figures::{amount, assessment},
    tile_tables::tile_tables,
    waterfall,
};

/// The chart is laid out in a space of this size and fills its place on the screen: nearly twice as large.
const CHART: (u32, u32) = (660, 372);
/// How many figures stand below the first one.
const MOST_FIGURES: usize = 3;
const MOST_ENTRIES: usize = 4;

/// What a slide shows around a view.
pub struct Slide<'a> {
    /// An id that only this slide has on its page: lower-case letters, digits and hyphens.
    pub id: &'a str,
    /// The name of the dashboard.
    pub title: &'a str,
    /// The time, as a person reads it.
    pub now: &'a str,
    /// The place of this slide among all, from 0.
    pub place: usize,
    /// How many slides there are.
    pub count: usize,
}

/// Draws one slide.
pub fn wallboard_slide(view: &View, slide: &Slide<'_>) -> Markup {
    let entries = ranking::entries(view, MOST_ENTRIES);
    html! {
        section.wall id=(slide.id) aria-labelledby={ (slide.id) "-title" } {
            header.wall__head {
                h1 id={ (slide.id) "-title" } { bdi { (slide.title) } }
                @if !view.subtitle.is_empty() { p { bdi { (view.subtitle) } } }
                p.wall__now { (slide.now) }
            }
            div.wall__main {
                (figures(view))
                (picture(view, slide))
            }
            @if !entries.is_empty() {
                ul.wall__strip {
                    @for entry in &entries {
                        li {
                            p.wall__label { bdi { (entry.label) } }
                            p.wall__entry {
                                b { (entry.value) }
                                @if let Some((change, earlier)) = &entry.change { (change_since(*change, earlier)) }
                            }
                        }
                    }
                }
            }
            (foot(view, slide))
        }
    }
}

fn figures(view: &View) -> Markup {
    html! {
        ul.wall__figures {
            @let all = figure::in_order(view);
            @if let Some(first) = all.first() {
                @let figure_text = figure::in_words(first);
                li.wall__hero {
                    @if let Some(since) = source::stale_since(view) {
                        p.wall__label.late { (icon("warn")) "On " (since) ", stale" }
                    } @else {
                        p.wall__label { bdi { (view.title) } }
                    }
                    p.wall__value { (figure_text.value) }
                    p.wall__unit {
                        bdi { (figure_text.label) }
                        @if let Some(band) = &figure_text.band { ", " (band) }
                    }
                    (change(first))
                }
            } @else {
                li.wall__hero { p.wall__label { bdi { (view.title) } } }
            }
            @for figure in all.iter().skip(1).take(MOST_FIGURES) {
                @let figure_text = figure::in_words(figure);
                li.wall__figure {
                    p.wall__label { bdi { (figure_text.label) } }
                    p.wall__value { (figure_text.value) }
                    (change(figure))
                }
            }
        }
    }
}

fn change(figure: &Figure) -> Markup {
    let figure_text = figure::in_words(figure);
    html! {
        @if let Some(change) = &figure_text.change {
            p.change { (amount(change)) " " bdi { (change.comparison()) } (assessment(change)) }
        }
    }
}

/// Draws how a row changed. The view does not say whether more is better, so nothing is coloured.
fn change_since(change: Number, earlier: &str) -> Markup {
    let arrow = match change.as_f64() {
        size if size > 0.0 => "▲",
        size if size < 0.0 => "▼",
        _ => "=",
    };
    html! {
        span.change {
            b { span.arrow aria-hidden="true" { (arrow) } (number::signed(change)) } " vs " bdi { (earlier) }
        }
    }
}

/// Draws the first chart, or the first table where there is none.
fn picture(view: &View, slide: &Slide<'_>) -> Markup {
    let id = format!("{}-chart", slide.id);
    let options = ChartOptions {
        variant: Variant::Page,
        id: &id,
        width: CHART.0,
        height: Some(CHART.1),
        hidden: &NOTHING,
        links: None,
        picked: None,
    };
    let drawn = |picture: Picture| PreEscaped(picture.on_page(&id));
    let bars = view.charts.iter().find_map(|chart| match chart {
        Chart::StackedBars(chart) => Some(chart),
        _ => None,
    });
    if let Some(chart) = bars {
        return html! {
            figure.wall__chart {
                (key(chart, None, &Switches::none()))
                (drawn(bars::stacked_bars(chart, &options)))
            }
        };
    }
    let steps = view.charts.iter().find_map(|chart| match chart {
        Chart::Waterfall(chart) => Some(chart),
        _ => None,
    });
    if let Some(chart) = steps {
        return html! { figure.wall__chart { (drawn(waterfall::waterfall(chart, &options))) } };
    }
    let table = tile_tables(view, TileSize::XL).into_iter().next();
    let table = table.or_else(|| {
        view.tables
            .iter()
            .find(|table| !table.rows.is_empty())
            .cloned()
    });
    html! {
        div.wall__table {
            @match table {
                Some(table) => (html_table(&table, &caption_of(&table))),
                None if view.figures.is_empty() => p.muted { (NOTHING_TO_SHOW) },
                None => {}
            }
        }
    }
}

fn foot(view: &View, slide: &Slide<'_>) -> Markup {
    let notices = view.notices.len();
    let is_warned = view
        .notices
        .iter()
        .any(|notice| notice.level != NoticeLevel::Info);
    html! {
        footer.wall__foot {
            @for line in source::lines(view) {
                span class=(match line.state {
                    SourceState::Fresh => "state",
                    SourceState::Stale => "state state--stale",
                    _ => "state state--none",
                }) { bdi { (line.text) } }
            }
            @if notices > 0 {
                span class=[is_warned.then_some("late")] {
                    (number::counted(i64::try_from(notices).unwrap_or(i64::MAX), "notice", "notices"))
                }
            }
            @if slide.count > 1 {
                ol.wall__places aria-label={ "Slide " (slide.place + 1) " of " (slide.count) } {
                    @for place in 0..slide.count {
                        li aria-current=[(place == slide.place).then_some("step")] {}
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    const SLIDE: Slide<'_> = Slide {
        id: "s1",
        title: "Atlassian Marketplace <Partner>",
        now: "Friday 20 November 2026, 10:02 UTC",
        place: 1,
        count: 3,
    };

    #[test]
    fn a_slide_is_as_it_was() {
        let slide = wallboard_slide(&sample::vendor(), &SLIDE).into_string();
        insta::assert_snapshot!("slide", slide.replace("><", ">\n<"));
    }

    #[test]
    fn a_slide_of_anything_has_its_title_and_its_place() {
        let mut without_bars = sample::timeboard();
        without_bars.charts.remove(0);
        let mut without_charts = sample::timeboard();
        without_charts.charts.clear();
        for (view, holds) in [
            (without_bars, "From opening to closing"),
            (without_charts, "By hosting"),
            (View::new("Nothing yet"), NOTHING_TO_SHOW),
            (sample::made_of("<script>"), "&lt;script&gt;"),
        ] {
            let slide = wallboard_slide(&view, &SLIDE).into_string();
            assert!(slide.contains("Marketplace &lt;Partner&gt;"), "{slide}");
            assert!(slide.contains("Slide 2 of 3"), "{slide}");
            assert!(slide.contains(holds), "{holds}: {slide}");
            assert!(!slide.contains("<script"), "{slide}");
        }
    }
}
