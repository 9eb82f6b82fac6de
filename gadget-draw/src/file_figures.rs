//! The figures of a tile in a picture that is a file.

use gadget_api::{Figure, View};

use super::{
    figure::{self, Assessment, Change, FigureText},
    paint::{Anchor, Paint, TextStyle},
    sheet::{Sheet, fitted, width},
    source,
    tile_figures::names,
};

/// How many figures stand side by side below the first one.
const COLUMNS: usize = 3;
/// From this width on there is one more column, and room to say what each figure is compared with.
const WIDE: f64 = 600.0;
const GAP: f64 = 20.0;

/// Draws the figures: the first one large, the others below it.
pub(crate) fn below(sheet: &mut Sheet, view: &View) {
    let all = figure::in_order(view);
    let Some((first, others)) = all.split_first() else {
        return;
    };
    let (x, room) = (sheet.x, sheet.room);
    sheet.y += hero(sheet, view, first, (x, room)) + 16.0;
    if sheet.room >= WIDE {
        rows(sheet, others, COLUMNS + 1, Compared::Each);
        return;
    }
    // Where columns are narrow, what most figures are compared with is written once.
    let common = figure::common_comparison(others);
    let (once, apart): (Vec<&Figure>, Vec<&Figure>) = others
        .iter()
        .copied()
        .partition(|figure| common.is_some() && figure.previous_label.as_deref() == common);
    rows(sheet, &once, COLUMNS, Compared::Once);
    if let Some(common) = common {
        sheet.y -= 10.0;
        sheet.paragraph(
            TextStyle::Meta,
            &format!("{} against {common}", names(&once)),
            0.0,
        );
        sheet.y += 10.0;
    }
    for figure in apart {
        in_a_line(sheet, figure);
    }
    sheet.y += 6.0;
}

/// Whether each figure says what it is compared with.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Compared {
    Each,
    Once,
}

fn rows(sheet: &mut Sheet, figures: &[&Figure], columns: usize, compared: Compared) {
    for row in figures.chunks(columns) {
        let width = column_width(sheet.room, columns);
        let mut left = sheet.x;
        let mut height: f64 = 0.0;
        for figure in row {
            height = height.max(one(sheet, figure, (left, width), compared));
            left += width + GAP;
        }
        sheet.y += height + 16.0;
    }
}

/// Draws a figure in the whole width: what it is on the left, its number on the right.
fn in_a_line(sheet: &mut Sheet, figure: &Figure) {
    let figure_text = figure::in_words(figure);
    sheet.hairline();
    let (left, right, y) = (sheet.x, sheet.x + sheet.room, sheet.y);
    let room = sheet.room - width(&figure_text.value, TextStyle::Figure) - GAP;
    let label = fitted(&figure_text.label, TextStyle::Label, room);
    let at = (left, y + 20.0);
    sheet.svg.text(TextStyle::Label, Anchor::Start, at, &label);
    if let Some(change) = &figure_text.change {
        let sign = change.sign();
        let room = room - width(&sign, TextStyle::Even) - 5.0;
        let words = change.comparison();
        // The number before is what can be missed first.
        let words = if width(&words, TextStyle::Meta) > room {
            fitted(change.direction().as_str(), TextStyle::Meta, room)
        } else {
            words
        };
        sheet.svg.runs(
            Anchor::Start,
            (left, y + 37.0),
            &[
                (kind_of(change), 0.0, &sign),
                (TextStyle::Meta, 5.0, &words),
            ],
        );
    }
    let at = (right, y + 30.0);
    sheet
        .svg
        .text(TextStyle::Title, Anchor::End, at, &figure_text.value);
    sheet.y += 48.0;
}

/// Draws the figures in one row, as far as they have room, with hairlines between them.
pub(crate) fn in_a_row(sheet: &mut Sheet, view: &View) {
    const MOST: usize = 4;
    let all = figure::in_order(view);
    let Some((first, others)) = all.split_first() else {
        return;
    };
    let hero_room = (sheet.room * 0.24).round();
    let x = sheet.x;
    let mut height = hero(sheet, view, first, (x, hero_room));
    let room = sheet.room - hero_room - GAP;
    for row in others.chunks(MOST) {
        let width = column_width(room, MOST);
        let mut left = sheet.x + hero_room + GAP;
        for figure in row {
            let (top, line) = (sheet.y, left - GAP / 2.0);
            height = height.max(one(
                sheet,
                figure,
                (left + 6.0, width - 6.0),
                Compared::Each,
            ));
            sheet.svg.vertical(
                Paint::Hairline,
                line.round(),
                top.round(),
                (top + 78.0).round(),
            );
            left += width + GAP;
        }
        sheet.y += height + 20.0;
        height = 0.0;
    }
    if height > 0.0 {
        sheet.y += height + 20.0;
    }
}

