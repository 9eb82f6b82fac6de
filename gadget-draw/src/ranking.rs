//! The rows of a small table as a list: what it is, how many, and how that changed.

use gadget_api::{Cell, Number, Table, View};

use super::{number, table::is_number, tile::side_tables};

/// One row, as short as it can be said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) label: String,
    pub(crate) value: String,
    /// How much more it is than a week ago, where the table says so.
    pub(crate) change: Option<Number>,
}

/// Returns the first rows of the first table that is worth its room beside a chart.
pub(crate) fn entries(view: &View, most: usize) -> Vec<Entry> {
    let Some(table) = side_tables(view).into_iter().next() else {
        return Vec::new();
    };
    let whole = view.table(&table.id).unwrap_or(&table);
    let rows = table.rows.iter().zip(&whole.rows).take(most);
    let entries: Option<Vec<_>> = rows
        .map(|(row, whole_row)| entry(&table, row, whole, whole_row))
        .collect();
    // A table of other things than names and numbers is no list.
    entries.unwrap_or_default()
}

fn entry(table: &Table, row: &[Cell], whole: &Table, whole_row: &[Cell]) -> Option<Entry> {
    let Some(Cell::Text(label)) = row.first() else {
        return None;
    };
    let place = table.columns.iter().position(is_number)?;
    let now = number_of(row.get(place)?)?;
    let before = format!("{}_ago", week_of(&table.columns[place].id));
    let ago = whole.columns.iter().position(|column| column.id == before);
    let before = ago
        .and_then(|place| whole_row.get(place))
        .and_then(number_of);
    Some(Entry {
        label: label.clone(),
        value: number::plain(now),
        change: before.map(|before| number::difference(now, before)),
    })
}

/// Returns what a column is called a week before: `users_week` for `users_now`.
fn week_of(id: &str) -> String {
    format!("{}_week", id.strip_suffix("_now").unwrap_or(id))
}

fn number_of(cell: &Cell) -> Option<Number> {
    match cell {
        Cell::Integer(whole) => Some(Number::Integer(*whole)),
        Cell::Number(real) => Some(Number::Real(*real)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_row_is_its_name_its_first_number_and_the_change_in_a_week() {
        let of = |view: &View| {
            entries(view, 2)
                .into_iter()
                .map(|entry| (entry.label, entry.value, entry.change))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of(&sample::vendor()),
            [
                ("Timeboard".into(), "18,390".into(), Some(22.into())),
                ("Planboard".into(), "9,126".into(), Some((-10).into())),
            ]
        );
        assert_eq!(
            of(&sample::timeboard()),
            [
                ("Cloud".into(), "15,110".into(), None),
                ("Data Center".into(), "3,280".into(), None),
            ]
        );
        assert_eq!(of(&View::new("nothing")), []);
    }
}
