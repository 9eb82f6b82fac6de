//! Orders rows that tie in everything else.
//!
//! The last tie between rows of one license is broken by the greater JSON text. Rows do not keep that text: the few that
//! tie are ranked while the texts are available. If there were too many records to keep their texts, all records have
//! to be read again, in any order.

use std::collections::HashMap;

use super::envelope::Records;
use super::record_reader::parse;
use super::record_texts::canonical;
use super::unsorted_rows::UnsortedRows;
use crate::day::Day;
use crate::rows::{Rows, sorted::Ties};

/// Rows that may still have ties, which only the texts of their records can break.
#[derive(Debug)]
pub struct TieBreaker {
    rows: Rows,
    ties: Ties,
    texts: TieTexts,
}

impl TieBreaker {
    pub(super) fn new(rows: Rows, ties: Ties) -> Self {
        let mut texts = TieTexts::default();
        texts.expect(&rows, &ties);
        Self { rows, ties, texts }
    }

    /// Tells whether the text of a row that ties is not known yet: then all records should be shown.
    #[must_use]
    pub fn needs_records(&self) -> bool {
        self.texts.needs_records()
    }

    /// Adds a license record; one that is not needed is ignored.
    pub fn add_license(&mut self, record: &[u8]) {
        self.texts.add(Records::Licenses, record);
    }

    /// Adds a transaction record; one that is not needed is ignored.
    pub fn add_transaction(&mut self, record: &[u8]) {
        self.texts.add(Records::Transactions, record);
    }

    /// Returns the rows; those whose texts are not known stay in an order that is stable, but not that of the rule.
    #[must_use]
    pub fn finish(mut self) -> Rows {
        self.texts.rank(&mut self.rows, &self.ties);
        self.rows
    }

    pub(super) fn texts_mut(&mut self) -> &mut TieTexts {
        &mut self.texts
    }
}

/// The texts of rows that tie.
#[derive(Debug, Default)]
pub(crate) struct TieTexts {
    licenses: TextsOfRows,
    transactions: TextsOfRows,
}

/// The greatest canonical text of the records that say what a row says, by the digest of the row.
type TextsOfRows = HashMap<u128, Option<Vec<u8>>>;

impl TieTexts {
    /// Adds rows whose texts are needed.
    pub(crate) fn expect(&mut self, rows: &Rows, ties: &Ties) {
        for index in ties.licenses.iter().flatten() {
            let digest = rows.license_digest(&rows.licenses[*index as usize]);
            self.licenses.entry(digest).or_default();
        }
        for index in ties.transactions.iter().flatten() {
            let digest = rows.transaction_digest(&rows.transactions[*index as usize]);
            self.transactions.entry(digest).or_default();
        }
    }

    /// Tells whether the text of an expected row is not known yet.
    pub(crate) fn needs_records(&self) -> bool {
        let mut texts = self.licenses.values().chain(self.transactions.values());
        texts.any(Option::is_none)
    }

    /// Adds the text of a record; one that is not expected is ignored.
    pub(crate) fn add(&mut self, list: Records, record: &[u8]) {
        let texts = match list {
            Records::Licenses => &mut self.licenses,
            Records::Transactions => &mut self.transactions,
        };
        if texts.is_empty() {
            return;
        }
        let Some((digest, _)) = row_digest(list, record) else {
            return;
        };
        if let Some(known) = texts.get_mut(&digest) {
            let text = Some(canonical(record));
            if *known < text {
                *known = text;
            }
        }
    }

    /// Ranks the rows that tie.
    pub(crate) fn rank(&self, rows: &mut Rows, ties: &Ties) {
        let mut ranks = Vec::new();
        for group in &ties.licenses {
            ranks.extend(ranked(group, |index| {
                let digest = rows.license_digest(&rows.licenses[index as usize]);
                self.licenses.get(&digest)
            }));
        }
        for (index, rank) in ranks.drain(..) {
            rows.licenses[index as usize].rank = rank;
        }
        for group in &ties.transactions {
            ranks.extend(ranked(group, |index| {
                let digest = rows.transaction_digest(&rows.transactions[index as usize]);
                self.transactions.get(&digest)
            }));
        }
        for (index, rank) in ranks {
            rows.transactions[index as usize].rank = rank;
        }
    }
}

