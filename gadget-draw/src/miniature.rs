//! Views drawn small for the catalog, and the layout of a template.

use gadget_api::{Chart, Role, StackedBars, TileSize, View};
use maud::{Markup, html};

use super::{
    figure::{self, Assessment},
    look::{SeriesColor, stack},
    measure, ranking,
    tile::{NOTHING, has_nothing},
};

const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 150.0;
const MARGIN: f64 = 14.0;
/// More bars than these would be thinner than a line.
const MOST_BARS: usize = 27;

/// Draws a view small: its first figure, its first chart and its first rows.
pub fn miniature(view: &View) -> Markup {
    let entries = ranking::entries(view, 4);
    let chart = view.charts.iter().find_map(|chart| match chart {
        Chart::StackedBars(chart) => Some(chart),
        _ => None,
    });
    let (top, mut y) = (22.0, 36.0);
    let first = view.headline().map(figure::in_words);
    let figure = html! {
        @if let Some(figure_text) = &first {
            text.mini__value x=(MARGIN) y="48" { (figure_text.value) }
            @if let Some(change) = &figure_text.change {
                @let words = format!("{} {}", change.sign(), change.direction());
                text class=(match change.assessment {
                    Assessment::Better => "mini__change better",
                    Assessment::Worse => "mini__change worse",
                    Assessment::Neither => "mini__change",
                }) x=(MARGIN) y="66" { (measure::fitted(&words, 11.0, WIDTH - 2.0 * MARGIN)) }
            }
        }
    };
    if first.is_some() {
        y = 78.0;
    }
    html! {
        svg.mini viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (view.title) ", drawn small with sample data" } {
            rect.mini__card x=".5" y=".5" width=(WIDTH - 1.0) height=(HEIGHT - 1.0) rx="6" {}
            text.mini__title x=(MARGIN) y=(top) { (measure::fitted(&view.title, 12.0, WIDTH - 2.0 * MARGIN)) }
            (figure)
            @match chart {
                Some(chart) if entries.is_empty() => (bars(chart, (MARGIN, WIDTH - MARGIN), (y, HEIGHT - MARGIN))),
                Some(chart) => {
                    (bars(chart, (MARGIN, 160.0), (y, HEIGHT - MARGIN)))
                    (list(&entries, 176.0, y + 4.0))
                },
                None if entries.is_empty() => (bones(view, y)),
                None => (rows(&entries, y)),
            }
        }
    }
}

/// Draws where the tiles of a template lie, each with a chart.
pub fn layout_miniature(sizes: &[TileSize]) -> Markup {
    const GAP: f64 = 7.0;
    let rows = rows_of(sizes);
    #[expect(clippy::cast_precision_loss, reason = "a template has few rows")]
    let height = ((HEIGHT + GAP) / rows.len().max(1) as f64 - GAP).clamp(24.0, 70.0);
    #[expect(clippy::cast_precision_loss, reason = "a template has few rows")]
    let whole = (height + GAP) * rows.len() as f64 - GAP;
    let mut y = 0.0;
    let mut tiles = Vec::new();
    for row in &rows {
        let mut x = 0.0;
        for size in row {
            let width = (WIDTH + GAP) * f64::from(columns_of(*size)) / 12.0 - GAP;
            tiles.push((x, y, width));
            x += width + GAP;
        }
        y += height + GAP;
    }
    html! {
        svg.mini viewBox={ "0 0 " (WIDTH) " " (rounded(whole)) } role="img" aria-label={ "Layout of " (sizes.len()) " gadgets" } {
            @for (x, y, width) in tiles {
                rect.mini__card x=(rounded(x + 0.5)) y=(rounded(y + 0.5)) width=(rounded(width - 1.0)) height=(rounded(height - 1.0)) rx="5" {}
                rect.mini__row x=(rounded(x + 9.0)) y=(rounded(y + 8.0)) width=(rounded(width.min(100.0) * 0.42)) height="7" rx="2" {}
                (few_bars((x + 10.0, x + width - 10.0), (y + height * 0.42, y + height - 8.0)))
            }
        }
    }
}

