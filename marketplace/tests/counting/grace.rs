//! Grace: a late renewal is no loss.

use crate::fixture::{given, license, sale};

#[test]
fn a_gap_of_at_most_the_days_of_grace_takes_the_size_of_the_day_before() {
    let case = |days| {
        given([
            sale("New", "10 Users", "2026-01-01..2026-02-01"),
            sale("Renewal", "12 Users", "2026-02-06..2026-03-01"),
        ])
        .today("2026-03-20")
        .grace(days)
    };
    let gap =
        "2026-01-01 new 10, 2026-02-01 churn 10, 2026-02-06 reactivation 12, 2026-03-01 churn 12";
    assert_eq!(case(0).history(), gap);
    assert_eq!(case(4).history(), gap);
    assert_eq!(
        case(5).history(),
        "2026-01-01 new 10, 2026-02-06 expansion 2, 2026-03-01 churn 12"
    );
}

#[test]
fn the_size_of_the_day_before_holds_its_added_users() {
    let case = given([
        sale("New", "10 Users", "2026-01-01..2026-02-01"),
        crate::fixture::added("2026-01-20..2026-02-01", &[("", 3)]),
        sale("Renewal", "13 Users", "2026-02-03..2027-02-01"),
    ]);
    assert_eq!(
        case.grace(2).history(),
        "2026-01-01 new 10, 2026-01-20 expansion 3"
    );
}

#[test]
fn every_gap_is_measured_in_the_finished_steps() {
    let case = given([
        sale("New", "10 Users", "2026-01-01..2026-02-01"),
        sale("Renewal", "12 Users", "2026-02-04..2026-02-05"),
        sale("Renewal", "14 Users", "2026-02-08..2027-02-01"),
    ]);
    assert_eq!(
        case.clone().grace(3).history(),
        "2026-01-01 new 10, 2026-02-04 expansion 2, 2026-02-08 expansion 2"
    );
    // A gap made of a sale of no users and of none is one gap.
    let case = given([
        sale("New", "10 Users", "2026-01-01..2026-02-01"),
        sale("Renewal", "0 Users", "2026-02-03..2026-02-05"),
        sale("Renewal", "14 Users", "2026-02-07..2027-02-01"),
    ]);
    assert_eq!(
        case.clone().grace(5).history(),
        "2026-01-01 new 10, 2026-02-01 churn 10, 2026-02-07 reactivation 14"
    );
    assert_eq!(
        case.grace(6).history(),
        "2026-01-01 new 10, 2026-02-07 expansion 4"
    );
}

#[test]
fn days_before_the_first_users_are_no_gap() {
    let case = given([sale("New", "10 Users", "2026-11-15..2027-02-01")]);
    assert_eq!(case.grace(90).history(), "2026-11-15 new 10");
}

#[test]
fn a_gap_that_ends_with_today_is_kept_unless_the_row_is_not_active() {
    let cases = [
        // The gap has 1 day, then 7, then 8.
        (Some("active"), "2026-11-20", 10),
        (Some("active"), "2026-11-14", 10),
        (Some("active"), "2026-11-13", 0),
        (Some(" Active"), "2026-11-14", 10),
        (Some("inactive"), "2026-11-20", 0),
        (Some("cancelled"), "2026-11-14", 0),
        (Some(""), "2026-11-14", 0),
        (None, "2026-11-14", 10),
        (None, "2026-11-13", 0),
    ];
    for (status, end, expected) in cases {
        let span = format!("2026-01-01..{end}");
        let record = match status {
            Some(status) => license("10 Users", &span, "2026-02-01").status(status),
            None => sale("New", "10 Users", &span),
        };
        let current_status = given([record]).grace(7).current_status();
        let licenses = u64::from(expected > 0);
        let kept = (
            current_status.users_now,
            current_status.may_still_renew,
            current_status.may_still_renew_licenses,
        );
        assert_eq!(kept, (expected, expected, licenses), "{status:?} {end}");
    }
}

#[test]
fn the_row_is_asked_for_its_status_even_where_it_is_not_counted() {
    let case = |status: &str| {
        given([
            license("Evaluation", "2026-01-01..2027-01-01", "2026-02-01")
                .license_type("EVALUATION")
                .status(status),
            sale("New", "10 Users", "2026-01-01..2026-11-18"),
        ])
        .grace(7)
        .users_now()
    };
    assert_eq!((case("active"), case("cancelled")), (10, 0));
}

#[test]
fn a_gap_between_two_days_with_users_is_kept_whatever_the_status() {
    let case = given([
        license("10 Users", "2026-01-01..2026-11-01", "2026-11-01").status("cancelled"),
        sale("New", "10 Users", "2026-01-01..2026-03-01"),
        sale("New", "10 Users", "2026-03-05..2026-11-01"),
    ]);
    assert_eq!(
        case.grace(7).history(),
        "2026-01-01 new 10, 2026-11-01 churn 10"
    );
}

#[test]
fn a_sale_that_starts_tomorrow_ends_no_gap_today() {
    let case = given([
        license("10 Users", "2026-01-01..2026-11-18", "2026-11-18").status("inactive"),
        sale("New", "10 Users", "2026-01-01..2026-11-18"),
        sale("Renewal", "10 Users", "2026-11-21..2027-11-21").sold("2026-11-19"),
    ]);
    assert_eq!(
        case.clone().grace(7).history(),
        "2026-01-01 new 10, 2026-11-18 churn 10"
    );
    assert_eq!(
        case.grace(7).today("2026-11-21").history(),
        "2026-01-01 new 10"
    );
}

#[test]
fn a_loss_shows_when_grace_is_over_on_its_true_day() {
    let row = license("40 Users", "2026-02-20..2026-11-18", "2026-10-18");
    let history = |today| given([row.clone()]).grace(7).today(today).history();
    assert_eq!(history("2026-11-24"), "2026-02-20 new 40");
    assert_eq!(
        history("2026-11-25"),
        "2026-02-20 new 40, 2026-11-18 churn 40"
    );
}

#[test]
fn before_history_nothing_is_kept() {
    let row = license("40 Users", "2010-01-01..2011-06-01", "2010-01-01");
    let current_status = given([row]).grace(7).today("2011-06-05").current_status();
    assert_eq!(current_status, marketplace::CurrentStatus::default());
}