/// Returns the digest of the row of a record, and the day of its last update; nothing if it has no row.
pub(crate) fn row_digest(list: Records, record: &[u8]) -> Option<(u128, Option<Day>)> {
    let mut unsorted = UnsortedRows::default();
    match list {
        Records::Licenses => {
            unsorted.push_license(&parse(record).ok()?, |_| true)?;
            let rows = unsorted.rows();
            let row = rows.licenses.first()?;
            Some((rows.license_digest(row), row.last_updated))
        }
        Records::Transactions => {
            unsorted.push_transaction(&parse(record).ok()?)?;
            let rows = unsorted.rows();
            let row = rows.transactions.first()?;
            Some((rows.transaction_digest(row), row.last_updated))
        }
    }
}

/// Returns the rows of a group and their ranks.
fn ranked<'a>(group: &[u32], text: impl Fn(u32) -> Option<&'a Option<Vec<u8>>>) -> Vec<(u32, u32)> {
    let mut sorted: Vec<_> = group.iter().map(|index| (text(*index), *index)).collect();
    sorted.sort_unstable();
    let sorted = sorted.into_iter().map(|(_, index)| index);
    sorted.zip(0..).collect()
}

#[cfg(test)]
mod tests {
    use crate::wire::RowsBuilder;

    /// Pushes records, and returns how many license and transaction rows remain.
    fn left(licenses: &[&str], transactions: &[&str], budget_bytes: usize) -> (usize, usize) {
        let mut builder = RowsBuilder::with_text_budget(budget_bytes);
        for record in licenses {
            builder.push_license(record.as_bytes()).unwrap();
        }
        for record in transactions {
            builder.push_transaction(record.as_bytes()).unwrap();
        }
        let mut tie_breaker = builder.resolve();
        assert!(budget_bytes == 0 || !tie_breaker.needs_records());
        licenses
            .iter()
            .for_each(|record| tie_breaker.add_license(record.as_bytes()));
        transactions
            .iter()
            .for_each(|record| tie_breaker.add_transaction(record.as_bytes()));
        let rows = tie_breaker.finish();
        (rows.license_count(), rows.transaction_count())
    }

    #[test]
    fn duplicate_records_count_once_if_they_have_ids() {
        let cases = [
            (r#"{"licenseId": "1"}"#, r#"{ "licenseId":"1" }"#, (1, 2)),
            (
                r#"{"licenseId": "1", "tier": "2"}"#,
                r#"{"tier": "2", "licenseId": "1"}"#,
                (1, 2),
            ),
            // What is not kept of a record does not make it another one.
            (
                r#"{"licenseId": "1"}"#,
                r#"{"licenseId": 1, "hostLicenseId": "2"}"#,
                (1, 2),
            ),
            (
                r#"{"licenseId": "1", "transactionId": "T"}"#,
                r#"{"transactionId": "T", "licenseId": "1"}"#,
                (1, 1),
            ),
            (
                r#"{"licenseId": "1", "transactionLineItemId": "L"}"#,
                r#"{"transactionLineItemId": "L", "licenseId": "1"}"#,
                (1, 1),
            ),
            // Rows without any id of a license are counted as sent.
            (r#"{"tier": "2"}"#, r#"{"tier": "2"}"#, (2, 2)),
            (
                r#"{"transactionLineItemId": "L"}"#,
                r#"{"transactionLineItemId": "L"}"#,
                (2, 2),
            ),
            // Of several apps.
            (
                r#"{"licenseId": "1", "addonKey": "a"}"#,
                r#"{"licenseId": "1", "addonKey": "b"}"#,
                (2, 2),
            ),
        ];
        for (first, second, expected) in cases {
            for budget_bytes in [0, 1 << 20] {
                let records = [first, second];
                assert_eq!(
                    left(&records, &records, budget_bytes),
                    expected,
                    "{first} {second} {budget_bytes}"
                );
            }
        }
    }
}
