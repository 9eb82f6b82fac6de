//! Totals: they add up over parts of the rows, and say what the movements of every license say.

use std::collections::BTreeSet;

use marketplace::{
    Bucket, ByKind, Compare, Details, Kind, Ledger, LicenseDetail, Period, PeriodKind, Report,
    Rows, Selection, Sums, Totals,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::fixture::{Record, TODAY, day, given, license, sale};
use crate::properties::{kinds, parts, rules};

fn rows(records: &[Record]) -> Rows {
    given(records.iter().cloned()).rows()
}

/// Returns a period of a kind, or one that it is compared with.
fn period(kind: PeriodKind, compared: Option<Compare>, totals: &Totals) -> Period {
    let period = kind
        .period(day(TODAY), totals.first_day_with_users())
        .unwrap();
    compared.map_or(period, |compare| kind.compared(period, compare))
}

fn compares() -> impl Strategy<Value = Option<Compare>> {
    select(vec![
        None,
        Some(Compare::PreviousPeriod),
        Some(Compare::LastYear),
    ])
}

fn all_movements(ledger: &Ledger, rows: &Rows) -> Vec<LicenseDetail> {
    let selection = Selection::Movements {
        period: Period::new(day("2011-12-31"), day(TODAY)).unwrap(),
        kinds: Vec::new(),
        hosting: None,
    };
    let Details {
        rows: movements,
        total,
        ..
    } = ledger.details(rows, &selection);
    assert_eq!(movements.len(), total);
    movements
}

/// Returns the sums over some days by the plain rule: movement by movement, license by license.
fn plain_sums<'a>(
    movements: impl Iterator<Item = &'a LicenseDetail> + Clone,
    days: Period,
) -> Sums {
    let mut sums = Sums::default();
    let mut licenses: ByKind<BTreeSet<(&str, &str)>> = ByKind::default();
    let (mut gained, mut lost) = (BTreeSet::new(), BTreeSet::new());
    for detail in movements {
        let movement = detail.movement.as_ref().unwrap();
        let change = movement.after - movement.before;
        if movement.day < days.until() {
            sums.closing += change;
        }
        if movement.day < days.from() {
            sums.opening += change;
        }
        if days.holds(movement.day) {
            let license = (detail.app.as_str(), detail.id.as_str());
            sums.users[movement.kind] += change.abs();
            licenses[movement.kind].insert(license);
            if movement.kind.is_gain() {
                gained.insert(license);
            } else {
                lost.insert(license);
            }
        }
    }
    let count = |set: &BTreeSet<_>| set.len() as u64;
    for kind in Kind::ALL {
        sums.licenses[kind] = count(&licenses[kind]);
    }
    (sums.licenses_gained, sums.licenses_lost) = (count(&gained), count(&lost));
    sums
}

