//! Civil dates as the API writes them: `YYYY-MM-DD`, without a time or a zone.

use chrono::{Datelike, Days, NaiveDate};

/// Reads a date from the first ten characters of `text`; `None` when they are no date.
pub(crate) fn read(text: &str) -> Option<NaiveDate> {
    let head = text.get(..10)?;
    let well_formed = head.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !well_formed {
        return None;
    }
    let number = |from: usize, to: usize| head.get(from..to)?.parse::<u32>().ok();
    NaiveDate::from_ymd_opt(number(0, 4)?.cast_signed(), number(5, 7)?, number(8, 10)?)
}

/// Writes `day` as `YYYY-MM-DD` to the end of `out`, which is much faster than a format string.
pub(crate) fn write(day: NaiveDate, out: &mut String) {
    let digit = |value: u32| char::from(b'0' + u8::try_from(value % 10).unwrap_or(0));
    let year = day.year().unsigned_abs();
    for value in [year / 1000, year / 100, year / 10, year] {
        out.push(digit(value));
    }
    for part in [day.month(), day.day()] {
        out.push('-');
        out.push(digit(part / 10));
        out.push(digit(part));
    }
}

/// Returns `day` moved by `days`, which may be negative; a day out of range stays where it was.
pub(crate) fn plus(day: NaiveDate, days: i64) -> NaiveDate {
    let moved = if days < 0 {
        day.checked_sub_days(Days::new(days.unsigned_abs()))
    } else {
        day.checked_add_days(Days::new(days.unsigned_abs()))
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

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["2012-01-01", "2026-11-20", "2024-02-29"] {
            let mut out = String::new();
            write(read(text).unwrap(), &mut out);
            assert_eq!(out, text);
        }
    }
}
