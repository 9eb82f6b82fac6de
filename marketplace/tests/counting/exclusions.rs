//! What is left out, and under which reason.

use crate::fixture::{given, license, sale};

const SPAN: &str = "2026-01-01..2027-01-01";
const UPDATED: &str = "2026-01-01";

#[test]
fn a_license_is_left_out_under_its_reason_unless_the_settings_include_it() {
    let cases = [
        ("OPEN_SOURCE", "open_source"),
        ("community", "community"),
        ("FREE", "free"),
        ("Legacy Free", "free"),
        ("FOUNDATION-FREE", "free"),
        ("EVALUATION", "evaluation"),
        ("NET_NEW_EVALUATION", "evaluation"),
        ("UPGRADE_EVALUATION", "evaluation"),
        ("DEMONSTRATION", "demonstration"),
        ("INTERNAL USE", "internal"),
    ];
    for (license_type, reason) in cases {
        let case = given([license("10 Users", SPAN, UPDATED).license_type(license_type)]);
        assert_eq!(
            (case.users_now(), case.excluded()),
            (0, format!("{reason} 1")),
            "{license_type}"
        );
        let case = case.include(&[reason]);
        assert_eq!(
            (case.users_now(), case.excluded()),
            (10, String::new()),
            "{license_type}"
        );
        let others = [
            "sandbox",
            "open_source",
            "community",
            "free",
            "evaluation",
            "demonstration",
            "internal",
        ];
        let others: Vec<_> = others
            .into_iter()
            .filter(|other| *other != reason)
            .collect();
        assert_eq!(
            case.include(&others).excluded(),
            format!("{reason} 1"),
            "{license_type}"
        );
    }
}

#[test]
fn types_that_nobody_knows_count_and_are_named() {
    let case = given([
        license("10 Users", SPAN, UPDATED).license_type("NEW_KIND"),
        license("20 Users", SPAN, UPDATED)
            .id("SEN-2")
            .without("licenseType"),
        license("30 Users", SPAN, UPDATED)
            .id("SEN-3")
            .license_type("academic"),
        sale("New", "40 Users", SPAN)
            .id("SEN-4")
            .license_type(" NEW_KIND "),
    ]);
    let named = case.current_status().unknown_license_type;
    assert_eq!((case.users_now(), named.rows), (100, 3));
    assert_eq!(named.texts, ["", "NEW_KIND"]);
}

#[test]
fn a_sandbox_comes_before_every_type_and_the_later_reasons_still_apply() {
    let sandbox = || license("10 Users", SPAN, UPDATED).set("installedOnSandbox", " yes ");
    let community = || sandbox().license_type("COMMUNITY");
    assert_eq!(given([sandbox()]).excluded(), "sandbox 1");
    assert_eq!(given([community()]).excluded(), "sandbox 1");
    assert_eq!(
        given([community()]).include(&["community"]).excluded(),
        "sandbox 1"
    );
    assert_eq!(
        given([community()]).include(&["sandbox"]).excluded(),
        "community 1"
    );
    assert_eq!(
        given([community()])
            .include(&["sandbox", "community"])
            .users_now(),
        10
    );
    for text in ["No", "NA", "Pending", "", "Yes it is"] {
        assert_eq!(
            given([sandbox().set("installedOnSandbox", text)]).users_now(),
            10,
            "{text}"
        );
    }
}

#[test]
fn a_sandbox_license_has_no_users_and_its_transactions_are_not_looked_at() {
    let case = given([
        license("10 Users", SPAN, UPDATED).set("installedOnSandbox", "Yes"),
        sale("New", "20 Users", "2025-01-01..2027-01-01"),
        sale("Refund", "7 Users", "2025-01-01..2027-01-01"),
    ]);
    assert_eq!(
        (
            case.history().as_str(),
            case.current_status().refund_without_sale
        ),
        ("", 0)
    );
    let included = case.include(&["sandbox"]);
    assert_eq!(
        included.history(),
        "2025-01-01 new 20, 2026-01-01 contraction 10"
    );
    assert_eq!(included.current_status().refund_without_sale, 1);
}

#[test]
fn a_license_that_is_left_out_by_its_type_still_has_the_users_of_its_sales() {
    let case = given([
        license("10 Users", SPAN, UPDATED).license_type("EVALUATION"),
        sale("New", "20 Users", "2026-06-01..2027-06-01"),
    ]);
    assert_eq!(
        (case.history().as_str(), case.excluded().as_str()),
        ("2026-06-01 new 20", "")
    );
}

