//! What a sync learns from the one before: since when a row has said the same, and which rows were restated.
//!
//! Two rows are the same license row if all their ids are equal. A row that gained an id is still the same one if no
//! row has its former ids any more.

use std::collections::HashSet;

use crate::day::Day;
use crate::rows::{Ids, LicenseRow, Rows, TransactionRow};
use crate::texts::{Text, Texts};

impl Rows {
    /// Takes over since when each row has said the same, and returns how many rows changed since the previous sync.
    ///
    /// Failed syncs leave no rows, so they interrupt nothing. Only content that the count looks at matters: an edited
    /// contact, or a new day of the last update alone, is no change.
    pub fn detect_restatements(&mut self, previous: &Self) -> u64 {
        let comparison = Comparison::new(self, previous);
        let licenses = comparison.compare_licenses(&mut self.licenses);
        licenses + comparison.changed_transactions(self)
    }
}

/// The rows of the previous sync, in the numbers of this one.
struct Comparison<'a> {
    previous: &'a Rows,
    /// The name in this sync of each name of the previous one.
    names: Vec<Option<Text>>,
    /// One number for all words of both syncs that differ in case and outer blanks only.
    folded: FoldedWords,
}

/// The previous license rows by app and ids.
struct LicenseIndex {
    by_ids: Vec<((Text, Ids), u32)>,
    /// Rows whose set of ids is gone, by each of the ids.
    gone_by_id: Vec<((Text, Text), u32)>,
}

/// Numbers of words; words that compare as equal have equal numbers.
struct FoldedWords {
    former: Vec<u32>,
    now: Vec<u32>,
}

/// What the count looks at in a license row, apart from the day of its last update.
type LicenseContent = ([u32; 6], Option<Day>, Option<Day>);

/// What the count looks at in a transaction row.
type TransactionContent = (Ids, Text, [u32; 6], [Option<Day>; 3]);

impl FoldedWords {
    fn new(now: &Texts, former: &Texts) -> Self {
        let mut numbers = std::collections::HashMap::new();
        let mut fold = |texts: &Texts| {
            texts
                .iter()
                .map(|text| {
                    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                    *numbers.entry(text.trim().to_lowercase()).or_insert(next)
                })
                .collect()
        };
        Self {
            now: fold(now),
            former: fold(former),
        }
    }
}

fn license_content(row: &LicenseRow, folded: &[u32]) -> LicenseContent {
    let words = [
        row.hosting,
        row.tier,
        row.evaluation_size,
        row.license_type,
        row.sandbox,
        row.status,
    ];
    (words.map(|word| folded[word.index()]), row.start, row.end)
}

fn transaction_content(
    row: &TransactionRow,
    folded: &[u32],
    ids: Ids,
    original: Text,
) -> TransactionContent {
    let words = [
        row.hosting,
        row.tier,
        row.old_tier,
        row.license_type,
        row.sale_type,
        row.billing_period,
    ];
    (
        ids,
        original,
        words.map(|word| folded[word.index()]),
        [row.sold, row.start, row.end],
    )
}

impl<'a> Comparison<'a> {
    fn new(now: &Rows, previous: &'a Rows) -> Self {
        Self {
            previous,
            names: previous
                .names
                .iter()
                .map(|name| now.names.lookup(name))
                .collect(),
            folded: FoldedWords::new(&now.words, &previous.words),
        }
    }

    fn ids(&self, ids: Ids) -> Option<Ids> {
        let name = |name: Text| self.names[name.index()];
        Some(Ids {
            entitlement_number: name(ids.entitlement_number)?,
            entitlement: name(ids.entitlement)?,
            license: name(ids.license)?,
            addon_license: name(ids.addon_license)?,
        })
    }

    fn app(&self, app: Text) -> Text {
        // Apps are compared as folded words.
        Text(self.folded.former[app.index()])
    }

    fn license_index(&self, now: &[LicenseRow]) -> LicenseIndex {
        let there: HashSet<(Text, Ids)> = now
            .iter()
            .map(|row| (Text(self.folded.now[row.app.index()]), row.ids))
            .collect();
        let mut by_ids = Vec::new();
        let mut gone_by_id = Vec::new();
        for (index, row) in (0..).zip(&self.previous.licenses) {
            if row.ids.is_empty() {
                continue;
            }
            let app = self.app(row.app);
            match self.ids(row.ids).map(|ids| (app, ids)) {
                Some(key) if there.contains(&key) => by_ids.push((key, index)),
                _ => gone_by_id.extend(
                    row.ids
                        .iter()
                        .filter_map(|id| self.names[id.index()])
                        .map(|id| ((app, id), index)),
                ),
            }
        }
        by_ids.sort_unstable();
        gone_by_id.sort_unstable();
        LicenseIndex { by_ids, gone_by_id }
    }

