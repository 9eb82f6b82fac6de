//! Movements: what is new, what comes back, what grows, shrinks and goes.

use marketplace::Kind;

use crate::fixture::{given, license, sale};

#[test]
fn the_first_users_are_new_if_the_first_sale_says_nothing_else() {
    let first = |sale_type: &str| sale(sale_type, "10 Users", "2026-01-01..2027-01-01");
    let cases = [
        (first("New"), "new"),
        (first(" NEW"), "new"),
        (first("Renewal").old("Evaluation"), "new"),
        (first("Upgrade").old(" evaluation "), "new"),
        (first("New").old("10 Users"), "new"),
        (first("Renewal"), "reactivation"),
        (first("Renewal").old("Evaluation (30 days)"), "reactivation"),
        (first("Upgrade").old("5 Users"), "reactivation"),
        (first("Downgrade"), "reactivation"),
        (first("").old("Subscription"), "reactivation"),
    ];
    for (first, expected) in cases {
        assert_eq!(
            given([first.clone()]).history(),
            format!("2026-01-01 {expected} 10"),
            "{first:?}"
        );
    }
    let row = license("10 Users", "2026-01-01..2027-01-01", "2026-01-01");
    assert_eq!(given([row]).history(), "2026-01-01 new 10");
}

#[test]
fn the_first_sale_says_so_even_if_it_was_refunded_or_comes_later_than_the_users() {
    // Refunded at once: the users begin with the second sale, but the first one shows a customer.
    let refunded = given([
        sale("Renewal", "10 Users", "2026-01-01..2027-01-01"),
        sale("Refund", "10 Users", "2026-01-01..2027-01-01"),
        sale("New", "20 Users", "2026-03-01..2027-01-01"),
    ]);
    assert_eq!(refunded.history(), "2026-03-01 reactivation 20");
    // The first sale is new, the users that begin with a later one are new too.
    let refunded = given([
        sale("New", "10 Users", "2026-01-01..2027-01-01"),
        sale("Refund", "10 Users", "2026-01-01..2027-01-01"),
        sale("Renewal", "20 Users", "2026-03-01..2027-01-01"),
    ]);
    assert_eq!(refunded.history(), "2026-03-01 new 20");
    // By the row: its first sale starts in the future.
    let ahead = given([
        license("10 Users", "2026-05-01..2027-12-01", "2026-05-01"),
        sale("Renewal", "10 Users", "2026-12-01..2027-12-01")
            .sold("2026-04-01")
            .old("0 Users"),
    ]);
    assert_eq!(ahead.history(), "2026-05-01 reactivation 10");
}

#[test]
fn users_that_come_back_are_a_reactivation() {
    let case = given([
        sale("New", "10 Users", "2026-01-01..2026-02-01"),
        sale("New", "30 Users", "2026-03-01..2026-04-01"),
        sale("New", "5 Users", "2026-05-01..2027-01-01"),
    ]);
    assert_eq!(
        case.history(),
        "2026-01-01 new 10, 2026-02-01 churn 10, 2026-03-01 reactivation 30, 2026-04-01 churn 30, \
         2026-05-01 reactivation 5"
    );
}

#[test]
fn a_movement_has_the_difference_of_users() {
    let case = given([
        sale("New", "10 Users", "2026-01-01..2027-01-01"),
        sale("Upgrade", "25 Users", "2026-02-01..2027-01-01"),
        sale("Downgrade", "7 Users", "2026-03-01..2027-01-01"),
        sale("Renewal", "7 Users", "2026-04-01..2027-01-01"),
    ]);
    assert_eq!(
        case.history(),
        "2026-01-01 new 10, 2026-02-01 expansion 15, 2026-03-01 contraction 18"
    );
}

#[test]
fn gained_and_lost_add_up() {
    let report = given([
        sale("New", "10 Users", "2026-01-01..2026-06-01").id("A"),
        sale("Upgrade", "25 Users", "2026-02-01..2026-05-01").id("A"),
        sale("Renewal", "100 Users", "2026-03-01..2026-04-01").id("B"),
        sale("New", "1 User", "2025-01-01..2027-01-01").id("C"),
    ])
    .between("2026-01-01", "2026-12-31");
    assert_eq!((report.total.opening, report.total.closing), (1, 1));
    let users = Kind::ALL.map(|kind| report.users(kind));
    assert_eq!(users, [10, 100, 15, 15, 110]);
    assert_eq!(
        (
            report.total.users.gained(),
            report.total.users.lost(),
            report.total.users.net()
        ),
        (125, 125, 0)
    );
}

#[test]
fn a_license_counts_once_per_kind_and_per_bucket() {
    let case = given([
        // Three expansions of one license, two of them in November; it shrinks and grows.
        sale("New", "10 Users", "2025-01-01..2027-01-01").id("A"),
        sale("Upgrade", "11 Users", "2026-10-05..2027-01-01").id("A"),
        sale("Upgrade", "12 Users", "2026-11-05..2027-01-01").id("A"),
        sale("Upgrade", "5 Users", "2026-11-06..2027-01-01").id("A"),
        sale("Upgrade", "13 Users", "2026-11-07..2027-01-01").id("A"),
        // Two movements of different gains.
        sale("New", "10 Users", "2026-10-10..2026-11-10").id("B"),
        sale("New", "10 Users", "2026-11-12..2027-11-10").id("B"),
        sale("Upgrade", "20 Users", "2026-11-15..2027-11-10").id("B"),
    ]);
    let report = case.report(
        marketplace::PeriodKind::QuarterToDate,
        marketplace::Bucket::Month,
    );
    let licenses = |sums: &marketplace::Sums| {
        (
            Kind::ALL.map(|kind| sums.licenses[kind]),
            sums.licenses_gained,
            sums.licenses_lost,
        )
    };
    assert_eq!(licenses(&report.total), ([1, 1, 2, 1, 1], 2, 2));
    let buckets: Vec<_> = report
        .buckets
        .iter()
        .map(|bucket| licenses(&bucket.sums))
        .collect();
    assert_eq!(buckets, [([1, 0, 1, 0, 0], 2, 0), ([0, 1, 2, 1, 1], 2, 2)]);
}

#[test]
fn a_license_that_gains_on_the_first_day_and_later_gained_once() {
    let report = given([
        sale("New", "10 Users", "2026-03-01..2026-05-01"),
        sale("Upgrade", "20 Users", "2026-03-05..2026-04-10"),
        sale("Downgrade", "5 Users", "2026-04-01..2026-05-01"),
        sale("New", "5 Users", "2026-05-01..2026-05-10"),
    ])
    .between("2026-03-01", "2026-04-30");
    assert_eq!(
        (report.total.licenses_gained, report.total.licenses_lost),
        (1, 1)
    );
    let kinds = Kind::ALL.map(|kind| report.licenses(kind));
    assert_eq!(kinds, [1, 0, 1, 1, 0]);
    let report = given([
        sale("New", "10 Users", "2026-01-01..2027-01-01"),
        sale("Downgrade", "8 Users", "2026-03-01..2027-01-01"),
        sale("Downgrade", "6 Users", "2026-03-05..2027-01-01"),
    ])
    .between("2026-03-01", "2026-03-31");
    assert_eq!(
        (report.total.licenses_gained, report.total.licenses_lost),
        (0, 1)
    );
}

#[test]
fn a_kind_is_known_by_its_name() {
    for kind in Kind::ALL {
        assert_eq!(Kind::of_name(kind.name()), Some(kind));
    }
    assert_eq!(Kind::of_name("lost"), None);
}
