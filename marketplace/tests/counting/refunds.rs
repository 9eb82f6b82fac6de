//! Refunds: what each belongs to, and from when on it takes effect.

use crate::fixture::{Record, added, given, sale};

const YEAR: &str = "2026-01-01..2027-01-01";

fn refund(tier: &str, span: &str) -> Record {
    sale("Refund", tier, span)
}

#[test]
fn a_refund_takes_effect_on_the_day_it_happens() {
    let base = || sale("New", "10 Users", YEAR);
    let cases = [
        (
            refund("10 Users", YEAR).sold("2026-03-01"),
            "2026-03-01 churn 10",
        ),
        (
            refund("10 Users", "2026-04-01..2027-01-01").sold("2026-03-01"),
            "2026-04-01 churn 10",
        ),
        // A part of the span is cut out.
        (
            refund("10 Users", "2026-04-01..2026-05-01").sold("2026-03-01"),
            "2026-04-01 churn 10, 2026-05-01 reactivation 10",
        ),
        (
            refund("10 Users", "2026-04-01..2026-05-01").sold("2026-04-20"),
            "2026-04-20 churn 10, 2026-05-01 reactivation 10",
        ),
        // Made after its own span, it changes nothing.
        (
            refund("10 Users", "2026-04-01..2026-05-01").sold("2026-05-01"),
            "",
        ),
        (
            refund("10 Users", "2026-04-01..2026-05-01").sold("2026-09-01"),
            "",
        ),
        (refund("10 Users", YEAR).sold("2026-11-21"), ""),
        (
            refund("10 Users", YEAR)
                .buy("saleType", " REFUND")
                .sold("2026-03-01"),
            "2026-03-01 churn 10",
        ),
        // A missing sale date is the maintenance start.
        (
            refund("10 Users", "2026-04-01..2027-01-01").without("saleDate"),
            "2026-04-01 churn 10",
        ),
    ];
    for (refund, expected) in cases {
        let case = given([base(), refund.clone()]);
        let expected = if expected.is_empty() {
            String::new()
        } else {
            format!(", {expected}")
        };
        assert_eq!(
            case.history(),
            format!("2026-01-01 new 10{expected}"),
            "{refund:?}"
        );
        assert_eq!(case.current_status().refund_without_sale, 0, "{refund:?}");
    }
}

#[test]
fn a_refund_that_names_its_sale_needs_no_span_and_no_size() {
    let base = || sale("New", "10 Users", YEAR).transaction("AT-1");
    let cases = [
        // Its own span cannot be read, or is empty: nothing is left from the day of the refund on.
        (
            refund("10 Users", "..").of("AT-1").sold("2026-03-01"),
            "2026-03-01 churn 10",
        ),
        (
            refund("10 Users", "2026-05-01..")
                .of("AT-1")
                .sold("2026-03-01"),
            "2026-03-01 churn 10",
        ),
        (
            refund("10 Users", "..2026-05-01")
                .of("AT-1")
                .sold("2026-03-01"),
            "2026-03-01 churn 10",
        ),
        (
            refund("10 Users", "2026-05-01..2026-05-01")
                .of("AT-1")
                .sold("2026-03-01"),
            "2026-03-01 churn 10",
        ),
        (
            refund("10 Users", "2026-05-01..2026-04-01")
                .of("AT-1")
                .sold("2026-03-01"),
            "2026-03-01 churn 10",
        ),
        (
            refund("10 Users", "2026-05-01..")
                .of("AT-1")
                .without("saleDate"),
            "2026-05-01 churn 10",
        ),
        // Another size, or none.
        (
            refund("99 Users", YEAR).of("AT-1").sold("2026-03-01"),
            "2026-03-01 churn 10",
        ),
        (
            refund("Evaluation", YEAR).of("AT-1").sold("2026-03-01"),
            "2026-03-01 churn 10",
        ),
        // Its span lies elsewhere: matched, but nothing is there to be taken away.
        (
            refund("10 Users", "2027-02-01..2027-03-01")
                .of("AT-1")
                .sold("2026-03-01"),
            "",
        ),
        // Named beside the purchase.
        (
            refund("99 Users", YEAR)
                .set(
                    "originalTransactionDetails",
                    serde_json::json!({"transactionId": " AT-1 "}),
                )
                .sold("2026-03-01"),
            "2026-03-01 churn 10",
        ),
    ];
    for (refund, expected) in cases {
        let case = given([base(), refund.clone()]);
        let expected = if expected.is_empty() {
            String::new()
        } else {
            format!(", {expected}")
        };
        assert_eq!(
            case.history(),
            format!("2026-01-01 new 10{expected}"),
            "{refund:?}"
        );
        assert_eq!(case.current_status().refund_without_sale, 0, "{refund:?}");
    }
}

