//! A table on a page, and the tables that stand in for a chart where nobody can see it.

use gadget_api::{Cell, Chart, Column, ColumnKind, Number, StackedBars, Table, View, Waterfall};
use maud::{Markup, html};

use super::{day, look::label_of, number, waterfall};

/// Returns a table element.
pub(crate) fn html_table(table: &Table, caption: &str) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(caption) {
            table.table."table--tight" {
                caption { (caption) }
                thead { tr {
                    @for column in &table.columns {
                        th scope="col" class=[is_number(column).then_some("num")] { (label_of(&column.label, &column.id)) }
                    }
                } }
                tbody {
                    @for row in &table.rows { tr {
                        @for (place, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
                            @if place == 0 {
                                th scope="row" { bdi { (written(cell, column)) } }
                            } @else {
                                td class=[look(cell, column)] { bdi { (written(cell, column)) } }
                            }
                        }
                    } }
                }
            }
        }
        @if let Some(total) = table.total.filter(|total| usize::try_from(*total).is_ok_and(|total| total > table.rows.len())) {
            p.muted {
                "The first " (number::count(table.rows.len())) " of "
                (number::count(usize::try_from(total).unwrap_or(usize::MAX))) " rows."
            }
        }
    }
}

/// Tells whether the cells of a column are numbers, which stand at the right.
pub(crate) fn is_number(column: &Column) -> bool {
    matches!(column.kind, ColumnKind::Integer | ColumnKind::Number)
}

/// How many characters of a text stand on one line.
const LINE_CHARS: usize = 28;

/// Returns the class of a cell: numbers stand at the right, dates and names on one line, sentences get room.
fn look(cell: &Cell, column: &Column) -> Option<&'static str> {
    match cell {
        _ if is_number(column) => Some("num"),
        Cell::Text(text) if text.chars().count() > LINE_CHARS => Some("prose"),
        Cell::Text(_) => Some("line"),
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
