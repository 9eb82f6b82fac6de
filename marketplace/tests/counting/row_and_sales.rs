//! Which days the license row decides, and which the sales.

use crate::fixture::{given, license, sale};

#[test]
fn a_row_without_sales_counts_from_its_start_up_to_its_end() {
    let cases = [
        (
            "2026-01-01..2026-11-20",
            "2026-01-01 new 10, 2026-11-20 churn 10",
        ),
        ("2026-01-01..2026-11-21", "2026-01-01 new 10"),
        ("..2013-01-01", "2012-01-01 new 10, 2013-01-01 churn 10"),
        (
            "2010-05-05..2013-01-01",
            "2012-01-01 new 10, 2013-01-01 churn 10",
        ),
        ("2026-11-21..2027-11-21", ""),
        ("2026-11-20..2027-11-21", "2026-11-20 new 10"),
        ("2026-05-01..2026-05-01", ""),
        ("2026-05-01..2026-04-01", ""),
    ];
    for (span, expected) in cases {
        // The day of the last update says nothing here.
        for updated in ["2026-11-19", "", "2011-01-01"] {
            assert_eq!(
                given([license("10 Users", span, updated)]).history(),
                expected,
                "{span} {updated}"
            );
        }
    }
}

#[test]
fn a_missing_end_is_open_for_active_rows_and_the_last_update_for_others() {
    let cases = [
        ("active", "2026-03-01", "2026-01-01 new 10"),
        (" ACTIVE ", "2026-03-01", "2026-01-01 new 10"),
        (
            "inactive",
            "2026-03-01",
            "2026-01-01 new 10, 2026-03-01 churn 10",
        ),
        (
            "cancelled",
            "2026-03-01",
            "2026-01-01 new 10, 2026-03-01 churn 10",
        ),
        ("", "2026-03-01", "2026-01-01 new 10, 2026-03-01 churn 10"),
        // Without a last update they end today.
        ("inactive", "", "2026-01-01 new 10, 2026-11-20 churn 10"),
        ("inactive", "2027-03-01", "2026-01-01 new 10"),
    ];
    for (status, updated, expected) in cases {
        let case = given([license("10 Users", "2026-01-01..", updated).status(status)]);
        assert_eq!(case.history(), expected, "{status} {updated}");
    }
}

#[test]
fn the_status_says_nothing_else() {
    for status in ["active", "inactive", "cancelled", "", "strange"] {
        let case =
            given([license("10 Users", "2026-01-01..2026-06-01", "2026-02-01").status(status)]);
        assert_eq!(
            case.history(),
            "2026-01-01 new 10, 2026-06-01 churn 10",
            "{status}"
        );
    }
}

#[test]
fn a_row_that_is_missing_not_counted_or_without_size_leaves_all_days_to_the_sales() {
    let sold = || sale("New", "20 Users", "2026-01-01..2026-06-01");
    let rows = [
        None,
        Some(
            license("10 Users", "2026-02-01..2027-01-01", "2026-02-01").license_type("EVALUATION"),
        ),
        Some(license(
            "Evaluation",
            "2026-02-01..2026-03-01",
            "2026-02-01",
        )),
    ];
    for row in rows {
        let case = given(row.clone().into_iter().chain([sold()]));
        assert_eq!(
            case.history(),
            "2026-01-01 new 20, 2026-06-01 churn 20",
            "{row:?}"
        );
    }
}

#[test]
fn the_row_decides_from_the_later_of_its_last_update_and_its_start() {
    let sold = || sale("New", "20 Users", "2026-01-01..2027-01-01");
    let cases = [
        (
            "2026-01-01..2027-01-01",
            "2026-03-01",
            "2026-03-01 contraction 10",
        ),
        (
            "2026-04-01..2027-01-01",
            "2026-03-01",
            "2026-04-01 contraction 10",
        ),
        ("..2027-01-01", "2026-03-01", "2026-03-01 contraction 10"),
        (
            "2026-01-01..2026-05-01",
            "2026-03-01",
            "2026-03-01 contraction 10, 2026-05-01 churn 10",
        ),
        // Over already, it says that there are no users.
        (
            "2026-01-01..2026-02-01",
            "2026-03-01",
            "2026-03-01 churn 20",
        ),
        // Not known since when, or from the future: since today.
        ("2026-01-01..2027-01-01", "", "2026-11-20 contraction 10"),
        (
            "2026-01-01..2027-01-01",
            "2026-11-21",
            "2026-11-20 contraction 10",
        ),
        (
            "2026-01-01..2027-01-01",
            "2026-11-20",
            "2026-11-20 contraction 10",
        ),
        (
            "2026-01-01..2027-01-01",
            "soon",
            "2026-11-20 contraction 10",
        ),
        // A row that starts in the future says nothing yet.
        ("2026-11-21..2027-11-21", "2026-03-01", ""),
    ];
    for (span, updated, expected) in cases {
        let case = given([license("10 Users", span, updated), sold()]);
        let expected = if expected.is_empty() {
            String::new()
        } else {
            format!(", {expected}")
        };
        assert_eq!(
            case.history(),
            format!("2026-01-01 new 20{expected}"),
            "{span} {updated}"
        );
    }
}

