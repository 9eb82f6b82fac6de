//! A table on a page, and the tables that stand in for a chart where nobody can see it.

use gadget_api::{
    Cell, Chart, Column, ColumnKind, ColumnRole, Number, Order, StackedBars, Table, View,
    Visibility, Waterfall,
};
use maud::{Markup, html};

use super::{
    day,
    key::{entries, swatch},
    look::{Sign, label_of},
    number, waterfall,
};

/// Returns a table element.
pub(crate) fn html_table(table: &Table, caption: &str) -> Markup {
    let plain = TableStyle {
        is_of_rows: false,
        most: usize::MAX,
        signs: &[],
        sum: None,
    };
    styled(table, caption, &plain)
}

/// How many columns the table of rows has at first where no column says that it comes later.
const FIRST_COLUMNS: usize = 11;

/// How many rows the table of rows has at most: a file has more, and a page of thousands helps nobody.
const MOST_ROWS: usize = 500;

/// Returns the table of the rows behind a part of a view.
///
/// The labels of series have the signs that they have in the charts of the view, the column that the table
/// names is summed up, and columns that are only data are shown when they are asked for.
pub fn rows_table(table: &Table, caption: &str, view: Option<&View>) -> Markup {
    let charts = view.map_or(&[][..], |view| &view.charts);
    let stacks = charts.iter().filter_map(|chart| match chart {
        Chart::StackedBars(bars) => Some(bars),
        _ => None,
    });
    let signs: Vec<_> = stacks
        .flat_map(entries)
        .map(|entry| (entry.name, entry.sign))
        .collect();
    let is_whole = all_rows(table) == table.rows.len();
    let style = TableStyle {
        is_of_rows: true,
        most: MOST_ROWS,
        signs: &signs,
        sum: sum_of(table).filter(|_| is_whole),
    };
    let count = table.columns.len();
    html! {
        @if let Some(summary) = &table.summary { p.rows__summary { bdi { (summary) } } }
        div.rows {
            @if (0..count).any(|place| is_later(table, place)) {
                label.rows__all { input type="checkbox"; "All " (number::count(count)) " columns" }
            }
            (styled(table, caption, &style))
        }
    }
}

/// Returns the place of the column that is summed up, and its sum.
fn sum_of(table: &Table) -> Option<(usize, Number)> {
    let place = table.column(table.sum.as_deref()?)?;
    let numbers = table.rows.iter().filter_map(|row| match row.get(place)? {
        Cell::Integer(whole) => Some(Number::Integer(*whole)),
        Cell::Number(real) => Some(Number::Real(*real)),
        _ => None,
    });
    let numbers: Vec<_> = numbers.collect();
    (!numbers.is_empty()).then(|| (place, number::sum(numbers)))
}

/// Tells whether a column of rows is shown only when all columns are asked for.
fn is_later(table: &Table, place: usize) -> bool {
    let is_data = |column: &Column| column.visibility == Visibility::Data;
    if table.columns.iter().any(is_data) {
        return table.columns.get(place).is_some_and(is_data);
    }
    place >= FIRST_COLUMNS
}

/// What a table has beyond its cells.
struct TableStyle<'a> {
    /// Whether its rows become blocks where there is little room.
    is_of_rows: bool,
    /// How many rows there are at most.
    most: usize,
    /// Texts that stand for a series, with its look.
    signs: &'a [(String, Sign)],
    /// The place of the column that is summed up, and its sum.
    sum: Option<(usize, Number)>,
}

