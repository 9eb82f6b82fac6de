//! A small table in a picture that is a file.

use gadget_api::Table;

use super::{
    look::label_of,
    pen::{Anchor, Type},
    sheet::{Sheet, fitted, width},
    table::{caption_of, is_number, written},
};

const ROW: f64 = 24.0;
const GAP: f64 = 14.0;
/// In a wider table a row is hard to follow.
const WIDEST: f64 = 520.0;

/// Draws a table in the width of the sheet: the first column takes what the others leave.
pub(crate) fn table(sheet: &mut Sheet, table: &Table) {
    let whole = sheet.room;
    sheet.room = whole.min(WIDEST);
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
        .enumerate()
        .map(|(place, column)| {
            // The caption names the first column.
            if place == 0 {
                caption_of(table)
            } else {
                label_of(&column.label, &column.id)
            }
        })
        .collect();
    let widths = widths_of(&heads, &cells, sheet.room);
    let mut rights = Vec::with_capacity(widths.len());
    let mut right = sheet.x;
    for width in &widths {
        right += width;
        rights.push(right);
        right += GAP;
    }
    let row = |sheet: &mut Sheet, texts: &[String], kind_of: &dyn Fn(usize) -> Type| {
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
    row(sheet, &heads, &|_| Type::Label);
    for texts in &cells {
        row(sheet, texts, &|place| {
            if place == 0 { Type::Label } else { Type::Prose }
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
            .map(|text| width(text, Type::Label) + 2.0)
            .fold(0.0, f64::max)
            .min(room / 3.0)
    };
    let mut widths: Vec<f64> = (0..heads.len()).map(widest).collect();
    let others: f64 = widths.iter().skip(1).map(|width| width + GAP).sum();
    if let Some(first) = widths.first_mut() {
        *first = (room - others).max(60.0);
    }
    widths
}
