//! The report: the numbers of one period.

use super::bucket::Bucket;
use super::current_status::CurrentStatus;
use super::hosting::Hosting;
use super::ledger::Ledger;
use super::movement::{ByKind, Kind, Movement};
use super::period::Period;
use crate::day::Day;

/// The numbers of one app, or of all apps together, for one period.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// The period.
    pub period: Period,
    /// The unit by which movements are added up.
    pub bucket: Bucket,
    /// The sums over the period.
    pub total: Sums,
    /// Users whose change the license list shows and no transaction explains.
    pub unexplained: i64,
    /// Every bucket of the period, including those without movements.
    pub buckets: Vec<BucketRow>,
    /// Every hosting with users now, or with users or movements in the period.
    pub by_hosting: Vec<HostingRow>,
    /// The status today, whatever the period.
    pub current_status: CurrentStatus,
}

/// The sums over some days: `opening` + gained − lost = `closing`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sums {
    /// Users on the day before the first day.
    pub opening: i64,
    /// Users on the last day.
    pub closing: i64,
    /// Users of each kind of movement.
    pub users: ByKind<i64>,
    /// Licenses with each kind of movement, each counted once.
    pub licenses: ByKind<u64>,
    /// Licenses with any gain, each counted once.
    pub licenses_gained: u64,
    /// Licenses with any loss, each counted once.
    pub licenses_lost: u64,
}

/// One bucket of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BucketRow {
    /// The day, the Monday or the first of the month, even if it is before the period.
    pub start: Day,
    /// Its days in the period.
    pub days: Period,
    /// Whether it includes today.
    pub is_incomplete: bool,
    /// Its sums.
    pub sums: Sums,
}

/// One hosting of a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HostingRow {
    /// The hosting.
    pub hosting: Hosting,
    /// Users today.
    pub users_now: i64,
    /// The low end of these users.
    pub users_now_low: i64,
    /// Users on the day before the period.
    pub opening: i64,
    /// Users gained in the period.
    pub gained: i64,
    /// Users lost in the period.
    pub lost: i64,
    /// Users on the last day of the period.
    pub closing: i64,
}

impl Sums {
    fn of(movements: &[Movement], from: Day, opening: i64) -> Self {
        let mut sums = Self {
            opening,
            closing: opening,
            ..Self::default()
        };
        for movement in movements {
            sums.closing += movement.after - movement.before;
            sums.users[movement.kind] += movement.users();
            // A license counts with its first movement of a kind, or direction, since the first day.
            sums.licenses[movement.kind] += u64::from(movement.same_kind_on < Some(from));
            let is_first = u64::from(movement.same_direction_on < Some(from));
            if movement.kind.is_gain() {
                sums.licenses_gained += is_first;
            } else {
                sums.licenses_lost += is_first;
            }
        }
        sums
    }
}

impl Ledger {
    /// Returns the numbers of a period.
    ///
    /// Time is O(buckets + movements of the period).
    #[must_use]
    pub fn report(&self, period: Period, bucket: Bucket) -> Report {
        let (from, until) = (period.from(), period.until());
        let opening = self.users_before(from);
        let closing = self.users_before(until);
        let movements = self.movements_between(from, until);
        Report {
            period,
            bucket,
            total: Sums::of(movements, from, opening.iter().sum()),
            unexplained: self.unexplained_between(from, until),
            buckets: self.buckets(period, bucket),
            by_hosting: self.by_hosting(movements, &opening, &closing),
            current_status: self.current_status.clone(),
        }
    }

    fn buckets(&self, period: Period, bucket: Bucket) -> Vec<BucketRow> {
        let mut rows = Vec::new();
        let mut opening = self.users_before(period.from()).iter().sum();
        let mut start = bucket.start(period.from());
        while start < period.until() {
            let next = bucket.next(start);
            let from = start.max(period.from());
            let last = next.min(period.until()).plus(-1);
            if let Ok(days) = Period::new(from, last) {
                let sums = Sums::of(self.movements_between(from, days.until()), from, opening);
                opening = sums.closing;
                rows.push(BucketRow {
                    start,
                    days,
                    is_incomplete: days.holds(self.today),
                    sums,
                });
            }
            start = next;
        }
        rows
    }

    fn by_hosting(
        &self,
        movements: &[Movement],
        opening: &[i64],
        closing: &[i64],
    ) -> Vec<HostingRow> {
        let mut users = [ByKind::<i64>::default(); Hosting::ALL.len()];
        for movement in movements {
            users[movement.hosting.index()][movement.kind] += movement.users();
        }
        Hosting::ALL
            .into_iter()
            .map(|hosting| {
                let place = hosting.index();
                HostingRow {
                    hosting,
                    users_now: self.users_now[place].users,
                    users_now_low: self.users_now[place].low,
                    opening: opening[place],
                    gained: users[place].gained(),
                    lost: users[place].lost(),
                    closing: closing[place],
                }
            })
            .filter(|row| {
                [
                    row.users_now,
                    row.opening,
                    row.gained,
                    row.lost,
                    row.closing,
                ]
                .iter()
                .any(|users| *users > 0)
            })
            .collect()
    }
}

impl Report {
    /// Returns the users of a kind in the period.
    #[must_use]
    pub fn users(&self, kind: Kind) -> i64 {
        self.total.users[kind]
    }

    /// Returns the licenses with a movement of a kind in the period, each counted once.
    #[must_use]
    pub fn licenses(&self, kind: Kind) -> u64 {
        self.total.licenses[kind]
    }
}
