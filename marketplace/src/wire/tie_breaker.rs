//! Removes duplicate records, and orders rows that tie in everything else.
//!
//! The last tie between rows of one license is broken by the greater JSON text. Rows do not keep that text, so those
//! that can tie get a rank while the texts are available. If there were too many records to keep their texts, they
//! have to be read again; otherwise rows are ordered by a digest of their text, which is just as stable, but not the
//! order of the rule.

use std::collections::HashMap;

use super::record_texts::{Kept, RecordTexts, canonical};
use crate::digest::digest;
use crate::rows::{Rows, TransactionRow, group::Grouper};

type Digest = u128;

/// Rows that may still have ties, which only the texts of their records can break.
#[derive(Debug)]
pub struct TieBreaker {
    rows: Rows,
    licenses: Ties,
    transactions: Ties,
}

/// Rows of one list whose order is still open.
#[derive(Debug, Default)]
struct Ties {
    groups: Vec<Vec<(u32, Digest)>>,
    /// The canonical texts of all groups; nothing until a record is read again.
    texts: HashMap<Digest, Option<Vec<u8>>>,
}

impl TieBreaker {
    pub(super) fn new(
        mut rows: Rows,
        license_texts: &RecordTexts,
        transaction_texts: &RecordTexts,
    ) -> Self {
        let groups = license_groups(&rows);
        let licenses = order(groups, license_texts);
        let transactions = order(transaction_groups(&rows), transaction_texts);
        let licenses = licenses.apply(&mut rows.licenses, |row, rank| row.rank = rank);
        let transactions = transactions.apply(&mut rows.transactions, |row, rank| row.rank = rank);
        Self {
            rows,
            licenses,
            transactions,
        }
    }

    /// Tells whether there are ties whose texts were not kept: then all records should be read again.
    #[must_use]
    pub fn needs_records(&self) -> bool {
        !self.licenses.groups.is_empty() || !self.transactions.groups.is_empty()
    }

    /// Adds a license record that was read again, byte for byte the same; one that is not needed is ignored.
    pub fn add_license(&mut self, record: &[u8]) {
        self.licenses.add(record);
    }

    /// Adds a transaction record that was read again, byte for byte the same; one that is not needed is ignored.
    pub fn add_transaction(&mut self, record: &[u8]) {
        self.transactions.add(record);
    }

    /// Returns the rows.
    #[must_use]
    pub fn finish(mut self) -> Rows {
        self.licenses
            .order()
            .apply(&mut self.rows.licenses, |row, rank| row.rank = rank);
        self.transactions
            .order()
            .apply(&mut self.rows.transactions, |row, rank| row.rank = rank);
        self.rows
    }
}

impl Ties {
    fn add(&mut self, record: &[u8]) {
        if self.groups.is_empty() {
            return;
        }
        if let Some(text) = self.texts.get_mut(&digest(record)) {
            text.get_or_insert_with(|| canonical(record));
        }
    }

    /// Orders the groups whose texts are all known.
    fn order(&self) -> Order {
        let mut order = Order::default();
        for group in &self.groups {
            let text = |digest| self.texts.get(digest).and_then(Option::as_ref);
            let texts: Option<Vec<_>> = group
                .iter()
                .map(|(row, digest)| Some((text(digest)?, *row)))
                .collect();
            if let Some(texts) = texts {
                order.rank(texts);
            }
        }
        order
    }
}

/// The order of rows in their groups, as far as it is known.
#[derive(Debug, Default)]
struct Order {
    /// Rows and their ranks.
    ranks: Vec<(u32, u32)>,
    /// Duplicate rows.
    repeated: Vec<u32>,
    ties: Ties,
}

impl Order {
    /// Ranks the rows of a group; only the first of equal rows is kept.
    fn rank<K: Ord>(&mut self, mut rows: Vec<(K, u32)>) -> Vec<(K, u32)> {
        rows.sort_unstable();
        rows.dedup_by(|(key, row), (kept, _)| {
            let is_same = key == kept;
            if is_same {
                self.repeated.push(*row);
            }
            is_same
        });
        self.ranks
            .extend(rows.iter().zip(0..).map(|((_, row), rank)| (*row, rank)));
        rows
    }

