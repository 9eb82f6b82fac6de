//! Tests of the stored form of snapshots.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    count::{Bucket, Ledger, PeriodKind, Report, Rules},
    day::Day,
    wire::{ArrayError, RecordReader, Records, RowsBuilder, SentRecord},
};

/// Words that occur only in contacts.
const CANARIES: [&str; 6] = [
    "Canary Person",
    "canary@person.example",
    "+49 555 canary",
    "Canary Street 5",
    "Canary Partner Ltd",
    "Canaryville",
];

fn contact() -> serde_json::Value {
    json!({"name": CANARIES[0], "email": CANARIES[1], "phone": CANARIES[2],
        "address1": CANARIES[3], "city": CANARIES[5], "state": CANARIES[5], "postcode": CANARIES[5]})
}

fn license(number: u32, tier: &str, end: &str) -> Vec<u8> {
    json!({"addonKey": "com.acme.timeboard", "addonName": "Timeboard", "appEntitlementNumber": format!("E-{number}"),
        "licenseId": format!("SEN-{number}"), "hosting": "Cloud", "tier": tier, "status": "active", "licenseType": "COMMERCIAL",
        "lastUpdated": "2026-08-03", "maintenanceStartDate": "2026-08-02", "maintenanceEndDate": end,
        "contactDetails": {"company": format!("Company {}", number % 3), "country": "DE", "region": "EMEA",
            "technicalContact": contact(), "billingContact": contact()},
        "partnerDetails": {"partnerName": CANARIES[4], "billingContact": contact()}})
    .to_string()
    .into_bytes()
}

fn transaction(number: u32) -> Vec<u8> {
    json!({"addonKey": "com.acme.timeboard", "transactionId": format!("AT-{number}"), "transactionLineItemId": format!("L-{number}"),
        "appEntitlementNumber": format!("E-{number}"), "lastUpdated": "2026-08-03",
        "customerDetails": {"company": "Fabrikam", "country": "US", "technicalContact": contact()},
        "partnerDetails": {"partnerName": CANARIES[4], "billingContact": contact()},
        "purchaseDetails": {"saleType": "Renewal", "saleDate": "2026-08-02", "tier": "10 Users", "hosting": "Cloud",
            "maintenanceStartDate": "2026-08-02", "maintenanceEndDate": "2026-09-02",
            "proratedDetails": [{"date": "2026-08-05T10:00:00Z", "addedUsers": number}]}})
    .to_string()
    .into_bytes()
}

fn snapshot(licenses: &[(u32, String, String)], transactions: &[u32]) -> Snapshot {
    let mut builder = RowsBuilder::new();
    for (number, tier, end) in licenses {
        builder.push_license(&license(*number, tier, end)).unwrap();
    }
    for number in transactions {
        builder.push_transaction(&transaction(*number)).unwrap();
    }
    Snapshot {
        key: "0123abcd".into(),
        as_of: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
        apps: Ok(vec![App {
            key: "com.acme.timeboard".into(),
            name: "Timeboard".into(),
        }]),
        no_transactions: None,
        weekly_users: Err("the metrics answer 500".into()),
        restated: 3,
        rows: builder.finish(),
    }
}

fn sample() -> Snapshot {
    let licenses: Vec<_> = (1..40)
        .map(|n| (n, format!("{} Users", n * 7), "2027-01-02".to_owned()))
        .collect();
    snapshot(&licenses, &[3, 4, 5])
}

