//! Tests of the stored form of snapshots.

use super::*;
use crate::{count::Rules, wire::RowsBuilder};

fn sample() -> Snapshot {
    let today = Day::parse("2026-11-20").unwrap();
    let mut builder = RowsBuilder::new();
    let record = br#"{"addonKey": "com.acme.timeboard", "licenseId": "SEN-1", "hosting": "Server", "tier": "50 Users",
        "licenseType": "COMMERCIAL", "lastUpdated": "2026-11-02", "maintenanceStartDate": "2026-11-02"}"#;
    builder.push_license(record).unwrap();
    let app = |name: &str| App {
        key: "com.acme.timeboard".into(),
        name: name.into(),
    };
    Snapshot {
        key: "0123abcd".into(),
        as_of: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
        apps: Ok(vec![app("Timeboard")]),
        row_apps: vec![app("")],
        no_transactions: None,
        weekly_users: Err("the metrics answer 500".into()),
        restated: 3,
        parts: vec![Part {
            digest: 7 << 100,
            lane: 3,
            bytes: 1000,
            licenses: 1,
            transactions: 0,
            apps: vec!["com.acme.timeboard".into()],
        }],
        recent: RecentRows {
            since: Some(today.plus(-2)),
            digests: vec![1, u64::MAX],
        },
        totals: Totals::of(&builder.finish(), &Rules::default(), today),
    }
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
        (back.apps, back.weekly_users, back.row_apps),
        (there.apps, there.weekly_users, there.row_apps)
    );
    assert_eq!(
        (back.no_transactions, back.restated),
        (there.no_transactions, 3)
    );
    assert_eq!((back.parts, back.totals), (there.parts, there.totals));
    assert_eq!(back.recent, there.recent);
}

#[test]
fn cut_or_changed_bytes_are_an_error() {
    let bytes = sample().encode();
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
fn an_invalid_body_is_an_error_even_if_its_digest_is_valid() {
    let bytes = sample().encode();
    let body = unseal(MAGIC, &bytes).unwrap();
    for at in 0..body.len() {
        assert!(Snapshot::decode(&seal(MAGIC, &body[..at])).is_err(), "{at}");
        for byte in [0, 1, 0x7f, 0xff] {
            let mut changed = body.to_vec();
            changed[at] = byte;
            // Some changes only give other values; none may panic.
            let _ = Snapshot::decode(&seal(MAGIC, &changed));
        }
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
