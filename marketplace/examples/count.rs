//! Measures the counting of rows: `cargo run --release -p marketplace --example count -- 24 5` for 24 parts of more
//! than 100,000 rows, each of them counted 5 times.
//!
//! The records are random, but have what costs time: several ids, renewals, upgrades, refunds, added users, texts.

#![expect(clippy::print_stdout, reason = "it prints what it measures")]

use std::error::Error;
use std::time::{Duration, Instant};

use marketplace::{
    Bucket, Day, Details, Ledger, Period, PeriodKind, Rows, RowsBuilder, Rules, Selection, Totals,
};

const LICENSES_OF_A_PART: u64 = 41_667;
const TRANSACTIONS_OF_A_PART: usize = 58_333;
const APPS: u64 = 20;

/// Random numbers, the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let place = self.below(choices.len() as u64);
        choices[usize::try_from(place).unwrap_or(0)]
    }

    fn days(&mut self, end: u64) -> i32 {
        i32::try_from(self.below(end)).unwrap_or(0)
    }
}

/// Adds one license with its transactions, and returns their number.
fn add_license(
    builder: &mut RowsBuilder,
    random: &mut Random,
    number: u64,
    today: Day,
) -> Result<usize, Box<dyn Error>> {
    // A few apps have most of the licenses.
    let app = random.below(APPS).min(random.below(APPS));
    let hosting = random.one_of(&["Cloud", "Cloud", "Data Center", "Server"]);
    let license_type = random.one_of(&[
        "COMMERCIAL",
        "COMMERCIAL",
        "COMMERCIAL",
        "ACADEMIC",
        "COMMUNITY",
        "EVALUATION",
    ]);
    let ids = format!(
        r#""addonKey":"com.acme.app{app}","appEntitlementNumber":"E-{number:08}","appEntitlementId":"00000000-0000-4000-8000-{number:012}","licenseId":"SEN-{number}","addonLicenseId":"{number}""#
    );
    let mut start = today.plus(-40 - random.days(4200));
    let is_annual = hosting != "Cloud" || random.below(2) == 0;
    let mut users = 10 * (1 + random.below(60));
    let mut transactions = 0;
    let sales = if license_type == "EVALUATION" {
        0
    } else {
        random.below(5)
    };
    let mut sale_type = "New";
    for sale in 0..sales {
        let days = if is_annual { 365 } else { 30 };
        let end = start.plus(days);
        let old = users;
        if random.below(5) == 0 {
            users += 10;
            sale_type = "Upgrade";
        }
        let billing = if is_annual { "Annual" } else { "Monthly" };
        let mut push = |sale_type: &str, item: u64, sold: Day, more: &str| {
            builder.push_transaction(
                format!(
                    r#"{{{ids},"transactionId":"AT-{number}-{item}","transactionLineItemId":"AT-{number}-{item}","lastUpdated":"{sold}","customerDetails":{{"company":"Company {number}","country":"Germany"}},"purchaseDetails":{{"saleDate":"{sold}","saleType":"{sale_type}","tier":"{users} Users","oldTier":"{old} Users","hosting":"{hosting}","licenseType":"{license_type}","billingPeriod":"{billing}","maintenanceStartDate":"{start}","maintenanceEndDate":"{end}"{more}}}}}"#
                )
                .as_bytes(),
            )
        };
        push(sale_type, 10 * sale, start, "")?;
        transactions += 1;
        if random.below(40) == 0 {
            push("Refund", 10 * sale + 1, start.plus(5), "")?;
            transactions += 1;
        }
        if !is_annual && random.below(6) == 0 {
            let joined = start.plus(7);
            let more = format!(r#","proratedDetails":[{{"date":"{joined}","addedUsers":3}}]"#);
            push("Renewal", 10 * sale + 2, end, &more)?;
            transactions += 1;
        }
        sale_type = "Renewal";
        start = end.plus(if random.below(10) == 0 { 60 } else { 0 });
    }
    if random.below(50) > 0 {
        let end = start.plus(30);
        let from = start.plus(-365);
        let status = random.one_of(&["active", "active", "inactive", "cancelled"]);
        let updated = start.plus(-random.days(60));
        let sandbox = random.one_of(&["", "", "", "Yes"]);
        builder.push_license(
            format!(
                r#"{{{ids},"licenseType":"{license_type}","status":"{status}","tier":"{users} Users","hosting":"{hosting}","installedOnSandbox":"{sandbox}","maintenanceStartDate":"{from}","maintenanceEndDate":"{end}","lastUpdated":"{updated}","contactDetails":{{"company":"Company {number}","country":"Germany"}}}}"#
            )
            .as_bytes(),
        )?;
    }
    Ok(transactions)
}

fn part(number: u64, today: Day) -> Result<Rows, Box<dyn Error>> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (number + 1));
    let mut builder = RowsBuilder::new();
    let mut transactions = 0;
    let first = number * 2 * LICENSES_OF_A_PART;
    for license in first..first + LICENSES_OF_A_PART {
        transactions += add_license(&mut builder, &mut random, license, today)?;
    }
    let mut license = first + LICENSES_OF_A_PART;
    while transactions < TRANSACTIONS_OF_A_PART {
        transactions += add_license(&mut builder, &mut random, license, today)?;
        license += 1;
    }
    Ok(builder.finish())
}

