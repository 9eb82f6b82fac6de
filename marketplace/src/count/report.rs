//! The report: the numbers of one period.

use super::bucket::Bucket;
use super::current_status::CurrentStatus;
use super::hosting::Hosting;
use super::movement::{ByKind, Kind};
use super::period::{Period, PeriodError};
use super::totals::{AppTotals, LineSums, Repeats, Totals};
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
    /// Adds movements as if each were of a license of its own.
    fn add(&mut self, kind: Kind, sums: LineSums) {
        self.users[kind] += sums.users;
        self.licenses[kind] += u64::from(sums.movements);
        *self.licenses_in_direction(kind) += u64::from(sums.movements);
    }

    fn licenses_in_direction(&mut self, kind: Kind) -> &mut u64 {
        if kind.is_gain() {
            &mut self.licenses_gained
        } else {
            &mut self.licenses_lost
        }
    }

    /// Takes licenses away that were added more than once.
    fn remove_repeats(&mut self, counted: Counted, movements: u64) {
        let licenses = match counted {
            Counted::Kind(kind) => &mut self.licenses[kind],
            Counted::Gained => &mut self.licenses_gained,
            Counted::Lost => &mut self.licenses_lost,
        };
        // Totals that were read from forged bytes can have more repeats than movements.
        *licenses = licenses.saturating_sub(movements);
    }

    /// Sets the users before and after, and returns those after.
    fn open(&mut self, opening: i64) -> i64 {
        self.opening = opening;
        self.closing = opening + self.users.net();
        self.closing
    }
}

/// What licenses are counted once for.
#[derive(Clone, Copy, Debug)]
enum Counted {
    Kind(Kind),
    Gained,
    Lost,
}

impl Totals {
    /// Returns the numbers of a period, of all apps together.
    ///
    /// Time is O(apps · (buckets + repeated movements of the period)).
    ///
    /// # Errors
    ///
    /// Returns an error when the period has more than 10,000 buckets.
    pub fn report(&self, period: Period, bucket: Bucket) -> Result<Report, PeriodError> {
        bucket.check(period)?;
        let mut report = Report {
            period,
            bucket,
            total: Sums::default(),
            unexplained: 0,
            buckets: bucket_rows(period, bucket, self.today()),
            by_hosting: Hosting::ALL.map(HostingRow::new).to_vec(),
            current_status: self.current_status(),
        };
        for app in self.apps() {
            report.add(app);
        }
        let opening = report.by_hosting.iter().map(|row| row.opening).sum();
        report.total.open(opening);
        report
            .buckets
            .iter_mut()
            .fold(opening, |opening, row| row.sums.open(opening));
        report.by_hosting.retain(HostingRow::has_users);
        Ok(report)
    }
}

/// Returns the buckets of a period without any movements.
fn bucket_rows(period: Period, bucket: Bucket, today: Day) -> Vec<BucketRow> {
    let mut rows = Vec::new();
    let mut start = bucket.start(period.from());
    while start < period.until() {
        let next = bucket.next(start);
        let from = start.max(period.from());
        let last = next.min(period.until()).plus(-1);
        if let Ok(days) = Period::new(from, last) {
            rows.push(BucketRow {
                start,
                days,
                is_incomplete: days.holds(today),
                sums: Sums::default(),
            });
        }
        start = next;
    }
    rows
}

impl HostingRow {
    fn new(hosting: Hosting) -> Self {
        Self {
            hosting,
            users_now: 0,
            users_now_low: 0,
            opening: 0,
            gained: 0,
            lost: 0,
            closing: 0,
        }
    }

    fn has_users(&self) -> bool {
        [
            self.users_now,
            self.opening,
            self.gained,
            self.lost,
            self.closing,
        ]
        .iter()
        .any(|users| *users > 0)
    }
}

impl Report {
    /// Adds the movements of an app; what the period opens with follows when all apps are in.
    fn add(&mut self, app: &AppTotals) {
        let (from, until) = (self.period.from(), self.period.until());
        self.unexplained += app.unexplained.between(from, until).users;
        let opening = app.users_before(from);
        let users_now = app.users_now();
        for (place, row) in self.by_hosting.iter_mut().enumerate() {
            let mut users = ByKind::default();
            for kind in Kind::ALL {
                let line = &app.lines[place][kind];
                let sums = line.between(from, until);
                users[kind] = sums.users;
                self.total.add(kind, sums);
                if sums != LineSums::default() {
                    let mut walk = line.walk(from);
                    for bucket in &mut self.buckets {
                        bucket.sums.add(kind, walk.advance(bucket.days.until()));
                    }
                }
            }
            row.users_now += users_now[place];
            row.users_now_low += app.counters.users_now_low[place];
            row.opening += opening[place];
            row.gained += users.gained();
            row.lost += users.lost();
            row.closing += opening[place] + users.net();
        }
        for kind in Kind::ALL {
            self.remove_repeats(Counted::Kind(kind), &app.same_kind[kind]);
        }
        self.remove_repeats(Counted::Gained, &app.same_gain);
        self.remove_repeats(Counted::Lost, &app.same_loss);
    }

    fn remove_repeats(&mut self, counted: Counted, repeats: &Repeats) {
        let (from, until) = (self.period.from(), self.period.until());
        let movements = repeats.within(from, until);
        self.total.remove_repeats(counted, movements);
        // A license has at most one movement a day.
        if movements > 0 && self.bucket != Bucket::Day {
            let mut walk = repeats.walk(from);
            for bucket in &mut self.buckets {
                let movements = walk.advance(bucket.days.until());
                bucket.sums.remove_repeats(counted, movements);
            }
        }
    }

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
