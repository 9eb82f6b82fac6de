//! Refunds: which sale each one reverses, and from when.

use std::cmp::Ordering;

use super::sales::{AddedUsers, BaseSale, TransactionReader};
use crate::day::Day;
use crate::texts::Text;

/// A row that reverses a sale, or a part of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Refund {
    pub(super) row: u32,
    pub(super) sold: Option<Day>,
    pub(super) start: Option<Day>,
    pub(super) end: Option<Day>,
    pub(super) size: Option<i64>,
    /// The id of the refunded transaction, as the row names it.
    pub(super) original: Text,
}

/// What a refund reverses: a row of the sales history.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Target {
    Sale(u32),
    Added(u32),
}

/// Days that a refund removes; without an end, all from the first one on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct RefundedSpan {
    pub(super) from: Day,
    pub(super) until: Option<Day>,
    /// The row of the refund.
    pub(super) row: u32,
}

/// A row that a refund may reverse, and how well it fits.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    target: Target,
    row: u32,
    is_named: bool,
    has_same_size: bool,
    overlap_days: i32,
    sold: Option<Day>,
    size: i64,
}

impl Refund {
    fn span(&self) -> Option<(Day, Day)> {
        Some((self.start?, self.end?)).filter(|(start, end)| start < end)
    }

    /// Returns the days that the refund removes from its sale; nothing if it was made after its own span.
    pub(super) fn refunded_span(&self) -> Option<RefundedSpan> {
        let sold = self.sold?;
        match self.span() {
            None => Some(RefundedSpan {
                from: sold,
                until: None,
                row: self.row,
            }),
            Some((start, end)) => {
                let from = start.max(sold);
                (from < end).then_some(RefundedSpan {
                    from,
                    until: Some(end),
                    row: self.row,
                })
            }
        }
    }

    fn overlap_days(&self, from: Day, until: Day) -> i32 {
        self.span().map_or(0, |(start, end)| {
            end.min(until).days_since(start.max(from)).max(0)
        })
    }
}

/// Finds the row that a refund reverses.
pub(super) fn match_refunds(
    reader: &TransactionReader<'_>,
    refund: &Refund,
    sales: &[BaseSale],
    added: &[AddedUsers],
) -> Option<Target> {
    // A refund without any date matches nothing.
    let refunded_on = refund.sold?;
    let is_named = |row: u32| {
        !refund.original.is_missing() && reader.row(row).transaction_id == refund.original
    };
    let sales = (0..).zip(sales).map(|(place, sale)| Candidate {
        target: Target::Sale(place),
        row: sale.row,
        is_named: is_named(sale.row),
        has_same_size: refund.size == Some(sale.size.users),
        overlap_days: refund.overlap_days(sale.start, sale.end),
        sold: Some(sale.sold),
        size: sale.size.users,
    });
    let added = (0..).zip(added).map(|(place, added)| Candidate {
        target: Target::Added(place),
        row: added.row,
        is_named: is_named(added.row),
        has_same_size: refund.size == Some(added.users),
        overlap_days: added
            .from
            .zip(added.end)
            .map_or(0, |(from, end)| refund.overlap_days(from, end)),
        sold: added.sold,
        size: added.users,
    });
    sales
        .chain(added)
        .filter(|candidate| candidate.sold <= Some(refunded_on))
        .filter(|candidate| {
            candidate.is_named || (candidate.has_same_size && candidate.overlap_days > 0)
        })
        .max_by(|a, b| compare(reader, a, b))
        .map(|candidate| candidate.target)
}

fn compare(reader: &TransactionReader<'_>, a: &Candidate, b: &Candidate) -> Ordering {
    let key = |candidate: &Candidate| {
        (
            candidate.is_named,
            candidate.has_same_size,
            candidate.overlap_days,
            candidate.sold,
        )
    };
    key(a)
        .cmp(&key(b))
        .then_with(|| reader.compare_line_items(a.row, b.row))
        .then_with(|| a.size.cmp(&b.size))
        .then_with(|| reader.compare_rest(a.row, b.row))
}
