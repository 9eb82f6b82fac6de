//! Case files of the count: input, and what is expected of it.

use std::error::Error;

use marketplace::{Bucket, Day, Kind, Ledger, PeriodKind, Report, Rows, RowsBuilder, Rules};
use serde_json::{Map, Value, json};

/// Counts a case, and returns an object with the members of its `expected`.
pub(crate) fn count(case: &Value) -> Result<Value, Box<dyn Error>> {
    let today = day(&case["today"])?;
    let settings = &case["settings"];
    let app = case["app"].as_str().ok_or("no app")?;
    let ledger = Ledger::new(&rows(case)?, app, &rules(settings)?, today);
    let period = kind(&settings["period"])?.period(today, ledger.first_day_with_users())?;
    Ok(expected(&ledger.report(period, Bucket::Day)?))
}

pub(crate) fn rows(case: &Value) -> Result<Rows, Box<dyn Error>> {
    let mut builder = RowsBuilder::new();
    for record in case["licenses"].as_array().into_iter().flatten() {
        builder.push_license(record.to_string().as_bytes())?;
    }
    for record in case["transactions"].as_array().into_iter().flatten() {
        builder.push_transaction(record.to_string().as_bytes())?;
    }
    Ok(builder.finish())
}

pub(crate) fn day(value: &Value) -> Result<Day, String> {
    value
        .as_str()
        .and_then(Day::parse)
        .ok_or_else(|| format!("{value} is no date"))
}

pub(crate) fn rules(settings: &Value) -> Result<Rules, Box<dyn Error>> {
    let texts = |name: &str| -> Vec<String> {
        let values = settings[name].as_array().into_iter().flatten();
        values
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let number = |name: &str, default: u64| settings[name].as_u64().unwrap_or(default);
    Ok(Rules::default()
        .with_hostings(texts("hosting"))?
        .with_included(texts("include"))?
        .with_unlimited_users(number("unlimited_users", 10_001))?
        .with_grace_days(number("grace_days", 7))?)
}

pub(crate) fn kind(period: &Value) -> Result<PeriodKind, String> {
    match period["kind"].as_str().unwrap_or("last_30_days") {
        "custom" => Ok(PeriodKind::Custom {
            from: day(&period["from"])?,
            to: day(&period["to"])?,
        }),
        name => PeriodKind::of_name(name).ok_or_else(|| format!("unknown period `{name}`")),
    }
}

fn expected(report: &Report) -> Value {
    let (total, current_status) = (&report.total, &report.current_status);
    let mut licenses = Map::new();
    for kind in Kind::ALL
        .into_iter()
        .filter(|kind| report.licenses(*kind) > 0)
    {
        licenses.insert(kind.name().into(), report.licenses(kind).into());
    }
    let excluded: Map<_, _> = current_status
        .excluded
        .iter()
        .map(|(reason, licenses)| (reason.name().to_owned(), Value::from(*licenses)))
        .collect();
    json!({
        "new": report.users(Kind::New),
        "reactivation": report.users(Kind::Reactivation),
        "expansion": report.users(Kind::Expansion),
        "contraction": report.users(Kind::Contraction),
        "churn": report.users(Kind::Churn),
        "opening": total.opening,
        "closing": total.closing,
        "gained": total.users.gained(),
        "lost": total.users.lost(),
        "net": total.users.net(),
        "users_now": current_status.users_now,
        "users_week_ago": current_status.users_week_ago,
        "licenses": licenses,
        "excluded": excluded,
        "no_id": current_status.no_id,
        "users_now_low": current_status.users_now_low,
        "refund_without_sale": current_status.refund_without_sale,
        "unexplained": report.unexplained,
        "by_sales_only": current_status.by_sales_only,
        "may_still_renew": current_status.may_still_renew,
        "may_still_renew_licenses": current_status.may_still_renew_licenses,
        "unlimited": current_status.unlimited,
        "daily": daily(report),
    })
}

/// Returns the movements of each day that has some.
fn daily(report: &Report) -> Map<String, Value> {
    let mut days = Map::new();
    for bucket in &report.buckets {
        let kinds: Map<_, _> = Kind::ALL
            .into_iter()
            .filter(|kind| bucket.sums.users[*kind] > 0)
            .map(|kind| (kind.name().to_owned(), Value::from(bucket.sums.users[kind])))
            .collect();
        if !kinds.is_empty() {
            days.insert(bucket.start.to_string(), kinds.into());
        }
    }
    days
}
