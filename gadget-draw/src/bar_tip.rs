//! The numbers of one bar: for the box beside it, and for screen readers.

use gadget_api::{Number, Role, Series, StackedBars};
use serde::Serialize;

use super::{
    day,
    look::{label_of, levels, stack},
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
    let row = |series: &Series, written: fn(Number) -> String| {
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
        .map(|(series, _)| row(series, number::signed))
        .chain(losses.iter().map(|(series, _)| row(series, number::taken)))
        .collect();
    let mut sums = Vec::new();
    if let Some(label) = net_label(chart) {
        let net = number::difference(
            total(chart, Role::Gain, index),
            total(chart, Role::Loss, index),
        );
        sums.push(TipRow {
            id: String::new(),
            label,
            value: number::signed(net),
        });
    }
    let when = if is_incomplete(chart, index) {
        "so far"
    } else {
        "at the end"
    };
    sums.extend(levels(&chart.series).iter().map(|(series, _)| {
        let level = row(series, number::plain);
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

/// Returns what gains less losses are called; nothing where a chart does not have both.
pub(crate) fn net_label(chart: &StackedBars) -> Option<String> {
    let has = |role| chart.series.iter().any(|series| series.role == role);
    (has(Role::Gain) && has(Role::Loss)).then(|| match chart.net_label.as_str() {
        "" => "Net".to_owned(),
        label => label.to_owned(),
    })
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
