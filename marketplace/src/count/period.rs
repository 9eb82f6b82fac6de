//! Periods: spans of days, and the names by which they are chosen.

use chrono::{Datelike, Months};
use thiserror::Error;

use super::bucket::Bucket;
use crate::day::{Day, HISTORY_BEGINS};

/// A span of days: `from` is included, `until` is not.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Period {
    from: Day,
    until: Day,
}

/// Why two days are not a period.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum PeriodError {
    /// The period ends before it begins.
    #[error("the period ends on {to}, before it begins on {from}")]
    EndsBeforeItBegins {
        /// The first day.
        from: Day,
        /// The last day.
        to: Day,
    },
    /// The period begins before any license can have users, which is most often a year of two digits.
    #[error(
        "the period begins on {from}, but the history begins on {HISTORY_BEGINS}: choose that day or a later one"
    )]
    BeginsBeforeHistory {
        /// The first day.
        from: Day,
    },
    /// The period ends in the future.
    #[error("the period ends on {to}, after today ({today})")]
    EndsAfterToday {
        /// The last day.
        to: Day,
        /// Today.
        today: Day,
    },
    /// The period has more buckets than a report shows.
    #[error("the period has {buckets} {}s, but at most 10000 can be shown", .bucket.name())]
    TooManyBuckets {
        /// The unit by which it would be shown.
        bucket: Bucket,
        /// Their number.
        buckets: i32,
    },
}

/// How a period is chosen; all but a custom one are relative to today.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PeriodKind {
    /// Today and the six days before.
    Last7Days,
    /// Today and the 29 days before.
    Last30Days,
    /// Today and the 89 days before.
    Last90Days,
    /// Twelve months that end today.
    Last12Months,
    /// From the first day of the month to today.
    MonthToDate,
    /// From the first day of the quarter to today.
    QuarterToDate,
    /// From the first day of the year to today.
    YearToDate,
    /// The month before this one.
    LastMonth,
    /// The quarter before this one.
    LastQuarter,
    /// The year before this one.
    LastYear,
    /// From the first day with users to today.
    AllTime,
    /// From one day to another, both included.
    Custom {
        /// The first day.
        from: Day,
        /// The last day.
        to: Day,
    },
}

/// What a period is compared with.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Compare {
    /// As many days of the previous month, quarter or year, or else the days just before.
    #[default]
    PreviousPeriod,
    /// The same days a year earlier.
    LastYear,
}

impl Period {
    /// Creates the period of the days from `from` to `to`, both included.
    ///
    /// # Errors
    ///
    /// Returns an error when `to` is before `from`.
    pub fn new(from: Day, to: Day) -> Result<Self, PeriodError> {
        if to < from {
            return Err(PeriodError::EndsBeforeItBegins { from, to });
        }
        Ok(Self {
            from,
            until: to.plus(1),
        })
    }

    /// Returns the first day.
    #[must_use]
    pub const fn from(self) -> Day {
        self.from
    }

    /// Returns the day after the last one.
    #[must_use]
    pub const fn until(self) -> Day {
        self.until
    }

    /// Returns the number of days.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.until.days_since(self.from)
    }

    /// Tells whether a day is in the period.
    #[must_use]
    pub fn holds(self, day: Day) -> bool {
        (self.from..self.until).contains(&day)
    }
}

impl PeriodKind {
    /// All kinds but the custom one, with their names.
    pub const NAMED: [(&'static str, Self); 11] = [
        ("last_7_days", Self::Last7Days),
        ("last_30_days", Self::Last30Days),
        ("last_90_days", Self::Last90Days),
        ("last_12_months", Self::Last12Months),
        ("month_to_date", Self::MonthToDate),
        ("quarter_to_date", Self::QuarterToDate),
        ("year_to_date", Self::YearToDate),
        ("last_month", Self::LastMonth),
        ("last_quarter", Self::LastQuarter),
        ("last_year", Self::LastYear),
        ("all_time", Self::AllTime),
    ];

    /// Returns the kind with a name; `custom` is not one.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::NAMED
            .into_iter()
            .find(|(known, _)| *known == name)
            .map(|(_, kind)| kind)
    }

