//! Collects records as sorted rows.

use super::envelope::Records;
use super::record_error::{Place, RecordError};
use super::record_reader::SentRecord;
use super::record_texts::RecordTexts;
use super::tie_breaker::TieBreaker;
use super::unsorted_rows::UnsortedRows;
use crate::apps::{App, AppNames};
use crate::rows::{Rows, merge::Appender};

/// How many bytes of record texts are kept; beyond that, reading records again is cheaper.
const TEXT_BUDGET_BYTES: usize = 64 << 20;

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
        Appender::new(self.unsorted.rows(), &mut rows)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::Day;
    use crate::rows::{Addition, LicenseRow};

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
