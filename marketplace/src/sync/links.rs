//! Which rows of a lane are linked, directly or through others, by ids or line items.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use twox_hash::XxHash3_64;

use crate::{
    rows::{Ids, Rows},
    texts::Text,
};

/// The links between rows, found while they come.
///
/// Names are known by short digests. Where those of two names are equal, licenses share a part that are not linked,
/// which does no harm: within a part, licenses are told apart by what their ids say.
#[derive(Default)]
pub(super) struct Links {
    parent: Vec<u32>,
    /// The least digest of the names of each row.
    least: Vec<u32>,
    /// The first row with each name: the digest of the name and the row.
    owners: HashTable<(u32, u32)>,
    hasher: DefaultHashBuilder,
}

impl Links {
    /// Adds the next row.
    pub(super) fn add(&mut self, rows: &Rows, app: Text, ids: Ids, line_item: Text) {
        let row = u32::try_from(self.parent.len()).unwrap_or(u32::MAX);
        self.parent.push(row);
        self.least.push(u32::MAX);
        let app = XxHash3_64::oneshot(rows.words.text(app).as_bytes());
        let line_item = Some(line_item).filter(|item| !item.is_missing());
        for name in ids.iter().chain(line_item) {
            let digest = XxHash3_64::oneshot(rows.names.text(name).as_bytes()) ^ app;
            let digest = u32::try_from(digest >> 32).unwrap_or_default();
            let least = &mut self.least[row as usize];
            *least = digest.min(*least);
            let hasher = &self.hasher;
            let hash = |digest: u32| hasher.hash_one(digest);
            let found = self
                .owners
                .find(hash(digest), |(other, _)| *other == digest)
                .map(|(_, owner)| *owner);
            match found {
                Some(owner) => self.join(owner, row),
                None => {
                    self.owners
                        .insert_unique(hash(digest), (digest, row), |(digest, _)| hash(*digest));
                }
            }
        }
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        let (root, other) = (a.min(b), a.max(b));
        self.parent[other as usize] = root;
        let least = self.least[root as usize].min(self.least[other as usize]);
        self.least[root as usize] = least;
    }

    fn root(&mut self, mut row: u32) -> u32 {
        while self.parent[row as usize] != row {
            let above = self.parent[self.parent[row as usize] as usize];
            self.parent[row as usize] = above;
            row = above;
        }
        row
    }

    /// Returns a place below `count` for each row; linked rows have the same place.
    ///
    /// It depends on the names alone, so that a license keeps its place from sync to sync.
    pub(super) fn places(mut self, count: usize) -> Vec<u16> {
        self.owners = HashTable::new();
        let count = u32::from(u16::try_from(count).unwrap_or(u16::MAX).max(1));
        (0..)
            .take(self.parent.len())
            .map(|row| {
                let root = self.root(row);
                let place = self.least[root as usize] % count;
                u16::try_from(place).unwrap_or_default()
            })
            .collect()
    }
}
