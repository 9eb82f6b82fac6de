//! Reports: the numbers of a period, by buckets and by hostings.

use marketplace::{Bucket, Hosting, Kind, PeriodKind};

use crate::fixture::{day, given, license, sale, shown};

fn sales() -> crate::fixture::Given {
    given([
        sale("New", "10 Users", "2026-01-01..2026-11-10").id("A"),
        sale("New", "20 Users", "2026-10-22..2027-01-01")
            .id("B")
            .hosting("Server"),
        sale("Upgrade", "25 Users", "2026-11-20..2027-01-01")
            .id("B")
            .hosting("Server"),
        sale("New", "40 Users", "2026-10-21..2027-01-01")
            .id("C")
            .without("hosting"),
        sale("New", "7 Users", "2026-11-21..2027-01-01").id("D"),
    ])
}

#[test]
fn opening_is_the_day_before_the_period_and_closing_its_last_day() {
    let report = sales().between("2026-10-22", "2026-11-19");
    assert_eq!((report.total.opening, report.total.closing), (50, 60));
    assert_eq!(shown(&report), "2026-10-22 new 20, 2026-11-10 churn 10");
    let report = sales().between("2026-11-10", "2026-11-20");
    assert_eq!((report.total.opening, report.total.closing), (70, 65));
}

#[test]
fn users_now_and_a_week_ago_do_not_depend_on_the_period() {
    for period in [
        PeriodKind::Last7Days,
        PeriodKind::LastYear,
        PeriodKind::AllTime,
    ] {
        let current_status = sales().report(period, Bucket::Day).current_status;
        assert_eq!(
            (current_status.users_now, current_status.users_week_ago),
            (65, 60)
        );
    }
    assert_eq!(
        sales().today("2026-11-17").current_status().users_week_ago,
        60
    );
    assert_eq!(
        sales().today("2026-11-16").current_status().users_week_ago,
        70
    );
}

#[test]
fn there_is_a_bucket_for_every_week_of_the_period_named_by_its_monday() {
    let report = sales().report(PeriodKind::Last30Days, Bucket::Week);
    let rows: Vec<_> = report
        .buckets
        .iter()
        .map(|row| {
            (
                row.start.to_string(),
                row.sums.opening,
                row.sums.users.net(),
                row.sums.closing,
                row.is_incomplete,
            )
        })
        .collect();
    let expected = [
        // The period begins on a Thursday; what happened on the day before is not in it.
        ("2026-10-19", 50, 20, 70, false),
        ("2026-10-26", 70, 0, 70, false),
        ("2026-11-02", 70, 0, 70, false),
        ("2026-11-09", 70, -10, 60, false),
        ("2026-11-16", 60, 5, 65, true),
    ];
    assert_eq!(
        rows,
        expected.map(|(start, opening, net, closing, today)| (
            start.to_owned(),
            opening,
            net,
            closing,
            today
        ))
    );
    assert_eq!(report.buckets[0].days.from(), day("2026-10-22"));
    assert_eq!(report.buckets[4].days.until(), day("2026-11-21"));
}

#[test]
fn a_bucket_is_incomplete_only_if_it_holds_today() {
    let incomplete = |period: PeriodKind, bucket| {
        let report = sales().report(period, bucket);
        let rows = report.buckets.iter().filter(|row| row.is_incomplete);
        rows.map(|row| row.start.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        incomplete(PeriodKind::Last7Days, Bucket::Day),
        ["2026-11-20"]
    );
    assert_eq!(
        incomplete(PeriodKind::YearToDate, Bucket::Month),
        ["2026-11-01"]
    );
    for period in [
        PeriodKind::LastMonth,
        PeriodKind::LastQuarter,
        PeriodKind::LastYear,
    ] {
        for bucket in Bucket::ALL {
            assert!(
                incomplete(period, bucket).is_empty(),
                "{period:?} {bucket:?}"
            );
        }
    }
    let yesterday = PeriodKind::Custom {
        from: day("2026-11-16"),
        to: day("2026-11-19"),
    };
    assert!(incomplete(yesterday, Bucket::Week).is_empty());
}

#[test]
fn months_are_named_by_their_first_day() {
    let report = sales().between("2026-10-22", "2026-11-20");
    let months = sales().report(PeriodKind::Last30Days, Bucket::Month);
    let starts: Vec<_> = months
        .buckets
        .iter()
        .map(|row| row.start.to_string())
        .collect();
    assert_eq!(starts, ["2026-10-01", "2026-11-01"]);
    assert_eq!(months.total, report.total);
    assert_eq!(
        (
            months.buckets[0].sums.users[Kind::New],
            months.buckets[1].sums.opening
        ),
        (20, 70)
    );
}

#[test]
fn hostings_have_their_own_numbers() {
    let report = sales().report(PeriodKind::Last30Days, Bucket::Day);
    let rows: Vec<_> = report
        .by_hosting
        .iter()
        .map(|row| {
            (
                row.hosting,
                row.users_now,
                row.users_now_low,
                row.opening,
                row.gained,
                row.lost,
                row.closing,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (Hosting::Cloud, 0, 0, 10, 0, 10, 0),
            (Hosting::Server, 25, 10, 0, 25, 0, 25),
            (Hosting::Other, 40, 25, 40, 0, 0, 40),
        ]
    );
    assert_eq!(
        given([])
            .report(PeriodKind::AllTime, Bucket::Day)
            .by_hosting,
        []
    );
}

#[test]
fn all_time_begins_with_the_first_users() {
    let period = |case: crate::fixture::Given| {
        case.report(PeriodKind::AllTime, Bucket::Month)
            .period
            .from()
    };
    assert_eq!(period(sales()), day("2026-01-01"));
    assert_eq!(
        period(given([license("1 User", "2001-01-01..2013-01-01", "")])),
        day("2012-01-01")
    );
    assert_eq!(period(given([])), day("2026-11-20"));
    assert_eq!(
        period(given([license("1 User", "2026-12-01..2027-01-01", "")])),
        day("2026-11-20")
    );
}

#[test]
fn a_period_before_history_is_empty() {
    let report = sales().between("2001-01-01", "2001-12-31");
    assert_eq!(
        (
            report.total.opening,
            report.total.closing,
            report.buckets.len()
        ),
        (0, 0, 365)
    );
}
