//! Licenses of the largest app that are out of the ordinary: each shows one thing that real lists hold now and then.

use chrono::NaiveDate;

use crate::day;
use crate::row::Hidden;
use crate::sample::calendar::Calendar;
use crate::sample::course::{Course, Setup};
use crate::sample::customer;
use crate::sample::free;
use crate::sample::random::Random;
use crate::sample::story::{Billing, Hosting, Ids, Sale, SaleType, Story, Tier};

/// What is odd about a license.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Oddity {
    /// A customer from the first days, with a license for any number of users.
    Unlimited,
    /// Neither row nor sale carries an id.
    NoId,
    /// A refund of something that was never sold.
    RefundWithoutSale,
    /// The list says more users than were sold.
    Unexplained,
    /// Sales of a license that the list does not hold.
    SalesOnly,
    /// Its year ended some days ago, and it is not renewed yet.
    LateRenewal,
    /// One of two rows of one license, both valid.
    Merged,
    /// One of two rows of one license, the older of them out of date.
    Superseded,
    /// A tier that is only a word.
    WordyTier,
    /// A tier that is a range.
    RangeTier,
    /// A type that nobody has heard of.
    UnknownType,
    /// No type at all.
    MissingType,
    /// A subscription of which no list knows the size.
    Subscription,
    /// A license that brings no money.
    Free(free::Kind),
    /// One that is free for its lifetime.
    LifetimeFree,
    /// One of Atlassian itself.
    Atlassian,
    /// In a boundary that an ordinary request does not see.
    Boundary(&'static str),
    /// Paid by manual invoice.
    ManualInvoice,
    /// Cancelled, and running to its end.
    Cancelled,
    /// A renewal of no days among its sales.
    ZeroDays,
    /// It ended before July 2018.
    Ancient,
    /// A customer whose name needs care.
    SpecialName,
    /// A sale that is sold by the month and has grown by single users since 2026.
    AddedUsers,
    /// A community license for any number of users.
    UnlimitedCommunity,
}

const ODDITIES: [Oddity; 52] = [
    Oddity::Unlimited,
    Oddity::NoId,
    Oddity::RefundWithoutSale,
    Oddity::Unexplained,
    Oddity::Unexplained,
    Oddity::SalesOnly,
    Oddity::SalesOnly,
    Oddity::LateRenewal,
    Oddity::LateRenewal,
    Oddity::Merged,
    Oddity::Merged,
    Oddity::Superseded,
    Oddity::Superseded,
    Oddity::WordyTier,
    Oddity::RangeTier,
    Oddity::UnknownType,
    Oddity::MissingType,
    Oddity::Subscription,
    Oddity::Free(free::Kind::Evaluation),
    Oddity::Free(free::Kind::Evaluation),
    Oddity::Free(free::Kind::Evaluation),
    Oddity::Free(free::Kind::Community),
    Oddity::Free(free::Kind::OpenSource),
    Oddity::Free(free::Kind::Demonstration),
    Oddity::Free(free::Kind::Internal),
    Oddity::Free(free::Kind::Sandbox),
    Oddity::Free(free::Kind::Sandbox),
    Oddity::LifetimeFree,
    Oddity::LifetimeFree,
    Oddity::Atlassian,
    Oddity::Atlassian,
    Oddity::Boundary("fedramp_moderate"),
    Oddity::Boundary("isolated_cloud"),
    Oddity::ManualInvoice,
    Oddity::Cancelled,
    Oddity::Cancelled,
    Oddity::ZeroDays,
    Oddity::Ancient,
    Oddity::Ancient,
    Oddity::Ancient,
    Oddity::Ancient,
    Oddity::Ancient,
    Oddity::SpecialName,
    Oddity::AddedUsers,
    Oddity::AddedUsers,
    Oddity::AddedUsers,
    Oddity::AddedUsers,
    Oddity::UnlimitedCommunity,
    Oddity::Free(free::Kind::Free),
    Oddity::Free(free::Kind::Free),
    Oddity::Free(free::Kind::Free),
    Oddity::Free(free::Kind::Free),
];

/// How many odd licenses there are.
pub(crate) const COUNT: u32 = ODDITIES.len() as u32;

/// Tells the story of the odd license with this number, of which the first is `first`.
pub(crate) fn story(seed: u64, number: u32, first: u32, calendar: &Calendar) -> Story {
    let random = &mut Random::new(seed, 5, u64::from(number));
    let oddity = ODDITIES[(number - first) as usize];
    let setup = Setup {
        number,
        app: 0,
        customer: random.next(),
        billing: Billing::Annual,
        license_type: "COMMERCIAL",
    };
    Teller {
        random,
        setup,
        calendar,
        today: calendar.today(),
    }
    .tell(oddity)
}

