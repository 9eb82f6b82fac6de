//! The key of a chart: the signs of its series with the totals of the period, and the switches that hide them.

use gadget_api::{Number, Role, Series, StackedBars};
use maud::{Markup, html};

use super::{
    hidden::{Switches, is_switchable},
    look::{Look, Texture, Tint, label_of, stack},
    number,
    picture::Links,
};

/// One series in a key.
pub(crate) struct Entry<'a> {
    pub(crate) series: &'a Series,
    pub(crate) look: Look,
    pub(crate) name: String,
    /// The total of the period with its sign.
    pub(crate) total: String,
}

/// Returns the series of a key in reading order: gains from zero upwards, losses towards zero.
pub(crate) fn entries(chart: &StackedBars) -> Vec<Entry<'_>> {
    let gains = stack(&chart.series, Role::Gain)
        .into_iter()
        .map(|entry| (entry, number::signed as fn(Number) -> String));
    let losses = stack(&chart.series, Role::Loss)
        .into_iter()
        .rev()
        .map(|entry| (entry, number::taken as fn(Number) -> String));
    gains
        .chain(losses)
        .map(|((series, look), written)| Entry {
            series,
            look,
            name: label_of(&series.label, &series.id),
            total: written(number::sum(series.values.iter().copied())),
        })
        .collect()
}

/// Draws the key. With an address to ask at, the sign of a series is a switch; style sheets show it only
/// where scripts run.
pub(crate) fn key(chart: &StackedBars, links: Option<&Links>, switches: &Switches<'_>) -> Markup {
    html! {
        ul.key aria-label="Totals of the whole period" {
            @for entry in entries(chart) {
                @let is_hidden = switches.hidden.has(entry.series);
                @let class = if is_hidden { "key__entry key__entry--off" } else { "key__entry" };
                li class=(class) data-series=(entry.series.id) {
                    @if switches.address.is_some() && is_switchable(entry.series) {
                        button.key__switch type="button" aria-pressed=(!is_hidden) aria-label={ "Show " (entry.name) } title={ "Show or hide " (entry.name) } {
                            (swatch(entry.look))
                        }
                    }
                    @if let Some(links) = links {
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
    html! { (swatch(entry.look)) bdi { (entry.name) } " " b { (entry.total) } }
}

/// Draws the sign of a series in a key.
pub(crate) fn swatch(look: Look) -> Markup {
    let class = match look.tint {
        Tint::New => "m-new",
        Tint::Reactivation => "m-reactivation",
        Tint::Expansion => "m-expansion",
        Tint::Contraction => "m-contraction",
        Tint::Churn => "m-churn",
        Tint::Level => "m-level",
    };
    let texture = match look.texture {
        Texture::Solid => None,
        Texture::Dots => Some("url(#key-dots)"),
        Texture::Lines => Some("url(#key-lines)"),
    };
    html! {
        svg.swatch viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" {
            rect class=(class) width="12" height="12" {}
            @if let Some(texture) = texture { rect width="12" height="12" fill=(texture) {} }
        }
    }
}
