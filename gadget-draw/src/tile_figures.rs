//! The figures of a tile.

use gadget_api::{Figure, TileSize, View};
use maud::{Markup, html};

use super::{
    figure::{self, Assessment, FigureText},
    look::label_of,
    source,
    tile::{TileFrame, icon},
};

/// Draws the figures: the first one large, the others beside or below it.
pub(crate) fn figures(view: &View, placed: &TileFrame<'_>) -> Markup {
    let all = figure::in_order(view);
    let others = all.get(1..).unwrap_or_default();
    let common = figure::common_comparison(others);
    let (list, headline_class) = match placed.size {
        TileSize::L | TileSize::XL => ("figures figures--xl", "figure figure--hero"),
        TileSize::S | TileSize::M => ("figures figures--m", "figure figure--first"),
    };
    let is_wide = matches!(placed.size, TileSize::L | TileSize::XL);
    let (told_once, told_apart): (Vec<&Figure>, Vec<&Figure>) =
        others.iter().copied().partition(|figure| {
            is_wide || common.is_none() || figure.previous_label.as_deref() == common
        });
    html! {
        @if let Some(headline) = all.first() {
            ul class=(list) {
                li class=(headline_class) {
                    (headline_label(view, headline))
                    (one_figure(headline, placed, &change_in_full(&figure::in_words(headline))))
                }
                @for figure in &told_once {
                    @let figure_text = figure::in_words(figure);
                    li.figure {
                        (label(&figure_text))
                        (one_figure(figure, placed, &change_in_short(&figure_text, is_wide || common.is_none())))
                    }
                }
                @if let Some(common) = common.filter(|_| !is_wide) {
                    li.figures__note { (names(&told_once)) " against " bdi { (common) } }
                }
                @for figure in &told_apart {
                    @let figure_text = figure::in_words(figure);
                    li.figure."figure--row" {
                        (label(&figure_text))
                        (one_figure(figure, placed, &change_in_full(&figure_text)))
                    }
                }
            }
        }
    }
}

/// Returns the labels of figures as one phrase.
pub(crate) fn names(figures: &[&Figure]) -> String {
    let labels: Vec<_> = figures
        .iter()
        .map(|figure| label_of(&figure.label, &figure.id))
        .collect();
    match labels.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// Draws the label of a figure; pointing at it shows what explains the number.
fn label(figure_text: &FigureText) -> Markup {
    let label = &figure_text.label;
    html! {
        @match &figure_text.tip {
            // Within a label that is cut off, hidden text would still make the page wider.
            Some(tip) => { p.figure__label title=(tip) { bdi { (label) } } p.sr { bdi { (tip) } } },
            None => p.figure__label title=(label) { bdi { (label) } },
        }
    }
}

/// Draws the label of the headline, or how old the number is where it is stale.
fn headline_label(view: &View, figure: &Figure) -> Markup {
    let figure_text = figure::in_words(figure);
    match source::stale_since(view) {
        Some(since) => html! {
            p.figure__label.late { (icon("warn")) "On " (since) ", stale" }
            p.sr { (figure_text.label) }
        },
        None => label(&figure_text),
    }
}

fn one_figure(figure: &Figure, placed: &TileFrame<'_>, change: &Markup) -> Markup {
    let figure_text = figure::in_words(figure);
    html! {
        p.figure__value {
            @if let Some(links) = placed.links.filter(|_| figure.has_rows) {
                a href=(links.figure(&figure.id)) { (figure_text.value) }
            } @else {
                (figure_text.value)
            }
            @if let Some(band) = &figure_text.band { small { (unit_of(figure)) (band) } }
        }
        (change)
    }
}

fn unit_of(figure: &Figure) -> String {
    if figure.unit.is_empty() {
        String::new()
    } else {
        format!("{}, ", figure.unit)
    }
}

fn change_in_full(figure_text: &FigureText) -> Markup {
    html! { @if let Some(change) = &figure_text.change {
        p.change { (amount(change)) " " bdi { (change.comparison()) } (assessment(change)) }
    } }
}

fn change_in_short(figure_text: &FigureText, names_what_is_compared: bool) -> Markup {
    html! { @if let Some(change) = &figure_text.change {
        p.change { (amount(change)) " " (change.word) (assessment(change)) }
        @if names_what_is_compared { p.change { bdi { (change.before()) } } }
    } }
}

pub(crate) fn amount(change: &figure::Change) -> Markup {
    let class = match change.assessment {
        Assessment::Better => Some("better"),
        Assessment::Worse => Some("worse"),
        Assessment::Neither => None,
    };
    html! { b class=[class] { span.arrow aria-hidden="true" { (change.arrow) } (change.amount) } }
}

pub(crate) fn assessment(change: &figure::Change) -> Markup {
    html! { @if change.assessment != Assessment::Neither { span.sr { ", " (change.assessment.word()) } } }
}
