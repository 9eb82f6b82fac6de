//! Faults in single rows: unusual dates and tiers.

use serde_json::Value;

use crate::row::List;

/// Which members of rows are replaced.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct RowFaults {
    /// Every seventh row gets an unusual date.
    pub(crate) dates: bool,
    /// Every fifth row gets an unusual tier.
    pub(crate) tiers: bool,
}

impl RowFaults {
    /// Writes the row `text`, the one with this number in its list, to the end of `out`.
    pub(crate) fn write(self, list: List, number: usize, text: &str, out: &mut String) {
        let dates = self.dates && number % 7 == 3;
        let tiers = self.tiers && number % 5 == 2;
        let parsed = if dates || tiers {
            serde_json::from_str::<Value>(text).ok()
        } else {
            None
        };
        let Some(mut row) = parsed else {
            out.push_str(text);
            return;
        };
        if dates {
            replace_date(list, number / 7, &mut row);
        }
        if tiers {
            replace_tier(list, number / 5, &mut row);
        }
        out.push_str(&row.to_string());
    }
}

fn details(list: List, row: &mut Value) -> &mut Value {
    match list {
        List::Licenses => row,
        List::Transactions => &mut row["purchaseDetails"],
    }
}

fn replace_date(list: List, turn: usize, row: &mut Value) {
    let details = details(list, row);
    let name = ["maintenanceStartDate", "maintenanceEndDate"][turn % 2];
    let Some(date) = details.get(name).and_then(Value::as_str).map(str::to_owned) else {
        return;
    };
    details[name] = match turn % 8 {
        0 | 1 => Value::from(format!("{date}T23:59:59.000Z")),
        2 => Value::Null,
        3 => Value::from(""),
        4 => Value::from("not a date"),
        5 => Value::from(date.replace('-', "/")),
        6 => Value::from("2026-02-31"),
        _ => Value::from(20_261_120),
    };
}

fn replace_tier(list: List, turn: usize, row: &mut Value) {
    let details = details(list, row);
    let Some(tier) = details.get("tier").and_then(Value::as_str) else {
        return;
    };
    let number = crate::case::first_number(tier).unwrap_or(25);
    details["tier"] = match turn % 8 {
        0 => Value::from(format!("  {number} uSERS ")),
        1 => Value::from(format!("Per Unit Pricing ({number} users)")),
        2 => Value::from(format!("1-{number} Users")),
        3 => Value::from("Enterprise"),
        4 => Value::Null,
        5 => Value::from(""),
        6 => Value::from(format!("-{number} Users")),
        _ => Value::from("99999999999 Users"),
    };
}
