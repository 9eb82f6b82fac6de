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
        }
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
}

impl Column {
    /// Creates a column.
    pub fn new(id: impl Into<String>, label: impl Into<String>, kind: ColumnKind) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            kind,
        }
    }
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