/// Returns the time that this thread has computed for, which does not grow while others use the processor; where the
/// system does not tell it, the time since the start.
fn computed(start: Instant) -> Duration {
    let texts = std::fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = texts
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// Returns the result of the last of some runs, and the average time that they computed for.
fn averaged<T>(runs: u32, mut run: impl FnMut() -> T) -> (T, Duration) {
    let start = Instant::now();
    let before = computed(start);
    for _ in 1..runs {
        run();
    }
    let result = run();
    (result, (computed(start) - before) / runs.max(1))
}

/// Returns the result of the last of some short runs, and the time of the fastest.
fn fastest<T>(runs: u32, mut run: impl FnMut() -> T) -> (T, Duration) {
    let mut timed = || {
        let start = Instant::now();
        (run(), start.elapsed())
    };
    let (mut last, mut least) = timed();
    for _ in 1..runs {
        let (result, time) = timed();
        last = result;
        least = least.min(time);
    }
    (last, least)
}

fn main() -> Result<(), Box<dyn Error>> {
    let number = |place: usize, default: u64| {
        let argument = std::env::args().nth(place);
        argument.map_or(Ok(default), |argument| argument.parse())
    };
    let parts = number(1, 1)?;
    let runs = u32::try_from(number(2, 5)?)?;
    let today = Day::parse("2026-11-20").ok_or("no date")?;
    let rules = Rules::default();
    let mut all_totals = Vec::new();
    let mut times = [Duration::ZERO; 3];
    let (mut licenses, mut transactions) = (0, 0);
    for number in 0..parts {
        let rows = part(number, today)?;
        licenses += rows.license_count();
        transactions += rows.transaction_count();
        let (ledger, of_ledger) = averaged(runs, || Ledger::of_all_apps(&rows, &rules, today));
        let (totals, of_totals) = averaged(runs, || Totals::of(&rows, &rules, today));
        if totals != *ledger.totals() {
            return Err("the totals are not those of the ledger".into());
        }
        all_totals.push(totals);
        times[0] += of_ledger;
        times[1] += of_totals;
        if number == 0 {
            let selection = Selection::UsersNow { hosting: None };
            let (details, time) = fastest(3, || ledger.details(&rows, &selection));
            println!(
                "details of a part: {} of {} in {time:?}",
                details.rows.len(),
                details.total
            );
            let (_, time) = fastest(3, || Details::merge([details.clone(), details.clone()]));
            println!("two of them, copied and merged: {time:?}");
        }
    }
    let (sum, time) = averaged(runs, || Totals::sum(today, all_totals.iter().cloned()));
    times[2] = time;
    println!("{licenses} licenses, {transactions} transactions");
    for (name, time) in ["ledgers", "totals", "sum of totals"]
        .into_iter()
        .zip(times)
    {
        let of_rows = time * 100_000 / u32::try_from(licenses + transactions)?;
        println!("{name}: {time:?}, {of_rows:?} for 100,000 rows");
    }

    let (bytes, time) = averaged(runs, || sum.encode());
    println!("{} bytes in memory", sum.bytes());
    println!("{} bytes encoded in {time:?}", bytes.len());
    let (_, time) = averaged(runs, || Totals::decode(&bytes));
    println!("decoded in {time:?}");
    let app = sum.of_app("com.acme.app0").ok_or("no app")?;
    let periods = [
        ("12 months", PeriodKind::Last12Months.period(today, None)?),
        (
            "all time",
            Period::new(Day::parse("2012-01-01").ok_or("no date")?, today)?,
        ),
    ];
    for (name, period) in periods {
        for bucket in Bucket::ALL {
            let (_, of_app) = fastest(20, || app.report(period, bucket));
            let (_, of_all) = fastest(20, || sum.report(period, bucket));
            println!(
                "report of {name} by {}: {of_app:?} for one app, {of_all:?} for all",
                bucket.name()
            );
        }
    }
    let (_, time) = fastest(20, || sum.by_app(periods[0].1));
    println!("table of apps: {time:?}");
    Ok(())
}
