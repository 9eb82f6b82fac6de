//! What all apps of a vendor add up to.

use marketplace::{Bucket, Day, Exclusion, Kind, Ledger, Period, Report, Rows, Rules};

/// Asserts that every number of all apps is the sum of what each app has when it is counted alone.
pub(crate) fn assert_sum_of_apps(
    rows: &Rows,
    rules: &Rules,
    today: Day,
    period: Period,
    bucket: Bucket,
) {
    let ledger = Ledger::of_all_apps(rows, rules, today);
    let by_app = ledger.by_app(period);
    let keys: Vec<&str> = by_app.iter().map(|row| row.app.as_str()).collect();
    let named = rows.apps().into_iter();
    let named: Vec<&str> = named.filter(|key| !key.is_empty()).collect();
    assert_eq!(keys, named);

    let mut reports = Vec::new();
    for row in &by_app {
        let alone = Ledger::new(rows, &row.app, rules, today);
        assert_eq!(alone.by_app(period), std::slice::from_ref(row));
        let report = alone.report(period, bucket).unwrap();
        assert_eq!(
            (row.users_now, row.users_week_ago, row.users),
            (
                report.current_status.users_now,
                report.current_status.users_week_ago,
                report.total.users
            ),
            "{}",
            row.app
        );
        reports.push(report);
    }
    let all = numbers(&ledger.report(period, bucket).unwrap());
    let mut sums = vec![0; all.len()];
    for report in &reports {
        for (sum, number) in sums.iter_mut().zip(numbers(report)) {
            *sum += number;
        }
    }
    assert_eq!(all, sums);
}

/// Returns the numbers of a report that add up over apps.
fn numbers(report: &Report) -> Vec<i64> {
    let count = |number: u64| i64::try_from(number).expect("tests count few licenses");
    let current_status = &report.current_status;
    let mut numbers = vec![
        current_status.users_now,
        current_status.users_now_low,
        current_status.users_week_ago,
        count(current_status.no_id),
        count(current_status.refund_without_sale),
        current_status.by_sales_only,
        current_status.may_still_renew,
        count(current_status.may_still_renew_licenses),
        count(current_status.unlimited),
        count(current_status.merged_rows),
        count(current_status.date_not_understood),
        count(current_status.tier_not_understood.rows),
        count(current_status.unknown_license_type.rows),
        report.unexplained,
    ];
    numbers.extend(Exclusion::ALL.map(|reason| {
        let excluded = current_status.excluded.iter();
        let of_reason = excluded.filter(|(each, _)| *each == reason);
        count(of_reason.map(|(_, licenses)| licenses).sum())
    }));
    let sums = report.buckets.iter().map(|bucket| bucket.sums);
    for sums in sums.chain([report.total]) {
        numbers.extend([
            sums.opening,
            sums.closing,
            sums.users.gained(),
            sums.users.lost(),
            sums.users.net(),
            count(sums.licenses_gained),
            count(sums.licenses_lost),
        ]);
        numbers.extend(Kind::ALL.map(|kind| sums.users[kind]));
        numbers.extend(Kind::ALL.map(|kind| count(sums.licenses[kind])));
    }
    numbers
}