/// Asserts that a report has the sums that the movements have.
fn assert_plain(report: &Report, movements: &[LicenseDetail]) {
    assert_eq!(report.total, plain_sums(movements.iter(), report.period));
    for bucket in &report.buckets {
        assert_eq!(bucket.sums, plain_sums(movements.iter(), bucket.days));
    }
    for row in &report.by_hosting {
        let of_hosting = movements
            .iter()
            .filter(|detail| detail.hosting == row.hosting);
        let sums = plain_sums(of_hosting, report.period);
        assert_eq!(
            (row.opening, row.gained, row.lost, row.closing),
            (
                sums.opening,
                sums.users.gained(),
                sums.users.lost(),
                sums.closing
            )
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn totals_of_parts_add_up_to_those_of_all_rows(
        (parts, all) in parts().prop_flat_map(|parts| {
            let all = parts.concat();
            (Just(parts), Just(all).prop_shuffle())
        }),
        rules in rules(), kind in kinds(), compared in compares(), bucket in select(Bucket::ALL.to_vec()),
    ) {
        let rows_of_all = rows(&all);
        let whole = Ledger::of_all_apps(&rows_of_all, &rules, day(TODAY));
        prop_assert_eq!(&Totals::of(&rows_of_all, &rules, day(TODAY)), whole.totals());

        let parts: Vec<Totals> = parts
            .iter()
            .map(|part| Ledger::of_all_apps(&rows(part), &rules, day(TODAY)).into_totals())
            .collect();
        let sum_of = |order: &[usize]| {
            let mut sum = Totals::new(day(TODAY));
            order.iter().for_each(|place| sum.add(parts[*place].clone()));
            sum
        };
        let sum = sum_of(&[0, 1, 2]);
        prop_assert_eq!(&sum, &sum_of(&[2, 0, 1]));
        let mut of_last_two = parts[1].clone();
        of_last_two.add(parts[2].clone());
        let mut of_first_and_both = parts[0].clone();
        of_first_and_both.add(of_last_two);
        prop_assert_eq!(&sum, &of_first_and_both);
        prop_assert_eq!(&sum, &Totals::sum(day(TODAY), parts));

        prop_assert_eq!(&sum, whole.totals());
        let period = period(kind, compared, &sum);
        prop_assert_eq!(sum.report(period, bucket).unwrap(), whole.report(period, bucket).unwrap());
        prop_assert_eq!(sum.by_app(period), whole.by_app(period));
        prop_assert_eq!(&sum.current_status(), whole.current_status());
    }

    #[test]
    fn a_report_says_what_the_movements_of_every_license_say(
        parts in parts(), rules in rules(), kind in kinds(), compared in compares(), bucket in select(Bucket::ALL.to_vec()),
    ) {
        let rows = rows(&parts.concat());
        let ledger = Ledger::of_all_apps(&rows, &rules, day(TODAY));
        let movements = all_movements(&ledger, &rows);
        let first_gain = movements.iter().filter_map(|detail| detail.movement.as_ref()).map(|movement| movement.day).min();
        prop_assert_eq!(ledger.first_day_with_users(), first_gain);
        let period = period(kind, compared, ledger.totals());
        assert_plain(&ledger.totals().report(period, bucket).unwrap(), &movements);
        // Periods that begin with a movement find what is off by one.
        for detail in movements.iter().step_by(3).take(8) {
            let from = detail.movement.as_ref().unwrap().day;
            let period = Period::new(from, from.plus(200).min(day(TODAY))).unwrap();
            assert_plain(&ledger.totals().report(period, bucket).unwrap(), &movements);
        }
    }

    #[test]
    fn totals_of_one_app_are_those_of_its_own_ledger(parts in parts(), rules in rules(), kind in kinds(), bucket in select(Bucket::ALL.to_vec())) {
        let rows = rows(&parts.concat());
        let all = Totals::of(&rows, &rules, day(TODAY));
        let apps = rows.apps();
        for app in apps.into_iter().filter(|app| !app.is_empty()) {
            let alone = Ledger::new(&rows, app, &rules, day(TODAY));
            let of_app = all.of_app(app).unwrap();
            prop_assert_eq!(&of_app, alone.totals());
            let period = period(kind, None, &of_app);
            prop_assert_eq!(of_app.report(period, bucket).unwrap(), alone.report(period, bucket).unwrap());
        }
        prop_assert!(all.of_app("moon").is_none());
    }

    #[test]
    fn details_of_parts_merge_into_those_of_all_rows(
        (parts, all) in parts().prop_flat_map(|parts| {
            let all = parts.concat();
            (Just(parts), Just(all).prop_shuffle())
        }),
        rules in rules(), kind in kinds(),
    ) {
        let all = rows(&all);
        let whole = Ledger::of_all_apps(&all, &rules, day(TODAY));
        let parts: Vec<(Rows, Ledger)> = parts
            .iter()
            .map(|part| {
                let rows = rows(part);
                let ledger = Ledger::of_all_apps(&rows, &rules, day(TODAY));
                (rows, ledger)
            })
            .collect();
        let selections = [
            Selection::Movements { period: period(kind, None, whole.totals()), kinds: Vec::new(), hosting: None },
            Selection::Movements { period: period(PeriodKind::AllTime, None, whole.totals()), kinds: vec![Kind::New, Kind::Churn], hosting: None },
            Selection::UsersNow { hosting: None },
            Selection::Excluded { reason: None },
        ];
        for selection in selections {
            let of_parts = parts.iter().map(|(rows, ledger)| ledger.details(rows, &selection));
            prop_assert_eq!(Details::merge(of_parts), whole.details(&all, &selection));
        }
    }

    #[test]
    fn totals_are_read_back_from_their_bytes_and_from_no_others(
        parts in parts(), rules in rules(), place in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let totals = Totals::of(&rows(&parts.concat()), &rules, day(TODAY));
        let mut bytes = totals.encode();
        prop_assert_eq!(Totals::decode(&bytes), Some(totals.clone()));
        let place = place.index(bytes.len());
        prop_assert_eq!(Totals::decode(&bytes[..place]), None);
        prop_assert_eq!(Totals::decode(&[bytes.as_slice(), &[0]].concat()), None);
        bytes[place] = byte;
        if let Some(other) = Totals::decode(&bytes) {
            prop_assert_eq!(other.encode(), bytes.clone());
            // Whatever the numbers say, they can be added and reported.
            let mut sum = other;
            sum.add(totals);
            let period = period(PeriodKind::AllTime, None, &sum);
            sum.report(period, Bucket::Month).unwrap();
            let _ = sum.by_app(period);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(prop_oneof![3 => 0..4_u8, 1 => any::<u8>()], 0..300)) {
        let bytes = [vec![1, 0xc0, 0xa4, 0x2d, 1, 1, b'a'], bytes].concat();
        if let Some(totals) = Totals::decode(&bytes) {
            prop_assert_eq!(totals.encode(), bytes);
        }
    }
}

#[test]
fn a_text_that_is_not_understood_is_named_once_and_counted_in_every_part() {
    let of_id = |id: &str, tier: &str| license(tier, "2026-01-01..2027-01-01", "2026-01-01").id(id);
    let rules = marketplace::Rules::default();
    let totals = |records: &[Record]| Totals::of(&rows(records), &rules, day(TODAY));
    let mut sum = totals(&[of_id("1", "what"), of_id("2", " what ")]);
    sum.add(totals(&[
        of_id("3", "what"),
        of_id("4", "ever"),
        of_id("5", "10 Users"),
    ]));
    let texts = sum.current_status().tier_not_understood;
    assert_eq!(
        (texts.rows, texts.texts),
        (4, vec!["ever".into(), "what".into()])
    );
    assert_eq!(sum.current_status().users_now, 10);
}

#[test]
fn the_size_in_memory_is_that_of_the_days_not_of_the_licenses() {
    let sales = |licenses: i32| -> Vec<Record> {
        let sale = |number: i32| {
            sale("New", "10 Users", "2025-01-01..2026-01-01")
                .id(&number.to_string())
                .item(&format!("L{number}"))
        };
        (1..=licenses).map(sale).collect()
    };
    let bytes = |licenses| {
        Totals::of(
            &rows(&sales(licenses)),
            &marketplace::Rules::default(),
            day(TODAY),
        )
        .bytes()
    };
    assert_eq!(bytes(1), bytes(50));
    assert!(bytes(1) > 0);
}

#[test]
fn a_report_of_too_many_buckets_is_refused() {
    let totals = Totals::new(day(TODAY));
    let all = Period::new(day("0001-01-01"), day(TODAY)).unwrap();
    let error = totals.report(all, Bucket::Day).unwrap_err();
    let rows = Rows::new();
    let ledger = Ledger::new(&rows, "app", &marketplace::Rules::default(), day(TODAY));
    assert_eq!(ledger.report(all, Bucket::Day).unwrap_err(), error);
    assert_eq!(
        error.to_string(),
        "the period has 739940 days, but at most 10000 can be shown"
    );
}

#[test]
fn merged_details_list_the_first_ten_thousand_and_count_all() {
    let licenses = |numbers: std::ops::Range<i32>| -> Vec<Record> {
        let record = |number: i32| {
            license(
                &format!("{} Users", number % 50 + 1),
                "2026-01-01..2027-01-01",
                "2026-01-01",
            )
            .id(&number.to_string())
        };
        numbers.map(record).collect()
    };
    let details = |records: &[Record]| {
        let rows = rows(records);
        let ledger = Ledger::new(&rows, "app", &marketplace::Rules::default(), day(TODAY));
        ledger.details(&rows, &Selection::UsersNow { hosting: None })
    };
    let merged = Details::merge([
        details(&licenses(0..5000)),
        details(&licenses(5000..10_500)),
    ]);
    assert_eq!((merged.total, merged.rows.len()), (10_500, 10_000));
    assert_eq!(merged, details(&licenses(0..10_500)));
    assert_eq!(Details::merge([]), Details::default());
}
