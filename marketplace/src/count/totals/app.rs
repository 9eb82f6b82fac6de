//! The totals of one app.

use super::counters::Counters;
use super::line::{DayChange, Line};
use super::repeats::{Repeat, Repeats};
use crate::count::hosting::Hosting;
use crate::count::movement::{ByKind, Change, Kind};
use crate::day::Day;

/// The totals of one app: nothing in it is about a single license, so totals of disjoint licenses add up.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::count) struct AppTotals {
    pub(in crate::count) key: String,
    /// Movements by hosting and kind.
    pub(in crate::count) lines: [ByKind<Line>; Hosting::ALL.len()],
    /// Movements of licenses that had a movement of the same kind before.
    pub(in crate::count) same_kind: ByKind<Repeats>,
    /// Gains of licenses that had gained before.
    pub(in crate::count) same_gain: Repeats,
    /// Losses of licenses that had lost before.
    pub(in crate::count) same_loss: Repeats,
    /// Users that the license list shows and no transaction explains.
    pub(in crate::count) unexplained: Line,
    pub(in crate::count) counters: Counters,
}

impl AppTotals {
    pub(in crate::count) fn add(&mut self, other: &Self) {
        for (line, other) in self.all_lines_mut().zip(other.all_lines()) {
            line.add(other);
        }
        for (repeats, other) in self.all_repeats_mut().zip(other.all_repeats()) {
            repeats.add(other);
        }
        self.counters.add(&other.counters);
    }

    /// Returns all lines, always in the same order.
    pub(in crate::count) fn all_lines(&self) -> impl Iterator<Item = &Line> {
        let lines = self.lines.iter().flat_map(ByKind::values);
        lines.chain([&self.unexplained])
    }

    pub(in crate::count) fn all_lines_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        let lines = self.lines.iter_mut().flat_map(ByKind::values_mut);
        lines.chain([&mut self.unexplained])
    }

    /// Returns all repeats, always in the same order.
    pub(in crate::count) fn all_repeats(&self) -> impl Iterator<Item = &Repeats> {
        let of_kinds = self.same_kind.values();
        of_kinds.chain([&self.same_gain, &self.same_loss])
    }

    pub(in crate::count) fn all_repeats_mut(&mut self) -> impl Iterator<Item = &mut Repeats> {
        let of_kinds = self.same_kind.values_mut();
        of_kinds.chain([&mut self.same_gain, &mut self.same_loss])
    }

    /// Returns the lines of movements with their kinds, of all hostings.
    pub(in crate::count) fn lines_of_kinds(&self) -> impl Iterator<Item = (Kind, &Line)> {
        let lines = self.lines.iter();
        lines.flat_map(|lines| Kind::ALL.into_iter().zip(lines.values()))
    }

    /// Returns the first day with users.
    pub(in crate::count) fn first_day_with_users(&self) -> Option<Day> {
        self.lines_of_kinds()
            .filter_map(|(_, line)| line.first_day())
            .min()
    }

    /// Returns the users at the end of the day before `day`, by hosting.
    pub(in crate::count) fn users_before(&self, day: Day) -> [i64; Hosting::ALL.len()] {
        std::array::from_fn(|hosting| {
            let users = ByKind::from_fn(|kind| self.lines[hosting][kind].before(day).users);
            users.net()
        })
    }

    /// Returns the users today, by hosting.
    pub(in crate::count) fn users_now(&self) -> [i64; Hosting::ALL.len()] {
        std::array::from_fn(|hosting| {
            ByKind::from_fn(|kind| self.lines[hosting][kind].total().users).net()
        })
    }

    /// Returns the users of each kind of movement on the days from `from` up to the one before `until`.
    pub(in crate::count) fn users_between(&self, from: Day, until: Day) -> ByKind<i64> {
        let mut users = ByKind::default();
        for (kind, line) in self.lines_of_kinds() {
            users[kind] += line.between(from, until).users;
        }
        users
    }

    /// Returns how much memory it takes, in bytes.
    pub(in crate::count) fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.key.capacity()
            + self.counters.bytes_of_texts()
            + self.all_lines().map(Line::bytes).sum::<usize>()
            + self.all_repeats().map(Repeats::bytes).sum::<usize>()
    }
}

/// Collects the changes of one app, license by license.
#[derive(Debug, Default)]
pub(in crate::count) struct AppTotalsBuilder {
    lines: [ByKind<Vec<DayChange>>; Hosting::ALL.len()],
    same_kind: ByKind<Vec<Repeat>>,
    same_gain: Vec<Repeat>,
    same_loss: Vec<Repeat>,
    unexplained: Vec<DayChange>,
    pub(in crate::count) counters: Counters,
}

impl AppTotalsBuilder {
    pub(in crate::count) fn add(&mut self, hosting: Hosting, change: &Change<'_>) {
        let day = change.step.from;
        self.lines[hosting.index()][change.kind].push(DayChange {
            day,
            movements: 1,
            users: change.users(),
        });
        let repeat = |earlier| Repeat {
            day,
            earlier,
            movements: 1,
        };
        let same_direction = if change.kind.is_gain() {
            &mut self.same_gain
        } else {
            &mut self.same_loss
        };
        same_direction.extend(change.same_direction_on.map(repeat));
        self.same_kind[change.kind].extend(change.same_kind_on.map(repeat));
    }

    /// Adds users that no transaction explains.
    pub(in crate::count) fn add_unexplained(&mut self, day: Day, users: i64) {
        self.unexplained.push(DayChange {
            day,
            movements: 1,
            users,
        });
    }

    /// Returns the totals of an app with a key.
    pub(in crate::count) fn build(self, key: String) -> AppTotals {
        AppTotals {
            key,
            lines: self.lines.map(|lines| lines.map(line_of)),
            same_kind: self.same_kind.map(repeats_of),
            same_gain: repeats_of(self.same_gain),
            same_loss: repeats_of(self.same_loss),
            unexplained: line_of(self.unexplained),
            counters: self.counters,
        }
    }
}

fn line_of(mut changes: Vec<DayChange>) -> Line {
    changes.sort_unstable_by_key(|change| change.day);
    Line::of_sorted(changes)
}

fn repeats_of(mut repeats: Vec<Repeat>) -> Repeats {
    repeats.sort_unstable_by_key(|repeat| (repeat.day, repeat.earlier));
    Repeats::of_sorted(repeats)
}
