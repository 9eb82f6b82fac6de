//! Why a change of a dashboard is refused.

use crate::domain::{BadSettings, MAX_TILES, TileId};

/// Why a change of a dashboard is refused. Nothing was changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ChangeRefusal {
    /// The dashboard is deleted.
    #[error("the dashboard is deleted; restore it first")]
    Deleted,
    /// The change names a tile that the dashboard does not have.
    #[error("the dashboard has no gadget `{tile}`; it may have been removed")]
    UnknownTile {
        /// The tile.
        tile: TileId,
    },
    /// The change adds a tile whose id is already taken.
    #[error("the dashboard already has a gadget `{tile}`")]
    TileExists {
        /// The tile.
        tile: TileId,
    },
    /// The change names one tile twice.
    #[error("the change names the gadget `{tile}` twice")]
    DuplicateTile {
        /// The tile.
        tile: TileId,
    },
    /// The dashboard has the maximum number of tiles.
    #[error("a dashboard can have at most {MAX_TILES} gadgets; remove one first")]
    TooManyTiles,
    /// The settings of a tile would become too large.
    #[error("the settings of “{label}” cannot be saved: {problem}")]
    Settings {
        /// The label of the tile.
        label: String,
        /// What is wrong with them.
        problem: BadSettings,
    },
    /// The change cannot be undone because later changes set the same fields.
    #[error(
        "change {revision} cannot be undone: {} changed later, in change {later}; undo that one first",
        list(fields)
    )]
    ChangedLater {
        /// The change to undo.
        revision: u64,
        /// The first later change that conflicts.
        later: u64,
        /// Descriptions of the fields.
        fields: Vec<String>,
    },
    /// The change has already been undone.
    #[error("change {revision} was already undone by change {by}")]
    AlreadyUndone {
        /// The change.
        revision: u64,
        /// The change that undid it.
        by: u64,
    },
    /// The change is no longer in the history, or never was.
    #[error("change {revision} cannot be undone: it is no longer in the history")]
    UnknownChange {
        /// The change.
        revision: u64,
    },
    /// Every tile that the undo would change has a missing library.
    #[error(
        "change {revision} cannot be undone: the libraries of its gadgets are missing; install them first"
    )]
    LibrariesMissing {
        /// The change.
        revision: u64,
    },
}

/// Joins descriptions for a message.
fn list(items: &[String]) -> String {
    match items {
        [] => "something".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
