//! The view: what a gadget shows, as data. Hosts draw it; ids are stable names.
//!
//! A host does not know any id. How a part is drawn is said by the members beside its id, such as
//! [`Notation`] of a figure, [`Tone`] of a series and [`ColumnRole`] of a column. Each of them has a default.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    chart::{Bucket, Chart, Role, Series, StackedBars, Tone, Waterfall, WaterfallStep},
    figure::{Better, Figure, Notation},
    notice::{Notice, NoticeLevel},
    table::{Cell, Column, ColumnKind, ColumnRole, Order, Sorting, Table, Visibility},
};

mod bounds;
mod chart;
mod figure;
mod notice;
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
    /// Single numbers. The headline is drawn first; see [`Figure::is_headline`].
    #[serde(default)]
    pub figures: Vec<Figure>,
    /// Charts.
    #[serde(default)]
    pub charts: Vec<Chart>,
    /// Tables.
    #[serde(default)]
    pub tables: Vec<Table>,
    /// The id of the table that stands for the whole view, for example in a CSV file. Without it, the first table does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub main_table: Option<String>,
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
            main_table: None,
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

    /// Returns the table that stands for the whole view: the one that [`View::main_table`] names, or else the first.
    #[must_use]
    pub fn main_table(&self) -> Option<&Table> {
        self.main_table
            .as_deref()
            .and_then(|id| self.table(id))
            .or(self.tables.first())
    }

    /// Returns the figure that is drawn first and large: the one that says so, or else the first.
    #[must_use]
    pub fn headline(&self) -> Option<&Figure> {
        self.figures
            .iter()
            .find(|figure| figure.is_headline)
            .or(self.figures.first())
    }

    /// Tells whether any source is older than was asked for.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.sources
            .iter()
            .any(|source| source.state == SourceState::Stale)
    }
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

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}
