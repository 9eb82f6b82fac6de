//! What holds for any records.

use marketplace::{Bucket, Kind, Ledger, Period, PeriodKind, Report, Rows, RowsBuilder, Rules};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::fixture::{Record, TODAY, added, day, given, license, sale};
use crate::sum_of_apps::assert_sum_of_apps;

const TIERS: [&str; 9] = [
    "10 Users",
    "25 Users",
    "137 Users",
    "1,000 Users",
    "Unlimited Users",
    "Evaluation",
    "0 Users",
    "11-50",
    "what",
];

fn date() -> impl Strategy<Value = String> {
    // Few days, so that borders meet.
    prop_oneof![
        8 => (2024..=2027, 1..=12, select(vec![1, 2, 15, 20, 28])).prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02}")),
        1 => Just(String::new()),
        1 => select(vec!["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"]).prop_map(str::to_owned),
    ]
}

fn span() -> impl Strategy<Value = String> {
    (date(), date()).prop_map(|(from, until)| format!("{from}..{until}"))
}

fn identified(record: Record, first: usize, ids: &[usize]) -> Record {
    ids.iter().fold(record.without("licenseId"), |record, id| {
        let key = [
            "licenseId",
            "appEntitlementNumber",
            "addonLicenseId",
            "appEntitlementId",
        ][id % 4];
        record.set(key, format!("{}", first + id / 4))
    })
}

fn license_record() -> impl Strategy<Value = Record> {
    let types = select(vec![
        "COMMERCIAL",
        "ACADEMIC",
        "COMMUNITY",
        "EVALUATION",
        "NEW_KIND",
    ]);
    let statuses = select(vec!["active", "inactive", "cancelled", ""]);
    let hostings = select(vec!["Cloud", "Data Center", "server", ""]);
    let sandbox = select(vec!["", "Yes", "No"]);
    (
        select(TIERS.to_vec()),
        span(),
        date(),
        types,
        statuses,
        hostings,
        sandbox,
    )
        .prop_map(
            |(tier, span, updated, license_type, status, hosting, sandbox)| {
                license(tier, &span, &updated)
                    .license_type(license_type)
                    .status(status)
                    .hosting(hosting)
                    .set("installedOnSandbox", sandbox)
            },
        )
}

fn sale_record(first: usize) -> impl Strategy<Value = Record> {
    let sale_types = select(vec![
        "New",
        "Renewal",
        "Upgrade",
        "Downgrade",
        "Refund",
        "Refund",
    ]);
    let kind = prop_oneof![
        4 => (sale_types, select(TIERS.to_vec()), span()).prop_map(|(kind, tier, span)| sale(kind, tier, &span)),
        1 => (span(), vec((date(), -1..20_i64), 1..4)).prop_map(|(span, entries)| {
            let entries: Vec<_> = entries.iter().map(|(date, users)| (date.as_str(), *users)).collect();
            added(&span, &entries)
        }),
    ];
    let billing = select(vec!["Monthly", "Annual"]);
    (
        kind,
        date(),
        select(TIERS.to_vec()),
        0..40_u32,
        0..6_u32,
        billing,
    )
        .prop_map(move |(record, sold, old, item, of, billing)| {
            // Every row has a line item: rows that differ in nothing the rule names would be told apart by nothing.
            let record = record
                .old(old)
                .item(&format!("L{first}-{item}"))
                .transaction(&format!("T{}", item / 4))
                .of(&format!("T{of}"));
            let record = record.buy("billingPeriod", billing);
            if sold.is_empty() {
                record
            } else {
                record.sold(&sold)
            }
        })
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    records_from(100)
}

/// Returns records of a few licenses, whose ids are the numbers from `first` on.
fn records_from(first: usize) -> impl Strategy<Value = Vec<Record>> {
    let record = prop_oneof![1 => license_record(), 3 => sale_record(first)];
    let ids = subsequence((0..12).collect::<Vec<_>>(), 1..3);
    vec(
        (record, ids).prop_map(move |(record, ids)| identified(record, first, &ids)),
        0..24,
    )
}

pub(crate) fn rules() -> impl Strategy<Value = Rules> {
    let hostings = subsequence(vec!["Cloud", "Data Center", "Server"], 0..3);
    let include = subsequence(vec!["sandbox", "community", "evaluation"], 0..3);
    (
        hostings,
        include,
        select(vec![0, 7, 10_001]),
        select(vec![0, 7, 30, 90]),
    )
        .prop_map(|(hostings, include, unlimited, grace)| {
            let rules = Rules::default()
                .with_hostings(hostings)
                .unwrap()
                .with_included(include)
                .unwrap();
            rules
                .with_unlimited_users(unlimited)
                .unwrap()
                .with_grace_days(grace)
                .unwrap()
        })
}

