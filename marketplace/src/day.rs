//! A calendar day in UTC, without time or zone.

use std::fmt;
use std::num::NonZeroI32;

use chrono::{Datelike, NaiveDate};

/// A calendar day, counted from 0001-01-01 (day 1).
///
/// It takes four bytes, and so does an `Option<Day>`. A missing day sorts before all others.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Day(NonZeroI32);

/// The first day that can have users: 2012-01-01, in the year the Marketplace opened.
pub const HISTORY_BEGINS: Day = Day::of_number(734_503);

const FIRST: NonZeroI32 = NonZeroI32::new(1).expect("1 is not 0");

impl Day {
    /// Creates the day with a number, 1 or less for 0001-01-01.
    pub(crate) const fn of_number(number: i32) -> Self {
        match NonZeroI32::new(number) {
            Some(number) if number.get() > 0 => Self(number),
            _ => Self(FIRST),
        }
    }

    /// Returns the number of the day, 1 for 0001-01-01.
    pub(crate) const fn number(self) -> i32 {
        self.0.get()
    }

    /// Reads the first ten characters of a text (`2026-11-20`, `2026-11-20T10:03:51.000Z`).
    ///
    /// Returns nothing if they are not a date: a date that cannot be read is a missing date.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes().first_chunk::<10>()?
        else {
            return None;
        };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0u32, |sum, digit| {
                digit
                    .is_ascii_digit()
                    .then(|| sum * 10 + u32::from(digit - b'0'))
            })
        };
        let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
        NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
            .filter(|_| year > 0)
            .map(Self::from)
    }

    /// Returns the day so many days later, or earlier if negative, but never before 0001-01-01.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self::of_number(self.0.get().saturating_add(days))
    }

    /// Returns how many days this day is after the other, negative if before.
    #[must_use]
    pub const fn days_since(self, other: Self) -> i32 {
        self.0.get() - other.0.get()
    }

    /// Returns the day as a date of `chrono`.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0.get()).unwrap_or(NaiveDate::MAX)
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self::of_number(date.num_days_from_ce())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_first_ten_characters() {
        let cases = [
            ("2026-11-20", Some("2026-11-20")),
            ("2026-11-20T10:03:51.000Z", Some("2026-11-20")),
            ("2026-11-20 and more", Some("2026-11-20")),
            ("2024-02-29", Some("2024-02-29")),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("0000-01-01", None),
            (" 2026-11-20", None),
            ("2026-1-20", None),
            ("20261120", None),
            ("2026-11-2x", None),
            ("+026-11-20", None),
            ("null", None),
            ("", None),
            ("éééééééééé", None),
        ];
        for (text, expected) in cases {
            assert_eq!(
                Day::parse(text).map(|day| day.to_string()).as_deref(),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn history_begins_on_the_first_day_of_2012() {
        assert_eq!(HISTORY_BEGINS.to_string(), "2012-01-01");
        assert_eq!(Day::parse("2012-01-01"), Some(HISTORY_BEGINS));
    }

    #[test]
    fn a_missing_day_comes_before_all_others() {
        assert!(None < Day::parse("0001-01-01"));
        assert_eq!(size_of::<Option<Day>>(), 4);
    }

    #[test]
    fn days_are_added_and_subtracted() {
        let day = Day::parse("2026-03-01").unwrap();
        assert_eq!(day.plus(-1).to_string(), "2026-02-28");
        assert_eq!(day.plus(31).days_since(day), 31);
        assert_eq!(day.plus(i32::MIN).to_string(), "0001-01-01");
        assert_eq!(Day::from(day.date()), day);
    }
}
