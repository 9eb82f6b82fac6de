//! The size of a license by its base sales and added users.

use serde_json::json;

use crate::fixture::{added, given, license, sale};

#[test]
fn a_base_sale_covers_its_span_half_open() {
    let case = given([sale("New", "10 Users", "2026-01-01..2026-02-01")]);
    assert_eq!(case.history(), "2026-01-01 new 10, 2026-02-01 churn 10");
    assert_eq!(case.clone().today("2026-01-31").users_now(), 10);
    assert_eq!(case.clone().today("2026-02-01").users_now(), 0);
    assert_eq!(case.today("2025-12-31").history(), "");
}

#[test]
fn a_renewal_that_starts_when_the_sale_before_ends_is_no_movement() {
    let case = given([
        sale("New", "10 Users", "2025-01-01..2026-01-01"),
        sale("Renewal", "10 Users", "2026-01-01..2027-01-01").sold("2025-12-01"),
    ]);
    assert_eq!(case.history(), "2025-01-01 new 10");
}

#[test]
fn what_is_no_base_sale_covers_nothing() {
    let cases = [
        (
            "tier without size",
            sale("New", "Evaluation", "2026-01-01..2027-01-01"),
        ),
        (
            "negative tier",
            sale("New", "-10 Users", "2026-01-01..2027-01-01"),
        ),
        (
            "no start",
            sale("New", "10 Users", "..2027-01-01").sold("2026-01-01"),
        ),
        ("no end", sale("New", "10 Users", "2026-01-01..")),
        (
            "start that is no date",
            sale("New", "10 Users", "2026-02-30..2027-01-01"),
        ),
        (
            "empty span",
            sale("Renewal", "10 Users", "2026-01-01..2026-01-01"),
        ),
        (
            "span that ends before it begins",
            sale("Renewal", "10 Users", "2026-02-01..2026-01-01"),
        ),
        (
            "upgrade after its end",
            sale("Upgrade", "10 Users", "2026-01-01..2026-02-01").sold("2026-02-01"),
        ),
        (
            "no purchase",
            sale("New", "10 Users", "2026-01-01..2027-01-01").without("purchaseDetails"),
        ),
    ];
    for (name, record) in cases {
        assert_eq!(given([record]).history(), "", "{name}");
    }
}

#[test]
fn a_missing_sale_date_is_the_maintenance_start() {
    let case = given([
        sale("New", "10 Users", "2026-01-01..2027-01-01").sold("2026-03-01"),
        sale("New", "20 Users", "2026-03-02..2027-01-01").without("saleDate"),
        sale("New", "30 Users", "2026-02-01..2027-01-01").sold("no date"),
    ]);
    // The last one is sold on 1 February: the first, sold in March, counts more where both cover.
    assert_eq!(case.history(), "2026-01-01 new 10, 2026-03-02 expansion 10");
}

#[test]
fn upgrades_and_downgrades_start_no_earlier_than_they_are_sold() {
    let cases = [
        ("Upgrade", "2026-03-01 expansion 10"),
        (" uPGRADE", "2026-03-01 expansion 10"),
        ("Downgrade", "2026-03-01 expansion 10"),
        ("Renewal", "2026-02-01 expansion 10"),
        ("New", "2026-02-01 expansion 10"),
        ("Gift", "2026-02-01 expansion 10"),
    ];
    for (sale_type, expected) in cases {
        let case = given([
            sale("New", "10 Users", "2026-01-01..2027-01-01"),
            sale(sale_type, "20 Users", "2026-02-01..2027-01-01").sold("2026-03-01"),
        ]);
        assert_eq!(
            case.history(),
            format!("2026-01-01 new 10, {expected}"),
            "{sale_type}"
        );
    }
    // Sold before it starts, it starts when it says.
    let case = given([sale("Upgrade", "20 Users", "2026-02-01..2027-01-01")
        .sold("2026-01-01")
        .old("Evaluation")]);
    assert_eq!(case.history(), "2026-02-01 new 20");
}

