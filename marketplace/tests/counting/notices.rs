//! The numbers of the notices.

use crate::fixture::{given, license, sale};

const SPAN: &str = "2026-01-01..2027-01-01";

#[test]
fn users_by_sales_only_are_those_of_licenses_that_the_sales_decide_today() {
    let sold = || sale("New", "20 Users", SPAN);
    let cases = [
        ("no row", vec![sold()], 20),
        (
            "a row that is not counted",
            vec![
                license("10 Users", SPAN, "2026-01-01").license_type("FREE"),
                sold(),
            ],
            20,
        ),
        (
            "a row without size",
            vec![license("x", SPAN, "2026-01-01"), sold()],
            20,
        ),
        ("no sales", vec![license("10 Users", SPAN, "2026-01-01")], 0),
        (
            "a row that decides today",
            vec![license("10 Users", SPAN, "2026-11-20"), sold()],
            0,
        ),
        (
            "a row that starts tomorrow",
            vec![
                license("10 Users", "2026-11-21..2027-11-21", "2026-11-01"),
                sold(),
            ],
            20,
        ),
        (
            "a newer sale",
            vec![
                license("10 Users", SPAN, "2026-03-01"),
                sold(),
                sale("Upgrade", "30 Users", "2026-11-20..2027-01-01"),
            ],
            30,
        ),
        (
            "kept by grace only",
            vec![sale("New", "20 Users", "2026-01-01..2026-11-19")],
            0,
        ),
    ];
    for (name, records, expected) in cases {
        assert_eq!(
            given(records).grace(7).current_status().by_sales_only,
            expected,
            "{name}"
        );
    }
}

#[test]
fn unexplained_is_what_the_rows_say_and_the_sales_do_not_on_the_day_they_are_known_from() {
    let records = |updated: &str, span: &str| {
        [
            license("10 Users", span, updated),
            sale("New", "20 Users", SPAN),
            // A license of its own, whose row says more.
            license("50 Users", SPAN, "2026-05-01").id("SEN-2"),
            sale("New", "20 Users", SPAN).id("SEN-2"),
            // Rows alone, and sales alone, explain themselves.
            license("50 Users", SPAN, "2026-05-01").id("SEN-3"),
            sale("New", "20 Users", SPAN).id("SEN-4"),
        ]
    };
    let case = |updated: &str, span: &str, from: &str, to: &str| {
        given(records(updated, span)).between(from, to).unexplained
    };
    assert_eq!(case("2026-03-01", SPAN, "2026-01-01", "2026-11-20"), 40);
    assert_eq!(case("2026-03-01", SPAN, "2026-03-01", "2026-03-01"), 10);
    assert_eq!(case("2026-03-01", SPAN, "2026-01-01", "2026-02-28"), 0);
    assert_eq!(case("2026-03-01", SPAN, "2026-03-02", "2026-04-30"), 0);
    assert_eq!(case("2026-03-01", SPAN, "2026-05-01", "2026-11-20"), 30);
    // The row's start, if that is later.
    assert_eq!(
        case(
            "2026-03-01",
            "2026-04-01..2027-01-01",
            "2026-04-01",
            "2026-04-01"
        ),
        10
    );
    // A row that is over says that there are none.
    assert_eq!(
        case(
            "2026-03-01",
            "2026-01-01..2026-02-01",
            "2026-03-01",
            "2026-03-01"
        ),
        20
    );
    // After today it says nothing.
    assert_eq!(
        case(
            "2026-03-01",
            "2026-11-21..2027-01-01",
            "2026-11-01",
            "2026-11-20"
        ),
        0
    );
    // Where its day is missing it is known from today.
    assert_eq!(case("", SPAN, "2026-11-20", "2026-11-20"), 10);
}

#[test]
fn a_row_that_a_newer_sale_overtakes_at_once_leaves_nothing_unexplained() {
    let case = |start: &str| {
        given([
            license("10 Users", SPAN, "2026-03-01"),
            sale("New", "20 Users", SPAN),
            sale("Upgrade", "30 Users", &format!("{start}..2027-01-01"))
                .buy("saleType", "Renewal")
                .sold("2026-03-02"),
        ])
        .between("2026-01-01", "2026-11-20")
        .unexplained
    };
    assert_eq!(case("2026-03-01"), 0);
    assert_eq!(case("2026-02-01"), 0);
    assert_eq!(case("2026-03-02"), 10);
}

#[test]
fn unexplained_differences_do_not_cancel_out_and_grace_does_not_touch_them() {
    let case = given([
        license("10 Users", SPAN, "2026-03-05"),
        sale("New", "20 Users", "2026-01-01..2026-03-01"),
        sale("New", "20 Users", "2026-06-01..2026-07-01"),
    ]);
    assert_eq!(
        case.grace(90)
            .between("2026-03-01", "2026-03-31")
            .unexplained,
        10
    );
}

