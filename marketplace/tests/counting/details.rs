//! The licenses behind a figure, a bar or a reason.

use marketplace::{
    Bucket, Cause, Details, Exclusion, Hosting, Kind, Period, PeriodKind, Selection,
};

use crate::fixture::{Given, Record, added, day, given, license, sale};

fn movements(
    case: &Given,
    from: &str,
    to: &str,
    kinds: &[Kind],
    hosting: Option<Hosting>,
) -> Details {
    let period = Period::new(day(from), day(to)).unwrap();
    let rows = case.rows();
    case.ledger_of(&rows).details(
        &rows,
        &Selection::Movements {
            period,
            kinds: kinds.to_vec(),
            hosting,
        },
    )
}

fn company(record: Record, name: &str) -> Record {
    let customer = serde_json::json!({"company": name, "country": "DE", "technicalContact": {"email": "a@b.example"}});
    record
        .set("contactDetails", customer.clone())
        .set("customerDetails", customer)
}

#[test]
fn a_movement_is_listed_with_its_license_and_why_it_happened() {
    let case = given([
        company(
            license("250 Users", "2026-01-01..2027-01-01", "2026-11-01").hosting("Server"),
            "Northwind",
        ),
        sale("New", "100 Users", "2026-01-01..2027-01-01")
            .item("L-1")
            .transaction("T-1"),
        sale("Upgrade", "250 Users", "2026-03-01..2027-01-01")
            .old("100 Users")
            .item("L-2")
            .transaction("T-2"),
    ]);
    let details = movements(&case, "2026-03-01", "2026-03-31", &[], None);
    assert_eq!(
        (details.total, details.users, details.rows.len()),
        (1, 150, 1)
    );
    let row = &details.rows[0];
    assert_eq!(
        (row.company.as_str(), row.country.as_str(), row.id.as_str()),
        ("Northwind", "DE", "SEN-1")
    );
    assert_eq!(
        (row.tier.as_str(), row.status.as_str(), row.hosting),
        ("250 Users", "active", Hosting::Server)
    );
    assert_eq!(
        (row.start, row.end),
        (Some(day("2026-01-01")), Some(day("2027-01-01")))
    );
    let movement = row.movement.as_ref().unwrap();
    assert_eq!(
        (movement.day, movement.kind, movement.before, movement.after),
        (day("2026-03-01"), Kind::Expansion, 100, 250)
    );
    assert_eq!(
        movement.reason,
        "Upgrade of 2026-03-01 (100 Users to 250 Users) takes effect"
    );
    let transactions: Vec<_> = row
        .transactions
        .iter()
        .map(|sale| (sale.line_item.as_str(), sale.explains))
        .collect();
    assert_eq!(transactions, [("L-2", true), ("L-1", false)]);
}

