//! The rows that were updated last, by which a sync sees that nothing changed.

use crate::{day::Day, rows::Rows};

/// How many days before the newest update a sync asks for changes: rows are listed late.
const OVERLAP_DAYS: i32 = 2;

/// What the rows said that were updated last.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct RecentRows {
    /// The first day whose updates are known; nothing if no row has a day.
    pub(crate) since: Option<Day>,
    /// Sorted digests of these rows.
    pub(crate) digests: Vec<u64>,
}

impl RecentRows {
    /// Creates the list of no rows, given the day of the newest update.
    ///
    /// A day after today is an error of the source: with it, no update would ever be recent.
    pub(crate) fn new(newest: Option<Day>, today: Day) -> Self {
        Self {
            since: newest.map(|newest| newest.min(today).plus(-OVERLAP_DAYS)),
            digests: Vec::new(),
        }
    }

    /// Adds the rows that were updated since the first day.
    pub(crate) fn add(&mut self, rows: &Rows) {
        let Some(since) = self.since else {
            return;
        };
        let licenses = rows.licenses.iter();
        let licenses = licenses.filter(|row| row.last_updated >= Some(since));
        let licenses = licenses.map(|row| short(rows.license_digest(row)));
        let transactions = rows.transactions.iter();
        let transactions = transactions.filter(|row| row.last_updated >= Some(since));
        let transactions = transactions.map(|row| short(rows.transaction_digest(row)));
        self.digests.extend(licenses.chain(transactions));
    }

    /// Ends adding.
    pub(crate) fn sort(&mut self) {
        self.digests.sort_unstable();
        self.digests.dedup();
    }

    /// Tells whether a row with this digest and day of its last update was known, or is too old to matter.
    pub(crate) fn knows(&self, digest: u128, last_updated: Option<Day>) -> bool {
        let is_old = last_updated.is_some() && last_updated < self.since;
        is_old || self.digests.binary_search(&short(digest)).is_ok()
    }
}

fn short(digest: u128) -> u64 {
    u64::try_from(digest & u128::from(u64::MAX)).unwrap_or_default()
}
