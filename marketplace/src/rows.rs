//! The rows of licenses and transactions as the Marketplace sent them, in a compact form.
//!
//! Superseded rows are kept, because the settings decide which of several rows is preferred. Personal data (contacts,
//! e-mail addresses, phone numbers, postal addresses) is never kept.

use std::collections::BTreeMap;

use crate::day::Day;
use crate::texts::{Text, Texts};

pub(crate) mod group;

/// All licenses and transactions that were read from the Marketplace.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Texts that many rows share: apps, hostings, types, statuses, tiers, countries.
    pub(crate) words: Texts,
    /// Texts that few rows share: ids and companies.
    pub(crate) names: Texts,
    /// The name of each app, by its key; both are words.
    pub(crate) apps: BTreeMap<Text, Text>,
    pub(crate) licenses: Vec<LicenseRow>,
    pub(crate) transactions: Vec<TransactionRow>,
    /// Entries of added users; each transaction refers to a range of them.
    pub(crate) additions: Vec<Addition>,
}

/// One row of the license list.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct LicenseRow {
    /// A word.
    pub(crate) app: Text,
    pub(crate) ids: Ids,
    /// Words, as sent.
    pub(crate) hosting: Text,
    pub(crate) license_type: Text,
    pub(crate) tier: Text,
    pub(crate) evaluation_size: Text,
    pub(crate) status: Text,
    pub(crate) sandbox: Text,
    pub(crate) country: Text,
    /// A name.
    pub(crate) company: Text,
    pub(crate) start: Option<Day>,
    pub(crate) end: Option<Day>,
    pub(crate) last_updated: Option<Day>,
    /// The earliest `last_updated` of the run of syncs that saw the row unchanged; nothing before the second sync.
    pub(crate) unchanged_since: Option<Day>,
    /// Orders the rows of one license by JSON text; rows of different licenses cannot be compared.
    pub(crate) rank: u32,
}

/// One row of the transaction list.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct TransactionRow {
    /// A word.
    pub(crate) app: Text,
    pub(crate) ids: Ids,
    /// Names.
    pub(crate) transaction_id: Text,
    pub(crate) line_item: Text,
    /// The transaction that is refunded.
    pub(crate) original_id: Text,
    pub(crate) company: Text,
    /// Words, as sent.
    pub(crate) sale_type: Text,
    pub(crate) license_type: Text,
    pub(crate) hosting: Text,
    pub(crate) billing_period: Text,
    pub(crate) tier: Text,
    pub(crate) old_tier: Text,
    pub(crate) country: Text,
    pub(crate) sandbox: Text,
    pub(crate) sold: Option<Day>,
    pub(crate) start: Option<Day>,
    pub(crate) end: Option<Day>,
    pub(crate) last_updated: Option<Day>,
    /// The start of its entries of added users.
    pub(crate) additions: u32,
    /// The number of these entries; if there are any, it is an added-users row.
    pub(crate) addition_count: u32,
    /// Orders rows of one key by JSON text; rows of different keys cannot be compared.
    pub(crate) rank: u32,
}

/// The up to four ids of a row, normalised; all share one name space.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Ids {
    pub(crate) entitlement_number: Text,
    pub(crate) entitlement: Text,
    pub(crate) license: Text,
    pub(crate) addon_license: Text,
}

impl Ids {
    /// Returns the ids that are not missing.
    pub(crate) fn iter(self) -> impl Iterator<Item = Text> {
        [
            self.entitlement_number,
            self.entitlement,
            self.license,
            self.addon_license,
        ]
        .into_iter()
        .filter(|id| !id.is_missing())
    }

    /// Tells whether all are missing.
    pub(crate) fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }
}

/// One entry of an added-users row.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Addition {
    pub(crate) date: Option<Day>,
    /// Added users; 0 if the number was missing, below 1 or implausible.
    pub(crate) users: u32,
}

impl Rows {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of license rows.
    #[must_use]
    pub fn license_count(&self) -> usize {
        self.licenses.len()
    }

    /// Returns the number of transaction rows.
    #[must_use]
    pub fn transaction_count(&self) -> usize {
        self.transactions.len()
    }

    /// Returns key and name of every app that has rows, by key; a name may be empty.
    #[must_use]
    pub fn apps(&self) -> Vec<(&str, &str)> {
        let mut apps: Vec<_> = self
            .apps
            .iter()
            .map(|(key, name)| (self.words.text(*key), self.words.text(*name)))
            .collect();
        apps.sort_unstable();
        apps
    }

    /// Returns the entries of an added-users row.
    pub(crate) fn additions(&self, row: &TransactionRow) -> &[Addition] {
        let from = row.additions as usize;
        self.additions
            .get(from..from + row.addition_count as usize)
            .unwrap_or_default()
    }
}
