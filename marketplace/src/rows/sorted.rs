//! Rows in the order in which they are stored: by app, then by license.
//!
//! The order depends on what the rows say, not on the order in which they came. Rows of one license, and those with the
//! same line item, stand side by side: they are a *cluster*. Rows that say the same are kept once.

use std::cmp::Ordering;

use super::{LicenseRow, Rows, TransactionRow, merge::Appender};
use crate::texts::Text;

const NONE: u32 = u32::MAX;

/// Rows of which only their JSON texts can say which is preferred; each group by itself.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Ties {
    pub(crate) licenses: Vec<Vec<u32>>,
    pub(crate) transactions: Vec<Vec<u32>>,
}

/// The clusters of some rows, in stored order.
struct Clusters {
    licenses: Vec<u32>,
    license_ends: Vec<u32>,
    transactions: Vec<u32>,
    transaction_ends: Vec<u32>,
}

/// One cluster: indices of its rows.
#[derive(Clone, Copy, Debug)]
struct Cluster<'a> {
    licenses: &'a [u32],
    transactions: &'a [u32],
}

impl Rows {
    /// Sorts the rows, and returns those whose order of preference is open.
    pub(crate) fn sorted(&self) -> (Self, Ties) {
        let clusters = Clusters::of(self);
        let mut to = Self::new();
        let mut sorter = Sorter {
            appender: Appender::to_empty(self, &mut to),
            ties: Ties::default(),
            license_count: 0,
            transaction_count: 0,
        };
        let mut buffers = Buffers::default();
        for cluster in clusters.iter() {
            sorter
                .add(self, cluster, &mut buffers)
                .expect("a part of these rows takes no more memory than all of them");
        }
        let ties = sorter.ties;
        (to, ties)
    }
}

impl Clusters {
    fn of(rows: &Rows) -> Self {
        let root_of = Linker::new(rows).roots();
        let license_count = rows.licenses.len();
        let ranks = ranks_of_apps(rows);
        let app = |node: usize| match node.checked_sub(license_count) {
            None => rows.licenses[node].app,
            Some(place) => rows.transactions[place].app,
        };
        let names = Names::new(rows);
        let mut first_name = vec![Text::default(); root_of.len()];
        for (node, root) in root_of.iter().enumerate() {
            let first = &mut first_name[*root as usize];
            for name in rows.links(node) {
                if first.is_missing() || names.compare(name, *first) == Ordering::Less {
                    *first = name;
                }
            }
        }
        let mut roots: Vec<(u32, u64, u32)> = (0..)
            .zip(&root_of)
            .filter(|(node, root)| node == *root)
            .map(|(node, _)| {
                let rank = ranks[app(node as usize).index()];
                (rank, names.prefix(first_name[node as usize]), node)
            })
            .collect();
        roots.sort_unstable_by(|a, b| {
            let name = |root: u32| rows.names.text(first_name[root as usize]);
            (a.0, a.1)
                .cmp(&(b.0, b.1))
                .then_with(|| name(a.2).cmp(name(b.2)))
                .then_with(|| rows.compare_nodes(a.2 as usize, b.2 as usize))
        });
        let mut number_of_root = vec![NONE; root_of.len()];
        for (number, (.., root)) in (0..).zip(&roots) {
            number_of_root[*root as usize] = number;
        }
        let numbers: Vec<u32> = root_of
            .iter()
            .map(|root| number_of_root[*root as usize])
            .collect();
        let count = u32::try_from(roots.len()).unwrap_or(NONE);
        let (license_numbers, transaction_numbers) = numbers.split_at(license_count);
        let all = |numbers: &[u32]| -> Vec<u32> { (0..).take(numbers.len()).collect() };
        let (licenses, license_ends) =
            sort_by_number(&all(license_numbers), license_numbers, count);
        let (transactions, transaction_ends) =
            sort_by_number(&all(transaction_numbers), transaction_numbers, count);
        Self {
            licenses,
            license_ends,
            transactions,
            transaction_ends,
        }
    }

    fn iter(&self) -> impl Iterator<Item = Cluster<'_>> {
        let mut from = (0, 0);
        let ends = self.license_ends.iter().zip(&self.transaction_ends);
        ends.map(move |(license_end, transaction_end)| {
            let until = (*license_end as usize, *transaction_end as usize);
            let cluster = Cluster {
                licenses: &self.licenses[from.0..until.0],
                transactions: &self.transactions[from.1..until.1],
            };
            from = until;
            cluster
        })
    }
}

