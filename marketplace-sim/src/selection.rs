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
                Some(true) => (Some(uniform), uniform.first_place),
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
        let places = (self.dataset.places(self.list) - tail.first_place) as usize;
        let turn: usize = tail.rows.iter().map(|rows| *rows as usize).sum();
        let rest = tail.rows.iter().take(places % tail.rows.len());
        places / tail.rows.len() * turn + rest.map(|rows| *rows as usize).sum::<usize>()
    }

    fn tail_position(&self, number: usize) -> Option<RowPosition> {
        let tail = self.tail.as_ref()?;
        let turn: usize = tail.rows.iter().map(|rows| *rows as usize).sum();
        let mut place = number / turn * tail.rows.len();
        let mut nth = number % turn;
        for rows in tail.rows {
            if nth < *rows as usize {
                break;
            }
            nth -= *rows as usize;
            place += 1;
        }
        Some(RowPosition {
            place: tail.first_place + u32::try_from(place).ok()?,
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

    fn found_until(&self, wanted: usize) -> MutexGuard<'_, Found> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let places = self.scanned_places;
        while found.positions.len() < wanted && found.next_place < places {
            let place = found.next_place;
            found.next_place += 1;
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
}
