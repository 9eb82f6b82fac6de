//! Series that a reader has hidden: charts are drawn without them, their totals stay.

use std::{borrow::Cow, collections::BTreeSet};

use gadget_api::{Number, Role, Series, StackedBars};

use super::look::label_of;

/// More series than this are in no chart.
const MOST: usize = 32;

/// The ids of the series that are not to be drawn, in all charts of a tile.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Hidden {
    ids: BTreeSet<String>,
}

impl Hidden {
    /// Reads ids with commas between them, as they stand in an address.
    pub fn parse(text: &str) -> Self {
        let ids = text.split(',').filter(|id| !id.is_empty());
        Self {
            ids: ids.take(MOST).map(str::to_owned).collect(),
        }
    }

    /// Tells whether a series is hidden. A level is none of the parts that add up, it always stays.
    pub(crate) fn has(&self, series: &Series) -> bool {
        series.role != Role::Level && self.ids.contains(&series.id)
    }

    /// Returns the chart as it is to be drawn: what is hidden has no height, so that the others keep their looks.
    pub(crate) fn without<'a>(&self, chart: &'a StackedBars) -> Cow<'a, StackedBars> {
        if !chart.series.iter().any(|series| self.has(series)) {
            return Cow::Borrowed(chart);
        }
        let mut part = chart.clone();
        for series in part.series.iter_mut().filter(|series| self.has(series)) {
            series.values.fill(Number::Integer(0));
        }
        Cow::Owned(part)
    }

    /// Returns what a caption adds, such as `, without New and Churn`; nothing where all is drawn.
    pub(crate) fn caption_note(&self, chart: &StackedBars) -> String {
        let names: Vec<_> = chart
            .series
            .iter()
            .filter(|series| self.has(series))
            .map(|series| label_of(&series.label, &series.id))
            .collect();
        match names.split_last() {
            None => String::new(),
            Some((last, [])) => format!(", without {last}"),
            Some((last, rest)) => format!(", without {} and {last}", rest.join(", ")),
        }
    }
}

/// Which series of a tile are hidden, and where the tile with others is asked for.
#[derive(Clone, Copy)]
pub struct Switches<'a> {
    /// The series that are left out.
    pub hidden: &'a Hidden,
    /// The address of the tile, to which `?hide=` is added; without it nothing can be switched.
    pub address: Option<&'a str>,
}

/// Where no series is hidden.
pub(crate) static NOTHING: Hidden = Hidden {
    ids: BTreeSet::new(),
};

impl Switches<'static> {
    /// Returns what draws everything and offers no switch.
    pub const fn none() -> Self {
        Self {
            hidden: &NOTHING,
            address: None,
        }
    }
}

/// Tells whether a series can be named in an address that has commas between its ids.
pub(crate) fn is_switchable(series: &Series) -> bool {
    series.role != Role::Level && !series.id.is_empty() && !series.id.contains(',')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn movements() -> StackedBars {
        match &sample::timeboard().charts[0] {
            gadget_api::Chart::StackedBars(chart) => chart.clone(),
            _ => panic!("the first chart of the sample has bars"),
        }
    }

    #[test]
    fn a_caption_says_what_is_not_drawn() {
        for (ids, said) in [
            ("", ""),
            ("nobody", ""),
            // The level is always drawn.
            ("closing", ""),
            ("churn", ", without Churn"),
            (",churn,,new,", ", without New and Churn"),
            ("churn,new,expansion", ", without New, Expansion and Churn"),
        ] {
            assert_eq!(Hidden::parse(ids).caption_note(&movements()), said, "{ids}");
        }
    }

    #[test]
    fn a_chart_without_a_series_has_everything_else() {
        let chart = movements();
        let part = Hidden::parse("new").without(&chart);
        for (before, after) in chart.series.iter().zip(&part.series) {
            if before.id == "new" {
                assert!(after.values.iter().all(|value| value.as_f64() == 0.0));
            } else {
                assert_eq!(before.values, after.values, "{}", before.id);
            }
        }
        assert!(matches!(
            Hidden::default().without(&chart),
            Cow::Borrowed(_)
        ));
    }
}
