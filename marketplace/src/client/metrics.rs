//! Atlassian's own count of users, by week.

use chrono::{Datelike, Days, NaiveDate};
use gadget_api::{Error, Request};

use super::{API, Client, DeveloperSpace, failure::response_error};
use crate::{apps::WeeklyUsers, day::Day, wire};

/// How many weeks are requested: the most that the API returns at once.
const WEEKS: u64 = 14;

impl Client<'_> {
    /// Returns the users of each app in the last complete weeks before `today`, sorted by app and week.
    pub(crate) fn weekly_users(
        &self,
        space: &DeveloperSpace,
        today: NaiveDate,
    ) -> Result<Vec<WeeklyUsers>, Error> {
        let what = "Atlassian's count";
        let (first, last) = span(today);
        let path = format!("{API}/partner-metrics/developer-space/{}", space.id());
        let request = Request::post(path, wire::weekly_users_request(first, last))
            .with_query("limit", WEEKS.to_string())
            .repeatable();
        let answer = self.fetch(what, &request)?;
        let mut weeks = wire::weekly_users(&answer).map_err(|bad| response_error(what, &bad))?;
        // The API may ignore the filter of the request.
        let (first, last) = (Day::from(first), Day::from(last));
        weeks.retain(|each| each.week >= first && each.week.plus(6) <= last);
        Ok(weeks)
    }
}

/// Returns the first and the last day of the requested weeks.
fn span(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let into_week = u64::from(today.weekday().num_days_from_monday());
    let monday = today.checked_sub_days(Days::new(into_week));
    let first = monday.and_then(|day| day.checked_sub_days(Days::new(7 * WEEKS)));
    let last = monday.and_then(|day| day.pred_opt());
    (
        first.unwrap_or(NaiveDate::MIN),
        last.unwrap_or(NaiveDate::MIN),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weeks_asked_for_are_fourteen_whole_ones_before_today() {
        for (today, first, last) in [
            ("2026-11-20", "2026-08-10", "2026-11-15"),
            ("2026-11-16", "2026-08-10", "2026-11-15"),
            ("2026-11-15", "2026-08-03", "2026-11-08"),
        ] {
            let (from, to) = span(today.parse().unwrap());
            assert_eq!(
                (from.to_string().as_str(), to.to_string().as_str()),
                (first, last),
                "{today}"
            );
            assert_eq!((to - from).num_days(), 97);
        }
    }
}
