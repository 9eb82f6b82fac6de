//! What is so today, whatever the period: the licenses that are left out, and what the count rests on.

use std::collections::BTreeSet;

use super::exclusion::Exclusion;
use crate::texts::{Text, Texts};

/// The state of an app, or of all apps together, today, and the numbers of its notices.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CurrentStatus {
    /// Licensed users.
    pub users_now: i64,
    /// The users that these stand for at least.
    pub users_now_low: i64,
    /// Licensed users seven days ago.
    pub users_week_ago: i64,
    /// Licenses that are left out, by reason, in the order of the reasons; none is not listed.
    pub excluded: Vec<(Exclusion, u64)>,
    /// Rows without any id.
    pub no_id: u64,
    /// Refunds whose sale is not known.
    pub refund_without_sale: u64,
    /// Users, before grace, of licenses that the sales decide today.
    pub by_sales_only: i64,
    /// Users that only grace keeps.
    pub may_still_renew: i64,
    /// Their licenses.
    pub may_still_renew_licenses: u64,
    /// Licenses whose users were read from an unlimited text.
    pub unlimited: u64,
    /// Licenses with two rows that hold today and differ in their license id.
    pub merged_rows: u64,
    /// Tiers that nobody understands.
    pub tier_not_understood: NamedTexts,
    /// License types that nobody knows; they count.
    pub unknown_license_type: NamedTexts,
}

/// Rows with a text that is named in a notice.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NamedTexts {
    /// How many rows there are.
    pub rows: u64,
    /// Each text (without outer refunded_spans, empty where it is missing), sorted.
    pub texts: Vec<String>,
}

/// Collects the texts of one notice.
#[derive(Debug, Default)]
pub(super) struct TextCollector {
    rows: u64,
    texts: BTreeSet<Text>,
}

impl TextCollector {
    /// Adds a row with its texts; without one it is not counted.
    pub(super) fn add(&mut self, texts: impl IntoIterator<Item = Text>) {
        let before = self.rows;
        for text in texts {
            self.rows = before + 1;
            self.texts.insert(text);
        }
    }

    pub(super) fn finish(self, words: &Texts) -> NamedTexts {
        let mut texts: Vec<String> = self
            .texts
            .into_iter()
            .map(|text| words.text(text).trim().to_owned())
            .collect();
        texts.sort_unstable();
        texts.dedup();
        NamedTexts {
            rows: self.rows,
            texts,
        }
    }
}

/// Counts licenses by the reason for which they are left out.
#[derive(Debug, Default)]
pub(super) struct ExclusionCounts([u64; Exclusion::ALL.len()]);

impl ExclusionCounts {
    pub(super) fn add(&mut self, reason: Exclusion) {
        self.0[reason.index()] += 1;
    }

    pub(super) fn finish(self) -> Vec<(Exclusion, u64)> {
        Exclusion::ALL
            .into_iter()
            .zip(self.0)
            .filter(|(_, licenses)| *licenses > 0)
            .collect()
    }
}
