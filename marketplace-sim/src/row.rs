//! Rows of the two lists of the API, and what its filters look at.

use std::borrow::Cow;

use chrono::NaiveDate;

/// A text that is either part of the program or belongs to a row.
pub(crate) type Text = Cow<'static, str>;

/// The two lists that the reporting API serves in the same way.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum List {
    /// Licenses, below `licenses`.
    Licenses,
    /// Sales, below `sales/transactions`.
    Transactions,
}

impl List {
    /// Returns the path below a developer space's reporting root.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Licenses => "licenses",
            Self::Transactions => "sales/transactions",
        }
    }

    /// Returns the member of a page that holds its rows.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::Licenses => "licenses",
            Self::Transactions => "transactions",
        }
    }
}

/// What the filters of the API look at. A member that a row lacks is `None` and never excludes the row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// The maintenance start of a license, the sale date of a transaction; `None` counts as late.
    pub(crate) from: Option<NaiveDate>,
    /// The maintenance end of a license; `None` is open.
    pub(crate) until: Option<NaiveDate>,
    /// `lastUpdated`; `None` counts as new.
    pub(crate) updated: Option<NaiveDate>,
    /// `cloudComplianceBoundaries`; empty if the row has none.
    pub(crate) boundaries: Vec<Text>,
    /// Whether the API returns the row only on request.
    pub(crate) hidden: Hidden,
}

/// Why a row is left out of an ordinary answer. A row of a case file is never hidden.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Hidden {
    /// It is in every answer.
    #[default]
    No,
    /// A license of Atlassian itself, which comes with `includeAtlassianLicenses`.
    Atlassian,
    /// A license that is free for its lifetime, which comes with `showLifeTimeFreeLicenses`, and then only such.
    LifetimeFree,
    /// A sale by manual invoice, which comes with `includeManualInvoice`.
    ManualInvoice,
}

/// Whether the members that the API adds for `withDataInsights` are written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Insights {
    /// They are.
    Told,
    /// They are left out.
    Withheld,
}

/// One row of a list.
pub(crate) trait Row {
    /// Returns what the filters look at.
    fn facts(&self) -> &Facts;

    /// Writes the row as a JSON object to the end of `out`.
    fn write(&self, insights: Insights, out: &mut String);
}

/// An app of the vendor.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct App {
    /// `addonKey` of rows, `appKey` of the listing.
    pub(crate) key: String,
    /// The name that people read.
    pub(crate) name: String,
    /// `productId`.
    pub(crate) product_id: String,
    /// Hostings that the app is offered for, as the listing writes them.
    pub(crate) hostings: Vec<&'static str>,
    /// Whether the listing shows it without `includePrivate`.
    pub(crate) public: bool,
}

/// What the partner metrics tell of an app and a day.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Usage {
    /// Users of the instances that report the app.
    pub(crate) users: u64,
    /// Instances that report the app.
    pub(crate) installs: u64,
}

/// Places whose rows differ in nothing that an ordinary request asks about: commercial, not hidden, not for nothing.
/// A page far down a list of a million rows is found by arithmetic there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Uniform {
    /// The first of the places; all after it belong to them.
    pub(crate) first_place: u32,
    /// How many rows the places hold, in turn.
    pub(crate) rows: &'static [u32],
    /// No row starts (or is sold) before this day.
    pub(crate) from: NaiveDate,
    /// No row starts (or is sold) after this day.
    pub(crate) to: NaiveDate,
}

/// Everything that a vendor's account can see. Rows stand at places, so that one far down a list is found without making those before it.
pub(crate) trait Dataset: Send + Sync {
    /// Returns the vendor's apps, in the order of the listing.
    fn apps(&self) -> &[App];

    /// Returns how many places there are in `list`; a place holds no row, one or several.
    fn places(&self, list: List) -> u32;

    /// Calls `each` with every row at `place`.
    fn visit(&self, list: List, place: u32, each: &mut dyn FnMut(&dyn Row));

    /// Returns from which place on the rows of `list` are all of one kind, if such places are known.
    fn uniform(&self, list: List) -> Option<Uniform> {
        let _any = list;
        None
    }

    /// Returns, for each app in the order of [`Dataset::apps`], the usage on each of `days`.
    fn usage(&self, days: &[NaiveDate]) -> Vec<Vec<Usage>>;
}
