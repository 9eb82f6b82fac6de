//! The sales history of one license: its base sales, added users and refunds.

use std::cmp::Ordering;

use super::exclusion::LicenseType;
use super::refund::{Refund, RefundedSpan, Target, match_refunds};
use super::rules::Rules;
use super::tier::Size;
use super::vocabulary::{SaleType, Vocabulary};
use crate::day::Day;
use crate::rows::{Rows, TransactionRow};

/// A sale that gives a license its size for a span of days.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct BaseSale {
    /// Its transaction row.
    pub(super) row: u32,
    pub(super) sold: Day,
    /// The first day it covers, apart from refunds.
    pub(super) start: Day,
    pub(super) end: Day,
    pub(super) size: Size,
    pub(super) sale_type: SaleType,
    pub(super) is_annual: bool,
    /// The size before the sale; nothing if its tier has none.
    pub(super) old_size: Option<Size>,
    pub(super) is_old_evaluation: bool,
}

/// A row that bills users who were added within a month.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct AddedUsers {
    pub(super) row: u32,
    pub(super) sold: Option<Day>,
    /// The first day on which it adds users; nothing if it adds none.
    pub(super) from: Option<Day>,
    pub(super) end: Option<Day>,
    pub(super) users: i64,
}

/// Users who join on a day, and stay until the end of their row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Joined {
    pub(super) date: Day,
    pub(super) until: Day,
    pub(super) users: i64,
    /// The index of their added-users row.
    pub(super) added: u32,
}

/// All transactions of one license that affect its size.
#[derive(Debug, Default)]
pub(super) struct SalesHistory {
    /// By `(sold, start, line item)`: of several that cover a day, the last one counts.
    pub(super) sales: Vec<BaseSale>,
    pub(super) added: Vec<AddedUsers>,
    /// By date.
    pub(super) joined: Vec<Joined>,
    /// The days that refunds remove, by target and day.
    pub(super) refunded_spans: Vec<(Target, RefundedSpan)>,
    pub(super) refunds_without_sale: u64,
    refunds: Vec<Refund>,
}

/// Reads transactions by given rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct TransactionReader<'a> {
    pub(super) rows: &'a Rows,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) rules: &'a Rules,
}

impl TransactionReader<'_> {
    pub(super) fn row(&self, index: u32) -> &TransactionRow {
        &self.rows.transactions[index as usize]
    }

    /// Compares two line item ids by length, then as text; a missing one comes first.
    pub(super) fn compare_line_items(&self, a: u32, b: u32) -> Ordering {
        let order = |index: u32| self.row(index).line_item_order;
        order(a).cmp(&order(b))
    }

    /// Compares what the rule does not mention; rows that are still equal are interchangeable.
    pub(super) fn compare_rest(&self, a: u32, b: u32) -> Ordering {
        let (a, b) = (self.row(a), self.row(b));
        let words = |row: &TransactionRow| {
            [
                row.tier,
                row.sale_type,
                row.billing_period,
                row.old_tier,
                row.hosting,
            ]
            .map(|word| self.rows.words.text(word))
        };
        let dates = |row: &TransactionRow| (row.sold, row.start, row.end);
        dates(a)
            .cmp(&dates(b))
            .then_with(|| a.transaction_order.cmp(&b.transaction_order))
            .then_with(|| words(a).cmp(&words(b)))
            .then_with(|| {
                self.rows
                    .additions(a)
                    .iter()
                    .map(|entry| (entry.date, entry.users))
                    .cmp(
                        self.rows
                            .additions(b)
                            .iter()
                            .map(|entry| (entry.date, entry.users)),
                    )
            })
            .then_with(|| a.rank.cmp(&b.rank))
    }

    fn compare_sales(&self, a: &BaseSale, b: &BaseSale) -> Ordering {
        (a.sold, a.start)
            .cmp(&(b.sold, b.start))
            .then_with(|| self.compare_line_items(a.row, b.row))
            .then_with(|| a.size.users.cmp(&b.size.users))
            .then_with(|| self.compare_rest(a.row, b.row))
    }

    /// Tells whether rows of a license type count.
    pub(super) fn counts(&self, license_type: LicenseType) -> bool {
        match license_type {
            LicenseType::Counted | LicenseType::Unknown => true,
            LicenseType::LeftOut(reason) => self.rules.includes(reason),
        }
    }
}