    /// Returns the period, given today and the first day with users, if there is one.
    ///
    /// # Errors
    ///
    /// Returns an error when a custom period begins before the history, ends before it begins, or ends after today.
    pub fn period(
        self,
        today: Day,
        first_day_with_users: Option<Day>,
    ) -> Result<Period, PeriodError> {
        let to_date = |from: Day| Period {
            from,
            until: today.plus(1),
        };
        let unit_before = |unit: Unit| {
            let until = unit.start(today);
            Period {
                from: unit.start_before(until),
                until,
            }
        };
        Ok(match self {
            Self::Last7Days => to_date(today.plus(-6)),
            Self::Last30Days => to_date(today.plus(-29)),
            Self::Last90Days => to_date(today.plus(-89)),
            Self::Last12Months => to_date(months_before(today, 12).plus(1)),
            Self::MonthToDate => to_date(Unit::Month.start(today)),
            Self::QuarterToDate => to_date(Unit::Quarter.start(today)),
            Self::YearToDate => to_date(Unit::Year.start(today)),
            Self::LastMonth => unit_before(Unit::Month),
            Self::LastQuarter => unit_before(Unit::Quarter),
            Self::LastYear => unit_before(Unit::Year),
            Self::AllTime => to_date(first_day_with_users.map_or(today, |day| day.min(today))),
            Self::Custom { to, .. } if to > today => {
                return Err(PeriodError::EndsAfterToday { to, today });
            }
            Self::Custom { from, to } => {
                let period = Period::new(from, to)?;
                if from < HISTORY_BEGINS {
                    return Err(PeriodError::BeginsBeforeHistory { from });
                }
                period
            }
        })
    }

    /// Returns the period that a period of this kind is compared with.
    #[must_use]
    pub fn compared(self, period: Period, compare: Compare) -> Period {
        match (compare, self.unit()) {
            (Compare::LastYear, _) => {
                let from = months_before(period.from, 12);
                // A single 29 February would become an empty period.
                Period {
                    from,
                    until: months_before(period.until, 12).max(from.plus(1)),
                }
            }
            (Compare::PreviousPeriod, Some(unit)) => {
                let end = unit.start(period.from);
                let from = unit.start_before(end);
                Period {
                    from,
                    until: from.plus(period.days()).min(end),
                }
            }
            (Compare::PreviousPeriod, None) => Period {
                from: period.from.plus(-period.days()),
                until: period.from,
            },
        }
    }

    fn unit(self) -> Option<Unit> {
        match self {
            Self::MonthToDate | Self::LastMonth => Some(Unit::Month),
            Self::QuarterToDate | Self::LastQuarter => Some(Unit::Quarter),
            Self::YearToDate | Self::LastYear => Some(Unit::Year),
            _ => None,
        }
    }
}

/// A unit of the calendar.
#[derive(Clone, Copy, Debug)]
enum Unit {
    Month,
    Quarter,
    Year,
}

impl Unit {
    /// Returns the first day of the unit that contains a day.
    fn start(self, day: Day) -> Day {
        let date = day.date();
        let month = match self {
            Self::Month => date.month(),
            Self::Quarter => (date.month() - 1) / 3 * 3 + 1,
            Self::Year => 1,
        };
        date.with_day(1)
            .and_then(|date| date.with_month(month))
            .map_or(day, Day::from)
    }

    /// Returns the first day of the unit before the one that starts on `start`.
    fn start_before(self, start: Day) -> Day {
        self.start(start.plus(-1))
    }
}

