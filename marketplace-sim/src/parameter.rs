//! Values of query parameters: how they are read, and how the API refuses them.

use chrono::NaiveDate;

use crate::day;
use crate::row::List;

/// A query value that the API refuses, with the text that it sends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct BadValue {
    /// The parameter.
    pub(crate) name: String,
    /// What is wrong with it.
    pub(crate) message: String,
}

impl BadValue {
    /// Creates the refusal of the parameter `name`.
    pub(crate) fn new(name: &str, message: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            message: message.into(),
        }
    }
}

/// The order that a request asked for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Sort {
    /// The value of `sortBy`.
    pub(crate) by: &'static str,
    /// Whether the greatest comes first.
    pub(crate) descending: bool,
}

/// Compliance boundaries.
pub(crate) const BOUNDARIES: [&str; 3] = ["commercial", "fedramp_moderate", "isolated_cloud"];
/// Hostings as the filter writes them.
pub(crate) const HOSTINGS: [&str; 3] = ["cloud", "datacenter", "server"];
/// Types of licenses as the filter writes them.
pub(crate) const LICENSE_TYPES: [&str; 13] = [
    "academic",
    "commercial",
    "community",
    "demonstration",
    "evaluation",
    "net_new_evaluation",
    "upgrade_evaluation",
    "open_source",
    "starter",
    "free",
    "classroom",
    "legacy_free",
    "internal_use",
];
const LICENSE_SORTS: [&str; 11] = [
    "addonName",
    "company",
    "country",
    "endDate",
    "hosting",
    "licenseId",
    "licenseType",
    "partner",
    "region",
    "startDate",
    "tier",
];
const TRANSACTION_SORTS: [&str; 15] = [
    "addonName",
    "company",
    "country",
    "date",
    "hosting",
    "licenseId",
    "licenseType",
    "partner",
    "partnerType",
    "purchasePrice",
    "region",
    "saleType",
    "tier",
    "transactionId",
    "vendorAmount",
];

/// Reads `sortBy`.
///
/// # Errors
///
/// Returns the refusal that the API sends.
pub(crate) fn sort(list: List, value: &str) -> Result<Sort, BadValue> {
    let known: &[&'static str] = match list {
        List::Licenses => &LICENSE_SORTS,
        List::Transactions => &TRANSACTION_SORTS,
    };
    let by = known.iter().find(|name| **name == value);
    by.map(|by| Sort {
        by,
        descending: false,
    })
    .ok_or_else(|| BadValue::new("sortBy", format!("must be one of {}", known.join(", "))))
}

/// Reads a date; nothing but ten characters is one.
///
/// # Errors
///
/// Returns the refusal that the API sends.
pub(crate) fn date(name: &str, value: &str) -> Result<NaiveDate, BadValue> {
    match day::read(value) {
        Some(day) if value.len() == 10 => Ok(day),
        _ => Err(BadValue::new(name, "Must be a date")),
    }
}

/// Reads `lastUpdated`, which may be a timestamp.
pub(crate) fn date_of_timestamp(name: &str, value: &str) -> Result<NaiveDate, BadValue> {
    let rest = value.get(10..).unwrap_or("");
    match day::read(value) {
        Some(day) if rest.is_empty() || rest.starts_with(['T', ' ']) => Ok(day),
        _ => Err(BadValue::new(name, "Must be a date")),
    }
}

/// Reads a number.
///
/// # Errors
///
/// Returns the refusal that the API sends.
pub(crate) fn integer(name: &str, value: &str) -> Result<u64, BadValue> {
    value
        .parse()
        .map_err(|_| BadValue::new(name, "must be an integer"))
}

/// Reads `true` or `false`.
///
/// # Errors
///
/// Returns the refusal that the API sends.
pub(crate) fn boolean(name: &str, value: &str) -> Result<bool, BadValue> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(BadValue::new(name, "must be one of true, false")),
    }
}

/// Reads one of the known words, without regard to case; returns it as it is known.
///
/// # Errors
///
/// Returns the refusal that the API sends.
pub(crate) fn one_of(name: &str, value: &str, known: &[&str]) -> Result<String, BadValue> {
    known
        .iter()
        .find(|known| known.eq_ignore_ascii_case(value))
        .map(|known| (*known).to_owned())
        .ok_or_else(|| BadValue::new(name, format!("must be one of {}", known.join(", "))))
}
