//! The lives of most licenses: drawn by lot from what happens to licenses in a business of this kind.

use chrono::{Datelike, NaiveDate};

use crate::day;
use crate::row::Hidden;
use crate::sample::calendar::Calendar;
use crate::sample::catalog::PRODUCTS;
use crate::sample::course::{Course, Setup};
use crate::sample::free;
use crate::sample::random::{Random, even, scaled, weighted_at};
use crate::sample::story::{Billing, Hosting, Story, Tier};

/// From this number on a license is there for load alone: two years old at most, paid by the year.
pub(crate) const LOAD_FROM: u32 = 20_000;

/// A pair of licenses in every sixteen: one on premises that ends, and the one in the cloud that follows it.
const PAIR: [u32; 2] = [14, 15];

/// Steps in which Cloud subscriptions by the year, Data Center and Server are sold.
const STEPS: [u32; 11] = [10, 25, 50, 100, 200, 300, 400, 500, 600, 800, 1000];

/// Returns the day on which Server ended.
fn server_end() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 2, 15).unwrap_or_default()
}

/// Returns the day from which users that come in the course of a month are billed after it.
fn added_users_from() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default()
}

/// Tells the story of the license with this number.
pub(crate) fn story(seed: u64, number: u32, calendar: &Calendar) -> Story {
    if PAIR.contains(&(number % 16)) && number < LOAD_FROM {
        return migration(seed, number, calendar);
    }
    let mut random = Random::new(seed, 1, u64::from(number));
    let app = pick_app(even(seed, number, 0));
    let customer = random.next();
    let launched = day::plus(calendar.today(), -PRODUCTS[app].years * 365).max(calendar.first());
    if number >= LOAD_FROM {
        return load(&mut random, setup(number, app, customer), calendar.today());
    }
    let start = calendar.pick(even(seed, number, 1), PRODUCTS[app].growth, launched);
    let kind = weighted_at(even(seed, number, 2), &KINDS, Kind::Paid);
    let setup = setup(number, app, customer);
    let today = calendar.today();
    match kind {
        Kind::Paid => paid(&mut random, setup, start, today),
        Kind::Free(free_kind) => {
            let hosting = pick_hosting(&mut random, app, start);
            free::story(free_kind, &mut random, setup, hosting, start, today)
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Paid,
    Free(free::Kind),
}

const KINDS: [(u64, Kind); 8] = [
    (570, Kind::Paid),
    (325, Kind::Free(free::Kind::Evaluation)),
    (28, Kind::Free(free::Kind::Community)),
    (26, Kind::Free(free::Kind::OpenSource)),
    (10, Kind::Free(free::Kind::Demonstration)),
    (6, Kind::Free(free::Kind::Internal)),
    (10, Kind::Free(free::Kind::Free)),
    (25, Kind::Free(free::Kind::Sandbox)),
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

/// Server was sold until the start of 2021; Data Center becomes rarer.
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

/// How many users a new customer starts with: mostly a small team.
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

fn neighbour(tier: u32, larger: bool) -> u32 {
    let at = STEPS.partition_point(|step| *step < tier);
    let at = if larger { at + 1 } else { at.saturating_sub(1) };
    STEPS.get(at).copied().unwrap_or(tier)
}

/// A license that is paid for.
fn paid(random: &mut Random, mut setup: Setup, start: NaiveDate, today: NaiveDate) -> Story {
    let hosting = pick_hosting(random, setup.app, start);
    setup.license_type = pick_license_type(random);
    let monthly = hosting == Hosting::Cloud && random.chance(PRODUCTS[setup.app].monthly);
    let users = pick_users(random);
    let mut story = if monthly {
        setup.billing = Billing::Monthly;
        // Every month has a twenty-eighth.
        let start = start.with_day(start.day().min(28)).unwrap_or(start);
        let mut course = Course::begin(setup, hosting, start, Tier::Users(users));
        try_first(random, &mut course);
        live_monthly(random, course, today)
    } else {
        let course_tier = Tier::Users(step_for(users));
        let mut course = Course::begin(setup, hosting, start, course_tier);
        try_first(random, &mut course);
        live_annual(random, course, today, None)
    };
    if hosting == Hosting::Cloud && random.chance(12) {
        set_boundary(&mut story, random.weighted(&BOUNDARIES, "commercial"));
    }
    if random.chance(30) {
        for sale in &mut story.sales {
            sale.hidden = Hidden::ManualInvoice;
        }
    }
    story
}

const BOUNDARIES: [(u64, &str); 2] = [(3, "fedramp_moderate"), (1, "isolated_cloud")];

fn set_boundary(story: &mut Story, boundary: &'static str) {
    if let Some(row) = &mut story.row {
        row.boundary = boundary;
    }
}

/// Most buyers try first, for as long as it takes.
fn try_first(random: &mut Random, course: &mut Course) {
    if random.chance(700) {
        course.after_evaluation(random.days(3, 30));
    }
}

/// How probable it is, in thousandths, that a customer does not renew: more after a rise of prices, less for old and for large ones.
fn leaving(app: usize, at: NaiveDate, age_years: i64, tier: Tier, by_the_month: bool) -> u64 {
    let since_rise = (at.month() + 12 - PRODUCTS[app].price_month) % 12;
    let base = if by_the_month { 15 } else { 150 };
    let priced = if since_rise < 2 { base * 8 / 5 } else { base };
    let settled = priced * 10 / (10 + 2 * u64::try_from(age_years).unwrap_or(0));
    match tier.users() {
        0..=24 => settled,
        25..=99 => settled * 3 / 4,
        _ => settled / 3,
    }
}

/// Month after month until today, until it ends, or until the end and a new beginning.
pub(crate) fn live_monthly(random: &mut Random, mut course: Course, today: NaiveDate) -> Story {
    let app = course.app();
    let first = course.start;
    while course.end <= today {
        let at = course.end;
        let age_years = (at - first).num_days() / 365;
        if random.chance(leaving(app, at, age_years, course.tier, true)) {
            let back = day::plus(at, random.days(18, 140));
            if random.chance(170) && back <= today {
                course.resume(back.with_day(back.day().min(28)).unwrap_or(back));
                continue;
            }
            return course.tell(today, "cancelled");
        }
        let users = course.tier.users();
        let part = (users / 14).max(1);
        let (more, fewer) = (random.chance(150), random.chance(38));
        let next = if more {
            users + random.between(1, part + 1)
        } else if fewer && users > 2 {
            users - random.between(1, part).min(users - 1)
        } else {
            users
        };
        if next > users && course.start >= added_users_from() {
            course.bill_added(spread(random, next - users, course.start, at));
        }
        course.renew(at, Tier::Users(next));
    }
    if random.chance(12) {
        // It was cancelled and runs to its end.
        return course.tell(today, "cancelled");
    }
    if random.chance(60) {
        course.edited(day::plus(course.start, random.days(1, 20)));
    }
    course.tell(today, "active")
}

/// Spreads users over days between `start` and `end`, in no order.
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

/// Year after year until today, until it ends, or until `leaves_on`, when it moves away.
pub(crate) fn live_annual(
    random: &mut Random,
    mut course: Course,
    today: NaiveDate,
    leaves_on: Option<NaiveDate>,
) -> Story {
    let app = course.app();
    let first = course.start;
    loop {
        let age_years = (course.end - first).num_days() / 365;
        if let Some(day) = leaves_on.filter(|day| *day < course.end) {
            let day = day.max(course.covering_from());
            course.refund_rest(day);
            return course.tell(today, "inactive");
        }
        change_in_term(random, &mut course, today);
        if refund(random, &mut course, today) {
            return course.tell(today, "cancelled");
        }

        let at = course.end;
        let over = course.hosting == Hosting::Server && at >= server_end();
        let chance = if over {
            350
        } else {
            leaving(app, at, age_years, course.tier, false)
        };
        if random.chance(chance) && leaves_on.is_none() {
            if at > today {
                return course.tell(today, "active");
            }
            let back = day::plus(at, random.days(18, 220));
            if !over && random.chance(130) && back <= today {
                course.resume(back);
                continue;
            }
            return course.tell(today, "inactive");
        }
        // Renewals come up to three weeks early; a few are listed some days late.
        let sold = day::plus(at, 4 - random.days(0, 24));
        if sold > today {
            return course.tell(today, "active");
        }
        let moves = course.hosting == Hosting::Server && at >= day::plus(server_end(), -1080);
        if over || (moves && random.chance(250)) {
            course.move_to(Hosting::DataCenter, sold);
        } else {
            let next = next_step(random, course.tier);
            course.renew(sold, next);
        }
    }
}

/// Now and then money is given back: for the rest of a term, or for all of the first within four weeks.
fn refund(random: &mut Random, course: &mut Course, today: NaiveDate) -> bool {
    let (rest, all) = (random.chance(9), random.chance(6));
    let day = day::plus(course.covering_from(), random.days(3, 28));
    if !(rest || all) || day > today || day >= course.end {
        return false;
    }
    if all && course.sales.len() == 1 {
        course.refund_all(day);
    } else {
        course.refund_rest(day);
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

/// Some customers need more (a few need less) before their year is over.
fn change_in_term(random: &mut Random, course: &mut Course, today: NaiveDate) {
    let Tier::Users(users) = course.tier else {
        return;
    };
    let more = random.chance(if users < 50 { 60 } else { 15 });
    let fewer = course.hosting == Hosting::Cloud && random.chance(14);
    if !more && !fewer {
        return;
    }
    let day = day::plus(course.start, random.days(30, 320));
    let tier = neighbour(users, more);
    if day <= today && tier != users {
        course.change(day, Tier::Users(tier));
    }
}

/// One of a pair: the license on premises up to the day of its move, or the one in the cloud from then on.
fn migration(seed: u64, number: u32, calendar: &Calendar) -> Story {
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
    if number % 16 == PAIR[0] {
        let course = Course::begin(setup, on_premises, start, Tier::Users(step_for(users)));
        return live_annual(random, course, today, Some(moved));
    }
    let mut story = if random.chance(250) {
        setup.billing = Billing::Monthly;
        let course = Course::begin(setup, Hosting::Cloud, moved, Tier::Users(users));
        live_monthly(random, course, today)
    } else {
        let tier = Tier::Users(step_for(users));
        let course = Course::begin(setup, Hosting::Cloud, moved, tier);
        live_annual(random, course, today, None)
    };
    if let Some(row) = &mut story.row {
        row.migrated_from = Some(number - 1);
    }
    story
}

/// How many sales the licenses that are there for load have, in turn: seven for each five.
pub(crate) const LOAD_SALES: [u32; 5] = [1, 2, 1, 2, 1];

/// Returns the first day on which a license that is there for load was sold.
pub(crate) fn load_first(today: NaiveDate) -> NaiveDate {
    day::plus(today, -720)
}

/// A license that is only there to be many: one row, and as many sales as its turn says.
fn load(random: &mut Random, setup: Setup, today: NaiveDate) -> Story {
    let renewed = LOAD_SALES[(setup.number - LOAD_FROM) as usize % LOAD_SALES.len()] == 2;
    let age = if renewed {
        random.days(366, 720)
    } else {
        random.days(0, 420)
    };
    let start = day::plus(today, -age);
    let hosting = pick_hosting(random, setup.app, start);
    let tier = Tier::Users(step_for(pick_users(random)));
    let mut course = Course::begin(setup, hosting, start, tier);
    if renewed {
        let next = next_step(random, tier);
        course.renew(course.end, next);
    }
    let status = if course.end > today {
        "active"
    } else {
        "inactive"
    };
    course.tell(today, status)
}
