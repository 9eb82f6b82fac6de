//! Tests of the stored order of rows.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::snapshot::part;
use crate::wire::RowsBuilder;

/// A license and a transaction record with ids of these numbers; 0 is no id.
fn record(app: u8, ids: [u8; 4], line_item: u8, day: u8) -> Value {
    let id = |prefix: &str, number: u8| match number {
        0 => Value::Null,
        number => json!(format!("{prefix}{number}")),
    };
    let date = format!("2026-01-{:02}", day % 28 + 1);
    json!({"addonKey": format!("app-{app}"), "appEntitlementNumber": id("", ids[0]), "appEntitlementId": id("u", ids[1]),
        "licenseId": id("L", ids[2]), "addonLicenseId": id("", ids[3]), "transactionLineItemId": id("T", line_item),
        "tier": format!("{day} Users"), "lastUpdated": date, "maintenanceStartDate": date,
        "purchaseDetails": {"tier": format!("{day} Users"), "saleDate": date}})
}

fn sorted(licenses: &[Value], transactions: &[Value]) -> Rows {
    let mut builder = RowsBuilder::new();
    for record in licenses {
        builder.push_license(record.to_string().as_bytes()).unwrap();
    }
    for record in transactions {
        let record = record.to_string();
        builder.push_transaction(record.as_bytes()).unwrap();
    }
    builder.finish()
}

/// Returns the ids of the license rows, in stored order.
fn ids(rows: &Rows) -> Vec<String> {
    let text = |row: &LicenseRow| {
        let ids = row.ids.iter().map(|id| rows.names.text(id));
        ids.collect::<Vec<_>>().join(" ")
    };
    rows.licenses.iter().map(text).collect()
}

#[test]
fn rows_of_one_license_stand_side_by_side() {
    let licenses = [
        record(1, [3, 0, 0, 0], 0, 1),
        record(1, [1, 0, 0, 0], 0, 1),
        record(0, [2, 0, 0, 0], 0, 1),
        record(1, [0, 7, 0, 0], 0, 2),
        record(1, [0, 0, 9, 0], 0, 3),
    ];
    let alone = ["SEN-2", "L9", "SEN-1", "SEN-3", "u7"];
    assert_eq!(ids(&sorted(&licenses, &[])), alone);
    // A sale of both joins the first and the fourth, and one with the same line item the fifth to them.
    let transactions = [record(1, [3, 7, 0, 0], 5, 1), record(1, [0, 0, 9, 0], 5, 1)];
    let joined = ["SEN-2", "SEN-3", "u7", "L9", "SEN-1"];
    assert_eq!(ids(&sorted(&licenses, &transactions)), joined);
}

#[test]
fn rows_that_say_the_same_are_kept_once_if_they_have_ids() {
    let with_id = record(1, [1, 0, 0, 0], 0, 1);
    let without = record(1, [0; 4], 0, 1);
    let rows = sorted(&[with_id.clone(), without.clone(), with_id, without], &[]);
    assert_eq!(rows.license_count(), 3);
}

#[test]
fn line_items_are_ordered_by_length_and_then_as_text() {
    let mut transactions = Vec::new();
    for line_item in ["10", "9", "", "90", "9"] {
        let mut sale = record(1, [1, 0, 0, 0], 0, 1);
        sale["transactionLineItemId"] = json!(line_item);
        sale["transactionId"] = json!(format!("AT-{}", transactions.len()));
        transactions.push(sale);
    }
    let rows = sorted(&[], &transactions);
    let mut orders: Vec<(u32, &str)> = rows
        .transactions
        .iter()
        .map(|row| (row.line_item_order, rows.names.text(row.line_item)))
        .collect();
    orders.sort_unstable();
    assert_eq!(orders, [(0, ""), (1, "9"), (1, "9"), (2, "10"), (3, "90")]);
}

#[test]
fn only_rows_that_differ_in_nothing_else_tie() {
    let unsorted = |licenses: &[Value]| {
        let mut builder = RowsBuilder::with_text_budget(0);
        for record in licenses {
            builder.push_license(record.to_string().as_bytes()).unwrap();
        }
        builder.resolve()
    };
    let first = record(1, [1, 0, 0, 0], 0, 1);
    let mut newer = first.clone();
    newer["lastUpdated"] = json!("2026-03-01");
    let mut other_tier = first.clone();
    other_tier["tier"] = json!("500 Users");
    let mut other_license = other_tier.clone();
    other_license["appEntitlementNumber"] = json!("2");
    assert!(!unsorted(&[first.clone(), newer]).needs_records());
    assert!(!unsorted(&[first.clone(), first.clone()]).needs_records());
    assert!(!unsorted(&[first.clone(), other_license]).needs_records());
    assert!(unsorted(&[first, other_tier]).needs_records());
}

fn records() -> impl Strategy<Value = Vec<Value>> {
    let ids = proptest::array::uniform4(0u8..6);
    let record = (0u8..3, ids, 0u8..5, 0u8..40)
        .prop_map(|(app, ids, line_item, day)| record(app, ids, line_item, day));
    proptest::collection::vec(record, 0..20)
}

proptest! {
    #[test]
    fn the_order_in_which_records_come_makes_no_difference(
        (licenses, shuffled) in records().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        (transactions, also_shuffled) in records().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let rows = sorted(&licenses, &transactions);
        prop_assert_eq!(part::encode(&rows), part::encode(&sorted(&shuffled, &also_shuffled)));
    }

    #[test]
    fn sorting_sorted_rows_changes_nothing(licenses in records(), transactions in records()) {
        let rows = sorted(&licenses, &transactions);
        let (again, _) = rows.sorted();
        prop_assert_eq!(again.licenses.len(), rows.licenses.len());
        prop_assert_eq!(ids(&again), ids(&rows));
    }
}
