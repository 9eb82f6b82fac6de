//! Movements: how and why the users of a license change from one day to the next.

use std::ops::{Index, IndexMut};

use super::evaluate::{Basis, LicenseInputs, Step};
use super::hosting::Hosting;
use super::license::Authority;
use super::refund::Target;
use super::vocabulary::SaleType;
use crate::day::Day;

/// The kind of a movement.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// From no users to some, for the first time.
    New,
    /// From no users to some, for a license that had users before.
    Reactivation,
    /// From some users to more.
    Expansion,
    /// From some users to fewer, but not none.
    Contraction,
    /// From some users to none.
    Churn,
}

impl Kind {
    /// All kinds, gains first.
    pub const ALL: [Self; 5] = [
        Self::New,
        Self::Reactivation,
        Self::Expansion,
        Self::Contraction,
        Self::Churn,
    ];

    /// Returns the name that tables use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reactivation => "reactivation",
            Self::Expansion => "expansion",
            Self::Contraction => "contraction",
            Self::Churn => "churn",
        }
    }

    /// Returns the kind with a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Tells whether users were gained rather than lost.
    #[must_use]
    pub const fn is_gain(self) -> bool {
        matches!(self, Self::New | Self::Reactivation | Self::Expansion)
    }
}

/// One value for each kind of movement.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ByKind<T>([T; 5]);

impl<T> Index<Kind> for ByKind<T> {
    type Output = T;

    fn index(&self, kind: Kind) -> &T {
        &self.0[kind as usize]
    }
}

impl<T> IndexMut<Kind> for ByKind<T> {
    fn index_mut(&mut self, kind: Kind) -> &mut T {
        &mut self.0[kind as usize]
    }
}

impl<T> ByKind<T> {
    /// Creates the values of all kinds.
    pub(super) fn from_fn(value: impl FnMut(Kind) -> T) -> Self {
        Self(Kind::ALL.map(value))
    }

    /// Returns the values that a function makes of these.
    pub(super) fn map<U>(self, value: impl FnMut(T) -> U) -> ByKind<U> {
        ByKind(self.0.map(value))
    }

    /// Returns the values in the order of the kinds.
    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }
}

impl ByKind<i64> {
    /// Returns the users gained.
    #[must_use]
    pub fn gained(&self) -> i64 {
        Kind::ALL
            .into_iter()
            .filter(|kind| kind.is_gain())
            .map(|kind| self[kind])
            .sum()
    }

    /// Returns the users lost.
    #[must_use]
    pub fn lost(&self) -> i64 {
        Kind::ALL
            .into_iter()
            .filter(|kind| !kind.is_gain())
            .map(|kind| self[kind])
            .sum()
    }

    /// Returns the users gained minus those lost.
    #[must_use]
    pub fn net(&self) -> i64 {
        self.gained() - self.lost()
    }
}

/// Why the size of a license changed.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Cause {
    /// A sale took effect.
    Sale,
    /// A refund took effect.
    Refund,
    /// A sale ran out.
    SaleEnds,
    /// Users were added within a month.
    AddedUsers,
    /// The month of added users ended.
    AddedUsersEnd,
    /// The maintenance of the license row starts.
    RowBegins,
    /// The maintenance of the license row ended.
    RowEnds,
    /// The license list shows it from this day on; no transaction explains it.
    RowSays,
    /// The license existed before its first known sale.
    BeforeSales,
    /// The license continues after its last known sale.
    AfterSales,
}

/// A change of the users of one license.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Movement {
    pub(super) day: Day,
    /// The index of the license in the ledger.
    pub(super) license: u32,
    pub(super) before: i64,
    pub(super) after: i64,
    /// The transaction row that explains it.
    pub(super) transaction: Option<u32>,
    pub(super) kind: Kind,
    pub(super) hosting: Hosting,
    pub(super) cause: Cause,
}

impl Movement {
    pub(super) fn users(&self) -> i64 {
        (self.after - self.before).abs()
    }
}

/// A change of the users of one license, without its cause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change<'a> {
    pub(super) kind: Kind,
    pub(super) before: i64,
    /// The step that begins with it.
    pub(super) step: &'a Step,
    previous: Option<&'a Step>,
    /// The day of the license's previous movement of the same kind.
    pub(super) same_kind_on: Option<Day>,
    /// The day of the license's previous movement in the same direction.
    pub(super) same_direction_on: Option<Day>,
}

impl Change<'_> {
    pub(super) fn users(&self) -> i64 {
        (self.step.users() - self.before).abs()
    }

    /// Returns it as a movement, with its cause.
    pub(super) fn movement(
        &self,
        inputs: &LicenseInputs<'_>,
        license: u32,
        hosting: Hosting,
    ) -> Movement {
        let (cause, transaction) = explain(inputs, self.previous, self.step);
        Movement {
            day: self.step.from,
            license,
            before: self.before,
            after: self.step.users(),
            transaction,
            kind: self.kind,
            hosting,
            cause,
        }
    }
}

