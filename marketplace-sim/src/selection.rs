//! The rows that a filter selects, found on demand.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::filter::Filter;
use crate::row::{Dataset, List, UniformPlaces};

/// The position of a row: its place, and its index among the rows of the place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RowPosition {
    place: u32,
    nth: u32,
}

/// The rows of a list that a filter selects, in the order of the answer.
///
/// Pages ask for them by index. Positions are found from the front and kept (eight bytes each), so a client
/// that reads page after page scans every row once, and the first page needs no full scan.
pub(crate) struct Selection {
    dataset: Arc<dyn Dataset>,
    list: List,
    filter: Filter,
    /// Places at the end of the list of which every row is selected, if there are any.
    tail: Option<UniformPlaces>,
    /// The first place that needs no scan.
    scanned_places: u32,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    next_place: u32,
    positions: Vec<RowPosition>,
}

impl Selection {
    /// Creates the selection without scanning anything.
    pub(crate) fn new(dataset: Arc<dyn Dataset>, list: List, filter: Filter) -> Self {
        let places = dataset.places(list);
        let uniform = dataset
            .uniform(list)
            .filter(|uniform| uniform.first_place < places);
        let (tail, scanned_places) = match uniform {
            None => (None, places),
            Some(uniform) => match filter.selects_uniform(&uniform) {
                None => (None, places),
                Some(false) => (None, uniform.first_place),
                Some(true) => {
                    let first = uniform.first_place;
                    (Some(uniform), first)
                }
            },
        };
        Self {
            dataset,
            list,
            filter,
            tail,
            scanned_places,
            found: Mutex::default(),
        }
    }

    /// Returns the number of rows, which scans all of them.
    pub(crate) fn len(&self) -> usize {
        let scanned = self.found_until(usize::MAX).positions.len();
        scanned + self.tail_len()
    }

    /// Returns at most `limit` positions, starting at the index `offset`.
    pub(crate) fn positions(&self, offset: usize, limit: usize) -> Vec<RowPosition> {
        let found = self.found_until(offset.saturating_add(limit));
        let mut positions: Vec<RowPosition> = found
            .positions
            .iter()
            .skip(offset)
            .take(limit)
            .copied()
            .collect();
        let scanned = found.positions.len();
        drop(found);
        let first = (offset + positions.len()).max(scanned) - scanned;
        let wanted = limit - positions.len();
        let last = first.saturating_add(wanted).min(self.tail_len());
        positions.extend((first..last).filter_map(|number| self.tail_position(number)));
        positions
    }

    fn tail_len(&self) -> usize {
        let Some(tail) = &self.tail else { return 0 };
        tail.rows_before(self.dataset.places(self.list) - tail.first_place)
    }

    fn tail_position(&self, number: usize) -> Option<RowPosition> {
        let tail = self.tail.as_ref()?;
        let (place, nth) = tail.find(number);
        Some(RowPosition {
            place,
            nth: u32::try_from(nth).ok()?,
        })
    }

    /// Writes the row at `position` to the end of `out`.
    pub(crate) fn write(&self, position: RowPosition, out: &mut String) {
        let insights = self.filter.insights();
        let mut nth = 0;
        self.dataset.visit(self.list, position.place, &mut |row| {
            if nth == position.nth {
                row.write(insights, out);
            }
            nth += 1;
        });
    }

    /// Calls `each` with the text of every selected row at `place`. Exports read their lists this way.
    pub(crate) fn write_place(&self, place: u32, each: &mut dyn FnMut(&str)) {
        if !self.may_select(place) {
            return;
        }
        let insights = self.filter.insights();
        let mut text = String::new();
        self.dataset.visit(self.list, place, &mut |row| {
            if self.filter.selects(row.fields()) {
                text.clear();
                row.write(insights, &mut text);
                each(&text);
            }
        });
    }

    /// Returns the number of places that an export reads.
    pub(crate) fn places(&self) -> u32 {
        if self.tail.is_some() {
            self.dataset.places(self.list)
        } else {
            self.scanned_places
        }
    }

    /// Tells whether a visit of `place` can find a row.
    fn may_select(&self, place: u32) -> bool {
        let updated = self.filter.updated();
        updated.is_none_or(|day| self.dataset.may_have_changed(self.list, place, day))
    }