fn styled(table: &Table, caption: &str, style: &TableStyle<'_>) -> Markup {
    let shown = table.rows.len().min(style.most);
    let all = all_rows(table);
    html! {
        div.scroll tabindex="0" role="group" aria-label=(caption) {
            table.table."table--tight" role=[style.role("table")] {
                caption { (caption) }
                thead role=[style.role("rowgroup")] { tr role=[style.role("row")] {
                    @for (place, column) in table.columns.iter().enumerate() {
                        th scope="col" role=[style.role("columnheader")] aria-sort=[sort_of(table, column)] class=[class(&[is_number(column).then_some("num"), style.later(table, place)])] {
                            (label_of(&column.label, &column.id))
                        }
                    }
                } }
                tbody role=[style.role("rowgroup")] {
                    @for row in table.rows.iter().take(style.most) { tr role=[style.role("row")] {
                        @for (place, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
                            @if place == 0 {
                                th scope="row" role=[style.role("rowheader")] { bdi { (written(cell, column)) } }
                            } @else {
                                td class=[class(&[look(cell, column), style.later(table, place)])] role=[style.role("cell")]
                                    data-label=[style.is_of_rows.then(|| label_of(&column.label, &column.id))] {
                                    (style.sign(cell)) bdi { (written(cell, column)) }
                                }
                            }
                        }
                    } }
                }
                @if let Some((summed, sum)) = style.sum {
                    tfoot role=[style.role("rowgroup")] { tr role=[style.role("row")] {
                        @for (place, column) in table.columns.iter().enumerate() {
                            @if place == 0 && summed > 0 {
                                th scope="row" role=[style.role("rowheader")] { "In all" }
                            } @else {
                                td class=[class(&[is_number(column).then_some("num"), style.later(table, place)])] role=[style.role("cell")] {
                                    @if place == summed { (number_of(sum, column)) }
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

impl TableStyle<'_> {
    /// Returns a role that is said, since a table that is laid out as blocks has none by itself.
    fn role(&self, role: &'static str) -> Option<&'static str> {
        self.is_of_rows.then_some(role)
    }

    /// Returns the class of a column that is not seen at first.
    fn later(&self, table: &Table, place: usize) -> Option<&'static str> {
        (self.is_of_rows && is_later(table, place)).then_some("later")
    }

    fn sign(&self, cell: &Cell) -> Markup {
        let is_of_it = |name: &str| matches!(cell, Cell::Text(text) if text == name);
        let found = self.signs.iter().find(|(name, _)| is_of_it(name));
        found.map_or_else(Markup::default, |(_, sign)| swatch(*sign))
    }
}

/// Returns how the rows are sorted by a column, in the words of a page.
fn sort_of(table: &Table, column: &Column) -> Option<&'static str> {
    let sorting = table.sorting.as_ref()?;
    (sorting.column == column.id).then_some(match sorting.order {
        Order::Descending => "descending",
        _ => "ascending",
    })
}

/// Returns how many rows there are, including those that the table does not hold.
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
    match column.role {
        Some(ColumnRole::Gain | ColumnRole::Change) => number::signed(value),
        Some(ColumnRole::Loss) => number::taken(value),
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
    let mut columns = vec![Column::new("start", word, ColumnKind::Date)];
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
    let has_notes = chart.steps.iter().any(|step| !step.note.is_empty());
    let mut columns = vec![
        Column::new("step", "Step", ColumnKind::Text),
        Column::new(
            "amount",
            label_of(
                "",
                if chart.unit.is_empty() {
                    "amount"
                } else {
                    &chart.unit
                },
            ),
            ColumnKind::Number,
        ),
    ];
    if has_notes {
        columns.push(Column::new("note", "Note", ColumnKind::Text));
    }
    let mut table = Table::new(chart.id.clone(), waterfall::title_of(chart), columns);
    table.rows = chart
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let mut cells = vec![
                Cell::Text(label_of(&step.label, &step.id)),
                Cell::Text(waterfall::written(chart, index)),
            ];
            if has_notes {
                cells.push(match step.note.as_str() {
                    "" => Cell::Empty(()),
                    note => note.into(),
                });
            }
            cells
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
            Column::new("growth", "Growth", ColumnKind::Integer).with_role(ColumnRole::Change),
        ];
        let mut table = Table::new("rows", "Licenses", columns).with_sum("growth");
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
    fn a_column_has_signs_and_a_sum_only_where_the_table_says_so() {
        let columns = ["change", "gained", "lost", "net"]
            .map(|id| Column::new(id, "", ColumnKind::Integer))
            .to_vec();
        let mut table = Table::new("rows", "", columns);
        table.rows = vec![vec![Cell::Integer(7); 4]];
        let plain = rows_table(&table, "", None).into_string();
        assert!(!plain.contains("+7") && !plain.contains("−7"), "{plain}");
        assert!(!plain.contains("In all"), "{plain}");
        let roles = [ColumnRole::Change, ColumnRole::Gain, ColumnRole::Loss];
        for (column, role) in table.columns.iter_mut().zip(roles) {
            column.role = Some(role);
        }
        let signed = rows_table(&table, "", None).into_string();
        assert_eq!(signed.matches("+7").count(), 2, "{signed}");
        assert_eq!(signed.matches("−7").count(), 1, "{signed}");
    }

    #[test]
    fn columns_that_are_only_data_come_when_all_columns_are_asked_for() {
        let mut table = Table::new("rows", "", vec![Column::new("a", "", ColumnKind::Text); 3]);
        let count = |table: &Table| {
            let drawn = rows_table(table, "", None).into_string();
            (
                drawn.matches("later").count(),
                drawn.contains("All 3 columns"),
            )
        };
        assert_eq!(count(&table), (0, false));
        table.columns[1].visibility = Visibility::Data;
        assert_eq!(count(&table), (1, true));
    }

    #[test]
    fn rows_that_the_table_does_not_hold_are_not_summed_up() {
        let part = changes(3, Some(9));
        assert!(part.contains("The first 3 of 9 rows."), "{part}");
        assert!(!part.contains("In all"), "{part}");
    }
}
