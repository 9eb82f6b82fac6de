//! Turns records into rows, in the order in which they come.

use std::collections::HashMap;

use super::lenient::LenientText;
use super::record::{License, Transaction, id};
use crate::apps::AppNames;
use crate::day::Day;
use crate::rows::{Addition, Ids, LicenseRow, Rows, TransactionRow};
use crate::texts::{Text, Texts};

/// A license record that is about to become a row.
pub(crate) struct Candidate<'a> {
    pub(crate) row: &'a LicenseRow,
    license_type: &'a str,
    source: &'a str,
}

impl Candidate<'_> {
    /// Tells whether it was not requested: such rows only come from a server that ignores filters.
    ///
    /// Atlassian's own licenses, and those that are free for life, are only sent on request.
    pub(crate) fn is_unrequested(&self) -> bool {
        let is_free = self.license_type.eq_ignore_ascii_case("free");
        self.source.eq_ignore_ascii_case("atlassian") || (is_free && self.row.end.is_none())
    }
}

/// Rows in the order of their records, not yet sorted by license.
///
/// Equal names are stored each time: most are different, and looking each of them up costs more than the memory.
#[derive(Debug, Default)]
pub(crate) struct UnsortedRows {
    rows: Rows,
    /// The newest day on which each app had each name.
    app_names: HashMap<(Text, Text), Option<Day>>,
}

