//! The ledger: all movements of an app, or of all apps of a vendor, and their current status.

use super::apps::{AppRows, CountedApp};
use super::band::low_end;
use super::current_status::{CurrentStatus, ExclusionCounts, TextCollector};
use super::evaluate::{LicenseInputs, Scratch, Step};
use super::exclusion::{Exclusion, LicenseType};
use super::grace::fill_gaps;
use super::hosting::Hosting;
use super::license::{ListedLicense, Span, exclusion};
use super::movement::{Movement, append_movements};
use super::preference::RowPicker;
use super::rules::Rules;
use super::sales::{SalesHistory, TransactionReader};
use super::tier::Tier;
use super::vocabulary::Vocabulary;
use crate::day::Day;
use crate::rows::{
    Ids, Rows,
    group::{Group, Grouper},
};
use crate::texts::Text;

/// All movements of an app, or of all apps, by given rules up to a day, and the status on that day.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub(super) today: Day,
    pub(super) current_status: CurrentStatus,
    /// The apps that were counted.
    pub(super) apps: Vec<CountedApp>,
    /// Grouped by app.
    pub(super) licenses: Vec<License>,
    /// The relevant transaction rows, grouped by license.
    pub(super) transactions: Vec<u32>,
    /// By day, then by license.
    pub(super) movements: Vec<Movement>,
    /// The days with movements.
    pub(super) days: Vec<DayTotal>,
    /// Users that the license list shows and no transaction explains: cumulative, by day.
    pub(super) unexplained: Vec<(Day, i64)>,
    /// Users today and their low end, by hosting.
    pub(super) users_now: [HostingUsers; Hosting::ALL.len()],
}

/// One license of a ledger.
#[derive(Clone, Copy, Debug)]
pub(super) struct License {
    /// The preferred license row.
    pub(super) row: Option<u32>,
    pub(super) hosting: Hosting,
    /// The end of its transaction rows, which start at the end of those of the previous license.
    pub(super) transactions_end: u32,
    pub(super) users_now: i64,
    pub(super) users_now_low: i64,
    pub(super) is_kept_by_grace: bool,
    /// Why it is excluded today.
    pub(super) left_out: Option<Exclusion>,
}

/// Users of a hosting today.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HostingUsers {
    pub(super) users: i64,
    pub(super) low: i64,
}

/// The totals after the movements of a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct DayTotal {
    pub(super) day: Day,
    /// The index of the first movement of the day.
    pub(super) first_movement: usize,
    pub(super) users: [i64; Hosting::ALL.len()],
}

impl Ledger {
    /// Counts one app.
    ///
    /// Rows of other apps are ignored. Time is O(rows · log rows), whatever the length of the history.
    #[must_use]
    pub fn new(rows: &Rows, app: &str, rules: &Rules, today: Day) -> Self {
        let vocabulary = Vocabulary::read(&rows.words);
        let mut builder = Builder::new(rows, &vocabulary, rules, today);
        if let Some(app) = rows.words.lookup(app.trim()) {
            let licenses = (0..).zip(&rows.licenses);
            let transactions = (0..).zip(&rows.transactions);
            builder.count(
                app,
                licenses.filter_map(|(index, row)| (row.app == app).then_some(index)),
                transactions.filter_map(|(index, row)| (row.app == app).then_some(index)),
            );
        }
        builder.finish()
    }

    /// Counts all apps, each by itself: every number is the sum over the apps.
    ///
    /// Rows without an app are ignored. Time is O(rows · log rows), whatever the number of apps.
    #[must_use]
    pub fn of_all_apps(rows: &Rows, rules: &Rules, today: Day) -> Self {
        let vocabulary = Vocabulary::read(&rows.words);
        let mut builder = Builder::new(rows, &vocabulary, rules, today);
        for (app, licenses, transactions) in AppRows::of(rows).iter() {
            builder.count(app, licenses.iter().copied(), transactions.iter().copied());
        }
        builder.finish()
    }

    fn empty(today: Day) -> Self {
        Self {
            today,
            current_status: CurrentStatus::default(),
            apps: Vec::new(),
            licenses: Vec::new(),
            transactions: Vec::new(),
            movements: Vec::new(),
            days: Vec::new(),
            unexplained: Vec::new(),
            users_now: Default::default(),
        }
    }

    /// Returns the day up to which it counts.
    #[must_use]
    pub const fn today(&self) -> Day {
        self.today
    }

