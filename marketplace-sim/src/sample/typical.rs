//! Typical licenses: random histories with realistic rates of renewal, growth and churn.

use chrono::{Datelike, NaiveDate};

use crate::day;
use crate::row::Hidden;
use crate::sample::calendar::Calendar;
use crate::sample::catalog::PRODUCTS;
use crate::sample::history::{Billing, Hosting, LicenseHistory, Tier};
use crate::sample::history_builder::{HistoryBuilder, Setup};
use crate::sample::random::{Random, even, scaled, weighted_at};
use crate::sample::unpaid::{self, UnpaidKind};

/// From this number on, licenses only add volume: they are at most two years old and paid annually.
pub(crate) const BULK_FROM: u32 = 20_000;

/// In every sixteen licenses, this pair is a migration: an on-premises license that ends, and the Cloud license that replaces it.
const MIGRATION_PAIR: [u32; 2] = [14, 15];

/// The tiers of annual Cloud subscriptions, Data Center and Server.
const STEPS: [u32; 11] = [10, 25, 50, 100, 200, 300, 400, 500, 600, 800, 1000];

/// Returns the day on which support for Server ended.
fn server_end() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 2, 15).unwrap_or_default()
}

/// Returns the day from which added users are billed after the month.
fn added_users_from() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default()
}