impl UnsortedRows {
    /// Returns the number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.license_count() + self.rows.transaction_count()
    }

    /// Returns the rows.
    pub(crate) fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Adds the names of the apps.
    pub(crate) fn add_app_names(&self, names: &mut AppNames) {
        let words = &self.rows.words;
        for ((app, name), said_on) in &self.app_names {
            names.add(words.text(*app), words.text(*name), *said_on);
        }
    }

    /// Adds one license if its row is wanted, and tells whether it was; nothing if the texts take too much memory.
    pub(crate) fn push_license(
        &mut self,
        license: &License<'_>,
        is_wanted: impl FnOnce(&Candidate<'_>) -> bool,
    ) -> Option<bool> {
        let row = self.license_row(license)?;
        let is_wanted = is_wanted(&Candidate {
            row: &row,
            license_type: license.license_type.trimmed(),
            source: license.source.trimmed(),
        });
        if is_wanted {
            self.rows.licenses.push(row);
        }
        Some(is_wanted)
    }

    /// Adds one transaction; nothing if the texts take too much memory.
    pub(crate) fn push_transaction(&mut self, transaction: &Transaction<'_>) -> Option<()> {
        let row = self.transaction_row(transaction)?;
        self.rows.transactions.push(row);
        Some(())
    }

    fn license_row(&mut self, license: &License<'_>) -> Option<LicenseRow> {
        let last_updated = Day::parse(license.last_updated.as_str());
        let app = self.app(
            license.addon_key.trimmed(),
            license.addon_name.trimmed(),
            last_updated,
        )?;
        let ids = [
            &license.entitlement_number,
            &license.entitlement,
            &license.license,
            &license.addon_license,
        ];
        let words = &mut self.rows.words;
        Some(LicenseRow {
            app,
            hosting: words.intern(license.hosting.as_str())?,
            license_type: words.intern(license.license_type.as_str())?,
            tier: words.intern(license.tier.as_str())?,
            evaluation_size: words.intern(license.evaluation_size.as_str())?,
            status: words.intern(license.status.as_str())?,
            sandbox: words.intern(license.sandbox.as_str())?,
            country: words.intern(id(&license.contact.country))?,
            company: push(&mut self.rows.names, id(&license.contact.company))?,
            ids: self.ids(ids.map(|text| id(text)))?,
            start: Day::parse(license.start.as_str()),
            end: Day::parse(license.end.as_str()),
            last_updated,
            unchanged_since: None,
            has_unreadable_date: [&license.start, &license.end, &license.last_updated]
                .iter()
                .any(|date| is_unreadable(date)),
            rank: 0,
        })
    }

    fn transaction_row(&mut self, transaction: &Transaction<'_>) -> Option<TransactionRow> {
        let purchase = &transaction.purchase;
        let last_updated = Day::parse(transaction.last_updated.as_str());
        let app = self.app(
            transaction.addon_key.trimmed(),
            transaction.addon_name.trimmed(),
            last_updated,
        )?;
        let ids = [
            &transaction.entitlement_number,
            &transaction.entitlement,
            &transaction.license,
            &transaction.addon_license,
        ];
        let additions = u32::try_from(self.rows.additions.len()).ok()?;
        let words = &mut self.rows.words;
        let names = &mut self.rows.names;
        let row = TransactionRow {
            app,
            transaction_id: push(names, id(&transaction.transaction_id))?,
            line_item: push(names, id(&transaction.line_item))?,
            original_id: push(names, transaction.original_id())?,
            company: push(names, id(&transaction.customer.company))?,
            sale_type: words.intern(purchase.sale_type.as_str())?,
            license_type: words.intern(purchase.license_type.as_str())?,
            hosting: words.intern(purchase.hosting.as_str())?,
            billing_period: words.intern(purchase.billing_period.as_str())?,
            tier: words.intern(purchase.tier.as_str())?,
            old_tier: words.intern(purchase.old_tier.as_str())?,
            country: words.intern(id(&transaction.customer.country))?,
            sandbox: words.intern(transaction.sandbox.as_str())?,
            ids: self.ids(ids.map(|text| id(text)))?,
            sold: Day::parse(purchase.sale_date.as_str()),
            start: Day::parse(purchase.start.as_str()),
            end: Day::parse(purchase.end.as_str()),
            last_updated,
            additions,
            addition_count: u32::try_from(purchase.prorated.0.len()).ok()?,
            has_unreadable_date: [
                &purchase.sale_date,
                &purchase.start,
                &purchase.end,
                &transaction.last_updated,
            ]
            .iter()
            .any(|date| is_unreadable(date)),
            line_item_order: 0,
            transaction_order: 0,
            rank: 0,
        };
        self.rows
            .additions
            .extend(purchase.prorated.0.iter().map(|entry| Addition {
                date: Day::parse(entry.date.as_str()),
                users: entry.users(),
            }));
        Some(row)
    }

    /// Stores the key of an app, and when it had its name.
    fn app(&mut self, key: &str, name: &str, said_on: Option<Day>) -> Option<Text> {
        let words = &mut self.rows.words;
        let key = words.intern(key)?;
        let name = words.intern(name)?;
        let known = self.app_names.entry((key, name)).or_insert(said_on);
        *known = said_on.max(*known);
        Some(key)
    }

    /// Stores the ids of a row in a comparable form.
    fn ids(
        &mut self,
        [entitlement_number, entitlement, license, addon_license]: [&str; 4],
    ) -> Option<Ids> {
        let mut sen = String::new();
        let mut intern = |text: &str, is_sen: bool| {
            let is_sen =
                is_sen || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
            if text.is_empty() || !is_sen || text.starts_with("SEN-") {
                return push(&mut self.rows.names, text);
            }
            sen.clear();
            sen.push_str("SEN-");
            sen.push_str(text);
            push(&mut self.rows.names, &sen)
        };
        Some(Ids {
            entitlement_number: intern(entitlement_number, false)?,
            entitlement: intern(entitlement, false)?,
            license: intern(license, false)?,
            addon_license: intern(addon_license, true)?,
        })
    }
}

/// Stores a name as a new one.
fn push(names: &mut Texts, text: &str) -> Option<Text> {
    if text.is_empty() {
        return Some(Text::default());
    }
    names.push_new(text)
}

/// Tells whether a date is there, but cannot be read.
fn is_unreadable(date: &LenientText<'_>) -> bool {
    Day::parse(date.as_str()).is_none() && !date.trimmed().is_empty()
}
