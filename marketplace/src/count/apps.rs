//! The apps of a vendor: the share of each in the totals.

use super::ledger::Ledger;
use super::movement::ByKind;
use super::period::Period;
use super::totals::Totals;

/// One app: its current users, and its movements in a period.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AppRow {
    /// Its key.
    pub app: String,
    /// Licensed users.
    pub users_now: i64,
    /// Licensed users seven days ago.
    pub users_week_ago: i64,
    /// Users of each kind of movement.
    pub users: ByKind<i64>,
}

impl Totals {
    /// Returns every app that has rows, by key, with its movements in a period.
    ///
    /// They add up to the report of that period. Time is O(apps · log days).
    #[must_use]
    pub fn by_app(&self, period: Period) -> Vec<AppRow> {
        self.apps()
            .map(|app| AppRow {
                app: app.key.clone(),
                users_now: app.users_now().iter().sum(),
                users_week_ago: self.users_week_ago(app),
                users: app.users_between(period.from(), period.until()),
            })
            .collect()
    }
}

impl Ledger {
    /// Returns every app that has rows, by key, with its movements in a period.
    ///
    /// They add up to the report of that period. Time is O(apps · log days).
    #[must_use]
    pub fn by_app(&self, period: Period) -> Vec<AppRow> {
        self.totals().by_app(period)
    }
}