#[test]
fn a_row_decides_even_where_it_says_more_than_any_sale() {
    let case = given([
        license("30 Users", "2026-01-01..2027-01-01", "2026-06-01"),
        sale("New", "20 Users", "2026-01-01..2026-03-01"),
    ]);
    // From 2026-03-01 the license goes on with the row's size, ahead of the history.
    assert_eq!(case.history(), "2026-01-01 new 20, 2026-03-01 expansion 10");
}

#[test]
fn a_newer_sale_takes_over_on_the_day_it_starts() {
    let newer = |sold: &str, span: &str| {
        let case = given([
            license("10 Users", "2026-01-01..2027-01-01", "2026-03-01"),
            sale("New", "10 Users", "2026-01-01..2027-01-01"),
            sale("Renewal", "20 Users", span).sold(sold),
        ]);
        case.history()
            .replace("2026-01-01 new 10", "")
            .trim_start_matches(", ")
            .to_owned()
    };
    let cases = [
        // Sold after the last update.
        (
            "2026-03-02",
            "2026-04-01..2027-01-01",
            "2026-04-01 expansion 10",
        ),
        ("2026-03-01", "2026-04-01..2027-01-01", ""),
        // But not after today.
        (
            "2026-11-20",
            "2026-04-01..2027-01-01",
            "2026-04-01 expansion 10",
        ),
        ("2026-11-21", "2026-04-01..2027-01-01", ""),
        // That starts not after today.
        (
            "2026-03-02",
            "2026-11-20..2027-01-01",
            "2026-11-20 expansion 10",
        ),
        ("2026-03-02", "2026-11-21..2027-01-01", ""),
        // And ends after the day from which the row is known.
        (
            "2026-03-02",
            "2026-02-01..2026-03-02",
            "2026-02-01 expansion 10, 2026-03-02 contraction 10",
        ),
        (
            "2026-03-02",
            "2026-02-01..2026-03-01",
            "2026-02-01 expansion 10, 2026-03-01 contraction 10",
        ),
        // It takes over no earlier than that day; before it the sales decide anyway.
        (
            "2026-03-02",
            "2026-02-01..2027-01-01",
            "2026-02-01 expansion 10",
        ),
    ];
    for (sold, span, expected) in cases {
        assert_eq!(newer(sold, span), expected, "{sold} {span}");
    }
}

#[test]
fn a_bill_that_comes_late_for_a_span_that_is_over_says_nothing_about_now() {
    let bill = |end: &str| {
        given([
            license("15 Users", "2026-01-01..2027-01-01", "2026-03-01"),
            sale("New", "10 Users", "2026-01-01..2026-06-01"),
            sale("Renewal", "20 Users", &format!("2026-02-01..{end}")).sold("2026-03-05"),
        ])
        .users_now()
    };
    assert_eq!(bill("2026-03-01"), 15);
    // It ends a day later: from 1 March on the sales decide, and ahead of them the greatest end is the first sale's.
    assert_eq!(bill("2026-03-02"), 10);
}

#[test]
fn of_several_newer_sales_the_earliest_start_counts() {
    let case = given([
        license("10 Users", "2026-01-01..2027-01-01", "2026-03-01"),
        sale("New", "9 Users", "2026-01-01..2026-08-01"),
        sale("Renewal", "30 Users", "2026-06-01..2027-01-01"),
        sale("Renewal", "20 Users", "2026-05-01..2027-01-01"),
    ]);
    let expected = "2026-01-01 new 9, 2026-03-01 expansion 1, 2026-05-01 expansion 10, 2026-06-01 expansion 10";
    assert_eq!(case.history(), expected);
}

#[test]
fn a_newer_sale_that_was_refunded_is_newer_all_the_same() {
    let case = given([
        license("10 Users", "2026-01-01..2027-01-01", "2026-03-01"),
        sale("New", "8 Users", "2026-01-01..2027-01-01"),
        sale("Upgrade", "20 Users", "2026-05-01..2027-01-01"),
        sale("Refund", "20 Users", "2026-05-01..2027-01-01"),
    ]);
    assert_eq!(
        case.history(),
        "2026-01-01 new 8, 2026-03-01 expansion 2, 2026-05-01 contraction 2"
    );
}
