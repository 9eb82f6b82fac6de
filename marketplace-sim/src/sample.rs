//! The sample vendor: a dozen apps, eight years of licenses and sales, the same for the same seed and day.
//!
//! Nothing is stored: a license and its sales are generated from its number for each request,
//! so a million licenses take no more memory than ten.

mod calendar;
mod catalog;
mod customer;
mod edge_cases;
mod guaranteed;
mod history;
mod history_builder;
mod json;
mod random;
mod render;
mod typical;
mod unpaid;

use chrono::NaiveDate;

use crate::row::{App, Dataset, List, Row, UniformPlaces, Usage};
use calendar::Calendar;
use history::LicenseHistory;
use render::{LicenseRecord, SaleRecord};

/// Usage is counted for this many licenses and extrapolated to the others.
const COUNTED: u32 = 20_000;

/// The sample vendor.
pub(crate) struct Sample {
    licenses: u32,
    seed: u64,
    calendar: Calendar,
    apps: Vec<App>,
}

impl Sample {
    /// Creates the vendor with `licenses` licenses as of `today`.
    pub(crate) fn new(licenses: u32, seed: u64, today: NaiveDate) -> Self {
        Self {
            licenses,
            seed,
            calendar: Calendar::new(today),
            apps: catalog::apps(),
        }
    }

    fn history(&self, number: u32) -> LicenseHistory {
        let today = self.calendar.today();
        if number < guaranteed::COUNT {
            guaranteed::history(self.seed, number, today)
        } else if number < guaranteed::COUNT + edge_cases::COUNT {
            edge_cases::history(self.seed, number, guaranteed::COUNT, &self.calendar)
        } else {
            typical::history(self.seed, number, &self.calendar)
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
        let history = self.history(place);
        match list {
            List::Licenses => {
                if let Some(row) = LicenseRecord::new(self.seed, &history) {
                    each(&row);
                }
            }
            List::Transactions => {
                for (number, sale) in history.sales.iter().enumerate() {
                    each(&SaleRecord::new(self.seed, &history, number, sale));
                }
            }
        }
    }

    fn uniform(&self, list: List) -> Option<UniformPlaces> {
        let today = self.calendar.today();
        Some(UniformPlaces {
            first_place: typical::BULK_FROM,
            rows: match list {
                List::Licenses => &[1],
                List::Transactions => &typical::BULK_SALES,
            },
            from: typical::bulk_first_day(today),
            to: today,
        })
    }

    fn usage(&self, days: &[NaiveDate]) -> Vec<Vec<Usage>> {
        let mut usage = vec![vec![Usage::default(); days.len()]; self.apps.len()];
        let counted = self.licenses.min(COUNTED);
        for number in 0..counted {
            let history = self.history(number);
            for (at, day) in days.iter().enumerate() {
                let users = u64::from(history.users_on(*day));
                if users > 0 {
                    let sum = &mut usage[history.app][at];
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

/// Derives what instances report from what was sold: they have more accounts than paid users, some of them report nothing,
/// and the figures vary from week to week.
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
