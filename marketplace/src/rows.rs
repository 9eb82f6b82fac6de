//! The rows of licenses and transactions as the Marketplace sent them, in a compact form.
//!
//! Superseded rows are kept, because the settings decide which of several rows is preferred. Personal data (contacts,
//! e-mail addresses, phone numbers, postal addresses) is never kept.

use crate::day::Day;
use crate::digest::digest;
use crate::texts::{Text, Texts};

pub(crate) mod merge;
pub(crate) mod sorted;

/// All licenses and transactions that were read from the Marketplace.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Texts that many rows share: apps, hostings, types, statuses, tiers, countries.
    pub(crate) words: Texts,
    /// Texts that few rows share: ids and companies.
    pub(crate) names: Texts,
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
    /// Whether a date is there but cannot be read.
    pub(crate) has_unreadable_date: bool,
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
    /// Whether a date is there but cannot be read.
    pub(crate) has_unreadable_date: bool,
    /// Orders the line items of one license by length, then by text; equal line items have equal numbers.
    pub(crate) line_item_order: u32,
    /// Orders the transaction ids of one license likewise.
    pub(crate) transaction_order: u32,
    /// Orders rows of one key by JSON text; rows of different keys cannot be compared.
    pub(crate) rank: u32,
}

impl LicenseRow {
    /// Returns the words, the app first.
    pub(crate) fn words(&self) -> [Text; 8] {
        [
            self.app,
            self.hosting,
            self.license_type,
            self.tier,
            self.evaluation_size,
            self.status,
            self.sandbox,
            self.country,
        ]
    }

    /// Returns the same words, to be changed.
    pub(crate) fn words_mut(&mut self) -> [&mut Text; 8] {
        [
            &mut self.app,
            &mut self.hosting,
            &mut self.license_type,
            &mut self.tier,
            &mut self.evaluation_size,
            &mut self.status,
            &mut self.sandbox,
            &mut self.country,
        ]
    }
}

impl TransactionRow {
    /// Returns the words, the app first.
    pub(crate) fn words(&self) -> [Text; 9] {
        [
            self.app,
            self.sale_type,
            self.license_type,
            self.hosting,
            self.billing_period,
            self.tier,
            self.old_tier,
            self.country,
            self.sandbox,
        ]
    }

    /// Returns the same words, to be changed.
    pub(crate) fn words_mut(&mut self) -> [&mut Text; 9] {
        [
            &mut self.app,
            &mut self.sale_type,
            &mut self.license_type,
            &mut self.hosting,
            &mut self.billing_period,
            &mut self.tier,
            &mut self.old_tier,
            &mut self.country,
            &mut self.sandbox,
        ]
    }

    /// Returns the names that are not ids of a license.
    pub(crate) fn names_mut(&mut self) -> [&mut Text; 4] {
        [
            &mut self.transaction_id,
            &mut self.line_item,
            &mut self.original_id,
            &mut self.company,
        ]
    }
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
    /// Returns all four, the missing ones too.
    pub(crate) fn all(self) -> [Text; 4] {
        [
            self.entitlement_number,
            self.entitlement,
            self.license,
            self.addon_license,
        ]
    }

    /// Returns the ids that are not missing.
    pub(crate) fn iter(self) -> impl Iterator<Item = Text> {
        self.all().into_iter().filter(|id| !id.is_missing())
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

    /// Returns the keys of all apps that have rows, sorted; the empty one stands for rows without an app.
    #[must_use]
    pub fn apps(&self) -> Vec<&str> {
        let licenses = self.licenses.iter().map(|row| row.app);
        let transactions = self.transactions.iter().map(|row| row.app);
        let mut is_seen = vec![false; self.words.len()];
        let mut apps = Vec::new();
        for app in licenses.chain(transactions) {
            if !std::mem::replace(&mut is_seen[app.index()], true) {
                apps.push(self.words.text(app));
            }
        }
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

    /// Returns a digest of what a license row says, the run of syncs that saw it and its rank apart.
    pub(crate) fn license_digest(&self, row: &LicenseRow) -> u128 {
        let mut text = RowText::new(self);
        text.names(row.ids.all());
        text.names([row.company]);
        text.words(row.words());
        text.days([row.start, row.end, row.last_updated]);
        text.numbers([u32::from(row.has_unreadable_date)]);
        digest(&text.bytes)
    }

    /// Returns a digest of what a transaction row says, its rank apart.
    pub(crate) fn transaction_digest(&self, row: &TransactionRow) -> u128 {
        let mut text = RowText::new(self);
        text.names(row.ids.all());
        text.names([
            row.transaction_id,
            row.line_item,
            row.original_id,
            row.company,
        ]);
        text.words(row.words());
        text.days([row.sold, row.start, row.end, row.last_updated]);
        text.numbers([u32::from(row.has_unreadable_date), row.addition_count]);
        for addition in self.additions(row) {
            text.days([addition.date]);
            text.numbers([addition.users]);
        }
        digest(&text.bytes)
    }
}

/// What a row says, as bytes that do not depend on the numbers of texts.
struct RowText<'a> {
    rows: &'a Rows,
    bytes: Vec<u8>,
}

impl<'a> RowText<'a> {
    fn new(rows: &'a Rows) -> Self {
        let bytes = Vec::with_capacity(256);
        Self { rows, bytes }
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        // No UTF-8 text holds this byte.
        self.bytes.push(0xff);
    }

    fn names<const N: usize>(&mut self, names: [Text; N]) {
        for name in names {
            self.text(self.rows.names.text(name));
        }
    }

    fn words<const N: usize>(&mut self, words: [Text; N]) {
        for word in words {
            self.text(self.rows.words.text(word));
        }
    }

    fn days<const N: usize>(&mut self, days: [Option<Day>; N]) {
        self.numbers(days.map(|day| day.map_or(0, |day| day.number().unsigned_abs())));
    }

    fn numbers<const N: usize>(&mut self, numbers: [u32; N]) {
        for number in numbers {
            self.bytes.extend_from_slice(&number.to_le_bytes());
        }
    }
}