#[test]
fn every_movement_says_why() {
    let year = "2026-01-01..2027-01-01";
    let cases = [
        (
            vec![sale("New", "10 Users", year)],
            "2026-01-01",
            Cause::Sale,
        ),
        (
            vec![sale("New", "10 Users", "2026-01-01..2026-05-01")],
            "2026-05-01",
            Cause::SaleEnds,
        ),
        (
            vec![
                sale("New", "10 Users", year),
                sale("Refund", "10 Users", year).sold("2026-05-01"),
            ],
            "2026-05-01",
            Cause::Refund,
        ),
        (
            vec![
                sale("New", "10 Users", year),
                sale("Upgrade", "20 Users", "2026-02-01..2027-01-01"),
                sale("Refund", "20 Users", "2026-02-01..2027-01-01").sold("2026-05-01"),
            ],
            "2026-05-01",
            Cause::Refund,
        ),
        (
            vec![
                sale("New", "10 Users", year),
                sale("Upgrade", "20 Users", "2026-02-01..2026-05-01"),
            ],
            "2026-05-01",
            Cause::SaleEnds,
        ),
        (
            vec![
                sale("New", "10 Users", year),
                added("2026-05-01..2026-06-01", &[("", 1)]),
            ],
            "2026-05-01",
            Cause::AddedUsers,
        ),
        (
            vec![
                sale("New", "10 Users", year),
                added("2026-05-01..2026-06-01", &[("", 1)]),
            ],
            "2026-06-01",
            Cause::AddedUsersEnd,
        ),
        (
            vec![
                sale("New", "10 Users", year),
                added("2026-05-01..2026-06-01", &[("", 1)]),
                sale("Refund", "1 User", "2026-05-01..2026-06-01").sold("2026-05-05"),
            ],
            "2026-05-05",
            Cause::Refund,
        ),
        (
            vec![license("10 Users", year, "2026-01-01")],
            "2026-01-01",
            Cause::RowBegins,
        ),
        (
            vec![license("10 Users", "2026-01-01..2026-05-01", "2026-01-01")],
            "2026-05-01",
            Cause::RowEnds,
        ),
        (
            vec![
                license("10 Users", year, "2026-05-01"),
                sale("New", "20 Users", year),
            ],
            "2026-05-01",
            Cause::RowSays,
        ),
        (
            vec![
                license("x", year, "2026-05-01"),
                sale("Renewal", "20 Users", "2026-02-01..2027-01-01").old("10 Users"),
            ],
            "2026-01-01",
            Cause::BeforeSales,
        ),
        (
            vec![
                license("10 Users", "2026-01-01..2027-01-01", "2026-11-20"),
                sale("New", "20 Users", "2026-01-01..2026-05-01"),
            ],
            "2026-05-01",
            Cause::AfterSales,
        ),
        (
            vec![
                license("x", "2026-01-01..2026-07-01", "2026-11-20"),
                sale("New", "20 Users", "2026-01-01..2026-05-01"),
            ],
            "2026-07-01",
            Cause::RowEnds,
        ),
    ];
    for (records, on, expected) in cases {
        let details = movements(&given(records.clone()), on, on, &[], None);
        let causes: Vec<_> = details
            .rows
            .iter()
            .map(|row| row.movement.as_ref().unwrap().cause)
            .collect();
        assert_eq!(causes, [expected], "{records:?}");
        assert!(!details.rows[0].movement.as_ref().unwrap().reason.is_empty());
    }
}

fn several() -> Given {
    given([
        sale("New", "10 Users", "2026-01-01..2026-11-10").id("A"),
        sale("New", "20 Users", "2026-10-22..2027-01-01")
            .id("B")
            .hosting("Server"),
        sale("Upgrade", "25 Users", "2026-11-01..2027-01-01")
            .id("B")
            .hosting("Server"),
        sale("New", "40 Users", "2026-10-22..2027-01-01").id("C"),
        license("9 Users", "2026-01-01..2027-01-01", "")
            .id("D")
            .license_type("FREE"),
        license("x", "2026-01-01..2027-01-01", "").id("E"),
    ])
}

#[test]
fn the_rows_of_a_bar_add_up_to_the_bar() {
    let case = several();
    let report = case.report(PeriodKind::Last30Days, Bucket::Week);
    for bucket in &report.buckets {
        for kind in Kind::ALL {
            let selection = Selection::Movements {
                period: bucket.days,
                kinds: vec![kind],
                hosting: None,
            };
            let rows = case.rows();
            let details = case.ledger_of(&rows).details(&rows, &selection);
            let sum: i64 = details
                .rows
                .iter()
                .filter_map(|row| row.movement.as_ref())
                .map(|movement| (movement.after - movement.before).abs())
                .sum();
            assert_eq!(
                (sum, details.users),
                (bucket.sums.users[kind], bucket.sums.users[kind])
            );
        }
    }
}