    /// Returns the current status of the app, or of all apps together.
    #[must_use]
    pub const fn current_status(&self) -> &CurrentStatus {
        &self.current_status
    }

    /// Returns the first day with users.
    #[must_use]
    pub fn first_day_with_users(&self) -> Option<Day> {
        self.days.first().map(|total| total.day)
    }

    /// Returns the users at the end of the day before `day`, by hosting.
    pub(super) fn users_before(&self, day: Day) -> [i64; Hosting::ALL.len()] {
        let after = self.days.partition_point(|total| total.day < day);
        after
            .checked_sub(1)
            .map_or([0; Hosting::ALL.len()], |last| self.days[last].users)
    }

    /// Returns the movements of the days from `from` up to the one before `until`.
    pub(super) fn movements_between(&self, from: Day, until: Day) -> &[Movement] {
        let place = |day: Day| {
            let first = self.days.partition_point(|total| total.day < day);
            self.days
                .get(first)
                .map_or(self.movements.len(), |total| total.first_movement)
        };
        self.movements
            .get(place(from)..place(until))
            .unwrap_or_default()
    }

    /// Returns the unexplained users of the days from `from` up to the one before `until`.
    pub(super) fn unexplained_between(&self, from: Day, until: Day) -> i64 {
        let sum = |day: Day| {
            let after = self
                .unexplained
                .partition_point(|(known_from, _)| *known_from < day);
            after
                .checked_sub(1)
                .map_or(0, |last| self.unexplained[last].1)
        };
        sum(until.max(from)) - sum(from)
    }

    /// Returns the transaction rows of a license.
    pub(super) fn transactions_of(&self, license: u32) -> &[u32] {
        let place = license as usize;
        let from = place
            .checked_sub(1)
            .map_or(0, |before| self.licenses[before].transactions_end);
        &self.transactions[from as usize..self.licenses[place].transactions_end as usize]
    }
}

/// Builds a ledger.
#[derive(Debug)]
struct Builder<'a> {
    reader: TransactionReader<'a>,
    picker: RowPicker<'a>,
    grouper: Grouper,
    today: Day,
    /// Whether a transaction row is the preferred one of its line item.
    is_current: Vec<bool>,
    history: SalesHistory,
    scratch: Scratch,
    excluded: ExclusionCounts,
    tiers: TextCollector,
    types: TextCollector,
    unexplained: Vec<(Day, i64)>,
    ledger: Ledger,
}

impl<'a> Builder<'a> {
    fn new(rows: &'a Rows, vocabulary: &'a Vocabulary, rules: &'a Rules, today: Day) -> Self {
        Self {
            reader: TransactionReader {
                rows,
                vocabulary,
                rules,
            },
            picker: RowPicker {
                rows,
                vocabulary,
                unlimited_users: rules.unlimited_users(),
            },
            grouper: Grouper::new(rows),
            today,
            is_current: vec![false; rows.transactions.len()],
            history: SalesHistory::default(),
            scratch: Scratch::default(),
            excluded: ExclusionCounts::default(),
            tiers: TextCollector::default(),
            types: TextCollector::default(),
            unexplained: Vec::new(),
            ledger: Ledger::empty(today),
        }
    }

    /// Counts one app, given the indices of its rows.
    fn count(
        &mut self,
        app: Text,
        licenses: impl Iterator<Item = u32>,
        transactions: impl Iterator<Item = u32>,
    ) {
        let rows = self.reader.rows;
        let (first_license, first_movement) =
            (self.ledger.licenses.len(), self.ledger.movements.len());
        let licenses = self.taken(licenses, |row| {
            let row = &rows.licenses[row as usize];
            (row.hosting, row.ids)
        });
        let mut transactions = self.taken(transactions, |row| {
            let row = &rows.transactions[row as usize];
            (row.hosting, row.ids)
        });

        // Superseded rows also join rows to licenses.
        let groups = self.grouper.group(rows, &licenses, &transactions);
        self.picker.drop_superseded_line_items(&mut transactions);
        for index in &transactions {
            self.is_current[*index as usize] = true;
        }
        for group in groups.iter() {
            let current = group.transactions.iter().copied();
            transactions.clear();
            transactions.extend(current.filter(|index| self.is_current[*index as usize]));
            self.picker.drop_superseded_sales(&mut transactions);
            self.count_license(group, &transactions);
        }

        let week_ago = self.today.plus(-7);
        let ledger = &mut self.ledger;
        let users_week_ago = ledger.movements[first_movement..]
            .iter()
            .filter(|movement| movement.day <= week_ago)
            .map(|movement| movement.after - movement.before)
            .sum();
        ledger.apps.push(CountedApp {
            key: rows.words.text(app).to_owned(),
            licenses_end: u32::try_from(ledger.licenses.len()).unwrap_or(u32::MAX),
            users_now: ledger.licenses[first_license..]
                .iter()
                .map(|license| license.users_now)
                .sum(),
            users_week_ago,
        });
    }

