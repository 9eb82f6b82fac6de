//! The size of one license on every day, as steps.

use std::collections::BinaryHeap;

use super::license::{Authority, ListedLicense};
use super::refund::Target;
use super::sales::{BaseSale, SalesHistory, TransactionReader};
use super::tier::Size;
use super::vocabulary::SaleType;
use crate::day::{Day, HISTORY_BEGINS};

/// What the size of a license is based on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Basis {
    /// Nothing: it has no users.
    #[default]
    Nothing,
    /// The base sale that covers the day.
    Sale,
    /// The size before the first known sale.
    BeforeSales,
    /// The license continues after its last known sale.
    AfterSales,
    /// The license row.
    Row,
}

/// The size of a license from a day up to the next step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Step {
    pub(super) from: Day,
    /// Without added users.
    pub(super) size: Size,
    pub(super) added: i64,
    pub(super) basis: Basis,
    /// The index of the sale that covers the day, whatever the size is based on.
    pub(super) covering: Option<u32>,
    /// Whether the license row decides, even if it says that there are no users.
    pub(super) is_by_row: bool,
    /// Whether the users count only because of grace.
    pub(super) is_grace: bool,
}

impl Step {
    pub(super) fn users(&self) -> i64 {
        self.size.users + self.added
    }
}

/// Everything that the size of a license depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct LicenseInputs<'a> {
    pub(super) history: &'a SalesHistory,
    pub(super) listed: Option<&'a ListedLicense>,
    pub(super) authority: Authority,
    pub(super) first: Option<&'a BaseSale>,
    pub(super) today: Day,
    is_outdated: bool,
    furthest: Option<&'a BaseSale>,
}

/// Memory that is reused for one license after another.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) steps: Vec<Step>,
    days: Vec<Day>,
    /// Spans of days that a sale covers: from, index of the sale, until.
    covers: Vec<(Day, u32, Day)>,
    active: BinaryHeap<(u32, Day)>,
    joining: Vec<JoinEvent>,
    sums: Vec<i64>,
    dates: Vec<Day>,
}

/// A change of the number of added users on a day.
#[derive(Clone, Copy, Debug)]
struct JoinEvent {
    day: Day,
    /// The day on which they joined, as an index into the sorted list of these days.
    date: usize,
    users: i64,
}

impl<'a> LicenseInputs<'a> {
    pub(super) fn new(
        reader: &TransactionReader<'_>,
        history: &'a SalesHistory,
        listed: Option<&'a ListedLicense>,
        today: Day,
    ) -> Self {
        Self {
            history,
            listed,
            authority: Authority::of(listed, history, today),
            first: history.first(reader),
            today,
            is_outdated: listed.is_some_and(|listed| listed.is_outdated(history, today)),
            furthest: history.furthest().map(|place| &history.sales[place]),
        }
    }

    /// Fills the steps from the start of history to today, and returns what no transaction explains: the day from
    /// which the row decides, and the difference between row and sales on that day.
    pub(super) fn evaluate(&self, scratch: &mut Scratch) -> Option<(Day, i64)> {
        scratch.collect_covers(self);
        scratch.collect_joining(self.history);
        self.collect_days(scratch);
        let mut unexplained = None;
        let mut next_cover = 0;
        let mut next_joining = 0;
        for index in 0..scratch.days.len() {
            let day = scratch.days[index];
            while let Some((_, place, until)) = scratch
                .covers
                .get(next_cover)
                .filter(|(from, ..)| *from <= day)
            {
                scratch.active.push((*place, *until));
                next_cover += 1;
            }
            while scratch
                .active
                .peek()
                .is_some_and(|(_, until)| *until <= day)
            {
                scratch.active.pop();
            }
            while let Some(joining) = scratch
                .joining
                .get(next_joining)
                .filter(|joining| joining.day <= day)
                .copied()
            {
                scratch.join(joining);
                next_joining += 1;
            }
            let covering = scratch.active.peek().map(|(place, _)| *place);
            let sale = covering.map(|place| &self.history.sales[place as usize]);
            let added = sale
                .filter(|sale| sale.size.users > 0)
                .map_or(0, |sale| scratch.joined_since(sale.start));
            let by_sales = self.by_sales(day, covering, added);
            let step = if self.authority.is_row(day) {
                self.by_row(day, covering)
            } else {
                by_sales
            };
            if let Authority::Both { known_from, .. } = self.authority
                && known_from == day
                && step.is_by_row
            {
                unexplained = Some((day, (step.users() - by_sales.users()).abs()));
            }
            scratch.steps.push(step);
        }
        unexplained
    }