impl Rows {
    /// Returns the names that link a row to others; rows are numbered licenses first.
    fn links(&self, node: usize) -> impl Iterator<Item = Text> {
        let (ids, line_item) = match node.checked_sub(self.licenses.len()) {
            None => (self.licenses[node].ids, Text::default()),
            Some(place) => (
                self.transactions[place].ids,
                self.transactions[place].line_item,
            ),
        };
        ids.iter()
            .chain(Some(line_item).filter(|item| !item.is_missing()))
    }

    /// Compares what two rows say, licenses first.
    fn compare_nodes(&self, a: usize, b: usize) -> Ordering {
        let count = self.licenses.len();
        match (a.checked_sub(count), b.checked_sub(count)) {
            (None, None) => self.compare_licenses(&self.licenses[a], &self.licenses[b]),
            (Some(a), Some(b)) => {
                self.compare_transactions(&self.transactions[a], &self.transactions[b])
            }
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    }

    fn compare_licenses(&self, a: &LicenseRow, b: &LicenseRow) -> Ordering {
        let dates = |row: &LicenseRow| (row.last_updated, row.end, row.start);
        let words = |row: &LicenseRow| row.words();
        dates(a)
            .cmp(&dates(b))
            .then_with(|| self.compare_words(words(a), words(b)))
            .then_with(|| self.compare_names(a.ids.all(), b.ids.all()))
            .then_with(|| self.compare_names([a.company], [b.company]))
            .then_with(|| a.has_unreadable_date.cmp(&b.has_unreadable_date))
    }

    fn compare_transactions(&self, a: &TransactionRow, b: &TransactionRow) -> Ordering {
        let dates = |row: &TransactionRow| (row.sold.or(row.start), row.start, row.end);
        let rest = |row: &TransactionRow| (row.sold, row.last_updated, row.has_unreadable_date);
        let words = |row: &TransactionRow| row.words();
        let names = |row: &TransactionRow| {
            [
                row.line_item,
                row.transaction_id,
                row.original_id,
                row.company,
            ]
        };
        let additions = |row| {
            let additions = self.additions(row).iter();
            additions.map(|addition| (addition.date, addition.users))
        };
        dates(a)
            .cmp(&dates(b))
            .then_with(|| self.compare_names(names(a), names(b)))
            .then_with(|| rest(a).cmp(&rest(b)))
            .then_with(|| self.compare_words(words(a), words(b)))
            .then_with(|| self.compare_names(a.ids.all(), b.ids.all()))
            .then_with(|| additions(a).cmp(additions(b)))
    }

    fn compare_words<const N: usize>(&self, a: [Text; N], b: [Text; N]) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        a.map(|word| self.words.text(word))
            .cmp(&b.map(|word| self.words.text(word)))
    }

    fn compare_names<const N: usize>(&self, a: [Text; N], b: [Text; N]) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        a.map(|name| self.names.text(name))
            .cmp(&b.map(|name| self.names.text(name)))
    }
}

/// Returns the place of each app among all, by key; indexed by the word of its key.
fn ranks_of_apps(rows: &Rows) -> Vec<u32> {
    let mut ranks = vec![NONE; rows.words.len()];
    let mut apps = Vec::new();
    let of_licenses = rows.licenses.iter().map(|row| row.app);
    let of_transactions = rows.transactions.iter().map(|row| row.app);
    for app in of_licenses.chain(of_transactions) {
        if ranks[app.index()] == NONE {
            ranks[app.index()] = 0;
            apps.push(app);
        }
    }
    apps.sort_unstable_by_key(|app| rows.words.text(*app));
    for (rank, app) in (0..).zip(apps) {
        ranks[app.index()] = rank;
    }
    ranks
}

/// Names, compared by their first bytes where these differ.
struct Names<'a> {
    rows: &'a Rows,
    prefixes: Vec<u64>,
}

impl<'a> Names<'a> {
    fn new(rows: &'a Rows) -> Self {
        let prefix = |name: &str| {
            let mut first = [0; 8];
            let bytes = &name.as_bytes()[..name.len().min(8)];
            first[..bytes.len()].copy_from_slice(bytes);
            u64::from_be_bytes(first)
        };
        Self {
            rows,
            prefixes: rows.names.iter().map(prefix).collect(),
        }
    }

