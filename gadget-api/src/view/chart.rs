//! Charts of a view.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Number;

/// A chart; a kind that a reader does not know is passed over.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Chart {
    /// Gains above zero, losses below, and a level as a line.
    StackedBars(StackedBars),
    /// Steps from an opening to a closing number that add up.
    Waterfall(Waterfall),
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Chart {
    /// Returns the stable name, where the kind is known.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::StackedBars(chart) => Some(&chart.id),
            Self::Waterfall(chart) => Some(&chart.id),
            Self::Unknown => None,
        }
    }
}

/// Bars over time, stacked away from zero by role.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct StackedBars {
    /// A stable name.
    pub id: String,
    /// What a person reads; empty if the tile's title says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What is counted.
    pub unit: String,
    /// What one bar covers.
    pub bucket: Bucket,
    /// The first day of each bar as `YYYY-MM-DD`: the day, the Monday, or the first of the month.
    pub starts: Vec<String>,
    /// Whether each bar still grows, because it holds today.
    pub incomplete: Vec<bool>,
    /// The series, each with one value for each bar.
    pub series: Vec<Series>,
}

/// What one bar covers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Bucket {
    /// A day.
    Day,
    /// A week from Monday.
    Week,
    /// A month.
    Month,
    /// A span that this version does not know.
    #[serde(other)]
    Unknown,
}

/// One series of a chart; its values are not negative, its role says what they mean.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Series {
    /// A stable name.
    pub id: String,
    /// What a person reads.
    #[serde(default)]
    pub label: String,
    /// What the values mean.
    pub role: Role,
    /// One value for each bar.
    pub values: Vec<Number>,
}

/// What the values of a series mean.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Role {
    /// Added in the bar.
    Gain,
    /// Taken away in the bar.
    Loss,
    /// The level at the end of the bar.
    Level,
    /// A role that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Signed steps from the first value to the last.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Waterfall {
    /// A stable name.
    pub id: String,
    /// What a person reads; empty if the tile's title says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What is counted.
    pub unit: String,
    /// The first and the last step are levels, those between are changes; they add up.
    pub steps: Vec<WaterfallStep>,
}

/// One step of a waterfall.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct WaterfallStep {
    /// A stable name.
    pub id: String,
    /// What a person reads.
    #[serde(default)]
    pub label: String,
    /// The level, or the signed change.
    pub value: Number,
    /// How many licenses changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licenses: Option<i64>,
}
