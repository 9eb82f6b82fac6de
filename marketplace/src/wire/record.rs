//! The records of licenses and transactions: the members that the count or the details use.

use super::lenient::{LenientList, LenientText};
use super::scan::record_object;

record_object! {
    /// One license.
    License {
        "addonKey" => addon_key: LenientText<'a>,
        "addonName" => addon_name: LenientText<'a>,
        "appEntitlementNumber" => entitlement_number: LenientText<'a>,
        "appEntitlementId" => entitlement: LenientText<'a>,
        "licenseId" => license: LenientText<'a>,
        "addonLicenseId" => addon_license: LenientText<'a>,
        "hosting" => hosting: LenientText<'a>,
        "licenseType" => license_type: LenientText<'a>,
        "licenseSourceType" => source: LenientText<'a>,
        "tier" => tier: LenientText<'a>,
        "evaluationOpportunitySize" => evaluation_size: LenientText<'a>,
        "status" => status: LenientText<'a>,
        "installedOnSandbox" => sandbox: LenientText<'a>,
        "maintenanceStartDate" => start: LenientText<'a>,
        "maintenanceEndDate" => end: LenientText<'a>,
        "lastUpdated" => last_updated: LenientText<'a>,
        "contactDetails" => contact: Customer<'a>,
    }
}

record_object! {
    /// One transaction.
    Transaction {
        "addonKey" => addon_key: LenientText<'a>,
        "addonName" => addon_name: LenientText<'a>,
        "appEntitlementNumber" => entitlement_number: LenientText<'a>,
        "appEntitlementId" => entitlement: LenientText<'a>,
        "licenseId" => license: LenientText<'a>,
        "addonLicenseId" => addon_license: LenientText<'a>,
        "transactionId" => transaction_id: LenientText<'a>,
        "transactionLineItemId" => line_item: LenientText<'a>,
        "installedOnSandbox" => sandbox: LenientText<'a>,
        "lastUpdated" => last_updated: LenientText<'a>,
        "customerDetails" => customer: Customer<'a>,
        "originalTransactionDetails" => original: Original<'a>,
        "purchaseDetails" => purchase: Purchase<'a>,
    }
}

record_object! {
    /// The members of a customer that do not identify a person.
    Customer {
        "company" => company: LenientText<'a>,
        "country" => country: LenientText<'a>,
    }
}

record_object! {
    /// The refunded sale.
    Original {
        "transactionId" => transaction_id: LenientText<'a>,
    }
}

record_object! {
    /// What was bought.
    Purchase {
        "saleType" => sale_type: LenientText<'a>,
        "saleDate" => sale_date: LenientText<'a>,
        "licenseType" => license_type: LenientText<'a>,
        "hosting" => hosting: LenientText<'a>,
        "billingPeriod" => billing_period: LenientText<'a>,
        "tier" => tier: LenientText<'a>,
        "oldTier" => old_tier: LenientText<'a>,
        "maintenanceStartDate" => start: LenientText<'a>,
        "maintenanceEndDate" => end: LenientText<'a>,
        "originalTransactionDetails" => original: Original<'a>,
        "proratedDetails" => prorated: LenientList<Prorated<'a>>,
    }
}

record_object! {
    /// Users that were added within a billing month.
    Prorated {
        "date" => date: LenientText<'a>,
        "addedUsers" => added_users: LenientText<'a>,
    }
}

/// The largest plausible number of users.
const MOST_USERS: u32 = 1_000_000_000;

impl Prorated<'_> {
    /// Returns how many users were added; 0 unless it is a whole number from 1 to 1,000,000,000.
    pub(super) fn users(&self) -> u32 {
        let text = self.added_users.trimmed();
        let whole = text.split_once('.').map_or(text, |(whole, rest)| {
            if rest.bytes().all(|digit| digit == b'0') {
                whole
            } else {
                ""
            }
        });
        whole
            .parse()
            .ok()
            .filter(|users| *users <= MOST_USERS)
            .unwrap_or_default()
    }
}

impl License<'_> {
    /// Returns the key of the app.
    pub(crate) fn app_key(&self) -> &str {
        self.addon_key.trimmed()
    }
}

impl Transaction<'_> {
    /// Returns the key of the app.
    pub(crate) fn app_key(&self) -> &str {
        self.addon_key.trimmed()
    }

    /// Returns the id of the refunded sale, inside the purchase or next to it.
    pub(super) fn original_id(&self) -> &str {
        let inside = id(&self.purchase.original.transaction_id);
        if inside.is_empty() {
            id(&self.original.transaction_id)
        } else {
            inside
        }
    }
}

/// Returns a trimmed id, empty if its text stands for a missing one.
pub(super) fn id<'a>(text: &'a LenientText<'_>) -> &'a str {
    match text.trimmed() {
        "null" => "",
        text => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_users_are_a_whole_number_above_zero() {
        let cases = [
            ("9", 9),
            ("\"12\"", 12),
            ("2.0", 2),
            ("2.5", 0),
            ("0", 0),
            ("-4", 0),
            ("1000000000", 1_000_000_000),
            ("1000000001", 0),
            ("null", 0),
            ("\"many\"", 0),
            ("[3]", 0),
        ];
        for (json, expected) in cases {
            let text = format!(r#"{{"date": "2026-01-01", "addedUsers": {json}}}"#);
            assert_eq!(
                serde_json::from_str::<Prorated<'_>>(&text).unwrap().users(),
                expected,
                "{json}"
            );
        }
    }

    #[test]
    fn the_refunded_sale_is_named_inside_the_purchase_or_beside_it() {
        let cases = [
            (
                r#"{"purchaseDetails": {"originalTransactionDetails": {"transactionId": " AT-1 "}}}"#,
                "AT-1",
            ),
            (
                r#"{"originalTransactionDetails": {"transactionId": "AT-2"}}"#,
                "AT-2",
            ),
            (
                r#"{"originalTransactionDetails": {"transactionId": "AT-2"},
                    "purchaseDetails": {"originalTransactionDetails": {"transactionId": "AT-1"}}}"#,
                "AT-1",
            ),
            (
                r#"{"originalTransactionDetails": {"transactionId": "AT-2"},
                    "purchaseDetails": {"originalTransactionDetails": null}}"#,
                "AT-2",
            ),
            (
                r#"{"originalTransactionDetails": {"transactionId": "null"}, "purchaseDetails": []}"#,
                "",
            ),
        ];
        for (json, expected) in cases {
            assert_eq!(
                serde_json::from_str::<Transaction<'_>>(json)
                    .unwrap()
                    .original_id(),
                expected,
                "{json}"
            );
        }
    }
}