    /// Keeps the rows of the chosen hostings that have an id, and counts those that have none.
    fn taken(
        &mut self,
        rows: impl Iterator<Item = u32>,
        read: impl Fn(u32) -> (Text, Ids),
    ) -> Vec<u32> {
        let TransactionReader {
            vocabulary, rules, ..
        } = self.reader;
        rows.filter(|row| {
            let (hosting, ids) = read(*row);
            let is_taken = rules.takes(vocabulary.of(hosting).hosting);
            self.ledger.current_status.no_id += u64::from(is_taken && ids.is_empty());
            is_taken && !ids.is_empty()
        })
        .collect()
    }

    fn count_license(&mut self, group: Group<'_>, transactions: &[u32]) {
        let TransactionReader {
            rows,
            vocabulary,
            rules,
        } = self.reader;
        let row = self.picker.pick_license(group.licenses);
        let license_row = row.map(|row| &rows.licenses[row as usize]);
        let on_sandbox = license_row
            .is_some_and(|row| exclusion(row, vocabulary, rules) == Some(Exclusion::Sandbox));
        self.history
            .read(&self.reader, if on_sandbox { &[] } else { transactions });
        let listed = license_row
            .map(|row| ListedLicense::read(row, vocabulary, rules, self.today, &self.history));
        let inputs = LicenseInputs::new(&self.reader, &self.history, listed.as_ref(), self.today);
        let unexplained = inputs.evaluate(&mut self.scratch);
        self.unexplained
            .extend(unexplained.filter(|(_, users)| *users > 0));

        let before_grace = self.scratch.steps.last().copied();
        let may_still_renew = listed.is_none_or(|listed| listed.is_active);
        fill_gaps(
            &mut self.scratch.steps,
            self.today,
            rules.grace_days(),
            may_still_renew,
        );
        let now = self.scratch.steps.last().copied();

        let listed_hosting = listed.and_then(|listed| listed.hosting);
        let latest = self.history.sales.last();
        let sold_hosting = |row: u32| {
            vocabulary
                .of(rows.transactions[row as usize].hosting)
                .hosting
        };
        let hosting = listed_hosting
            .or_else(|| latest.map(|sale| sold_hosting(sale.row)))
            .unwrap_or_default();
        let low = now.map_or(0, |now| low_of(&now, &self.history, hosting));

        let license = u32::try_from(self.ledger.licenses.len()).unwrap_or(u32::MAX);
        append_movements(
            &inputs,
            &self.scratch.steps,
            license,
            hosting,
            &mut self.ledger.movements,
        );
        let users_now = now.map_or(0, |now| now.users());
        let has_no_users = users_now == 0;
        let is_kept_by_grace = now.is_some_and(|now| now.is_grace);
        let has_merged_rows = self.has_merged_rows(group.licenses);

        let current_status = &mut self.ledger.current_status;
        current_status.refund_without_sale += self.history.refunds_without_sale;
        current_status.by_sales_only += before_grace
            .filter(|step| !step.is_by_row)
            .map_or(0, |step| step.users());
        current_status.unlimited +=
            u64::from(users_now > 0 && now.is_some_and(|now| now.size.is_unlimited));
        current_status.merged_rows += u64::from(has_merged_rows);
        if is_kept_by_grace {
            current_status.may_still_renew += users_now;
            current_status.may_still_renew_licenses += 1;
        }
        let left_out = listed
            .filter(|_| has_no_users)
            .and_then(|listed| left_out(&listed, self.today));
        if let Some(reason) = left_out {
            self.excluded.add(reason);
        }
        let sum = &mut self.ledger.users_now[hosting.index()];
        sum.users += users_now;
        sum.low += low;
        self.ledger.transactions.extend_from_slice(transactions);
        self.ledger.licenses.push(License {
            row,
            hosting,
            transactions_end: u32::try_from(self.ledger.transactions.len()).unwrap_or(u32::MAX),
            users_now,
            users_now_low: low,
            is_kept_by_grace,
            left_out,
        });
        if !on_sandbox {
            self.collect_texts(row, transactions);
        }
    }

