//! Rows that belong together, and which of them counts.

use crate::fixture::{given, license, sale};

const SPAN: &str = "2026-01-01..2027-01-01";
const UPDATED: &str = "2026-01-01";

#[test]
fn only_rows_of_the_chosen_app_count() {
    let other = license("10 Users", SPAN, UPDATED)
        .id("SEN-2")
        .set("addonKey", "app2");
    let sold = sale("New", "20 Users", SPAN)
        .id("SEN-3")
        .set("addonKey", "App");
    let no_id = license("5 Users", SPAN, UPDATED)
        .set("addonKey", "app2")
        .without("licenseId");
    let blanks = license("7 Users", SPAN, UPDATED).set("addonKey", " app ");
    let case = given([other, sold, no_id, blanks]);
    assert_eq!((case.users_now(), case.current_status().no_id), (7, 0));
    assert_eq!(given([]).users_now(), 0);
}

#[test]
fn named_hostings_leave_out_rows_of_others_and_rows_without_one() {
    let records = || {
        [
            license("1 User", SPAN, UPDATED)
                .id("SEN-1")
                .hosting("Cloud"),
            license("10 Users", SPAN, UPDATED)
                .id("SEN-2")
                .hosting("DATA CENTER"),
            license("100 Users", SPAN, UPDATED)
                .id("SEN-3")
                .without("hosting"),
            sale("New", "1000 Users", SPAN)
                .id("SEN-4")
                .hosting("datacenter"),
            sale("New", "10000 Users", SPAN)
                .id("SEN-5")
                .without("hosting"),
        ]
    };
    let cases: [(&[&str], i64); 5] = [
        (&[], 11_111),
        (&["Cloud"], 1),
        (&["Data Center"], 1010),
        (&["cloud", "data center"], 1011),
        (&["Server"], 0),
    ];
    for (hostings, expected) in cases {
        assert_eq!(
            given(records()).hostings(hostings).users_now(),
            expected,
            "{hostings:?}"
        );
    }
}

#[test]
fn rows_of_other_hostings_are_gone_before_one_is_preferred() {
    let older = license("25 Users", SPAN, "2026-01-01").hosting("Server");
    let newer = license("50 Users", SPAN, "2026-06-01").hosting("Cloud");
    let case = given([older, newer]);
    assert_eq!(case.users_now(), 50);
    assert_eq!(case.hostings(&["Server"]).users_now(), 25);
}

#[test]
fn rows_of_other_hostings_join_no_licenses() {
    let bridge = license("1 User", SPAN, "2026-01-01")
        .set("appEntitlementNumber", "E-2")
        .hosting("Server");
    let first = license("10 Users", SPAN, "2026-02-01");
    let second = license("20 Users", SPAN, "2026-03-01")
        .without("licenseId")
        .set("appEntitlementNumber", "E-2");
    let case = given([bridge, first, second]);
    assert_eq!(case.users_now(), 20);
    assert_eq!(case.hostings(&["Cloud"]).users_now(), 30);
}

#[test]
fn rows_that_share_an_id_are_one_license() {
    // Each pair says under which member a row and a sale name the same id, and how.
    let joined = [
        ("licenseId", "SEN-77", "addonLicenseId", "77"),
        ("licenseId", "77", "addonLicenseId", "SEN-77"),
        ("licenseId", " 77 ", "licenseId", "SEN-77"),
        ("appEntitlementNumber", "E-1", "appEntitlementId", "E-1"),
        ("appEntitlementNumber", "E-1", "licenseId", "E-1"),
        ("addonLicenseId", "ab", "licenseId", "SEN-ab"),
    ];
    let apart = [
        ("licenseId", "ab", "addonLicenseId", "ab"),
        ("licenseId", "E-1", "licenseId", "e-1"),
        ("licenseId", "SEN-7", "licenseId", "SEN-77"),
    ];
    let case = |(row_key, row_id, sale_key, sale_id): (&str, &str, &str, &str)| {
        given([
            license("10 Users", SPAN, UPDATED)
                .without("licenseId")
                .set(row_key, row_id),
            sale("New", "20 Users", SPAN)
                .without("licenseId")
                .set(sale_key, sale_id),
        ])
    };
    for ids in joined {
        assert_eq!(case(ids).users_now(), 10, "{ids:?}");
    }
    for ids in apart {
        assert_eq!(case(ids).users_now(), 30, "{ids:?}");
    }
}

