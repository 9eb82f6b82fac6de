//! Tables of a view, and the rows behind a part of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rows under typed columns.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Table {
    /// A stable name.
    pub id: String,
    /// What a person reads; empty if the id says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with one cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows there are, where not all of them are here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// How many rows are shown on a tile with room for them. With 0 the table is not on the tile, but still
    /// among its data. Without it, the host decides; a table with the id of a chart holds the data of that
    /// chart and is not on the tile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tile_rows: Option<u32>,
    /// By what the rows are sorted; also the order in which the rows behind a part are shown first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sorting: Option<Sorting>,
    /// The id of the column whose numbers are summed up below the rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<String>,
    /// A sentence above the rows that says what they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

impl Table {
    /// Creates a table without rows.
    pub fn new(id: impl Into<String>, label: impl Into<String>, columns: Vec<Column>) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            columns,
            rows: Vec::new(),
            total: None,
            tile_rows: None,
            sorting: None,
            sum: None,
            summary: None,
        }
    }

    /// Sets how many rows are shown on a tile.
    #[must_use]
    pub fn with_tile_rows(mut self, rows: u32) -> Self {
        self.tile_rows = Some(rows);
        self
    }

    /// Says by which column the rows are sorted.
    #[must_use]
    pub fn with_sorting(mut self, column: impl Into<String>, order: Order) -> Self {
        self.sorting = Some(Sorting {
            column: column.into(),
            order,
        });
        self
    }

    /// Sets the column whose numbers are summed up below the rows.
    #[must_use]
    pub fn with_sum(mut self, column: impl Into<String>) -> Self {
        self.sum = Some(column.into());
        self
    }

    /// Sets the sentence above the rows.
    #[must_use]
    pub fn with_summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// Returns the position of the column of this id.
    #[must_use]
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.id == id)
    }
}

/// A column of a table.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Column {
    /// A stable name.
    pub id: String,
    /// What a person reads.
    #[serde(default)]
    pub label: String,
    /// What its cells hold.
    #[serde(default)]
    pub kind: ColumnKind,
    /// What its cells mean for their row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<ColumnRole>,
    /// What is counted, such as `users`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Where it is shown.
    #[serde(default, skip_serializing_if = "Visibility::is_always")]
    pub visibility: Visibility,
}

impl Column {
    /// Creates a column.
    pub fn new(id: impl Into<String>, label: impl Into<String>, kind: ColumnKind) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            kind,
            role: None,
            unit: String::new(),
            visibility: Visibility::Always,
        }
    }

    /// Sets what the cells mean for their row.
    #[must_use]
    pub fn with_role(mut self, role: ColumnRole) -> Self {
        self.role = Some(role);
        self
    }

    /// Sets what is counted.
    #[must_use]
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// Sets where the column is shown.
    #[must_use]
    pub fn with_visibility(mut self, visibility: Visibility) -> Self {
        self.visibility = visibility;
        self
    }
}

/// What the cells of a column mean for their row.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ColumnRole {
    /// The stable name of what the row is about.
    Key,
    /// What people call it.
    Label,
    /// A level, such as the users of an app.
    Level,
    /// The same level at an earlier time, which the column's label names.
    EarlierLevel,
    /// The low end of a level that is the upper end of a band.
    LowEnd,
    /// An amount that was added: not negative, written with a plus sign.
    Gain,
    /// An amount that was taken away: not negative, written with a minus sign.
    Loss,
    /// A change, written with its sign.
    Change,
    /// None of these; also a role that this version does not know.
    #[serde(other)]
    Other,
}

/// Where a column is shown. All columns are in the data: in the tables below a tile, in text and in CSV.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Visibility {
    /// On tiles of the two large sizes, but not on narrow ones.
    WideTile,
    /// Not on a tile; among the rows behind a part only after all columns are asked for.
    Data,
    /// Everywhere; also a place that this version does not know.
    #[default]
    #[serde(other)]
    Always,
}

impl Visibility {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    fn is_always(&self) -> bool {
        *self == Self::Always
    }
}

/// By what the rows of a table are sorted.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sorting {
    /// The id of the column.
    pub column: String,
    /// In which direction.
    pub order: Order,
}

/// The direction in which rows are sorted.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Order {
    /// The largest first.
    Descending,
    /// The smallest first; also an order that this version does not know.
    #[serde(other)]
    Ascending,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ColumnKind {
    /// A day as `YYYY-MM-DD`.
    Date,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Text; also a kind that this version does not know.
    #[default]
    #[serde(other)]
    Text,
}

/// One cell.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing is known.
    Empty(()),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(String),
}

impl Cell {
    /// Returns the cell that says nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self::Empty(())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
