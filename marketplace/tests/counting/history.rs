//! Days that no base sale covers: before the first known sale, and after the last one.

use crate::fixture::{Record, TODAY, given, license, sale};

/// Creates a row that is known from today on, so that the sales decide every day before.
fn row(tier: &str, span: &str) -> Record {
    license(tier, span, TODAY)
}

#[test]
fn before_the_first_sale_a_license_has_its_old_tier() {
    let first = || sale("Renewal", "100 Users", "2026-03-01..2027-03-01");
    let cases = [
        (
            first().old("80 Users"),
            "2026-01-01 reactivation 80, 2026-03-01 expansion 20",
        ),
        (first().old("100 Users"), "2026-01-01 reactivation 100"),
        // Without one, its own tier.
        (first(), "2026-01-01 reactivation 100"),
        (first().old("Unknown"), "2026-01-01 reactivation 100"),
        (first().old("what?"), "2026-01-01 reactivation 100"),
        // Nothing, if it was an evaluation.
        (first().old(" EVALUATION "), "2026-03-01 new 100"),
        (first().old("0 Users"), "2026-03-01 reactivation 100"),
        // A new license has no time before.
        (
            first().buy("saleType", "NEW").old("80 Users"),
            "2026-03-01 new 100",
        ),
        (
            first()
                .buy("saleType", "Upgrade")
                .sold("2026-04-01")
                .old("80 Users"),
            "2026-01-01 reactivation 80, 2026-04-01 expansion 20",
        ),
        (
            first().old("Unlimited"),
            "2026-01-01 reactivation 10001, 2026-03-01 contraction 9901",
        ),
    ];
    for (first, expected) in cases {
        let case = given([row("100 Users", "2026-01-01..2027-03-01"), first.clone()]);
        assert_eq!(case.history(), expected, "{first:?}");
    }
}

#[test]
fn there_is_no_time_before_without_a_counted_row_that_started_earlier() {
    let first = || sale("Renewal", "100 Users", "2026-03-01..2027-03-01").old("80 Users");
    let cases = [
        (
            Some(row("100 Users", "2026-02-28..2027-03-01")),
            "2026-02-28 reactivation 80, 2026-03-01 expansion 20",
        ),
        (
            Some(row("100 Users", "2026-03-01..2027-03-01")),
            "2026-03-01 reactivation 100",
        ),
        (
            Some(row("100 Users", "..2027-03-01")),
            "2026-03-01 reactivation 100",
        ),
        (
            Some(row("100 Users", "2026-01-01..2027-03-01").license_type("FREE")),
            "2026-03-01 reactivation 100",
        ),
        // A row without size is counted all the same.
        (
            Some(row("Unknown", "2026-01-01..2027-03-01")),
            "2026-01-01 reactivation 80, 2026-03-01 expansion 20",
        ),
        // So is one that is over.
        (
            Some(row("Unknown", "2026-01-01..2026-01-02")),
            "2026-01-01 reactivation 80, 2026-03-01 expansion 20",
        ),
        (None, "2026-03-01 reactivation 100"),
    ];
    for (row, expected) in cases {
        let case = given(row.clone().into_iter().chain([first()]));
        assert_eq!(case.history(), expected, "{row:?}");
    }
}

#[test]
fn the_first_sale_has_the_least_start_then_the_least_sale_date_then_the_least_line_item() {
    let span = "2026-03-01..2027-03-01";
    let renewal = |old: &str| sale("Renewal", "100 Users", span).old(old);
    let pairs = [
        (
            renewal("80 Users").sold("2026-09-01"),
            sale("Renewal", "100 Users", "2026-03-02..2027-03-01").sold("2026-01-01"),
        ),
        (
            renewal("80 Users").sold("2026-02-01"),
            renewal("90 Users").sold("2026-02-02"),
        ),
        (
            renewal("80 Users").item("9"),
            renewal("90 Users").item("10"),
        ),
        (renewal("80 Users"), renewal("90 Users").item("10")),
        (
            renewal("80 Users").buy("tier", "99 Users"),
            renewal("90 Users"),
        ),
        // The start of an upgrade is the day it was sold, if that is later.
        (
            renewal("80 Users").sold("2026-04-01"),
            renewal("90 Users")
                .buy("saleType", "Upgrade")
                .sold("2026-03-02"),
        ),
    ];
    for (first, second) in pairs {
        for records in [
            [first.clone(), second.clone()],
            [second.clone(), first.clone()],
        ] {
            let history = given(
                records
                    .into_iter()
                    .chain([row("100 Users", "2026-01-01..2027-03-01")]),
            )
            .history();
            assert!(
                history.starts_with("2026-01-01 reactivation 80,"),
                "{history}: {first:?}"
            );
        }
    }
}

#[test]
fn a_first_sale_that_was_refunded_is_still_the_first() {
    let case = given([
        row("100 Users", "2026-01-01..2027-03-01"),
        sale("Renewal", "100 Users", "2026-03-01..2027-03-01").old("80 Users"),
        sale("Refund", "100 Users", "2026-03-01..2027-03-01"),
        sale("Renewal", "70 Users", "2026-05-01..2027-03-01").old("60 Users"),
    ]);
    let expected = "2026-01-01 reactivation 80, 2026-03-01 churn 80, 2026-05-01 reactivation 70, 2026-11-20 expansion 30";
    assert_eq!(case.history(), expected);
}

