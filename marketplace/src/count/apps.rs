//! The apps of a vendor: the rows of each, and its share of the totals.

use std::ops::Range;

use super::ledger::{Ledger, Lists};
use super::movement::ByKind;
use super::period::Period;
use super::totals::Totals;
use crate::rows::{Rows, group::sort_by_number};
use crate::texts::Text;

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

/// An app of the lists of a ledger.
#[derive(Clone, Debug)]
pub(super) struct ListedApp {
    pub(super) key: String,
    /// The end of its licenses, which start at the end of those of the previous app.
    pub(super) licenses_end: u32,
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

impl Lists {
    /// Returns the key of the app of a license.
    pub(super) fn app_of(&self, license: u32) -> &str {
        let place = self.apps.partition_point(|app| app.licenses_end <= license);
        &self.apps[place].key
    }

    /// Returns the indices of the licenses of an app.
    pub(super) fn licenses_of(&self, app: &str) -> Range<u32> {
        let Some(place) = self.apps.iter().position(|counted| counted.key == app) else {
            return 0..0;
        };
        let before = place.checked_sub(1).map(|before| &self.apps[before]);
        before.map_or(0, |before| before.licenses_end)..self.apps[place].licenses_end
    }
}

/// The indices of the rows of every app.
#[derive(Debug)]
pub(super) struct AppRows {
    apps: Vec<Text>,
    licenses: Vec<u32>,
    license_ends: Vec<u32>,
    transactions: Vec<u32>,
    transaction_ends: Vec<u32>,
}

impl AppRows {
    pub(super) fn of(rows: &Rows) -> Self {
        let mut numbers = vec![None; rows.words.len()];
        let mut apps = Vec::new();
        let mut number_of = |app: Text| {
            *numbers[app.index()].get_or_insert_with(|| {
                apps.push(app);
                u32::try_from(apps.len() - 1).unwrap_or(u32::MAX)
            })
        };
        let licenses = rows.licenses.iter().map(|row| number_of(row.app));
        let licenses: Vec<u32> = licenses.collect();
        let transactions = rows.transactions.iter().map(|row| number_of(row.app));
        let transactions: Vec<u32> = transactions.collect();
        let count = u32::try_from(apps.len()).unwrap_or(u32::MAX);
        let sorted = |numbers: &[u32]| {
            let all: Vec<u32> = (0..).take(numbers.len()).collect();
            sort_by_number(&all, numbers, count)
        };
        let (licenses, license_ends) = sorted(&licenses);
        let (transactions, transaction_ends) = sorted(&transactions);
        Self {
            apps,
            licenses,
            license_ends,
            transactions,
            transaction_ends,
        }
    }

    /// Returns every app that has a key, with its license rows and its transaction rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Text, &[u32], &[u32])> {
        let part = |ends: &[u32], place: usize| {
            let from = place.checked_sub(1).map_or(0, |before| ends[before]);
            from as usize..ends[place] as usize
        };
        let parts = self.apps.iter().enumerate().map(move |(place, app)| {
            (
                *app,
                &self.licenses[part(&self.license_ends, place)],
                &self.transactions[part(&self.transaction_ends, place)],
            )
        });
        parts.filter(|(app, ..)| !app.is_missing())
    }
}
