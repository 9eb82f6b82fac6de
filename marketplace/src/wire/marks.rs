//! Repeated records, and the order of rows that tie in everything else.
//!
//! Which of several rows of one license counts is decided, in the end, by the greater JSON text. A row keeps no JSON
//! text; so rows that can tie get a rank while the texts are at hand. If there are too many records to keep their
//! texts, those that tie have to be shown a second time; without that the rows are ordered by a digest of their text,
//! which is as stable, though not the order that the rule names.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use super::canonical::write_canonical;
use crate::count::Grouper;
use crate::rows::{Ids, Rows, TransactionRow};

/// A number that tells canonical texts apart.
type Digest = u128;

/// What is remembered of the records besides their rows, in the order of the rows.
#[derive(Debug)]
pub(super) struct Marks {
    digests: Vec<Digest>,
    texts: Vec<u8>,
    ends: Vec<usize>,
    budget_bytes: usize,
    has_texts: bool,
}

impl Marks {
    pub(super) fn new(budget_bytes: usize) -> Self {
        Self {
            digests: Vec::new(),
            texts: Vec::new(),
            ends: Vec::new(),
            budget_bytes,
            has_texts: true,
        }
    }

    pub(super) fn push(&mut self, canonical: &[u8]) {
        self.digests.push(digest(canonical));
        if self.has_texts && self.texts.len() + canonical.len() > self.budget_bytes {
            self.has_texts = false;
            self.texts = Vec::new();
            self.ends = Vec::new();
        }
        if self.has_texts {
            self.texts.extend_from_slice(canonical);
            self.ends.push(self.texts.len());
        }
    }

    fn text(&self, row: u32) -> Option<&[u8]> {
        let end = *self.ends.get(row as usize)?;
        let from = row
            .checked_sub(1)
            .map_or(0, |before| self.ends[before as usize]);
        self.texts.get(from..end)
    }
}

fn digest(canonical: &[u8]) -> Digest {
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        hasher.write_u8(seed);
        hasher.write(canonical);
        u128::from(hasher.finish())
    };
    (half(1) << 64) | half(2)
}

/// Rows of which some may have to be shown again, because their order is decided by their text.
#[derive(Debug)]
pub struct SecondLook {
    rows: Rows,
    licenses: Ties,
    transactions: Ties,
    canonical: Vec<u8>,
}

/// Rows of one list whose order is not decided yet.
#[derive(Debug, Default)]
struct Ties {
    groups: Vec<Vec<(u32, Digest)>>,
    /// The texts of the rows of all groups, nothing as long as they were not shown again.
    texts: HashMap<Digest, Option<Vec<u8>>>,
}

impl SecondLook {
    pub(super) fn new(mut rows: Rows, license_marks: Marks, transaction_marks: Marks) -> Self {
        let groups = license_groups(&rows);
        let (licenses, ranks, repeated) = order(groups, &license_marks);
        for (row, rank) in rows.licenses.iter_mut().zip(ranks) {
            row.rank = rank;
        }
        let licenses = licenses.after_removal(&repeated);
        remove(&mut rows.licenses, &repeated);

        let groups = transaction_groups(&rows);
        let (transactions, ranks, repeated) = order(groups, &transaction_marks);
        for (row, rank) in rows.transactions.iter_mut().zip(ranks) {
            row.rank = rank;
        }
        let transactions = transactions.after_removal(&repeated);
        remove(&mut rows.transactions, &repeated);
        Self {
            rows,
            licenses,
            transactions,
            canonical: Vec::new(),
        }
    }

    /// Tells whether some rows tie whose texts were not kept: then all records should be shown again.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        !self.licenses.groups.is_empty() || !self.transactions.groups.is_empty()
    }

    /// Shows a license record again; one that is not needed, or is not valid, is passed over.
    pub fn show_license(&mut self, record: &[u8]) {
        self.canonical.clear();
        if write_canonical(record, &mut self.canonical).is_ok() {
            self.licenses.show(&self.canonical);
        }
    }

    /// Shows a transaction record again; one that is not needed, or is not valid, is passed over.
    pub fn show_transaction(&mut self, record: &[u8]) {
        self.canonical.clear();
        if write_canonical(record, &mut self.canonical).is_ok() {
            self.transactions.show(&self.canonical);
        }
    }

    /// Returns the rows.
    #[must_use]
    pub fn finish(mut self) -> Rows {
        for (row, rank) in self.licenses.ranks() {
            self.rows.licenses[row as usize].rank = rank;
        }
        for (row, rank) in self.transactions.ranks() {
            self.rows.transactions[row as usize].rank = rank;
        }
        self.rows
    }
}

