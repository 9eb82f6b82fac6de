//! Selects the part of a view whose rows are requested.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A part of a view whose rows are requested, by the ids of that view.
///
/// One of `figure`, `chart` and `table` names the part; the other members narrow it.
///
/// # Examples
///
/// ```
/// use gadget_api::Selection;
///
/// let bar: Selection = serde_json::from_str(
///     r#"{"chart": "movements", "bucket": "2026-10-19", "series": "churn"}"#,
/// )?;
/// assert_eq!(bar.series.as_deref(), Some("churn"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The id of a figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<String>,
    /// The id of a chart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<String>,
    /// The id of a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The first day of a bar, as the chart's `starts` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The id of a series of the chart, or of a column of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The id of a step of a waterfall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The first cell of a row of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
}

impl Selection {
    /// Selects a figure.
    pub fn of_figure(id: impl Into<String>) -> Self {
        Self {
            figure: Some(id.into()),
            ..Self::default()
        }
    }

    /// Selects a chart.
    pub fn of_chart(id: impl Into<String>) -> Self {
        Self {
            chart: Some(id.into()),
            ..Self::default()
        }
    }

    /// Narrows a chart to one bar.
    #[must_use]
    pub fn in_bucket(mut self, start: impl Into<String>) -> Self {
        self.bucket = Some(start.into());
        self
    }

    /// Narrows a chart to one series.
    #[must_use]
    pub fn of_series(mut self, id: impl Into<String>) -> Self {
        self.series = Some(id.into());
        self
    }
}
