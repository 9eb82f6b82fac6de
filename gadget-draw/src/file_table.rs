//! A table in a picture that is a file.

use gadget_api::Table;

use super::{
    look::label_of,
    paint::{Anchor, TextStyle},
    sheet::{Sheet, fitted, width},
    table::{caption_of, is_number, written},
};

const ROW: f64 = 24.0;
const GAP: f64 = 14.0;
/// In a wider table of few columns a row is hard to follow.
const WIDEST: f64 = 520.0;
/// A table of more columns has the whole width.
const MOST_NARROW_COLUMNS: usize = 5;
/// A column is not squeezed to less than this.
const LEAST_COLUMN: f64 = 16.0;

/// Draws a table in the width of the sheet: the first column takes what the others leave.
pub(crate) fn table(sheet: &mut Sheet, table: &Table) {
    let whole = sheet.room;
    if table.columns.len() <= MOST_NARROW_COLUMNS {
        sheet.room = whole.min(WIDEST);
    }
    sheet.paragraph(TextStyle::Label, &caption_of(table), 0.0);
    let cells: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| {
            let cells = row.iter().zip(&table.columns);
            cells.map(|(cell, column)| written(cell, column)).collect()
        })
        .collect();
    let heads: Vec<String> = table
        .columns
        .iter()
        .map(|column| label_of(&column.label, &column.id))
        .collect();
    let widths = widths_of(&heads, &cells, sheet.room);
    let mut rights = Vec::with_capacity(widths.len());
    let mut right = sheet.x;
    for width in &widths {
        right += width;
        rights.push(right);
        right += GAP;
    }
    let row = |sheet: &mut Sheet, texts: &[String], kind_of: &dyn Fn(usize) -> TextStyle| {
        sheet.y += ROW;
        for (place, text) in texts.iter().enumerate().take(widths.len()) {
            let is_number = place > 0 && table.columns.get(place).is_some_and(is_number);
            let fitted = fitted(text, kind_of(place), widths[place]);
            let (anchor, x) = if is_number {
                (Anchor::End, rights[place])
            } else {
                (Anchor::Start, rights[place] - widths[place])
            };
            let at = (x, sheet.y - 8.0);
            sheet.svg.text(kind_of(place), anchor, at, &fitted);
        }
        sheet.hairline();
    };
    row(sheet, &heads, &|_| TextStyle::Label);
    for texts in &cells {
        row(sheet, texts, &|place| {
            if place == 0 {
                TextStyle::Label
            } else {
                TextStyle::Prose
            }
        });
    }
    sheet.room = whole;
    sheet.y += 22.0;
}

/// Returns the widths of the columns, which with the gaps between them fill the room.
fn widths_of(heads: &[String], cells: &[Vec<String>], room: f64) -> Vec<f64> {
    let widest = |place: usize| {
        let column = cells.iter().filter_map(|row| row.get(place));
        column
            .chain(heads.get(place))
            .map(|text| width(text, TextStyle::Label) + 2.0)
            .fold(0.0, f64::max)
            .min(room / 3.0)
    };
    let mut widths: Vec<f64> = (0..heads.len()).map(widest).collect();
    #[expect(clippy::cast_precision_loss, reason = "there are at most 64 columns")]
    let room = room - GAP * widths.len().saturating_sub(1) as f64;
    let all: f64 = widths.iter().sum();
    if all > room {
        // Too many or too wide columns: each gives up the same share.
        for width in &mut widths {
            *width = (*width * room / all).max(LEAST_COLUMN);
        }
    } else if let Some(first) = widths.first_mut() {
        *first += room - all;
    }
    widths
}
