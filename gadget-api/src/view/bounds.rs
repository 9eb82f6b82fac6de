//! What a view may hold at most. Both sides of the border check it.

use super::{Chart, Number, Table, VIEW_VERSION, View};
use crate::{Error, ErrorKind};

/// The size of a view as JSON, in bytes.
pub const MAX_VIEW_BYTES: usize = 4 * 1024 * 1024;
/// The rows of a table and the bars of a chart.
pub const MAX_ROWS: usize = 10_000;
const MAX_FIGURES: usize = 64;
const MAX_CHARTS: usize = 16;
const MAX_SERIES: usize = 32;
const MAX_TABLES: usize = 16;
const MAX_COLUMNS: usize = 64;
const MAX_NOTICES: usize = 256;
const MAX_SOURCES: usize = 32;
const MAX_TEXT_CHARS: usize = 2_000;

/// A view breaks a bound.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the view cannot be shown: {what}")]
pub struct TooMuch {
    what: String,
}

impl From<TooMuch> for Error {
    fn from(error: TooMuch) -> Self {
        Self::new(ErrorKind::TooLarge, error.to_string())
    }
}

type Checked = Result<(), TooMuch>;

fn refuse(what: String) -> Checked {
    Err(TooMuch { what })
}

impl View {
    /// Returns the view if it keeps to the bounds: 64 figures, 16 charts of 32 series, 16 tables of
    /// 64 columns, 10,000 bars or rows each, texts of 2,000 characters without control characters,
    /// finite numbers, and as many values as bars or columns. The border bounds the JSON to 4 MiB besides.
    ///
    /// # Errors
    ///
    /// Returns an error that names the first bound that is broken, and where.
    pub fn bounded(self) -> Result<Self, TooMuch> {
        if self.view != VIEW_VERSION {
            refuse(format!(
                "its version is {}, this host knows {VIEW_VERSION}",
                self.view
            ))?;
        }
        text("title", &self.title)?;
        text("subtitle", &self.subtitle)?;
        at_most("figures", self.figures.len(), MAX_FIGURES)?;
        for figure in &self.figures {
            let place = format!("figure `{}`", short(&figure.id));
            texts(&place, [&figure.id, &figure.label, &figure.unit])?;
            texts(&place, figure.previous_label.iter().chain(&figure.as_of))?;
            texts(&place, figure.comparison.iter().chain(&figure.tip))?;
            let relative = figure.relative_change.map(Number::Real);
            numbers(
                &place,
                [Some(figure.value), figure.previous, figure.low, relative]
                    .into_iter()
                    .flatten(),
            )?;
        }
        at_most("charts", self.charts.len(), MAX_CHARTS)?;
        self.charts.iter().try_for_each(chart)?;
        at_most("tables", self.tables.len(), MAX_TABLES)?;
        self.tables.iter().try_for_each(table)?;
        texts("main table", &self.main_table)?;
        at_most("notices", self.notices.len(), MAX_NOTICES)?;
        for notice in &self.notices {
            texts("notice", [&notice.code, &notice.text, &notice.unit])?;
        }
        at_most("sources", self.sources.len(), MAX_SOURCES)?;
        for source in &self.sources {
            texts("source", [&source.id, &source.label])?;
            texts("source", source.as_of.iter().chain(&source.reason))?;
        }
        Ok(self)
    }
}

impl Table {
    /// Returns the table if it keeps to the bounds of a view's table.
    ///
    /// # Errors
    ///
    /// Returns an error that names the first bound that is broken, and where.
    pub fn bounded(self) -> Result<Self, TooMuch> {
        table(&self)?;
        Ok(self)
    }
}

fn chart(chart: &Chart) -> Checked {
    match chart {
        Chart::StackedBars(bars) => {
            let place = format!("chart `{}`", short(&bars.id));
            texts(&place, [&bars.id, &bars.label, &bars.unit])?;
            texts(&place, [&bars.level_label, &bars.net_label])?;
            at_most(&format!("{place}: bars"), bars.starts.len(), MAX_ROWS)?;
            texts(&place, &bars.starts)?;
            as_many(
                &place,
                "marks of incompleteness",
                bars.incomplete.len(),
                bars.starts.len(),
            )?;
            at_most(&format!("{place}: series"), bars.series.len(), MAX_SERIES)?;
            for series in &bars.series {
                texts(&place, [&series.id, &series.label])?;
                as_many(&place, "values", series.values.len(), bars.starts.len())?;
                numbers(&place, series.values.iter().copied())?;
            }
            Ok(())
        }
        Chart::Waterfall(waterfall) => {
            let place = format!("chart `{}`", short(&waterfall.id));
            texts(&place, [&waterfall.id, &waterfall.label, &waterfall.unit])?;
            at_most(&format!("{place}: steps"), waterfall.steps.len(), MAX_ROWS)?;
            for step in &waterfall.steps {
                texts(&place, [&step.id, &step.label, &step.note])?;
                numbers(&place, [step.value])?;
            }
            Ok(())
        }
        Chart::Unknown => Ok(()),
    }
}