/// Creates the history of the license with this number.
pub(crate) fn history(seed: u64, number: u32, calendar: &Calendar) -> LicenseHistory {
    if MIGRATION_PAIR.contains(&(number % 16)) && number < BULK_FROM {
        return migration(seed, number, calendar);
    }
    let mut random = Random::new(seed, 1, u64::from(number));
    let app = pick_app(even(seed, number, 0));
    let customer = random.next();
    let launched = day::plus(calendar.today(), -PRODUCTS[app].years * 365).max(calendar.first());
    if number >= BULK_FROM {
        return bulk(&mut random, setup(number, app, customer), calendar.today());
    }
    let start = calendar.pick(even(seed, number, 1), PRODUCTS[app].growth, launched);
    let kind = weighted_at(even(seed, number, 2), &KINDS, Kind::Paid);
    let setup = setup(number, app, customer);
    let today = calendar.today();
    match kind {
        Kind::Paid => paid(&mut random, setup, start, today),
        Kind::Free(free_kind) => {
            let hosting = pick_hosting(&mut random, app, start);
            unpaid::history(free_kind, &mut random, setup, hosting, start, today)
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Paid,
    Free(UnpaidKind),
}

const KINDS: [(u64, Kind); 8] = [
    (570, Kind::Paid),
    (325, Kind::Free(UnpaidKind::Evaluation)),
    (28, Kind::Free(UnpaidKind::Community)),
    (26, Kind::Free(UnpaidKind::OpenSource)),
    (10, Kind::Free(UnpaidKind::Demonstration)),
    (6, Kind::Free(UnpaidKind::Internal)),
    (10, Kind::Free(UnpaidKind::Free)),
    (25, Kind::Free(UnpaidKind::Sandbox)),
];

fn pick_app(part: u64) -> usize {
    let total = PRODUCTS.iter().map(|product| product.share).sum();
    let mut at = scaled(part, total);
    for (number, product) in PRODUCTS.iter().enumerate() {
        if at < product.share {
            return number;
        }
        at -= product.share;
    }
    0
}

fn setup(number: u32, app: usize, customer: u64) -> Setup {
    Setup {
        number,
        app,
        customer,
        billing: Billing::Annual,
        license_type: "COMMERCIAL",
    }
}

/// Server was sold until the start of 2021; Data Center has become rarer since 2023.
fn pick_hosting(random: &mut Random, app: usize, start: NaiveDate) -> Hosting {
    if !PRODUCTS[app].on_premises {
        return Hosting::Cloud;
    }
    let (server, data_center) = match start.year() {
        ..=2019 => (420, 90),
        2020 => (300, 130),
        2021 | 2022 => (0, 160),
        _ => (0, 95),
    };
    let choices = [
        (server, Hosting::Server),
        (data_center, Hosting::DataCenter),
        (1000 - server - data_center, Hosting::Cloud),
    ];
    random.weighted(&choices, Hosting::Cloud)
}

fn pick_license_type(random: &mut Random) -> &'static str {
    let choices = [
        (905, "COMMERCIAL"),
        (60, "ACADEMIC"),
        (12, "SOCIAL_IMPACT"),
        (5, "SOCIAL_IMPACT_GLOBAL_ACCESS"),
        (10, "STARTER"),
        (8, "CLASSROOM"),
    ];
    random.weighted(&choices, "COMMERCIAL")
}

/// Returns the users of a new customer, mostly a small team.
fn pick_users(random: &mut Random) -> u32 {
    let (least, most) = random.weighted(
        &[
            (620, (2, 9)),
            (302, (8, 19)),
            (68, (18, 40)),
            (11, (40, 80)),
            (1, (90, 150)),
        ],
        (2, 10),
    );
    random.between(least, most)
}

fn step_for(users: u32) -> u32 {
    let fitting = STEPS.iter().find(|step| **step >= users);
    fitting.copied().unwrap_or(1000)
}

/// A paid license.
fn paid(
    random: &mut Random,
    mut setup: Setup,
    start: NaiveDate,
    today: NaiveDate,
) -> LicenseHistory {
    let hosting = pick_hosting(random, setup.app, start);
    setup.license_type = pick_license_type(random);
    let monthly = hosting == Hosting::Cloud && random.chance(PRODUCTS[setup.app].monthly);
    let users = pick_users(random);
    let mut history = if monthly {
        setup.billing = Billing::Monthly;
        // Every month has a 28th.
        let start = start.with_day(start.day().min(28)).unwrap_or(start);
        let mut builder = HistoryBuilder::new(setup, hosting, start, Tier::Users(users));
        maybe_evaluate(random, &mut builder);
        run_monthly(random, builder, today)
    } else {
        let tier = Tier::Users(step_for(users));
        let mut builder = HistoryBuilder::new(setup, hosting, start, tier);
        maybe_evaluate(random, &mut builder);
        run_annual(random, builder, today, None)
    };
    if hosting == Hosting::Cloud && random.chance(12) {
        set_boundary(&mut history, random.weighted(&BOUNDARIES, "commercial"));
    }
    if random.chance(30) {
        for sale in &mut history.sales {
            sale.hidden = Hidden::ManualInvoice;
        }
    }
    history
}

const BOUNDARIES: [(u64, &str); 2] = [(3, "fedramp_moderate"), (1, "isolated_cloud")];

fn set_boundary(history: &mut LicenseHistory, boundary: &'static str) {
    if let Some(row) = &mut history.row {
        row.boundary = boundary;
    }
}

/// Most purchases follow an evaluation.
fn maybe_evaluate(random: &mut Random, builder: &mut HistoryBuilder) {
    if random.chance(700) {
        builder.after_evaluation(random.days(3, 30));
    }
}

/// Returns the probability, in thousandths, that a customer does not renew: higher after a price rise, lower for old and large customers.
fn churn_per_mille(app: usize, at: NaiveDate, age_years: i64, tier: Tier, is_monthly: bool) -> u64 {
    let since_rise = (at.month() + 12 - PRODUCTS[app].price_month) % 12;
    let base = if is_monthly { 15 } else { 150 };
    let priced = if since_rise < 2 { base * 8 / 5 } else { base };
    let by_age = priced * 10 / (10 + 2 * u64::try_from(age_years).unwrap_or(0));
    match tier.users() {
        0..=24 => by_age,
        25..=99 => by_age * 3 / 4,
        _ => by_age / 3,
    }
}

/// Renews monthly until today or until the license ends, perhaps with a gap.
pub(crate) fn run_monthly(
    random: &mut Random,
    mut builder: HistoryBuilder,
    today: NaiveDate,
) -> LicenseHistory {
    let app = builder.app();
    let first = builder.start;
    while builder.end <= today {
        let at = builder.end;
        let age_years = (at - first).num_days() / 365;
        if random.chance(churn_per_mille(app, at, age_years, builder.tier, true)) {
            let back = day::plus(at, random.days(18, 140));
            if random.chance(170) && back <= today {
                builder.resume(back.with_day(back.day().min(28)).unwrap_or(back));
                continue;
            }
            return builder.finish(today, "cancelled");
        }
        let users = builder.tier.users();
        let part = (users / 14).max(1);
        let (more, fewer) = (random.chance(150), random.chance(38));
        let next = if more {
            users + random.between(1, part + 1)
        } else if fewer && users > 2 {
            users - random.between(1, part).min(users - 1)
        } else {
            users
        };
        if next > users && builder.start >= added_users_from() {
            builder.bill_added(spread(random, next - users, builder.start, at));
        }
        builder.renew(at, Tier::Users(next));
    }
    if random.chance(12) {
        // It was cancelled but is valid until the end of its term.
        return builder.finish(today, "cancelled");
    }
    if random.chance(60) {
        builder.edited(day::plus(builder.start, random.days(1, 20)));
    }
    builder.finish(today, "active")
}

/// Spreads added users over days between `start` and `end`, in no particular order.
fn spread(
    random: &mut Random,
    users: u32,
    start: NaiveDate,
    end: NaiveDate,
) -> Vec<(NaiveDate, u32)> {
    let last = u32::try_from((end - start).num_days() - 1).unwrap_or(1);
    let mut day = || day::plus(start, random.days(1, last));
    if users < 2 {
        return vec![(day(), users)];
    }
    vec![(day(), users / 2), (day(), users - users / 2)]
}

/// Renews annually until today, until the license ends, or until it is migrated on `migrates_on`.
pub(crate) fn run_annual(
    random: &mut Random,
    mut builder: HistoryBuilder,
    today: NaiveDate,
    migrates_on: Option<NaiveDate>,
) -> LicenseHistory {
    let app = builder.app();
    let first = builder.start;
    loop {
        let age_years = (builder.end - first).num_days() / 365;
        if let Some(day) = migrates_on.filter(|day| *day < builder.end) {
            let day = day.max(builder.covering_from());
            builder.refund_rest(day);
            return builder.finish(today, "inactive");
        }
        change_in_term(random, &mut builder, today);
        if refund(random, &mut builder, today) {
            return builder.finish(today, "cancelled");
        }

        let at = builder.end;
        let is_server_end = builder.hosting == Hosting::Server && at >= server_end();
        let chance = if is_server_end {
            350
        } else {
            churn_per_mille(app, at, age_years, builder.tier, false)
        };
        if random.chance(chance) && migrates_on.is_none() {
            if at > today {
                return builder.finish(today, "active");
            }
            let back = day::plus(at, random.days(18, 220));
            if !is_server_end && random.chance(130) && back <= today {
                builder.resume(back);
                continue;
            }
            return builder.finish(today, "inactive");
        }
        // Most renewals are sold up to three weeks early, a few some days late.
        let sold = day::plus(at, 4 - random.days(0, 24));
        if sold > today {
            return builder.finish(today, "active");
        }
        let moves = builder.hosting == Hosting::Server && at >= day::plus(server_end(), -1080);
        if is_server_end || (moves && random.chance(250)) {
            builder.move_to(Hosting::DataCenter, sold);
        } else {
            let next = next_step(random, builder.tier);
            builder.renew(sold, next);
        }
    }
}

/// Sometimes refunds the rest of a term, or all of the first term within four weeks.
fn refund(random: &mut Random, builder: &mut HistoryBuilder, today: NaiveDate) -> bool {
    let (rest, all) = (random.chance(9), random.chance(6));
    let day = day::plus(builder.covering_from(), random.days(3, 28));
    if !(rest || all) || day > today || day >= builder.end {
        return false;
    }
    if all && builder.sales.len() == 1 {
        builder.refund_all(day);
    } else {
        builder.refund_rest(day);
    }
    true
}

fn next_step(random: &mut Random, tier: Tier) -> Tier {
    let Tier::Users(users) = tier else {
        return tier;
    };
    let (larger, smaller) = if users < 50 { (110, 45) } else { (40, 40) };
    if random.chance(larger) {
        Tier::Users(neighbour(users, true))
    } else if random.chance(smaller) {
        Tier::Users(neighbour(users, false))
    } else {
        tier
    }
}

/// Sometimes changes the tier within a term.
fn change_in_term(random: &mut Random, builder: &mut HistoryBuilder, today: NaiveDate) {
    let Tier::Users(users) = builder.tier else {
        return;
    };
    let more = random.chance(if users < 50 { 60 } else { 15 });
    let fewer = builder.hosting == Hosting::Cloud && random.chance(14);
    if !more && !fewer {
        return;
    }
    let day = day::plus(builder.start, random.days(30, 320));
    let tier = neighbour(users, more);
    if day <= today && tier != users {
        builder.change(day, Tier::Users(tier));
    }
}

/// One license of a migration pair: on premises until the migration, or in the Cloud from then on.
fn migration(seed: u64, number: u32, calendar: &Calendar) -> LicenseHistory {
    let pair = number / 16;
    let random = &mut Random::new(seed, 2, u64::from(pair));
    let app = usize::try_from(random.below(6)).unwrap_or(0);
    let customer = random.next();
    let today = calendar.today();
    let start = day::plus(calendar.first(), random.days(30, 1400));
    let moved =
        day::plus(start, random.days(500, 1500)).min(day::plus(today, -random.days(8, 700)));
    let moved = moved.with_day(moved.day().min(28)).unwrap_or(moved);
    let users = random.between(5, 40);
    let hosting = pick_hosting(random, app, start);
    let on_premises = if hosting == Hosting::Cloud {
        Hosting::DataCenter
    } else {
        hosting
    };
    let random = &mut Random::new(seed, 3, u64::from(number));
    let mut setup = setup(number, app, customer);
    if number % 16 == MIGRATION_PAIR[0] {
        let builder = HistoryBuilder::new(setup, on_premises, start, Tier::Users(step_for(users)));
        return run_annual(random, builder, today, Some(moved));
    }
    let mut history = if random.chance(250) {
        setup.billing = Billing::Monthly;
        let builder = HistoryBuilder::new(setup, Hosting::Cloud, moved, Tier::Users(users));
        run_monthly(random, builder, today)
    } else {
        let tier = Tier::Users(step_for(users));
        let builder = HistoryBuilder::new(setup, Hosting::Cloud, moved, tier);
        run_annual(random, builder, today, None)
    };
    if let Some(row) = &mut history.row {
        row.migrated_from = Some(number - 1);
    }
    history
}

/// Creates a license that is sold, or only evaluated, on `start`, and listed by `today`.
pub(crate) fn added(
    seed: u64,
    number: u32,
    (start, today): (NaiveDate, NaiveDate),
    sold: Sold,
) -> LicenseHistory {
    let mut random = Random::new(seed, 12, u64::from(number));
    let app = pick_app(random.next());
    let setup = setup(number, app, random.next());
    let hosting = pick_hosting(&mut random, app, start);
    match sold {
        Sold::Yes => {
            let tier = Tier::Users(step_for(pick_users(&mut random)));
            HistoryBuilder::new(setup, hosting, start, tier).finish(today, "active")
        }
        Sold::No => {
            let kind = UnpaidKind::Evaluation;
            unpaid::history(kind, &mut random, setup, hosting, start, today)
        }
    }
}

/// Whether a license has a sale.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sold {
    /// It was bought.
    Yes,
    /// It is evaluated.
    No,
}

