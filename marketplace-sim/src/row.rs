//! Rows of the two lists of the API, and the fields that its filters use.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::changes::{Changes, NextDay};

/// A text that is either static or owned by a row.
pub(crate) type Text = Cow<'static, str>;

/// The two lists of the reporting API.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum List {
    /// Licenses, below `licenses`.
    Licenses,
    /// Sales, below `sales/transactions`.
    Transactions,
}

impl List {
    /// Returns the path below the reporting root of a developer space.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Licenses => "licenses",
            Self::Transactions => "sales/transactions",
        }
    }

    /// Returns the name of the member of a page that has its rows.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::Licenses => "licenses",
            Self::Transactions => "transactions",
        }
    }
}

/// The fields of a row that the filters use. A field that a row lacks is `None` and never excludes the row.
#[derive(Clone, Debug, Default)]
pub(crate) struct FilterFields {
    /// The maintenance start of a license, the sale date of a transaction; `None` counts as late.
    pub(crate) from: Option<NaiveDate>,
    /// The maintenance end of a license; `None` is open-ended.
    pub(crate) until: Option<NaiveDate>,
    /// `lastUpdated`; `None` counts as new.
    pub(crate) updated: Option<NaiveDate>,
    /// `cloudComplianceBoundaries`; empty if the row has none.
    pub(crate) boundaries: Vec<Text>,
    /// Whether the API returns the row only on request.
    pub(crate) hidden: Hidden,
}

/// Why a row is omitted unless a request asks for it. A row of a case file is never hidden.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Hidden {
    /// It is never omitted.
    #[default]
    No,
    /// A license of Atlassian itself, returned with `includeAtlassianLicenses`.
    Atlassian,
    /// A license that is free for its lifetime; `showLifeTimeFreeLicenses` returns these and no others.
    LifetimeFree,
    /// A sale by manual invoice, returned with `includeManualInvoice`.
    ManualInvoice,
}

/// Whether rows have the members that the API adds for `withDataInsights`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Insights {
    /// They have them.
    Included,
    /// They don't have them.
    Omitted,
}

/// One row of a list.
pub(crate) trait Row {
    /// Returns the fields that the filters use.
    fn fields(&self) -> &FilterFields;

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
    /// The hostings of the app, as the listing spells them.
    pub(crate) hostings: Vec<&'static str>,
    /// Whether the listing shows it without `includePrivate`.
    pub(crate) public: bool,
}

/// The partner metrics of an app on a day.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Usage {
    /// Users of the instances that report the app.
    pub(crate) users: u64,
    /// Instances that report the app.
    pub(crate) installs: u64,
}

/// A place that has another number of rows than the pattern of its list says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct UnevenPlace {
    /// The place.
    pub(crate) place: u32,
    /// Its number of rows.
    pub(crate) rows: u32,
    /// The sum, up to and including this place, of the rows beyond the pattern; negative if rows are missing.
    pub(crate) surplus: i64,
}

/// Places whose rows are all commercial and not hidden, so that a filter selects all or none of them.
/// A page far down a list of a million rows is then found by arithmetic.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct UniformPlaces {
    /// The first of these places; all later places belong to them.
    pub(crate) first_place: u32,
    /// How many rows the places have, as a repeating pattern.
    pub(crate) rows: &'static [u32],
    /// The places that break the pattern, in order.
    pub(crate) uneven: Arc<[UnevenPlace]>,
    /// No row starts (or is sold) before this day.
    pub(crate) from: NaiveDate,
    /// No row starts (or is sold) after this day.
    pub(crate) to: NaiveDate,
}

impl UniformPlaces {
    /// Returns the number of rows in the first `places` places.
    pub(crate) fn rows_before(&self, places: u32) -> usize {
        let at = self
            .uneven
            .partition_point(|uneven| uneven.place < self.first_place + places);
        self.pattern_rows(places, self.surplus_before(at))
    }

    /// Returns the place of the row with this number, and the row's number in the place. The row must exist.
    pub(crate) fn find(&self, number: usize) -> (u32, usize) {
        // The uneven places that begin at this row or before it.
        let at = self
            .uneven
            .partition_point(|uneven| self.rows_before(uneven.place - self.first_place) <= number);
        if let Some(uneven) = at.checked_sub(1).and_then(|last| self.uneven.get(last)) {
            let nth = number - self.rows_before(uneven.place - self.first_place);
            if nth < uneven.rows as usize {
                return (uneven.place, nth);
            }
        }
        let number = i64::try_from(number).unwrap_or(i64::MAX) - self.surplus_before(at);
        let number = usize::try_from(number).unwrap_or(0);
        let turn: usize = self.rows.iter().map(|rows| *rows as usize).sum();
        let mut place = number / turn * self.rows.len();
        let mut nth = number % turn;
        for rows in self.rows {
            if nth < *rows as usize {
                break;
            }
            nth -= *rows as usize;
            place += 1;
        }
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        (self.first_place.saturating_add(place), nth)
    }

    fn surplus_before(&self, at: usize) -> i64 {
        let last = at.checked_sub(1).and_then(|last| self.uneven.get(last));
        last.map_or(0, |uneven| uneven.surplus)
    }

    fn pattern_rows(&self, places: u32, surplus: i64) -> usize {
        let turn: u32 = self.rows.iter().sum();
        let length = u32::try_from(self.rows.len()).unwrap_or(1);
        let rest = self.rows.iter().take((places % length) as usize);
        let rows = u64::from(places / length) * u64::from(turn)
            + rest.map(|rows| u64::from(*rows)).sum::<u64>();
        usize::try_from(i64::try_from(rows).unwrap_or(i64::MAX) + surplus).unwrap_or(0)
    }
}

/// All data of a vendor. Rows belong to numbered places, so that a row far down a list is found without creating those before it.
pub(crate) trait Dataset: Send + Sync {
    /// Returns the vendor's apps, in the order of the listing.
    fn apps(&self) -> &[App];

    /// Returns how many places there are in `list`; a place has any number of rows.
    fn places(&self, list: List) -> u32;

    /// Calls `each` with every row at `place`.
    fn visit(&self, list: List, place: u32, each: &mut dyn FnMut(&dyn Row));

    /// Returns the places at the end of `list` whose rows are uniform, if there are any.
    fn uniform(&self, list: List) -> Option<UniformPlaces> {
        let _ = list;
        None
    }

    /// Tells whether `place` can have a row that was updated on `day` or later. This is much faster than a visit.
    fn may_have_changed(&self, list: List, place: u32, day: NaiveDate) -> bool {
        let _ = (list, place, day);
        true
    }

    /// Returns the data as they are a day later, if they change.
    fn next_day(&self, changes: Changes) -> Option<(Arc<dyn Dataset>, NextDay)> {
        let _ = changes;
        None
    }

    /// Returns, for each app in the order of [`Dataset::apps`], the usage on each of `days`.
    fn usage(&self, days: &[NaiveDate]) -> Vec<Vec<Usage>>;
}