#[test]
fn after_the_last_sale_a_license_has_the_size_of_its_row_while_that_holds() {
    let sold = || sale("New", "80 Users", "2025-01-01..2026-01-01");
    let cases = [
        (
            row("100 Users", "2025-01-01..2027-01-01"),
            "2025-01-01 new 80, 2026-01-01 expansion 20",
        ),
        (
            row("100 Users", "2025-01-01..2026-06-01"),
            "2025-01-01 new 80, 2026-01-01 expansion 20, 2026-06-01 churn 100",
        ),
        (
            row("100 Users", "2026-02-01..2027-01-01"),
            "2025-01-01 new 80, 2026-01-01 churn 80, 2026-02-01 reactivation 100",
        ),
        (
            row("100 Users", "2025-01-01.."),
            "2025-01-01 new 80, 2026-01-01 expansion 20",
        ),
        // Without a size, that of the last sale.
        (
            row("Unknown", "2025-01-01..2027-01-01"),
            "2025-01-01 new 80",
        ),
        (
            row("x", "..2026-06-01").without("tier"),
            "2025-01-01 new 80, 2026-06-01 churn 80",
        ),
        // A row that is not counted says nothing.
        (
            row("100 Users", "2025-01-01..2027-01-01").license_type("FREE"),
            "2025-01-01 new 80, 2026-01-01 churn 80",
        ),
    ];
    for (row, expected) in cases {
        assert_eq!(given([row.clone(), sold()]).history(), expected, "{row:?}");
    }
}

#[test]
fn the_last_sale_has_the_greatest_end_then_sale_date_then_start_then_line_item() {
    let sold = |tier: &str| sale("New", tier, "2025-01-01..2026-01-01");
    let pairs = [
        (
            sold("80 Users"),
            sale("New", "90 Users", "2025-01-01..2025-12-31").sold("2025-06-01"),
        ),
        (sold("80 Users").sold("2025-01-02"), sold("90 Users")),
        (
            sale("New", "80 Users", "2025-01-02..2026-01-01").sold("2025-01-01"),
            sold("90 Users"),
        ),
        (sold("80 Users").item("10"), sold("90 Users").item("9")),
        (sold("80 Users"), sold("70 Users")),
    ];
    for (last, other) in pairs {
        for records in [[last.clone(), other.clone()], [other.clone(), last.clone()]] {
            let case = given(
                records
                    .into_iter()
                    .chain([row("Unknown", "2025-01-01..2027-01-01")]),
            );
            assert_eq!(case.users_now(), 80, "{last:?}");
        }
    }
}

#[test]
fn a_last_sale_that_was_refunded_still_has_the_greatest_end() {
    let case = given([
        row("Unknown", "2025-01-01..2027-01-01"),
        sale("New", "80 Users", "2025-01-01..2026-06-01"),
        sale("Refund", "80 Users", "2025-03-01..2026-06-01"),
    ]);
    assert_eq!(
        case.history(),
        "2025-01-01 new 80, 2025-03-01 churn 80, 2026-06-01 reactivation 80"
    );
}

#[test]
fn a_sale_newer_than_the_row_rules_out_the_size_of_the_row() {
    // The row says 100 as of 2026-03-01; a downgrade that is over was sold after that.
    let case = |updated: &str, sold: &str| {
        given([
            license("100 Users", "2025-01-01..2027-01-01", updated),
            sale("New", "80 Users", "2025-01-01..2026-01-01"),
            sale("Downgrade", "60 Users", "2026-03-05..2026-04-01").sold(sold),
        ])
    };
    // `newer` is the start of the downgrade, from which on the sales decide; after its end its size goes on.
    assert_eq!(case("2026-03-01", "2026-03-05").users_now(), 60);
    // As old as the row, it is not newer: the row decides since.
    assert_eq!(case("2026-03-05", "2026-03-05").users_now(), 100);
    // Where the row's day is missing no sale is newer.
    assert_eq!(case("", "2026-03-05").users_now(), 100);
    assert_eq!(
        case("2026-03-01", "2026-03-05").history(),
        "2025-01-01 new 80, 2026-01-01 churn 80, 2026-03-01 reactivation 100, 2026-03-05 contraction 40"
    );
    // By sales after 2026-04-01: ahead of the history, the row's size again if no sale is newer than the row.
    let unknown = given([
        license("100 Users", "2025-01-01..2027-01-01", ""),
        sale("New", "80 Users", "2025-01-01..2026-01-01"),
        sale("Downgrade", "60 Users", "2026-03-05..2026-04-01"),
    ]);
    assert_eq!(
        unknown.history(),
        "2025-01-01 new 80, 2026-01-01 churn 80, 2026-03-05 reactivation 60, 2026-04-01 expansion 40"
    );
}

#[test]
fn a_sale_that_was_made_after_today_is_not_newer_than_the_row() {
    let case = given([
        license("Unknown", "2025-01-01..2027-01-01", "2026-03-01").set("tier", "100 Users"),
        sale("New", "80 Users", "2025-01-01..2026-01-01"),
        sale("Renewal", "60 Users", "2026-01-01..2026-02-01").sold("2026-11-21"),
    ]);
    assert_eq!(case.users_now(), 100);
}

#[test]
fn the_last_day_of_the_row_is_the_last_one_ahead_of_the_history() {
    let case = |span: &str| {
        given([
            row("Unknown", span),
            sale("New", "80 Users", "2025-01-01..2026-05-31"),
        ])
        .history()
    };
    assert_eq!(
        case("2025-01-01..2026-05-31"),
        "2025-01-01 new 80, 2026-05-31 churn 80"
    );
    assert_eq!(
        case("2025-01-01..2026-06-01"),
        "2025-01-01 new 80, 2026-06-01 churn 80"
    );
    assert_eq!(
        case("2026-06-01..2026-06-02"),
        "2025-01-01 new 80, 2026-05-31 churn 80, 2026-06-01 reactivation 80, 2026-06-02 churn 80"
    );
}
