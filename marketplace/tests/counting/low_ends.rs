//! Exact sizes and bands.

use crate::fixture::{Record, added, given, license, sale};

fn low(records: impl IntoIterator<Item = Record>) -> (i64, i64) {
    let current_status = given(records).current_status();
    (current_status.users_now, current_status.users_now_low)
}

const SPAN: &str = "2026-01-01..2027-01-01";

#[test]
fn a_cloud_size_is_exact_above_ten_users_unless_it_is_billed_by_the_year() {
    let cases = [
        (sale("New", "137 Users", SPAN), (137, 137)),
        (
            sale("New", "137 Users", SPAN).buy("billingPeriod", "ANNUAL "),
            (137, 100),
        ),
        (
            sale("New", "137 Users", SPAN).without("billingPeriod"),
            (137, 137),
        ),
        (sale("New", "11 Users", SPAN), (11, 11)),
        (sale("New", "10 Users", SPAN), (10, 1)),
        (
            sale("New", "10 Users", SPAN).buy("billingPeriod", "Annual"),
            (10, 1),
        ),
        (sale("New", "137 Users", SPAN).hosting("Server"), (137, 100)),
        (sale("New", "50 Users", SPAN).hosting("server"), (50, 25)),
        (
            sale("New", "137 Users", SPAN).hosting("Data center"),
            (137, 100),
        ),
        (
            sale("New", "900 Users", SPAN).hosting("Data Center"),
            (900, 750),
        ),
        (
            sale("New", "900 Users", SPAN).without("hosting"),
            (900, 750),
        ),
        (sale("New", "900 Users", SPAN).hosting("Server"), (900, 500)),
        (
            sale("New", "900 Users", SPAN).buy("billingPeriod", "Annual"),
            (900, 800),
        ),
        (
            sale("New", "Unlimited", SPAN).hosting("Server"),
            (10_001, 10_001),
        ),
        (license("137 Users", SPAN, ""), (137, 137)),
        (license("137 Users", SPAN, "").hosting("Server"), (137, 100)),
        (license("10 Users", SPAN, ""), (10, 1)),
    ];
    for (record, expected) in cases {
        assert_eq!(low([record.clone()]), expected, "{record:?}");
    }
}

#[test]
fn the_sale_that_covers_the_day_tells_the_billing_period_else_the_latest_one() {
    let row = || license("137 Users", SPAN, "2026-11-01");
    let annual = |record: Record| record.buy("billingPeriod", "Annual");
    // It covers today, though a later one that is over was billed by the month.
    let covering = annual(sale("New", "120 Users", SPAN));
    let over = sale("Upgrade", "130 Users", "2026-02-01..2026-03-01");
    assert_eq!(low([row(), covering, over.clone()]), (137, 100));
    // None covers today: the latest one counts.
    let older = sale("New", "120 Users", "2026-01-01..2026-02-01");
    assert_eq!(
        low([row(), older.clone(), annual(over.clone())]),
        (137, 100)
    );
    assert_eq!(
        low([row(), annual(older.clone()), over.clone()]),
        (137, 137)
    );
    // Refunded, it covers nothing, but is the latest all the same.
    let refunded = annual(sale("Upgrade", "130 Users", "2026-05-01..2027-01-01"));
    let refund = sale("Refund", "130 Users", "2026-05-01..2027-01-01");
    let monthly = sale("New", "120 Users", SPAN);
    assert_eq!(
        low([row(), monthly, refunded.clone(), refund.clone()]),
        (137, 137)
    );
    assert_eq!(low([row(), older, refunded, refund]), (137, 100));
}

#[test]
fn the_hosting_is_that_of_the_row_else_of_the_latest_base_sale() {
    let annual = |hosting: &str, tier: &str, span: &str| {
        sale("New", tier, span)
            .hosting(hosting)
            .buy("billingPeriod", "Annual")
    };
    let sold = || annual("Server", "900 Users", SPAN);
    let row = |hosting: &str| license("900 Users", SPAN, "2026-11-01").hosting(hosting);
    assert_eq!(low([row("Data Center"), sold()]), (900, 750));
    assert_eq!(low([row("Cloud"), sold()]), (900, 800));
    assert_eq!(low([row("").without("hosting"), sold()]), (900, 500));
    // One that nobody knows is one, and has the ladder of none.
    assert_eq!(low([row("Elsewhere"), sold()]), (900, 750));
    assert_eq!(low([row(" "), sold()]), (900, 500));
    // The row has a hosting even where it does not count.
    assert_eq!(
        low([row("Data Center").license_type("FREE"), sold()]),
        (900, 750)
    );
    // The latest, not the covering one.
    let over = annual("Data Center", "20 Users", "2026-02-01..2026-03-01");
    assert_eq!(low([row("").without("hosting"), sold(), over]), (900, 750));
}

#[test]
fn added_users_are_exact_and_come_on_top() {
    let joined = added("2026-11-01..2027-01-01", &[("", 5)]);
    assert_eq!(low([sale("New", "8 Users", SPAN), joined.clone()]), (13, 6));
    assert_eq!(
        low([sale("New", "20 Users", SPAN), joined.clone()]),
        (25, 25)
    );
    assert_eq!(
        low([
            sale("New", "20 Users", SPAN).hosting("Server"),
            joined.clone()
        ]),
        (25, 15)
    );
    assert_eq!(
        low([sale("New", "Unlimited", SPAN), joined]),
        (10_006, 10_006)
    );
}

#[test]
fn users_kept_by_grace_are_those_of_the_day_they_are_kept_from() {
    let sold = sale("New", "900 Users", "2026-01-01..2026-11-18").buy("billingPeriod", "Annual");
    let later = sale("Upgrade", "5 Users", "2026-02-01..2026-02-02");
    let joined = added("2026-11-01..2026-11-18", &[("", 5)]);
    let current_status = given([sold, later, joined]).grace(7).current_status();
    assert_eq!(
        (current_status.users_now, current_status.users_now_low),
        (905, 805)
    );
}
