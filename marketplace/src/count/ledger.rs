//! The ledger: the totals of an app, or of all apps of a vendor, with the licenses and movements behind them.

use super::bucket::Bucket;
use super::counter::{CountedLicense, Counter, LicenseSink};
use super::current_status::CurrentStatus;
use super::exclusion::Exclusion;
use super::hosting::Hosting;
use super::movement::{Movement, for_each_change};
use super::period::{Period, PeriodError};
use super::report::Report;
use super::rules::Rules;
use super::totals::Totals;
use super::vocabulary::Vocabulary;
use crate::day::Day;
use crate::rows::Rows;
use crate::texts::Text;

/// The totals of an app, or of all apps, by given rules up to a day, with the licenses and movements behind them.
#[derive(Clone, Debug)]
pub struct Ledger {
    totals: Totals,
    current_status: CurrentStatus,
    pub(super) lists: Lists,
}

/// All licenses and movements of a ledger.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    pub(super) licenses: Vec<License>,
    /// The relevant transaction rows, grouped by license.
    transactions: Vec<u32>,
    /// By day, then by license.
    movements: Vec<Movement>,
}

/// One license of a ledger.
#[derive(Clone, Copy, Debug)]
pub(super) struct License {
    /// The word that is the key of its app.
    pub(super) app: Text,
    /// The preferred license row.
    pub(super) row: Option<u32>,
    pub(super) hosting: Hosting,
    /// The end of its transaction rows, which start at the end of those of the previous license.
    transactions_end: u32,
    pub(super) users_now: i64,
    pub(super) users_now_low: i64,
    pub(super) is_kept_by_grace: bool,
    /// Why it is excluded today.
    pub(super) left_out: Option<Exclusion>,
}

impl Ledger {
    /// Counts one app.
    ///
    /// Rows of other apps are ignored. Time is O(rows · log rows), whatever the length of the history.
    #[must_use]
    pub fn new(rows: &Rows, app: &str, rules: &Rules, today: Day) -> Self {
        Self::count(rows, rules, today, |counter, lists| {
            counter.count_one_app(app, lists)
        })
    }

    /// Counts all apps, each by itself: every number is the sum over the apps.
    ///
    /// Rows without an app are ignored. Time is O(rows · log rows), whatever the number of apps.
    #[must_use]
    pub fn of_all_apps(rows: &Rows, rules: &Rules, today: Day) -> Self {
        Self::count(rows, rules, today, |counter, lists| {
            counter.count_all_apps(lists)
        })
    }

    fn count(
        rows: &Rows,
        rules: &Rules,
        today: Day,
        count: impl FnOnce(Counter<'_>, &mut Lists) -> Totals,
    ) -> Self {
        let vocabulary = Vocabulary::read(&rows.words);
        let mut lists = Lists::default();
        let totals = count(Counter::new(rows, &vocabulary, rules, today), &mut lists);
        lists
            .movements
            .sort_unstable_by_key(|movement| (movement.day, movement.license));
        Self {
            current_status: totals.current_status(),
            totals,
            lists,
        }
    }

    /// Returns its totals, which add up with those of other licenses.
    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Returns its totals alone.
    #[must_use]
    pub fn into_totals(self) -> Totals {
        self.totals
    }

    /// Returns the day up to which it counts.
    #[must_use]
    pub const fn today(&self) -> Day {
        self.totals.today()
    }

    /// Returns the current status of the app, or of all apps together.
    #[must_use]
    pub const fn current_status(&self) -> &CurrentStatus {
        &self.current_status
    }

    /// Returns the first day with users.
    #[must_use]
    pub fn first_day_with_users(&self) -> Option<Day> {
        self.totals.first_day_with_users()
    }

    /// Returns the numbers of a period, as [`Totals::report`] does.
    ///
    /// # Errors
    ///
    /// Returns an error when the period has more than 10,000 buckets.
    pub fn report(&self, period: Period, bucket: Bucket) -> Result<Report, PeriodError> {
        self.totals.report(period, bucket)
    }
}

impl Lists {
    /// Returns the movements of the days from `from` up to the one before `until`.
    pub(super) fn movements_between(&self, from: Day, until: Day) -> &[Movement] {
        let place = |day: Day| {
            self.movements
                .partition_point(|movement| movement.day < day)
        };
        self.movements
            .get(place(from)..place(until))
            .unwrap_or_default()
    }

    /// Returns the transaction rows of a license.
    pub(super) fn transactions_of(&self, license: u32) -> &[u32] {
        let place = license as usize;
        let from = place
            .checked_sub(1)
            .map_or(0, |before| self.licenses[before].transactions_end);
        &self.transactions[from as usize..self.licenses[place].transactions_end as usize]
    }
}

impl LicenseSink for Lists {
    fn add_license(&mut self, counted: &CountedLicense<'_>) {
        let license = u32::try_from(self.licenses.len()).unwrap_or(u32::MAX);
        let movements = &mut self.movements;
        for_each_change(counted.inputs, counted.steps, |change| {
            movements.push(change.movement(counted.inputs, license, counted.hosting));
        });
        self.transactions.extend_from_slice(counted.transactions);
        self.licenses.push(License {
            app: counted.app,
            row: counted.row,
            hosting: counted.hosting,
            transactions_end: u32::try_from(self.transactions.len()).unwrap_or(u32::MAX),
            users_now: counted.users_now,
            users_now_low: counted.users_now_low,
            is_kept_by_grace: counted.is_kept_by_grace,
            left_out: counted.left_out,
        });
    }
}
