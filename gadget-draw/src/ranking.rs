//! The rows of a small table as a list: what it is, how many, and how that changed.

use gadget_api::{Cell, ColumnKind, ColumnRole, Number, Table, TileSize, View};

use super::{look::label_of, number, table::is_number, tile_tables::tile_tables};

/// One row, as short as it can be said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) label: String,
    pub(crate) value: String,
    /// How much more it is than earlier, and when that was, where the table says so.
    pub(crate) change: Option<(Number, String)>,
}

/// Returns the first rows of the first table that is on a wide tile.
pub(crate) fn entries(view: &View, most: usize) -> Vec<Entry> {
    let Some(shown) = tile_tables(view, TileSize::XL).into_iter().next() else {
        return Vec::new();
    };
    let table = view.table(&shown.id).unwrap_or(&shown);
    let Some(places) = Places::of(table) else {
        return Vec::new();
    };
    let rows = table.rows.iter().take(most.min(shown.rows.len()));
    let entries: Option<Vec<_>> = rows.map(|row| places.entry(table, row)).collect();
    // A table of other things than names and numbers is not a list.
    entries.unwrap_or_default()
}

/// Which columns tell what a row is.
struct Places {
    label: usize,
    value: usize,
    earlier: Option<usize>,
}

impl Places {
    /// Finds the columns by their roles; without roles, a row is its first text and its first number.
    fn of(table: &Table) -> Option<Self> {
        let columns = &table.columns;
        let with = |role| columns.iter().position(|column| column.role == Some(role));
        let text = || {
            columns
                .iter()
                .position(|column| column.kind == ColumnKind::Text)
        };
        Some(Self {
            label: with(ColumnRole::Label).or_else(text)?,
            value: with(ColumnRole::Level).or_else(|| columns.iter().position(is_number))?,
            earlier: with(ColumnRole::EarlierLevel),
        })
    }

    fn entry(&self, table: &Table, row: &[Cell]) -> Option<Entry> {
        let Cell::Text(label) = row.get(self.label)? else {
            return None;
        };
        let now = number_of(row.get(self.value)?)?;
        let earlier = self.earlier.and_then(|place| {
            let column = table.columns.get(place)?;
            let before = number_of(row.get(place)?)?;
            let when = in_a_sentence(&label_of(&column.label, &column.id));
            Some((number::difference(now, before), when))
        });
        Some(Entry {
            label: label.clone(),
            value: number::plain(now),
            change: earlier,
        })
    }
}

/// Returns a label as it stands within a sentence. Names and abbreviations keep their capitals.
fn in_a_sentence(label: &str) -> String {
    let mut words = label.splitn(2, ' ');
    match (words.next(), words.next()) {
        (Some(article @ ("A" | "An" | "The")), Some(rest)) => {
            format!("{} {rest}", article.to_lowercase())
        }
        _ => label.to_owned(),
    }
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
    fn a_row_is_its_label_its_level_and_the_change_since_the_earlier_level() {
        let of = |view: &View| {
            entries(view, 2)
                .into_iter()
                .map(|entry| (entry.label, entry.value, entry.change))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of(&sample::vendor()),
            [
                (
                    "Timeboard".into(),
                    "18,390".into(),
                    Some((22.into(), "a week ago".into()))
                ),
                (
                    "Planboard".into(),
                    "9,126".into(),
                    Some(((-10).into(), "a week ago".into()))
                ),
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
