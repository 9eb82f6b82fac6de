//! Licenses of the largest app that make sure of something: in each of the last twelve months, and in the current one,
//! somebody comes, comes back, grows, shrinks and leaves.

use chrono::{Datelike, NaiveDate};

use crate::day;
use crate::sample::course::{Course, Setup};
use crate::sample::life;
use crate::sample::random::Random;
use crate::sample::story::{Billing, Hosting, Story, Tier};

/// What happens in a month, each to a license of its own.
const EVENTS: [Event; 5] = [
    Event::Comes,
    Event::ComesBack,
    Event::Grows,
    Event::Shrinks,
    Event::Leaves,
];

/// The current month and the twelve before it.
const MONTHS: u32 = 13;

/// How many licenses are scripted.
pub(crate) const COUNT: u32 = MONTHS * 5;

/// What happens to a license.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Event {
    Comes,
    ComesBack,
    Grows,
    Shrinks,
    Leaves,
}

/// Tells the story of the scripted license with this number, which is below [`COUNT`].
pub(crate) fn story(seed: u64, number: u32, today: NaiveDate) -> Story {
    let random = &mut Random::new(seed, 4, u64::from(number));
    let months_ago = number / 5;
    let event = EVENTS[(number % 5) as usize];
    let setup = Setup {
        number,
        app: 0,
        customer: random.next(),
        billing: Billing::Monthly,
        license_type: "COMMERCIAL",
    };
    let day = day_in_month(random, months_ago, today);
    match event {
        Event::Comes => comes(random, setup, day, today),
        Event::ComesBack => comes_back(random, setup, day, today),
        Event::Grows => grows(random, setup, day, today),
        Event::Shrinks => shrinks(random, setup, day, today),
        Event::Leaves => leaves(random, setup, day, months_ago, today),
    }
}

/// Returns a day of the month that is not after today nor more than a year ago, and not after the twenty-eighth.
fn day_in_month(random: &mut Random, months_ago: u32, today: NaiveDate) -> NaiveDate {
    let month = day::plus_months(today, -months_ago.cast_signed());
    let first = month.with_day(1).unwrap_or(month);
    let last = day::plus(first, 27).min(today);
    let year_ago = day::plus(day::plus_months(today, -12), 1);
    let first = first.max(year_ago).min(last);
    let span = u32::try_from((last - first).num_days()).unwrap_or(0);
    day::plus(first, random.days(0, span))
}

/// Pays month after month, without a change, while the next month begins before `until`.
fn pay_until(course: &mut Course, until: NaiveDate) {
    let tier = course.tier;
    while course.end < until {
        let at = course.end;
        course.renew(at, tier);
    }
}

fn comes(random: &mut Random, setup: Setup, day: NaiveDate, today: NaiveDate) -> Story {
    let users = Tier::Users(random.between(6, 22));
    let mut course = Course::begin(setup, Hosting::Cloud, day, users);
    course.after_evaluation(random.days(5, 29));
    pay_until(&mut course, day::plus(today, 1));
    course.tell(today, "active")
}

fn comes_back(random: &mut Random, setup: Setup, day: NaiveDate, today: NaiveDate) -> Story {
    let users = Tier::Users(random.between(5, 18));
    let earlier = random.between(3, 9).cast_signed();
    let mut course = Course::begin(
        setup,
        Hosting::Cloud,
        day::plus_months(day, -earlier),
        users,
    );
    let left = day::plus_months(day, -random.between(1, 2).cast_signed());
    pay_until(&mut course, left);
    course.resume(day);
    pay_until(&mut course, day::plus(today, 1));
    course.tell(today, "active")
}

/// An upgrade in the middle of a year, with the refund that it causes.
fn grows(random: &mut Random, mut setup: Setup, day: NaiveDate, today: NaiveDate) -> Story {
    setup.billing = Billing::Annual;
    let hosting = random.weighted(
        &[(2, Hosting::Cloud), (1, Hosting::DataCenter)],
        Hosting::Cloud,
    );
    let start = day::plus(day, -random.days(40, 300));
    let mut course = Course::begin(setup, hosting, start, Tier::Users(10));
    course.change(day, Tier::Users(25));
    while course.end <= today {
        let at = course.end;
        course.renew(at, Tier::Users(25));
    }
    course.tell(today, "active")
}

/// Fewer users from the next month on, or in the middle of a year.
fn shrinks(random: &mut Random, mut setup: Setup, day: NaiveDate, today: NaiveDate) -> Story {
    if random.chance(350) {
        setup.billing = Billing::Annual;
        let start = day::plus(day, -random.days(40, 300));
        let mut course = Course::begin(setup, Hosting::Cloud, start, Tier::Users(25));
        course.change(day, Tier::Users(10));
        return life::live_annual(random, course, today, None);
    }
    let users = random.between(9, 30);
    let earlier = random.between(3, 14).cast_signed();
    let start = day::plus_months(day, -earlier);
    let mut course = Course::begin(setup, Hosting::Cloud, start, Tier::Users(users));
    pay_until(&mut course, day);
    course.renew(day, Tier::Users(users - random.between(1, 4)));
    pay_until(&mut course, day::plus(today, 1));
    course.tell(today, "active")
}

/// Not renewed, or refunded: the rest of a year, or all of it.
fn leaves(
    random: &mut Random,
    mut setup: Setup,
    day: NaiveDate,
    months_ago: u32,
    today: NaiveDate,
) -> Story {
    let users = Tier::Users(random.between(5, 16));
    match months_ago % 6 {
        2 => {
            setup.billing = Billing::Annual;
            let start = day::plus(day, -random.days(60, 300));
            let mut course = Course::begin(setup, Hosting::DataCenter, start, Tier::Users(10));
            course.refund_rest(day);
            course.tell(today, "cancelled")
        }
        4 => {
            setup.billing = Billing::Annual;
            let start = day::plus(day, -random.days(4, 25));
            let mut course = Course::begin(setup, Hosting::Cloud, start, Tier::Users(10));
            course.refund_all(day);
            course.tell(today, "cancelled")
        }
        _ => {
            let earlier = random.between(4, 20).cast_signed();
            let mut course = Course::begin(
                setup,
                Hosting::Cloud,
                day::plus_months(day, -earlier),
                users,
            );
            pay_until(&mut course, day);
            course.tell(today, "cancelled")
        }
    }
}
