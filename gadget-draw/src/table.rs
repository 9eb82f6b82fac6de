//! A table on a page, and the tables that stand in for a chart where nobody can see it.

use gadget_api::{Cell, Chart, Column, ColumnKind, Number, StackedBars, Table, View, Waterfall};
use maud::{Markup, html};

use super::{
    day,
    key::{entries, swatch},
    look::{Look, label_of},
    number, waterfall,
};

/// Returns a table element.
pub(crate) fn html_table(table: &Table, caption: &str) -> Markup {
    let plain = Dress {
        is_of_rows: false,
        first: usize::MAX,
        most: usize::MAX,
        signs: &[],
        foot: None,
    };
    dressed(table, caption, &plain)
}

/// How many columns stand in the table of rows at first; the ones that come later tell less.
const FIRST_COLUMNS: usize = 11;

/// How many rows the table of rows has at most: a file has more, and a page of thousands helps nobody.
const MOST_ROWS: usize = 500;

/// Returns the table of the rows behind a part of a view: movements have the signs that they have in
/// the charts, changes are summed up, and later columns come when they are asked for.
pub fn rows_table(table: &Table, caption: &str, view: Option<&View>) -> Markup {
    let charts = view.map_or(&[][..], |view| &view.charts);
    let stacks = charts.iter().filter_map(|chart| match chart {
        Chart::StackedBars(bars) => Some(bars),
        _ => None,
    });
    let signs: Vec<_> = stacks
        .flat_map(entries)
        .map(|entry| (entry.name, entry.look))
        .collect();
    let is_whole = all_rows(table) == table.rows.len();
    let dress = Dress {
        is_of_rows: true,
        first: FIRST_COLUMNS,
        most: MOST_ROWS,
        signs: &signs,
        foot: sum_of_changes(table).filter(|_| is_whole),
    };
    let count = table.columns.len();
    html! {
        div.rows {
            @if count > FIRST_COLUMNS {
                label.rows__all { input type="checkbox"; "All " (number::count(count)) " columns" }
            }
            (dressed(table, caption, &dress))
        }
    }
}

/// The column that says by how much something changed.
const CHANGE: &str = "change";

fn sum_of_changes(table: &Table) -> Option<Number> {
    let place = table.column(CHANGE)?;
    let change = |row: &Vec<Cell>| match row.get(place)? {
        Cell::Integer(whole) => Some(Number::Integer(*whole)),
        Cell::Number(real) => Some(Number::Real(*real)),
        _ => None,
    };
    let changes: Vec<_> = table.rows.iter().filter_map(change).collect();
    (!changes.is_empty()).then(|| number::sum(changes))
}

/// What a table has beyond its cells.
struct Dress<'a> {
    /// Whether its rows become blocks where there is little room.
    is_of_rows: bool,
    /// How many columns are seen at first.
    first: usize,
    /// How many rows there are at most.
    most: usize,
    /// Texts that stand for a series, with its look.
    signs: &'a [(String, Look)],
    /// The sum of the changes.
    foot: Option<Number>,
}

fn dressed(table: &Table, caption: &str, dress: &Dress<'_>) -> Markup {
    let shown = table.rows.len().min(dress.most);
    let all = all_rows(table);
    html! {
        div.scroll tabindex="0" role="group" aria-label=(caption) {
            table.table."table--tight" role=[dress.role("table")] {
                caption { (caption) }
                thead role=[dress.role("rowgroup")] { tr role=[dress.role("row")] {
                    @for (place, column) in table.columns.iter().enumerate() {
                        th scope="col" role=[dress.role("columnheader")] class=[class(&[is_number(column).then_some("num"), dress.later(place)])] {
                            (label_of(&column.label, &column.id))
                        }
                    }
                } }
                tbody role=[dress.role("rowgroup")] {
                    @for row in table.rows.iter().take(dress.most) { tr role=[dress.role("row")] {
                        @for (place, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
                            @if place == 0 {
                                th scope="row" role=[dress.role("rowheader")] { bdi { (written(cell, column)) } }
                            } @else {
                                td class=[class(&[look(cell, column), dress.later(place)])] role=[dress.role("cell")]
                                    data-label=[dress.is_of_rows.then(|| label_of(&column.label, &column.id))] {
                                    (dress.sign(cell)) bdi { (written(cell, column)) }
                                }
                            }
                        }
                    } }
                }
                @if let Some(sum) = dress.foot {
                    tfoot role=[dress.role("rowgroup")] { tr role=[dress.role("row")] {
                        @for (place, column) in table.columns.iter().enumerate() {
                            @if place == 0 {
                                th scope="row" role=[dress.role("rowheader")] { "In all" }
                            } @else {
                                td class=[class(&[is_number(column).then_some("num"), dress.later(place)])] role=[dress.role("cell")] {
                                    @if column.id == CHANGE { (number::signed(sum)) }
                                }
                            }
                        }
                    } }
                }
            }
        }
        @if shown < all {
            p.muted { "The first " (number::count(shown)) " of " (number::count(all)) " rows." }
        }
    }
}

impl Dress<'_> {
    /// Returns a role that is said, since a table that is laid out as blocks has none by itself.
    fn role(&self, role: &'static str) -> Option<&'static str> {
        self.is_of_rows.then_some(role)
    }

    /// Returns the class of a column that is not seen at first.
    fn later(&self, place: usize) -> Option<&'static str> {
        (place >= self.first).then_some("later")
    }

    fn sign(&self, cell: &Cell) -> Markup {
        let is_of_it = |name: &str| matches!(cell, Cell::Text(text) if text == name);
        let found = self.signs.iter().find(|(name, _)| is_of_it(name));
        found.map_or_else(Markup::default, |(_, look)| swatch(*look))
    }
}

