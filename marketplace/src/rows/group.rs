//! Groups rows into licenses: rows that share an id, directly or through others, belong together.

use super::{Ids, Rows};

const NONE: u32 = u32::MAX;

/// Groups the rows of one app after another, and reuses its memory.
#[derive(Debug)]
pub(crate) struct Grouper {
    /// The first row of each id.
    owner: Vec<u32>,
    /// The parent of each row in a forest of groups; a root is its own parent.
    parent: Vec<u32>,
}

/// The rows of an app, grouped by license.
#[derive(Debug)]
pub(crate) struct Groups {
    licenses: Vec<u32>,
    license_ends: Vec<u32>,
    transactions: Vec<u32>,
    transaction_ends: Vec<u32>,
}

/// The rows of one license.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group<'a> {
    pub(crate) licenses: &'a [u32],
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "ties are broken between license rows alone")
    )]
    pub(crate) transactions: &'a [u32],
}

impl Grouper {
    pub(crate) fn new(rows: &Rows) -> Self {
        Self {
            owner: vec![NONE; rows.names.len()],
            parent: Vec::new(),
        }
    }

    /// Groups rows of one app; each must have an id.
    pub(crate) fn group(&mut self, rows: &Rows, licenses: &[u32], transactions: &[u32]) -> Groups {
        let license_ids = licenses.iter().map(|row| rows.licenses[*row as usize].ids);
        let transaction_ids = transactions
            .iter()
            .map(|row| rows.transactions[*row as usize].ids);
        self.parent.clear();
        for (node, ids) in (0..).zip(license_ids.chain(transaction_ids)) {
            self.add(node, ids);
        }
        let license_ids = licenses.iter().map(|row| rows.licenses[*row as usize].ids);
        let transaction_ids = transactions
            .iter()
            .map(|row| rows.transactions[*row as usize].ids);
        for id in license_ids.chain(transaction_ids).flat_map(Ids::iter) {
            self.owner[id.index()] = NONE;
        }

        let mut number_of_root = vec![NONE; self.parent.len()];
        let mut count = 0;
        let mut numbers = Vec::with_capacity(self.parent.len());
        for node in 0..u32::try_from(self.parent.len()).unwrap_or(NONE) {
            let root = self.root(node);
            let number = &mut number_of_root[root as usize];
            if *number == NONE {
                *number = count;
                count += 1;
            }
            numbers.push(*number);
        }
        let (license_numbers, transaction_numbers) = numbers.split_at(licenses.len());
        let (licenses, license_ends) = sort_by_number(licenses, license_numbers, count);
        let (transactions, transaction_ends) =
            sort_by_number(transactions, transaction_numbers, count);
        Groups {
            licenses,
            license_ends,
            transactions,
            transaction_ends,
        }
    }

    fn add(&mut self, node: u32, ids: Ids) {
        self.parent.push(node);
        for id in ids.iter() {
            match self.owner[id.index()] {
                NONE => self.owner[id.index()] = node,
                owner => {
                    let (a, b) = (self.root(owner), self.root(node));
                    // The older root stays, so that licenses are numbered in the order of their first rows.
                    self.parent[a.max(b) as usize] = a.min(b);
                }
            }
        }
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

impl Groups {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Group<'_>> {
        let mut license_from = 0;
        let mut transaction_from = 0;
        self.license_ends.iter().zip(&self.transaction_ends).map(
            move |(license_end, transaction_end)| {
                let licenses = &self.licenses[license_from..*license_end as usize];
                let transactions = &self.transactions[transaction_from..*transaction_end as usize];
                license_from = *license_end as usize;
                transaction_from = *transaction_end as usize;
                Group {
                    licenses,
                    transactions,
                }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{LicenseRow, TransactionRow};
    use crate::texts::Text;

    fn ids(numbers: [u32; 4]) -> Ids {
        let [a, b, c, d] = numbers.map(Text);
        Ids {
            entitlement_number: a,
            entitlement: b,
            license: c,
            addon_license: d,
        }
    }

    fn groups(licenses: &[[u32; 4]], transactions: &[[u32; 4]]) -> Vec<(Vec<u32>, Vec<u32>)> {
        let mut rows = Rows::new();
        for id in 1..20 {
            rows.names.intern(&format!("id {id}"));
        }
        rows.licenses = licenses
            .iter()
            .map(|numbers| LicenseRow {
                ids: ids(*numbers),
                ..LicenseRow::default()
            })
            .collect();
        rows.transactions = transactions
            .iter()
            .map(|numbers| TransactionRow {
                ids: ids(*numbers),
                ..TransactionRow::default()
            })
            .collect();
        let license_rows: Vec<u32> = (0..).take(licenses.len()).collect();
        let transaction_rows: Vec<u32> = (0..).take(transactions.len()).collect();
        let mut grouper = Grouper::new(&rows);
        // Twice, because the first call must not affect the second.
        grouper.group(&rows, &license_rows, &transaction_rows);
        let groups = grouper.group(&rows, &license_rows, &transaction_rows);
        groups
            .iter()
            .map(|group| (group.licenses.to_vec(), group.transactions.to_vec()))
            .collect()
    }

    #[test]
    fn rows_that_share_an_id_directly_or_through_others_are_one_license() {
        assert_eq!(
            groups(&[[1, 0, 0, 0], [2, 0, 0, 0]], &[]),
            [(vec![0], vec![]), (vec![1], vec![])]
        );
        assert_eq!(
            groups(&[[1, 0, 0, 0], [2, 0, 0, 0]], &[[0, 2, 0, 1]]),
            [(vec![0, 1], vec![0])]
        );
        assert_eq!(
            groups(
                &[[1, 2, 0, 0], [3, 0, 0, 0], [0, 0, 4, 5]],
                &[[0, 0, 2, 6], [6, 0, 3, 0], [0, 5, 0, 0], [9, 0, 0, 0]]
            ),
            [
                (vec![0, 1], vec![0, 1]),
                (vec![2], vec![2]),
                (vec![], vec![3])
            ]
        );
    }

    #[test]
    fn all_ids_share_one_name_space() {
        assert_eq!(
            groups(&[[1, 0, 0, 0], [0, 0, 0, 1]], &[[0, 1, 0, 0], [0, 0, 1, 0]]),
            [(vec![0, 1], vec![0, 1])]
        );
    }
}