    fn prefix(&self, name: Text) -> u64 {
        self.prefixes[name.index()]
    }

    fn compare(&self, a: Text, b: Text) -> Ordering {
        self.prefix(a)
            .cmp(&self.prefix(b))
            .then_with(|| self.rows.names.text(a).cmp(self.rows.names.text(b)))
    }
}

/// Joins rows of one app that share an id or a line item, directly or through others.
struct Linker<'a> {
    rows: &'a Rows,
    parent: Vec<u32>,
}

impl<'a> Linker<'a> {
    fn new(rows: &'a Rows) -> Self {
        let count = u32::try_from(rows.licenses.len() + rows.transactions.len()).unwrap_or(NONE);
        Self {
            rows,
            parent: (0..count).collect(),
        }
    }

    /// Returns the first row of each row's cluster.
    fn roots(mut self) -> Vec<u32> {
        let rows = self.rows;
        let apps = rows.licenses.iter().map(|row| row.app);
        let apps = apps.chain(rows.transactions.iter().map(|row| row.app));
        let apps: Vec<u32> = apps.map(|app| app.0).collect();
        let all: Vec<u32> = (0..).take(apps.len()).collect();
        let count = u32::try_from(rows.words.len()).unwrap_or(NONE);
        let (nodes, ends) = sort_by_number(&all, &apps, count);
        let mut owner = vec![NONE; rows.names.len()];
        let mut from = 0;
        for end in ends {
            let of_app = &nodes[from..end as usize];
            from = end as usize;
            for node in of_app {
                for name in rows.links(*node as usize) {
                    match owner[name.index()] {
                        NONE => owner[name.index()] = *node,
                        other => self.join(other, *node),
                    }
                }
            }
            for name in of_app.iter().flat_map(|node| rows.links(*node as usize)) {
                owner[name.index()] = NONE;
            }
        }
        (0..)
            .take(self.parent.len())
            .map(|node| self.root(node))
            .collect()
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }

    fn root(&mut self, mut node: u32) -> u32 {
        while self.parent[node as usize] != node {
            let above = self.parent[self.parent[node as usize] as usize];
            self.parent[node as usize] = above;
            node = above;
        }
        node
    }
}

/// Sorts rows by their numbers, and returns where the rows of each number end.
fn sort_by_number(rows: &[u32], numbers: &[u32], count: u32) -> (Vec<u32>, Vec<u32>) {
    let mut ends = vec![0u32; count as usize];
    for number in numbers {
        ends[*number as usize] += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        // At first the start of the number's rows; filling moves it to their end.
        sum += std::mem::replace(end, sum);
    }
    let mut sorted = vec![0; rows.len()];
    for (row, number) in rows.iter().zip(numbers) {
        let place = &mut ends[*number as usize];
        sorted[*place as usize] = *row;
        *place += 1;
    }
    (sorted, ends)
}

/// Writes clusters to the end of other rows.
struct Sorter<'a> {
    appender: Appender<'a>,
    ties: Ties,
    license_count: u32,
    transaction_count: u32,
}

/// Memory that is reused for one cluster after another.
#[derive(Default)]
struct Buffers {
    rows: Vec<u32>,
    names: Vec<Text>,
}