/// Returns the next larger or smaller tier; the tier itself if there is none.
pub(crate) fn neighbour(tier: u32, larger: bool) -> u32 {
    let at = STEPS.partition_point(|step| *step < tier);
    let at = if larger { at + 1 } else { at.saturating_sub(1) };
    STEPS.get(at).copied().unwrap_or(tier)
}

/// The number of sales of bulk licenses, as a repeating pattern.
pub(crate) const BULK_SALES: [u32; 5] = [1, 2, 1, 2, 1];

/// Returns the first day on which a bulk license was sold.
pub(crate) fn bulk_first_day(today: NaiveDate) -> NaiveDate {
    day::plus(today, -720)
}

/// Tells whether the bulk license with this number can have a row or sale that changed in the last `days` days. It only draws the
/// age of the license, so that a million licenses are searched without creating their histories.
pub(crate) fn bulk_may_have_changed(seed: u64, number: u32, days: i64) -> bool {
    let mut random = Random::new(seed, 1, u64::from(number));
    let _customer = random.next();
    let age = bulk_age(&mut random, number);
    // A term has at most 366 days. At its end, the license is renewed or expires.
    age <= days || (age >= 365 && age - 366 <= days)
}

fn is_bulk_renewed(number: u32) -> bool {
    BULK_SALES[(number - BULK_FROM) as usize % BULK_SALES.len()] == 2
}

/// Returns how many days ago a bulk license was sold.
fn bulk_age(random: &mut Random, number: u32) -> i64 {
    if is_bulk_renewed(number) {
        random.days(366, 720)
    } else {
        random.days(0, 420)
    }
}

/// A bulk license: one row, with one or two sales.
fn bulk(random: &mut Random, setup: Setup, today: NaiveDate) -> LicenseHistory {
    let renewed = is_bulk_renewed(setup.number);
    let age = bulk_age(random, setup.number);
    let start = day::plus(today, -age);
    let hosting = pick_hosting(random, setup.app, start);
    let tier = Tier::Users(step_for(pick_users(random)));
    let mut builder = HistoryBuilder::new(setup, hosting, start, tier);
    if renewed {
        let next = next_step(random, tier);
        builder.renew(builder.end, next);
    }
    let status = if builder.end > today {
        "active"
    } else {
        "inactive"
    };
    builder.finish(today, status)
}