fn table(table: &Table) -> Checked {
    let place = format!("table `{}`", short(&table.id));
    texts(&place, [&table.id, &table.label])?;
    texts(&place, table.sum.iter().chain(&table.summary))?;
    texts(&place, table.sorting.iter().map(|sorting| &sorting.column))?;
    at_most(
        &format!("{place}: columns"),
        table.columns.len(),
        MAX_COLUMNS,
    )?;
    for column in &table.columns {
        texts(&place, [&column.id, &column.label, &column.unit])?;
    }
    at_most(&format!("{place}: rows"), table.rows.len(), MAX_ROWS)?;
    for row in &table.rows {
        as_many(&place, "cells", row.len(), table.columns.len())?;
        for cell in row {
            match cell {
                super::Cell::Text(cell) => text(&place, cell)?,
                super::Cell::Number(number) => numbers(&place, [Number::Real(*number)])?,
                super::Cell::Integer(_) | super::Cell::Empty(()) => {}
            }
        }
    }
    Ok(())
}

fn at_most(what: &str, count: usize, most: usize) -> Checked {
    if count > most {
        return refuse(format!("{count} {what}, at most {most} are allowed"));
    }
    Ok(())
}

fn as_many(place: &str, what: &str, count: usize, wanted: usize) -> Checked {
    if count != wanted {
        return refuse(format!(
            "{place} has {count} {what} where {wanted} are needed"
        ));
    }
    Ok(())
}

fn texts<'a>(place: &str, texts: impl IntoIterator<Item = &'a String>) -> Checked {
    texts.into_iter().try_for_each(|each| text(place, each))
}

fn text(place: &str, text: &str) -> Checked {
    if text.len() > MAX_TEXT_CHARS && text.chars().count() > MAX_TEXT_CHARS {
        return refuse(format!(
            "{place} holds a text of more than {MAX_TEXT_CHARS} characters"
        ));
    }
    if text.chars().any(char::is_control) {
        return refuse(format!("{place} holds a text with control characters"));
    }
    Ok(())
}

fn numbers(place: &str, numbers: impl IntoIterator<Item = Number>) -> Checked {
    for number in numbers {
        if !number.as_f64().is_finite() {
            return refuse(format!("{place} holds a number that is not finite"));
        }
    }
    Ok(())
}

