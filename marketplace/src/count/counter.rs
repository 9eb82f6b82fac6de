//! The counting of licenses, one after another: what their rows mean, and what they add to the totals.

use super::apps::AppRows;
use super::band::low_end;
use super::evaluate::{LicenseInputs, Scratch, Step};
use super::exclusion::{Exclusion, LicenseType};
use super::grace::fill_gaps;
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
use crate::rows::{
    Ids, Rows,
    group::{Group, Grouper},
};
use crate::texts::Text;

/// Takes what a list of licenses needs, license by license and app by app; `()` keeps nothing.
pub(super) trait LicenseSink {
    /// Adds a license of the present app.
    fn add_license(&mut self, license: &CountedLicense<'_>);

    /// Ends the present app.
    fn end_app(&mut self, key: &str);
}

impl LicenseSink for () {
    fn add_license(&mut self, _: &CountedLicense<'_>) {}

    fn end_app(&mut self, _: &str) {}
}

/// One license, as it was counted.
#[derive(Debug)]
pub(super) struct CountedLicense<'a> {
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

/// Counts licenses, and reuses its memory for one app after another.
#[derive(Debug)]
pub(super) struct Counter<'a> {
    reader: TransactionReader<'a>,
    picker: RowPicker<'a>,
    grouper: Grouper,
    today: Day,
    /// Whether a transaction row is the preferred one of its line item.
    is_current: Vec<bool>,
    history: SalesHistory,
    scratch: Scratch,
    totals: AppTotalsBuilder,
    tiers: TextCollector,
    types: TextCollector,
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
            grouper: Grouper::new(rows),
            today,
            is_current: vec![false; rows.transactions.len()],
            history: SalesHistory::default(),
            scratch: Scratch::default(),
            totals: AppTotalsBuilder::default(),
            tiers: TextCollector::default(),
            types: TextCollector::default(),
        }
    }

    /// Counts the app with a key, if there is one.
    pub(super) fn count_one_app(mut self, key: &str, sink: &mut impl LicenseSink) -> Totals {
        let rows = self.reader.rows;
        let app = rows.words.lookup(key.trim()).map(|app| {
            let licenses = (0..).zip(&rows.licenses);
            let transactions = (0..).zip(&rows.transactions);
            self.count(
                app,
                licenses.filter_map(|(index, row)| (row.app == app).then_some(index)),
                transactions.filter_map(|(index, row)| (row.app == app).then_some(index)),
                sink,
            )
        });
        Totals::of_apps(self.today, app)
    }

    /// Counts every app that has a key.
    pub(super) fn count_all_apps(mut self, sink: &mut impl LicenseSink) -> Totals {
        let apps = AppRows::of(self.reader.rows);
        let apps: Vec<AppTotals> = apps
            .iter()
            .map(|(app, licenses, transactions)| {
                let (licenses, transactions) = (licenses.iter(), transactions.iter());
                self.count(app, licenses.copied(), transactions.copied(), sink)
            })
            .collect();
        Totals::of_apps(self.today, apps)
    }

    /// Counts one app, given the indices of its rows.
    fn count(
        &mut self,
        app: Text,
        licenses: impl Iterator<Item = u32>,
        transactions: impl Iterator<Item = u32>,
        sink: &mut impl LicenseSink,
    ) -> AppTotals {
        let rows = self.reader.rows;
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
            self.count_license(group, &transactions, sink);
        }
        let key = rows.words.text(app);
        sink.end_app(key);
        let counters = &mut self.totals.counters;
        counters.tier_not_understood = self.tiers.take(&rows.words);
        counters.unknown_license_type = self.types.take(&rows.words);
        self.totals.take(key.to_owned())
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
            self.totals.counters.no_id += u64::from(is_taken && ids.is_empty());
            is_taken && !ids.is_empty()
        })
        .collect()
    }

    fn count_license(
        &mut self,
        group: Group<'_>,
        transactions: &[u32],
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
            self.totals.add_unexplained(day, users);
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

        let totals = &mut self.totals;
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
            self.collect_texts(row, transactions);
        }
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
