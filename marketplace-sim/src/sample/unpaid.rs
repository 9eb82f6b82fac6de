//! Licenses that bring no money, and that are left out of a count of users unless somebody asks for them.

use chrono::NaiveDate;

use crate::day;
use crate::row::Hidden;
use crate::sample::course::{Course, Setup};
use crate::sample::random::Random;
use crate::sample::story::{Billing, Hosting, Ids, LicenseRow, Story, Tier};

/// A kind of license that brings no money.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Evaluation,
    Community,
    OpenSource,
    Demonstration,
    Internal,
    Free,
    Sandbox,
}

/// Tells the story of such a license that began on `start`.
pub(crate) fn story(
    kind: Kind,
    random: &mut Random,
    mut setup: Setup,
    hosting: Hosting,
    start: NaiveDate,
    today: NaiveDate,
) -> Story {
    match kind {
        Kind::Evaluation => evaluation(random, setup, hosting, start, today),
        Kind::Community => {
            setup.license_type = "COMMUNITY";
            given(random, setup, hosting, start, today)
        }
        Kind::OpenSource => {
            setup.license_type = "OPEN_SOURCE";
            given(random, setup, hosting, start, today)
        }
        Kind::Demonstration => {
            let row = Short {
                license_type: "DEMONSTRATION",
                tier: Tier::Words("Demonstration License"),
                months: 12,
            };
            short(setup, hosting, start, today, row)
        }
        Kind::Internal => {
            let row = Short {
                license_type: "INTERNAL USE",
                tier: Tier::Users(random.between(10, 50)),
                months: 12,
            };
            short(setup, hosting, start, today, row)
        }
        Kind::Free => free(random, setup, hosting, start, today),
        Kind::Sandbox => sandbox(random, setup, start, today),
    }
}

/// A license row alone.
struct Short {
    license_type: &'static str,
    tier: Tier,
    months: i32,
}

fn short(setup: Setup, hosting: Hosting, start: NaiveDate, today: NaiveDate, row: Short) -> Story {
    let end = day::plus_months(start, row.months);
    let (status, updated) = if end > today {
        ("active", start)
    } else {
        ("inactive", end)
    };
    Story {
        number: setup.number,
        app: setup.app,
        customer: setup.customer,
        ids: if hosting == Hosting::Cloud {
            Ids::Entitlement
        } else {
            Ids::License
        },
        other_license_id: None,
        row: Some(LicenseRow {
            license_type: Some(row.license_type),
            hosting,
            start,
            end: Some(end),
            status,
            tier: Some(row.tier),
            updated,
            billing: setup.billing,
            sandbox: false,
            opportunity: None,
            evaluated: None,
            boundary: "commercial",
            migrated_from: None,
            hidden: Hidden::No,
        }),
        sales: Vec::new(),
    }
}

/// A trial of thirty days that led to nothing, or has not yet.
fn evaluation(
    random: &mut Random,
    setup: Setup,
    hosting: Hosting,
    start: NaiveDate,
    today: NaiveDate,
) -> Story {
    let row = Short {
        license_type: "EVALUATION",
        tier: Tier::Evaluation,
        months: 1,
    };
    let mut story = short(setup, hosting, start, today, row);
    if let Some(row) = &mut story.row {
        let host = [
            (70, Tier::Users(random.between(5, 250))),
            (15, Tier::Words("Unknown")),
            (10, Tier::Words("NA")),
            (5, Tier::Unlimited),
        ];
        row.opportunity = Some(random.weighted(&host, Tier::Words("NA")));
    }
    story
}

/// Community and open source: renewed each year, since 2023 with a sale of nothing.
fn given(
    random: &mut Random,
    setup: Setup,
    hosting: Hosting,
    start: NaiveDate,
    today: NaiveDate,
) -> Story {
    let tier = Tier::Users(random.weighted(&[(3, 25), (2, 50), (2, 100), (1, 250)], 25));
    let mut course = Course::begin(setup, hosting, start, tier);
    let listed_from = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap_or_default();
    let mut status = "active";
    while course.end <= today {
        if random.chance(120) {
            status = "inactive";
            break;
        }
        let at = course.end;
        course.renew(at, tier);
    }
    course.sales.retain(|sale| sale.sold >= listed_from);
    course.tell(today, status)
}

fn free(
    random: &mut Random,
    setup: Setup,
    hosting: Hosting,
    start: NaiveDate,
    today: NaiveDate,
) -> Story {
    let license_type = random.weighted(
        &[(4, "FREE"), (2, "LEGACY_FREE"), (1, "FOUNDATION_FREE")],
        "FREE",
    );
    let row = Short {
        license_type,
        tier: Tier::Users(10),
        months: 24,
    };
    let mut story = short(setup, hosting, start, today, row);
    if let Some(row) = story.row.as_mut().filter(|_| license_type == "FREE")
        && random.chance(500)
    {
        row.hidden = Hidden::LifetimeFree;
        row.end = None;
        row.status = "active";
        row.updated = start;
    }
    story
}

/// A copy of a site for tests: its size moves all the time, and nobody pays for it.
fn sandbox(random: &mut Random, mut setup: Setup, start: NaiveDate, today: NaiveDate) -> Story {
    setup.billing = Billing::Monthly;
    let first = start.max(day::plus(today, -400));
    let mut users = random.between(5, 60);
    let mut course = Course::begin(setup, Hosting::Cloud, first, Tier::Users(users));
    let mut status = "active";
    while course.end <= today {
        if random.chance(40) {
            status = "cancelled";
            break;
        }
        users = random.between(users / 2 + 1, users + 10);
        let at = course.end;
        course.renew(at, Tier::Users(users));
    }
    for sale in &mut course.sales {
        sale.cents = 0;
    }
    let mut story = course.tell(today, status);
    if let Some(row) = &mut story.row {
        row.sandbox = true;
    }
    story
}