/// Tells one odd story.
struct Teller<'a> {
    random: &'a mut Random,
    setup: Setup,
    calendar: &'a Calendar,
    today: NaiveDate,
}

impl Teller<'_> {
    fn tell(mut self, oddity: Oddity) -> Story {
        match oddity {
            Oddity::Unlimited => self.unlimited(),
            Oddity::NoId => {
                let mut story = self.subscriber(10, 100);
                story.ids = Ids::None;
                story.sales.clear();
                story
            }
            Oddity::RefundWithoutSale => self.refund_without_sale(),
            Oddity::Unexplained => self.unexplained(),
            Oddity::SalesOnly => {
                let mut story = self.subscriber(10, 200);
                story.row = None;
                story
            }
            Oddity::LateRenewal => self.late_renewal(),
            Oddity::Merged => self.merged(),
            Oddity::Superseded => self.superseded(),
            Oddity::WordyTier => self.with_row(|row| row.tier = Some(Tier::Words("Enterprise"))),
            Oddity::RangeTier => {
                self.with_row_only(|row| row.tier = Some(Tier::Words("11-25 Users")))
            }
            Oddity::UnknownType => {
                self.setup.license_type = "PARTNER_NETWORK";
                self.subscriber(10, 150)
            }
            Oddity::MissingType => self.with_row_only(|row| row.license_type = None),
            Oddity::Subscription => {
                self.with_row_only(|row| row.tier = Some(Tier::Words("Subscription")))
            }
            Oddity::Free(kind) => {
                let days = if kind == free::Kind::Evaluation {
                    25
                } else {
                    300
                };
                let start = self.days_ago(4, days);
                free::story(
                    kind,
                    self.random,
                    self.setup,
                    Hosting::Cloud,
                    start,
                    self.today,
                )
            }
            Oddity::LifetimeFree => {
                self.setup.license_type = "FREE";
                self.with_row_only(|row| {
                    row.hidden = Hidden::LifetimeFree;
                    row.end = None;
                })
            }
            Oddity::Atlassian => self.with_row_only(|row| row.hidden = Hidden::Atlassian),
            Oddity::Boundary(boundary) => self.with_row(|row| row.boundary = boundary),
            Oddity::ManualInvoice => {
                let mut story = self.subscriber(25, 250);
                for sale in &mut story.sales {
                    sale.hidden = Hidden::ManualInvoice;
                }
                story
            }
            Oddity::Cancelled => self.with_row(|row| row.status = "cancelled"),
            Oddity::ZeroDays => self.zero_days(),
            Oddity::Ancient => self.ancient(),
            Oddity::SpecialName => {
                self.setup.customer = customer::SPECIAL;
                self.subscriber(10, 60)
            }
            Oddity::AddedUsers => self.added_users(),
            Oddity::UnlimitedCommunity => {
                self.setup.license_type = "COMMUNITY";
                self.with_row_only(|row| row.tier = Some(Tier::Unlimited))
            }
        }
    }

    fn days_ago(&mut self, least: u32, most: u32) -> NaiveDate {
        day::plus(self.today, -self.random.days(least, most))
    }

    /// An ordinary subscriber by the year, who came at most `days` days ago.
    fn subscriber(&mut self, users: u32, days: u32) -> Story {
        let start = self.days_ago(days / 2, days);
        let course = Course::begin(self.setup, Hosting::Cloud, start, Tier::Users(users));
        course.tell(self.today, "active")
    }

    fn with_row(&mut self, change: impl FnOnce(&mut crate::sample::story::LicenseRow)) -> Story {
        let mut story = self.subscriber(25, 340);
        if let Some(row) = &mut story.row {
            change(row);
        }
        story
    }

    fn with_row_only(
        &mut self,
        change: impl FnOnce(&mut crate::sample::story::LicenseRow),
    ) -> Story {
        let mut story = self.with_row(change);
        story.sales.clear();
        story
    }

    /// Server at first, then Data Center, always renewed in time.
    fn unlimited(&mut self) -> Story {
        let start = self.calendar.first();
        let mut course = Course::begin(self.setup, Hosting::Server, start, Tier::Unlimited);
        let mut terms = 1;
        while course.end <= self.today {
            let sold = day::plus(course.end, -12);
            if terms == 3 {
                course.move_to(Hosting::DataCenter, sold);
            } else {
                course.renew(sold, Tier::Unlimited);
            }
            terms += 1;
        }
        course.tell(self.today, "active")
    }

    fn refund_without_sale(&mut self) -> Story {
        let mut story = self.subscriber(25, 300);
        let sold = self.days_ago(20, 90);
        if let Some(first) = story.sales.first().cloned() {
            story.sales.push(Sale {
                sale_type: SaleType::Refund,
                sold,
                start: sold,
                tier: Tier::Users(50),
                cents: -first.cents,
                ..first
            });
        }
        story
    }

    /// Sold for 25 users, listed with a few more since some weeks.
    fn unexplained(&mut self) -> Story {
        let updated = self.days_ago(9, 24);
        let more = self.random.between(2, 6);
        self.with_row(|row| {
            row.tier = Some(Tier::Users(25 + more));
            row.updated = updated;
        })
    }

    fn late_renewal(&mut self) -> Story {
        let ended = self.days_ago(2, 5);
        let start = day::plus_months(ended, -12);
        let tier = Tier::Users(self.random.weighted(&[(1, 10), (1, 25)], 25));
        let course = Course::begin(self.setup, Hosting::Cloud, start, tier);
        course.tell(self.today, "active")
    }

    /// Two neighbours tell of one entitlement; the second has a license id of its own.
    fn merged(&mut self) -> Story {
        let mut story = self.pair_story(25);
        let own = self.setup.number;
        let first = own.is_multiple_of(2);
        if !first {
            story.other_license_id = Some(own);
            story.sales.clear();
            if let Some(row) = &mut story.row {
                row.updated = day::plus(row.updated, -1);
            }
        }
        story.ids = Ids::All;
        story
    }

    /// Two neighbours tell of one license; the second tells how it was a year ago.
    fn superseded(&mut self) -> Story {
        let mut story = self.pair_story(10);
        if !self.setup.number.is_multiple_of(2) {
            story.sales.clear();
            if let Some(row) = &mut story.row {
                row.updated = day::plus(row.updated, -30);
                row.tier = Some(Tier::Evaluation);
                row.license_type = Some("EVALUATION");
                row.start = day::plus(row.start, -30);
                row.end = Some(day::plus(row.start, 30));
                row.status = "inactive";
            }
        }
        story
    }

    /// The same story for a number that is even and the one after it.
    fn pair_story(&mut self, users: u32) -> Story {
        let even = self.setup.number & !1;
        let random = &mut Random::new(u64::from(even), 6, 0);
        let mut setup = self.setup;
        setup.number = even;
        setup.customer = random.next();
        let start = day::plus(self.today, -random.days(60, 300));
        let course = Course::begin(setup, Hosting::Cloud, start, Tier::Users(users));
        course.tell(self.today, "active")
    }

    fn zero_days(&mut self) -> Story {
        let mut story = self.subscriber(10, 300);
        if let Some(first) = story.sales.first().cloned() {
            let day = day::plus(first.start, 30);
            story.sales.push(Sale {
                sale_type: SaleType::Renewal,
                sold: day,
                start: day,
                end: day,
                cents: 0,
                ..first
            });
        }
        story
    }

    /// A trial on Server from the time before insight fields.
    fn ancient(&mut self) -> Story {
        let last = NaiveDate::from_ymd_opt(2018, 5, 20).unwrap_or_default();
        let start = day::plus(last, -self.random.days(1, 300));
        free::story(
            free::Kind::Evaluation,
            self.random,
            self.setup,
            Hosting::Server,
            start,
            self.today,
        )
    }

    /// Grows by one to three users in each month since they are billed afterwards.
    fn added_users(&mut self) -> Story {
        self.setup.billing = Billing::Monthly;
        let billed_from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
        let day_of_month = self.random.days(1, 26);
        let month = day::plus_months(self.today, -14);
        let start = day::plus(
            day::plus(month, -i64::from(chrono::Datelike::day0(&month))),
            day_of_month,
        );
        let users = self.random.between(20, 40);
        let mut course = Course::begin(self.setup, Hosting::Cloud, start, Tier::Users(users));
        while course.end <= self.today {
            let at = course.end;
            let more = self.random.between(1, 3);
            let users = course.tier.users();
            if course.start < billed_from {
                course.renew(at, Tier::Users(users));
                continue;
            }
            let one = day::plus(course.start, self.random.days(2, 12));
            let other = day::plus(course.start, self.random.days(13, 26));
            course.bill_added(vec![(other, more), (one, 1)]);
            course.renew(at, Tier::Users(users + more + 1));
        }
        course.tell(self.today, "active")
    }
}