#[test]
fn superseded_rows_join_licenses_too() {
    let superseded = license("1 User", SPAN, "2026-01-01").set("appEntitlementNumber", "E-1");
    let row = license("10 Users", SPAN, "2026-02-01");
    let sold = sale("New", "20 Users", SPAN)
        .without("licenseId")
        .set("appEntitlementNumber", "E-1");
    assert_eq!(
        given([superseded, row.clone(), sold.clone()]).users_now(),
        10
    );
    assert_eq!(given([row.clone(), sold.clone()]).users_now(), 30);
    // So does a transaction that another one of its line item supersedes.
    let old_item = sale("New", "5 Users", SPAN)
        .set("appEntitlementNumber", "E-1")
        .item("1")
        .set("lastUpdated", "2026-01-01");
    let new_item = sale("New", "6 Users", SPAN)
        .item("1")
        .set("lastUpdated", "2026-01-02");
    assert_eq!(given([old_item, new_item, row, sold]).users_now(), 10);
}

#[test]
fn rows_without_any_id_are_left_out_and_counted_as_sent() {
    let row = license("10 Users", SPAN, UPDATED)
        .set("licenseId", "null")
        .set("appEntitlementId", " ");
    let sold = sale("New", "10 Users", SPAN)
        .without("licenseId")
        .set("addonLicenseId", serde_json::Value::Null)
        .item("1");
    let case = given([
        row.clone(),
        row,
        sold.clone(),
        sold.clone().set("lastUpdated", "2026-01-01"),
        sold.hosting("Server"),
    ]);
    assert_eq!((case.users_now(), case.current_status().no_id), (0, 5));
    assert_eq!(case.hostings(&["Server"]).current_status().no_id, 1);
}

#[test]
fn the_newest_row_counts_then_the_later_end_then_the_greater_tier_then_the_sandbox_then_the_text() {
    let row = |tier: &str, end: &str, updated: &str| {
        license(tier, &format!("2026-01-01..{end}"), updated)
    };
    let pairs = [
        // The newest.
        (
            row("1 User", "2027-01-01", "2026-01-02"),
            row("2 Users", "2028-01-01", "2026-01-01"),
        ),
        (
            row("1 User", "2027-01-01", "2026-01-01"),
            row("2 Users", "2028-01-01", ""),
        ),
        // A text that is no date is a missing one.
        (
            row("1 User", "2027-01-01", "2026-01-01"),
            row("2 Users", "2028-01-01", "2026-99-01"),
        ),
        // The later end, a missing one being the latest.
        (
            row("1 User", "2027-01-02", UPDATED),
            row("2 Users", "2027-01-01", UPDATED),
        ),
        (
            row("1 User", "", UPDATED),
            row("2 Users", "2999-01-01", UPDATED),
        ),
        // The greater tier, none being the least.
        (
            row("3 Users", "2027-01-01", UPDATED),
            row("2 Users", "2027-01-01", UPDATED),
        ),
        (
            row("10 Users", "2027-01-01", UPDATED),
            row("9 Users", "2027-01-01", UPDATED),
        ),
        (
            row("1 User", "2027-01-01", UPDATED),
            row("Evaluation", "2027-01-01", UPDATED).set("evaluationOpportunitySize", "7"),
        ),
        // One that says something of a sandbox.
        (
            row("1 User", "2027-01-01", UPDATED).set("installedOnSandbox", "No"),
            row("1 - 1 Users", "2027-01-01", UPDATED).license_type("COMMUNITY"),
        ),
        (
            row("1 User", "2027-01-01", UPDATED).set("installedOnSandbox", "NA"),
            row("Z 1 Users", "2027-01-01", UPDATED)
                .set("installedOnSandbox", " ")
                .license_type("COMMUNITY"),
        ),
    ];
    for (better, worse) in pairs {
        let expected = given([better.clone()]).users_now();
        assert_ne!(
            expected,
            given([worse.clone()]).users_now(),
            "{better:?} and {worse:?}"
        );
        for records in [
            [better.clone(), worse.clone()],
            [worse.clone(), better.clone()],
        ] {
            assert_eq!(
                given(records).users_now(),
                expected,
                "{better:?} before {worse:?}"
            );
        }
    }
}

#[test]
fn the_greater_json_text_decides_the_last_tie() {
    let row = || license("10 Users", SPAN, UPDATED);
    // Of two texts that differ first in `addonName`, the greater one counts, whatever follows.
    let pairs = [
        (
            row().set("addonName", "b"),
            row().set("addonName", "a").license_type("COMMUNITY"),
        ),
        (
            row().set("addonName", "aa"),
            row().set("addonName", "a").license_type("COMMUNITY"),
        ),
        // `{"a":…` is less than `{"addonKey":…`: a member of a lesser name makes the text less.
        (row(), row().set("a", 1).license_type("COMMUNITY")),
        (
            row().set("addonName", "é"),
            row().set("addonName", "z").license_type("COMMUNITY"),
        ),
    ];
    for (better, worse) in pairs {
        for records in [
            [better.clone(), worse.clone()],
            [worse.clone(), better.clone()],
        ] {
            assert_eq!(
                given(records).users_now(),
                10,
                "{better:?} before {worse:?}"
            );
        }
    }
}

