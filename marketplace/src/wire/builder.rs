//! Turns records into rows.

use std::collections::HashMap;

use thiserror::Error;

use super::envelope::Records;
use super::lenient::LenientText;
use super::record::{License, Transaction, id};
use super::record_reader::SentRecord;
use super::record_texts::RecordTexts;
use super::scan::{Scan, scan_record};
use super::tie_breaker::TieBreaker;
use crate::apps::{App, AppNames};
use crate::day::Day;
use crate::rows::{Addition, Ids, LicenseRow, Rows, TransactionRow, merge::Appender};
use crate::texts::{Text, Texts};

/// How many bytes of record texts are kept; beyond that, reading records again is cheaper.
const TEXT_BUDGET_BYTES: usize = 64 << 20;

/// A record that cannot become a row; the other records are not affected.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The record is not JSON, or not an object.
    #[error("{list} record {position} is not a JSON object")]
    NotAnObject {
        /// Which list it came in: `license` or `transaction`.
        list: &'static str,
        /// Its position in the list, from 0.
        position: usize,
        /// The parser's error, if it is not JSON.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// The texts of all records take more than four gigabytes.
    #[error(
        "{list} record {position} does not fit: the texts of all records take more than four gigabytes"
    )]
    Full {
        /// Which list it came in: `license` or `transaction`.
        list: &'static str,
        /// Its position in the list, from 0.
        position: usize,
    },
}

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

/// Collects records; the same set of records gives the same rows, whatever their order.
///
/// Records that say the same count once. A record without any id of a license counts as often as it was sent, and so
/// does a transaction with neither line item nor transaction id.
#[derive(Debug)]
pub struct RowsBuilder {
    unsorted: UnsortedRows,
    texts: RecordTexts,
    licenses_seen: usize,
    transactions_seen: usize,
}

impl Default for RowsBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl RowsBuilder {
    /// Creates an empty builder.
    #[must_use]
    pub fn new() -> Self {
        Self::with_text_budget(TEXT_BUDGET_BYTES)
    }

    /// Creates a builder that keeps the texts of records while they take at most this many bytes.
    ///
    /// Beyond that, a [`TieBreaker`] has to order the rows that tie in everything else.
    #[must_use]
    pub fn with_text_budget(bytes: usize) -> Self {
        Self {
            unsorted: UnsortedRows::default(),
            texts: RecordTexts::new(bytes),
            licenses_seen: 0,
            transactions_seen: 0,
        }
    }

    /// Adds one license record.
    ///
    /// # Errors
    ///
    /// Returns an error, and adds nothing,
    ///
    /// * when the record is not a JSON object,
    /// * when the texts of all records take too much memory.
    pub fn push_license(&mut self, record: &[u8]) -> Result<(), RecordError> {
        let place = Place::new(Records::Licenses, &mut self.licenses_seen);
        let sent = SentRecord::from(record);
        let pushed = sent.license(place, |license| {
            self.unsorted.push_license(license, |_| true)
        })?;
        pushed.ok_or_else(|| place.full())?;
        self.texts.push(Records::Licenses, record);
        Ok(())
    }

    /// Adds one transaction record.
    ///
    /// # Errors
    ///
    /// The same as [`RowsBuilder::push_license`].
    pub fn push_transaction(&mut self, record: &[u8]) -> Result<(), RecordError> {
        let place = Place::new(Records::Transactions, &mut self.transactions_seen);
        let sent = SentRecord::from(record);
        let pushed = sent.transaction(place, |transaction| {
            self.unsorted.push_transaction(transaction)
        })?;
        pushed.ok_or_else(|| place.full())?;
        self.texts.push(Records::Transactions, record);
        Ok(())
    }

    /// Returns key and name of every app that has rows, by key; a name may be empty.
    #[must_use]
    pub fn apps(&self) -> Vec<App> {
        let mut names = AppNames::default();
        self.unsorted.add_app_names(&mut names);
        names.apps()
    }

    /// Removes duplicate rows and orders those that tie, as far as the kept texts allow.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "a copy without repeated names fits where the rows did"
    )]
    pub fn resolve(self) -> TieBreaker {
        let mut rows = Rows::new();
        Appender::new(&self.unsorted.rows, &mut rows)
            .all()
            .expect("these rows take no more memory than the same rows with repeated names");
        let (rows, ties) = rows.sorted();
        let mut tie_breaker = TieBreaker::new(rows, ties);
        self.texts.show(tie_breaker.texts_mut());
        tie_breaker
    }

    /// Returns the rows, without breaking ties whose texts were not kept.
    #[must_use]
    pub fn finish(self) -> Rows {
        self.resolve().finish()
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

/// Where a record came in a list, for errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    list: &'static str,
    position: usize,
}