    /// Collects every day on which the size can change.
    fn collect_days(&self, scratch: &mut Scratch) {
        let days = &mut scratch.days;
        days.push(HISTORY_BEGINS);
        days.extend(
            scratch
                .covers
                .iter()
                .flat_map(|(from, _, until)| [*from, *until]),
        );
        days.extend(scratch.joining.iter().map(|joining| joining.day));
        if let Some(listed) = self.listed {
            days.push(listed.span.from);
            days.extend(listed.span.until);
            days.extend(listed.start);
        }
        days.extend(self.first.map(|sale| sale.start));
        days.extend(self.furthest.map(|sale| sale.end));
        if let Authority::Both { known_from, newer } = self.authority {
            days.push(known_from);
            days.extend(newer);
        }
        days.retain(|day| (HISTORY_BEGINS..=self.today).contains(day));
        days.sort_unstable();
        days.dedup();
    }

    fn by_row(&self, day: Day, covering: Option<u32>) -> Step {
        let size = self
            .listed
            .filter(|listed| listed.span.holds(day))
            .and_then(|listed| listed.size);
        Step {
            covering,
            is_by_row: true,
            ..step(day, Basis::Row, size)
        }
    }

    fn by_sales(&self, day: Day, covering: Option<u32>, added: i64) -> Step {
        if let Some(place) = covering {
            let size = self.history.sales[place as usize].size;
            return Step {
                added,
                covering,
                ..step(day, Basis::Sale, Some(size))
            };
        }
        let Some(listed) = self.listed.filter(|listed| listed.is_counted()) else {
            return step(day, Basis::Nothing, None);
        };
        if let Some(first) = self.first
            && day < first.start
            && listed.start.is_some_and(|start| start <= day)
            && first.sale_type != SaleType::New
        {
            let own_size = (!first.is_old_evaluation).then_some(first.size);
            return step(day, Basis::BeforeSales, first.old_size.or(own_size));
        }
        if let Some(furthest) = self.furthest
            && day >= furthest.end
            && listed.span.holds(day)
        {
            let size = listed
                .size
                .filter(|_| !self.is_outdated)
                .unwrap_or(furthest.size);
            return step(day, Basis::AfterSales, Some(size));
        }
        step(day, Basis::Nothing, None)
    }
}

fn step(from: Day, basis: Basis, size: Option<Size>) -> Step {
    Step {
        from,
        size: size.unwrap_or_default(),
        added: 0,
        basis: if size.is_some() {
            basis
        } else {
            Basis::Nothing
        },
        covering: None,
        is_by_row: false,
        is_grace: false,
    }
}

impl Scratch {
    fn collect_covers(&mut self, inputs: &LicenseInputs<'_>) {
        self.steps.clear();
        self.days.clear();
        self.covers.clear();
        self.active.clear();
        for (place, sale) in (0..).zip(&inputs.history.sales) {
            let covers = &mut self.covers;
            inputs.history.remaining_spans(
                Target::Sale(place),
                sale.start,
                sale.end,
                |from, until| covers.push((from, place, until)),
            );
        }
        self.covers.sort_unstable();
    }

    fn collect_joining(&mut self, history: &SalesHistory) {
        self.joining.clear();
        self.sums.clear();
        self.dates.clear();
        self.dates
            .extend(history.joined.iter().map(|joined| joined.date));
        self.dates.dedup();
        self.sums.resize(self.dates.len(), 0);
        for joined in &history.joined {
            let date = self.dates.partition_point(|date| *date < joined.date);
            let joining = &mut self.joining;
            history.remaining_spans(
                Target::Added(joined.added),
                joined.date,
                joined.until,
                |from, until| {
                    joining.push(JoinEvent {
                        day: from,
                        date,
                        users: joined.users,
                    });
                    joining.push(JoinEvent {
                        day: until,
                        date,
                        users: -joined.users,
                    });
                },
            );
        }
        self.joining.sort_unstable_by_key(|joining| joining.day);
    }

    /// Adds users to the sums, a Fenwick tree over the days on which users joined, the last day first.
    fn join(&mut self, joining: JoinEvent) {
        let mut place = self.sums.len() - joining.date;
        while place <= self.sums.len() {
            self.sums[place - 1] += joining.users;
            place += place & place.wrapping_neg();
        }
    }

    /// Returns how many of the present users joined on a day or later.
    fn joined_since(&self, day: Day) -> i64 {
        let mut place = self.sums.len() - self.dates.partition_point(|date| *date < day);
        let mut users = 0;
        while place > 0 {
            users += self.sums[place - 1];
            place &= place - 1;
        }
        users
    }
}
