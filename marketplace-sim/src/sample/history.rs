//! What there is to tell of one license: its row, and what was sold.

use chrono::NaiveDate;

use crate::row::{Hidden, Text};

/// Where an app runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hosting {
    /// On Atlassian's servers.
    Cloud,
    /// On the customer's, in several nodes.
    DataCenter,
    /// On the customer's, in one; no longer sold.
    Server,
}

impl Hosting {
    /// Returns the word of the rows.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Cloud => "Cloud",
            Self::DataCenter => "Data Center",
            Self::Server => "Server",
        }
    }
}

/// The size of a license, as it is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tier {
    /// `25 Users`.
    Users(u32),
    /// `Per Unit Pricing (3 Users)`, or `1 User`: users that came in the course of a month.
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

    /// Returns how many users it is good for, roughly.
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
    /// The first one.
    New,
    /// The next term.
    Renewal,
    /// More users, or another hosting, from some day on.
    Upgrade,
    /// Fewer users from some day on.
    Downgrade,
    /// Money back.
    Refund,
}

impl SaleType {
    /// Returns the word of the rows.
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
    /// Each month.
    Monthly,
    /// Each year.
    Annual,
}

/// One row of the transactions.
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
    /// Users that came in the course of a month, each group with its day.
    pub(crate) added: Vec<(NaiveDate, u32)>,
    /// The number of the sale that a refund names.
    pub(crate) original: Option<usize>,
    pub(crate) hidden: Hidden,
}

/// What the API tells of an evaluation that became a license.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evaluated {
    pub(crate) start: NaiveDate,
    pub(crate) end: NaiveDate,
    pub(crate) sold: NaiveDate,
}

/// One row of the licenses.
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
    /// The size of the product that an evaluation extends.
    pub(crate) opportunity: Option<Tier>,
    pub(crate) evaluated: Option<Evaluated>,
    pub(crate) boundary: &'static str,
    /// The number of the license on premises that a cloud license came from.
    pub(crate) migrated_from: Option<u32>,
    pub(crate) hidden: Hidden,
}

/// Which ids the rows of a license carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ids {
    /// All four, as older cloud licenses do.
    All,
    /// Those of an entitlement.
    Entitlement,
    /// Those of a license; a Data Center row that was changed since September 2025 has its entitlement too.
    License,
    /// The license row has none: one empty, one the text `null`.
    None,
}

/// Types of licenses whose instances are few, or report nothing.
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

/// All that is told of one license.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    /// The number that its ids are made of.
    pub(crate) number: u32,
    /// The number of its app.
    pub(crate) app: usize,
    /// The number that stands for its customer.
    pub(crate) customer: u64,
    pub(crate) ids: Ids,
    /// Another `licenseId` on the license row, by which two rows of one license differ.
    pub(crate) other_license_id: Option<u32>,
    pub(crate) row: Option<LicenseRow>,
    pub(crate) sales: Vec<Sale>,
}

impl Story {
    /// Returns how many users the license has on `day`, roughly: what was sold, without refunds and gaps of listing.
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
