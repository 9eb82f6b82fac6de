//! Charts of a view.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Number, is_false};

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

/// Bars over time, stacked away from zero by role, and levels as lines above them.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StackedBars {
    /// A stable name.
    pub id: String,
    /// What a person reads above the bars; it is drawn as it is. Without it, the id stands in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What a person reads above the lines of the levels; it is drawn as it is. Without it, the labels of
    /// the levels stand in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub level_label: String,
    /// What the gains of a bar less its losses are called. Without it, `Net`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub net_label: String,
    /// Whether the gadget answers with rows when it is asked for the details of a bar.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_rows: bool,
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

impl StackedBars {
    /// Creates a chart without bars.
    pub fn new(
        id: impl Into<String>,
        label: impl Into<String>,
        unit: impl Into<String>,
        bucket: Bucket,
    ) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            level_label: String::new(),
            net_label: String::new(),
            has_rows: false,
            unit: unit.into(),
            bucket,
            starts: Vec::new(),
            incomplete: Vec::new(),
            series: Vec::new(),
        }
    }

    /// Sets the first day of each bar, none of which is incomplete.
    #[must_use]
    pub fn with_starts(mut self, starts: Vec<String>) -> Self {
        self.incomplete = vec![false; starts.len()];
        self.starts = starts;
        self
    }

    /// Sets which bars still grow, one mark for each bar.
    #[must_use]
    pub fn with_incomplete(mut self, incomplete: Vec<bool>) -> Self {
        self.incomplete = incomplete;
        self
    }

    /// Adds a series, which has to have one value for each bar.
    #[must_use]
    pub fn with_series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Sets what a person reads above the lines of the levels.
    #[must_use]
    pub fn with_level_label(mut self, label: impl Into<String>) -> Self {
        self.level_label = label.into();
        self
    }

    /// Sets what the gains of a bar less its losses are called.
    #[must_use]
    pub fn with_net_label(mut self, label: impl Into<String>) -> Self {
        self.net_label = label.into();
        self
    }

    /// Says that the gadget has rows behind each bar.
    #[must_use]
    pub fn with_rows(mut self) -> Self {
        self.has_rows = true;
        self
    }
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
#[non_exhaustive]
pub struct Series {
    /// A stable name.
    pub id: String,
    /// What a person reads.
    #[serde(default)]
    pub label: String,
    /// What the values mean.
    pub role: Role,
    /// How the colour judges the values. Without it, a gain is good, a loss is bad and a level is neutral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Tone>,
    /// Which shade of its tone the series has, from 1 for the strongest, which is nearest to zero. Without it,
    /// series have the shades in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shade: Option<u8>,
    /// Whether the gadget answers with rows when it is asked for the details of the series.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_rows: bool,
    /// One value for each bar.
    pub values: Vec<Number>,
}

impl Series {
    /// Creates a series in the colours of its role.
    pub fn new(
        id: impl Into<String>,
        label: impl Into<String>,
        role: Role,
        values: Vec<Number>,
    ) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            role,
            tone: None,
            shade: None,
            has_rows: false,
            values,
        }
    }

    /// Sets tone and shade.
    #[must_use]
    pub fn with_tone(mut self, tone: Tone, shade: u8) -> Self {
        (self.tone, self.shade) = (Some(tone), Some(shade));
        self
    }

    /// Says that the gadget has rows behind the series.
    #[must_use]
    pub fn with_rows(mut self) -> Self {
        self.has_rows = true;
        self
    }
}

/// How a colour judges what it stands for. The role says what the values mean, this how they are liked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tone {
    /// Welcome.
    Good,
    /// Unwelcome.
    Bad,
    /// Something to look at.
    Attention,
    /// None of these; also a tone that this version does not know.
    #[serde(other)]
    Neutral,
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
#[non_exhaustive]
pub struct Waterfall {
    /// A stable name.
    pub id: String,
    /// What a person reads above the steps; it is drawn as it is. Without it, the id stands in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What is counted.
    pub unit: String,
    /// The first and the last step are levels, those between are changes; they add up.
    pub steps: Vec<WaterfallStep>,
}

impl Waterfall {
    /// Creates a waterfall of some steps.
    pub fn new(
        id: impl Into<String>,
        label: impl Into<String>,
        unit: impl Into<String>,
        steps: Vec<WaterfallStep>,
    ) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            unit: unit.into(),
            steps,
        }
    }
}

/// One step of a waterfall.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WaterfallStep {
    /// A stable name.
    pub id: String,
    /// What a person reads.
    #[serde(default)]
    pub label: String,
    /// The level, or the signed change.
    pub value: Number,
    /// What a person reads below the label, such as `3 licenses`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// How the colour judges the step. Without it, a gain is good, a loss is bad and a level is neutral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Tone>,
    /// Which shade of its tone the step has, from 1 for the strongest. Without it, steps have the shades in
    /// their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shade: Option<u8>,
    /// Whether the gadget answers with rows when it is asked for the details of the step.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_rows: bool,
    /// How many licenses changed: a number for programs. People read [`WaterfallStep::note`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licenses: Option<i64>,
}

impl WaterfallStep {
    /// Creates a step.
    pub fn new(id: impl Into<String>, label: impl Into<String>, value: impl Into<Number>) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            value: value.into(),
            note: String::new(),
            tone: None,
            shade: None,
            has_rows: false,
            licenses: None,
        }
    }

    /// Sets what a person reads below the label.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Sets tone and shade.
    #[must_use]
    pub fn with_tone(mut self, tone: Tone, shade: u8) -> Self {
        (self.tone, self.shade) = (Some(tone), Some(shade));
        self
    }

    /// Says that the gadget has rows behind the step.
    #[must_use]
    pub fn with_rows(mut self) -> Self {
        self.has_rows = true;
        self
    }

    /// Sets how many licenses changed.
    #[must_use]
    pub fn with_licenses(mut self, licenses: i64) -> Self {
        self.licenses = Some(licenses);
        self
    }
}
