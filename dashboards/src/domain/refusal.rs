//! Why a change of a dashboard is refused.

use crate::domain::{BadSettings, MAX_TILES, TileId};

/// Why a change of a dashboard is refused; nothing was changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The dashboard is deleted.
    #[error("the dashboard is deleted; restore it first")]
    Deleted,
    /// The change names a tile that is not there.
    #[error("the dashboard has no tile `{tile}`; it was removed or never there")]
    NoTile {
        /// The tile.
        tile: TileId,
    },
    /// The change adds a tile whose id is taken.
    #[error("the dashboard has a tile `{tile}` already")]
    TileExists {
        /// The tile.
        tile: TileId,
    },
    /// The change names one tile twice.
    #[error("the change names the tile `{tile}` twice")]
    TileTwice {
        /// The tile.
        tile: TileId,
    },
    /// There is no room for another tile.
    #[error("a dashboard holds at most {MAX_TILES} tiles; remove one first")]
    Full,
    /// The settings of a tile become too large.
    #[error("the settings of “{label}” cannot be kept: {source}")]
    Settings {
        /// What people call the tile.
        label: String,
        /// What is wrong.
        source: BadSettings,
    },
    /// A change cannot be undone because later ones touched the same fields.
    #[error(
        "change {revision} cannot be undone: {} changed later, in change {later}",
        list(fields)
    )]
    TouchedLater {
        /// The change that was to be undone.
        revision: u64,
        /// The first later change that is in the way.
        later: u64,
        /// The fields, as a person reads them.
        fields: Vec<String>,
    },
    /// A change is undone already.
    #[error("change {revision} is undone already, by change {by}")]
    UndoneAlready {
        /// The change.
        revision: u64,
        /// The change that undid it.
        by: u64,
    },
    /// A change is not kept any more, or never was.
    #[error("change {revision} cannot be undone: it is no longer kept")]
    NoRecord {
        /// The change.
        revision: u64,
    },
    /// Everything that would be undone belongs to tiles whose library is absent.
    #[error(
        "change {revision} cannot be undone: the libraries of all its tiles are absent; install them first"
    )]
    AllAbsent {
        /// The change.
        revision: u64,
    },
}

/// Writes a list for people.
fn list(items: &[String]) -> String {
    match items {
        [] => "something".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
