//! The worked examples of the rule, with the default grace of seven days.

use marketplace::{Bucket, Kind, PeriodKind};

use crate::fixture::{added, given, license, sale, shown};

#[test]
fn example_1_a_license_without_sales_is_new_when_it_begins() {
    let row = license("50 Users", "2026-11-02..2027-11-02", "2026-11-02").hosting("Server");
    let report = given([row])
        .grace(7)
        .report(PeriodKind::Last30Days, Bucket::Day);
    assert_eq!(shown(&report), "2026-11-02 new 50");
    assert_eq!((report.total.opening, report.total.closing), (0, 50));
    assert_eq!(report.current_status.users_now_low, 25);
}

#[test]
fn example_2_an_upgrade_and_its_refund_are_one_change() {
    let case = given([
        license("1000 Users", "2025-02-01..2027-02-01", "2026-07-15").hosting("Data Center"),
        sale("New", "500 Users", "2025-02-01..2026-02-01").hosting("Data Center"),
        sale("Renewal", "500 Users", "2026-02-01..2027-02-01")
            .hosting("Data Center")
            .sold("2026-01-20"),
        sale("Upgrade", "1000 Users", "2026-07-14..2027-02-01")
            .hosting("Data Center")
            .old("500 Users"),
        sale("Refund", "500 Users", "2026-07-14..2027-02-01").hosting("Data Center"),
    ]);
    let report = case.grace(7).report(PeriodKind::YearToDate, Bucket::Day);
    assert_eq!(shown(&report), "2026-07-14 expansion 500");
    assert_eq!((report.total.opening, report.total.closing), (500, 1000));
    assert_eq!(
        (
            report.unexplained,
            report.current_status.refund_without_sale
        ),
        (0, 0)
    );
}

#[test]
fn example_3_a_cancelled_subscription_runs_to_its_end() {
    let row = license("137 Users", "2026-03-02..2026-11-10", "2026-11-09").status("cancelled");
    let report = given([row])
        .grace(7)
        .report(PeriodKind::Last30Days, Bucket::Day);
    assert_eq!(shown(&report), "2026-11-10 churn 137");
    assert_eq!((report.total.opening, report.total.closing), (137, 0));
}

#[test]
fn example_4_a_license_that_comes_back_is_a_reactivation() {
    let case = given([
        license("100 Users", "2025-01-01..2027-03-01", "2026-03-01"),
        sale("New", "100 Users", "2025-01-01..2026-01-01"),
        sale("Renewal", "100 Users", "2026-03-01..2027-03-01"),
    ]);
    assert_eq!(
        case.grace(7).history(),
        "2025-01-01 new 100, 2026-01-01 churn 100, 2026-03-01 reactivation 100"
    );
}

#[test]
fn example_5_a_community_license_is_left_out() {
    let row =
        license("250 Users", "2026-01-01..2027-01-01", "2026-01-01").license_type("COMMUNITY");
    let case = given([row]).grace(7);
    assert_eq!(case.excluded(), "community 1");
    assert_eq!((case.history().as_str(), case.users_now()), ("", 0));
}

#[test]
fn example_6_a_license_that_is_renewed_early_does_not_move() {
    let case = given([
        license("100 Users", "2026-12-01..2027-12-01", "2026-11-15").hosting("Data Center"),
        sale("New", "100 Users", "2025-12-01..2026-12-01").hosting("Data Center"),
    ]);
    let report = case.grace(7).report(PeriodKind::Last30Days, Bucket::Day);
    assert_eq!(
        (shown(&report).as_str(), report.current_status.users_now),
        ("", 100)
    );
}

#[test]
fn example_7_added_users_join_on_their_days() {
    let case = given([
        sale("Renewal", "63 Users", "2026-10-15..2026-11-15").old("63 Users"),
        sale("Renewal", "66 Users", "2026-11-15..2026-12-15"),
        added(
            "2026-11-14..2026-11-15",
            &[
                ("2026-10-20T10:03:51.000Z", 1),
                ("2026-11-14T08:00:00.000Z", 2),
            ],
        )
        .buy("tier", "Per Unit Pricing (3 Users)")
        .sold("2026-11-16"),
    ]);
    let case = case.grace(7);
    assert_eq!(
        case.history(),
        "2026-10-15 reactivation 63, 2026-10-20 expansion 1, 2026-11-14 expansion 2"
    );
    let report = case.report(PeriodKind::Last30Days, Bucket::Day);
    assert_eq!(
        (
            report.total.opening,
            report.users(Kind::Expansion),
            report.total.closing
        ),
        (64, 2, 66)
    );
}

#[test]
fn example_8_a_license_that_may_still_renew_is_kept_by_grace() {
    let row = license("40 Users", "2026-02-20..2026-11-18", "2026-10-18");
    let case = given([row.clone()]).grace(7);
    let current_status = case.current_status();
    assert_eq!(
        (
            current_status.users_now,
            current_status.may_still_renew,
            current_status.may_still_renew_licenses
        ),
        (40, 40, 1)
    );
    assert_eq!(
        case.grace(0).history(),
        "2026-02-20 new 40, 2026-11-18 churn 40"
    );
    for days in [0, 7, 90] {
        let case = given([row.clone().status("cancelled")]).grace(days);
        assert_eq!(
            case.history(),
            "2026-02-20 new 40, 2026-11-18 churn 40",
            "{days}"
        );
    }
}

#[test]
fn example_9_a_newer_sale_ends_what_the_row_says() {
    let case = given([
        license("100 Users", "2025-11-01..2026-11-01", "2026-11-01"),
        sale("New", "100 Users", "2025-11-01..2026-11-01"),
        sale("Upgrade", "250 Users", "2026-11-10..2027-11-10").old("100 Users"),
    ]);
    let gap = "2025-11-01 new 100, 2026-11-01 churn 100, 2026-11-10 reactivation 250";
    assert_eq!(case.clone().grace(7).history(), gap);
    assert_eq!(case.clone().grace(8).history(), gap);
    assert_eq!(
        case.grace(9).history(),
        "2025-11-01 new 100, 2026-11-10 expansion 150"
    );
}
