//! The sample vendor: a dozen apps, eight years of licenses and sales, the same for the same seed and day.
//!
//! Nothing is stored: a license and its sales are generated from its number for each request,
//! so a million licenses take no more memory than ten. Only the changes of later days are stored.

mod calendar;
mod catalog;
mod change;
mod customer;
mod edge_cases;
mod guaranteed;
mod history;
mod history_builder;
mod json;
mod random;
mod render;
mod revisions;
mod typical;
mod unpaid;

use std::sync::Arc;

use chrono::NaiveDate;

use crate::changes::{Changes, NextDay};
use crate::day;
use crate::row::{App, Dataset, List, Row, UnevenPlace, UniformPlaces, Usage};
use calendar::Calendar;
use change::{Change, Touched};
use history::LicenseHistory;
use render::{LicenseRecord, SaleRecord};
use revisions::{Licenses, Revisions};

/// Usage is counted for this many licenses and extrapolated to the others.
const COUNTED: u32 = 20_000;

/// The sample vendor.
#[derive(Clone)]
pub(crate) struct Sample {
    /// The number of licenses on the first day.
    licenses: u32,
    seed: u64,
    /// The calendar of the first day.
    calendar: Arc<Calendar>,
    apps: Vec<App>,
    revisions: Revisions,
}

impl Sample {
    /// Creates the vendor with `licenses` licenses as of `today`.
    pub(crate) fn new(licenses: u32, seed: u64, today: NaiveDate) -> Self {
        Self {
            licenses,
            seed,
            calendar: Arc::new(Calendar::new(today)),
            apps: catalog::apps(),
            revisions: Revisions::default(),
        }
    }

    /// Returns the vendor as it is a day later.
    pub(crate) fn after(&self, changes: Changes) -> (Self, NextDay) {
        let mut next = self.clone();
        let first = (self.seed, self.calendar.today());
        let count = changes.count(self.licenses);
        let day = next.revisions.step(self, first, count);
        next.revisions.uneven = [next.uneven(List::Licenses), next.uneven(List::Transactions)];
        (next, day)
    }

    /// Returns the history of a license as it is after all changes so far.
    fn history(&self, number: u32) -> LicenseHistory {
        self.history_after(&self.revisions, number)
    }

    fn history_after(&self, revisions: &Revisions, number: u32) -> LicenseHistory {
        let added = number
            .checked_sub(self.licenses)
            .and_then(|at| revisions.added.get(at as usize));
        let mut history = match added {
            Some(added) => {
                let days = (added.updated, added.listed);
                typical::added(self.seed, number, days, added.sold)
            }
            None => self.first_history(number),
        };
        for change in revisions.changes.get(&number).into_iter().flatten() {
            // A change that was recorded suits the license.
            let _touched = change.apply(&mut history);
        }
        history
    }

    fn first_history(&self, number: u32) -> LicenseHistory {
        let today = self.calendar.today();
        if number < guaranteed::COUNT {
            guaranteed::history(self.seed, number, today)
        } else if number < guaranteed::COUNT + edge_cases::COUNT {
            edge_cases::history(self.seed, number, guaranteed::COUNT, &self.calendar)
        } else {
            typical::history(self.seed, number, &self.calendar)
        }
    }

    /// Returns the places among the uniform ones that no longer have the number of rows of the pattern.
    fn uneven(&self, list: List) -> Arc<[UnevenPlace]> {
        let pattern = pattern(list);
        let mut surplus = 0;
        let mut uneven = Vec::new();
        for place in self.revisions.places(self.licenses, typical::BULK_FROM) {
            let mut rows = 0_u32;
            self.visit(list, place, &mut |_| rows += 1);
            let usual = pattern[(place - typical::BULK_FROM) as usize % pattern.len()];
            if rows != usual {
                surplus += i64::from(rows) - i64::from(usual);
                uneven.push(UnevenPlace {
                    place,
                    rows,
                    surplus,
                });
            }
        }
        uneven.into()
    }

    fn today(&self) -> NaiveDate {
        day::plus(self.calendar.today(), i64::from(self.revisions.count))
    }
}

/// Returns the number of rows of uniform places, as a repeating pattern.
fn pattern(list: List) -> &'static [u32] {
    match list {
        List::Licenses => &[1],
        List::Transactions => &typical::BULK_SALES,
    }
}

impl Licenses for Sample {
    fn first_count(&self) -> u32 {
        self.licenses
    }

    fn is_fixed(&self, number: u32) -> bool {
        (guaranteed::COUNT..guaranteed::COUNT + edge_cases::COUNT).contains(&number)
    }

    fn apply(&self, revisions: &Revisions, number: u32, change: Change) -> Option<Touched> {
        change.apply(&mut self.history_after(revisions, number))
    }
}

impl Dataset for Sample {
    fn apps(&self) -> &[App] {
        &self.apps
    }

    fn places(&self, _list: List) -> u32 {
        let added = u32::try_from(self.revisions.added.len()).unwrap_or(u32::MAX);
        self.licenses.saturating_add(added)
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
                let listed = history.sales.iter().enumerate();
                for (number, sale) in listed.filter(|(_, sale)| sale.listed) {
                    each(&SaleRecord::new(self.seed, &history, number, sale));
                }
            }
        }
    }

    fn uniform(&self, list: List) -> Option<UniformPlaces> {
        Some(UniformPlaces {
            first_place: typical::BULK_FROM,
            rows: pattern(list),
            uneven: Arc::clone(&self.revisions.uneven[list as usize]),
            from: typical::bulk_first_day(self.calendar.today()),
            to: self.today(),
        })
    }

    fn may_have_changed(&self, _list: List, place: u32, day: NaiveDate) -> bool {
        if place < typical::BULK_FROM
            || place >= self.licenses
            || self.revisions.changes.contains_key(&place)
        {
            return true;
        }
        let days = (self.calendar.today() - day).num_days();
        typical::bulk_may_have_changed(self.seed, place, days)
    }

    fn next_day(&self, changes: Changes) -> Option<(Arc<dyn Dataset>, NextDay)> {
        let (next, day) = self.after(changes);
        Some((Arc::new(next), day))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Insights;

    /// FNV-1a, which is enough to notice a changed byte.
    fn digest(text: &str) -> u64 {
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    #[test]
    fn the_first_day_has_the_bytes_that_it_always_had() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let sample = Sample::new(21_000, 1, today);
        let places = (0..1_000).chain(19_900..20_400);
        let digests = [List::Licenses, List::Transactions].map(|list| {
            let mut text = String::new();
            for place in places.clone() {
                let write = &mut |row: &dyn Row| row.write(Insights::Included, &mut text);
                sample.visit(list, place, write);
            }
            digest(&text)
        });
        assert_eq!(digests, [0x5d3c_a594_b987_ceee, 0x03ec_6909_a656_fc19]);
    }
}
