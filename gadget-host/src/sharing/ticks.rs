//! The user's choices in a preview: a tick for each tile and semantic, and which tiles are shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The tiles that a preview shows.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Only tiles that are not set up yet.
    NotSetUp,
    /// All tiles.
    AllCompatible,
}

/// The ticks of a preview: for each tile, the semantics that it should take.
///
/// A tile that takes no part has none.
///
/// # Examples
///
/// ```
/// use gadget_host::sharing::Ticks;
///
/// let ticks = Ticks::from_iter([("tile-1", "period"), ("tile-1", "vendor")]);
/// assert!(ticks.has("tile-1", "period"));
/// assert_eq!(serde_json::to_string(&ticks)?, r#"{"tile-1":["period","vendor"]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Ticks(BTreeMap<String, BTreeSet<String>>);

impl Ticks {
    /// Sets the tick of `semantic` for a tile.
    pub fn set(&mut self, tile: impl Into<String>, semantic: impl Into<String>) {
        self.0
            .entry(tile.into())
            .or_default()
            .insert(semantic.into());
    }

    /// Clears the tick of `semantic` for a tile.
    pub fn clear(&mut self, tile: &str, semantic: &str) {
        if let Some(semantics) = self.0.get_mut(tile) {
            semantics.remove(semantic);
        }
    }

    /// Clears all ticks of a tile.
    pub fn clear_tile(&mut self, tile: &str) {
        self.0.remove(tile);
    }

    /// Tells whether `semantic` is ticked for a tile.
    #[must_use]
    pub fn has(&self, tile: &str, semantic: &str) -> bool {
        self.0
            .get(tile)
            .is_some_and(|semantics| semantics.contains(semantic))
    }

    /// Tells whether nothing is ticked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values().all(BTreeSet::is_empty)
    }

    /// Iterates over the ticks, each as a tile and a semantic.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(tile, semantics)| {
            semantics
                .iter()
                .map(move |semantic| (tile.as_str(), semantic.as_str()))
        })
    }

    /// Returns the semantics that are ticked for a tile.
    pub(crate) fn of(&self, tile: &str) -> BTreeSet<String> {
        self.0.get(tile).cloned().unwrap_or_default()
    }
}

impl<T: Into<String>, S: Into<String>> FromIterator<(T, S)> for Ticks {
    fn from_iter<I: IntoIterator<Item = (T, S)>>(ticks: I) -> Self {
        let mut all = Self::default();
        for (tile, semantic) in ticks {
            all.set(tile, semantic);
        }
        all
    }
}