#[test]
fn a_refund_without_a_match_changes_nothing_and_is_counted() {
    let base = || sale("New", "10 Users", YEAR).transaction("AT-1");
    let refunds = [
        // Another size.
        refund("11 Users", YEAR).sold("2026-03-01"),
        refund("Evaluation", YEAR).sold("2026-03-01"),
        // No day in common.
        refund("10 Users", "2027-01-01..2028-01-01").sold("2026-03-01"),
        refund("10 Users", "2025-01-01..2026-01-01").sold("2026-03-01"),
        refund("10 Users", "2026-03-01..2026-03-01").sold("2026-03-01"),
        refund("10 Users", "2026-03-01..").sold("2026-03-01"),
        // The sale was made later.
        refund("10 Users", YEAR).sold("2025-12-31"),
        refund("10 Users", YEAR).of("AT-1").sold("2025-12-31"),
        // Another transaction, and nothing else fits.
        refund("11 Users", YEAR).of("AT-2").sold("2026-03-01"),
        refund("11 Users", YEAR).of("at-1").sold("2026-03-01"),
        // Without any date nothing matches, not even what is named.
        refund("10 Users", "..").of("AT-1"),
        // Another license.
        refund("10 Users", YEAR).id("SEN-2").sold("2026-03-01"),
        refund("10 Users", YEAR)
            .id("SEN-2")
            .of("AT-1")
            .sold("2026-03-01"),
    ];
    for refund in refunds {
        let case = given([base(), refund.clone()]);
        assert_eq!(case.history(), "2026-01-01 new 10", "{refund:?}");
        assert_eq!(case.current_status().refund_without_sale, 1, "{refund:?}");
    }
    // Over all history, whatever the period.
    let old = refund("10 Users", "2013-01-01..2014-01-01");
    assert_eq!(given([base(), old]).current_status().refund_without_sale, 1);
}

#[test]
fn a_refund_that_names_a_sale_that_is_not_eligible_is_matched_by_size_and_overlap() {
    let named = || refund("10 Users", YEAR).of("AT-2").sold("2026-03-01");
    let base = || sale("New", "10 Users", YEAR).transaction("AT-1");
    let churn = "2026-01-01 new 10, 2026-03-01 churn 10";
    // There is no such transaction.
    assert_eq!(given([base(), named()]).history(), churn);
    // There is one, sold later.
    let later = sale("New", "99 Users", "2026-06-01..2026-07-01").transaction("AT-2");
    assert_eq!(
        given([base(), later, named()]).history(),
        format!("{churn}, 2026-06-01 reactivation 99, 2026-07-01 churn 99")
    );
    // There is one that is no base sale.
    let nothing = sale("New", "Evaluation", YEAR).transaction("AT-2");
    assert_eq!(given([base(), nothing, named()]).history(), churn);
}

#[test]
fn of_several_matches_the_named_one_comes_first_then_size_then_overlap_then_sale_date_then_line_item()
 {
    // Both have 214 days of 2026; one covers 1 September, the other does not.
    let late = || sale("New", "20 Users", "2026-06-01..2027-01-01").sold("2026-01-01");
    let early = || sale("New", "20 Users", "2026-01-01..2026-08-03");
    let give_back = || refund("20 Users", YEAR).sold("2026-08-10");
    // The first of each is undone, the second is not.
    let cases = [
        // Named, though the other has the size and the overlap.
        (
            late().buy("tier", "30 Users").transaction("T"),
            early(),
            give_back().of("T"),
        ),
        // Named, with the size.
        (
            late().transaction("T"),
            early()
                .buy("tier", "30 Users")
                .transaction("T")
                .sold("2026-02-01"),
            give_back().of("T"),
        ),
        // Named, with the size, though the other overlaps more.
        (
            late().transaction("T"),
            sale("New", "30 Users", "2025-01-01..2026-08-30").transaction("T"),
            give_back().of("T"),
        ),
        // More days in common, though sold earlier, and with a lesser line item.
        (
            late().item("1"),
            sale("New", "20 Users", "2026-01-01..2026-08-02")
                .sold("2026-02-01")
                .item("2"),
            give_back(),
        ),
        // As many days: sold later.
        (
            late().sold("2026-01-02").item("1"),
            early().item("2"),
            give_back(),
        ),
        // As late: the greater line item, by length, then as text, a missing one first.
        (late().item("10"), early().item("9"), give_back()),
        (late().item("L2"), early().item("L1"), give_back()),
        (late().item("1"), early(), give_back()),
    ];
    for (undone, kept, refund) in cases {
        let on = |records: &[&Record]| {
            given(records.iter().copied().cloned())
                .today("2026-09-01")
                .users_now()
        };
        assert_eq!(on(&[&undone, &refund]), 0, "{undone:?}");
        assert_ne!(on(&[&undone, &kept]), 0, "{undone:?}");
        assert_eq!(
            on(&[&undone, &kept, &refund]),
            0,
            "{undone:?} before {kept:?}"
        );
        assert_eq!(
            on(&[&refund, &kept, &undone]),
            0,
            "{undone:?} before {kept:?}"
        );
    }
}