#[test]
fn movements_can_be_asked_for_by_kind_and_hosting() {
    let case = several();
    let ids = |kinds: &[Kind], hosting| -> Vec<String> {
        movements(&case, "2026-10-22", "2026-11-20", kinds, hosting)
            .rows
            .into_iter()
            .map(|row| row.id)
            .collect()
    };
    assert_eq!(ids(&[], None), ["C", "B", "B", "A"]);
    assert_eq!(ids(&[Kind::New], None), ["C", "B"]);
    assert_eq!(
        ids(&[Kind::New, Kind::Expansion], Some(Hosting::Server)),
        ["B", "B"]
    );
    assert_eq!(ids(&[Kind::Contraction], None), Vec::<String>::new());
}

#[test]
fn the_licenses_with_users_now_come_with_the_most_users_first() {
    let case = several();
    let rows = case.rows();
    let details = case
        .ledger_of(&rows)
        .details(&rows, &Selection::UsersNow { hosting: None });
    let listed: Vec<_> = details
        .rows
        .iter()
        .map(|row| (row.id.as_str(), row.users_now, row.users_now_low))
        .collect();
    assert_eq!(listed, [("C", 40, 40), ("B", 25, 10)]);
    assert_eq!((details.total, details.users), (2, 65));
    let server = Selection::UsersNow {
        hosting: Some(Hosting::Server),
    };
    assert_eq!(case.ledger_of(&rows).details(&rows, &server).users, 25);
}

#[test]
fn the_licenses_that_are_left_out_are_listed_by_their_reason() {
    let case = several();
    let rows = case.rows();
    let ids = |reason| -> Vec<String> {
        let details = case
            .ledger_of(&rows)
            .details(&rows, &Selection::Excluded { reason });
        details.rows.into_iter().map(|row| row.id).collect()
    };
    assert_eq!(ids(None), ["D", "E"]);
    assert_eq!(ids(Some(Exclusion::Free)), ["D"]);
    assert_eq!(ids(Some(Exclusion::NoSize)), ["E"]);
    assert_eq!(ids(Some(Exclusion::Sandbox)), Vec::<String>::new());
}

#[test]
fn at_most_ten_thousand_rows_are_listed_and_the_total_is_said() {
    let records = (0..10_005).map(|number| {
        license("2 Users", "2026-11-01..2027-01-01", "").id(&format!("L-{number:05}"))
    });
    let case = given(records);
    let details = movements(&case, "2026-11-01", "2026-11-20", &[], None);
    assert_eq!(
        (details.rows.len(), details.total, details.users),
        (10_000, 10_005, 20_010)
    );
    assert_eq!(details.rows[9_999].id, "L-09999");
}

#[test]
fn users_that_joined_are_explained_by_the_row_that_bills_them() {
    let case = given([
        sale("New", "10 Users", "2026-01-01..2027-01-01").item("L-1"),
        added(
            "2026-05-01..2026-06-01",
            &[("2026-05-03", 1), ("2026-05-07", 1)],
        )
        .item("L-2")
        .sold("2026-06-02"),
        added("2026-05-01..2026-06-01", &[("2026-05-05", 1)]).item("L-3"),
        // A refund of the sale on the day on which the month is over explains nothing that joined.
        sale("Refund", "10 Users", "2026-06-01..2026-06-01").of("nothing"),
    ]);
    let explained = |on: &str| {
        let details = movements(&case, on, on, &[], None);
        let movement = details.rows[0].movement.as_ref().unwrap();
        let by = details.rows[0]
            .transactions
            .iter()
            .find(|sale| sale.explains);
        (movement.cause, by.map(|sale| sale.line_item.clone()))
    };
    assert_eq!(
        explained("2026-05-03"),
        (Cause::AddedUsers, Some("L-2".into()))
    );
    assert_eq!(
        explained("2026-05-05"),
        (Cause::AddedUsers, Some("L-3".into()))
    );
    assert_eq!(
        explained("2026-05-07"),
        (Cause::AddedUsers, Some("L-2".into()))
    );
    assert_eq!(explained("2026-06-01"), (Cause::AddedUsersEnd, None));
}