#[test]
fn a_snapshot_comes_back_as_it_was() {
    let mut there = sample();
    there.no_transactions = Some("403".into());
    there.weekly_users = Ok(vec![WeeklyUsers {
        app: "com.acme.timeboard".into(),
        week: Day::parse("2026-11-09").unwrap(),
        users: 21_004,
    }]);
    let back = Snapshot::decode(&there.encode()).unwrap();
    assert_eq!(back.encode(), there.encode());
    assert_eq!(back.as_of, there.as_of);
    assert_eq!(
        (back.apps, back.weekly_users),
        (there.apps, there.weekly_users)
    );
    assert_eq!(
        (back.no_transactions, back.restated),
        (there.no_transactions, 3)
    );
    assert_eq!(back.rows.licenses, there.rows.licenses);
    assert_eq!(back.rows.transactions, there.rows.transactions);
    assert_eq!(back.rows.additions, there.rows.additions);
    assert_eq!(back.rows.apps(), there.rows.apps());
    assert!(back.rows.words.iter().eq(there.rows.words.iter()));
    assert!(back.rows.names.iter().eq(there.rows.names.iter()));
    assert_eq!(
        back.rows.names.lookup("E-7"),
        there.rows.names.lookup("E-7")
    );
}

#[test]
fn nothing_of_a_contact_is_in_the_bytes() {
    let bytes = sample().encode();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("Company 2") && text.contains("Fabrikam") && text.contains("DE"));
    for canary in CANARIES {
        assert!(!text.contains(canary), "{canary}");
    }
    assert!(!text.to_lowercase().contains("canary"));
}

#[test]
fn cut_or_changed_bytes_are_an_error() {
    let bytes = snapshot(&[(1, "10 Users".into(), "2027-01-02".into())], &[2]).encode();
    for cut in 0..bytes.len() {
        assert!(Snapshot::decode(&bytes[..cut]).is_err(), "{cut}");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(Snapshot::decode(&changed).is_err(), "{at} {bit}");
        }
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(
        Snapshot::decode(&longer).unwrap_err(),
        SnapshotError::Damaged
    );
}

#[test]
fn bytes_of_others_and_of_other_versions_say_so() {
    let mut bytes = sample().encode();
    assert_eq!(Snapshot::decode(b"").unwrap_err(), SnapshotError::Foreign);
    assert_eq!(
        Snapshot::decode(b"PK\x03\x04 a zip file").unwrap_err(),
        SnapshotError::Foreign
    );
    bytes[8] = 3;
    assert_eq!(
        Snapshot::decode(&bytes).unwrap_err().to_string(),
        "it was written by a newer version (format 3; the newest known is 2)"
    );
    bytes[8] = 1;
    assert_eq!(
        Snapshot::decode(&bytes).unwrap_err(),
        SnapshotError::Older(1)
    );
}

/// Returns bytes with a valid digest for any body.
fn sealed(body: &[u8]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&FORMAT.to_le_bytes());
    bytes.extend_from_slice(&digest(body).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

#[test]
fn an_invalid_body_is_an_error_even_if_its_digest_is_valid() {
    let bytes = snapshot(&[(1, "10 Users".into(), "2027-01-02".into())], &[2]).encode();
    let body = &bytes[HEADER_BYTES..];
    for at in 0..body.len() {
        assert!(Snapshot::decode(&sealed(&body[..at])).is_err(), "{at}");
        for byte in [0, 1, 0x7f, 0xff] {
            let mut changed = body.to_vec();
            changed[at] = byte;
            // Some changes only give other values; none may panic, here or in the count.
            if let Ok(snapshot) = Snapshot::decode(&sealed(&changed)) {
                let day = Day::parse("2026-11-20").unwrap();
                let rules = Rules::default();
                let _ = Ledger::new(&snapshot.rows, "com.acme.timeboard", &rules, day);
            }
        }
    }
}

/// Cases of the counting rule with rows that interact in many ways.
const CASES: [&str; 3] = [
    include_str!("../../../tests/cases/1001.json"),
    include_str!("../../../tests/cases/1004.json"),
    include_str!("../../../tests/cases/1007.json"),
];

/// Reads the records of a case from arrays in pieces of these sizes, which repeat.
fn read(case: &serde_json::Value, sizes: &[usize]) -> Rows {
    let mut builder = RowsBuilder::new();
    for (name, list) in [
        ("licenses", Records::Licenses),
        ("transactions", Records::Transactions),
    ] {
        let text = case[name].to_string();
        let mut reader = RecordReader::new(list);
        let (mut rest, mut sizes) = (text.as_bytes(), sizes.iter().cycle());
        while !rest.is_empty() {
            let size = sizes
                .next()
                .map_or(rest.len(), |size| rest.len().min(*size));
            let (piece, after) = rest.split_at(size);
            rest = after;
            reader
                .feed(piece, &mut |record: SentRecord<'_>| {
                    match list {
                        Records::Licenses => builder.push_license_if(record, |_| true),
                        Records::Transactions => builder.push_sent_transaction(record),
                    }
                    .unwrap();
                    Ok::<(), ArrayError>(())
                })
                .unwrap();
        }
        reader.finish().unwrap();
    }
    builder.finish()
}

