//! Repeats: movements of licenses that had moved in the same way before.

use std::{iter::zip, ops::Range};

use super::line::gallop;
use crate::day::Day;

/// Numbers of movements, by their day and by the day of the license's movement of the same kind, or in the same
/// direction, before; licenses that moved for the first time are not in it.
///
/// They turn numbers of movements into numbers of licenses: in some days, a license is new to the count with each of
/// its movements whose earlier day is before the first of these days.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::count) struct Repeats {
    /// Sorted, together with `earlier`; no pair occurs twice.
    days: Vec<Day>,
    earlier: Vec<Day>,
    movements: Vec<u32>,
}

/// A number of movements with the same days.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::count) struct Repeat {
    pub(in crate::count) day: Day,
    /// The day of the movement before, always an earlier one.
    pub(in crate::count) earlier: Day,
    pub(in crate::count) movements: u32,
}

impl Repeats {
    /// Creates the repeats of movements that are sorted by their days.
    pub(in crate::count) fn of_sorted(repeats: impl IntoIterator<Item = Repeat>) -> Self {
        let mut all = Self::default();
        for repeat in repeats {
            all.push(repeat);
        }
        all.shrink_to_fit();
        all
    }

    fn push(&mut self, repeat: Repeat) {
        if let (Some(day), Some(earlier), Some(movements)) = (
            self.days.last(),
            self.earlier.last(),
            self.movements.last_mut(),
        ) && (*day, *earlier) == (repeat.day, repeat.earlier)
        {
            *movements = movements.saturating_add(repeat.movements);
            return;
        }
        self.days.push(repeat.day);
        self.earlier.push(repeat.earlier);
        self.movements.push(repeat.movements);
    }

    fn shrink_to_fit(&mut self) {
        self.days.shrink_to_fit();
        self.earlier.shrink_to_fit();
        self.movements.shrink_to_fit();
    }

    /// Returns the number of different pairs of days.
    pub(in crate::count) fn len(&self) -> usize {
        self.days.len()
    }

    /// Returns all of them, sorted by their days.
    pub(in crate::count) fn iter(&self) -> impl Iterator<Item = Repeat> {
        (0..self.len()).map(|place| self.at(place))
    }

    /// Adds the movements of others.
    pub(in crate::count) fn add(&mut self, other: &Self) {
        if other.days.is_empty() {
            return;
        }
        let mut sum = Self::default();
        let most = self.len() + other.len();
        sum.days.reserve(most);
        sum.earlier.reserve(most);
        sum.movements.reserve(most);
        let (mut ours, mut theirs) = (0, 0);
        while ours < self.len() && theirs < other.len() {
            let is_ours = self.days_at(ours) <= other.days_at(theirs);
            let (from, at) = if is_ours {
                (&*self, &mut ours)
            } else {
                (other, &mut theirs)
            };
            sum.push(from.at(*at));
            *at += 1;
        }
        (ours..self.len()).for_each(|at| sum.push(self.at(at)));
        (theirs..other.len()).for_each(|at| sum.push(other.at(at)));
        sum.shrink_to_fit();
        *self = sum;
    }

    fn at(&self, place: usize) -> Repeat {
        Repeat {
            day: self.days[place],
            earlier: self.earlier[place],
            movements: self.movements[place],
        }
    }

    fn days_at(&self, place: usize) -> (Day, Day) {
        (self.days[place], self.earlier[place])
    }

    /// Returns the number of movements of the days from `from` up to the one before `until` whose earlier day is one
    /// of these days too.
    pub(in crate::count) fn within(&self, from: Day, until: Day) -> u64 {
        let place = |day: Day| self.days.partition_point(|each| *each < day);
        self.since(place(from)..place(until.max(from)), from)
    }

    fn since(&self, places: Range<usize>, from: Day) -> u64 {
        // Movements of one app in one period are less than 2^32, and sums of 32 bits are twice as fast.
        zip(&self.earlier[places.clone()], &self.movements[places])
            .map(|(earlier, movements)| if *earlier >= from { *movements } else { 0 })
            .fold(0u32, u32::wrapping_add)
            .into()
    }

    /// Returns a walk over the days from `from` on.
    pub(in crate::count) fn walk(&self, from: Day) -> RepeatsWalk<'_> {
        RepeatsWalk {
            repeats: self,
            at: self.days.partition_point(|each| *each < from),
            from,
        }
    }

    /// Returns how much memory they take, in bytes.
    pub(in crate::count) fn bytes(&self) -> usize {
        self.days.capacity() * size_of::<Repeat>()
    }
}

/// Walks over the days of repeats in steps.
#[derive(Clone, Debug)]
pub(in crate::count) struct RepeatsWalk<'a> {
    repeats: &'a Repeats,
    at: usize,
    from: Day,
}

impl RepeatsWalk<'_> {
    /// Returns the number of movements of the days that were not passed yet and are before `until`, and whose earlier
    /// day is one of these days too.
    pub(in crate::count) fn advance(&mut self, until: Day) -> u64 {
        let passed = gallop(&self.repeats.days[self.at..], |day| *day < until);
        let places = self.at..self.at + passed;
        self.at = places.end;
        self.repeats
            .since(places, std::mem::replace(&mut self.from, until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i32) -> Day {
        Day::of_number(number)
    }

    fn repeats(all: &[(i32, i32, u32)]) -> Repeats {
        Repeats::of_sorted(all.iter().map(|(earlier, on, movements)| Repeat {
            day: day(*on),
            earlier: day(*earlier),
            movements: *movements,
        }))
    }

    #[test]
    fn only_movements_with_both_days_in_the_period_are_within_it() {
        let repeats = repeats(&[(1, 4, 2), (3, 4, 1), (3, 9, 5), (8, 9, 1)]);
        for (from, until, expected) in [
            (1, 10, 9),
            (1, 9, 3),
            (2, 9, 1),
            (4, 9, 0),
            (3, 10, 7),
            (9, 3, 0),
        ] {
            assert_eq!(
                repeats.within(day(from), day(until)),
                expected,
                "{from} {until}"
            );
        }
        let mut walk = repeats.walk(day(3));
        assert_eq!([5, 8, 10].map(|until| walk.advance(day(until))), [1, 0, 1]);
    }

    #[test]
    fn the_sum_of_two_has_the_movements_of_both() {
        let mut sum = repeats(&[(1, 4, 2), (3, 9, 5)]);
        sum.add(&repeats(&[(1, 4, 1), (2, 4, 1), (1, 10, 1)]));
        assert_eq!(sum, repeats(&[(1, 4, 3), (2, 4, 1), (3, 9, 5), (1, 10, 1)]));
    }
}