fn column_width(room: f64, columns: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "there are few columns")]
    let columns = columns as f64;
    (room - GAP * (columns - 1.0)) / columns
}

/// Draws the first figure and returns its height.
fn hero(sheet: &mut Sheet, view: &View, figure: &Figure, (x, room): (f64, f64)) -> f64 {
    let figure_text = figure::in_words(figure);
    let y = sheet.y;
    let (kind, label) = match source::stale_since(view) {
        Some(since) => (
            TextStyle::Late,
            format!("{} on {since}, stale", figure_text.label),
        ),
        None => (TextStyle::Label, figure_text.label.clone()),
    };
    let label = fitted(&label, kind, room);
    sheet.svg.text(kind, Anchor::Start, (x, y + 12.0), &label);
    let band = figure_text.band.clone().unwrap_or_default();
    let value_width = width(&figure_text.value, TextStyle::Hero);
    let is_beside = value_width + 10.0 + width(&band, TextStyle::Prose) <= room;
    let beside = if is_beside { band.as_str() } else { "" };
    sheet.svg.runs(
        Anchor::Start,
        (x, y + 43.0),
        &[
            (TextStyle::Hero, 0.0, &figure_text.value),
            (TextStyle::Prose, 9.0, beside),
        ],
    );
    let mut height = 52.0;
    if !is_beside {
        height += 15.0;
        let band = fitted(&band, TextStyle::Prose, room);
        let at = (x, y + height - 2.0);
        sheet.svg.text(TextStyle::Prose, Anchor::Start, at, &band);
    }
    if let Some(change) = &figure_text.change {
        height += 15.0;
        let sign = change.sign();
        let room = room - width(&sign, TextStyle::Even) - 5.0;
        let words = fitted(&change.comparison(), TextStyle::Meta, room);
        sheet.svg.runs(
            Anchor::Start,
            (x, y + height - 2.0),
            &[
                (kind_of(change), 0.0, &sign),
                (TextStyle::Meta, 5.0, &words),
            ],
        );
    }
    height
}

/// Draws one of the other figures and returns its height.
fn one(sheet: &mut Sheet, figure: &Figure, (x, room): (f64, f64), compared: Compared) -> f64 {
    let figure_text: FigureText = figure::in_words(figure);
    let y = sheet.y;
    let mut text = |kind: TextStyle, down: f64, text: &str| {
        let fitted = fitted(text, kind, room);
        sheet.svg.text(kind, Anchor::Start, (x, y + down), &fitted);
    };
    text(TextStyle::Label, 12.0, &figure_text.label);
    text(TextStyle::Figure, 36.0, &figure_text.value);
    let mut down = 36.0;
    if let Some(band) = &figure_text.band {
        down += 17.0;
        text(TextStyle::Prose, down, band);
    }
    let Some(change) = &figure_text.change else {
        return down + 6.0;
    };
    down += 18.0;
    if compared == Compared::Each {
        text(TextStyle::Meta, down + 16.0, &change.before());
    }
    let sign = change.sign();
    let word = fitted(
        change.word,
        TextStyle::Meta,
        room - width(&sign, TextStyle::Even) - 5.0,
    );
    sheet.svg.runs(
        Anchor::Start,
        (x, y + down),
        &[(kind_of(change), 0.0, &sign), (TextStyle::Meta, 5.0, &word)],
    );
    down + if compared == Compared::Each {
        22.0
    } else {
        6.0
    }
}

/// Returns how the number of a change is written.
fn kind_of(change: &Change) -> TextStyle {
    match change.assessment {
        Assessment::Better => TextStyle::Better,
        Assessment::Worse => TextStyle::Worse,
        Assessment::Neither => TextStyle::Even,
    }
}