#[test]
fn the_settings_can_change_which_row_is_preferred() {
    let unlimited = license("Unlimited Users", SPAN, UPDATED).license_type("COMMUNITY");
    let sized = license("500 Users", SPAN, UPDATED);
    let case = given([unlimited, sized]);
    assert_eq!(case.clone().users_now(), 0);
    assert_eq!(case.clone().unlimited(499).users_now(), 500);
    assert_eq!(case.unlimited(0).users_now(), 500);
}

#[test]
fn of_the_rows_of_a_line_item_one_counts_before_any_type_is_looked_at() {
    let item = |sale_type: &str, tier: &str, updated: &str| {
        sale(sale_type, tier, SPAN)
            .item("L-1")
            .set("lastUpdated", updated)
    };
    let cases = [
        (
            item("New", "10 Users", "2026-01-02"),
            item("New", "20 Users", "2026-01-01"),
            10,
        ),
        (
            item("New", "10 Users", "2026-01-01"),
            item("New", "20 Users", "2026-01-01"),
            20,
        ),
        (
            item("New", "10 Users", "2026-01-01"),
            item("New", "Evaluation", "2026-01-01"),
            10,
        ),
        (
            item("New", "10 Users", "2026-01-01"),
            item("Refund", "10 Users", "2026-01-02"),
            0,
        ),
        (
            item("Refund", "10 Users", "2026-01-01"),
            item("New", "10 Users", "2026-01-02"),
            10,
        ),
        (
            item("New", "10 Users", "2026-01-01"),
            item("New", "20 Users", "2026-01-02").license_type("COMMUNITY"),
            0,
        ),
        // Over licenses too, but not over apps.
        (
            item("New", "10 Users", "2026-01-01"),
            item("New", "20 Users", "2026-01-02").id("SEN-2"),
            20,
        ),
        (
            item("New", "10 Users", "2026-01-01"),
            item("New", "20 Users", "2026-01-02").set("addonKey", "b"),
            10,
        ),
        (
            item("New", "10 Users", "2026-01-01"),
            item("New", "20 Users", "2026-01-02")
                .item("L-2")
                .id("SEN-2"),
            30,
        ),
    ];
    for (a, b, expected) in cases {
        for records in [[a.clone(), b.clone()], [b.clone(), a.clone()]] {
            assert_eq!(given(records).users_now(), expected, "{a:?} and {b:?}");
        }
    }
}

#[test]
fn without_a_line_item_the_key_is_what_was_sold_within_the_license() {
    let month = "2026-11-01..2026-12-01";
    let row = || {
        added_row()
            .transaction("AT-1")
            .set("lastUpdated", "2026-11-02")
    };
    let base = || sale("New", "100 Users", month);
    let users = |second| given([base(), row(), second]).users_now();
    // The same key: the newer one counts, though it adds other users.
    let newer = || {
        row()
            .set("lastUpdated", "2026-11-03")
            .buy("proratedDetails", serde_json::json!([{"addedUsers": 5}]))
    };
    assert_eq!(users(newer()), 105);
    assert_eq!(users(newer().set("lastUpdated", "2026-11-01")), 101);
    assert_eq!(
        users(newer().buy("tier", " 1 user").buy("saleType", "RENEWAL ")),
        105
    );
    // Another key: both count.
    assert_eq!(users(newer().transaction("AT-2")), 106);
    assert_eq!(users(newer().buy("saleType", "Upgrade")), 106);
    assert_eq!(users(newer().sold("2026-11-09")), 106);
    assert_eq!(users(newer().buy("tier", "2 Users")), 106);
    assert_eq!(
        users(newer().buy("maintenanceStartDate", "2026-11-03")),
        106
    );
    assert_eq!(users(newer().buy("maintenanceEndDate", "2026-12-02")), 106);
    assert_eq!(users(newer().item("L-1")), 106);
    // With neither id every row stands for itself.
    assert_eq!(
        given([
            base(),
            row().without("transactionId"),
            newer().without("transactionId")
        ])
        .users_now(),
        106
    );
    // So it does where another one is the same.
    let same = || row().without("transactionId");
    assert_eq!(given([base(), same(), same()]).users_now(), 102);
    assert_eq!(given([base(), row(), row()]).users_now(), 101);
    // Within the license only.
    let elsewhere = [base().id("SEN-2"), newer().id("SEN-2")];
    assert_eq!(
        given([base(), row()].into_iter().chain(elsewhere)).users_now(),
        206
    );
}

fn added_row() -> crate::fixture::Record {
    crate::fixture::added("2026-11-02..2026-12-01", &[("", 1)]).buy("tier", "1 User")
}
