//! The figures of a tile in a picture that is a file.

use gadget_api::{Figure, View};

use super::{
    figure::{self, Change, Said, Verdict},
    pen::{Anchor, Pen, Type},
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
    let Some(first) = view.figures.first() else {
        return;
    };
    let (x, room) = (sheet.x, sheet.room);
    sheet.y += hero(sheet, view, first, (x, room)) + 16.0;
    if sheet.room >= WIDE {
        let all: Vec<_> = view.figures[1..].iter().collect();
        rows(sheet, &all, COLUMNS + 1, Compared::Each);
        return;
    }
    // Where columns are narrow, what most figures are compared with is said once.
    let common = figure::common_comparison(view);
    let (once, apart): (Vec<&Figure>, Vec<&Figure>) = view.figures[1..]
        .iter()
        .partition(|figure| common.is_some() && figure.previous_label.as_deref() == common);
    rows(sheet, &once, COLUMNS, Compared::Once);
    if let Some(common) = common {
        sheet.y -= 10.0;
        sheet.paragraph(
            Type::Meta,
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
    let said = figure::said(figure);
    sheet.hairline();
    let (left, right, y) = (sheet.x, sheet.x + sheet.room, sheet.y);
    let room = sheet.room - width(&said.value, Type::Figure) - GAP;
    let label = fitted(&said.label, Type::Label, room);
    let at = (left, y + 20.0);
    sheet.svg.text(Type::Label, Anchor::Start, at, &label);
    if let Some(change) = &said.change {
        let sign = change.sign();
        let room = room - width(&sign, Type::Even) - 5.0;
        let words = change.comparison();
        // The number before is what can be missed first.
        let words = if width(&words, Type::Meta) > room {
            fitted(change.direction().as_str(), Type::Meta, room)
        } else {
            words
        };
        sheet.svg.runs(
            Anchor::Start,
            (left, y + 37.0),
            &[(kind_of(change), 0.0, &sign), (Type::Meta, 5.0, &words)],
        );
    }
    let at = (right, y + 30.0);
    sheet.svg.text(Type::Title, Anchor::End, at, &said.value);
    sheet.y += 48.0;
}

/// Draws the figures in one row, as far as they have room, with hairlines between them.
pub(crate) fn in_a_row(sheet: &mut Sheet, view: &View) {
    const MOST: usize = 4;
    let Some(first) = view.figures.first() else {
        return;
    };
    let hero_room = (sheet.room * 0.24).round();
    let x = sheet.x;
    let mut height = hero(sheet, view, first, (x, hero_room));
    let room = sheet.room - hero_room - GAP;
    for row in view.figures[1..].chunks(MOST) {
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
                Pen::Hairline,
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
    let said = figure::said(figure);
    let y = sheet.y;
    let (kind, label) = match source::stale_since(view) {
        Some(since) => (Type::Late, format!("{} on {since}, stale", said.label)),
        None => (Type::Label, said.label.clone()),
    };
    let label = fitted(&label, kind, room);
    sheet.svg.text(kind, Anchor::Start, (x, y + 12.0), &label);
    let band = said.band.clone().unwrap_or_default();
    let value_width = width(&said.value, Type::Hero);
    let is_beside = value_width + 10.0 + width(&band, Type::Prose) <= room;
    let beside = if is_beside { band.as_str() } else { "" };
    sheet.svg.runs(
        Anchor::Start,
        (x, y + 43.0),
        &[(Type::Hero, 0.0, &said.value), (Type::Prose, 9.0, beside)],
    );
    let mut height = 52.0;
    if !is_beside {
        height += 15.0;
        let band = fitted(&band, Type::Prose, room);
        let at = (x, y + height - 2.0);
        sheet.svg.text(Type::Prose, Anchor::Start, at, &band);
    }
    if let Some(change) = &said.change {
        height += 15.0;
        let sign = change.sign();
        let room = room - width(&sign, Type::Even) - 5.0;
        let words = fitted(&change.comparison(), Type::Meta, room);
        sheet.svg.runs(
            Anchor::Start,
            (x, y + height - 2.0),
            &[(kind_of(change), 0.0, &sign), (Type::Meta, 5.0, &words)],
        );
    }
    height
}

/// Draws one of the other figures and returns its height.
fn one(sheet: &mut Sheet, figure: &Figure, (x, room): (f64, f64), compared: Compared) -> f64 {
    let said: Said = figure::said(figure);
    let y = sheet.y;
    let mut text = |kind: Type, down: f64, text: &str| {
        let fitted = fitted(text, kind, room);
        sheet.svg.text(kind, Anchor::Start, (x, y + down), &fitted);
    };
    text(Type::Label, 12.0, &said.label);
    text(Type::Figure, 36.0, &said.value);
    let mut down = 36.0;
    if let Some(band) = &said.band {
        down += 17.0;
        text(Type::Prose, down, band);
    }
    let Some(change) = &said.change else {
        return down + 6.0;
    };
    down += 18.0;
    if compared == Compared::Each {
        text(Type::Meta, down + 16.0, &change.before());
    }
    let sign = change.sign();
    let word = fitted(
        change.word,
        Type::Meta,
        room - width(&sign, Type::Even) - 5.0,
    );
    sheet.svg.runs(
        Anchor::Start,
        (x, y + down),
        &[(kind_of(change), 0.0, &sign), (Type::Meta, 5.0, &word)],
    );
    down + if compared == Compared::Each {
        22.0
    } else {
        6.0
    }
}

/// Returns how the number of a change is written.
fn kind_of(change: &Change) -> Type {
    match change.verdict {
        Verdict::Better => Type::Better,
        Verdict::Worse => Type::Worse,
        Verdict::Neither => Type::Even,
    }
}