impl Sorter<'_> {
    fn add(&mut self, from: &Rows, cluster: Cluster<'_>, buffers: &mut Buffers) -> Option<()> {
        self.add_licenses(from, cluster.licenses, &mut buffers.rows)?;
        self.add_transactions(from, cluster.transactions, buffers)
    }

    fn add_licenses(&mut self, from: &Rows, licenses: &[u32], sorted: &mut Vec<u32>) -> Option<()> {
        let row = |index: &u32| &from.licenses[*index as usize];
        sorted.clear();
        sorted.extend_from_slice(licenses);
        if sorted.len() > 1 {
            sorted.sort_by(|a, b| from.compare_licenses(row(a), row(b)));
            sorted.dedup_by(|a, b| {
                !row(a).ids.is_empty() && from.compare_licenses(row(a), row(b)).is_eq()
            });
        }
        for index in sorted.iter() {
            self.appender.license(&LicenseRow {
                rank: 0,
                ..*row(index)
            })?;
        }
        if sorted.len() > 1 {
            let key = |index: &u32| {
                let row = row(index);
                let is_blank = from.words.text(row.sandbox).trim().is_empty();
                (!row.ids.is_empty()).then_some((row.last_updated, row.end, is_blank))
            };
            add_ties(&mut self.ties.licenses, sorted, self.license_count, key);
        }
        self.license_count += u32::try_from(sorted.len()).ok()?;
        Some(())
    }

    fn add_transactions(
        &mut self,
        from: &Rows,
        transactions: &[u32],
        buffers: &mut Buffers,
    ) -> Option<()> {
        let row = |index: &u32| &from.transactions[*index as usize];
        let has_key = |row: &TransactionRow| {
            let has_name = !row.line_item.is_missing() || !row.transaction_id.is_missing();
            has_name && !row.ids.is_empty()
        };
        let Buffers {
            rows: sorted,
            names,
        } = buffers;
        sorted.clear();
        sorted.extend_from_slice(transactions);
        if sorted.len() > 1 {
            sorted.sort_by(|a, b| from.compare_transactions(row(a), row(b)));
            // A row with neither line item nor transaction id is a sale of its own, even if another one is equal.
            sorted.dedup_by(|a, b| {
                has_key(row(a)) && from.compare_transactions(row(a), row(b)).is_eq()
            });
        }
        let line_items = orders(from, names, sorted, |index| row(index).line_item);
        let ids = orders(from, names, sorted, |index| row(index).transaction_id);
        for (place, index) in sorted.iter().enumerate() {
            self.appender.transaction(&TransactionRow {
                line_item_order: line_items.get(place).copied().unwrap_or_default(),
                transaction_order: ids.get(place).copied().unwrap_or_default(),
                rank: 0,
                ..*row(index)
            })?;
        }
        if sorted.len() > 1 {
            let key = |index: &u32| {
                let row = row(index);
                let is_blank = from.words.text(row.sandbox).trim().is_empty();
                let has_line_item = !row.line_item.is_missing();
                let name = if has_line_item {
                    row.line_item
                } else {
                    row.transaction_id
                };
                let dates = (!has_line_item).then_some((row.sold, row.start));
                let key = (has_line_item, name, dates);
                has_key(row).then_some((key, row.last_updated, row.end, is_blank))
            };
            add_ties(
                &mut self.ties.transactions,
                sorted,
                self.transaction_count,
                key,
            );
        }
        self.transaction_count += u32::try_from(sorted.len()).ok()?;
        Some(())
    }
}

/// Adds the groups of rows with equal keys; a row without a key ties with none. `first` is the new index of the first row.
fn add_ties<K: Ord>(
    ties: &mut Vec<Vec<u32>>,
    rows: &[u32],
    first: u32,
    key: impl Fn(&u32) -> Option<K>,
) {
    let keys = rows.iter().zip(first..);
    let mut keys: Vec<(K, u32)> = keys
        .filter_map(|(row, index)| Some((key(row)?, index)))
        .collect();
    keys.sort_unstable();
    let groups = keys.chunk_by(|a, b| a.0 == b.0);
    ties.extend(
        groups
            .filter(|group| group.len() > 1)
            .map(|group| group.iter().map(|(_, index)| *index).collect()),
    );
}

/// Returns the place of each row's name among those of the cluster, by length, then as text; a missing one comes first.
///
/// Empty if all are 0.
fn orders(
    rows: &Rows,
    names: &mut Vec<Text>,
    sorted: &[u32],
    name: impl Fn(&u32) -> Text,
) -> Vec<u32> {
    if sorted.len() < 2 {
        return Vec::new();
    }
    names.clear();
    names.extend(sorted.iter().map(&name));
    names.sort_unstable();
    names.dedup();
    if names.len() < 2 {
        return Vec::new();
    }
    let key = |name: &Text| {
        let text = rows.names.text(*name);
        (text.chars().count(), text)
    };
    names.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
    let mut places: Vec<(Text, u32)> = names.iter().copied().zip(0..).collect();
    places.sort_unstable();
    let place = |index: &u32| {
        let name = name(index);
        let at = places.partition_point(|(other, _)| *other < name);
        places.get(at).map_or(0, |(_, place)| *place)
    };
    sorted.iter().map(place).collect()
}

#[cfg(test)]
mod tests;
