//! What one sync knows from the one before.

use marketplace::Rows;

use crate::fixture::{Given, Record, day, given, license, sale};

const SPAN: &str = "2026-01-01..2027-01-01";

/// Syncs one state after another, and returns the last rows and how many of them changed.
fn synced(states: &[Vec<Record>]) -> (Given, Rows, u64) {
    let mut rows = Rows::new();
    let mut changed = 0;
    for state in states {
        let mut next = given(state.iter().cloned()).rows();
        changed = next.detect_restatements(&rows);
        rows = next;
    }
    (given(states.last().unwrap().iter().cloned()), rows, changed)
}

/// Returns the movements of one license whose row says 10 where its sale says 20.
fn history(rows: &[Record]) -> String {
    let states: Vec<_> = rows
        .iter()
        .map(|row| vec![row.clone(), sale("New", "20 Users", SPAN)])
        .collect();
    let (case, rows, _) = synced(&states);
    let ledger = case.ledger_of(&rows);
    let period = marketplace::Period::new(day("2026-01-01"), day("2026-11-20")).unwrap();
    crate::fixture::shown(&ledger.report(period, marketplace::Bucket::Day).unwrap())
}

fn row(updated: &str) -> Record {
    license("10 Users", SPAN, updated)
}

#[test]
fn an_edit_that_the_count_does_not_look_at_does_not_move_history() {
    let march = "2026-01-01 new 20, 2026-03-01 contraction 10";
    assert_eq!(history(&[row("2026-03-01")]), march);
    assert_eq!(history(&[row("2026-03-01"), row("2026-06-01")]), march);
    assert_eq!(
        history(&[
            row("2026-03-01"),
            row("2026-06-01"),
            row("2026-07-01"),
            row("2026-07-01")
        ]),
        march
    );
    assert_eq!(
        history(&[
            row("2026-03-01"),
            row("2026-06-01").set("tier", " 10 USERS ")
        ]),
        march
    );
    let edited =
        row("2026-06-01").set("contactDetails", serde_json::json!({"company": "New name"}));
    assert_eq!(history(&[row("2026-03-01"), edited]), march);
    // A row that gained an id is the same row.
    assert_eq!(
        history(&[
            row("2026-03-01"),
            row("2026-06-01").set("appEntitlementNumber", "E-1")
        ]),
        march
    );
    // A day that was missing, or came to be missing, is no earlier one.
    assert_eq!(history(&[row(""), row("2026-03-01")]), march);
    assert_eq!(history(&[row("2026-03-01"), row("")]), march);
    // An earlier day of the later sync counts too.
    assert_eq!(history(&[row("2026-06-01"), row("2026-03-01")]), march);
}

#[test]
fn another_content_begins_another_run() {
    let june = "2026-01-01 new 20, 2026-06-01 contraction 10";
    let march = || row("2026-03-01");
    let others = [
        march().set("tier", "11 Users"),
        march().set("evaluationOpportunitySize", "11"),
        march().license_type("ACADEMIC"),
        march().set("installedOnSandbox", "No"),
        march().status("cancelled"),
        march().set("maintenanceStartDate", "2026-01-02"),
        march().set("maintenanceEndDate", "2027-01-02"),
        march().set("addonKey", "other"),
    ];
    for other in others {
        assert_eq!(
            history(&[other.clone(), row("2026-06-01")]),
            june,
            "{other:?}"
        );
        // A run that was broken does not go on.
        assert_eq!(
            history(&[march(), other.clone(), row("2026-06-01")]),
            june,
            "{other:?}"
        );
    }
}