fn counted(case: &serde_json::Value, rows: &Rows) -> Report {
    let today = Day::parse(case["today"].as_str().unwrap()).unwrap();
    let ledger = Ledger::new(
        rows,
        case["app"].as_str().unwrap(),
        &Rules::default(),
        today,
    );
    let period = PeriodKind::AllTime
        .period(today, ledger.first_day_with_users())
        .unwrap();
    ledger.report(period, Bucket::Week)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_rows_come_back_as_they_were(
        licenses in proptest::collection::vec((0u32..2000, "[0-9é ]{0,8}", "(2[0-9]{3}-0[1-9]-1[0-9])?"), 0..30),
        transactions in proptest::collection::vec(0u32..2000, 0..30),
    ) {
        let there = snapshot(&licenses, &transactions);
        let back = Snapshot::decode(&there.encode()).unwrap();
        prop_assert_eq!(&back.rows.licenses, &there.rows.licenses);
        prop_assert_eq!(&back.rows.transactions, &there.rows.transactions);
        prop_assert_eq!(&back.rows.additions, &there.rows.additions);
        prop_assert!(back.rows.names.iter().eq(there.rows.names.iter()));
        prop_assert_eq!(back.encode(), there.encode());
    }

    #[test]
    fn counting_a_snapshot_is_counting_the_same_data_read_in_any_chunks(
        case in 0..CASES.len(),
        sizes in proptest::collection::vec(1_usize..9_000, 1..20),
    ) {
        let case: serde_json::Value = serde_json::from_str(CASES[case]).unwrap();
        let whole = counted(&case, &read(&case, &[usize::MAX]));
        let pieces = Snapshot { rows: read(&case, &sizes), ..sample() };
        let stored = Snapshot::decode(&pieces.encode()).unwrap();
        prop_assert_eq!(counted(&case, stored.rows()), whole);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Snapshot::decode(&sealed(&bytes)).is_err());
    }
}

#[test]
fn the_count_of_all_apps_is_the_sum_of_one_week() {
    let mut there = sample();
    assert_eq!(
        there.weekly_users_of_all_apps(),
        Err("the metrics answer 500")
    );
    let week = |app: &str, week: &str, users| WeeklyUsers {
        app: app.into(),
        week: Day::parse(week).unwrap(),
        users,
    };
    let cases = [
        (vec![], None),
        (vec![week("a", "2026-11-09", 7)], Some((7, None))),
        (
            vec![
                week("a", "2026-11-02", 5),
                week("a", "2026-11-09", 7),
                week("b", "2026-11-09", 30),
            ],
            Some((37, Some(5))),
        ),
        (
            vec![
                week("a", "2026-10-26", 5),
                week("a", "2026-11-09", u64::MAX),
                week("b", "2026-11-09", 1),
            ],
            Some((u64::MAX, None)),
        ),
    ];
    for (weeks, expected) in cases {
        there.weekly_users = Ok(weeks);
        let found = there.weekly_users_of_all_apps();
        let found = found.map(|(last, before)| (last.users, before.map(|week| week.users)));
        let none = "Atlassian's metrics have no numbers for this vendor";
        assert_eq!(found, expected.ok_or(none), "{:?}", there.weekly_users);
    }
}
