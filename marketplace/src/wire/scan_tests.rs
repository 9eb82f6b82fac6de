use std::fmt::Debug;

use proptest::{collection::vec, prelude::*, sample::select};
use serde::Deserialize;

use super::*;
use crate::wire::{
    array::{ArrayError, ArraySplitter},
    envelope::Records,
    record::{License, Transaction},
    record_reader::{RecordReader, SentRecord},
};

const LICENSE: &str = r#"{"addonKey":"com.acme.timeboard","addonName":"Timeboard – für Jira","hosting":"Cloud",
 "lastUpdated":"2026-11-02","appEntitlementId":"u-1","appEntitlementNumber":"E-1","licenseId":"SEN-1",
 "licenseType":"COMMERCIAL","maintenanceStartDate":"2026-01-01","maintenanceEndDate":null,"status":"active",
 "tier":25,"contactDetails":{"company":"Öl & Söhne","country":"DE","technicalContact":{"email":"a@b.example"},
 "list":[1,-0.5e+10,[],{},[true,false,{"a":[null]}]]},"parentProductBillingId":0.25,"installedOnSandbox":"No"}"#;
const TRANSACTION: &str = r#"{"transactionId":"AT-1","addonKey":"a","licenseId":"SEN-1","transactionLineItemId":"L-1",
 "customerDetails":{"company":"Öl","country":"DE"},"purchaseDetails":{"saleDate":"2026-01-01","tier":"25 Users",
 "originalTransactionDetails":{"transactionId":"AT-0"},"vendorAmount":12.5,
 "proratedDetails":[{"date":"2026-01-02","addedUsers":3},null,4]},"lastUpdated":"2026-01-03"}"#;

/// Reads a record as serde_json does; nothing if it is not a record.
fn parsed<'a, T: Deserialize<'a> + Debug>(record: &'a [u8]) -> Option<String> {
    let is_object = record.trim_ascii_start().first() == Some(&b'{');
    let parsed = is_object.then(|| serde_json::from_slice::<T>(record).ok());
    parsed.flatten().map(|parsed| format!("{parsed:?}"))
}

/// Asserts that a record that is read in one pass is what serde_json reads, whatever follows it.
fn is_same<'a, T: Scan<'a> + Deserialize<'a> + Debug>(record: &'a [u8]) -> bool {
    let scanned = scan_record::<T>(record).map(|scanned| format!("{scanned:?}"));
    scanned.is_none() || scanned == parsed::<T>(record)
}