#[test]
fn of_several_sales_the_one_sold_last_counts_then_the_later_start_then_the_line_item_then_the_size()
{
    let span = "2026-01-01..2027-01-01";
    let first = || sale("New", "10 Users", span);
    let pairs = [
        (sale("New", "5 Users", span).sold("2026-01-02"), first()),
        (
            sale("New", "5 Users", span).sold("2026-01-02"),
            sale("New", "10 Users", "2026-01-15..2027-01-01").sold("2026-01-01"),
        ),
        (
            sale("New", "5 Users", "2026-01-02..2027-01-01").sold("2026-01-01"),
            first(),
        ),
        // The start of an upgrade is the later of both.
        (
            sale("Upgrade", "5 Users", span).sold("2026-01-02"),
            sale("New", "10 Users", span).sold("2026-01-02"),
        ),
        // By length, then as text, a missing one first.
        (sale("New", "5 Users", span).item("10"), first().item("9")),
        (sale("New", "5 Users", span).item("L2"), first().item("L1")),
        (sale("New", "5 Users", span).item("a"), first().item("Z")),
        (sale("New", "5 Users", span).item("1"), first()),
        (sale("New", "5 Users", span).item("1"), first().item("null")),
        (sale("New", "15 Users", span), first()),
    ];
    for (greater, less) in pairs {
        let expected = given([greater.clone()]).users_now();
        for records in [
            [greater.clone(), less.clone()],
            [less.clone(), greater.clone()],
        ] {
            assert_eq!(
                given(records).users_now(),
                expected,
                "{greater:?} over {less:?}"
            );
        }
    }
}

#[test]
fn a_sale_that_is_covered_by_another_shows_again_when_that_one_ends() {
    let case = given([
        sale("New", "10 Users", "2026-01-01..2026-10-01"),
        sale("Upgrade", "30 Users", "2026-03-01..2026-05-01"),
        sale("Upgrade", "20 Users", "2026-04-01..2026-06-01"),
    ]);
    assert_eq!(
        case.history(),
        "2026-01-01 new 10, 2026-03-01 expansion 20, 2026-04-01 contraction 10, 2026-06-01 contraction 10, \
         2026-10-01 churn 10"
    );
}

#[test]
fn a_later_sale_of_no_users_covers_too() {
    let case = given([
        sale("New", "10 Users", "2026-01-01..2026-10-01"),
        sale("Downgrade", "0 Users", "2026-03-01..2026-05-01"),
        added("2026-02-01..2026-06-01", &[("", 4)]),
    ]);
    assert_eq!(
        case.history(),
        "2026-01-01 new 10, 2026-02-01 expansion 4, 2026-03-01 churn 14, 2026-05-01 reactivation 14, \
         2026-06-01 contraction 4, 2026-10-01 churn 10"
    );
}

#[test]
fn no_day_before_2012_has_users() {
    let case = given([
        sale("New", "10 Users", "2010-01-01..2012-03-01"),
        sale("New", "7 Users", "2009-01-01..2011-01-01").id("SEN-2"),
    ]);
    assert_eq!(case.history(), "2012-01-01 new 10, 2012-03-01 churn 10");
    assert_eq!(case.clone().today("2012-01-01").users_now(), 10);
    assert_eq!(case.clone().today("2011-12-31").users_now(), 0);
    assert_eq!(case.between("2011-01-01", "2011-12-31").total.closing, 0);
}

