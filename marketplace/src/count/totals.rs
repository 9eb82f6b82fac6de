//! Totals: everything that a report, the table of apps and the notices need, and nothing about a single license.

mod app;
mod codec;
mod counters;
mod line;
mod repeats;

use std::sync::Arc;

use super::counter::Counter;
use super::current_status::CurrentStatus;
use super::rules::Rules;
use super::vocabulary::Vocabulary;
use crate::day::Day;
use crate::rows::Rows;
use counters::Counters;

pub(super) use app::{AppTotals, AppTotalsBuilder};
pub(super) use counters::TextCollector;
pub(super) use line::LineSums;
pub(super) use repeats::Repeats;

/// The totals of some licenses, by app, as of a day.
///
/// They add up: the totals of the parts of a vendor's rows are those of all its rows if all rows of one license are
/// in one part. Copies share their memory.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Totals {
    today: Day,
    /// By key.
    apps: Vec<Arc<AppTotals>>,
}

impl Totals {
    /// Creates the totals of no license.
    #[must_use]
    pub const fn new(today: Day) -> Self {
        Self {
            today,
            apps: Vec::new(),
        }
    }

    /// Counts all apps of some rows; these must include all rows of each license.
    ///
    /// They are the totals of [`Ledger::of_all_apps`], which takes longer because it also lists licenses and
    /// movements.
    ///
    /// [`Ledger::of_all_apps`]: super::Ledger::of_all_apps
    #[must_use]
    pub fn of(rows: &Rows, rules: &Rules, today: Day) -> Self {
        let vocabulary = Vocabulary::read(&rows.words);
        Counter::new(rows, &vocabulary, rules, today).count_all_apps(&mut ())
    }

    /// Creates the totals of these apps; there must be only one with each key.
    pub(super) fn of_apps(today: Day, apps: impl IntoIterator<Item = AppTotals>) -> Self {
        let mut apps: Vec<Arc<AppTotals>> = apps.into_iter().map(Arc::new).collect();
        apps.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        Self { today, apps }
    }

    /// Adds the totals of other licenses, counted by the same rules on the same day.
    ///
    /// The order of additions makes no difference. Time is O(days with movements), whatever the number of licenses.
    pub fn add(&mut self, other: Self) {
        for app in other.apps {
            match self.place(&app.key) {
                Ok(place) => Arc::make_mut(&mut self.apps[place]).add(&app),
                Err(place) => self.apps.insert(place, app),
            }
        }
    }

    /// Adds up the totals of parts, which is faster for many of them than to add one after another.
    ///
    /// All must be counted by the same rules on `today`.
    #[must_use]
    pub fn sum(today: Day, parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().collect();
        // Sums of equally many parts are added, so that the days of a part are visited only log(parts) times.
        while parts.len() > 1 {
            let half = parts.len().div_ceil(2);
            let second_half = parts.split_off(half);
            for (sum, part) in parts.iter_mut().zip(second_half) {
                sum.add(part);
            }
        }
        parts.pop().unwrap_or_else(|| Self::new(today))
    }

    /// Returns the totals of one app; nothing if none of its rows was counted.
    #[must_use]
    pub fn of_app(&self, key: &str) -> Option<Self> {
        let place = self.place(key).ok()?;
        Some(Self {
            today: self.today,
            apps: vec![Arc::clone(&self.apps[place])],
        })
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.apps.binary_search_by(|app| app.key.as_str().cmp(key))
    }

    /// Returns the day up to which they count.
    #[must_use]
    pub const fn today(&self) -> Day {
        self.today
    }

    /// Returns the first day with users.
    #[must_use]
    pub fn first_day_with_users(&self) -> Option<Day> {
        let days = self.apps.iter();
        days.filter_map(|app| app.first_day_with_users()).min()
    }

    /// Returns the current status of all apps together.
    #[must_use]
    pub fn current_status(&self) -> CurrentStatus {
        let mut counters = Counters::default();
        let (mut users_now, mut users_week_ago) = (0, 0);
        for app in &self.apps {
            counters.add(&app.counters);
            users_now += app.users_now().iter().sum::<i64>();
            users_week_ago += self.users_week_ago(app);
        }
        counters.into_current_status(users_now, users_week_ago)
    }

    /// Returns the users of an app seven days ago.
    pub(super) fn users_week_ago(&self, app: &AppTotals) -> i64 {
        app.users_before(self.today.plus(-6)).iter().sum()
    }

    pub(super) fn apps(&self) -> impl Iterator<Item = &AppTotals> {
        self.apps.iter().map(AsRef::as_ref)
    }

    /// Returns about how much memory they take, in bytes; copies share it.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let apps = self.apps.iter().map(|app| app.bytes());
        size_of::<Self>() + self.apps.capacity() * size_of::<Arc<AppTotals>>() + apps.sum::<usize>()
    }
}