#[test]
fn simple_records_are_read_in_one_pass() {
    for text in [
        "{}",
        " { } ",
        LICENSE,
        TRANSACTION,
        r#"{ "tier" : 0 , "x" : [ ] , "y" : [ { } , [ [ ] ] ] }"#,
        r#"{"tier":[1e999,-0],"contactDetails":"x","proratedDetails":{"a":0.1}}"#,
        r#"{"contactDetails":{"company":"a"},"tier":1,"tier":"b","contactDetails":{"country":"c"},"tier":null}"#,
        r#"{"contactDetails":{"company":"a"},"contactDetails":5}"#,
        "{\"tier\":\"\u{7f} \u{1f600}\",\"\":\"\"}",
    ] {
        let record = text.as_bytes().trim_ascii();
        assert!(scan_record::<License<'_>>(record).is_some(), "{text}");
        assert!(scan_record::<Transaction<'_>>(record).is_some(), "{text}");
        assert!(is_same::<License<'_>>(record), "{text}");
        assert!(is_same::<Transaction<'_>>(record), "{text}");
        let more = format!("{text},{{\"x\":\"\\\\\"");
        let more = more.trim_start();
        let scanned = scan(more, &mut License::default());
        assert!(scanned.is_none_or(|bytes| bytes == record.len()), "{text}");
    }
}

#[test]
fn incomplete_and_unusual_records_are_left_to_serde_json() {
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(65), "]".repeat(65));
    for text in [
        "",
        "[]",
        "{",
        "{\"",
        r#"{"x":"\n"}"#,
        r#"{"\u0074ier":1}"#,
        "{\"x\":\"\n\"}",
        "{\"x\":\u{b}1}",
        "{\"tier\":\"a\nb\"}",
        r#"{"tier":1.0}"#,
        r#"{"tier":1e2}"#,
        r#"{"tier":-1}"#,
        r#"{"tier":01}"#,
        r#"{"tier":1234567890123456}"#,
        r#"{"contactDetails":1e999}"#,
        r#"{"purchaseDetails":1e999,"contactDetails":1.5}"#,
        r#"{"x":01}"#,
        r#"{"x":-}"#,
        r#"{"x":1.}"#,
        r#"{"x":1e}"#,
        r#"{"x":+1}"#,
        r#"{"x":.5}"#,
        r#"{"x":nul}"#,
        r#"{"x":truee}"#,
        r#"{"x":1,}"#,
        r#"{"x":[1,]}"#,
        r#"{"x":[,1]}"#,
        r#"{,"x":1}"#,
        r#"{"x":{"y":1,}}"#,
        r#"{"x":{"y"}}"#,
        r#"{"x":[}]}"#,
        r#"{"x":{"y":1]}}"#,
        r#"{"x" 1}"#,
        r#"{"x":1 "y":2}"#,
        r#"{"x":}"#,
        r#"{x:1}"#,
        r#"{"x":"a""b"}"#,
        r#"{"x":1]"#,
        &deep,
    ] {
        assert!(
            scan_record::<License<'_>>(text.as_bytes()).is_none(),
            "{text}"
        );
        assert!(is_same::<License<'_>>(text.as_bytes()), "{text}");
    }
    assert!(scan_record::<License<'_>>(b"{\"x\":\"\xff\"}").is_none());
    let text = r#"{"proratedDetails":[1.5],"purchaseDetails":{"proratedDetails":[1e999]}}"#;
    assert!(scan_record::<Transaction<'_>>(text.as_bytes()).is_none());
    for end in 0..LICENSE.len() {
        assert!(scan_record::<License<'_>>(&LICENSE.as_bytes()[..end]).is_none());
    }
}

/// Returns what a list of pieces is: the bytes of each record with what it says, and the error or number at its end.
type Read = (Vec<(Vec<u8>, Option<String>)>, Result<usize, ArrayError>);

/// Splits an array, and parses each record with serde_json.
fn read_by_serde_json(array: &[u8], list: Records) -> Read {
    let mut splitter = ArraySplitter::new();
    let mut records = Vec::new();
    let fed = splitter.feed(array, &mut |record: &[u8]| {
        let said = match list {
            Records::Licenses => parsed::<License<'_>>(record),
            Records::Transactions => parsed::<Transaction<'_>>(record),
        };
        records.push((record.to_vec(), said));
        Ok::<(), ArrayError>(())
    });
    (records, fed.and_then(|()| splitter.finish()))
}

/// Reads an array in pieces; also returns how many records were read in one pass.
fn read_in_pieces(pieces: [&[u8]; 2], list: Records) -> (Read, usize) {
    let mut reader = RecordReader::new(list);
    let mut records = Vec::new();
    let mut simple = 0;
    let mut fed = Ok(());
    for piece in pieces {
        fed = fed.and_then(|()| {
            reader.feed(piece, &mut |record: SentRecord<'_>| {
                simple += usize::from(record.license.is_some() || record.transaction.is_some());
                let bytes = record.bytes();
                let said = match list {
                    Records::Licenses => match record.license {
                        Some(license) => Some(format!("{license:?}")),
                        None => parsed::<License<'_>>(bytes),
                    },
                    Records::Transactions => match record.transaction {
                        Some(transaction) => Some(format!("{transaction:?}")),
                        None => parsed::<Transaction<'_>>(bytes),
                    },
                };
                records.push((bytes.to_vec(), said));
                Ok::<(), ArrayError>(())
            })
        });
    }
    ((records, fed.and_then(|()| reader.finish())), simple)
}

/// Asserts that an array gives the same records, or the same error after the same records, wherever it is split.
fn assert_same_at_every_split(array: &[u8]) -> Result<(), TestCaseError> {
    for list in [Records::Licenses, Records::Transactions] {
        let expected = read_by_serde_json(array, list);
        for at in 0..=array.len() {
            let (read, _) = read_in_pieces([&array[..at], &array[at..]], list);
            prop_assert_eq!(
                &read,
                &expected,
                "{} {}",
                at,
                String::from_utf8_lossy(array)
            );
        }
    }
    Ok(())
}

#[test]
fn records_are_the_same_wherever_the_pieces_end() {
    let array =
        format!("[{LICENSE},\n{TRANSACTION} , {{\"tier\":\"\\u0041\"}},[{{}}],{{}}, 5,{LICENSE}]");
    assert_same_at_every_split(array.as_bytes()).unwrap();
    let (_, simple) = read_in_pieces([array.as_bytes(), b""], Records::Licenses);
    assert_eq!(simple, 4);
}

#[test]
fn a_byte_that_is_not_text_does_not_stop_the_records_after_it() {
    let mut array =
        b"[{\"tier\":\"a\"},{\"tier\":\"\xff\"},{\"x\":\"\xc3\"},{\"tier\":\"b\"},{}]".to_vec();
    let (_, simple) = read_in_pieces([&array, b""], Records::Licenses);
    assert_eq!(simple, 3);
    assert_same_at_every_split(&array).unwrap();
    array.truncate(array.len() - 1);
    assert_same_at_every_split(&array).unwrap();
}

#[test]
fn a_record_that_is_too_large_is_refused_as_such() {
    let array = format!("[{{}},{{\"x\":\"{}\"}}]", "y".repeat(1 << 20));
    for at in [0, 4, 20, array.len() - 1] {
        let (first, second) = array.as_bytes().split_at(at);
        let ((records, end), _) = read_in_pieces([first, second], Records::Licenses);
        assert_eq!(
            (records.len(), end),
            (1, Err(ArrayError::TooLarge { elements: 1 }))
        );
    }
}

const NAMES: [&str; 22] = [
    "addonKey",
    "licenseId",
    "tier",
    "tier",
    "hosting",
    "installedOnSandbox",
    "maintenanceStartDate",
    "contactDetails",
    "company",
    "country",
    "customerDetails",
    "transactionId",
    "purchaseDetails",
    "purchaseDetails",
    "originalTransactionDetails",
    "proratedDetails",
    "date",
    "addedUsers",
    "x",
    "",
    "t\\u0069er",
    "contactDetail",
];

/// Scalars that are right, unusual and wrong, the first two several times as often as the others.
const SCALARS: [&str; 44] = [
    "\"a\"",
    "\"a\"",
    "\"a\"",
    "\"a\"",
    "\"a\"",
    "\"a\"",
    "12",
    "12",
    "12",
    "12",
    "null",
    "null",
    "\"2026-01-01\"",
    "\"2026-01-01\"",
    "\"Öl – é\"",
    "\"Öl – é\"",
    "\"\"",
    "true",
    "false",
    "0",
    "-0",
    "-7",
    "123456789012345",
    "1234567890123456",
    "18446744073709551616",
    "1.5",
    "0.0",
    "1e5",
    "-1E-2",
    "1e999",
    "\"\\n\"",
    "\"\\\"\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\x\"",
    "\"{[,:]}\"",
    "\"\t\"",
    "01",
    "1.",
    "-",
    "nul",
    "\"open",
    "[",
    "\"0123456789012345678901234567890123456789012345678901234567890123456789\"",
];

fn blank() -> impl Strategy<Value = &'static str> {
    select(vec![
        "", "", "", "", "", "", "", "", "", " ", "\n  ", "\t", "\r\n",
    ])
}

fn value() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        30 => select(SCALARS[..30].to_vec()).prop_map(str::to_owned),
        1 => select(SCALARS[30..].to_vec()).prop_map(str::to_owned),
    ];
    scalar.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            1 => vec((blank(), inner.clone()), 0..4).prop_map(|items| {
                let items: Vec<_> = items.iter().map(|(blank, item)| format!("{blank}{item}")).collect();
                format!("[{}]", items.join(","))
            }),
            3 => members(inner),
        ]
    })
}

