//! From a file of licenses to the new and churned users of an app by week.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use chrono::{Datelike, NaiveDate, TimeDelta};
use marketplace::{Bucket, Day, Kind, Ledger, Period, Rows, RowsBuilder, Rules};
use serde_json::{Value, json};

use crate::Failure;

/// How many weeks the report has.
const WEEKS: i64 = 52;

/// Returns a row for each week: its Monday, new users and churned users.
pub(crate) fn run(file: &Path, app: &str, today: NaiveDate) -> Result<Value, Failure> {
    let rows = licenses(file)?;
    // The peers know no grace and no reactivation: each license of the app has one row.
    let rules = Rules::default().with_grace_days(0)?;
    let ledger = Ledger::new(&rows, app, &rules, day(today)?);
    let sunday = today - TimeDelta::days(i64::from(today.weekday().number_from_monday()));
    let monday = sunday - TimeDelta::days(7 * WEEKS - 1);
    let period = Period::new(day(monday)?, day(sunday)?)?;
    let report = ledger.report(period, Bucket::Week)?;
    let weeks = report.buckets.iter().map(|week| {
        let users = |kind| week.sums.users[kind];
        json!([week.start.to_string(), users(Kind::New), users(Kind::Churn)])
    });
    Ok(weeks.collect())
}

/// Reads the licenses of a file that has one on each line.
pub(crate) fn licenses(file: &Path) -> Result<Rows, Failure> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(file)?);
    let mut builder = RowsBuilder::new();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        builder.push_license(&line)?;
        line.clear();
    }
    Ok(builder.finish())
}

/// Returns a day of the count.
pub(crate) fn day(date: NaiveDate) -> Result<Day, Failure> {
    Ok(Day::parse(&date.to_string()).ok_or("the day is before the history begins")?)
}
