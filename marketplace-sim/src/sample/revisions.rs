//! The days after the first one: which licenses changed, and which were added. Only changes are stored, so that any number of
//! unchanged licenses takes no memory.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::changes::NextDay;
use crate::day;
use crate::row::UnevenPlace;
use crate::sample::change::{Change, ChangeKind, Touched};
use crate::sample::random::{Random, scaled};
use crate::sample::typical::Sold;

/// The kind of the stream of random numbers.
const STREAM: u64 = 13;
/// How many licenses are tried for a change before a license is added instead.
const TRIES: u32 = 60;

/// What happens next; the order repeats, so that a few changes are of many kinds.
#[derive(Clone, Copy, Debug)]
enum Event {
    Change(ChangeKind),
    Add(Sold),
}

const EVENTS: [Event; 16] = [
    Event::Change(ChangeKind::Prolonged),
    Event::Change(ChangeKind::Raised),
    Event::Add(Sold::Yes),
    Event::Change(ChangeKind::Cancelled),
    Event::Change(ChangeKind::Redated),
    Event::Change(ChangeKind::Prolonged),
    Event::Change(ChangeKind::GainedIds),
    Event::Change(ChangeKind::SaleRedated),
    Event::Add(Sold::No),
    Event::Change(ChangeKind::Removed),
    Event::Change(ChangeKind::Raised),
    Event::Change(ChangeKind::Prolonged),
    Event::Add(Sold::Yes),
    Event::Change(ChangeKind::SaleRemoved),
    Event::Change(ChangeKind::Cancelled),
    Event::Change(ChangeKind::Prolonged),
];

/// A license that was added after the first day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Added {
    /// The `lastUpdated` of its rows, which is its first day.
    pub(crate) updated: NaiveDate,
    /// The day from which it is listed.
    pub(crate) listed: NaiveDate,
    pub(crate) sold: Sold,
}

/// All changes since the first day.
#[derive(Clone, Default)]
pub(crate) struct Revisions {
    /// The number of days that have gone by.
    pub(crate) count: u32,
    /// The added licenses, in the order of their numbers.
    pub(crate) added: Vec<Added>,
    /// The changes of each license, oldest first.
    pub(crate) changes: HashMap<u32, Vec<Change>>,
    /// The places that no longer have the number of rows that they had, for licenses and sales.
    pub(crate) uneven: [Arc<[UnevenPlace]>; 2],
    next_event: usize,
}

/// The licenses that a step can change, as the revisions see them.
pub(crate) trait Licenses {
    /// Returns the number of licenses on the first day.
    fn first_count(&self) -> u32;

    /// Tells whether the license with this number never changes.
    fn is_fixed(&self, number: u32) -> bool;

    /// Applies a change to the license with this number, as it is after `revisions`.
    fn apply(&self, revisions: &Revisions, number: u32, change: Change) -> Option<Touched>;
}

impl Revisions {
    /// Lets a day go by, on which exactly `count` rows change, are added or are removed.
    pub(crate) fn step(
        &mut self,
        licenses: &dyn Licenses,
        (seed, first_day): (u64, NaiveDate),
        count: u32,
    ) -> NextDay {
        self.count += 1;
        let today = day::plus(first_day, i64::from(self.count));
        let random = &mut Random::new(seed, STREAM, u64::from(self.count));
        let mut done = Touched::default();
        let mut touched = HashSet::new();
        // Licenses that are added on this day do not change on it.
        let added = u32::try_from(self.added.len()).unwrap_or(u32::MAX);
        let known = licenses.first_count().saturating_add(added);
        while done.rows() < count {
            let room = count - done.rows();
            let event = EVENTS[self.next_event % EVENTS.len()];
            self.next_event += 1;
            // Many changes are listed late.
            let late = random.weighted(&[(5, 0), (3, 1), (2, 2)], 0);
            let updated = day::plus(today, -late);
            let found = match event {
                Event::Add(sold) => Some(self.add(sold, (updated, today), room)),
                Event::Change(kind) => {
                    let change = Change { kind, updated };
                    self.change(licenses, change, random, (&mut touched, known, room))
                }
            };
            let found = found.unwrap_or_else(|| self.add(Sold::No, (updated, today), room));
            done.changed += found.changed;
            done.added += found.added;
            done.removed += found.removed;
        }
        NextDay {
            revision: self.count,
            today,
            changed: done.changed,
            added: done.added,
            removed: done.removed,
        }
    }

    fn add(&mut self, sold: Sold, (updated, listed): (NaiveDate, NaiveDate), room: u32) -> Touched {
        let sold = if room < 2 { Sold::No } else { sold };
        self.added.push(Added {
            updated,
            listed,
            sold,
        });
        Touched {
            added: match sold {
                Sold::Yes => 2,
                Sold::No => 1,
            },
            ..Touched::default()
        }
    }

    /// Changes a license that has not changed on this day, if one is found for which there is room.
    fn change(
        &mut self,
        licenses: &dyn Licenses,
        change: Change,
        random: &mut Random,
        (touched, known, room): (&mut HashSet<u32>, u32, u32),
    ) -> Option<Touched> {
        for _ in 0..TRIES {
            let number = u32::try_from(scaled(random.next(), u64::from(known))).unwrap_or(0);
            if number >= known || licenses.is_fixed(number) || touched.contains(&number) {
                continue;
            }
            let found = licenses.apply(self, number, change);
            if let Some(found) = found.filter(|found| found.rows() <= room) {
                touched.insert(number);
                self.changes.entry(number).or_default().push(change);
                return Some(found);
            }
        }
        None
    }

    /// Returns the places that were changed or added, from `first` on, in order.
    pub(crate) fn places(&self, first_added: u32, first: u32) -> Vec<u32> {
        let added = u32::try_from(self.added.len()).unwrap_or(u32::MAX);
        let changed = self
            .changes
            .keys()
            .copied()
            .filter(|number| *number < first_added);
        let mut places: Vec<u32> = changed
            .chain(first_added..first_added.saturating_add(added))
            .filter(|place| *place >= first)
            .collect();
        places.sort_unstable();
        places
    }
}
