//! Exports as tables, for those who do not ask for JSON.

use serde_json::Value;

use crate::row::List;

const LICENSE_COLUMNS: [&str; 18] = [
    "addonLicenseId",
    "licenseId",
    "appEntitlementId",
    "appEntitlementNumber",
    "addonKey",
    "addonName",
    "productId",
    "hosting",
    "lastUpdated",
    "licenseType",
    "maintenanceStartDate",
    "maintenanceEndDate",
    "status",
    "tier",
    "contactDetails.company",
    "contactDetails.country",
    "contactDetails.region",
    "contactDetails.technicalContact.email",
];

const TRANSACTION_COLUMNS: [&str; 20] = [
    "transactionId",
    "transactionLineItemId",
    "licenseId",
    "appEntitlementNumber",
    "addonKey",
    "addonName",
    "productId",
    "lastUpdated",
    "customerDetails.company",
    "customerDetails.country",
    "customerDetails.region",
    "purchaseDetails.saleDate",
    "purchaseDetails.saleType",
    "purchaseDetails.licenseType",
    "purchaseDetails.hosting",
    "purchaseDetails.billingPeriod",
    "purchaseDetails.tier",
    "purchaseDetails.oldTier",
    "purchaseDetails.maintenanceStartDate",
    "purchaseDetails.maintenanceEndDate",
];

fn columns(list: List) -> &'static [&'static str] {
    match list {
        List::Licenses => &LICENSE_COLUMNS,
        List::Transactions => &TRANSACTION_COLUMNS,
    }
}

/// Returns the first line.
pub(crate) fn header(list: List) -> String {
    let mut line = columns(list).join(",");
    line.push_str("\r\n");
    line
}

/// Writes the row `text` as one line to the end of `out`.
pub(crate) fn write(list: List, text: &str, out: &mut String) {
    let row: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    for (at, column) in columns(list).iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        let value = column
            .split('.')
            .try_fold(&row, |value, name| value.get(name));
        match value {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => write_field(text, out),
            Some(other) => write_field(&other.to_string(), out),
        }
    }
    out.push_str("\r\n");
}

fn write_field(text: &str, out: &mut String) {
    if !text.contains([',', '"', '\r', '\n']) {
        out.push_str(text);
        return;
    }
    out.push('"');
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_line_with_quotes_where_needed() {
        let row = r#"{"licenseId":"SEN-1","tier":"1,000 Users","contactDetails":{"company":"The \"A\" Co"}}"#;
        let mut line = String::new();
        write(List::Licenses, row, &mut line);
        assert_eq!(
            line,
            ",SEN-1,,,,,,,,,,,,\"1,000 Users\",\"The \"\"A\"\" Co\",,,\r\n"
        );
    }
}
