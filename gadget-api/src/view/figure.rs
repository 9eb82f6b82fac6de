//! A single number of a view.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Number, is_false};

/// A single number.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Figure {
    /// A stable name.
    pub id: String,
    /// What a person reads.
    #[serde(default)]
    pub label: String,
    /// What is counted, such as `users`.
    #[serde(default)]
    pub unit: String,
    /// The number.
    pub value: Number,
    /// The number that it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Number>,
    /// What [`Figure::previous`] is, such as `a week ago` or `the 90 days before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_label: Option<String>,
    /// The words that follow the number before, such as `in the 90 days before`. Without them, they are
    /// [`Figure::previous_label`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<String>,
    /// The relative change since [`Figure::previous`] in percent, where it tells more than the difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_change: Option<f64>,
    /// How the number is written.
    #[serde(default, skip_serializing_if = "Notation::is_plain")]
    pub notation: Notation,
    /// Whether it is the most important number. If no figure of a view is, the first one is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_headline: bool,
    /// Whether the gadget answers with rows when it is asked for the details of the figure.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_rows: bool,
    /// A sentence that explains the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tip: Option<String>,
    /// The day that the number is of, as `YYYY-MM-DD`, where it is not the day of the view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Which direction is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<Better>,
    /// The low end, where the number is the upper end of a band.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Number>,
}

impl Figure {
    /// Creates a figure that is compared with nothing.
    pub fn new(
        id: impl Into<String>,
        label: impl Into<String>,
        unit: impl Into<String>,
        value: impl Into<Number>,
    ) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            unit: unit.into(),
            value: value.into(),
            previous: None,
            previous_label: None,
            comparison: None,
            relative_change: None,
            notation: Notation::Plain,
            is_headline: false,
            has_rows: false,
            tip: None,
            as_of: None,
            better: None,
            low: None,
        }
    }

    /// Sets what the number is compared with.
    #[must_use]
    pub fn with_previous(mut self, previous: impl Into<Number>, label: impl Into<String>) -> Self {
        self.previous = Some(previous.into());
        self.previous_label = Some(label.into());
        self
    }

    /// Sets the words that follow the number before, such as `in the 90 days before`.
    #[must_use]
    pub fn with_comparison(mut self, words: impl Into<String>) -> Self {
        self.comparison = Some(words.into());
        self
    }

    /// Sets the relative change in percent.
    #[must_use]
    pub fn with_relative_change(mut self, percent: f64) -> Self {
        self.relative_change = Some(percent);
        self
    }

    /// Sets how the number is written.
    #[must_use]
    pub fn with_notation(mut self, notation: Notation) -> Self {
        self.notation = notation;
        self
    }

    /// Makes it the headline.
    #[must_use]
    pub fn as_headline(mut self) -> Self {
        self.is_headline = true;
        self
    }

    /// Says that the gadget has rows behind the number.
    #[must_use]
    pub fn with_rows(mut self) -> Self {
        self.has_rows = true;
        self
    }

    /// Sets the sentence that explains the number.
    #[must_use]
    pub fn with_tip(mut self, tip: impl Into<String>) -> Self {
        self.tip = Some(tip.into());
        self
    }

    /// Sets which direction is good.
    #[must_use]
    pub fn with_better(mut self, better: Better) -> Self {
        self.better = Some(better);
        self
    }

    /// Sets the low end of the band.
    #[must_use]
    pub fn with_low(mut self, low: impl Into<Number>) -> Self {
        self.low = Some(low.into());
        self
    }

    /// Sets the day that the number is of.
    #[must_use]
    pub fn with_as_of(mut self, day: impl Into<String>) -> Self {
        self.as_of = Some(day.into());
        self
    }
}

/// Which direction of a change is good.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Better {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// Neither, or one that this version does not know.
    #[serde(other)]
    Neither,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Notation {
    /// Always with its sign: `+170`, `−30`.
    Signed,
    /// As an amount that was taken away: `−30` for 30.
    TakenAway,
    /// As it is; also a notation that this version does not know.
    #[default]
    #[serde(other)]
    Plain,
}

impl Notation {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}
