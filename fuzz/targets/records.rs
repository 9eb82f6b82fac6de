//! Records of licenses and transactions: whatever the bytes, they are rows or an error, and can be counted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use marketplace::{Bucket, Day, Ledger, PeriodKind, RowsBuilder, Rules};

fuzz_target!(|bytes: &[u8]| {
    let mut builder = RowsBuilder::new();
    for record in bytes.split(|byte| *byte == b'\n') {
        let _ = builder.push_license(record);
        let _ = builder.push_transaction(record);
    }
    let rows = builder.finish();
    let Some(today) = Day::parse("2026-11-20") else {
        return;
    };
    for app in rows.apps() {
        let ledger = Ledger::new(&rows, app, &Rules::default(), today);
        let Ok(period) = PeriodKind::AllTime.period(today, ledger.first_day_with_users()) else {
            continue;
        };
        let report = ledger.report(period, Bucket::Month);
        let total = report.expect("history is short").total;
        assert_eq!(total.opening + total.users.net(), total.closing);
    }
});