/// Calls back with the changes of one license, in the order of their days.
pub(super) fn for_each_change<'a>(
    inputs: &LicenseInputs<'_>,
    steps: &'a [Step],
    mut change: impl FnMut(Change<'a>),
) {
    let was_customer = inputs
        .first
        .is_some_and(|first| first.sale_type != SaleType::New && !first.is_old_evaluation);
    let mut had_users = was_customer;
    let mut before = 0;
    let mut days_of_kind = ByKind::<Option<Day>>::default();
    let mut previous: Option<&Step> = None;
    for step in steps {
        let after = step.users();
        if let Some(kind) = kind(before, after, had_users) {
            let same_direction_on = Kind::ALL
                .into_iter()
                .filter(|other| other.is_gain() == kind.is_gain())
                .map(|other| days_of_kind[other])
                .max()
                .flatten();
            let same_kind_on = days_of_kind[kind].replace(step.from);
            change(Change {
                kind,
                before,
                step,
                previous,
                same_kind_on,
                same_direction_on,
            });
        }
        had_users |= after > 0;
        before = after;
        previous = Some(step);
    }
}

fn kind(before: i64, after: i64, had_users: bool) -> Option<Kind> {
    match (before, after) {
        _ if before == after => None,
        (0, _) => Some(if had_users {
            Kind::Reactivation
        } else {
            Kind::New
        }),
        (_, 0) => Some(Kind::Churn),
        _ => Some(if after > before {
            Kind::Expansion
        } else {
            Kind::Contraction
        }),
    }
}

/// Returns why the size changed, and the transaction row that explains it.
fn explain(
    inputs: &LicenseInputs<'_>,
    previous: Option<&Step>,
    step: &Step,
) -> (Cause, Option<u32>) {
    let history = inputs.history;
    let day = step.from;
    let row_of = |place: u32| history.sales[place as usize].row;
    let was_by_row = previous.is_some_and(|previous| previous.is_by_row);
    if step.is_by_row {
        let cause = match (inputs.authority, step.users() > 0) {
            (Authority::Both { .. }, _) if !was_by_row => Cause::RowSays,
            (_, true) => Cause::RowBegins,
            (_, false) => Cause::RowEnds,
        };
        return (cause, None);
    }
    match step.basis {
        Basis::BeforeSales => return (Cause::BeforeSales, inputs.first.map(|first| first.row)),
        Basis::AfterSales => return (Cause::AfterSales, None),
        Basis::Sale | Basis::Nothing | Basis::Row => {}
    }
    let lost = previous
        .filter(|previous| previous.basis == Basis::Sale)
        .and_then(|previous| previous.covering);
    if let Some(place) = step.covering {
        let is_same = lost == Some(place);
        if is_same {
            return explain_added_users(
                inputs,
                day,
                previous.map_or(0, |previous| previous.added),
                step.added,
            );
        }
        let begins = history.sales[place as usize].start == day;
        if begins || lost.is_none() {
            return (Cause::Sale, Some(row_of(place)));
        }
    }
    match lost {
        Some(place) => match refund_on(inputs, Target::Sale(place), day) {
            Some(refund) => (Cause::Refund, Some(refund)),
            None if history.sales[place as usize].end <= day => {
                (Cause::SaleEnds, Some(row_of(place)))
            }
            None => (Cause::Sale, step.covering.map(row_of)),
        },
        None if was_by_row
            || previous.is_some_and(|previous| previous.basis == Basis::AfterSales) =>
        {
            (Cause::RowEnds, None)
        }
        None => (Cause::SaleEnds, None),
    }
}

fn explain_added_users(
    inputs: &LicenseInputs<'_>,
    day: Day,
    before: i64,
    after: i64,
) -> (Cause, Option<u32>) {
    let history = inputs.history;
    if after > before {
        let place = history.joined.partition_point(|joined| joined.date < day);
        let joined = history
            .joined
            .get(place)
            .filter(|joined| joined.date == day);
        return (
            Cause::AddedUsers,
            joined.map(|joined| history.added[joined.added as usize].row),
        );
    }
    let refund = history
        .refunded_spans
        .iter()
        .find(|(target, span)| matches!(target, Target::Added(_)) && span.from == day);
    match refund {
        Some((_, span)) => (Cause::Refund, Some(span.row)),
        None => (Cause::AddedUsersEnd, None),
    }
}

fn refund_on(inputs: &LicenseInputs<'_>, target: Target, day: Day) -> Option<u32> {
    inputs
        .history
        .refunded_spans_of(target)
        .iter()
        .find(|(_, span)| span.from == day)
        .map(|(_, span)| span.row)
}
