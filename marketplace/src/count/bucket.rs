//! Buckets: the days, weeks or months of a period.

use chrono::{Datelike, Months, NaiveDate};

use super::period::{Period, PeriodError};
use crate::day::Day;

/// The unit by which the movements of a period are added up.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Bucket {
    /// A day.
    Day,
    /// A week, starting on Monday.
    Week,
    /// A month.
    Month,
}

/// The most buckets that a report has.
const MOST_BUCKETS: i32 = 10_000;

/// The longest period, in days, that is shown by day unless somebody chooses otherwise.
const MOST_DAYS: i32 = 31;

/// The longest period, in weeks, that is shown by week unless somebody chooses otherwise.
const MOST_WEEKS: i32 = 26;

impl Bucket {
    /// All buckets.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// Chooses the bucket for a period by its length.
    #[must_use]
    pub const fn auto(period: Period) -> Self {
        match period.days() {
            ..=MOST_DAYS => Self::Day,
            days if days <= MOST_WEEKS * 7 => Self::Week,
            _ => Self::Month,
        }
    }

    /// Returns the name that settings and charts use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Returns the bucket with a name; `auto` is not one.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.name() == name)
    }

    /// Checks that a period has at most 10,000 of these buckets, so that no settings exhaust memory.
    ///
    /// # Errors
    ///
    /// Returns an error when it has more.
    pub fn check(self, period: Period) -> Result<(), PeriodError> {
        let (first, last) = (self.start(period.from()), period.until().plus(-1));
        let buckets = match self {
            Self::Day => period.days(),
            Self::Week => last.days_since(first) / 7 + 1,
            Self::Month => {
                let month =
                    |date: NaiveDate| 12 * date.year() + i32::try_from(date.month0()).unwrap_or(0);
                month(last.date()) - month(first.date()) + 1
            }
        };
        if buckets > MOST_BUCKETS {
            return Err(PeriodError::TooManyBuckets {
                bucket: self,
                buckets,
            });
        }
        Ok(())
    }

    /// Returns the first day of the bucket of a day: itself, the Monday, or the first of the month.
    #[must_use]
    pub fn start(self, day: Day) -> Day {
        let date = day.date();
        match self {
            Self::Day => day,
            Self::Week => {
                day.plus(-i32::try_from(date.weekday().num_days_from_monday()).unwrap_or(0))
            }
            Self::Month => date.with_day(1).map_or(day, Day::from),
        }
    }

    /// Returns the start of the bucket after the one that starts on `start`.
    #[must_use]
    pub fn next(self, start: Day) -> Day {
        match self {
            Self::Day => start.plus(1),
            Self::Week => start.plus(7),
            Self::Month => start
                .date()
                .checked_add_months(Months::new(1))
                .map_or(start.plus(31), Day::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn a_bucket_is_named_by_its_first_day() {
        let cases = [
            (Bucket::Day, "2026-11-20", "2026-11-20", "2026-11-21"),
            (Bucket::Week, "2026-11-20", "2026-11-16", "2026-11-23"),
            (Bucket::Week, "2026-11-16", "2026-11-16", "2026-11-23"),
            (Bucket::Week, "2026-11-15", "2026-11-09", "2026-11-16"),
            (Bucket::Week, "2027-01-01", "2026-12-28", "2027-01-04"),
            (Bucket::Month, "2026-11-20", "2026-11-01", "2026-12-01"),
            (Bucket::Month, "2026-12-31", "2026-12-01", "2027-01-01"),
        ];
        for (bucket, of, start, next) in cases {
            assert_eq!(bucket.start(day(of)), day(start), "{bucket:?} {of}");
            assert_eq!(bucket.next(day(start)), day(next), "{bucket:?} {of}");
            assert_eq!(Bucket::of_name(bucket.name()), Some(bucket));
        }
        assert_eq!(Bucket::of_name("auto"), None);
    }

    #[test]
    fn a_period_of_more_than_ten_thousand_buckets_is_refused() {
        let cases = [
            (Bucket::Day, "1999-07-06", "2026-11-20", None),
            (Bucket::Day, "1999-07-05", "2026-11-20", Some(10_001)),
            (Bucket::Day, "0001-01-01", "2026-11-20", Some(739_940)),
            (Bucket::Week, "1835-03-30", "2026-11-20", None),
            (Bucket::Week, "1835-03-29", "2026-11-20", Some(10_001)),
            (Bucket::Month, "1193-08-01", "2026-11-20", None),
            (Bucket::Month, "1193-07-31", "2026-11-20", Some(10_001)),
        ];
        for (bucket, from, to, refused) in cases {
            let period = Period::new(day(from), day(to)).unwrap();
            let expected = refused.map(|buckets| PeriodError::TooManyBuckets { bucket, buckets });
            assert_eq!(bucket.check(period).err(), expected, "{bucket:?} {from}");
        }
        let all = Period::new(day("0001-01-01"), day("2026-11-20")).unwrap();
        assert_eq!(
            Bucket::Week.check(all).unwrap_err().to_string(),
            "the period has 105706 weeks, but at most 10000 can be shown"
        );
    }

    #[test]
    fn auto_is_days_up_to_31_weeks_up_to_26_and_months_beyond() {
        let cases = [
            (1, Bucket::Day),
            (31, Bucket::Day),
            (32, Bucket::Week),
            (182, Bucket::Week),
            (183, Bucket::Month),
        ];
        for (days, expected) in cases {
            let from = day("2026-01-01");
            assert_eq!(
                Bucket::auto(Period::new(from, from.plus(days - 1)).unwrap()),
                expected,
                "{days}"
            );
        }
    }
}
