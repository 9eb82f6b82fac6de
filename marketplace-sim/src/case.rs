//! Rows given as JSON, by a case file or by a test. They are served unchanged.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::data::DataError;
use crate::row::{App, Dataset, FilterFields, Hidden, Insights, List, Row, Text, Usage};
use crate::{day, ids};

/// The members of a case file that are served; its expected results are ignored.
#[derive(Deserialize)]
struct CaseFile {
    #[serde(default)]
    today: Option<String>,
    #[serde(default)]
    app: Option<String>,
    #[serde(default)]
    licenses: Vec<Box<RawValue>>,
    #[serde(default)]
    transactions: Vec<Box<RawValue>>,
}

/// The rows of a case file or of a test.
pub(crate) struct CaseData {
    licenses: Vec<CaseRow>,
    transactions: Vec<CaseRow>,
    apps: Vec<App>,
    /// The day that the case was written for.
    pub(crate) today: Option<NaiveDate>,
}

struct CaseRow {
    fields: FilterFields,
    json: String,
    app_key: String,
    app_name: Option<String>,
    product_id: Option<String>,
    tier: Option<String>,
}

impl CaseData {
    /// Parses the text of a case file.
    ///
    /// # Errors
    ///
    /// Returns an error when the text is not such JSON, or its `today` is not a date.
    pub(crate) fn from_case(text: &str) -> Result<Self, DataError> {
        let file: CaseFile = serde_json::from_str(text)?;
        let today = match &file.today {
            None => None,
            Some(text) => match day::read(text) {
                None => return Err(DataError::Today(text.clone())),
                found => found,
            },
        };
        let rows = |list, rows: &[Box<RawValue>]| {
            rows.iter()
                .map(|raw| CaseRow::new(list, raw.get()))
                .collect()
        };
        let licenses = rows(List::Licenses, &file.licenses);
        let transactions = rows(List::Transactions, &file.transactions);
        Ok(Self::new(licenses, transactions, file.app, today))
    }

    /// Creates the data from the rows of a test.
    pub(crate) fn from_values(licenses: &[Value], transactions: &[Value]) -> Self {
        let rows = |list, rows: &[Value]| {
            rows.iter()
                .map(|value| CaseRow::from_value(list, value, value.to_string()))
                .collect::<Vec<_>>()
        };
        Self::new(
            rows(List::Licenses, licenses),
            rows(List::Transactions, transactions),
            None,
            None,
        )
    }

    fn new(
        licenses: Vec<CaseRow>,
        transactions: Vec<CaseRow>,
        app: Option<String>,
        today: Option<NaiveDate>,
    ) -> Self {
        let apps = apps_of(app, licenses.iter().chain(&transactions));
        Self {
            licenses,
            transactions,
            apps,
            today,
        }
    }

    fn rows(&self, list: List) -> &[CaseRow] {
        match list {
            List::Licenses => &self.licenses,
            List::Transactions => &self.transactions,
        }
    }
}

impl Dataset for CaseData {
    fn apps(&self) -> &[App] {
        &self.apps
    }

    fn places(&self, list: List) -> u32 {
        u32::try_from(self.rows(list).len()).unwrap_or(u32::MAX)
    }

    fn visit(&self, list: List, place: u32, each: &mut dyn FnMut(&dyn Row)) {
        if let Some(row) = self.rows(list).get(place as usize) {
            each(row);
        }
    }

    fn usage(&self, days: &[NaiveDate]) -> Vec<Vec<Usage>> {
        self.apps
            .iter()
            .map(|app| {
                let rows = self.licenses.iter().filter(|row| row.app_key == app.key);
                days.iter()
                    .map(|day| usage_on(*day, rows.clone()))
                    .collect()
            })
            .collect()
    }
}

/// Adds up the rows that are valid on `day`. A rough figure is enough: metrics never equal the tiers.
fn usage_on<'a>(day: NaiveDate, rows: impl Iterator<Item = &'a CaseRow>) -> Usage {
    rows.filter(|row| row.fields.from.is_none_or(|from| from <= day))
        .filter(|row| row.fields.until.is_none_or(|until| until > day))
        .fold(Usage::default(), |sum, row| Usage {
            users: sum.users + row.tier.as_deref().and_then(first_number).unwrap_or(0),
            installs: sum.installs + 1,
        })
}

/// Returns the first number in the text of a tier; commas in it are ignored.
pub(crate) fn first_number(text: &str) -> Option<u64> {
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    let digits: String = text
        .get(start..)?
        .chars()
        .take_while(|letter| letter.is_ascii_digit() || *letter == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

impl CaseRow {
    fn new(list: List, json: &str) -> Self {
        // A row that is not an object, or that no client accepts, is still served: the case may be about just that.
        let value = serde_json::from_str(json).unwrap_or(Value::Null);
        Self::from_value(list, &value, json.to_owned())
    }

    fn from_value(list: List, row: &Value, json: String) -> Self {
        let details = match list {
            List::Licenses => row,
            List::Transactions => row.get("purchaseDetails").unwrap_or(&Value::Null),
        };
        let date =
            |value: &Value, name: &str| value.get(name).and_then(Value::as_str).and_then(day::read);
        let (from, until) = match list {
            List::Licenses => (
                date(row, "maintenanceStartDate"),
                date(row, "maintenanceEndDate"),
            ),
            List::Transactions => (
                date(details, "saleDate"),
                date(details, "maintenanceEndDate"),
            ),
        };
        Self {
            fields: FilterFields {
                from,
                until,
                updated: date(row, "lastUpdated"),
                boundaries: boundaries(row),
                hidden: Hidden::No,
            },
            json,
            app_key: text(row, "addonKey").unwrap_or_default(),
            app_name: text(row, "addonName"),
            product_id: text(row, "productId"),
            tier: text(details, "tier"),
        }
    }
}

impl Row for CaseRow {
    fn fields(&self) -> &FilterFields {
        &self.fields
    }

    fn write(&self, _insights: Insights, out: &mut String) {
        out.push_str(&self.json);
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn boundaries(row: &Value) -> Vec<Text> {
    row.get("cloudComplianceBoundaries")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|text| Text::Owned(text.to_owned()))
        .collect()
}

/// Collects the apps of the rows, with the app of the case first.
fn apps_of<'a>(app: Option<String>, rows: impl Iterator<Item = &'a CaseRow>) -> Vec<App> {
    struct Seen {
        name: Option<String>,
        product_id: Option<String>,
    }
    let mut keys: Vec<String> = app.into_iter().collect();
    let mut seen: HashMap<String, Seen> = HashMap::new();
    for row in rows.filter(|row| !row.app_key.is_empty()) {
        let key = row.app_key.clone();
        if !keys.contains(&key) {
            keys.push(key.clone());
        }
        let entry = seen.entry(key).or_insert(Seen {
            name: None,
            product_id: None,
        });
        entry.name = entry.name.take().or_else(|| row.app_name.clone());
        entry.product_id = entry.product_id.take().or_else(|| row.product_id.clone());
    }
    keys.into_iter()
        .map(|key| {
            let (name, product_id) = seen
                .remove(&key)
                .map_or((None, None), |seen| (seen.name, seen.product_id));
            App {
                name: name.unwrap_or_else(|| key.clone()),
                product_id: product_id.unwrap_or_else(|| ids::uuid("product", &key)),
                hostings: vec!["cloud", "server", "dataCenter"],
                public: true,
                key,
            }
        })
        .collect()
}
