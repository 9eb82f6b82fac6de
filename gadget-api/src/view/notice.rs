//! What a reader has to know to read the numbers of a view right.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// What [`Notice::count`] counts, such as `licenses`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
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
            unit: String::new(),
            licenses: None,
        }
    }

    /// Sets the number.
    #[must_use]
    pub fn with_count(mut self, count: i64) -> Self {
        self.count = Some(count);
        self
    }

    /// Sets what the number counts.
    #[must_use]
    pub fn with_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
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
    /// The numbers are less than they could be. Older views call it `warning`.
    #[serde(alias = "warning")]
    Attention,
    /// Something is wrong and needs an action. Older views call it `error`.
    #[serde(alias = "error")]
    Problem,
    /// Good to know; also a level that this version does not know.
    #[serde(other)]
    Info,
}
