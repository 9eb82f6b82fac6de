//! How much changes from one day to the next.

use chrono::NaiveDate;
use serde::Serialize;

/// How many rows change when a day goes by.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Changes(Option<u32>);

impl Changes {
    /// Creates the usual number of changes: one row for every two hundred licenses, and at least one.
    #[must_use]
    pub fn usual() -> Self {
        Self(None)
    }

    /// Creates exactly this number of changes: rows of both lists that are changed, added or removed.
    #[must_use]
    pub fn rows(count: u32) -> Self {
        Self(Some(count))
    }

    /// Returns the number of rows, for a vendor with `licenses` licenses.
    pub(crate) fn count(self, licenses: u32) -> u32 {
        self.0.unwrap_or_else(|| (licenses / 200).max(1))
    }
}

/// The day that a stand-in has moved on to, and the rows that differ from the day before, of both lists together.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct NextDay {
    /// The number of days that have gone by.
    pub revision: u32,
    /// The day.
    pub today: NaiveDate,
    /// The rows that changed.
    pub changed: u32,
    /// The rows that were added.
    pub added: u32,
    /// The rows that are no longer listed.
    pub removed: u32,
}

/// The data do not change by themselves: they are not those of the sample vendor.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("only the data of the sample vendor change from day to day")]
pub struct FixedData;