#[test]
fn added_users_join_on_their_days_and_stay_to_the_end_of_their_row() {
    let base = || sale("New", "100 Users", "2026-01-01..2026-03-01");
    let history = |record| given([base(), record]).history();
    let around = |middle: &str| format!("2026-01-01 new 100, {middle}2026-03-01 churn 100");
    let cases = [
        // The date of an entry can lie before the row's start, and needs not be sorted.
        (
            added(
                "2026-01-25..2026-02-01",
                &[("2026-01-20T23:59:59Z", 2), ("2026-01-10", 1)],
            ),
            "2026-01-10 expansion 1, 2026-01-20 expansion 2, 2026-02-01 contraction 3, ",
        ),
        // A missing date is the row's start.
        (
            added("2026-01-25..2026-02-01", &[("", 3)]),
            "2026-01-25 expansion 3, 2026-02-01 contraction 3, ",
        ),
        (
            added("2026-01-25..2026-02-01", &[("soon", 3)]),
            "2026-01-25 expansion 3, 2026-02-01 contraction 3, ",
        ),
        // Nothing is added without users, a day, an end, or days.
        (
            added(
                "2026-01-25..2026-02-01",
                &[("2026-01-26", 0), ("2026-01-26", -2)],
            ),
            "",
        ),
        (added("..2026-02-01", &[("", 3)]), ""),
        (added("2026-01-25..", &[("2026-01-26", 3)]), ""),
        (added("2026-01-25..2026-02-01", &[("2026-02-01", 3)]), ""),
        (
            added("2026-01-25..2026-02-01", &[("2026-01-31", 3)]),
            "2026-01-31 expansion 3, 2026-02-01 contraction 3, ",
        ),
        // Whatever the sale type is, but for refunds.
        (
            added("2026-01-25..2026-02-01", &[("", 3)])
                .buy("saleType", "Upgrade")
                .sold("2026-02-02"),
            "2026-01-25 expansion 3, 2026-02-01 contraction 3, ",
        ),
        // Their tier is not a size.
        (
            added("2026-01-25..2026-02-01", &[("", 3)]).buy("tier", "500 Users"),
            "2026-01-25 expansion 3, 2026-02-01 contraction 3, ",
        ),
        (
            added("2026-01-25..2026-02-01", &[("", 3)]).buy("tier", "Evaluation"),
            "2026-01-25 expansion 3, 2026-02-01 contraction 3, ",
        ),
        // Entries that cannot be read still make it an added-users row.
        (
            added("2026-01-25..2026-02-01", &[]).buy("proratedDetails", json!([null])),
            "",
        ),
    ];
    for (record, middle) in cases {
        assert_eq!(history(record.clone()), around(middle), "{record:?}");
    }
    // Without entries, or with something else, it is a base sale.
    for details in [json!([]), json!({}), json!(null), json!("x"), json!(3)] {
        let record = added("2026-01-25..2026-02-01", &[]).buy("proratedDetails", details.clone());
        assert_eq!(
            history(record),
            around("2026-01-25 contraction 99, 2026-02-01 expansion 99, "),
            "{details}"
        );
    }
}

#[test]
fn added_users_make_no_users_without_a_base_sale() {
    let row = added("2026-01-25..2026-02-01", &[("2026-01-20", 3)]);
    assert_eq!(given([row.clone()]).history(), "");
    let elsewhere = sale("New", "100 Users", "2026-02-01..2026-03-01");
    assert_eq!(
        given([row, elsewhere]).history(),
        "2026-02-01 new 100, 2026-03-01 churn 100"
    );
}

#[test]
fn a_later_sale_already_holds_those_who_joined_before_it() {
    let case = given([
        sale("New", "100 Users", "2026-01-01..2026-02-01"),
        sale("Upgrade", "110 Users", "2026-01-15..2026-02-01"),
        added(
            "2026-01-20..2026-02-01",
            &[("2026-01-14", 5), ("2026-01-15", 2), ("2026-01-20", 1)],
        ),
    ]);
    assert_eq!(
        case.history(),
        "2026-01-01 new 100, 2026-01-14 expansion 5, 2026-01-15 expansion 7, 2026-01-20 expansion 1, 2026-02-01 churn 113"
    );
}

#[test]
fn two_sales_of_one_day_and_a_refund_are_put_together_before_they_are_compared() {
    let case = given([
        sale("New", "100 Users", "2026-01-01..2027-01-01"),
        sale("Refund", "100 Users", "2026-06-01..2027-01-01"),
        sale("Downgrade", "60 Users", "2026-06-01..2027-01-01"),
    ]);
    assert_eq!(
        case.history(),
        "2026-01-01 new 100, 2026-06-01 contraction 40"
    );
}

#[test]
fn a_sale_without_days_is_no_base_sale_at_all() {
    let row = || license("10 Users", "2026-01-01..2027-01-01", "2026-06-01");
    let sales = [
        sale("Renewal", "20 Users", "2026-02-01..2026-02-01").sold("2026-07-01"),
        sale("Renewal", "20 Users", "2026-02-01..2026-01-01"),
        sale("Upgrade", "20 Users", "2026-02-01..2026-07-01").sold("2026-07-01"),
        sale("Upgrade", "20 Users", "2026-02-01..2026-07-01").sold("2026-07-02"),
    ];
    for empty in sales {
        // The row alone decides, from its start on, and its evaluation size stands in.
        assert_eq!(
            given([row(), empty.clone()]).history(),
            "2026-01-01 new 10",
            "{empty:?}"
        );
        let evaluation = row()
            .set("tier", "Evaluation")
            .set("evaluationOpportunitySize", "7");
        assert_eq!(
            given([evaluation, empty.clone()]).users_now(),
            7,
            "{empty:?}"
        );
        // It is not the first sale.
        let first = sale("New", "30 Users", "2026-08-01..2027-01-01");
        assert_eq!(
            given([empty.clone(), first]).history(),
            "2026-08-01 new 30",
            "{empty:?}"
        );
    }
}
