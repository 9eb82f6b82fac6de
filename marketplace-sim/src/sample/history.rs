//! The history of a license: its row and its sales.

use chrono::NaiveDate;

use crate::row::{Hidden, Text};

/// Where an app runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hosting {
    /// Hosted by Atlassian.
    Cloud,
    /// Hosted by the customer, on several nodes.
    DataCenter,
    /// Hosted by the customer, on one node; no longer sold.
    Server,
}

impl Hosting {
    /// Returns the word that rows have.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Cloud => "Cloud",
            Self::DataCenter => "Data Center",
            Self::Server => "Server",
        }
    }
}

/// The tier of a license.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tier {
    /// `25 Users`.
    Users(u32),
    /// `Per Unit Pricing (3 Users)`, or `1 User`: users added within a month.
    Added(u32),
    /// `Unlimited Users`.
    Unlimited,
    /// `Evaluation`.
    Evaluation,
    /// Any other text.
    Words(&'static str),
}

impl Tier {
    /// Returns the text.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::Users(count) => format!("{count} Users").into(),
            Self::Added(1) => "1 User".into(),
            Self::Added(count) => format!("Per Unit Pricing ({count} Users)").into(),
            Self::Unlimited => "Unlimited Users".into(),
            Self::Evaluation => "Evaluation".into(),
            Self::Words(words) => words.into(),
        }
    }

    /// Returns the approximate number of users.
    pub(crate) fn users(self) -> u32 {
        match self {
            Self::Users(count) | Self::Added(count) => count,
            Self::Unlimited => 10_001,
            Self::Evaluation | Self::Words(_) => 0,
        }
    }
}

/// The kind of a sale.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SaleType {
    /// The first sale.
    New,
    /// The next term.
    Renewal,
    /// More users, or another hosting.
    Upgrade,
    /// Fewer users.
    Downgrade,
    /// A refund.
    Refund,
}

impl SaleType {
    /// Returns the word that rows have.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Renewal => "Renewal",
            Self::Upgrade => "Upgrade",
            Self::Downgrade => "Downgrade",
            Self::Refund => "Refund",
        }
    }
}

/// How often a subscription is paid.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Billing {
    /// Every month.
    Monthly,
    /// Every year.
    Annual,
}

/// A row of the transactions.
#[derive(Clone, Debug)]
pub(crate) struct Sale {
    pub(crate) sale_type: SaleType,
    pub(crate) sold: NaiveDate,
    pub(crate) start: NaiveDate,
    pub(crate) end: NaiveDate,
    pub(crate) tier: Tier,
    pub(crate) old_tier: Option<Tier>,
    pub(crate) hosting: Hosting,
    pub(crate) billing: Billing,
    pub(crate) license_type: &'static str,
    pub(crate) cents: i64,
    /// Users added within a month, with their days.
    pub(crate) added: Vec<(NaiveDate, u32)>,
    /// The index of the sale that a refund names.
    pub(crate) original: Option<usize>,
    pub(crate) hidden: Hidden,
    /// The last change after the sale.
    pub(crate) redated: Option<NaiveDate>,
    /// Whether the list has it; a sale that vanished keeps its place, so that the ids of the others stay.
    pub(crate) listed: bool,
}

impl Sale {
    /// Returns the day of the last change.
    pub(crate) fn updated(&self) -> NaiveDate {
        self.redated.unwrap_or(self.sold)
    }
}

/// The evaluation before a purchase.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evaluated {
    pub(crate) start: NaiveDate,
    pub(crate) end: NaiveDate,
    pub(crate) sold: NaiveDate,
}

/// A row of the licenses.
#[derive(Clone, Debug)]
pub(crate) struct LicenseRow {
    pub(crate) license_type: Option<&'static str>,
    pub(crate) hosting: Hosting,
    pub(crate) start: NaiveDate,
    pub(crate) end: Option<NaiveDate>,
    pub(crate) status: &'static str,
    pub(crate) tier: Option<Tier>,
    pub(crate) updated: NaiveDate,
    pub(crate) billing: Billing,
    /// Whether it is installed on a sandbox.
    pub(crate) sandbox: bool,
    /// The size of the host product of an evaluation.
    pub(crate) opportunity: Option<Tier>,
    pub(crate) evaluated: Option<Evaluated>,
    pub(crate) boundary: &'static str,
    /// The number of the on-premises license that this one replaced.
    pub(crate) migrated_from: Option<u32>,
    pub(crate) hidden: Hidden,
    /// Whether the row has since gained the ids of an entitlement.
    pub(crate) gained_ids: bool,
}

impl LicenseRow {
    /// Tells whether an on-premises row also has the ids of an entitlement.
    pub(crate) fn is_entitled(&self) -> bool {
        let since_september = NaiveDate::from_ymd_opt(2025, 9, 1);
        self.gained_ids
            || (self.hosting == Hosting::DataCenter && Some(self.updated) >= since_september)
    }
}

/// Which ids the rows of a license have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum IdScheme {
    /// All four, as older cloud licenses do.
    All,
    /// The ids of an entitlement.
    Entitlement,
    /// The ids of a license; a Data Center row that was changed since September 2025 also has those of its entitlement.
    License,
    /// None: one id is empty, the other is the text `null`.
    None,
}

/// License types that are not counted as usage.
const UNCOUNTED: [&str; 8] = [
    "COMMUNITY",
    "OPEN_SOURCE",
    "EVALUATION",
    "DEMONSTRATION",
    "INTERNAL USE",
    "FREE",
    "LEGACY_FREE",
    "FOUNDATION_FREE",
];

/// The row and the sales of a license.
#[derive(Clone, Debug)]
pub(crate) struct LicenseHistory {
    /// The number that its ids are derived from.
    pub(crate) number: u32,
    /// The index of its app.
    pub(crate) app: usize,
    /// The number of its customer.
    pub(crate) customer: u64,
    pub(crate) id_scheme: IdScheme,
    /// Another `licenseId` for the license row, so that two rows of one license differ.
    pub(crate) other_license_id: Option<u32>,
    pub(crate) row: Option<LicenseRow>,
    pub(crate) sales: Vec<Sale>,
}

impl LicenseHistory {
    /// Returns the approximate number of users on `day`, without regard to refunds.
    pub(crate) fn users_on(&self, day: NaiveDate) -> u32 {
        if let Some(row) = &self.row {
            if row.sandbox || UNCOUNTED.contains(&row.license_type.unwrap_or("")) {
                return 0;
            }
            let runs = row.end.is_none_or(|end| end > day);
            if day >= row.updated.max(row.start) {
                return match row.tier {
                    Some(tier) if runs => tier.users(),
                    _ => 0,
                };
            }
        }
        self.sales
            .iter()
            .rev()
            .filter(|sale| sale.sale_type != SaleType::Refund && sale.added.is_empty())
            .find(|sale| sale.start <= day && day < sale.end)
            .map_or(0, |sale| sale.tier.users())
    }
}
