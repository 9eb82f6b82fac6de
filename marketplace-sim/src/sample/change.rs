//! Changes of a license after the first day.

use chrono::NaiveDate;

use crate::day;
use crate::row::Hidden;
use crate::sample::history::{Billing, IdScheme, LicenseHistory, LicenseRow, Sale, SaleType, Tier};
use crate::sample::typical::neighbour;

/// A kind of change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ChangeKind {
    /// The next term is sold: the row ends later, and there is one more sale.
    Prolonged,
    /// The tier is raised: the row has it, and there is one more sale.
    Raised,
    /// The license is cancelled, and runs until the end of its term.
    Cancelled,
    /// An on-premises row gains the ids of an entitlement.
    GainedIds,
    /// The license row is dated anew; nothing else changes.
    Redated,
    /// The last sale is dated anew; nothing else changes.
    SaleRedated,
    /// The license row and all its sales vanish.
    Removed,
    /// The last sale vanishes.
    SaleRemoved,
}

/// A change of a license.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) kind: ChangeKind,
    /// The `lastUpdated` of the changed rows.
    pub(crate) updated: NaiveDate,
}

/// How many rows a change touches.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Touched {
    pub(crate) changed: u32,
    pub(crate) added: u32,
    pub(crate) removed: u32,
}

impl Touched {
    /// Returns the number of rows.
    pub(crate) fn rows(self) -> u32 {
        self.changed + self.added + self.removed
    }

    fn changed(changed: u32) -> Self {
        Self {
            changed,
            ..Self::default()
        }
    }

    fn removed(removed: u32) -> Self {
        Self {
            removed,
            ..Self::default()
        }
    }
}

impl Change {
    /// Applies the change; `None`, and an unchanged history, if it does not suit the license.
    pub(crate) fn apply(self, history: &mut LicenseHistory) -> Option<Touched> {
        let LicenseHistory {
            row,
            sales,
            id_scheme,
            ..
        } = history;
        // A row that is returned only on request would hide the change from most clients.
        if row.as_ref().is_some_and(|row| row.hidden != Hidden::No) {
            return None;
        }
        // A row is never dated back.
        let current = row.as_mut().filter(|row| row.updated < self.updated);
        match self.kind {
            ChangeKind::Prolonged => self.prolong(current?, sales),
            ChangeKind::Raised => self.raise(current?, sales),
            ChangeKind::Cancelled => {
                let row = current.filter(|row| row.status == "active")?;
                row.status = "cancelled";
                row.updated = self.updated;
                Some(Touched::changed(1))
            }
            ChangeKind::GainedIds => {
                let row =
                    current.filter(|row| *id_scheme == IdScheme::License && !row.is_entitled())?;
                row.gained_ids = true;
                row.updated = self.updated;
                Some(Touched::changed(1))
            }
            ChangeKind::Redated => {
                current?.updated = self.updated;
                Some(Touched::changed(1))
            }
            ChangeKind::SaleRedated => {
                let sale = last_listed(sales).filter(|sale| sale.updated() < self.updated)?;
                sale.redated = Some(self.updated);
                Some(Touched::changed(1))
            }
            ChangeKind::Removed => {
                row.take()?;
                let listed = sales.iter_mut().filter(|sale| sale.listed);
                let vanished = listed.map(|sale| sale.listed = false).count();
                Some(Touched::removed(1 + u32::try_from(vanished).ok()?))
            }
            ChangeKind::SaleRemoved => {
                last_listed(sales)?.listed = false;
                Some(Touched::removed(1))
            }
        }
    }

    fn prolong(self, row: &mut LicenseRow, sales: &mut Vec<Sale>) -> Option<Touched> {
        let (end, tier) = running(row)?;
        let months = match row.billing {
            Billing::Monthly => 1,
            Billing::Annual => 12,
        };
        let next = day::plus_months(end, months);
        self.sell(sales, (end, next), (SaleType::Renewal, tier, tier))?;
        row.end = Some(next);
        row.updated = self.updated;
        Some(Touched {
            changed: 1,
            added: 1,
            removed: 0,
        })
    }

    fn raise(self, row: &mut LicenseRow, sales: &mut Vec<Sale>) -> Option<Touched> {
        let (end, old) = running(row)?;
        if end <= self.updated || row.start > self.updated {
            return None;
        }
        let tier = match row.billing {
            Billing::Monthly => old + old / 10 + 1,
            Billing::Annual => neighbour(old, true),
        };
        if tier == old {
            return None;
        }
        self.sell(sales, (self.updated, end), (SaleType::Upgrade, tier, old))?;
        row.tier = Some(Tier::Users(tier));
        row.updated = self.updated;
        Some(Touched {
            changed: 1,
            added: 1,
            removed: 0,
        })
    }

    /// Adds a sale that resembles the last regular one, if there is any.
    fn sell(
        self,
        sales: &mut Vec<Sale>,
        (start, end): (NaiveDate, NaiveDate),
        (sale_type, tier, old): (SaleType, u32, u32),
    ) -> Option<()> {
        let regular = |sale: &&Sale| sale.sale_type != SaleType::Refund && sale.added.is_empty();
        let last = sales.iter().rev().find(regular)?;
        sales.push(Sale {
            sale_type,
            sold: self.updated,
            start,
            end,
            tier: Tier::Users(tier),
            old_tier: Some(Tier::Users(old)),
            original: None,
            redated: None,
            listed: true,
            ..last.clone()
        });
        Some(())
    }
}

/// Returns end and users of an active license with a term and a number of users.
fn running(row: &LicenseRow) -> Option<(NaiveDate, u32)> {
    match (row.status, row.end, row.tier) {
        ("active", Some(end), Some(Tier::Users(users))) => Some((end, users)),
        _ => None,
    }
}

fn last_listed(sales: &mut [Sale]) -> Option<&mut Sale> {
    sales.iter_mut().rev().find(|sale| sale.listed)
}