#[test]
fn unlimited_counts_licenses_whose_users_come_from_an_unlimited_text() {
    let row = |tier: &str| license(tier, SPAN, "2026-01-01");
    let cases = [
        ("the tier of a row", vec![row("unlimited users")], 1),
        (
            "an evaluation size",
            vec![row("Subscription").set("evaluationOpportunitySize", "Unlimited Users")],
            1,
        ),
        (
            "the tier of a sale",
            vec![sale("New", "Unlimited", SPAN)],
            1,
        ),
        (
            "a row that says otherwise",
            vec![
                license("10 Users", SPAN, "2026-02-01"),
                sale("New", "Unlimited", SPAN),
            ],
            0,
        ),
        (
            "an old tier",
            vec![
                license("Unknown", SPAN, "2026-02-01"),
                sale("Renewal", "10 Users", "2026-12-01..2027-12-01")
                    .sold("2026-11-01")
                    .old("Unlimited Users"),
            ],
            1,
        ),
        (
            "kept by grace",
            vec![sale("New", "Unlimited", "2026-01-01..2026-11-18")],
            1,
        ),
        (
            "over",
            vec![sale("New", "Unlimited", "2026-01-01..2026-11-10")],
            0,
        ),
        ("a number", vec![row("10001 Users")], 0),
    ];
    for (name, records, expected) in cases {
        assert_eq!(
            given(records.clone()).grace(7).current_status().unlimited,
            expected,
            "{name}"
        );
        assert_eq!(
            given(records)
                .grace(7)
                .unlimited(0)
                .current_status()
                .unlimited,
            0,
            "{name}"
        );
    }
}

#[test]
fn merged_rows_are_licenses_with_two_rows_that_hold_today_and_differ_in_their_license_id() {
    let one = || license("10 Users", SPAN, "2026-01-01").set("appEntitlementNumber", "E-1");
    let two = || one().id("SEN-2");
    let cases = [
        ("both hold", vec![one(), two()], 1),
        (
            "one license",
            vec![one(), one().set("lastUpdated", "2026-02-01")],
            0,
        ),
        ("the same id in another form", vec![one(), one().id("1")], 0),
        (
            "one has no license id",
            vec![one(), two().without("licenseId")],
            0,
        ),
        (
            "one is over",
            vec![one(), two().set("maintenanceEndDate", "2026-11-20")],
            0,
        ),
        (
            "both are over",
            vec![
                one().set("maintenanceEndDate", "2026-11-20"),
                two().set("maintenanceEndDate", "2026-11-20"),
            ],
            0,
        ),
        ("no row", vec![sale("New", "10 Users", SPAN)], 0),
        (
            "one begins tomorrow",
            vec![one(), two().set("maintenanceStartDate", "2026-11-21")],
            0,
        ),
        (
            "one is open and active",
            vec![one(), two().without("maintenanceEndDate")],
            1,
        ),
        (
            "one is open and not active",
            vec![
                one(),
                two().without("maintenanceEndDate").status("inactive"),
            ],
            0,
        ),
        (
            "one is left out",
            vec![one(), two().license_type("FREE")],
            1,
        ),
        ("three rows", vec![one(), two(), two().id("SEN-3")], 1),
        (
            "two licenses",
            vec![one(), two().without("appEntitlementNumber")],
            0,
        ),
    ];
    for (name, records, expected) in cases {
        assert_eq!(
            given(records).current_status().merged_rows,
            expected,
            "{name}"
        );
    }
}

#[test]
fn tiers_that_nobody_understands_are_named() {
    let case = given([
        license("Enterprise", SPAN, "2026-01-01"),
        license("Subscription", SPAN, "2026-01-01")
            .id("A")
            .set("evaluationOpportunitySize", "some"),
        license("10 Users", SPAN, "2026-01-01")
            .id("B")
            .set("evaluationOpportunitySize", "ignored"),
        license("What", SPAN, "2026-01-01")
            .id("C")
            .license_type("FREE"),
        sale("New", " Enterprise ", SPAN).id("D").old("many"),
        sale("New", "2000000000 Users", SPAN).id("E"),
        sale("New", "-5 Users", SPAN).id("F").old("Evaluation"),
    ]);
    let named = case.current_status().tier_not_understood;
    assert_eq!(
        named.texts,
        ["2000000000 Users", "Enterprise", "many", "some"]
    );
    assert_eq!(named.rows, 4);
}

#[test]
fn rows_with_dates_that_cannot_be_read_are_counted_where_the_count_looks_at_them() {
    let case = given([
        license("10 Users", SPAN, "2026-01-01").set("maintenanceEndDate", "31.12.2026"),
        license("10 Users", SPAN, "tomorrow").id("A"),
        license("10 Users", SPAN, "2026-01-01")
            .id("B")
            .set("maintenanceStartDate", " "),
        license("10 Users", SPAN, "2026-01-01")
            .id("C")
            .set("maintenanceEndDate", "never")
            .license_type("FREE"),
        sale("New", "10 Users", SPAN).id("D").sold("2026-13-01"),
        sale("New", "10 Users", SPAN).id("E"),
    ]);
    assert_eq!(case.current_status().date_not_understood, 3);
}
