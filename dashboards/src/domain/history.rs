//! The recorded changes of a dashboard, and which of them can be undone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::{Change, ChangeRefusal, Dashboard, Field, Tile, TileId, UserId};

/// A recorded change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeRecord {
    /// The revision that it created.
    pub revision: u64,
    /// Who made it; absent when the host did.
    pub by: Option<UserId>,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// A short description for users.
    pub summary: String,
    /// The change.
    pub change: Change,
    /// The fields that it set.
    pub touched: BTreeSet<Field>,
    /// The change that undoes it.
    pub inverse: Change,
    /// If it is an undo, the revision that it undid.
    pub undoes: Option<u64>,
}

/// What undoing a change does.
#[derive(Clone, Debug, PartialEq)]
pub struct UndoPlan {
    /// The change to apply.
    pub change: Change,
    /// The tiles that keep their settings because their library is missing.
    pub skipped: Vec<TileId>,
}

/// Returns the change that undoes `revision` completely.
///
/// `history` holds the records from that revision on. An undo is a change like any other and can
/// be undone as well. A later change that has itself been undone does not prevent an undo.
///
/// # Errors
///
/// - [`ChangeRefusal::UnknownChange`] when the history does not contain the revision.
/// - [`ChangeRefusal::AlreadyUndone`] when it was undone, and that undo is still in effect.
/// - [`ChangeRefusal::ChangedLater`] when later changes set the same fields, which it names.
/// - [`ChangeRefusal::LibrariesMissing`] when the library of every affected tile is missing.
pub fn undo(
    dashboard: &Dashboard,
    history: &[ChangeRecord],
    revision: u64,
    is_present: impl Fn(&Tile) -> bool,
) -> Result<UndoPlan, ChangeRefusal> {
    let target = history
        .iter()
        .find(|record| record.revision == revision)
        .ok_or(ChangeRefusal::UnknownChange { revision })?;
    let index = UndoIndex::new(history, revision);
    if let Some(by) = index.undone_by(revision) {
        return Err(ChangeRefusal::AlreadyUndone { revision, by });
    }
    let mut conflicts = BTreeSet::new();
    let mut first = None;
    let mut later: Vec<&ChangeRecord> = history
        .iter()
        .filter(|record| record.revision > revision)
        .collect();
    later.sort_unstable_by_key(|record| record.revision);
    for record in later {
        let fields = index.remaining_fields(record);
        let overlapping: Vec<_> = fields
            .into_iter()
            .filter(|field| target.touched.iter().any(|mine| mine.overlaps(field)))
            .collect();
        if !overlapping.is_empty() {
            first.get_or_insert(record.revision);
            conflicts.extend(overlapping);
        }
    }
    if let Some(later) = first {
        return Err(ChangeRefusal::ChangedLater {
            revision,
            later,
            fields: conflicts
                .iter()
                .map(|field| field.describe(dashboard))
                .collect(),
        });
    }
    plan(dashboard, target, is_present)
}

/// Returns the undo of `target`, leaving out tiles whose library is missing.
fn plan(
    dashboard: &Dashboard,
    target: &ChangeRecord,
    is_present: impl Fn(&Tile) -> bool,
) -> Result<UndoPlan, ChangeRefusal> {
    let Change::SetFields { fields, versions } = &target.inverse else {
        return Ok(UndoPlan {
            change: target.inverse.clone(),
            skipped: Vec::new(),
        });
    };
    let named: BTreeSet<&TileId> = fields
        .iter()
        .map(|field| &field.tile)
        .chain(versions.iter().map(|(tile, _)| tile))
        .collect();
    let skipped: Vec<TileId> = dashboard
        .tiles()
        .iter()
        .filter(|tile| named.contains(&tile.id) && !is_present(tile))
        .map(|tile| tile.id.clone())
        .collect();
    if skipped.len() == named.len() {
        return Err(ChangeRefusal::LibrariesMissing {
            revision: target.revision,
        });
    }
    let fields = fields
        .iter()
        .filter(|field| !skipped.contains(&field.tile))
        .cloned();
    let versions = versions
        .iter()
        .filter(|(tile, _)| !skipped.contains(tile))
        .cloned();
    Ok(UndoPlan {
        change: Change::SetFields {
            fields: fields.collect(),
            versions: versions.collect(),
        },
        skipped,
    })
}

/// Which changes of a history have been undone.
struct UndoIndex<'a> {
    /// The undo in effect, by the revision that it undid.
    undone: BTreeMap<u64, &'a ChangeRecord>,
    /// The revision to undo: undos of later changes cancel those out, other undos do not.
    from: u64,
}

impl<'a> UndoIndex<'a> {
    fn new(history: &'a [ChangeRecord], from: u64) -> Self {
        let mut records: Vec<_> = history.iter().collect();
        records.sort_unstable_by_key(|record| std::cmp::Reverse(record.revision));
        let mut undone = BTreeMap::new();
        // From the newest, so that an undo is known to be in effect before its target is visited.
        for record in records {
            if let Some(revision) = record.undoes
                && !undone.contains_key(&record.revision)
            {
                undone.insert(revision, record);
            }
        }
        Self { undone, from }
    }

    fn undone_by(&self, revision: u64) -> Option<u64> {
        self.undone.get(&revision).map(|record| record.revision)
    }

    /// Returns the fields that `record` set and that no undo has set back.
    fn remaining_fields(&self, record: &ChangeRecord) -> Vec<Field> {
        let is_neutral_undo = record.undoes.is_some_and(|revision| revision > self.from)
            && !self.undone.contains_key(&record.revision);
        if is_neutral_undo {
            return Vec::new();
        }
        match self.undone.get(&record.revision) {
            // An undo may have skipped tiles, whose fields still have the values that were set.
            Some(undo) => record.touched.difference(&undo.touched).cloned().collect(),
            None => record.touched.iter().cloned().collect(),
        }
    }
}
