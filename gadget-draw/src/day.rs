//! Days and times for people. All days are in UTC, as a view has them.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use gadget_api::Bucket;

/// Returns the day that a view names as `YYYY-MM-DD`, if it is one.
pub(crate) fn parsed(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// Returns a day without its year: `24 Aug`.
pub(crate) fn short(day: NaiveDate) -> String {
    day.format("%-d %b").to_string()
}

/// Returns a day with its year: `24 Aug 2026`.
pub(crate) fn long(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// Returns the day or the time that a source or figure is of: `20 Nov 2026, 06:00 UTC`.
///
/// A text that is neither is returned as it is.
pub fn moment(text: &str) -> String {
    if let Some(day) = parsed(text) {
        return long(day);
    }
    text.parse::<DateTime<Utc>>().map_or_else(
        |_| text.to_owned(),
        |time| time.format("%-d %b %Y, %H:%M UTC").to_string(),
    )
}

/// Returns the last day of the bar that starts at `start`.
pub(crate) fn last_of(bucket: Bucket, start: NaiveDate) -> NaiveDate {
    let next = match bucket {
        Bucket::Week => start.checked_add_days(Days::new(7)),
        Bucket::Month => start.checked_add_months(Months::new(1)),
        _ => start.succ_opt(),
    };
    next.and_then(|day| day.pred_opt()).unwrap_or(start)
}

/// Returns the label of the bar that starts at `start`, as short as the dates around it allow.
pub(crate) fn bar_label(bucket: Bucket, start: &str, needs_year: NeedsYear) -> String {
    let Some(day) = parsed(start) else {
        return start.to_owned();
    };
    match (bucket, needs_year) {
        (Bucket::Month, _) if day.month() == 1 => day.format("%b %Y").to_string(),
        (Bucket::Month, _) => day.format("%b").to_string(),
        (_, NeedsYear::No) => short(day),
        (_, NeedsYear::Yes) => long(day),
    }
}

/// Returns the name of a bar in a sentence: `week of 24 Aug 2026`, `August 2026`, `24 Aug 2026`.
pub(crate) fn bar_name(bucket: Bucket, start: &str) -> String {
    let Some(day) = parsed(start) else {
        return start.to_owned();
    };
    match bucket {
        Bucket::Week => format!("week of {}", long(day)),
        Bucket::Month => day.format("%B %Y").to_string(),
        _ => long(day),
    }
}

/// Returns the days that a bar covers, as a range: `19 – 25 Oct`, `29 Sep – 5 Oct`.
pub(crate) fn bar_span(bucket: Bucket, start: &str) -> String {
    let Some(first) = parsed(start) else {
        return start.to_owned();
    };
    match bucket {
        Bucket::Week => {
            let last = last_of(bucket, first);
            if first.month() == last.month() {
                format!("{} – {}", first.day(), short(last))
            } else {
                format!("{} – {}", short(first), short(last))
            }
        }
        Bucket::Month => first.format("%B %Y").to_string(),
        _ => long(first),
    }
}

/// Whether the labels of days have to name their year to be told apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NeedsYear {
    Yes,
    No,
}

impl NeedsYear {
    /// Tells by the starts of all bars: a day of a year ago has the same short label.
    pub(crate) fn of(starts: &[String]) -> Self {
        let first = starts.first().and_then(|start| parsed(start));
        let last = starts.last().and_then(|start| parsed(start));
        match (first, last) {
            (Some(first), Some(last)) if (last - first).num_days() > 360 => Self::Yes,
            _ => Self::No,
        }
    }
}

/// Returns the word for one bar, such as `week`.
pub(crate) fn bucket_word(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Day => "day",
        Bucket::Week => "week",
        Bucket::Month => "month",
        _ => "span",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_named_by_what_they_cover() {
        let cases = [
            (
                Bucket::Day,
                "2026-08-24",
                "24 Aug",
                "24 Aug 2026",
                "24 Aug 2026",
                "2026-08-24",
            ),
            (
                Bucket::Week,
                "2026-10-19",
                "19 Oct",
                "week of 19 Oct 2026",
                "19 – 25 Oct",
                "2026-10-25",
            ),
            (
                Bucket::Week,
                "2026-09-28",
                "28 Sep",
                "week of 28 Sep 2026",
                "28 Sep – 4 Oct",
                "2026-10-04",
            ),
            (
                Bucket::Month,
                "2026-02-01",
                "Feb",
                "February 2026",
                "February 2026",
                "2026-02-28",
            ),
            (
                Bucket::Month,
                "2026-01-01",
                "Jan 2026",
                "January 2026",
                "January 2026",
                "2026-01-31",
            ),
        ];
        for (bucket, start, label, name, span, last) in cases {
            assert_eq!(bar_label(bucket, start, NeedsYear::No), label);
            assert_eq!(bar_name(bucket, start), name);
            assert_eq!(bar_span(bucket, start), span);
            assert_eq!(last_of(bucket, parsed(start).unwrap()).to_string(), last);
        }
        assert_eq!(bar_label(Bucket::Day, "soon", NeedsYear::No), "soon");
    }

    #[test]
    fn moments_are_days_or_minutes_in_utc() {
        assert_eq!(moment("2026-11-15"), "15 Nov 2026");
        assert_eq!(moment("2026-11-20T06:00:00Z"), "20 Nov 2026, 06:00 UTC");
        assert_eq!(
            moment("2026-11-20T06:00:00+02:00"),
            "20 Nov 2026, 04:00 UTC"
        );
        assert_eq!(moment("yesterday"), "yesterday");
    }

    #[test]
    fn labels_name_their_year_once_a_year_is_covered() {
        let starts = |days: [&str; 2]| days.map(str::to_owned).to_vec();
        assert_eq!(
            NeedsYear::of(&starts(["2026-01-01", "2026-12-28"])),
            NeedsYear::Yes
        );
        assert_eq!(
            NeedsYear::of(&starts(["2025-12-01", "2026-02-01"])),
            NeedsYear::No
        );
        assert_eq!(NeedsYear::of(&[]), NeedsYear::No);
    }
}