    fn found_until(&self, wanted: usize) -> MutexGuard<'_, Found> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let places = self.scanned_places;
        while found.positions.len() < wanted && found.next_place < places {
            let place = found.next_place;
            found.next_place += 1;
            if !self.may_select(place) {
                continue;
            }
            let mut nth = 0;
            self.dataset.visit(self.list, place, &mut |row| {
                if self.filter.selects(row.fields()) {
                    found.positions.push(RowPosition { place, nth });
                }
                nth += 1;
            });
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use chrono::NaiveDate;

    use super::*;
    use crate::changes::Changes;
    use crate::row::{App, Row, Usage};
    use crate::sample::Sample;

    /// The sample vendor, with a count of the places that were visited.
    struct Counted {
        sample: Sample,
        visits: Arc<AtomicU32>,
    }

    impl Dataset for Counted {
        fn apps(&self) -> &[App] {
            self.sample.apps()
        }

        fn places(&self, list: List) -> u32 {
            self.sample.places(list)
        }

        fn visit(&self, list: List, place: u32, each: &mut dyn FnMut(&dyn Row)) {
            self.visits.fetch_add(1, Ordering::Relaxed);
            self.sample.visit(list, place, each);
        }

        fn uniform(&self, list: List) -> Option<UniformPlaces> {
            self.sample.uniform(list)
        }

        fn may_have_changed(&self, list: List, place: u32, day: NaiveDate) -> bool {
            self.sample.may_have_changed(list, place, day)
        }

        fn usage(&self, days: &[NaiveDate]) -> Vec<Vec<Usage>> {
            self.sample.usage(days)
        }
    }

    #[test]
    fn a_page_far_down_a_long_list_skips_the_uniform_places_before_it() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let visits = Arc::new(AtomicU32::new(0));
        let dataset = Arc::new(Counted {
            sample: Sample::new(1_000_000, 1, today),
            visits: Arc::clone(&visits),
        });
        let first_uniform = dataset.uniform(List::Licenses).unwrap().first_place;
        for list in [List::Licenses, List::Transactions] {
            visits.store(0, Ordering::Relaxed);
            let dataset = Arc::<Counted>::clone(&dataset);
            let selection = Selection::new(dataset, list, Filter::everything());
            let positions = selection.positions(900_000, 50);
            let mut texts = Vec::new();
            for position in positions {
                let mut text = String::new();
                selection.write(position, &mut text);
                texts.push(text);
            }
            assert!(texts.iter().all(|text| text.starts_with('{')));
            assert_eq!(texts.len(), 50);
            assert_eq!(
                visits.load(Ordering::Relaxed),
                first_uniform + 50,
                "{list:?}"
            );
        }
    }

    fn counted(sample: Sample) -> (Arc<Counted>, Arc<AtomicU32>) {
        let visits = Arc::new(AtomicU32::new(0));
        let dataset = Counted {
            sample,
            visits: Arc::clone(&visits),
        };
        (Arc::new(dataset), visits)
    }

    /// A vendor with 20,600 licenses, some days after the first: every tenth uniform place has changed.
    fn after_some_days() -> Sample {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let mut sample = Sample::new(20_600, 1, today);
        for _ in 0..3 {
            sample = sample.after(Changes::rows(1_500)).0;
        }
        sample
    }

    #[test]
    fn pages_of_changed_uniform_places_have_the_rows_of_the_export() {
        let (dataset, _) = counted(after_some_days());
        for list in [List::Licenses, List::Transactions] {
            let uniform = dataset.uniform(list).unwrap();
            assert!(uniform.uneven.iter().any(|uneven| uneven.rows == 0));
            let mut expected = Vec::new();
            for place in uniform.first_place..dataset.places(list) {
                let mut nth = 0;
                dataset.visit(list, place, &mut |_| {
                    expected.push((place, nth));
                    nth += 1;
                });
            }
            let places = dataset.places(list) - uniform.first_place;
            assert_eq!(uniform.rows_before(places), expected.len(), "{list:?}");
            for (number, position) in expected.iter().enumerate() {
                assert_eq!(uniform.find(number), *position, "{list:?} {number}");
            }
        }
    }

    #[test]
    fn a_request_for_the_last_days_visits_few_uniform_places() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let sample = Sample::new(300_000, 1, today);
        let (dataset, visits) = counted(sample.after(Changes::rows(100)).0);
        let query = [("lastUpdated".to_owned(), "2026-11-19".to_owned())];
        for list in [List::Licenses, List::Transactions] {
            visits.store(0, Ordering::Relaxed);
            let filter = Filter::parse(list, &query).unwrap();
            let rows = Selection::new(Arc::<Counted>::clone(&dataset) as _, list, filter).len();
            let visited =
                visits.load(Ordering::Relaxed) - dataset.uniform(list).unwrap().first_place;
            assert!(
                rows > 500 && visited < 4_000,
                "{list:?}: {rows} in {visited}"
            );
        }
    }

    #[test]
    fn the_search_for_changes_misses_no_uniform_place() {
        let sample = after_some_days();
        for list in [List::Licenses, List::Transactions] {
            for days in [0, 1, 30] {
                let since =
                    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap() - chrono::TimeDelta::days(days);
                for place in 20_000..sample.places(list) {
                    let mut changed = false;
                    sample.visit(list, place, &mut |row| {
                        changed |= row.fields().updated >= Some(since)
                    });
                    assert!(
                        !changed || sample.may_have_changed(list, place, since),
                        "{list:?} {place}"
                    );
                }
            }
        }
    }
}
