//! The numbers of one bar: for the box beside it, and for screen readers.

use gadget_api::{Number, Role, Series, StackedBars};
use serde::Serialize;

use super::{
    day,
    look::{label_of, levels, stack},
    number,
};

/// What stands in the box beside a bar.
#[derive(Debug)]
pub(crate) struct Tip {
    title: String,
    /// The series, in the order in which they are stacked from top to bottom.
    pub(crate) rows: Vec<TipRow>,
    /// The net and the level at the end.
    pub(crate) sums: Vec<TipRow>,
}

#[derive(Debug)]
pub(crate) struct TipRow {
    pub(crate) label: String,
    pub(crate) value: String,
}

/// What the script of a page needs besides the accessible names of the bars to write the boxes beside them.
///
/// A name ends with the label and the value of each row and each sum, in this order.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tips {
    rows: Vec<String>,
    sums: Vec<String>,
    /// The labels of the sums beside an unfinished bar.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unfinished_sums: Vec<String>,
    /// The places of the unfinished bars.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unfinished: Vec<usize>,
    /// The title of each box.
    titles: Vec<String>,
}

/// Returns what stands in the boxes beside the bars, in their order.
pub(crate) fn tips(chart: &StackedBars) -> Tips {
    let mut tips = Tips::default();
    let labels = |rows: &[TipRow]| rows.iter().map(|row| row.label.clone()).collect();
    for index in 0..chart.starts.len() {
        let tip = tip(chart, index);
        tips.rows = labels(&tip.rows);
        if is_incomplete(chart, index) {
            tips.unfinished.push(index);
            tips.unfinished_sums = labels(&tip.sums);
        } else {
            tips.sums = labels(&tip.sums);
        }
        tips.titles.push(tip.title);
    }
    tips
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bars, sample};

    #[test]
    fn the_script_of_a_page_can_put_every_box_together() {
        let gadget_api::Chart::StackedBars(mut chart) = sample::timeboard().charts[0].clone()
        else {
            panic!("the first chart of the sample has bars");
        };
        for last_is_open in [true, false] {
            *chart.incomplete.last_mut().unwrap() = last_is_open;
            let tips = tips(&chart);
            assert_eq!(tips.titles.len(), chart.starts.len());
            for (index, title) in tips.titles.iter().enumerate() {
                let is_open = tips.unfinished.contains(&index);
                let sums = if is_open {
                    &tips.unfinished_sums
                } else {
                    &tips.sums
                };
                let tip = tip(&chart, index);
                assert_eq!(*title, tip.title);
                // The name is read from its end, as the script does.
                let mut name = bars::spoken(&chart, index);
                let mut rows = Vec::new();
                for label in tips.rows.iter().chain(sums).rev() {
                    let begin = name.rfind(&format!("{label} ")).unwrap();
                    let value = name.split_off(begin + label.len() + 1);
                    name.truncate(begin.saturating_sub(2));
                    rows.push((label.as_str(), value));
                }
                rows.reverse();
                let expected = tip.rows.iter().chain(&tip.sums);
                let expected = expected.map(|row| (row.label.as_str(), row.value.clone()));
                assert_eq!(rows, expected.collect::<Vec<_>>());
            }
        }
    }
}
