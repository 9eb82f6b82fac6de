//! Tests of lanes and parts: however rows are divided, the count is that of all rows together.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    count::{Rules, Totals},
    day::Day,
    sync::lanes::{Lanes, Sizes},
    wire::RowsBuilder,
};

/// Cases of the counting rule with rows that interact in many ways.
const CASES: [&str; 4] = [
    include_str!("../../../../tests/cases/1001.json"),
    include_str!("../../../../tests/cases/1004.json"),
    include_str!("../../../../tests/cases/1007.json"),
    include_str!("../../../../tests/cases/1010.json"),
];

/// Returns the sorted rows of all parts.
fn parts(licenses: &[Value], transactions: &[Value], sizes: Sizes) -> Vec<Rows> {
    let mut lanes = Lanes::new(sizes);
    for record in licenses {
        let record = record.to_string();
        lanes
            .push_license_if(record.as_bytes().into(), |_| true)
            .unwrap();
    }
    for record in transactions {
        let record = record.to_string();
        lanes.push_transaction(record.as_bytes().into()).unwrap();
    }
    let (lanes, ..) = lanes.finish();
    let mut parts = Vec::new();
    for lane in &lanes {
        each_part(lane, |rows| {
            parts.push(rows.sorted().0);
            Ok(())
        })
        .unwrap();
    }
    parts
}

/// Returns the rows of all records together, without the texts that break ties, as parts have none here.
fn together(licenses: &[Value], transactions: &[Value]) -> Rows {
    let mut builder = RowsBuilder::with_text_budget(0);
    for record in licenses {
        builder.push_license(record.to_string().as_bytes()).unwrap();
    }
    for record in transactions {
        let record = record.to_string();
        builder.push_transaction(record.as_bytes()).unwrap();
    }
    builder.finish()
}

fn counted(parts: &[Rows], today: Day) -> Totals {
    let rules = Rules::default();
    Totals::sum(
        today,
        parts.iter().map(|rows| Totals::of(rows, &rules, today)),
    )
}

fn lists(case: &Value) -> [Vec<Value>; 2] {
    ["licenses", "transactions"].map(|list| case[list].as_array().unwrap().clone())
}

#[test]
fn rows_are_divided_into_several_parts_from_several_chunks() {
    let case: Value = serde_json::from_str(CASES[0]).unwrap();
    let [licenses, transactions] = lists(&case);
    let sizes = Sizes {
        chunk_rows: 3,
        part_rows: 5,
    };
    let parts = parts(&licenses, &transactions, sizes);
    let rows: usize = parts.iter().map(row_count).sum();
    assert_eq!(rows, row_count(&together(&licenses, &transactions)));
    assert!(parts.iter().filter(|rows| row_count(rows) > 0).count() > 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_count_of_all_parts_is_the_count_of_all_rows(
        case in 0..CASES.len(),
        chunk_rows in 1..40_usize,
        part_rows in 1..60_usize,
    ) {
        let case: Value = serde_json::from_str(CASES[case]).unwrap();
        let [licenses, transactions] = lists(&case);
        let today = Day::parse(case["today"].as_str().unwrap()).unwrap();
        let parts = parts(&licenses, &transactions, Sizes { chunk_rows, part_rows });
        let all = together(&licenses, &transactions);
        prop_assert_eq!(counted(&parts, today), counted(&[all], today));
    }

    #[test]
    fn rows_that_are_linked_through_others_are_in_one_part(
        links in proptest::collection::vec((0..12_u32, 12..24_u32, 0..3_u32), 1..40),
        part_rows in 1..10_usize,
    ) {
        let today = Day::parse("2026-11-20").unwrap();
        let record = |(first, second, app): (u32, u32, u32)| json!({
            "addonKey": format!("app-{app}"), "licenseId": format!("L{first}"), "appEntitlementId": format!("L{second}"),
            "transactionLineItemId": format!("T{}", first * second % 7), "hosting": "Cloud", "tier": "20 Users",
            "licenseType": "COMMERCIAL", "status": "active", "lastUpdated": format!("2026-02-{:02}", second - 11),
            "maintenanceStartDate": "2026-01-01", "maintenanceEndDate": "2027-01-01",
            "purchaseDetails": {"saleType": "New", "saleDate": "2026-01-01", "tier": "20 Users", "hosting": "Cloud",
                "licenseType": "COMMERCIAL", "maintenanceStartDate": "2026-01-01", "maintenanceEndDate": "2027-01-01"}});
        let records: Vec<Value> = links.into_iter().map(record).collect();
        let (licenses, transactions) = records.split_at(records.len() / 2);
        let parts = parts(licenses, transactions, Sizes { chunk_rows: 4, part_rows });
        let all = together(licenses, transactions);
        prop_assert_eq!(counted(&parts, today), counted(&[all], today));
    }
}