    /// Sets the ranks, removes duplicate rows, and returns the remaining ties.
    fn apply<T>(mut self, rows: &mut Vec<T>, set_rank: impl Fn(&mut T, u32)) -> Ties {
        for (row, rank) in self.ranks {
            set_rank(&mut rows[row as usize], rank);
        }
        self.repeated.sort_unstable();
        for (row, _) in self.ties.groups.iter_mut().flatten() {
            let gone = self.repeated.partition_point(|gone| gone < row);
            *row -= u32::try_from(gone).unwrap_or_default();
        }
        let mut gone = self.repeated.iter().peekable();
        let mut index = 0;
        rows.retain(|_| {
            let is_gone = gone.next_if_eq(&&index).is_some();
            index += 1;
            !is_gone
        });
        self.ties
    }
}

/// Orders the rows of groups by their texts, or by their digests until the texts are known.
fn order(groups: Vec<Vec<u32>>, texts: &RecordTexts) -> Order {
    let mut order = Order::default();
    for group in groups {
        match &texts.kept {
            Kept::Texts { bytes, ends } => {
                let text = |row: u32| {
                    let from = row.checked_sub(1).map_or(0, |before| ends[before as usize]);
                    canonical(&bytes[from..ends[row as usize]])
                };
                order.rank(group.into_iter().map(|row| (text(row), row)).collect());
            }
            Kept::Digests(digests) => {
                let rows = group
                    .into_iter()
                    .map(|row| (digests[row as usize], row))
                    .collect();
                let rows = order.rank(rows);
                if rows.len() > 1 {
                    order
                        .ties
                        .texts
                        .extend(rows.iter().map(|(digest, _)| (*digest, None)));
                    order.ties.groups.push(
                        rows.into_iter()
                            .map(|(digest, row)| (row, digest))
                            .collect(),
                    );
                }
            }
        }
    }
    order
}

/// Returns the groups of several license rows that describe one license.
fn license_groups(rows: &Rows) -> Vec<Vec<u32>> {
    let mut by_app: Vec<u32> = Vec::with_capacity(rows.licenses.len());
    by_app.extend(
        (0..)
            .zip(&rows.licenses)
            .filter(|(_, row)| !row.ids.is_empty())
            .map(|(index, _)| index),
    );
    by_app.sort_by_key(|index| rows.licenses[*index as usize].app);
    let mut transactions: Vec<u32> = Vec::with_capacity(rows.transactions.len());
    transactions.extend(
        (0..)
            .zip(&rows.transactions)
            .filter(|(_, row)| !row.ids.is_empty())
            .map(|(index, _)| index),
    );
    transactions.sort_by_key(|index| rows.transactions[*index as usize].app);
    let mut grouper = Grouper::new(rows);
    let mut found = Vec::new();
    for licenses in
        by_app.chunk_by(|a, b| rows.licenses[*a as usize].app == rows.licenses[*b as usize].app)
    {
        let app = rows.licenses[licenses[0] as usize].app;
        let from =
            transactions.partition_point(|index| rows.transactions[*index as usize].app < app);
        let until =
            transactions.partition_point(|index| rows.transactions[*index as usize].app <= app);
        let groups = grouper.group(rows, licenses, &transactions[from..until]);
        found.extend(
            groups
                .iter()
                .filter(|group| group.licenses.len() > 1)
                .map(|group| group.licenses.to_vec()),
        );
    }
    found
}

/// Returns the groups of several transaction rows that can be versions of one sale.
///
/// Without line items the groups of the count are smaller, but the rank is valid for both. A row with neither line
/// item nor transaction id is a sale of its own, even if another row is equal.
fn transaction_groups(rows: &Rows) -> Vec<Vec<u32>> {
    let has_line_item = |row: &TransactionRow| !row.line_item.is_missing();
    let has_key = |row: &TransactionRow| has_line_item(row) || !row.transaction_id.is_missing();
    let key = |row: &TransactionRow| {
        let dates = (!has_line_item(row)).then_some((row.sold, row.start, row.end));
        let name = if has_line_item(row) {
            row.line_item
        } else {
            row.transaction_id
        };
        (row.app, has_line_item(row), name, dates)
    };
    let row = |index: &u32| &rows.transactions[*index as usize];
    let mut sorted: Vec<u32> = Vec::with_capacity(rows.transactions.len());
    sorted.extend(
        (0..)
            .zip(&rows.transactions)
            .filter(|(_, row)| !row.ids.is_empty() && has_key(row))
            .map(|(index, _)| index),
    );
    sorted.sort_by_key(|index| key(row(index)));
    sorted
        .chunk_by(|a, b| key(row(a)) == key(row(b)))
        .filter(|group| group.len() > 1)
        .map(<[u32]>::to_vec)
        .collect()
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
            (r#"{"licenseId": "1"}"#, r#"{"licenseId": 1}"#, (2, 2)),
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
