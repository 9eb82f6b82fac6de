//! The counting of licenses, one after another: what their rows mean, and what they add to the totals.

use super::band::low_end;
use super::evaluate::{LicenseInputs, Scratch, Step};
use super::exclusion::{Exclusion, LicenseType};
use super::grace::fill_gaps;
use super::grouping::{Group, Groups};
use super::hosting::Hosting;
use super::license::{ListedLicense, Span, exclusion};
use super::movement::for_each_change;
use super::preference::RowPicker;
use super::rules::Rules;
use super::sales::{SalesHistory, TransactionReader};
use super::tier::Tier;
use super::totals::{AppTotals, AppTotalsBuilder, TextCollector, Totals};
use super::vocabulary::Vocabulary;
use crate::day::Day;
use crate::rows::{Ids, Rows};
use crate::texts::Text;

/// Takes what a list of licenses needs, license by license; `()` keeps nothing.
pub(super) trait LicenseSink {
    fn add_license(&mut self, license: &CountedLicense<'_>);
}

impl LicenseSink for () {
    fn add_license(&mut self, _: &CountedLicense<'_>) {}
}

/// One license, as it was counted.
#[derive(Debug)]
pub(super) struct CountedLicense<'a> {
    pub(super) app: Text,
    /// The preferred license row.
    pub(super) row: Option<u32>,
    /// The relevant transaction rows.
    pub(super) transactions: &'a [u32],
    pub(super) inputs: &'a LicenseInputs<'a>,
    /// After grace.
    pub(super) steps: &'a [Step],
    pub(super) hosting: Hosting,
    pub(super) users_now: i64,
    pub(super) users_now_low: i64,
    pub(super) is_kept_by_grace: bool,
    /// Why it is excluded today.
    pub(super) left_out: Option<Exclusion>,
}

/// Counts licenses, and reuses its memory for one after another.
#[derive(Debug)]
pub(super) struct Counter<'a> {
    reader: TransactionReader<'a>,
    picker: RowPicker<'a>,
    today: Day,
    history: SalesHistory,
    scratch: Scratch,
}

/// The apps that have rows, and what is collected of each.
#[derive(Debug)]
struct Apps {
    /// The place of each app, by word.
    places: Vec<Option<u32>>,
    all: Vec<(Text, AppBuilder)>,
}

/// What is collected of an app.
#[derive(Debug, Default)]
struct AppBuilder {
    totals: AppTotalsBuilder,
    tiers: TextCollector,
    types: TextCollector,
}

impl Apps {
    fn new(rows: &Rows) -> Self {
        Self {
            places: vec![None; rows.words.len()],
            all: Vec::new(),
        }
    }

    fn of(&mut self, app: Text) -> &mut AppBuilder {
        let all = &mut self.all;
        let place = self.places[app.index()].get_or_insert_with(|| {
            all.push((app, AppBuilder::default()));
            u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
        });
        &mut all[*place as usize].1
    }
}

impl AppBuilder {
    fn build(self, rows: &Rows, app: Text) -> AppTotals {
        let mut totals = self.totals;
        totals.counters.tier_not_understood = self.tiers.into_counts(&rows.words);
        totals.counters.unknown_license_type = self.types.into_counts(&rows.words);
        totals.build(rows.words.text(app).to_owned())
    }
}