/// Returns how many rows there are, also those that the table has not.
fn all_rows(table: &Table) -> usize {
    let total = table.total.and_then(|total| usize::try_from(total).ok());
    total.unwrap_or_default().max(table.rows.len())
}

fn class(classes: &[Option<&str>]) -> Option<String> {
    let classes: Vec<_> = classes.iter().flatten().copied().collect();
    (!classes.is_empty()).then(|| classes.join(" "))
}

/// Tells whether the cells of a column are numbers, which stand at the right.
pub(crate) fn is_number(column: &Column) -> bool {
    matches!(column.kind, ColumnKind::Integer | ColumnKind::Number)
}

/// How many characters a text has that stands on one line.
const LINE_CHARS: usize = 18;

/// Returns the class of a cell: numbers stand at the right, dates and ids on one line, sentences get room.
fn look(cell: &Cell, column: &Column) -> Option<&'static str> {
    match cell {
        _ if is_number(column) => Some("num"),
        Cell::Text(text) if text.chars().count() <= LINE_CHARS => Some("line"),
        Cell::Text(text) if text.chars().count() > 2 * LINE_CHARS => Some("prose"),
        _ => None,
    }
}

/// Writes a cell as a person reads it.
pub(crate) fn written(cell: &Cell, column: &Column) -> String {
    match cell {
        Cell::Empty(()) => "–".to_owned(),
        Cell::Integer(whole) => number_of(Number::Integer(*whole), column),
        Cell::Number(real) => number_of(Number::Real(*real), column),
        Cell::Text(text) if column.kind == ColumnKind::Date => {
            day::parsed(text).map_or_else(|| text.clone(), day::long)
        }
        Cell::Text(text) => text.clone(),
    }
}

fn number_of(value: Number, column: &Column) -> String {
    match column.id.as_str() {
        "gained" | "net" | "change" => number::signed(value),
        "lost" => number::taken(value),
        _ => number::plain(value),
    }
}

/// Returns what a table is called.
pub(crate) fn caption_of(table: &Table) -> String {
    label_of(&table.label, &table.id)
}

/// Returns all tables of a view, and one for each chart that has none of its name.
pub(crate) fn tables_of(view: &View) -> Vec<Table> {
    let mut tables: Vec<Table> = view.tables.clone();
    for chart in &view.charts {
        if chart.id().is_some_and(|id| view.table(id).is_some()) {
            continue;
        }
        match chart {
            Chart::StackedBars(bars) => tables.push(of_bars(bars)),
            Chart::Waterfall(steps) => tables.push(of_waterfall(steps)),
            _ => {}
        }
    }
    tables.retain(|table| !table.rows.is_empty());
    tables
}

fn of_bars(chart: &StackedBars) -> Table {
    let word = label_of("", day::bucket_word(chart.bucket));
    let mut columns = vec![Column::new("bucket", word, ColumnKind::Date)];
    columns.extend(chart.series.iter().map(|series| {
        Column::new(
            series.id.clone(),
            label_of(&series.label, &series.id),
            ColumnKind::Number,
        )
    }));
    let mut table = Table::new(chart.id.clone(), super::bars::title_of(chart), columns);
    table.rows = chart
        .starts
        .iter()
        .enumerate()
        .map(|(index, start)| {
            let values = chart
                .series
                .iter()
                .map(|series| series.values.get(index).copied());
            std::iter::once(Cell::Text(start.clone()))
                .chain(values.map(of_number))
                .collect()
        })
        .collect();
    table
}

fn of_waterfall(chart: &Waterfall) -> Table {
    let columns = vec![
        Column::new("step", "Step", ColumnKind::Text),
        Column::new("value", label_of("", &chart.unit), ColumnKind::Number),
        Column::new("licenses", "Licenses", ColumnKind::Integer),
    ];
    let mut table = Table::new(chart.id.clone(), waterfall::title_of(chart), columns);
    table.rows = chart
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            vec![
                Cell::Text(label_of(&step.label, &step.id)),
                Cell::Text(waterfall::written(chart, index)),
                step.licenses.map_or(Cell::Empty(()), Cell::Integer),
            ]
        })
        .collect();
    table
}

fn of_number(number: Option<Number>) -> Cell {
    match number {
        Some(Number::Integer(whole)) => Cell::Integer(whole),
        Some(Number::Real(real)) => Cell::Number(real),
        None => Cell::Empty(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(count: i64, total: Option<u64>) -> String {
        let columns = vec![
            Column::new("license", "License", ColumnKind::Text),
            Column::new(CHANGE, "Change", ColumnKind::Integer),
        ];
        let mut table = Table::new("rows", "Licenses", columns);
        let row = |number: i64| vec![Cell::Text(format!("E-{number}")), Cell::Integer(1)];
        table.rows = (0..count).map(row).collect();
        table.total = total;
        rows_table(&table, "Licenses", None).into_string()
    }

    #[test]
    fn a_page_has_the_first_rows_and_the_sum_of_all() {
        let few = changes(3, Some(3));
        assert!(few.contains("+3") && !few.contains("The first"), "{few}");
        let many = changes(700, Some(700));
        assert_eq!(many.matches("E-").count(), MOST_ROWS);
        assert!(many.contains("The first 500 of 700 rows."), "{many}");
        assert!(many.contains("+700"), "{many}");
    }

    #[test]
    fn changes_of_rows_that_are_not_there_are_not_summed_up() {
        let part = changes(3, Some(9));
        assert!(part.contains("The first 3 of 9 rows."), "{part}");
        assert!(!part.contains("In all"), "{part}");
    }
}