#[test]
fn several_refunds_can_undo_one_sale_and_spans_are_compared_as_sold() {
    let case = given([
        sale("New", "10 Users", "2024-01-01..2027-01-01"),
        refund("10 Users", "2024-01-01..2025-01-01").sold("2024-03-01"),
        refund("10 Users", "2025-01-01..2026-01-01").sold("2024-03-01"),
        refund("10 Users", YEAR).sold("2024-03-01"),
        // All is taken away already; it still matches.
        refund("10 Users", "2024-06-01..2026-06-01").sold("2024-06-01"),
    ]);
    assert_eq!(case.history(), "2024-01-01 new 10, 2024-03-01 churn 10");
    assert_eq!(case.current_status().refund_without_sale, 0);
}

#[test]
fn a_refund_shows_the_sale_below() {
    let case = given([
        sale("New", "10 Users", YEAR),
        sale("Upgrade", "50 Users", "2026-02-01..2027-01-01"),
        refund("50 Users", "2026-02-01..2027-01-01").sold("2026-04-01"),
    ]);
    assert_eq!(
        case.history(),
        "2026-01-01 new 10, 2026-02-01 expansion 40, 2026-04-01 contraction 40"
    );
}

#[test]
fn an_added_users_row_can_be_refunded() {
    let base = || sale("New", "10 Users", YEAR);
    let joined = || {
        added(
            "2026-03-20..2026-04-01",
            &[("2026-03-05", 3), ("2026-03-20", 4), ("2026-04-01", 9)],
        )
        .transaction("T")
        .sold("2026-03-25")
    };
    let cases = [
        // Its size is the sum of what it adds, its span begins with the first entry that adds.
        (
            refund("7 Users", "2026-03-01..2026-03-06").sold("2026-03-25"),
            0,
            "2026-04-01 contraction 7",
        ),
        (
            refund("7 Users", "2026-03-01..2026-03-05").sold("2026-03-25"),
            1,
            "2026-04-01 contraction 7",
        ),
        (
            refund("7 Users", "2026-03-20..2026-04-01").sold("2026-03-28"),
            0,
            "2026-03-28 contraction 7",
        ),
        (
            refund("16 Users", "2026-03-20..2026-04-01").sold("2026-03-28"),
            1,
            "2026-04-01 contraction 7",
        ),
        (
            refund("1 Users", "2026-03-20..2026-04-01")
                .of("T")
                .sold("2026-03-28"),
            0,
            "2026-03-28 contraction 7",
        ),
        (
            refund("7 Users", "2026-03-20..2026-04-01").sold("2026-03-24"),
            1,
            "2026-04-01 contraction 7",
        ),
        (
            refund("7 Users", "2026-03-20..2026-03-30").sold("2026-03-28"),
            0,
            "2026-03-28 contraction 7, 2026-03-30 expansion 7, 2026-04-01 contraction 7",
        ),
    ];
    for (refund, without_sale, expected) in cases {
        let case = given([base(), joined(), refund.clone()]);
        let joins = "2026-01-01 new 10, 2026-03-05 expansion 3, 2026-03-20 expansion 4";
        assert_eq!(case.history(), format!("{joins}, {expected}"), "{refund:?}");
        assert_eq!(
            case.current_status().refund_without_sale,
            without_sale,
            "{refund:?}"
        );
    }
}

#[test]
fn a_refund_with_entries_of_added_users_is_a_refund() {
    let case = given([
        sale("New", "10 Users", YEAR),
        added("2026-03-01..2026-04-01", &[("", 5)])
            .buy("saleType", "Refund")
            .buy("tier", "10 Users")
            .sold("2026-03-01"),
    ]);
    assert_eq!(
        case.history(),
        "2026-01-01 new 10, 2026-03-01 churn 10, 2026-04-01 reactivation 10"
    );
}

#[test]
fn a_refund_of_an_unlimited_sale_has_its_size() {
    let case = given([
        sale("New", "Unlimited Users", YEAR),
        refund("Unlimited", YEAR).sold("2026-03-01"),
    ]);
    assert_eq!(
        case.history(),
        "2026-01-01 new 10001, 2026-03-01 churn 10001"
    );
}
