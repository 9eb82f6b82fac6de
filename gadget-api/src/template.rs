//! Dashboard templates: tiles that a library proposes together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A dashboard that a library proposes.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Template {
    /// A stable name, such as `atlassian-marketplace-partner`.
    pub id: String,
    /// What a person reads.
    pub name: String,
    /// One line about it.
    pub summary: String,
    /// The semantics to ask for once, in this order.
    pub ask: Vec<String>,
    /// The tiles in reading order.
    pub tiles: Vec<TemplateTile>,
}

/// One tile of a template.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct TemplateTile {
    /// The id of the gadget.
    pub gadget: String,
    /// How large it is.
    pub size: TileSize,
    /// Settings that are set from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Value>,
    /// A semantic: the tile comes once for each value that was chosen of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<String>,
}

impl TemplateTile {
    /// Creates a tile that comes once, with default settings.
    pub fn new(gadget: impl Into<String>, size: TileSize) -> Self {
        Self {
            gadget: gadget.into(),
            size,
            settings: None,
            repeat: None,
        }
    }

    /// Repeats the tile for each chosen value of `semantic`.
    #[must_use]
    pub fn repeated_for(mut self, semantic: impl Into<String>) -> Self {
        self.repeat = Some(semantic.into());
        self
    }
}

/// The size of a tile on the grid.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub enum TileSize {
    /// A quarter of the width.
    S,
    /// A third of the width.
    M,
    /// Two thirds of the width.
    L,
    /// The whole width.
    XL,
}
