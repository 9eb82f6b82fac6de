//! A line: what changed on which days, added up from the first day on.

use crate::day::Day;

/// Users and the number of their movements, added up by day.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::count) struct Line(Vec<Point>);

/// The sums from the first day of a line up to and including `day`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Point {
    day: Day,
    movements: u32,
    users: i64,
}

/// The sums of a line over some days.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::count) struct LineSums {
    pub(in crate::count) movements: u32,
    pub(in crate::count) users: i64,
}

/// What changed on one day of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::count) struct DayChange {
    pub(in crate::count) day: Day,
    pub(in crate::count) movements: u32,
    pub(in crate::count) users: i64,
}

impl Line {
    /// Creates the line of changes that are sorted by day; a day may occur more than once.
    pub(in crate::count) fn of_sorted(changes: impl IntoIterator<Item = DayChange>) -> Self {
        let mut line = Self::default();
        for change in changes {
            line.push(change);
        }
        line.0.shrink_to_fit();
        line
    }

    fn push(&mut self, change: DayChange) {
        let sums = self.total();
        let point = Point {
            day: change.day,
            movements: sums.movements.saturating_add(change.movements),
            users: sums.users + change.users,
        };
        match self.0.last_mut().filter(|last| last.day == change.day) {
            Some(last) => *last = point,
            None => self.0.push(point),
        }
    }

    /// Returns the number of days with changes.
    pub(in crate::count) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the first day with changes.
    pub(in crate::count) fn first_day(&self) -> Option<Day> {
        self.0.first().map(|point| point.day)
    }

    /// Returns the sums over all days.
    pub(in crate::count) fn total(&self) -> LineSums {
        sums_of(self.0.last())
    }

    /// Returns the sums over the days before `day`.
    pub(in crate::count) fn before(&self, day: Day) -> LineSums {
        let after = self.0.partition_point(|point| point.day < day);
        sums_of(after.checked_sub(1).map(|last| &self.0[last]))
    }

    /// Returns the sums over the days from `from` up to the one before `until`.
    pub(in crate::count) fn between(&self, from: Day, until: Day) -> LineSums {
        self.before(until.max(from)).without(self.before(from))
    }

    /// Returns the changes day by day.
    pub(in crate::count) fn changes(&self) -> impl Iterator<Item = DayChange> {
        let mut before = LineSums::default();
        self.0.iter().map(move |point| {
            let sums =
                sums_of(Some(point)).without(std::mem::replace(&mut before, sums_of(Some(point))));
            DayChange {
                day: point.day,
                movements: sums.movements,
                users: sums.users,
            }
        })
    }

    /// Adds the changes of another line.
    pub(in crate::count) fn add(&mut self, other: &Self) {
        if other.0.is_empty() {
            return;
        }
        let mut points = Vec::with_capacity(self.len() + other.len());
        let (mut ours, mut theirs) = (&self.0[..], &other.0[..]);
        let (mut our_sums, mut their_sums) = (LineSums::default(), LineSums::default());
        loop {
            let day = match (ours.first(), theirs.first()) {
                (Some(our), Some(their)) => our.day.min(their.day),
                (Some(next), None) | (None, Some(next)) => next.day,
                (None, None) => break,
            };
            pass(&mut ours, day, &mut our_sums);
            pass(&mut theirs, day, &mut their_sums);
            points.push(Point {
                day,
                movements: our_sums.movements.saturating_add(their_sums.movements),
                users: our_sums.users + their_sums.users,
            });
        }
        points.shrink_to_fit();
        self.0 = points;
    }

    /// Returns a walk over the days from `from` on.
    pub(in crate::count) fn walk(&self, from: Day) -> Walk<'_> {
        let at = self.0.partition_point(|point| point.day < from);
        let passed = at.checked_sub(1).map(|last| &self.0[last]);
        Walk {
            points: &self.0[at..],
            passed: sums_of(passed),
        }
    }

    /// Returns how much memory it takes, in bytes.
    pub(in crate::count) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<Point>()
    }
}