fn columns_of(size: TileSize) -> u8 {
    match size {
        TileSize::S => 3,
        TileSize::M => 4,
        TileSize::L => 8,
        TileSize::XL => 12,
    }
}

/// Breaks tiles into rows as the grid of a page does.
fn rows_of(sizes: &[TileSize]) -> Vec<Vec<TileSize>> {
    const MOST_ROWS: usize = 5;
    let mut rows: Vec<Vec<TileSize>> = Vec::new();
    let mut taken = 12;
    for size in sizes {
        let columns = columns_of(*size);
        if taken + columns > 12 {
            rows.push(Vec::new());
            taken = 0;
        }
        taken += columns;
        if let Some(row) = rows.last_mut() {
            row.push(*size);
        }
    }
    rows.truncate(MOST_ROWS);
    rows
}

/// Draws bars without any words: what is gained above the line, what is lost below.
fn bars(chart: &StackedBars, (left, right): (f64, f64), (top, bottom): (f64, f64)) -> Markup {
    let first = chart.starts.len().saturating_sub(MOST_BARS);
    let places: Vec<usize> = (first..chart.starts.len()).collect();
    let pile = |role: Role, place: usize| -> Vec<(SeriesColor, f64)> {
        stack(&chart.series, role)
            .into_iter()
            .map(|(series, look)| {
                let value = series.values.get(place).map_or(0.0, |value| value.as_f64());
                let size = if value.is_finite() {
                    value.clamp(0.0, 1e18)
                } else {
                    0.0
                };
                (look.color, size)
            })
            .collect()
    };
    let sum = |role, place| pile(role, place).iter().map(|(_, size)| size).sum::<f64>();
    let most = |role| {
        places
            .iter()
            .map(|place| sum(role, *place))
            .fold(0.0, f64::max)
    };
    let (up, down) = (most(Role::Gain), most(Role::Loss));
    if up + down <= 0.0 {
        return html! { path.c-zero d={ "M" (left) " " (rounded(f64::midpoint(top, bottom))) "H" (right) } {} };
    }
    let scale = (bottom - top) / (up + down);
    let zero = top + up * scale;
    #[expect(clippy::cast_precision_loss, reason = "there are few bars")]
    let slot = (right - left) / places.len().max(1) as f64;
    let mut marks = Vec::new();
    for (step, place) in places.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "there are few bars")]
        let x = left + slot * (step as f64 + 0.15);
        for (role, sign) in [(Role::Gain, -1.0), (Role::Loss, 1.0)] {
            let mut near = zero;
            for (color, size) in pile(role, *place) {
                let far = near + sign * size * scale;
                marks.push((color, x, near.min(far), (far - near).abs()));
                near = far;
            }
        }
    }
    html! {
        @for (color, x, y, height) in marks.into_iter().filter(|(.., height)| *height >= 0.05) {
            rect class=(color.class()) x=(rounded(x)) y=(rounded(y)) width=(rounded(slot * 0.7)) height=(rounded(height)) {}
        }
        path.c-zero d={ "M" (left) " " (zero.round()) "H" (right) } {}
    }
}

/// Draws bars that stand for no numbers.
fn few_bars((left, right): (f64, f64), (top, bottom): (f64, f64)) -> Markup {
    const UP: [f64; 12] = [
        0.5, 0.8, 0.6, 1.0, 0.7, 0.9, 0.55, 0.85, 0.65, 0.95, 0.75, 0.9,
    ];
    const DOWN: [f64; 4] = [0.5, 1.0, 0.6, 0.8];
    const SLOT: f64 = 11.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a tile is at most 300 wide"
    )]
    let count = ((right - left) / SLOT).max(1.0) as usize;
    let zero = (top + (bottom - top) * 0.78).round();
    html! {
        @for place in 0..count {
            @let x = left + SLOT * f64::from(u32::try_from(place).unwrap_or_default());
            @let up = (zero - top) * UP[place % UP.len()];
            rect."tone-good-1" x=(rounded(x)) y=(rounded(zero - up)) width="7" height=(rounded(up)) {}
            rect."tone-bad-1" x=(rounded(x)) y=(rounded(zero + 1.0)) width="7" height=(rounded((bottom - zero) * DOWN[place % DOWN.len()])) {}
        }
    }
}