/// Cuts an id that nobody has checked yet, so that a message stays readable.
fn short(id: &str) -> String {
    id.chars()
        .filter(|each| !each.is_control())
        .take(64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{
        Bucket, Cell, Column, ColumnKind, Figure, Notice, NoticeLevel, Role, Series, StackedBars,
        Waterfall, WaterfallStep,
    };

    fn with(change: impl FnOnce(&mut View)) -> View {
        let mut view = View::new("t");
        change(&mut view);
        view
    }

    fn bars(starts: usize, values: Vec<Number>) -> Chart {
        let bars = StackedBars::new("bars", "", "users", Bucket::Day)
            .with_starts(vec!["2026-01-01".into(); starts])
            .with_series(Series::new("new", "New", Role::Gain, values));
        Chart::StackedBars(bars)
    }

    fn rows(count: usize, cell: Cell) -> Table {
        let mut table = Table::new("t", "", vec![Column::new("a", "A", ColumnKind::Text)]);
        table.rows = vec![vec![cell]; count];
        table
    }

    #[test]
    fn each_bound_is_kept_up_to_its_last_value_and_named_past_it() {
        let figure = |value: f64| Figure::new("f", "F", "users", value);
        let cases: Vec<(View, Option<&str>)> = vec![
            (with(|v| v.title = "x".repeat(2000)), None),
            (
                with(|v| v.title = "é".repeat(2001)),
                Some("title holds a text of more than 2000"),
            ),
            (
                with(|v| v.title = "a\u{1b}[0m".into()),
                Some("title holds a text with control"),
            ),
            (with(|v| v.figures = vec![figure(1.0); 64]), None),
            (
                with(|v| v.figures = vec![figure(1.0); 65]),
                Some("65 figures, at most 64"),
            ),
            (
                with(|v| v.figures = vec![figure(f64::NAN)]),
                Some("figure `f` holds a number that is not finite"),
            ),
            (
                with(|v| v.charts = vec![bars(1, vec![1.into()]); 17]),
                Some("17 charts, at most 16"),
            ),
            (
                with(|v| v.charts = vec![bars(2, vec![1.into()])]),
                Some("chart `bars` has 1 values where 2"),
            ),
            (
                with(|v| v.charts = vec![bars(10_001, vec![1.into(); 10_001])]),
                Some("10001 chart `bars`: bars"),
            ),
            (with(|v| v.tables = vec![rows(10_000, 1.into())]), None),
            (
                with(|v| v.tables = vec![rows(10_001, 1.into())]),
                Some("rows, at most 10000"),
            ),
            (
                with(|v| v.tables = vec![rows(1, f64::INFINITY.into_cell())]),
                Some("not finite"),
            ),
            (
                with(|v| v.notices = vec![Notice::new("c", NoticeLevel::Info, "x\n")]),
                Some("control characters"),
            ),
            (with(|v| v.view = 2), Some("its version is 2")),
        ];
        for (view, broken) in cases {
            match (view.bounded(), broken) {
                (Ok(_), None) => {}
                (Err(error), Some(part)) => {
                    assert!(error.to_string().contains(part), "{error} / {part}")
                }
                (other, broken) => panic!("{broken:?}: {:?}", other.map(|_| ())),
            }
        }
    }

    trait IntoCell {
        fn into_cell(self) -> Cell;
    }

    impl IntoCell for f64 {
        fn into_cell(self) -> Cell {
            Cell::Number(self)
        }
    }

    #[test]
    fn texts_and_numbers_of_every_optional_member_are_checked() {
        let figure = || Figure::new("f", "F", "users", 1);
        let table = |change: fn(&mut Table)| {
            with(|view| {
                view.tables = vec![rows(1, 1.into())];
                view.tables.iter_mut().for_each(change);
            })
        };
        let control = "a\u{7}b";
        for view in [
            with(|v| v.figures = vec![figure().with_tip(control)]),
            with(|v| v.figures = vec![figure().with_comparison(control)]),
            with(|v| v.figures = vec![figure().with_relative_change(f64::NAN)]),
            with(|v| {
                v.charts = vec![Chart::StackedBars(
                    StackedBars::new("c", "", "", Bucket::Day).with_level_label(control),
                )];
            }),
            with(|v| {
                let step = WaterfallStep::new("s", "", 1).with_note(control);
                v.charts = vec![Chart::Waterfall(Waterfall::new("w", "", "", vec![step]))];
            }),
            with(|v| v.notices = vec![Notice::new("c", NoticeLevel::Info, "").with_unit(control)]),
            with(|v| v.main_table = Some(control.into())),
            table(|table| table.summary = Some("a\u{7}b".into())),
            table(|table| table.sum = Some("a\u{7}b".into())),
            table(|table| table.columns[0].unit = "a\u{7}b".into()),
        ] {
            let shown = format!("{view:?}");
            assert!(view.bounded().is_err(), "{shown}");
        }
    }

    #[test]
    fn a_view_without_the_optional_members_reads_and_writes_as_before() {
        let json = r#"{"view":1,"title":"t","subtitle":"","figures":[{"id":"f","label":"F","unit":"u","value":3}],
            "charts":[{"kind":"waterfall","id":"w","unit":"u","steps":[{"id":"s","label":"S","value":1}]}],
            "tables":[{"id":"t","columns":[{"id":"a","label":"A","kind":"text"}],"rows":[]}],
            "notices":[{"code":"c","level":"warning","text":"x"},{"code":"c","level":"error","text":"x"}],"sources":[]}"#;
        let mut view: View = serde_json::from_str(json).unwrap();
        assert_eq!(view.notices[0].level, NoticeLevel::Attention);
        assert_eq!(view.notices[1].level, NoticeLevel::Problem);
        view.notices.clear();
        let written = serde_json::to_value(&view).unwrap();
        let mut read: serde_json::Value = serde_json::from_str(json).unwrap();
        read["notices"] = serde_json::json!([]);
        assert_eq!(written, read);
        assert_eq!(view.headline().unwrap().id, "f");
        assert_eq!(view.main_table().unwrap().id, "t");
    }

    #[test]
    fn members_and_kinds_of_a_newer_view_are_passed_over() {
        let json = r#"{"view":1,"title":"t","charts":[{"kind":"sunburst","id":"s"}],"figures":[{"id":"f","value":3,"glow":1}],
            "sources":[{"id":"s","state":"simmering"}],"more":{}}"#;
        let view: View = serde_json::from_str(json).unwrap();
        assert_eq!(view.charts, [Chart::Unknown]);
        assert_eq!(view.figures[0].value, Number::Integer(3));
    }
}
