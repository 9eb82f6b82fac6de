//! The key of a chart: the signs of its series with the totals of the period, and the switches that hide them.

use gadget_api::{Number, Role, Series, StackedBars};
use maud::{Markup, html};

use super::{
    hidden::{Switches, is_switchable},
    look::{Look, Sign, Texture, label_of, levels, stack},
    number,
    picture::Links,
};

/// One series in a key.
pub(crate) struct Entry<'a> {
    pub(crate) series: &'a Series,
    pub(crate) sign: Sign,
    pub(crate) name: String,
    /// The total of the period with its sign; the last value of a level.
    pub(crate) total: String,
}

/// Returns the series of a key in reading order: gains from zero upwards, losses towards zero, then the levels.
pub(crate) fn entries(chart: &StackedBars) -> Vec<Entry<'_>> {
    let gains = stack(&chart.series, Role::Gain)
        .into_iter()
        .map(|entry| (entry, number::signed as fn(Number) -> String));
    let losses = stack(&chart.series, Role::Loss)
        .into_iter()
        .rev()
        .map(|entry| (entry, number::taken as fn(Number) -> String));
    let changes = gains.chain(losses).map(|((series, look), written)| Entry {
        series,
        sign: Sign::Area(look),
        name: label_of(&series.label, &series.id),
        total: written(number::sum(series.values.iter().copied())),
    });
    let levels = levels(&chart.series)
        .into_iter()
        .map(|(series, look)| Entry {
            series,
            sign: Sign::Line(look),
            name: label_of(&series.label, &series.id),
            total: series
                .values
                .last()
                .copied()
                .map_or_else(String::new, number::plain),
        });
    changes.chain(levels).collect()
}

/// Draws the key. With an address to ask at, the sign of a series is a switch; style sheets show it only
/// where scripts run.
pub(crate) fn key(chart: &StackedBars, links: Option<&Links>, switches: &Switches<'_>) -> Markup {
    html! {
        ul.key aria-label="Series, with totals of the whole period" {
            @for entry in entries(chart) {
                @let is_hidden = switches.hidden.has(entry.series);
                @let class = if is_hidden { "key__entry key__entry--off" } else { "key__entry" };
                @let is_level = entry.series.role == Role::Level;
                li class=(class) data-series=[(!is_level).then_some(&entry.series.id)] {
                    @if switches.address.is_some() && is_switchable(entry.series) {
                        button.key__switch type="button" aria-pressed=(!is_hidden) aria-label={ "Show " (entry.name) } title={ "Show or hide " (entry.name) } {
                            (swatch(entry.sign))
                        }
                    }
                    @if let Some(links) = links.filter(|_| entry.series.has_rows) {
                        a.key__link href=(links.series(&chart.id, &entry.series.id)) { (words(&entry)) }
                    } @else {
                        span.key__link { (words(&entry)) }
                    }
                }
            }
        }
    }
}

fn words(entry: &Entry<'_>) -> Markup {
    html! { (swatch(entry.sign)) bdi { (entry.name) } " " b { (entry.total) } }
}

/// Draws what stands for a series in a key.
pub(crate) fn swatch(sign: Sign) -> Markup {
    match sign {
        Sign::Area(look) => area(look),
        Sign::Line(look) => html! {
            svg.swatch viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" {
                path class={ "c-line " (look.color.class()) (look.dash.class()) } d="M0 6H12" {}
            }
        },
    }
}

fn area(look: Look) -> Markup {
    let texture = match look.texture {
        Texture::Solid => None,
        Texture::Dots => Some("url(#key-dots)"),
        Texture::Lines => Some("url(#key-lines)"),
    };
    html! {
        svg.swatch viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" {
            rect class=(look.color.class()) width="12" height="12" {}
            @if let Some(texture) = texture { rect width="12" height="12" fill=(texture) {} }
        }
    }
}