pub(crate) fn kinds() -> impl Strategy<Value = PeriodKind> {
    select(PeriodKind::NAMED.to_vec()).prop_map(|(_, kind)| kind)
}

fn report_of(rows: &Rows, rules: &Rules, kind: PeriodKind, bucket: Bucket) -> Report {
    let ledger = Ledger::new(rows, "app", rules, day(TODAY));
    let period = kind
        .period(day(TODAY), ledger.first_day_with_users())
        .unwrap();
    ledger.report(period, bucket).unwrap()
}

fn report(records: &[Record], rules: &Rules, kind: PeriodKind, bucket: Bucket) -> Report {
    report_of(&given(records.iter().cloned()).rows(), rules, kind, bucket)
}

/// Gives every record one of a few apps; the same ids occur in several of them.
fn records_of_apps() -> impl Strategy<Value = Vec<Record>> {
    records_of_apps_from(100)
}

/// Returns records in parts: no license has records in two of them.
pub(crate) fn parts() -> impl Strategy<Value = Vec<Vec<Record>>> {
    [100, 200, 300]
        .map(records_of_apps_from)
        .prop_map(Vec::from)
}

fn records_of_apps_from(first: usize) -> impl Strategy<Value = Vec<Record>> {
    (
        records_from(first),
        vec(select(vec!["app", "b", "c", ""]), 24),
    )
        .prop_map(|(records, apps)| {
            let records = records.into_iter().zip(apps);
            records
                .map(|(record, app)| record.set("addonKey", app))
                .collect()
        })
}