fn list(entries: &[ranking::Entry], left: f64, top: f64) -> Markup {
    let right = WIDTH - MARGIN;
    html! {
        @for (place, entry) in (0_u8..).zip(entries) {
            @let y = top + 12.0 + 16.0 * f64::from(place);
            @let room = right - left - measure::width(&entry.value, 11.0) - 8.0;
            text.mini__text x=(left) y=(y) { (measure::fitted(&entry.label, 11.0, room)) }
            text.mini__number.c-end x=(right) y=(y) { (entry.value) }
        }
    }
}

fn rows(entries: &[ranking::Entry], top: f64) -> Markup {
    html! {
        @for (place, entry) in (0_u8..).zip(entries) {
            @let y = top + 26.0 * f64::from(place);
            @if y + 20.0 <= HEIGHT - 8.0 {
                rect.mini__row x=(MARGIN) y=(y) width=(WIDTH - 2.0 * MARGIN) height="20" rx="3" {}
                text.mini__text x=(MARGIN + 8.0) y=(y + 14.0) { (measure::fitted(&entry.label, 11.0, 170.0)) }
                text.mini__number.c-end x=(WIDTH - MARGIN - 8.0) y=(y + 14.0) { (entry.value) }
            }
        }
    }
}

/// Draws what a view has that is no chart and no list: its other figures, or lines that stand for it.
fn bones(view: &View, top: f64) -> Markup {
    let figures: Vec<_> = figure::in_order(view)
        .into_iter()
        .skip(1)
        .take(3)
        .map(figure::in_words)
        .collect();
    html! {
        @if has_nothing(view) {
            text.mini__text x=(MARGIN) y=(top + 12.0) { (measure::fitted(NOTHING, 11.0, WIDTH - 2.0 * MARGIN)) }
        } @else if figures.is_empty() {
            @for (place, width) in (0_u8..).zip([272, 220, 248]) {
                rect.mini__row x=(MARGIN) y=(top + 4.0 + 20.0 * f64::from(place)) width=(width) height="12" rx="3" {}
            }
        } @else {
            @for (place, figure_text) in (0_u8..).zip(&figures) {
                @let x = MARGIN + 92.0 * f64::from(place);
                text.mini__text x=(x) y=(top + 16.0) { (measure::fitted(&figure_text.label, 11.0, 86.0)) }
                text.mini__number x=(x) y=(top + 34.0) { (figure_text.value) }
            }
        }
    }
}

fn rounded(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn by_element(markup: Markup) -> String {
        markup.into_string().replace("><", ">\n<")
    }

    #[test]
    fn the_miniature_is_as_it_was() {
        insta::assert_snapshot!("miniature", by_element(miniature(&sample::vendor())));
        insta::assert_snapshot!(
            "layout_miniature",
            by_element(layout_miniature(&[
                TileSize::XL,
                TileSize::M,
                TileSize::M,
                TileSize::M
            ]))
        );
    }

    #[test]
    fn any_view_has_a_miniature_with_its_title() {
        let mut without_charts = sample::timeboard();
        without_charts.charts.clear();
        let mut figures_alone = without_charts.clone();
        figures_alone.tables.clear();
        for view in [
            View::new("<b>"),
            without_charts,
            figures_alone,
            sample::made_of("<b>"),
        ] {
            let drawn = miniature(&view).into_string();
            assert!(drawn.contains("drawn small with sample data"));
            assert!(!drawn.contains("<b>") && !drawn.contains("NaN"), "{drawn}");
        }
    }

    #[test]
    fn tiles_break_into_rows_as_on_a_page() {
        use TileSize::{L, M, S, XL};
        for (sizes, rows) in [
            (vec![XL, M, M, M], vec![vec![XL], vec![M, M, M]]),
            (vec![L, M, S, L], vec![vec![L, M], vec![S, L]]),
            (vec![S; 5], vec![vec![S; 4], vec![S]]),
            (vec![], vec![]),
        ] {
            assert_eq!(rows_of(&sizes), rows);
        }
    }
}
