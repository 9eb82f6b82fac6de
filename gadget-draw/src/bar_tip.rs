//! The numbers of one bar: for the box beside it, and for who does not see it.

use gadget_api::{Number, Role, StackedBars};
use serde::Serialize;

use super::{
    day,
    look::{Look, label_of, stack},
    number,
};

/// What stands in the box beside a bar.
#[derive(Debug, Serialize)]
pub(crate) struct Tip {
    title: String,
    /// The series, in the order in which they are stacked from top to bottom.
    pub(crate) rows: Vec<TipRow>,
    /// The net and the level at the end.
    pub(crate) sums: Vec<TipRow>,
}

#[derive(Debug, Serialize)]
pub(crate) struct TipRow {
    id: String,
    pub(crate) label: String,
    pub(crate) value: String,
}

/// Returns what stands in the boxes beside the bars, in their order.
pub(crate) fn tips(chart: &StackedBars) -> Vec<Tip> {
    (0..chart.starts.len())
        .map(|index| tip(chart, index))
        .collect()
}

/// Returns what stands in the box beside one bar.
pub(crate) fn tip(chart: &StackedBars, index: usize) -> Tip {
    let row = |(series, _): &(&gadget_api::Series, Look), written: fn(Number) -> String| {
        let value = series
            .values
            .get(index)
            .copied()
            .unwrap_or(Number::Integer(0));
        TipRow {
            id: series.id.clone(),
            label: label_of(&series.label, &series.id),
            value: written(value),
        }
    };
    let gains = stack(&chart.series, Role::Gain);
    let losses = stack(&chart.series, Role::Loss);
    let rows: Vec<_> = gains
        .iter()
        .rev()
        .map(|one| row(one, number::signed))
        .chain(losses.iter().map(|one| row(one, number::taken)))
        .collect();
    let mut sums = Vec::new();
    if !rows.is_empty() {
        let net = number::difference(
            total(chart, Role::Gain, index),
            total(chart, Role::Loss, index),
        );
        sums.push(TipRow {
            id: "net".into(),
            label: "Net".into(),
            value: number::signed(net),
        });
    }
    let when = if is_incomplete(chart, index) {
        "so far"
    } else {
        "at the end"
    };
    sums.extend(stack(&chart.series, Role::Level).iter().map(|one| {
        let level = row(one, number::plain);
        TipRow {
            label: format!("{} {when}", level.label),
            ..level
        }
    }));
    let start = chart.starts.get(index).map_or("", String::as_str);
    Tip {
        title: day::bar_span(chart.bucket, start),
        rows,
        sums,
    }
}

/// Tells whether a bar still grows.
pub(crate) fn is_incomplete(chart: &StackedBars, index: usize) -> bool {
    chart.incomplete.get(index).copied().unwrap_or(false)
}

/// Returns what all series of a role have in one bar.
pub(crate) fn total(chart: &StackedBars, role: Role, index: usize) -> Number {
    number::sum(
        chart
            .series
            .iter()
            .filter(|series| series.role == role)
            .filter_map(|series| series.values.get(index).copied()),
    )
}
