//! Tests of the stored form of parts.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    count::{Bucket, Ledger, PeriodKind, Report, Rules},
    snapshot::codec::{FORMAT, HEADER_BYTES},
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

fn rows(licenses: &[(u32, String, String)], transactions: &[u32]) -> Rows {
    let mut builder = RowsBuilder::new();
    for (number, tier, end) in licenses {
        builder.push_license(&license(*number, tier, end)).unwrap();
    }
    for number in transactions {
        builder.push_transaction(&transaction(*number)).unwrap();
    }
    builder.finish()
}

fn sample() -> Rows {
    let licenses: Vec<_> = (1..40)
        .map(|n| (n, format!("{} Users", n * 7), "2027-01-02".to_owned()))
        .collect();
    rows(&licenses, &[3, 4, 5])
}

fn everything(bytes: &[u8]) -> Result<Rows, SnapshotError> {
    decode(bytes, Depth::Everything)
}

fn assert_same(back: &Rows, there: &Rows) {
    assert_eq!(back.licenses, there.licenses);
    assert_eq!(back.transactions, there.transactions);
    assert_eq!(back.additions, there.additions);
    assert!(back.words.iter().eq(there.words.iter()));
    assert!(back.names.iter().eq(there.names.iter()));
}

#[test]
fn rows_come_back_as_they_were() {
    let there = sample();
    let back = everything(&encode(&there)).unwrap();
    assert_same(&back, &there);
    assert_eq!(encode(&back), encode(&there));
    assert_eq!(back.names.lookup("E-7"), there.names.lookup("E-7"));
}

#[test]
fn what_counting_reads_holds_no_name() {
    let there = sample();
    let counting = decode(&encode(&there), Depth::Counting).unwrap();
    assert_eq!(counting.names.len(), there.names.len());
    assert!(counting.names.iter().all(str::is_empty));
    for (row, full) in counting.licenses.iter().zip(&there.licenses) {
        assert_eq!(row.ids, full.ids);
        assert!(row.company.is_missing() && row.country.is_missing());
    }
    let (today, rules) = (Day::parse("2026-11-20").unwrap(), Rules::default());
    let ledger = |rows| Ledger::of_all_apps(rows, &rules, today).into_totals();
    assert_eq!(ledger(&counting), ledger(&there));
}

#[test]
fn nothing_of_a_contact_is_in_the_rows() {
    let rows = everything(&encode(&sample())).unwrap();
    let texts: Vec<&str> = rows.words.iter().chain(rows.names.iter()).collect();
    for text in ["Company 2", "Fabrikam", "DE"] {
        assert!(texts.contains(&text), "{text}");
    }
    for canary in CANARIES {
        assert!(!texts.iter().any(|text| text.contains(canary)), "{canary}");
    }
    assert!(!texts.concat().to_lowercase().contains("canary"));
}

#[test]
fn cut_or_changed_bytes_are_an_error() {
    let bytes = encode(&rows(&[(1, "10 Users".into(), "2027-01-02".into())], &[2]));
    for cut in 0..bytes.len() {
        assert!(everything(&bytes[..cut]).is_err(), "{cut}");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(everything(&changed).is_err(), "{at} {bit}");
        }
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(everything(&longer).unwrap_err(), SnapshotError::Damaged);
}

#[test]
fn bytes_of_others_and_of_other_versions_say_so() {
    let mut bytes = encode(&sample());
    assert_eq!(everything(b"").unwrap_err(), SnapshotError::Foreign);
    assert_eq!(
        everything(b"PK\x03\x04 a zip file").unwrap_err(),
        SnapshotError::Foreign
    );
    bytes[8] = 4;
    assert_eq!(
        everything(&bytes).unwrap_err().to_string(),
        "it was written by a newer version (format 4; the newest known is 3)"
    );
    bytes[8] = 2;
    assert_eq!(everything(&bytes).unwrap_err(), SnapshotError::Older(2));
}

#[test]
fn an_invalid_body_is_an_error_even_if_its_digest_is_valid() {
    let bytes = encode(&rows(&[(1, "10 Users".into(), "2027-01-02".into())], &[2]));
    let mut body = Reader::new(&bytes[HEADER_BYTES..]);
    let sections = [body.compressed().unwrap(), body.compressed().unwrap()];
    let sealed = |sections: [&[u8]; 2]| {
        let mut body = Writer::default();
        sections.iter().for_each(|section| body.compressed(section));
        seal(MAGIC, &body.into_bytes())
    };
    for (number, section) in sections.iter().enumerate() {
        let with = |changed: &[u8]| {
            let mut all = [sections[0].as_slice(), sections[1].as_slice()];
            all[number] = changed;
            everything(&sealed(all))
        };
        for at in 0..section.len() {
            assert!(with(&section[..at]).is_err(), "{number} {at}");
            for byte in [0, 1, 0x7f, 0xff] {
                let mut changed = section.clone();
                changed[at] = byte;
                // Some changes only give other values; none may panic, here or in the count.
                if let Ok(rows) = with(&changed) {
                    let day = Day::parse("2026-11-20").unwrap();
                    let rules = Rules::default();
                    let _ = Ledger::new(&rows, "com.acme.timeboard", &rules, day);
                }
            }
        }
    }
    assert_eq!(&bytes[8..12], FORMAT.to_le_bytes());
}

/// Cases of the counting rule with rows that interact in many ways.
const CASES: [&str; 3] = [
    include_str!("../../../../tests/cases/1001.json"),
    include_str!("../../../../tests/cases/1004.json"),
    include_str!("../../../../tests/cases/1007.json"),
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
                        Records::Licenses => builder.push_license(record.bytes()),
                        Records::Transactions => builder.push_transaction(record.bytes()),
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
    ledger.report(period, Bucket::Week).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_rows_come_back_as_they_were(
        licenses in proptest::collection::vec((0u32..2000, "[0-9é ]{0,8}", "(2[0-9]{3}-0[1-9]-1[0-9])?"), 0..30),
        transactions in proptest::collection::vec(0u32..2000, 0..30),
    ) {
        let there = rows(&licenses, &transactions);
        let back = everything(&encode(&there)).unwrap();
        assert_same(&back, &there);
        prop_assert_eq!(encode(&back), encode(&there));
    }

    #[test]
    fn counting_a_stored_part_is_counting_the_same_data_read_in_any_chunks(
        case in 0..CASES.len(),
        sizes in proptest::collection::vec(1_usize..9_000, 1..20),
    ) {
        let case: serde_json::Value = serde_json::from_str(CASES[case]).unwrap();
        let whole = counted(&case, &read(&case, &[usize::MAX]));
        let stored = encode(&read(&case, &sizes));
        for depth in [Depth::Counting, Depth::Everything] {
            let rows = decode(&stored, depth).unwrap();
            prop_assert_eq!(&counted(&case, &rows), &whole);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(everything(&seal(MAGIC, &bytes)).is_err());
    }
}
