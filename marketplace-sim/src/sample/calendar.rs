//! The days on which licenses of the sample vendor start: more each year, more in spring and autumn, few at weekends.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::day;
use crate::sample::random::scaled;

/// How many years the vendor has been in business.
pub(crate) const YEARS: i64 = 8;

/// How the business of an app grows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Growth {
    /// By a fifth each year.
    Brisk,
    /// By about a tenth each year.
    Steady,
}

impl Growth {
    /// Returns the new licenses of the previous month per thousand of this month.
    fn month_before(self) -> u64 {
        match self {
            Self::Brisk => 982,
            Self::Steady => 991,
        }
    }
}

/// The days on which a license can start, with their weights.
pub(crate) struct Calendar {
    first: NaiveDate,
    today: NaiveDate,
    brisk: Vec<u64>,
    steady: Vec<u64>,
}

impl Calendar {
    /// Creates the calendar of the years up to `today`.
    pub(crate) fn new(today: NaiveDate) -> Self {
        let first = day::plus(today, -YEARS * 365);
        Self {
            first,
            today,
            brisk: sums(Growth::Brisk, first, today),
            steady: sums(Growth::Steady, first, today),
        }
    }

    /// Returns the day that the calendar was made for.
    pub(crate) fn today(&self) -> NaiveDate {
        self.today
    }

    /// Returns the first day of the business.
    pub(crate) fn first(&self) -> NaiveDate {
        self.first
    }

    /// Returns the day between `first` and yesterday at `part` (of 2^64) of the sum of their weights.
    pub(crate) fn pick(&self, part: u64, growth: Growth, first: NaiveDate) -> NaiveDate {
        let sums = match growth {
            Growth::Brisk => &self.brisk,
            Growth::Steady => &self.steady,
        };
        let skipped = usize::try_from((first - self.first).num_days()).unwrap_or(0);
        let before = sums.get(skipped).copied().unwrap_or(0);
        let total = sums.last().copied().unwrap_or(0);
        let at = before + scaled(part, total.saturating_sub(before));
        let number = sums.partition_point(|sum| *sum <= at).max(1) - 1;
        day::plus(self.first, i64::try_from(number).unwrap_or(0))
    }
}

/// Returns the sum of the weights before each day, and the total.
fn sums(growth: Growth, first: NaiveDate, today: NaiveDate) -> Vec<u64> {
    let days = (today - first).num_days();
    let mut month_weights = vec![1_000_000_u64];
    for month in 0..=days / 30 {
        let last = month_weights[usize::try_from(month).unwrap_or(0)];
        month_weights.push(last * growth.month_before() / 1000);
    }
    let mut sums = vec![0];
    let mut sum = 0;
    for number in 0..days {
        let date = day::plus(first, number);
        let age_months = usize::try_from((days - number) / 30).unwrap_or(0);
        let weight = month_weights.get(age_months).copied().unwrap_or(0);
        sum += weight * season(date) / 100 * weekday(date) / 100;
        sums.push(sum);
    }
    sums
}

fn season(date: NaiveDate) -> u64 {
    match date.month() {
        1 | 3 | 10 => 115,
        2 | 9 | 11 => 110,
        7 | 8 => 85,
        12 => 80,
        _ => 100,
    }
}

fn weekday(date: NaiveDate) -> u64 {
    match date.weekday() {
        Weekday::Sat | Weekday::Sun => 12,
        Weekday::Fri => 85,
        _ => 110,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::random::Random;

    #[test]
    fn every_picked_day_is_in_range_and_late_ones_are_more() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let calendar = Calendar::new(today);
        let mut random = Random::new(1, 1, 1);
        let days: Vec<_> = (0..2000)
            .map(|_| calendar.pick(random.next(), Growth::Brisk, calendar.first()))
            .collect();
        assert!(
            days.iter()
                .all(|day| *day >= calendar.first() && *day < today)
        );
        let age = |day: &NaiveDate| (today - *day).num_days() / 365;
        let count = |years| days.iter().filter(|day| age(day) == years).count();
        assert!(count(0) > count(4) && count(4) > count(7) && count(7) > 0);
        let late = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        assert!((0..500).all(|_| calendar.pick(random.next(), Growth::Steady, late) >= late));
    }
}
