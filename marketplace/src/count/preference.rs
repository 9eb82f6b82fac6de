//! Which of several rows counts: the order of preference.

use std::cmp::Ordering;

use super::grouping::NameTable;
use super::tier::Size;
use super::vocabulary::Vocabulary;
use crate::day::Day;
use crate::rows::{LicenseRow, Rows, TransactionRow};
use crate::texts::Text;

/// The criteria of preference in order; the greater value is preferred.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Preference {
    last_updated: Option<Day>,
    end: LatestIfMissing,
    size: Option<i64>,
    has_sandbox: bool,
    rank: u32,
}

#[derive(Debug, Eq, PartialEq)]
struct LatestIfMissing(Option<Day>);

impl Ord for LatestIfMissing {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.is_none(), self.0).cmp(&(other.0.is_none(), other.0))
    }
}

impl PartialOrd for LatestIfMissing {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Picks rows by given settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowPicker<'a> {
    pub(super) rows: &'a Rows,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) unlimited_users: u32,
}

impl RowPicker<'_> {
    fn users(&self, tier: Text) -> Option<i64> {
        self.vocabulary
            .of(tier)
            .tier
            .size(self.unlimited_users)
            .map(|size: Size| size.users)
    }

    fn license(&self, row: &LicenseRow) -> Preference {
        Preference {
            last_updated: row.last_updated,
            end: LatestIfMissing(row.end),
            size: self.users(row.tier),
            has_sandbox: !self.vocabulary.of(row.sandbox).is_blank,
            rank: row.rank,
        }
    }

    fn transaction(&self, row: &TransactionRow) -> Preference {
        Preference {
            last_updated: row.last_updated,
            end: LatestIfMissing(row.end),
            size: self.users(row.tier),
            has_sandbox: !self.vocabulary.of(row.sandbox).is_blank,
            rank: row.rank,
        }
    }

    /// Returns the preferred license row of one license.
    pub(super) fn pick_license(&self, licenses: &[u32]) -> Option<u32> {
        match licenses {
            [] => None,
            [only] => Some(*only),
            _ => licenses
                .iter()
                .copied()
                .max_by_key(|row| self.license(&self.rows.licenses[*row as usize])),
        }
    }

    /// Tells of every transaction row whether it is the preferred one of its line item and app, or has none.
    ///
    /// Only the given rows are looked at.
    pub(super) fn current_line_items(&self, transactions: &[u32]) -> Vec<bool> {
        let row = |index: u32| &self.rows.transactions[index as usize];
        let mut is_current = vec![true; self.rows.transactions.len()];
        let mut preferred = NameTable::new(self.rows);
        for index in transactions {
            let (app, line_item) = (row(*index).app, row(*index).line_item);
            if line_item.is_missing() {
                continue;
            }
            let app_of = |other| row(other).app;
            let other = preferred.get_or_insert(app, line_item, *index, app_of);
            if *other == *index {
                continue;
            }
            // Of rows that are equal in everything, any will do.
            let is_better = self.transaction(row(*index)) >= self.transaction(row(*other));
            let superseded = if is_better {
                std::mem::replace(other, *index)
            } else {
                *index
            };
            is_current[superseded as usize] = false;
        }
        is_current
    }

    /// Keeps only the preferred version of each sale of one license that has a transaction id but no line item.
    pub(super) fn drop_superseded_sales(&self, transactions: &mut Vec<u32>) {
        let row = |index: &u32| &self.rows.transactions[*index as usize];
        let has_key = |index: &u32| {
            row(index).line_item.is_missing() && !row(index).transaction_id.is_missing()
        };
        if transactions.iter().filter(|index| has_key(index)).count() < 2 {
            return;
        }
        let key = |index: &u32| {
            let row = row(index);
            let folded = [row.sale_type, row.tier].map(|word| self.vocabulary.of(word).folded);
            (row.transaction_id, folded, row.sold, row.start, row.end)
        };
        let mut with_key: Vec<u32> = transactions.iter().copied().filter(has_key).collect();
        transactions.retain(|index| !has_key(index));
        with_key.sort_by_key(key);
        for rows in with_key.chunk_by(|a, b| key(a) == key(b)) {
            transactions.extend(
                rows.iter()
                    .copied()
                    .max_by_key(|index| self.transaction(row(index))),
            );
        }
    }
}
