//! Civil dates as the API writes them: `YYYY-MM-DD`, without a time or a zone.

use chrono::{Months, NaiveDate, TimeDelta};

/// Reads a date from the first ten characters of `text`; `None` if they are not a date.
pub(crate) fn read(text: &str) -> Option<NaiveDate> {
    let head = text.get(..10)?;
    let day: NaiveDate = head.parse().ok()?;
    // The parser also accepts blanks and single digits.
    (day.to_string() == head).then_some(day)
}

/// Returns `day` moved by `days`, which may be negative; a day out of range stays where it was.
pub(crate) fn plus(day: NaiveDate, days: i64) -> NaiveDate {
    day.checked_add_signed(TimeDelta::days(days)).unwrap_or(day)
}

/// Returns the day `months` later, or earlier for a negative number; the last day of the month if there is no such day.
pub(crate) fn plus_months(day: NaiveDate, months: i32) -> NaiveDate {
    let count = Months::new(months.unsigned_abs());
    let moved = if months < 0 {
        day.checked_sub_months(count)
    } else {
        day.checked_add_months(count)
    };
    moved.unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_first_ten_characters() {
        let day = NaiveDate::from_ymd_opt(2026, 2, 28);
        let cases = [
            ("2026-02-28", day),
            ("2026-02-28T10:03:51.000Z", day),
            ("2026-02-30", None),
            ("2026-2-28", None),
            (" 2026-02-28", None),
            ("28.02.2026", None),
            ("", None),
            ("2026-02-2\u{661}", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