    /// Fills in since when rows have said the same, and returns how many rows changed.
    fn compare_licenses(&self, now: &mut [LicenseRow]) -> u64 {
        let index = self.license_index(now);
        let mut changed = 0;
        for row in now.iter_mut().filter(|row| !row.ids.is_empty()) {
            let former = index.of(Text(self.folded.now[row.app.index()]), row.ids);
            let content = license_content(row, &self.folded.now);
            let same = former
                .iter()
                .map(|index| &self.previous.licenses[*index as usize])
                .filter(|former| license_content(former, &self.folded.former) == content);
            match same
                .map(|former| former.unchanged_since.or(former.last_updated))
                .reduce(earliest)
            {
                Some(unchanged_since) => {
                    let since = earliest(unchanged_since, row.last_updated);
                    // The day of the last update stands for itself, so that nothing new is stored of such rows.
                    row.unchanged_since = since.filter(|_| since != row.last_updated);
                }
                None => changed += u64::from(!former.is_empty()),
            }
        }
        changed
    }

    fn changed_transactions(&self, now: &Rows) -> u64 {
        let key =
            |app: Text, row: &TransactionRow, line_item: Text, transaction: Text, ids: Ids| {
                let has_line_item = !row.line_item.is_missing();
                let ids = if has_line_item { Ids::default() } else { ids };
                (
                    app,
                    has_line_item,
                    if has_line_item {
                        line_item
                    } else {
                        transaction
                    },
                    ids,
                )
            };
        let mut former = Vec::with_capacity(self.previous.transactions.len());
        for (index, row) in (0u32..).zip(&self.previous.transactions) {
            let name = |name: Text| self.names[name.index()];
            let (Some(line_item), Some(transaction), Some(ids)) = (
                name(row.line_item),
                name(row.transaction_id),
                self.ids(row.ids),
            ) else {
                continue;
            };
            former.push((
                key(self.app(row.app), row, line_item, transaction, ids),
                index,
            ));
        }
        former.sort_unstable();
        let is_changed = |row: &&TransactionRow| {
            let app = Text(self.folded.now[row.app.index()]);
            let key = key(app, row, row.line_item, row.transaction_id, row.ids);
            let of_key = equal(&former, &key);
            !row.ids.is_empty()
                && !of_key.is_empty()
                && !of_key.iter().any(|(_, index)| {
                    self.is_same_sale(row, now, &self.previous.transactions[*index as usize])
                })
        };
        now.transactions.iter().filter(is_changed).count() as u64
    }

    fn is_same_sale(&self, row: &TransactionRow, now: &Rows, former: &TransactionRow) -> bool {
        let content = transaction_content(row, &self.folded.now, row.ids, row.original_id);
        self.ids(former.ids)
            .zip(self.names[former.original_id.index()])
            .is_some_and(|(ids, original)| {
                transaction_content(former, &self.folded.former, ids, original) == content
                    && self.previous.additions(former) == now.additions(row)
            })
    }
}

impl LicenseIndex {
    /// Returns the previous rows of a license row.
    fn of(&self, app: Text, ids: Ids) -> Vec<u32> {
        let same = equal(&self.by_ids, &(app, ids));
        if !same.is_empty() {
            return same.iter().map(|(_, index)| *index).collect();
        }
        let mut gone: Vec<u32> = ids
            .iter()
            .flat_map(|id| equal(&self.gone_by_id, &(app, id)))
            .map(|(_, index)| *index)
            .collect();
        gone.sort_unstable();
        gone.dedup();
        gone
    }
}

/// Returns the entries of a sorted list with a key.
fn equal<'a, K: Ord>(sorted: &'a [(K, u32)], key: &K) -> &'a [(K, u32)] {
    let from = sorted.partition_point(|(other, _)| other < key);
    let until = from + sorted[from..].partition_point(|(other, _)| other <= key);
    &sorted[from..until]
}

/// Returns the earlier of two days; a missing one is ignored.
fn earliest(a: Option<Day>, b: Option<Day>) -> Option<Day> {
    a.into_iter().chain(b).min()
}
