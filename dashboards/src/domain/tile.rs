//! A gadget placed on a dashboard.

use gadget_api::{TileSize, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Name, Settings, TileId};

/// How often a tile refreshes automatically, in minutes: 5 to 1440.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct RefreshMinutes(u32);

/// A number of minutes is not allowed as a refresh interval.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a gadget cannot refresh every {minutes} minutes; choose 5 minutes to one day (1440)")]
pub struct BadRefresh {
    minutes: u32,
}

impl RefreshMinutes {
    /// Creates a refresh interval.
    ///
    /// # Errors
    ///
    /// Returns an error when it is shorter than 5 minutes or longer than a day.
    pub fn new(minutes: u32) -> Result<Self, BadRefresh> {
        if (5..=24 * 60).contains(&minutes) {
            return Ok(Self(minutes));
        }
        Err(BadRefresh { minutes })
    }

    /// Returns the number of minutes.
    #[must_use]
    pub fn minutes(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for RefreshMinutes {
    type Error = BadRefresh;

    fn try_from(minutes: u32) -> Result<Self, BadRefresh> {
        Self::new(minutes)
    }
}

impl From<RefreshMinutes> for u32 {
    fn from(refresh: RefreshMinutes) -> Self {
        refresh.0
    }
}

/// A gadget placed on a dashboard, with its settings.
///
/// Its position is its index among the tiles of the dashboard.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Tile {
    /// The id within the dashboard.
    pub id: TileId,
    /// The id of the gadget.
    pub gadget: String,
    /// The gadget version that the settings are for.
    pub gadget_version: Version,
    /// The name that a user gave it; without one, the gadget's title is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The size.
    pub size: TileSize,
    /// The settings; empty until it is set up.
    pub settings: Settings,
    /// How often it refreshes automatically; without an interval, only on request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<RefreshMinutes>,
}

impl Tile {
    /// Creates a tile that is not set up yet.
    pub fn new(
        id: TileId,
        gadget: impl Into<String>,
        gadget_version: Version,
        size: TileSize,
    ) -> Self {
        Self {
            id,
            gadget: gadget.into(),
            gadget_version,
            name: None,
            size,
            settings: Settings::default(),
            refresh: None,
        }
    }

    /// Returns the label for messages: the tile's name, or the gadget's id.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_ref().map_or(&self.gadget, Name::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_interval_is_between_5_minutes_and_a_day() {
        for (minutes, is_good) in [
            (0, false),
            (4, false),
            (5, true),
            (1440, true),
            (1441, false),
        ] {
            assert_eq!(RefreshMinutes::new(minutes).is_ok(), is_good, "{minutes}");
        }
    }
}