/// Walks over the days of a line in steps.
#[derive(Clone, Debug)]
pub(in crate::count) struct Walk<'a> {
    points: &'a [Point],
    passed: LineSums,
}

impl Walk<'_> {
    /// Returns the sums over the days that were not passed yet and are before `until`.
    pub(in crate::count) fn advance(&mut self, until: Day) -> LineSums {
        let passed = gallop(self.points, |point| point.day < until);
        let Some(last) = passed.checked_sub(1).map(|last| &self.points[last]) else {
            return LineSums::default();
        };
        let sums = sums_of(Some(last));
        self.points = &self.points[passed..];
        sums.without(std::mem::replace(&mut self.passed, sums))
    }
}

impl LineSums {
    fn without(self, before: Self) -> Self {
        Self {
            movements: self.movements - before.movements,
            users: self.users - before.users,
        }
    }
}

fn sums_of(point: Option<&Point>) -> LineSums {
    point.map_or_else(LineSums::default, |point| LineSums {
        movements: point.movements,
        users: point.users,
    })
}

/// Returns how many items at the start of a partitioned slice pass; fast if they are few.
pub(super) fn gallop<T>(items: &[T], passes: impl Fn(&T) -> bool) -> usize {
    let mut end = 1;
    while items.get(end - 1).is_some_and(&passes) {
        end *= 2;
    }
    let from = end / 2;
    from + items[from..end.min(items.len())].partition_point(passes)
}

/// Passes the first point of a line if it is of a day.
fn pass(points: &mut &[Point], day: Day, sums: &mut LineSums) {
    if let Some((first, rest)) = points.split_first()
        && first.day == day
    {
        *sums = sums_of(Some(first));
        *points = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i32) -> Day {
        Day::of_number(number)
    }

    fn line(changes: &[(i32, u32, i64)]) -> Line {
        Line::of_sorted(changes.iter().map(|(number, movements, users)| DayChange {
            day: day(*number),
            movements: *movements,
            users: *users,
        }))
    }

    fn sums(movements: u32, users: i64) -> LineSums {
        LineSums { movements, users }
    }

    #[test]
    fn a_line_sums_any_days() {
        let line = line(&[(3, 1, 10), (5, 2, 4), (5, 1, 1), (9, 1, 7)]);
        assert_eq!((line.len(), line.first_day()), (3, Some(day(3))));
        for (from, until, expected) in [
            (1, 3, sums(0, 0)),
            (1, 4, sums(1, 10)),
            (4, 6, sums(3, 5)),
            (5, 5, sums(0, 0)),
            (6, 5, sums(0, 0)),
            (1, 99, sums(5, 22)),
        ] {
            assert_eq!(
                line.between(day(from), day(until)),
                expected,
                "{from} {until}"
            );
        }
        let mut walk = line.walk(day(4));
        let steps = [5, 6, 6, 20].map(|until| walk.advance(day(until)));
        assert_eq!(steps, [sums(0, 0), sums(3, 5), sums(0, 0), sums(1, 7)]);
    }

    #[test]
    fn the_sum_of_two_lines_has_the_changes_of_both() {
        let mut sum = line(&[(3, 1, 10), (5, 2, 4)]);
        sum.add(&line(&[(1, 1, 1), (5, 1, 6), (8, 1, 2)]));
        assert_eq!(sum, line(&[(1, 1, 1), (3, 1, 10), (5, 3, 10), (8, 1, 2)]));
        let mut from_nothing = Line::default();
        from_nothing.add(&sum);
        assert_eq!(from_nothing, sum);
    }

    #[test]
    fn galloping_finds_the_first_item_that_does_not_pass() {
        for length in 0..20 {
            let items: Vec<i32> = (0..length).collect();
            for border in 0..=length {
                let place = gallop(&items, |item| *item < border);
                assert_eq!(i32::try_from(place), Ok(border), "{length}");
            }
        }
    }
}