impl SalesHistory {
    /// Reads the transactions of one license in place of those of the previous one.
    pub(super) fn read(&mut self, reader: &TransactionReader<'_>, transactions: &[u32]) {
        self.sales.clear();
        self.added.clear();
        self.joined.clear();
        self.refunded_spans.clear();
        self.refunds.clear();
        self.refunds_without_sale = 0;
        for index in transactions {
            self.add_row(reader, *index);
        }
        self.sales.sort_by(|a, b| reader.compare_sales(a, b));
        self.joined.sort_by_key(|joined| joined.date);
        for refund in &self.refunds {
            match match_refunds(reader, refund, &self.sales, &self.added) {
                Some(target) => self
                    .refunded_spans
                    .extend(refund.refunded_span().map(|span| (target, span))),
                None => self.refunds_without_sale += 1,
            }
        }
        self.refunded_spans
            .sort_by_key(|(target, span)| (*target, span.from, span.until));
    }

    fn add_row(&mut self, reader: &TransactionReader<'_>, index: u32) {
        let row = reader.row(index);
        let meaning = |word| reader.vocabulary.of(word);
        if !reader.counts(meaning(row.license_type).license_type) {
            return;
        }
        let sold = row.sold.or(row.start);
        let unlimited_users = reader.rules.unlimited_users();
        let size = meaning(row.tier).tier.size(unlimited_users);
        let sale_type = meaning(row.sale_type).sale_type;
        if sale_type == SaleType::Refund {
            let original = row.original_id;
            let size = size.map(|size| size.users);
            self.refunds.push(Refund {
                row: index,
                sold,
                start: row.start,
                end: row.end,
                size,
                original,
            });
            return;
        }
        if row.addition_count > 0 {
            self.add_added_users_row(reader, index, sold);
            return;
        }
        let (Some(size), Some(sold), Some(start), Some(end)) = (size, sold, row.start, row.end)
        else {
            return;
        };
        let start = match sale_type {
            SaleType::Upgrade | SaleType::Downgrade => start.max(sold),
            _ => start,
        };
        if start >= end {
            return;
        }
        let old = meaning(row.old_tier);
        self.sales.push(BaseSale {
            row: index,
            sold,
            start,
            end,
            size,
            sale_type,
            is_annual: meaning(row.billing_period).is_annual,
            old_size: old.tier.size(unlimited_users),
            is_old_evaluation: old.is_evaluation,
        });
    }

    fn add_added_users_row(
        &mut self,
        reader: &TransactionReader<'_>,
        index: u32,
        sold: Option<Day>,
    ) {
        let row = reader.row(index);
        let mut added = AddedUsers {
            row: index,
            sold,
            from: None,
            end: row.end,
            users: 0,
        };
        let number = u32::try_from(self.added.len()).unwrap_or(u32::MAX);
        for entry in reader.rows.additions(row) {
            let (Some(date), Some(until)) = (entry.date.or(row.start), row.end) else {
                continue;
            };
            if entry.users < 1 || date >= until {
                continue;
            }
            let users = i64::from(entry.users);
            added.users += users;
            added.from = Some(added.from.map_or(date, |from| from.min(date)));
            self.joined.push(Joined {
                date,
                until,
                users,
                added: number,
            });
        }
        self.added.push(added);
    }

    /// Returns the first base sale: the one with the earliest start; of several, the one sold first.
    pub(super) fn first(&self, reader: &TransactionReader<'_>) -> Option<&BaseSale> {
        self.sales.iter().min_by(|a, b| {
            a.start
                .cmp(&b.start)
                .then_with(|| reader.compare_sales(a, b))
        })
    }

    /// Returns the index of the base sale with the latest end; of several, the greatest.
    pub(super) fn furthest(&self) -> Option<usize> {
        (0..self.sales.len()).max_by_key(|place| (self.sales[*place].end, *place))
    }

    /// Returns the days that refunds remove from a row.
    pub(super) fn refunded_spans_of(&self, target: Target) -> &[(Target, RefundedSpan)] {
        let from = self
            .refunded_spans
            .partition_point(|(other, _)| *other < target);
        let until = self
            .refunded_spans
            .partition_point(|(other, _)| *other <= target);
        &self.refunded_spans[from..until]
    }

    /// Calls back with each span of days between `from` and `until` that refunds of the target leave.
    pub(super) fn remaining_spans(
        &self,
        target: Target,
        from: Day,
        until: Day,
        mut piece: impl FnMut(Day, Day),
    ) {
        let mut from = from;
        for (_, span) in self.refunded_spans_of(target) {
            if span.from.min(until) > from {
                piece(from, span.from.min(until));
            }
            match span.until {
                Some(end) => from = from.max(end),
                None => return,
            }
        }
        if from < until {
            piece(from, until);
        }
    }
}
