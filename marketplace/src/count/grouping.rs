//! Grouping: which rows describe which license.

use std::collections::HashMap;

use crate::rows::{Ids, Rows};
use crate::texts::Text;

const NONE: u32 = u32::MAX;

/// A table by id or line item: rows of several apps can have one, but are never one license.
#[derive(Debug)]
pub(super) struct NameTable {
    /// By name: a value of the first app that has it.
    first: Vec<u32>,
    /// The values of further apps.
    further: HashMap<(Text, Text), u32>,
}

impl NameTable {
    pub(super) fn new(rows: &Rows) -> Self {
        Self {
            first: vec![NONE; rows.names.len()],
            further: HashMap::new(),
        }
    }

    /// Returns the value of a name in an app, in which `value` is stored if there is none.
    ///
    /// `app_of` tells the app of a value.
    pub(super) fn get_or_insert(
        &mut self,
        app: Text,
        name: Text,
        value: u32,
        app_of: impl FnOnce(u32) -> Text,
    ) -> &mut u32 {
        let first = &mut self.first[name.index()];
        if *first == NONE {
            *first = value;
        }
        if *first == value || app_of(*first) == app {
            return first;
        }
        self.further.entry((app, name)).or_insert(value)
    }
}

/// Rows, by license, in the order of the first row of each license.
#[derive(Debug)]
pub(super) struct Groups {
    apps: Vec<Text>,
    licenses: RowsByGroup,
    transactions: RowsByGroup,
}

/// The rows of one license.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group<'a> {
    pub(super) app: Text,
    pub(super) licenses: &'a [u32],
    pub(super) transactions: &'a [u32],
}

impl Groups {
    /// Groups license rows and transaction rows: those of one app that share an id, directly or through others,
    /// belong together. Each must have an id.
    pub(super) fn of(rows: &Rows, licenses: &[u32], transactions: &[u32]) -> Self {
        let license_keys = licenses.iter().map(|row| {
            let row = &rows.licenses[*row as usize];
            (row.app, row.ids)
        });
        let transaction_keys = transactions.iter().map(|row| {
            let row = &rows.transactions[*row as usize];
            (row.app, row.ids)
        });
        let mut forest = Forest::new(rows, licenses.len() + transactions.len());
        for (app, ids) in license_keys.chain(transaction_keys) {
            forest.add(app, ids);
        }
        let Numbers { of_nodes, apps } = forest.numbers();
        let (of_licenses, of_transactions) = of_nodes.split_at(licenses.len());
        Self {
            licenses: RowsByGroup::sort(licenses, of_licenses, apps.len()),
            transactions: RowsByGroup::sort(transactions, of_transactions, apps.len()),
            apps,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Group<'_>> {
        let licenses = self.licenses.iter().zip(self.transactions.iter());
        let groups = self.apps.iter().zip(licenses);
        groups.map(|(app, (licenses, transactions))| Group {
            app: *app,
            licenses,
            transactions,
        })
    }
}

/// A forest of rows, in which each tree becomes one license.
#[derive(Debug)]
struct Forest {
    /// The first row with each id.
    owners: NameTable,
    apps: Vec<Text>,
    /// The parent of each row; a root is its own parent, and older than its tree.
    parents: Vec<u32>,
}

/// The licenses of rows, numbered in the order of their first rows.
#[derive(Debug)]
struct Numbers {
    of_nodes: Vec<u32>,
    apps: Vec<Text>,
}

impl Forest {
    fn new(rows: &Rows, nodes: usize) -> Self {
        Self {
            owners: NameTable::new(rows),
            apps: Vec::with_capacity(nodes),
            parents: Vec::with_capacity(nodes),
        }
    }

    fn add(&mut self, app: Text, ids: Ids) {
        let node = u32::try_from(self.parents.len()).unwrap_or(NONE);
        self.apps.push(app);
        self.parents.push(node);
        let mut last = Text::default();
        for id in ids.iter() {
            // Two fields often say the same.
            if id == last {
                continue;
            }
            last = id;
            let apps = &self.apps;
            let app_of = |owner| apps[owner as usize];
            let owner = *self.owners.get_or_insert(app, id, node, app_of);
            if owner != node {
                let (a, b) = (self.root(owner), self.root(node));
                self.parents[a.max(b) as usize] = a.min(b);
            }
        }
    }

    fn root(&mut self, mut node: u32) -> u32 {
        while self.parents[node as usize] != node {
            let above = self.parents[self.parents[node as usize] as usize];
            self.parents[node as usize] = above;
            node = above;
        }
        node
    }