impl Ties {
    fn show(&mut self, canonical: &[u8]) {
        if self.groups.is_empty() {
            return;
        }
        if let Some(text) = self.texts.get_mut(&digest(canonical)) {
            text.get_or_insert_with(|| canonical.to_vec());
        }
    }

    /// Renumbers the rows for a list without the repeated ones.
    fn after_removal(mut self, repeated: &[u32]) -> Self {
        for (row, _) in self.groups.iter_mut().flatten() {
            *row -= u32::try_from(repeated.partition_point(|gone| gone < row)).unwrap_or_default();
        }
        self
    }

    /// Returns the ranks of the rows of all groups whose texts are all known.
    fn ranks(&self) -> Vec<(u32, u32)> {
        let mut ranks = Vec::new();
        for group in &self.groups {
            let texts: Option<Vec<_>> = group
                .iter()
                .map(|(row, digest)| Some((self.texts.get(digest)?.as_deref()?, *row)))
                .collect();
            let Some(mut texts) = texts else { continue };
            texts.sort_unstable();
            ranks.extend(texts.iter().zip(0..).map(|((_, row), rank)| (*row, rank)));
        }
        ranks
    }
}

/// Gives every row its rank within its group, and finds the repeated rows (sorted).
fn order(groups: Vec<Vec<u32>>, marks: &Marks) -> (Ties, Vec<u32>, Vec<u32>) {
    let mut ties = Ties::default();
    let mut ranks = vec![0; marks.digests.len()];
    let mut repeated = Vec::new();
    for group in groups {
        let mut rows: Vec<_> = group
            .into_iter()
            .map(|row| (row, marks.digests[row as usize]))
            .collect();
        rows.sort_unstable_by_key(|(row, digest)| (*digest, *row));
        rows.dedup_by(|(row, digest), (_, kept)| {
            let is_same = digest == kept;
            if is_same {
                repeated.push(*row);
            }
            is_same
        });
        if rows.len() < 2 {
            continue;
        }
        if marks.has_texts {
            rows.sort_unstable_by_key(|(row, _)| marks.text(*row));
        } else {
            ties.texts
                .extend(rows.iter().map(|(_, digest)| (*digest, None)));
            ties.groups.push(rows.clone());
        }
        for ((row, _), rank) in rows.iter().zip(0..) {
            ranks[*row as usize] = rank;
        }
    }
    repeated.sort_unstable();
    (ties, ranks, repeated)
}

fn remove<T>(rows: &mut Vec<T>, repeated: &[u32]) {
    let mut gone = repeated.iter().peekable();
    let mut index = 0;
    rows.retain(|_| {
        let is_gone = gone.next_if_eq(&&index).is_some();
        index += 1;
        !is_gone
    });
}

/// Returns the license rows that describe one license, where there are several.
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

/// Returns the transaction rows that can stand for one sale, where there are several.
///
/// Without a line item the count looks at fewer rows together than these; the rank serves both.
fn transaction_groups(rows: &Rows) -> Vec<Vec<u32>> {
    let key = |row: &TransactionRow| {
        let has_line_item = !row.line_item.is_missing();
        let dates = (!has_line_item).then_some((row.sold, row.start, row.end));
        let transaction = if has_line_item {
            row.line_item
        } else {
            row.transaction_id
        };
        let ids = if has_line_item || !row.transaction_id.is_missing() {
            Ids::default()
        } else {
            row.ids
        };
        (row.app, has_line_item, transaction, dates, ids)
    };
    let mut sorted: Vec<u32> = Vec::with_capacity(rows.transactions.len());
    sorted.extend(
        (0..)
            .zip(&rows.transactions)
            .filter(|(_, row)| !row.ids.is_empty())
            .map(|(index, _)| index),
    );
    sorted.sort_by_key(|index| key(&rows.transactions[*index as usize]));
    sorted
        .chunk_by(|a, b| {
            key(&rows.transactions[*a as usize]) == key(&rows.transactions[*b as usize])
        })
        .filter(|group| group.len() > 1)
        .map(<[u32]>::to_vec)
        .collect()
}