fn members(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    vec(
        (blank(), select(NAMES.to_vec()), blank(), value, blank()),
        0..8,
    )
    .prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(before, name, blank, value, after)| {
                format!("{before}\"{name}\"{blank}:{value}{after}")
            })
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #[test]
    fn a_record_that_is_read_in_one_pass_is_what_serde_json_reads(record in members(value())) {
        prop_assert!(is_same::<License<'_>>(record.as_bytes()), "{}", record);
        prop_assert!(is_same::<Transaction<'_>>(record.as_bytes()), "{}", record);
    }

    #[test]
    fn a_changed_byte_is_read_as_serde_json_reads_it(
        at in any::<prop::sample::Index>(), by in any::<u8>(), removed in 0..3_usize,
    ) {
        for record in [LICENSE, TRANSACTION] {
            for by in [by, b'"', b',', b'}', b'\\', b' ', b'5'] {
                let mut bytes = record.as_bytes().to_vec();
                let at = at.index(bytes.len());
                let end = (at + removed).min(bytes.len());
                bytes.splice(at..end, [by]);
                let text = String::from_utf8_lossy(&bytes);
                prop_assert!(is_same::<License<'_>>(&bytes), "{}", text);
                prop_assert!(is_same::<Transaction<'_>>(&bytes), "{}", text);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn an_array_is_read_as_serde_json_reads_it_wherever_it_is_split(
        records in vec((blank(), prop_oneof![6 => members(value()), 1 => value()]), 0..4),
        end in select(vec!["]", "]", "]", " ]", "", ",]", "]]", "}"]),
        changed in proptest::option::of((any::<prop::sample::Index>(), select(b"{}[]\",:\\ 0\xff\n".to_vec()))),
    ) {
        let records: Vec<_> = records.iter().map(|(blank, record)| format!("{blank}{record}{blank}")).collect();
        let mut array = format!("[{}{end}", records.join(",")).into_bytes();
        if let Some((at, byte)) = changed {
            let at = at.index(array.len());
            array[at] = byte;
        }
        array.truncate(1200);
        assert_same_at_every_split(&array)?;
    }
}