    fn numbers(mut self) -> Numbers {
        let mut numbers = Numbers {
            of_nodes: Vec::with_capacity(self.parents.len()),
            apps: Vec::new(),
        };
        for node in 0..u32::try_from(self.parents.len()).unwrap_or(NONE) {
            let root = self.root(node);
            let number = if root == node {
                let app = self.apps[node as usize];
                numbers.apps.push(app);
                u32::try_from(numbers.apps.len() - 1).unwrap_or(NONE)
            } else {
                // The root is older, so it has its number.
                numbers.of_nodes[root as usize]
            };
            numbers.of_nodes.push(number);
        }
        numbers
    }
}

/// Rows sorted by group.
#[derive(Debug)]
struct RowsByGroup {
    rows: Vec<u32>,
    /// Where the rows of each group end.
    ends: Vec<u32>,
}

impl RowsByGroup {
    fn sort(rows: &[u32], groups: &[u32], count: usize) -> Self {
        let mut ends = vec![0u32; count];
        for group in groups {
            ends[*group as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            // At first the start of the group's rows; filling moves it to their end.
            sum += std::mem::replace(end, sum);
        }
        let mut sorted = vec![0; rows.len()];
        for (row, group) in rows.iter().zip(groups) {
            let place = &mut ends[*group as usize];
            sorted[*place as usize] = *row;
            *place += 1;
        }
        Self { rows: sorted, ends }
    }

    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let rows = &self.rows[from..*end as usize];
            from = *end as usize;
            rows
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{LicenseRow, TransactionRow};

    fn ids(numbers: [u32; 4]) -> Ids {
        let [a, b, c, d] = numbers.map(Text);
        Ids {
            entitlement_number: a,
            entitlement: b,
            license: c,
            addon_license: d,
        }
    }

    /// Groups rows, each given by its app and its ids.
    fn groups(
        licenses: &[(u32, [u32; 4])],
        transactions: &[(u32, [u32; 4])],
    ) -> Vec<(u32, Vec<u32>, Vec<u32>)> {
        let mut rows = Rows::new();
        for id in 1..20 {
            rows.names.intern(&format!("id {id}"));
        }
        let license = |(app, numbers): &(u32, [u32; 4])| LicenseRow {
            app: Text(*app),
            ids: ids(*numbers),
            ..LicenseRow::default()
        };
        let transaction = |(app, numbers): &(u32, [u32; 4])| TransactionRow {
            app: Text(*app),
            ids: ids(*numbers),
            ..TransactionRow::default()
        };
        rows.licenses = licenses.iter().map(license).collect();
        rows.transactions = transactions.iter().map(transaction).collect();
        let all = |count| (0..).take(count).collect::<Vec<u32>>();
        let groups = Groups::of(&rows, &all(licenses.len()), &all(transactions.len()));
        groups
            .iter()
            .map(|group| {
                let (licenses, transactions) = (group.licenses, group.transactions);
                (group.app.0, licenses.to_vec(), transactions.to_vec())
            })
            .collect()
    }

    #[test]
    fn rows_that_share_an_id_directly_or_through_others_are_one_license() {
        assert_eq!(
            groups(&[(1, [1, 0, 0, 0]), (1, [2, 0, 0, 0])], &[]),
            [(1, vec![0], vec![]), (1, vec![1], vec![])]
        );
        assert_eq!(
            groups(
                &[(1, [1, 0, 0, 0]), (1, [2, 0, 0, 0])],
                &[(1, [0, 2, 0, 1])]
            ),
            [(1, vec![0, 1], vec![0])]
        );
        assert_eq!(
            groups(
                &[(1, [1, 2, 0, 0]), (1, [3, 0, 0, 0]), (1, [0, 0, 4, 5])],
                &[
                    (1, [0, 0, 2, 6]),
                    (1, [6, 0, 3, 0]),
                    (1, [0, 5, 0, 0]),
                    (1, [9, 0, 0, 0])
                ]
            ),
            [
                (1, vec![0, 1], vec![0, 1]),
                (1, vec![2], vec![2]),
                (1, vec![], vec![3])
            ]
        );
    }

    #[test]
    fn rows_of_different_apps_are_different_licenses_whatever_their_ids() {
        assert_eq!(
            groups(
                &[(1, [1, 0, 0, 0]), (2, [1, 0, 0, 0]), (3, [0, 0, 1, 0])],
                &[
                    (2, [0, 1, 0, 0]),
                    (1, [1, 2, 0, 0]),
                    (3, [2, 1, 0, 0]),
                    (2, [2, 0, 0, 0])
                ]
            ),
            [
                (1, vec![0], vec![1]),
                (2, vec![1], vec![0]),
                (3, vec![2], vec![2]),
                (2, vec![], vec![3])
            ]
        );
    }
}
