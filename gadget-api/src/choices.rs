//! Dynamic choices: what a field offers, given the settings so far.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One value that a field offers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Choice {
    /// The value in the settings.
    pub value: Value,
    /// What a person reads.
    pub title: String,
    /// One more line about it; empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

impl Choice {
    /// Creates a choice without a description.
    pub fn new(value: impl Into<Value>, title: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            title: title.into(),
            description: String::new(),
        }
    }
}

/// What a field offers, or why it offers nothing yet.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Choices {
    /// The values that can be chosen, in the order in which they are shown.
    Offered(Vec<Choice>),
    /// Nothing can be offered yet; the text says what to set first.
    Waiting(String),
}