/// Returns the same day some months earlier, or the last day of that month if it is too short.
fn months_before(day: Day, months: u32) -> Day {
    day.date()
        .checked_sub_months(Months::new(months))
        .map_or(day, Day::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn shown(period: Period) -> String {
        format!("{}..{}", period.from(), period.until())
    }

    #[test]
    fn a_named_period_is_relative_to_today() {
        let cases = [
            ("last_7_days", "2026-11-20", "2026-11-14..2026-11-21"),
            ("last_30_days", "2026-11-20", "2026-10-22..2026-11-21"),
            ("last_90_days", "2026-11-20", "2026-08-23..2026-11-21"),
            ("last_12_months", "2026-11-20", "2025-11-21..2026-11-21"),
            ("last_12_months", "2024-02-29", "2023-03-01..2024-03-01"),
            ("last_12_months", "2025-02-28", "2024-02-29..2025-03-01"),
            ("last_12_months", "2026-12-31", "2026-01-01..2027-01-01"),
            ("month_to_date", "2026-11-20", "2026-11-01..2026-11-21"),
            ("month_to_date", "2026-11-01", "2026-11-01..2026-11-02"),
            ("quarter_to_date", "2026-11-20", "2026-10-01..2026-11-21"),
            ("quarter_to_date", "2026-03-31", "2026-01-01..2026-04-01"),
            ("year_to_date", "2026-11-20", "2026-01-01..2026-11-21"),
            ("last_month", "2026-11-20", "2026-10-01..2026-11-01"),
            ("last_month", "2026-01-31", "2025-12-01..2026-01-01"),
            ("last_month", "2024-03-31", "2024-02-01..2024-03-01"),
            ("last_quarter", "2026-11-20", "2026-07-01..2026-10-01"),
            ("last_quarter", "2026-02-01", "2025-10-01..2026-01-01"),
            ("last_year", "2026-11-20", "2025-01-01..2026-01-01"),
            ("all_time", "2026-11-20", "2019-05-05..2026-11-21"),
        ];
        for (name, today, expected) in cases {
            let kind = PeriodKind::of_name(name).unwrap();
            assert_eq!(
                shown(kind.period(day(today), Some(day("2019-05-05"))).unwrap()),
                expected,
                "{name} {today}"
            );
        }
        assert_eq!(PeriodKind::of_name("custom"), None);
    }

    #[test]
    fn all_time_without_users_is_today() {
        assert_eq!(
            shown(PeriodKind::AllTime.period(day("2026-11-20"), None).unwrap()),
            "2026-11-20..2026-11-21"
        );
    }

    #[test]
    fn a_custom_period_includes_both_days_and_lies_between_the_start_of_history_and_today() {
        let custom = |from, to| {
            PeriodKind::Custom {
                from: day(from),
                to: day(to),
            }
            .period(day("2026-11-20"), None)
        };
        assert_eq!(
            custom("2026-01-01", "2026-02-28").map(shown),
            Ok("2026-01-01..2026-03-01".into())
        );
        assert_eq!(
            custom("2026-11-20", "2026-11-20").map(shown),
            Ok("2026-11-20..2026-11-21".into())
        );
        assert_eq!(
            custom("2026-02-02", "2026-02-01").unwrap_err().to_string(),
            "the period ends on 2026-02-01, before it begins on 2026-02-02"
        );
        assert_eq!(
            custom("2026-02-02", "2026-11-21").unwrap_err().to_string(),
            "the period ends on 2026-11-21, after today (2026-11-20)"
        );
        assert!(custom("2012-01-01", "2026-11-20").is_ok());
        assert_eq!(
            custom("0026-01-01", "2026-11-20").unwrap_err().to_string(),
            "the period begins on 0026-01-01, but the history begins on 2012-01-01: choose that day or a later one"
        );
    }

    #[test]
    fn a_period_is_compared_with_as_many_days_of_the_unit_before_or_with_those_just_before() {
        let cases = [
            (
                "last_30_days",
                "2026-11-20",
                "2026-09-22..2026-10-22",
                "2025-10-22..2025-11-21",
            ),
            (
                "last_12_months",
                "2026-11-20",
                "2024-11-21..2025-11-21",
                "2024-11-21..2025-11-21",
            ),
            (
                "month_to_date",
                "2026-11-20",
                "2026-10-01..2026-10-21",
                "2025-11-01..2025-11-21",
            ),
            (
                "month_to_date",
                "2026-03-31",
                "2026-02-01..2026-03-01",
                "2025-03-01..2025-04-01",
            ),
            (
                "month_to_date",
                "2024-02-29",
                "2024-01-01..2024-01-30",
                "2023-02-01..2023-03-01",
            ),
            (
                "quarter_to_date",
                "2026-11-20",
                "2026-07-01..2026-08-21",
                "2025-10-01..2025-11-21",
            ),
            (
                "year_to_date",
                "2026-11-20",
                "2025-01-01..2025-11-21",
                "2025-01-01..2025-11-21",
            ),
            (
                "last_month",
                "2026-11-20",
                "2026-09-01..2026-10-01",
                "2025-10-01..2025-11-01",
            ),
            (
                "last_month",
                "2026-03-20",
                "2026-01-01..2026-01-29",
                "2025-02-01..2025-03-01",
            ),
            (
                "last_quarter",
                "2026-11-20",
                "2026-04-01..2026-07-01",
                "2025-07-01..2025-10-01",
            ),
            (
                "last_year",
                "2026-11-20",
                "2024-01-01..2024-12-31",
                "2024-01-01..2025-01-01",
            ),
        ];
        for (name, today, before, last_year) in cases {
            let kind = PeriodKind::of_name(name).unwrap();
            let period = kind.period(day(today), None).unwrap();
            assert_eq!(
                shown(kind.compared(period, Compare::PreviousPeriod)),
                before,
                "{name} {today}"
            );
            assert_eq!(
                shown(kind.compared(period, Compare::LastYear)),
                last_year,
                "{name} {today}"
            );
        }
        let leap = day("2024-02-29");
        let kind = PeriodKind::Custom {
            from: leap,
            to: leap.plus(-1),
        };
        let single = Period::new(day("2024-02-28"), day("2024-02-28")).unwrap();
        assert_eq!(
            shown(kind.compared(single, Compare::LastYear)),
            "2023-02-28..2023-03-01"
        );
    }
}