#[test]
fn transactions_of_a_type_that_is_left_out_are_dropped_refunds_among_them() {
    let case = given([
        sale("New", "10 Users", SPAN),
        sale("Upgrade", "30 Users", "2026-03-01..2027-01-01").license_type("OPEN SOURCE"),
        sale("Refund", "10 Users", SPAN).license_type("COMMUNITY"),
        sale("Refund", "99 Users", SPAN).license_type("COMMUNITY"),
    ]);
    assert_eq!(
        (
            case.history().as_str(),
            case.current_status().refund_without_sale
        ),
        ("2026-01-01 new 10", 0)
    );
    let case = case.include(&["open_source"]);
    assert_eq!(case.history(), "2026-01-01 new 10, 2026-03-01 expansion 20");
    assert_eq!(
        case.include(&["community"])
            .current_status()
            .refund_without_sale,
        1
    );
}

#[test]
fn a_license_is_told_as_left_out_only_while_its_row_holds_today() {
    let cases = [
        ("2026-11-20..2026-11-21", "active", "free 1"),
        ("2026-11-21..2027-11-21", "active", ""),
        ("2026-01-01..2026-11-20", "active", ""),
        ("2026-01-01..", "active", "free 1"),
        // Without an end, others than active ones end on the day of their last update.
        ("2026-01-01..", "inactive", ""),
        ("..2027-01-01", "inactive", "free 1"),
        ("..", "Active", "free 1"),
    ];
    for (span, status, expected) in cases {
        let row = license("10 Users", span, "2026-11-20")
            .license_type("FREE")
            .status(status);
        assert_eq!(given([row]).excluded(), expected, "{span} {status}");
    }
}

#[test]
fn a_license_without_a_size_is_told_and_one_with_an_unlimited_size_of_none() {
    let row = |tier: &str| license(tier, SPAN, UPDATED);
    let cases = [
        (row("Evaluation"), "no_size 1"),
        (row("Enterprise"), "no_size 1"),
        (row("-3 Users"), "no_size 1"),
        (row("x").without("tier"), "no_size 1"),
        (row("Unlimited Users"), "unlimited 1"),
        (
            row("Subscription").set("evaluationOpportunitySize", "Unlimited Users"),
            "unlimited 1",
        ),
        (row("0 Users"), ""),
        (row("10 Users"), ""),
        (row("Unlimited Users").license_type("FREE"), "free 1"),
    ];
    for (row, expected) in cases {
        assert_eq!(
            given([row.clone()]).unlimited(0).excluded(),
            expected,
            "{row:?}"
        );
    }
    assert_eq!(given([row("Unlimited Users")]).users_now(), 10_001);
    assert_eq!(given([row("Unlimited Users")]).unlimited(7).users_now(), 7);
}

#[test]
fn a_license_with_users_kept_by_grace_is_not_left_out() {
    let case = given([
        license("Evaluation", "2026-01-01..2027-01-01", UPDATED).license_type("EVALUATION"),
        sale("New", "20 Users", "2026-01-01..2026-11-18"),
    ]);
    assert_eq!(case.excluded(), "evaluation 1");
    assert_eq!(case.grace(3).excluded(), "");
}

#[test]
fn the_evaluation_size_stands_in_where_the_tier_has_none_and_there_is_no_base_sale() {
    let row = || license("Evaluation", SPAN, UPDATED).set("evaluationOpportunitySize", "50");
    let cases = [
        (vec![row()], 50),
        (vec![row().set("tier", "10 Users")], 10),
        (vec![row().set("evaluationOpportunitySize", 25)], 25),
        (vec![row().set("evaluationOpportunitySize", "NA")], 0),
        // A base sale, even one that is over, rules it out; other transactions do not.
        (
            vec![row(), sale("New", "20 Users", "2026-01-01..2026-02-01")],
            20,
        ),
        (
            vec![row(), sale("Refund", "20 Users", "2026-01-01..2026-02-01")],
            50,
        ),
        (
            vec![row(), sale("New", "Evaluation", "2026-01-01..2026-02-01")],
            50,
        ),
        (
            vec![
                row(),
                sale("New", "20 Users", "2026-01-01..2026-02-01").license_type("COMMUNITY"),
            ],
            50,
        ),
    ];
    for (records, expected) in cases {
        assert_eq!(given(records.clone()).users_now(), expected, "{records:?}");
    }
}
