//! What the license row says, and on which days it decides.

use super::exclusion::{Exclusion, LicenseType};
use super::hosting::Hosting;
use super::rules::Rules;
use super::sales::{BaseSale, SalesHistory};
use super::tier::Size;
use super::vocabulary::Vocabulary;
use crate::day::{Day, HISTORY_BEGINS};
use crate::rows::LicenseRow;

/// The days of a license row, with defaults for missing dates: `from` is included, `until` is not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Span {
    pub(super) from: Day,
    /// Nothing if it never ends.
    pub(super) until: Option<Day>,
}

impl Span {
    pub(super) fn of(row: &LicenseRow, vocabulary: &Vocabulary, today: Day) -> Self {
        let is_active = vocabulary.of(row.status).is_active;
        Self {
            from: row.start.unwrap_or(HISTORY_BEGINS),
            until: row
                .end
                .or_else(|| (!is_active).then(|| row.last_updated.unwrap_or(today))),
        }
    }

    pub(super) fn holds(self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}

/// What the preferred license row says.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListedLicense {
    pub(super) span: Span,
    /// The maintenance start, as sent.
    pub(super) start: Option<Day>,
    /// Since when the row has said the same.
    pub(super) said_on: Option<Day>,
    /// Why it does not count.
    pub(super) exclusion: Option<Exclusion>,
    pub(super) size: Option<Size>,
    /// Nothing if the row has none.
    pub(super) hosting: Option<Hosting>,
    pub(super) is_active: bool,
}

impl ListedLicense {
    pub(super) fn read(
        row: &LicenseRow,
        vocabulary: &Vocabulary,
        rules: &Rules,
        today: Day,
        history: &SalesHistory,
    ) -> Self {
        let size = |tier| vocabulary.of(tier).tier.size(rules.unlimited_users());
        let evaluation_size = || {
            if history.sales.is_empty() {
                size(row.evaluation_size)
            } else {
                None
            }
        };
        Self {
            span: Span::of(row, vocabulary, today),
            start: row.start,
            said_on: row.unchanged_since.or(row.last_updated),
            exclusion: exclusion(row, vocabulary, rules),
            size: size(row.tier).or_else(evaluation_size),
            hosting: Some(vocabulary.of(row.hosting))
                .filter(|hosting| !hosting.is_blank)
                .map(|hosting| hosting.hosting),
            is_active: vocabulary.of(row.status).is_active,
        }
    }

    pub(super) fn is_counted(&self) -> bool {
        self.exclusion.is_none()
    }

    fn is_older_than(&self, sale: &BaseSale, today: Day) -> bool {
        self.said_on.is_some_and(|said_on| said_on < sale.sold) && sale.sold <= today
    }

    /// Tells whether a sale is newer than the row.
    pub(super) fn is_outdated(&self, history: &SalesHistory, today: Day) -> bool {
        history
            .sales
            .iter()
            .any(|sale| self.is_older_than(sale, today))
    }
}

/// Returns why a license row is excluded, if it is.
pub(super) fn exclusion(
    row: &LicenseRow,
    vocabulary: &Vocabulary,
    rules: &Rules,
) -> Option<Exclusion> {
    let on_sandbox = vocabulary
        .of(row.sandbox)
        .is_yes
        .then_some(Exclusion::Sandbox);
    let by_type = match vocabulary.of(row.license_type).license_type {
        LicenseType::LeftOut(reason) => Some(reason),
        LicenseType::Counted | LicenseType::Unknown => None,
    };
    on_sandbox
        .into_iter()
        .chain(by_type)
        .find(|reason| !rules.includes(*reason))
}

/// On which days the license row decides, and on which the sales.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Authority {
    /// The sales on all days.
    Sales,
    /// The row on all days.
    Row,
    /// The row from `known_from` until a newer sale, if there is one; the sales before and after.
    Both { known_from: Day, newer: Option<Day> },
}

impl Authority {
    pub(super) fn of(listed: Option<&ListedLicense>, history: &SalesHistory, today: Day) -> Self {
        let Some(listed) = listed.filter(|listed| listed.is_counted() && listed.size.is_some())
        else {
            return Self::Sales;
        };
        if history.sales.is_empty() {
            return Self::Row;
        }
        let since = listed.said_on.map_or(today, |said_on| said_on.min(today));
        let known_from = listed.start.map_or(since, |start| start.max(since));
        let newer = history
            .sales
            .iter()
            .filter(|sale| {
                listed.is_older_than(sale, today) && sale.start <= today && sale.end > known_from
            })
            .map(|sale| sale.start.max(known_from))
            .min();
        Self::Both { known_from, newer }
    }

    /// Tells whether the row decides on a day.
    pub(super) fn is_row(self, day: Day) -> bool {
        match self {
            Self::Sales => false,
            Self::Row => true,
            Self::Both { known_from, newer } => {
                known_from <= day && newer.is_none_or(|newer| day < newer)
            }
        }
    }
}