impl Place {
    /// Takes the next place of a list.
    pub(crate) fn new(list: Records, seen: &mut usize) -> Self {
        let position = *seen;
        *seen += 1;
        let list = match list {
            Records::Licenses => "license",
            Records::Transactions => "transaction",
        };
        Self { list, position }
    }

    pub(crate) fn not_an_object(self, source: Option<serde_json::Error>) -> RecordError {
        let Self { list, position } = self;
        RecordError::NotAnObject {
            list,
            position,
            source,
        }
    }

    pub(crate) fn full(self) -> RecordError {
        let Self { list, position } = self;
        RecordError::Full { list, position }
    }
}

impl SentRecord<'_> {
    /// Hands over the license of the record.
    pub(crate) fn license<T>(
        &self,
        place: Place,
        read: impl FnOnce(&License<'_>) -> T,
    ) -> Result<T, RecordError> {
        match self.license {
            Some(license) => Ok(read(license)),
            None => {
                let license = parse(self.bytes).map_err(|source| place.not_an_object(source))?;
                Ok(read(&license))
            }
        }
    }

    /// Hands over the transaction of the record.
    pub(crate) fn transaction<T>(
        &self,
        place: Place,
        read: impl FnOnce(&Transaction<'_>) -> T,
    ) -> Result<T, RecordError> {
        match self.transaction {
            Some(transaction) => Ok(read(transaction)),
            None => {
                let transaction =
                    parse(self.bytes).map_err(|source| place.not_an_object(source))?;
                Ok(read(&transaction))
            }
        }
    }
}

/// Reads a record, in one pass if it is simple; the error has no source if it is another JSON value than an object.
pub(super) fn parse<'a, T: Scan<'a> + serde::Deserialize<'a>>(
    record: &'a [u8],
) -> Result<T, Option<serde_json::Error>> {
    if let Some(object) = scan_record(record) {
        return Ok(object);
    }
    if record.trim_ascii_start().first() != Some(&b'{') {
        return Err(None);
    }
    serde_json::from_slice(record).map_err(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn license(json: &str) -> (Rows, LicenseRow) {
        let mut builder = RowsBuilder::new();
        builder.push_license(json.as_bytes()).unwrap();
        let rows = builder.finish();
        let row = rows.licenses[0];
        (rows, row)
    }

    #[test]
    fn ids_are_written_in_one_form() {
        let cases = [
            (
                r#"{"appEntitlementNumber": " E-1 ", "appEntitlementId": "u-1"}"#,
                ["E-1", "u-1", "", ""],
            ),
            (
                r#"{"licenseId": "123", "addonLicenseId": "456"}"#,
                ["", "", "SEN-123", "SEN-456"],
            ),
            (
                r#"{"licenseId": 123, "addonLicenseId": 456}"#,
                ["", "", "SEN-123", "SEN-456"],
            ),
            (
                r#"{"licenseId": "SEN-123", "addonLicenseId": "SEN-456"}"#,
                ["", "", "SEN-123", "SEN-456"],
            ),
            (
                r#"{"licenseId": "abc", "addonLicenseId": "abc"}"#,
                ["", "", "abc", "SEN-abc"],
            ),
            (
                r#"{"appEntitlementNumber": "77", "appEntitlementId": 78}"#,
                ["SEN-77", "SEN-78", "", ""],
            ),
            (
                r#"{"licenseId": null, "addonLicenseId": "null", "appEntitlementId": "", "appEntitlementNumber": " null "}"#,
                [""; 4],
            ),
            (r#"{"licenseId": {}, "addonLicenseId": [1]}"#, [""; 4]),
        ];
        for (json, expected) in cases {
            let (rows, row) = license(json);
            let ids = [
                row.ids.entitlement_number,
                row.ids.entitlement,
                row.ids.license,
                row.ids.addon_license,
            ];
            assert_eq!(ids.map(|id| rows.names.text(id)), expected, "{json}");
            assert_eq!(row.ids.is_empty(), expected == [""; 4], "{json}");
        }
    }

    #[test]
    fn contacts_are_not_kept() {
        let json = r#"{"addonKey": "app", "licenseId": "SEN-1", "contactDetails": {"company": "Northwind", "country": "DE",
            "region": "EMEA", "technicalContact": {"email": "it@northwind.example", "name": "Ina Tech", "phone": "+49 1",
            "address1": "Road 1"}, "billingContact": {"email": "b@northwind.example"}},
            "partnerDetails": {"partnerName": "Partner"}}"#;
        let (rows, row) = license(json);
        assert_eq!(
            rows.names.iter().collect::<Vec<_>>(),
            ["", "SEN-1", "Northwind"]
        );
        assert_eq!(rows.words.iter().collect::<Vec<_>>(), ["", "app", "DE"]);
        assert_eq!(rows.names.text(row.company), "Northwind");
    }

    #[test]
    fn a_transaction_is_read_with_everything_the_count_looks_at() {
        let mut builder = RowsBuilder::new();
        let json = r#"{"transactionId": "AT-1", "transactionLineItemId": 12, "licenseId": "9", "addonKey": "app",
            "lastUpdated": "2026-07-15", "customerDetails": {"company": "null", "country": "US"},
            "purchaseDetails": {"saleDate": "2026-07-14T00:00:00Z", "licenseType": "COMMERCIAL", "hosting": "Cloud",
              "billingPeriod": "Monthly", "tier": 25, "oldTier": "10 Users", "saleType": "Upgrade",
              "maintenanceStartDate": "2026-07-01", "maintenanceEndDate": 5,
              "proratedDetails": [{"date": "2026-07-02", "addedUsers": 3}, null]}}"#;
        builder.push_transaction(json.as_bytes()).unwrap();
        let rows = builder.finish();
        let row = rows.transactions[0];
        let words = [
            row.sale_type,
            row.license_type,
            row.hosting,
            row.billing_period,
            row.tier,
            row.old_tier,
            row.country,
        ];
        assert_eq!(
            words.map(|word| rows.words.text(word)),
            [
                "Upgrade",
                "COMMERCIAL",
                "Cloud",
                "Monthly",
                "25",
                "10 Users",
                "US"
            ]
        );
        let names = [
            row.transaction_id,
            row.line_item,
            row.company,
            row.original_id,
        ];
        assert_eq!(
            names.map(|name| rows.names.text(name)),
            ["AT-1", "12", "", ""]
        );
        assert_eq!(
            (row.sold, row.start, row.end),
            (Day::parse("2026-07-14"), Day::parse("2026-07-01"), None)
        );
        assert_eq!(
            rows.additions(&row),
            [
                Addition {
                    date: Day::parse("2026-07-02"),
                    users: 3
                },
                Addition {
                    date: None,
                    users: 0
                }
            ]
        );
    }

    #[test]
    fn a_record_that_is_not_an_object_is_refused_with_its_position() {
        let mut builder = RowsBuilder::new();
        builder.push_license(b"{}").unwrap();
        let cases: [(&[u8], &str); 6] = [
            (b"[1]", "license record 1 is not a JSON object"),
            (b"null", "license record 2 is not a JSON object"),
            (b"", "license record 3 is not a JSON object"),
            (b"{\"a\": ", "license record 4 is not a JSON object"),
            (b"{} {}", "license record 5 is not a JSON object"),
            (
                b"{\"tier\": \"\xff\"}",
                "license record 6 is not a JSON object",
            ),
        ];
        for (record, expected) in cases {
            assert_eq!(
                builder.push_license(record).unwrap_err().to_string(),
                expected
            );
        }
        let error = builder.push_transaction(b"3").unwrap_err();
        assert_eq!(
            error.to_string(),
            "transaction record 0 is not a JSON object"
        );
        let rows = builder.finish();
        assert_eq!((rows.license_count(), rows.transaction_count()), (1, 0));
    }

    #[test]
    fn a_deeply_nested_record_is_read() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let mut builder = RowsBuilder::new();
        for number in [1, 2] {
            let json = format!("{{\"licenseId\": 5, \"x\": {deep}, \"tier\": {number}}}");
            builder.push_license(json.as_bytes()).unwrap();
        }
        assert_eq!(
            builder
                .finish()
                .licenses
                .iter()
                .map(|row| row.rank)
                .collect::<Vec<_>>(),
            [0, 1]
        );
    }

    #[test]
    fn an_app_has_the_name_of_its_newest_row() {
        let rows = [
            r#"{"addonKey": "a", "addonName": "Old", "lastUpdated": "2026-01-01"}"#,
            r#"{"addonKey": "a", "addonName": "New", "lastUpdated": "2026-02-01"}"#,
            r#"{"addonKey": "a", "addonName": "", "lastUpdated": "2026-03-01"}"#,
            r#"{"addonKey": "b"}"#,
            r#"{"addonKey": "c", "addonName": "Y"}"#,
            r#"{"addonKey": "c", "addonName": "Z"}"#,
        ];
        for order in [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 1, 0, 5, 3, 4]] {
            let mut builder = RowsBuilder::new();
            for index in order {
                builder.push_license(rows[index].as_bytes()).unwrap();
            }
            let apps = builder.apps();
            let apps: Vec<_> = apps
                .iter()
                .map(|app| (app.key.as_str(), app.name.as_str()))
                .collect();
            assert_eq!(apps, [("a", "New"), ("b", ""), ("c", "Z")]);
        }
    }
}
