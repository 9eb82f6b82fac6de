//! The figures of a tile.

use gadget_api::{Figure, TileSize, View};
use maud::{Markup, html};

use super::{
    figure::{self, Said, Verdict},
    look::label_of,
    source,
    tile::{Placed, icon},
};

/// Draws the figures: the first one large, the others beside or below it.
pub(crate) fn figures(view: &View, placed: &Placed<'_>) -> Markup {
    let common = figure::common_comparison(view);
    let (list, first) = match placed.size {
        TileSize::L | TileSize::XL => ("figures figures--xl", "figure figure--hero"),
        TileSize::S | TileSize::M => ("figures figures--m", "figure figure--first"),
    };
    let is_wide = matches!(placed.size, TileSize::L | TileSize::XL);
    let (told_once, told_apart): (Vec<&Figure>, Vec<&Figure>) =
        view.figures.iter().skip(1).partition(|figure| {
            is_wide || common.is_none() || figure.previous_label.as_deref() == common
        });
    html! {
        @if !view.figures.is_empty() {
            ul class=(list) {
                @if let Some(figure) = view.figures.first() {
                    li class=(first) {
                        (label(view, figure))
                        (one_figure(figure, placed, &change_in_full(&figure::said(figure))))
                    }
                }
                @for figure in &told_once {
                    @let said = figure::said(figure);
                    li.figure {
                        p.figure__label title=(said.label) { bdi { (said.label) } }
                        (one_figure(figure, placed, &change_in_short(&said, is_wide || common.is_none())))
                    }
                }
                @if let Some(common) = common.filter(|_| !is_wide) {
                    li.figures__note { (names(&told_once)) " against " bdi { (common) } }
                }
                @for figure in &told_apart {
                    @let said = figure::said(figure);
                    li.figure."figure--row" {
                        p.figure__label title=(said.label) { bdi { (said.label) } }
                        (one_figure(figure, placed, &change_in_full(&said)))
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
    let mut text = match labels.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    };
    // `Gained, Lost and Net` reads better as one phrase.
    if let Some((first, rest)) = text.split_once(", ") {
        text = format!("{first}, {}", rest.to_lowercase());
    }
    text
}

/// The label of the first figure says so when the number is not of today.
fn label(view: &View, figure: &Figure) -> Markup {
    let said = figure::said(figure);
    match source::stale_since(view) {
        Some(since) => html! {
            p.figure__label.late { (icon("warn")) "On " (since) ", stale" }
            p.sr { (said.label) }
        },
        None => html! { p.figure__label title=(said.label) { bdi { (said.label) } } },
    }
}

fn one_figure(figure: &Figure, placed: &Placed<'_>, change: &Markup) -> Markup {
    let said = figure::said(figure);
    html! {
        p.figure__value {
            @if let Some(links) = placed.links {
                a href=(links.figure(&figure.id)) { (said.value) }
            } @else {
                (said.value)
            }
            @if let Some(band) = &said.band { small { (unit_of(figure)) (band) } }
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

fn change_in_full(said: &Said) -> Markup {
    html! { @if let Some(change) = &said.change {
        p.change { (amount(change)) " " bdi { (change.comparison()) } (verdict(change)) }
    } }
}

fn change_in_short(said: &Said, names_what_is_compared: bool) -> Markup {
    html! { @if let Some(change) = &said.change {
        p.change { (amount(change)) " " (change.word) (verdict(change)) }
        @if names_what_is_compared { p.change { bdi { (change.before()) } } }
    } }
}

pub(crate) fn amount(change: &figure::Change) -> Markup {
    let class = match change.verdict {
        Verdict::Better => Some("better"),
        Verdict::Worse => Some("worse"),
        Verdict::Neither => None,
    };
    html! { b class=[class] { span.arrow aria-hidden="true" { (change.arrow) } (change.amount) } }
}

pub(crate) fn verdict(change: &figure::Change) -> Markup {
    html! { @if change.verdict != Verdict::Neither { span.sr { ", " (change.verdict.word()) } } }
}