    /// Tells whether two rows of a license are in effect today and differ in their license id.
    fn has_merged_rows(&self, licenses: &[u32]) -> bool {
        let mut ids = licenses
            .iter()
            .map(|row| &self.reader.rows.licenses[*row as usize])
            .filter(|row| {
                !row.ids.license.is_missing()
                    && Span::of(row, self.reader.vocabulary, self.today).holds(self.today)
            })
            .map(|row| row.ids.license);
        ids.next()
            .is_some_and(|first| ids.any(|other| other != first))
    }

    /// Collects the texts of the rows of a license that nobody understands, where the count looks at them.
    fn collect_texts(&mut self, row: Option<u32>, transactions: &[u32]) {
        let TransactionReader {
            rows, vocabulary, ..
        } = self.reader;
        let is_unknown = |word: &Text| vocabulary.of(*word).license_type == LicenseType::Unknown;
        let is_not_understood = |word: &Text| vocabulary.of(*word).tier == Tier::NotUnderstood;
        let counts = |word: Text| self.reader.counts(vocabulary.of(word).license_type);
        if let Some(row) = row
            .map(|row| &rows.licenses[row as usize])
            .filter(|row| counts(row.license_type))
        {
            self.types.add(Some(row.license_type).filter(is_unknown));
            let has_size = matches!(
                vocabulary.of(row.tier).tier,
                Tier::Users(_) | Tier::Unlimited
            );
            let evaluation_size =
                (!has_size && self.history.sales.is_empty()).then_some(row.evaluation_size);
            self.tiers.add(
                [Some(row.tier), evaluation_size]
                    .into_iter()
                    .flatten()
                    .filter(is_not_understood),
            );
        }
        for row in transactions
            .iter()
            .map(|index| self.reader.row(*index))
            .filter(|row| counts(row.license_type))
        {
            self.types.add(Some(row.license_type).filter(is_unknown));
            self.tiers.add(
                [row.tier, row.old_tier]
                    .into_iter()
                    .filter(is_not_understood),
            );
        }
    }

    fn finish(self) -> Ledger {
        let Self {
            mut ledger,
            mut unexplained,
            ..
        } = self;
        ledger
            .movements
            .sort_unstable_by_key(|movement| (movement.day, movement.license));
        let mut users = [0; Hosting::ALL.len()];
        let mut first_movement = 0;
        for movements in ledger.movements.chunk_by(|a, b| a.day == b.day) {
            for movement in movements {
                users[movement.hosting.index()] += movement.after - movement.before;
            }
            ledger.days.push(DayTotal {
                day: movements[0].day,
                first_movement,
                users,
            });
            first_movement += movements.len();
        }
        unexplained.sort_unstable_by_key(|(day, _)| *day);
        let mut sum = 0;
        for (_, users) in &mut unexplained {
            sum += *users;
            *users = sum;
        }
        ledger.unexplained = unexplained;
        let words = &self.reader.rows.words;
        let current_status = &mut ledger.current_status;
        current_status.excluded = self.excluded.finish();
        current_status.tier_not_understood = self.tiers.finish(words);
        current_status.unknown_license_type = self.types.finish(words);
        current_status.users_now = ledger.users_now.iter().map(|sum| sum.users).sum();
        current_status.users_now_low = ledger.users_now.iter().map(|sum| sum.low).sum();
        current_status.users_week_ago = ledger.apps.iter().map(|app| app.users_week_ago).sum();
        ledger
    }
}

/// Returns the least number of users that the size of a step stands for.
fn low_of(step: &Step, history: &SalesHistory, hosting: Hosting) -> i64 {
    if step.users() == 0 {
        return 0;
    }
    let sale = step
        .covering
        .map(|place| &history.sales[place as usize])
        .or(history.sales.last());
    low_end(step.size, hosting, sale.is_some_and(|sale| sale.is_annual)) + step.added
}

/// Returns why a license without users is excluded today, if its row is in effect.
fn left_out(listed: &ListedLicense, today: Day) -> Option<Exclusion> {
    if !listed.span.holds(today) {
        return None;
    }
    listed.exclusion.or(match listed.size {
        None => Some(Exclusion::NoSize),
        Some(size) => (size.users == 0 && size.is_unlimited).then_some(Exclusion::Unlimited),
    })
}
