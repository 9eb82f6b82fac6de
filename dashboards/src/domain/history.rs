//! The changes of a dashboard so far, and which of them can be undone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::{Change, Dashboard, Field, Refusal, Tile, TileId, UserId};

/// One change that was made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The revision that it made.
    pub revision: u64,
    /// Who made it; nobody where the host did.
    pub by: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened, in a few words for people.
    pub summary: String,
    /// The change.
    pub change: Change,
    /// What it set.
    pub touched: BTreeSet<Field>,
    /// The change that undoes it.
    pub inverse: Change,
    /// The revision that it undid, if it is an undo.
    pub undoes: Option<u64>,
}

/// What an undo does.
#[derive(Clone, Debug, PartialEq)]
pub struct Undo {
    /// The change to apply.
    pub change: Change,
    /// The tiles that keep their settings because their library is absent.
    pub skipped: Vec<TileId>,
}

/// Returns what undoes the change of `revision`: the whole of it, or a refusal.
///
/// `history` holds the records from that revision on. An undo is a change like any other, so it
/// can be undone as well. A later change and its undo together are in nobody's way.
///
/// # Errors
///
/// - [`Refusal::NoRecord`] when the history does not hold the revision.
/// - [`Refusal::UndoneAlready`] when it was undone and the undo still stands.
/// - [`Refusal::TouchedLater`] when a later change touched the same fields; it names them.
/// - [`Refusal::AllAbsent`] when nothing is left because libraries are absent.
pub fn undo(
    dashboard: &Dashboard,
    history: &[Record],
    revision: u64,
    is_present: impl Fn(&Tile) -> bool,
) -> Result<Undo, Refusal> {
    let target = history
        .iter()
        .find(|record| record.revision == revision)
        .ok_or(Refusal::NoRecord { revision })?;
    let standing = Standing::of(history, revision);
    if let Some(by) = standing.undone_by(revision) {
        return Err(Refusal::UndoneAlready { revision, by });
    }
    let mut in_the_way = BTreeSet::new();
    let mut first = None;
    let mut later: Vec<&Record> = history
        .iter()
        .filter(|record| record.revision > revision)
        .collect();
    later.sort_unstable_by_key(|record| record.revision);
    for record in later {
        let fields = standing.fields(record);
        let overlapping: Vec<_> = fields
            .into_iter()
            .filter(|field| target.touched.iter().any(|mine| mine.overlaps(field)))
            .collect();
        if !overlapping.is_empty() {
            first.get_or_insert(record.revision);
            in_the_way.extend(overlapping);
        }
    }
    if let Some(later) = first {
        return Err(Refusal::TouchedLater {
            revision,
            later,
            fields: in_the_way
                .iter()
                .map(|field| field.describe(dashboard))
                .collect(),
        });
    }
    without_absent(dashboard, target, is_present)
}

/// Takes the settings of tiles out whose library is absent.
fn without_absent(
    dashboard: &Dashboard,
    target: &Record,
    is_present: impl Fn(&Tile) -> bool,
) -> Result<Undo, Refusal> {
    let Change::SetFields { fields, versions } = &target.inverse else {
        return Ok(Undo {
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
        return Err(Refusal::AllAbsent {
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
    Ok(Undo {
        change: Change::SetFields {
            fields: fields.collect(),
            versions: versions.collect(),
        },
        skipped,
    })
}

/// Which changes of a history stand, and which are undone.
struct Standing<'a> {
    /// The undo that stands, by the revision that it undid.
    undone: BTreeMap<u64, &'a Record>,
    /// The change that is looked at: undos of later changes are neutral, others are not.
    from: u64,
}

impl<'a> Standing<'a> {
    fn of(history: &'a [Record], from: u64) -> Self {
        let mut records: Vec<_> = history.iter().collect();
        records.sort_unstable_by_key(|record| std::cmp::Reverse(record.revision));
        let mut undone = BTreeMap::new();
        // From the newest: whether an undo stands is known before what it undid is looked at.
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

    /// Returns the fields that `record` leaves different from how they were before it.
    fn fields(&self, record: &Record) -> Vec<Field> {
        let is_neutral_undo = record.undoes.is_some_and(|revision| revision > self.from)
            && !self.undone.contains_key(&record.revision);
        if is_neutral_undo {
            return Vec::new();
        }
        match self.undone.get(&record.revision) {
            // An undo may have skipped tiles; what it did not put back still stands.
            Some(undo) => record.touched.difference(&undo.touched).cloned().collect(),
            None => record.touched.iter().cloned().collect(),
        }
    }
}