proptest! {
    #[test]
    fn opening_and_movements_add_up_to_closing(records in records(), rules in rules(), kind in kinds(), bucket in select(Bucket::ALL.to_vec())) {
        let report = report(&records, &rules, kind, bucket);
        let sums = report.buckets.iter().map(|bucket| bucket.sums).chain([report.total]);
        for sums in sums {
            prop_assert_eq!(sums.opening + sums.users.gained() - sums.users.lost(), sums.closing);
            prop_assert!(sums.opening >= 0 && sums.closing >= 0);
            for kind in Kind::ALL {
                prop_assert!(sums.users[kind] >= 0);
                prop_assert_eq!(sums.users[kind] > 0, sums.licenses[kind] > 0);
            }
        }
    }

    #[test]
    fn buckets_add_up_to_the_period_and_meet(records in records(), rules in rules(), kind in kinds(), bucket in select(Bucket::ALL.to_vec())) {
        let report = report(&records, &rules, kind, bucket);
        for kind in Kind::ALL {
            let sum: i64 = report.buckets.iter().map(|bucket| bucket.sums.users[kind]).sum();
            prop_assert_eq!(sum, report.users(kind));
        }
        let mut opening = report.total.opening;
        let mut from = report.period.from();
        for bucket in &report.buckets {
            prop_assert_eq!((bucket.sums.opening, bucket.days.from()), (opening, from));
            opening = bucket.sums.closing;
            from = bucket.days.until();
        }
        prop_assert_eq!((opening, from), (report.total.closing, report.period.until()));
    }

    #[test]
    fn hostings_add_up_to_the_period(records in records(), rules in rules(), kind in kinds()) {
        let report = report(&records, &rules, kind, Bucket::Month);
        let sum = |of: fn(&marketplace::HostingRow) -> i64| report.by_hosting.iter().map(of).sum::<i64>();
        prop_assert_eq!(sum(|row| row.users_now), report.current_status.users_now);
        prop_assert_eq!(sum(|row| row.users_now_low), report.current_status.users_now_low);
        prop_assert_eq!(sum(|row| row.opening), report.total.opening);
        prop_assert_eq!(sum(|row| row.closing), report.total.closing);
        prop_assert_eq!(sum(|row| row.gained), report.total.users.gained());
        prop_assert_eq!(sum(|row| row.lost), report.total.users.lost());
        prop_assert!(report.current_status.users_now_low <= report.current_status.users_now);
    }

    #[test]
    fn the_order_of_rows_and_exact_duplicates_change_nothing(
        (records, shuffled) in records().prop_flat_map(|records| {
            let twice = records.iter().chain(records.iter().step_by(2)).cloned().collect::<Vec<_>>();
            (Just(records), Just(twice).prop_shuffle())
        }),
        rules in rules(),
    ) {
        let kind = PeriodKind::AllTime;
        prop_assert_eq!(report(&records, &rules, kind, Bucket::Day), report(&shuffled, &rules, kind, Bucket::Day));
    }

    #[test]
    fn a_second_look_at_the_records_gives_what_keeping_their_texts_gives(records in records(), rules in rules()) {
        let case = given(records);
        let kept = report_of(&case.rows(), &rules, PeriodKind::AllTime, Bucket::Day);
        let mut builder = RowsBuilder::with_text_budget(0);
        case.records.iter().for_each(|record| record.push_to(&mut builder));
        let mut look = builder.resolve();
        if look.needs_records() {
            case.records.iter().rev().for_each(|record| record.add_to(&mut look));
        }
        prop_assert_eq!(kept, report_of(&look.finish(), &rules, PeriodKind::AllTime, Bucket::Day));
    }

    #[test]
    fn a_renewal_of_the_same_size_that_starts_when_the_only_sale_ends_moves_nothing(
        users in 1..2000_u32, from in 0..700, days in 1..400_i32, longer in 1..400, grace in 0..30_u64, sold in -40..1_i32,
    ) {
        let start = day("2025-01-01").plus(from);
        let (end, last) = (start.plus(days), start.plus(days + longer));
        let tier = format!("{users} Users");
        let first = sale("New", &tier, &format!("{start}..{end}"));
        let renewal = sale("Renewal", &tier, &format!("{end}..{last}")).sold(&end.plus(sold.max(-days)).to_string());
        let once = sale("New", &tier, &format!("{start}..{last}"));
        prop_assert_eq!(given([first, renewal]).grace(grace).history(), given([once]).grace(grace).history());
    }

    #[test]
    fn details_add_up_to_the_report(records in records(), rules in rules()) {
        let rows = given(records).rows();
        let ledger = Ledger::new(&rows, "app", &rules, day(TODAY));
        let period = Period::new(day("2024-01-01"), day(TODAY)).unwrap();
        let report = ledger.report(period, Bucket::Month).unwrap();
        for kind in Kind::ALL {
            let selection = marketplace::Selection::Movements { period, kinds: vec![kind], hosting: None };
            prop_assert_eq!(ledger.details(&rows, &selection).users, report.users(kind));
        }
        let now = ledger.details(&rows, &marketplace::Selection::UsersNow { hosting: None });
        prop_assert_eq!(now.users, report.current_status.users_now);
        let left_out = ledger.details(&rows, &marketplace::Selection::Excluded { reason: None });
        prop_assert_eq!(left_out.total as u64, report.current_status.excluded.iter().map(|(_, count)| count).sum::<u64>());
    }

    #[test]
    fn days_between_are_the_same_whatever_the_period(records in records(), rules in rules(), from in 0..900, days in 1..300) {
        let rows = given(records).rows();
        let ledger = Ledger::new(&rows, "app", &rules, day(TODAY));
        let from = day("2024-01-01").plus(from);
        let to = from.plus(days);
        let part = ledger.report(Period::new(from, to).unwrap(), Bucket::Day).unwrap();
        let whole = ledger.report(Period::new(day("2023-01-01"), day("2027-12-31")).unwrap(), Bucket::Day).unwrap();
        let of_whole: Vec<_> = whole.buckets.iter().filter(|bucket| part.period.holds(bucket.start)).map(|bucket| bucket.sums).collect();
        let of_part: Vec<_> = part.buckets.iter().map(|bucket| bucket.sums).collect();
        prop_assert_eq!(of_whole, of_part);
    }

    #[test]
    fn all_apps_add_up_from_each_by_itself(records in records_of_apps(), rules in rules(), kind in kinds(), bucket in select(Bucket::ALL.to_vec())) {
        let rows = given(records).rows();
        let all = Ledger::of_all_apps(&rows, &rules, day(TODAY));
        let period = kind.period(day(TODAY), all.first_day_with_users()).unwrap();
        assert_sum_of_apps(&rows, &rules, day(TODAY), period, bucket);
    }

    #[test]
    fn details_of_all_apps_are_those_of_each_app(records in records_of_apps(), rules in rules()) {
        let rows = given(records).rows();
        let all = Ledger::of_all_apps(&rows, &rules, day(TODAY));
        let period = Period::new(day("2024-01-01"), day(TODAY)).unwrap();
        let selections = [
            marketplace::Selection::Movements { period, kinds: Vec::new(), hosting: None },
            marketplace::Selection::UsersNow { hosting: None },
            marketplace::Selection::Excluded { reason: None },
        ];
        for selection in selections {
            let (mut listed, mut users) = (0, 0);
            for app in rows.apps().into_iter().filter(|app| !app.is_empty()) {
                let alone = Ledger::new(&rows, app, &rules, day(TODAY)).details(&rows, &selection);
                prop_assert!(alone.rows.iter().all(|row| row.app == app));
                let part = all.details_of_app(&rows, app, &selection);
                listed += part.total;
                users += part.users;
                prop_assert_eq!(part, alone);
            }
            let whole = all.details(&rows, &selection);
            prop_assert_eq!((whole.total, whole.users), (listed, users));
        }
        prop_assert_eq!(all.details_of_app(&rows, "moon", &marketplace::Selection::UsersNow { hosting: None }).total, 0);
    }
}
