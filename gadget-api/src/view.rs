//! The view: what a gadget shows, as data. Hosts draw it; ids are stable names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    chart::{Bucket, Chart, Role, Series, StackedBars, Waterfall, WaterfallStep},
    table::{Cell, Column, ColumnKind, Table},
};

mod bounds;
mod chart;
mod table;

pub use self::bounds::{MAX_ROWS, MAX_VIEW_BYTES, TooMuch};

/// The version of the view model that this crate writes.
pub const VIEW_VERSION: u32 = 1;

/// What a gadget shows.
///
/// Readers ignore members that they do not know. Everything is bounded; [`View::bounded`] says by what.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct View {
    /// The version of the view model: 1.
    pub view: u32,
    /// The title of the tile.
    pub title: String,
    /// What the numbers cover, such as the period in dates.
    #[serde(default)]
    pub subtitle: String,
    /// Single numbers, the most important one first.
    #[serde(default)]
    pub figures: Vec<Figure>,
    /// Charts.
    #[serde(default)]
    pub charts: Vec<Chart>,
    /// Tables.
    #[serde(default)]
    pub tables: Vec<Table>,
    /// What a reader has to know to read the numbers right.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// Where the numbers come from, and how fresh each source is.
    #[serde(default)]
    pub sources: Vec<Source>,
}

impl View {
    /// Creates an empty view.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            view: VIEW_VERSION,
            title: title.into(),
            subtitle: String::new(),
            figures: Vec::new(),
            charts: Vec::new(),
            tables: Vec::new(),
            notices: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Sets the subtitle.
    #[must_use]
    pub fn with_subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = subtitle.into();
        self
    }

    /// Adds a figure.
    #[must_use]
    pub fn with_figure(mut self, figure: Figure) -> Self {
        self.figures.push(figure);
        self
    }

    /// Returns the figure of this id.
    #[must_use]
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.id == id)
    }

    /// Returns the table of this id.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// Tells whether any source is older than was asked for.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.sources
            .iter()
            .any(|source| source.state == SourceState::Stale)
    }
}

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
    /// What [`Figure::previous`] is, such as `a week ago`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_label: Option<String>,
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

/// A finite number; integers stay integers.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Number {
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Real(f64),
}

impl Number {
    /// Returns the nearest floating-point number: for drawing.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a drawing needs no more than 52 bits"
            )]
            Self::Integer(number) => number as f64,
            Self::Real(number) => number,
        }
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

/// Something that a reader has to know.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Notice {
    /// A stable name of what is said.
    pub code: String,
    /// How much it matters.
    pub level: NoticeLevel,
    /// What a person reads.
    pub text: String,
    /// The number in the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// The number of licenses in the text, where [`Notice::count`] counts something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licenses: Option<i64>,
}

impl Notice {
    /// Creates a notice without a number.
    pub fn new(code: impl Into<String>, level: NoticeLevel, text: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            level,
            text: text.into(),
            count: None,
            licenses: None,
        }
    }

    /// Sets the number.
    #[must_use]
    pub fn with_count(mut self, count: i64) -> Self {
        self.count = Some(count);
        self
    }

    /// Sets the number of licenses.
    #[must_use]
    pub fn with_licenses(mut self, licenses: i64) -> Self {
        self.licenses = Some(licenses);
        self
    }
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoticeLevel {
    /// The numbers are less than they could be.
    Warning,
    /// Something is wrong and wants an action.
    Error,
    /// Good to know; also a level that this version does not know.
    #[serde(other)]
    Info,
}

/// Where numbers come from.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Source {
    /// A stable name.
    pub id: String,
    /// What a person reads.
    #[serde(default)]
    pub label: String,
    /// When it was read, as an RFC 3339 time in UTC, or the day that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// How fresh it is.
    pub state: SourceState,
    /// Why it is not fresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Source {
    /// Creates a source of this state.
    pub fn new(id: impl Into<String>, label: impl Into<String>, state: SourceState) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            as_of: None,
            state,
            reason: None,
        }
    }

    /// Sets when it was read.
    #[must_use]
    pub fn with_as_of(mut self, as_of: impl Into<String>) -> Self {
        self.as_of = Some(as_of.into());
        self
    }

    /// Sets why it is not fresh.
    #[must_use]
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// How fresh a source is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourceState {
    /// As new as was asked for.
    Fresh,
    /// Older than was asked for; the reason says why.
    Stale,
    /// Not there; the reason says why. Also a state that this version does not know.
    #[serde(other)]
    Unavailable,
}