#[test]
fn sales_are_compared_with_the_beginning_of_the_run() {
    let sold = |day: &str| sale("Upgrade", "30 Users", "2026-07-01..2027-01-01").sold(day);
    let state =
        |updated: &str, day: &str| vec![row(updated), sale("New", "20 Users", SPAN), sold(day)];
    let users = |states: &[Vec<Record>]| {
        let (case, rows, _) = synced(states);
        case.ledger_of(&rows).current_status().users_now
    };
    // Sold between the beginning of the run and the last update: newer, as it was before the edit.
    assert_eq!(users(&[state("2026-03-01", "2026-07-01")]), 30);
    assert_eq!(users(&[state("2026-08-01", "2026-07-01")]), 10);
    assert_eq!(
        users(&[
            state("2026-03-01", "2026-07-01"),
            state("2026-08-01", "2026-07-01")
        ]),
        30
    );
}

#[test]
fn two_rows_of_one_license_have_runs_of_their_own() {
    let both = || {
        vec![
            row("2026-03-01").set("appEntitlementNumber", "E-1"),
            row("2026-06-01")
                .id("SEN-2")
                .set("appEntitlementNumber", "E-1"),
            sale("New", "20 Users", SPAN),
        ]
    };
    let shown = |states: &[Vec<Record>]| {
        let (case, rows, changed) = synced(states);
        assert_eq!(changed, 0);
        let period = marketplace::Period::new(day("2026-01-01"), day("2026-11-20")).unwrap();
        crate::fixture::shown(
            &case
                .ledger_of(&rows)
                .report(period, marketplace::Bucket::Day)
                .unwrap(),
        )
    };
    assert_eq!(
        shown(&[both()]),
        "2026-01-01 new 20, 2026-06-01 contraction 10"
    );
    assert_eq!(
        shown(&[both(), both()]),
        "2026-01-01 new 20, 2026-06-01 contraction 10"
    );
}

#[test]
fn rows_that_are_there_again_with_another_content_are_counted() {
    let sold = || sale("New", "20 Users", SPAN).item("L-1").transaction("T");
    let before = || vec![row("2026-03-01"), sold()];
    let cases = [
        ("nothing", vec![row("2026-03-01"), sold()], 0),
        (
            "the day of the update",
            vec![row("2026-05-01"), sold().set("lastUpdated", "2026-05-01")],
            0,
        ),
        (
            "a contact",
            vec![
                row("2026-03-01").set("contactDetails", serde_json::json!({"company": "x"})),
                sold(),
            ],
            0,
        ),
        (
            "the tier of the license",
            vec![row("2026-03-01").set("tier", "11 Users"), sold()],
            1,
        ),
        (
            "the hosting of the license",
            vec![row("2026-03-01").hosting("Server"), sold()],
            1,
        ),
        (
            "the tier of the sale",
            vec![row("2026-03-01"), sold().buy("tier", "21 Users")],
            1,
        ),
        (
            "the old tier of the sale",
            vec![row("2026-03-01"), sold().old("19 Users")],
            1,
        ),
        (
            "the sale date",
            vec![row("2026-03-01"), sold().sold("2026-01-02")],
            1,
        ),
        (
            "the end of the sale",
            vec![
                row("2026-03-01"),
                sold().buy("maintenanceEndDate", "2026-12-31"),
            ],
            1,
        ),
        (
            "the license of the sale",
            vec![row("2026-03-01"), sold().id("SEN-2")],
            1,
        ),
        (
            "the refunded sale",
            vec![row("2026-03-01"), sold().of("X")],
            1,
        ),
        (
            "the added users",
            vec![
                row("2026-03-01"),
                sold().buy("proratedDetails", serde_json::json!([{"addedUsers": 1}])),
            ],
            1,
        ),
        (
            "both",
            vec![
                row("2026-03-01").status("inactive"),
                sold().buy("saleType", "Refund"),
            ],
            2,
        ),
        (
            "a row more",
            vec![
                row("2026-03-01"),
                sold(),
                sold().item("L-2"),
                row("2026-04-01").id("SEN-9"),
            ],
            0,
        ),
        ("a row less", vec![sold()], 0),
    ];
    for (name, after, expected) in cases {
        assert_eq!(synced(&[before(), after]).2, expected, "{name}");
    }
    assert_eq!(synced(&[before()]).2, 0);
}
