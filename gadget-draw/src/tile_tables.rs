//! Which tables of a view are on a tile, and which of their columns and rows.

use gadget_api::{Column, Table, TileSize, View, Visibility};

use super::look::label_of;

/// How many rows a table has on a tile where the view does not say it.
const USUAL_ROWS: usize = 8;
/// The most rows of a table on a tile, so that a picture stays one that can be looked at.
const MOST_ROWS: usize = 100;
/// A table with more columns takes the whole width of a tile.
const MOST_COLUMNS_BESIDE: usize = 5;

/// Returns the tables that are on a tile of this size, with the columns and rows that are shown there.
///
/// A narrow tile has tables only where it has nothing else to show.
pub(crate) fn tile_tables(view: &View, size: TileSize) -> Vec<Table> {
    let is_wide = match size {
        TileSize::L | TileSize::XL => true,
        TileSize::M if view.charts.is_empty() => false,
        TileSize::S if view.charts.is_empty() && view.figures.is_empty() => false,
        TileSize::S | TileSize::M => return Vec::new(),
    };
    let is_shown = |column: &Column| match column.visibility {
        Visibility::Data => false,
        Visibility::WideTile => is_wide,
        _ => true,
    };
    view.tables
        .iter()
        .filter(|table| !table.rows.is_empty())
        .filter_map(|table| Some((table, rows_on_tile(view, table)?)))
        .map(|(table, rows)| shortened(with_columns(table, is_shown), rows))
        .filter(|table| !table.columns.is_empty())
        .collect()
}

/// Tells whether a table has room beside a chart.
pub(crate) fn fits_beside(table: &Table) -> bool {
    table.columns.len() <= MOST_COLUMNS_BESIDE
}

/// Returns how many rows of a table are on a tile; nothing for a table that is not.
fn rows_on_tile(view: &View, table: &Table) -> Option<usize> {
    let holds_chart = || {
        let mut charts = view.charts.iter();
        charts.any(|chart| chart.id() == Some(&table.id))
    };
    match table.tile_rows {
        Some(0) => None,
        Some(rows) => Some(usize::try_from(rows).unwrap_or(MOST_ROWS).min(MOST_ROWS)),
        None if holds_chart() => None,
        None => Some(USUAL_ROWS),
    }
}

/// Keeps the first rows of a table; all of them are among the data of the tile.
fn shortened(mut table: Table, rows: usize) -> Table {
    let count = table.rows.len();
    if count > rows {
        table.rows.truncate(rows);
        let label = label_of(&table.label, &table.id);
        table.label = format!("{label}, the first {rows} of {count}");
    }
    table
}

/// Returns a table with some of its columns.
fn with_columns(table: &Table, is_kept: impl Fn(&Column) -> bool) -> Table {
    let kept: Vec<bool> = table.columns.iter().map(is_kept).collect();
    let mut part = table.clone();
    keep(&mut part.columns, &kept);
    for row in &mut part.rows {
        keep(row, &kept);
    }
    part
}

fn keep<T>(all: &mut Vec<T>, kept: &[bool]) {
    let mut marks = kept.iter().copied();
    all.retain(|_| marks.next().unwrap_or(true));
}

#[cfg(test)]
mod tests {
    use gadget_api::{Cell, ColumnKind, Figure};

    use super::*;

    fn table(columns: usize, rows: usize) -> Table {
        let column = |place: usize| Column::new(format!("c{place}"), "", ColumnKind::Integer);
        let mut table = Table::new("numbers", "Numbers", (0..columns).map(column).collect());
        table.rows = vec![vec![Cell::Integer(1); columns]; rows];
        table
    }

    fn view(table: Table) -> View {
        let mut view = View::new("t");
        view.tables = vec![table];
        view
    }

    #[test]
    fn tables_of_any_number_of_columns_are_on_a_wide_tile() {
        for columns in [1, 2, 7, 12] {
            let shown = tile_tables(&view(table(columns, 3)), TileSize::L);
            assert_eq!(shown[0].columns.len(), columns);
            assert_eq!(shown[0].rows.len(), 3);
            assert_eq!(fits_beside(&shown[0]), columns < 6);
        }
    }

    #[test]
    fn the_view_says_how_many_rows_and_which_columns_a_tile_shows() {
        let rows = |table: Table| {
            let shown = tile_tables(&view(table), TileSize::XL);
            shown.first().map(|table| table.rows.len())
        };
        assert_eq!(rows(table(2, 30)), Some(8));
        assert_eq!(rows(table(2, 30).with_tile_rows(20)), Some(20));
        assert_eq!(rows(table(2, 30).with_tile_rows(0)), None);
        assert_eq!(rows(table(2, 300).with_tile_rows(u32::MAX)), Some(100));
        let mut some = table(3, 9);
        some.columns[0].visibility = Visibility::Data;
        some.columns[1].visibility = Visibility::WideTile;
        let ids = |size| -> Vec<String> {
            let shown = tile_tables(&view(some.clone()), size);
            shown[0].columns.iter().map(|c| c.id.clone()).collect()
        };
        assert_eq!(ids(TileSize::L), ["c1", "c2"]);
        assert_eq!(ids(TileSize::M), ["c2"]);
        let shown = tile_tables(&view(some.clone()), TileSize::L);
        assert_eq!(shown[0].label, "Numbers, the first 8 of 9");
    }

    #[test]
    fn a_small_tile_has_a_table_where_it_has_nothing_else() {
        let mut only = view(table(2, 1));
        assert_eq!(tile_tables(&only, TileSize::S).len(), 1);
        only.figures = vec![Figure::new("f", "F", "", 1)];
        assert_eq!(tile_tables(&only, TileSize::S).len(), 0);
        assert_eq!(tile_tables(&only, TileSize::M).len(), 1);
    }
}
