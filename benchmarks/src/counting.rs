//! The steps from bytes to a report, and syncs with a stand-in in another process.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use marketplace::{Bucket, Cache, Ledger, PeriodKind, Rows, RowsBuilder, Rules};
use marketplace_sim::Options;
use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::{Value, json, value::RawValue};

use crate::{
    Failure,
    export_report::{self, day},
    http_services::HttpServices,
    measure::own_cpu_ms,
    stopwatch::{median, ms},
};

/// Times parsing, counting and reporting of a data set.
pub(crate) fn run(
    directory: &Path,
    app: &str,
    today: NaiveDate,
    runs: usize,
) -> Result<Value, Failure> {
    let file = directory.join("licenses.ndjson");
    let parsed_bytes = fs::metadata(&file)?.len();
    export_report::licenses(&file)?;
    let parse = median(runs, || export_report::licenses(&file));
    let rows = all_rows(directory)?;
    let (rules, today) = (Rules::default(), day(today)?);
    let all_apps = median(runs, || Ledger::of_all_apps(&rows, &rules, today));
    let ledger = Ledger::new(&rows, app, &rules, today);
    let period = PeriodKind::Last12Months.period(today, ledger.first_day_with_users())?;
    let report = median(runs * 200, || ledger.report(period, Bucket::auto(period)));
    Ok(json!({
        "licenses": rows.license_count(),
        "transactions": rows.transaction_count(),
        "parsed_bytes": parsed_bytes,
        "parse_ms": ms(parse),
        "ledger_of_all_apps_ms": ms(all_apps),
        "report_ms": ms(report),
    }))
}

/// Reads both lists of a data set.
fn all_rows(directory: &Path) -> Result<Rows, Failure> {
    let mut builder = RowsBuilder::new();
    let licenses = fs::read(directory.join("licenses.json"))?;
    each(&licenses, |record| {
        builder.push_license(record).map_err(Into::into)
    })?;
    drop(licenses);
    let transactions = fs::read(directory.join("transactions.json"))?;
    each(&transactions, |record| {
        builder.push_transaction(record).map_err(Into::into)
    })?;
    Ok(builder.finish())
}

/// Calls `record` with each element of a JSON array.
fn each(array: &[u8], record: impl FnMut(&[u8]) -> Result<(), Failure>) -> Result<(), Failure> {
    struct Elements<F>(F);
    impl<'de, F: FnMut(&[u8]) -> Result<(), Failure>> Visitor<'de> for Elements<F> {
        type Value = ();

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
            while let Some(element) = elements.next_element::<&RawValue>()? {
                (self.0)(element.get().as_bytes()).map_err(serde::de::Error::custom)?;
            }
            Ok(())
        }
    }
    let mut deserializer = serde_json::Deserializer::from_slice(array);
    Ok(deserializer.deserialize_seq(Elements(record))?)
}

/// A vendor of the stand-in.
pub(crate) struct Vendor<'a> {
    /// Its number of licenses.
    pub(crate) licenses: u32,
    /// The app to report.
    pub(crate) app: &'a str,
    /// The first day.
    pub(crate) today: NaiveDate,
}

/// Stops the stand-in when it is dropped.
struct StandIn(Child);

impl Drop for StandIn {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Times a full sync, one without changes, one with changes, and reloads of the last snapshot.
pub(crate) fn sync(vendor: &Vendor<'_>, changes: u32, runs: usize) -> Result<Value, Failure> {
    let program = std::env::current_exe()?.with_file_name("marketplace-sim");
    let mut child = Command::new(program)
        .args(["--licenses", &vendor.licenses.to_string()])
        .args(["--today", &vendor.today.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().ok_or("the stand-in has no output")?;
    let _stand_in = StandIn(child);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let base_url = line
        .trim()
        .strip_prefix("listening ")
        .ok_or("the stand-in names no address")?;
    let services = HttpServices::new(base_url)?;
    let cache = Cache::default();
    let timed = |today: NaiveDate| -> Result<Value, Failure> {
        let (started, cpu) = (Instant::now(), own_cpu_ms()?);
        let now = today.and_time(NaiveTime::MIN);
        let now = DateTime::<Utc>::from_naive_utc_and_offset(now, Utc) + TimeDelta::hours(12);
        let refreshed = marketplace::sync(&services, &cache, Options::VENDOR, today, now)?;
        if refreshed.stale.is_some() {
            return Err("the sync failed".into());
        }
        Ok(json!({
            "wall_ms": ms(started.elapsed()),
            "cpu_ms": own_cpu_ms()? - cpu,
        }))
    };
    let first = timed(vendor.today)?;
    let unchanged = timed(vendor.today)?;
    services.post_control(&format!("/__control/advance?changes={changes}"))?;
    let tomorrow = vendor.today + TimeDelta::days(1);
    let changed = timed(tomorrow)?;
    let (today, rules) = (day(tomorrow)?, Rules::default());
    let reload = || -> Result<i64, Failure> {
        let cache = Cache::default();
        let loaded = cache.load(&services, Options::VENDOR, None)?;
        let totals = cache.totals(&services, &loaded, &rules, today)?;
        let totals = totals.of_app(vendor.app).ok_or("the app has no rows")?;
        let period = PeriodKind::Last12Months.period(today, totals.first_day_with_users())?;
        Ok(totals.report(period, Bucket::auto(period))?.total.closing)
    };
    let users = reload()?;
    let reloaded = median(runs, reload);
    Ok(json!({
        "licenses": vendor.licenses,
        "first_sync": first,
        "unchanged_sync": unchanged,
        "changed_rows": changes,
        "changed_sync": changed,
        "stored_bytes": services.stored_bytes()?,
        "reload_to_report_ms": ms(reloaded),
        "users": users,
    }))
}
