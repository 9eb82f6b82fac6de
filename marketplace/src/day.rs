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

// Eight bytes each, to look at eight digits at once.
const HIGH_HALVES: u64 = u64::from_le_bytes([0xf0; 8]);
const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
const SIXES: u64 = u64::from_le_bytes([6; 8]);

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
        let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
        // A digit is 0x30 to 0x39: adding 6 changes the high half of any greater byte.
        let word = u64::from_le_bytes(digits);
        let is_number =
            word & HIGH_HALVES == ZEROS && word.wrapping_add(SIXES) & HIGH_HALVES == ZEROS;
        if !is_number {
            return None;
        }
        let [y1, y2, y3, y4, m1, m2, d1, d2] = digits.map(|digit| u32::from(digit & 0x0f));
        Self::of_date(
            y1 * 1000 + y2 * 100 + y3 * 10 + y4,
            m1 * 10 + m2,
            d1 * 10 + d2,
        )
    }

    /// Returns the day of a date of the Gregorian calendar, or nothing if there is no such date from the year 1 on.
    ///
    /// It is what `NaiveDate::from_ymd_opt` says, but faster: a record has several dates.
    #[inline]
    fn of_date(year: u32, month: u32, day: u32) -> Option<Self> {
        // The days of a year before each month, and how many days the month has.
        const MONTHS: [(u16, u8); 12] = [
            (0, 31),
            (31, 28),
            (59, 31),
            (90, 30),
            (120, 31),
            (151, 30),
            (181, 31),
            (212, 31),
            (243, 30),
            (273, 31),
            (304, 30),
            (334, 31),
        ];
        let (before, days) = *MONTHS.get((month as usize).wrapping_sub(1))?;
        let is_leap = year & if year.is_multiple_of(25) { 15 } else { 3 } == 0;
        let leap_day = u32::from(is_leap);
        let days = u32::from(days) + if month == 2 { leap_day } else { 0 };
        let years = year.checked_sub(1)?;
        if day < 1 || day > days {
            return None;
        }
        let centuries = years / 100;
        let number = years * 365 + years / 4 - centuries
            + centuries / 4
            + u32::from(before)
            + if month > 2 { leap_day } else { 0 }
            + day;
        Some(Self::of_number(number.cast_signed()))
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
            ("2026-11-2:", None),
            ("2026-1/-20", None),
            ("2026-11-2?", None),
            ("2026-00-10", None),
            ("2026-11-00", None),
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
    fn every_date_is_read_as_the_calendar_has_it() {
        let mut text = *b"0000-00-00";
        let digit = |number: u32| b'0' + u8::try_from(number % 10).unwrap();
        for year in 0..=9999 {
            for month in 0..=13 {
                text[..4].copy_from_slice(&[1000, 100, 10, 1].map(|unit| digit(year / unit)));
                text[5..7].copy_from_slice(&[digit(month / 10), digit(month)]);
                for day in 0..=32 {
                    text[8..].copy_from_slice(&[digit(day / 10), digit(day)]);
                    let date = NaiveDate::from_ymd_opt(year.cast_signed(), month, day);
                    let expected = date.filter(|date| date.year() > 0).map(Day::from);
                    let text = str::from_utf8(&text).unwrap();
                    assert_eq!(Day::parse(text), expected, "{text}");
                }
            }
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