impl<'a> Counter<'a> {
    pub(super) fn new(
        rows: &'a Rows,
        vocabulary: &'a Vocabulary,
        rules: &'a Rules,
        today: Day,
    ) -> Self {
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
            today,
            history: SalesHistory::default(),
            scratch: Scratch::default(),
        }
    }

    /// Counts the app with a key, if there is one.
    pub(super) fn count_one_app(self, key: &str, sink: &mut impl LicenseSink) -> Totals {
        let today = self.today;
        match self.reader.rows.words.lookup(key.trim()) {
            Some(only) => self.count(|app| app == only, [only], sink),
            None => Totals::new(today),
        }
    }

    /// Counts every app that has a key.
    pub(super) fn count_all_apps(self, sink: &mut impl LicenseSink) -> Totals {
        self.count(|app| !app.is_missing(), [], sink)
    }

    /// Counts the rows of some apps; the known apps get totals even if they have no rows.
    fn count(
        mut self,
        is_counted: impl Fn(Text) -> bool,
        known_apps: impl IntoIterator<Item = Text>,
        sink: &mut impl LicenseSink,
    ) -> Totals {
        let rows = self.reader.rows;
        let mut apps = Apps::new(rows);
        for app in known_apps {
            apps.of(app);
        }
        let license_keys = rows
            .licenses
            .iter()
            .map(|row| (row.app, row.hosting, row.ids));
        let licenses = self.taken(&mut apps, &is_counted, license_keys);
        let transaction_keys = rows
            .transactions
            .iter()
            .map(|row| (row.app, row.hosting, row.ids));
        let transactions = self.taken(&mut apps, &is_counted, transaction_keys);

        // Superseded rows also join rows to licenses.
        let groups = Groups::of(rows, &licenses, &transactions);
        let is_current = self.picker.current_line_items(&transactions);
        let mut current = Vec::new();
        for group in groups.iter() {
            let transactions = group.transactions.iter().copied();
            current.clear();
            current.extend(transactions.filter(|index| is_current[*index as usize]));
            self.picker.drop_superseded_sales(&mut current);
            self.count_license(group, &current, apps.of(group.app), sink);
        }
        let totals = apps
            .all
            .into_iter()
            .map(|(app, app_builder)| app_builder.build(rows, app));
        Totals::of_apps(self.today, totals)
    }

    /// Returns the indices of the rows of counted apps and the chosen hostings that have an id, and counts those that
    /// have none.
    fn taken(
        &self,
        apps: &mut Apps,
        is_counted: impl Fn(Text) -> bool,
        rows: impl Iterator<Item = (Text, Text, Ids)>,
    ) -> Vec<u32> {
        let TransactionReader {
            vocabulary, rules, ..
        } = self.reader;
        let mut taken = Vec::with_capacity(rows.size_hint().0);
        for (index, (app, hosting, ids)) in (0..).zip(rows) {
            if !is_counted(app) {
                continue;
            }
            let app_builder = apps.of(app);
            if !rules.takes(vocabulary.of(hosting).hosting) {
                continue;
            }
            if ids.is_empty() {
                app_builder.totals.counters.no_id += 1;
            } else {
                taken.push(index);
            }
        }
        taken
    }

    fn count_license(
        &mut self,
        group: Group<'_>,
        transactions: &[u32],
        app: &mut AppBuilder,
        sink: &mut impl LicenseSink,
    ) {
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
        if let Some((day, users)) = unexplained.filter(|(_, users)| *users > 0) {
            app.totals.add_unexplained(day, users);
        }

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

        let totals = &mut app.totals;
        for_each_change(&inputs, &self.scratch.steps, |change| {
            totals.add(hosting, &change);
        });
        let users_now = now.map_or(0, |now| now.users());
        let is_kept_by_grace = now.is_some_and(|now| now.is_grace);
        let left_out = listed
            .filter(|_| users_now == 0)
            .and_then(|listed| left_out(&listed, self.today));
        let has_merged_rows = has_merged_rows(&self.reader, group.licenses, self.today);

        let counters = &mut totals.counters;
        counters.users_now_low[hosting.index()] += low;
        counters.refund_without_sale += self.history.refunds_without_sale;
        counters.by_sales_only += before_grace
            .filter(|step| !step.is_by_row)
            .map_or(0, |step| step.users());
        counters.unlimited +=
            u64::from(users_now > 0 && now.is_some_and(|now| now.size.is_unlimited));
        counters.merged_rows += u64::from(has_merged_rows);
        if is_kept_by_grace {
            counters.may_still_renew += users_now;
            counters.may_still_renew_licenses += 1;
        }
        if let Some(reason) = left_out {
            counters.excluded[reason.index()] += 1;
        }
        sink.add_license(&CountedLicense {
            app: group.app,
            row,
            transactions,
            inputs: &inputs,
            steps: &self.scratch.steps,
            hosting,
            users_now,
            users_now_low: low,
            is_kept_by_grace,
            left_out,
        });
        if !on_sandbox {
            self.collect_not_understood(row, transactions, app);
        }
    }

    /// Collects what nobody understands in the rows of a license, where the count looks at them.
    fn collect_not_understood(&self, row: Option<u32>, transactions: &[u32], app: &mut AppBuilder) {
        let TransactionReader {
            rows, vocabulary, ..
        } = self.reader;
        let is_unknown = |word: &Text| vocabulary.of(*word).license_type == LicenseType::Unknown;
        let is_not_understood = |word: &Text| vocabulary.of(*word).tier == Tier::NotUnderstood;
        let counts = |word: Text| self.reader.counts(vocabulary.of(word).license_type);
        let mut unreadable_dates = 0;
        if let Some(row) = row
            .map(|row| &rows.licenses[row as usize])
            .filter(|row| counts(row.license_type))
        {
            app.types.add(Some(row.license_type).filter(is_unknown));
            unreadable_dates += u64::from(row.has_unreadable_date);
            let has_size = matches!(
                vocabulary.of(row.tier).tier,
                Tier::Users(_) | Tier::Unlimited
            );
            let evaluation_size =
                (!has_size && self.history.sales.is_empty()).then_some(row.evaluation_size);
            app.tiers.add(
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
            app.types.add(Some(row.license_type).filter(is_unknown));
            unreadable_dates += u64::from(row.has_unreadable_date);
            app.tiers.add(
                [row.tier, row.old_tier]
                    .into_iter()
                    .filter(is_not_understood),
            );
        }
        app.totals.counters.date_not_understood += unreadable_dates;
    }
}

/// Tells whether two rows of a license are in effect today and differ in their license id.
fn has_merged_rows(reader: &TransactionReader<'_>, licenses: &[u32], today: Day) -> bool {
    let mut ids = licenses
        .iter()
        .map(|row| &reader.rows.licenses[*row as usize])
        .filter(|row| {
            !row.ids.license.is_missing() && Span::of(row, reader.vocabulary, today).holds(today)
        })
        .map(|row| row.ids.license);
    ids.next()
        .is_some_and(|first| ids.any(|other| other != first))
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
