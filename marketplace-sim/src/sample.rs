//! The sample vendor: a dozen apps, eight years of licenses and sales, the same for the same seed and day.
//!
//! Nothing of it is kept: a license and its sales are told anew from its number whenever they are asked for,
//! so a million licenses take no more memory than ten.

mod calendar;
mod catalog;
mod course;
mod customer;
mod free;
mod json;
mod life;
mod oddity;
mod random;
mod render;
mod script;
mod story;

use chrono::NaiveDate;

use crate::row::{App, Dataset, List, Row, Uniform, Usage};
use calendar::Calendar;
use render::{LicenseOf, SaleOf};
use story::Story;

/// Usage is counted of so many licenses and scaled up for the others.
const COUNTED: u32 = 20_000;

/// The sample vendor.
pub(crate) struct Sample {
    licenses: u32,
    seed: u64,
    calendar: Calendar,
    apps: Vec<App>,
}

impl Sample {
    /// Creates the vendor with `licenses` licenses as it stands on `today`.
    pub(crate) fn new(licenses: u32, seed: u64, today: NaiveDate) -> Self {
        Self {
            licenses,
            seed,
            calendar: Calendar::new(today),
            apps: catalog::apps(),
        }
    }

    fn story(&self, number: u32) -> Story {
        let today = self.calendar.today();
        if number < script::COUNT {
            script::story(self.seed, number, today)
        } else if number < script::COUNT + oddity::COUNT {
            oddity::story(self.seed, number, script::COUNT, &self.calendar)
        } else {
            life::story(self.seed, number, &self.calendar)
        }
    }
}

impl Dataset for Sample {
    fn apps(&self) -> &[App] {
        &self.apps
    }

    fn places(&self, _list: List) -> u32 {
        self.licenses
    }

    fn visit(&self, list: List, place: u32, each: &mut dyn FnMut(&dyn Row)) {
        let story = self.story(place);
        match list {
            List::Licenses => {
                if let Some(row) = LicenseOf::new(self.seed, &story) {
                    each(&row);
                }
            }
            List::Transactions => {
                for (number, sale) in story.sales.iter().enumerate() {
                    each(&SaleOf::new(self.seed, &story, number, sale));
                }
            }
        }
    }

    fn uniform(&self, list: List) -> Option<Uniform> {
        let today = self.calendar.today();
        Some(Uniform {
            first_place: life::LOAD_FROM,
            rows: match list {
                List::Licenses => &[1],
                List::Transactions => &life::LOAD_SALES,
            },
            from: life::load_first(today),
            to: today,
        })
    }

    fn usage(&self, days: &[NaiveDate]) -> Vec<Vec<Usage>> {
        let mut usage = vec![vec![Usage::default(); days.len()]; self.apps.len()];
        let counted = self.licenses.min(COUNTED);
        for number in 0..counted {
            let story = self.story(number);
            for (at, day) in days.iter().enumerate() {
                let users = u64::from(story.users_on(*day));
                if users > 0 {
                    let sum = &mut usage[story.app][at];
                    sum.users += users;
                    sum.installs += 1;
                }
            }
        }
        for (app, row) in usage.iter_mut().enumerate() {
            for (sum, day) in row.iter_mut().zip(days) {
                *sum = reported(*sum, app, *day, (self.licenses, counted));
            }
        }
        usage
    }
}

/// Turns what was sold into what instances report: more people than are paid for have an account, a few instances report nothing,
/// and no two weeks are alike.
fn reported(sold: Usage, app: usize, day: NaiveDate, (all, counted): (u32, u32)) -> Usage {
    use chrono::Datelike;
    let noise = random::Random::new(
        app as u64,
        10,
        u64::from(day.num_days_from_ce().unsigned_abs()),
    )
    .below(3);
    let scaled = |value: u64| value * u64::from(all) / u64::from(counted.max(1));
    Usage {
        users: scaled(sold.users) * (1138 + noise) / 1000,
        installs: scaled(sold.installs) * 96 / 100,
    }
}
