//! Licenses of the largest app that guarantee each kind of movement in the current month and in each of the
//! twelve months before it.

use chrono::{Datelike, NaiveDate};

use crate::day;
use crate::sample::history::{Billing, Hosting, LicenseHistory, Tier};
use crate::sample::history_builder::{HistoryBuilder, Setup};
use crate::sample::random::Random;
use crate::sample::typical;

/// The movements of a month, each with a license of its own.
const MOVEMENTS: [Movement; 5] = [
    Movement::New,
    Movement::Reactivation,
    Movement::Expansion,
    Movement::Contraction,
    Movement::Churn,
];

/// The number of months: the current one and twelve before it.
const MONTHS: u32 = 13;

/// The number of these licenses.
pub(crate) const COUNT: u32 = MONTHS * 5;

/// A kind of movement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Movement {
    New,
    Reactivation,
    Expansion,
    Contraction,
    Churn,
}

/// Creates the history of the license with this number, which is below [`COUNT`].
pub(crate) fn history(seed: u64, number: u32, today: NaiveDate) -> LicenseHistory {
    let random = &mut Random::new(seed, 4, u64::from(number));
    let months_ago = number / 5;
    let movement = MOVEMENTS[(number % 5) as usize];
    let setup = Setup {
        number,
        app: 0,
        customer: random.next(),
        billing: Billing::Monthly,
        license_type: "COMMERCIAL",
    };
    let day = day_in_month(random, months_ago, today);
    match movement {
        Movement::New => new_license(random, setup, day, today),
        Movement::Reactivation => reactivation(random, setup, day, today),
        Movement::Expansion => expansion(random, setup, day, today),
        Movement::Contraction => contraction(random, setup, day, today),
        Movement::Churn => churn(random, setup, day, months_ago, today),
    }
}

/// Returns a day of the month up to the 28th, no later than today and no more than a year ago.
fn day_in_month(random: &mut Random, months_ago: u32, today: NaiveDate) -> NaiveDate {
    let month = day::plus_months(today, -months_ago.cast_signed());
    let first = month.with_day(1).unwrap_or(month);
    let last = day::plus(first, 27).min(today);
    let year_ago = day::plus(day::plus_months(today, -12), 1);
    let first = first.max(year_ago).min(last);
    let span = u32::try_from((last - first).num_days()).unwrap_or(0);
    day::plus(first, random.days(0, span))
}

/// Renews without a change as long as the next term starts before `until`.
fn renew_until(builder: &mut HistoryBuilder, until: NaiveDate) {
    let tier = builder.tier;
    while builder.end < until {
        let at = builder.end;
        builder.renew(at, tier);
    }
}

fn new_license(
    random: &mut Random,
    setup: Setup,
    day: NaiveDate,
    today: NaiveDate,
) -> LicenseHistory {
    let users = Tier::Users(random.between(6, 22));
    let mut builder = HistoryBuilder::new(setup, Hosting::Cloud, day, users);
    builder.after_evaluation(random.days(5, 29));
    renew_until(&mut builder, day::plus(today, 1));
    builder.finish(today, "active")
}

fn reactivation(
    random: &mut Random,
    setup: Setup,
    day: NaiveDate,
    today: NaiveDate,
) -> LicenseHistory {
    let users = Tier::Users(random.between(5, 18));
    let earlier = random.between(3, 9).cast_signed();
    let mut builder = HistoryBuilder::new(
        setup,
        Hosting::Cloud,
        day::plus_months(day, -earlier),
        users,
    );
    let left = day::plus_months(day, -random.between(1, 2).cast_signed());
    renew_until(&mut builder, left);
    builder.resume(day);
    renew_until(&mut builder, day::plus(today, 1));
    builder.finish(today, "active")
}

/// An upgrade within an annual term, with its refund.
fn expansion(
    random: &mut Random,
    mut setup: Setup,
    day: NaiveDate,
    today: NaiveDate,
) -> LicenseHistory {
    setup.billing = Billing::Annual;
    let hosting = random.weighted(
        &[(2, Hosting::Cloud), (1, Hosting::DataCenter)],
        Hosting::Cloud,
    );
    let start = day::plus(day, -random.days(40, 300));
    let mut builder = HistoryBuilder::new(setup, hosting, start, Tier::Users(10));
    builder.change(day, Tier::Users(25));
    while builder.end <= today {
        let at = builder.end;
        builder.renew(at, Tier::Users(25));
    }
    builder.finish(today, "active")
}

/// Fewer users from the next month on, or within an annual term.
fn contraction(
    random: &mut Random,
    mut setup: Setup,
    day: NaiveDate,
    today: NaiveDate,
) -> LicenseHistory {
    if random.chance(350) {
        setup.billing = Billing::Annual;
        let start = day::plus(day, -random.days(40, 300));
        let mut builder = HistoryBuilder::new(setup, Hosting::Cloud, start, Tier::Users(25));
        builder.change(day, Tier::Users(10));
        return typical::run_annual(random, builder, today, None);
    }
    let users = random.between(9, 30);
    let earlier = random.between(3, 14).cast_signed();
    let start = day::plus_months(day, -earlier);
    let mut builder = HistoryBuilder::new(setup, Hosting::Cloud, start, Tier::Users(users));
    renew_until(&mut builder, day);
    builder.renew(day, Tier::Users(users - random.between(1, 4)));
    renew_until(&mut builder, day::plus(today, 1));
    builder.finish(today, "active")
}

/// Not renewed, or refunded for part or all of a term.
fn churn(
    random: &mut Random,
    mut setup: Setup,
    day: NaiveDate,
    months_ago: u32,
    today: NaiveDate,
) -> LicenseHistory {
    let users = Tier::Users(random.between(5, 16));
    match months_ago % 6 {
        2 => {
            setup.billing = Billing::Annual;
            let start = day::plus(day, -random.days(60, 300));
            let mut builder =
                HistoryBuilder::new(setup, Hosting::DataCenter, start, Tier::Users(10));
            builder.refund_rest(day);
            builder.finish(today, "cancelled")
        }
        4 => {
            setup.billing = Billing::Annual;
            let start = day::plus(day, -random.days(4, 25));
            let mut builder = HistoryBuilder::new(setup, Hosting::Cloud, start, Tier::Users(10));
            builder.refund_all(day);
            builder.finish(today, "cancelled")
        }
        _ => {
            let earlier = random.between(4, 20).cast_signed();
            let mut builder = HistoryBuilder::new(
                setup,
                Hosting::Cloud,
                day::plus_months(day, -earlier),
                users,
            );
            renew_until(&mut builder, day);
            builder.finish(today, "cancelled")
        }
    }
}
