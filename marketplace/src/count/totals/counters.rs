//! The numbers of an app that have no days: what is excluded today, and the numbers of its notices.

use std::collections::BTreeMap;
use std::iter::zip;

use crate::count::current_status::{CurrentStatus, NamedTexts};
use crate::count::exclusion::Exclusion;
use crate::count::hosting::Hosting;
use crate::texts::{Text, Texts};

/// The numbers of an app, or of several together, that have no days. Each of them adds up over licenses.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::count) struct Counters {
    /// The low end of the users of today, by hosting.
    pub(in crate::count) users_now_low: [i64; Hosting::ALL.len()],
    /// Excluded licenses by reason.
    pub(in crate::count) excluded: [u64; Exclusion::ALL.len()],
    pub(in crate::count) no_id: u64,
    pub(in crate::count) refund_without_sale: u64,
    pub(in crate::count) by_sales_only: i64,
    pub(in crate::count) may_still_renew: i64,
    pub(in crate::count) may_still_renew_licenses: u64,
    pub(in crate::count) unlimited: u64,
    pub(in crate::count) merged_rows: u64,
    pub(in crate::count) date_not_understood: u64,
    pub(in crate::count) tier_not_understood: TextCounts,
    pub(in crate::count) unknown_license_type: TextCounts,
}

/// Rows with texts that a notice names.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::count) struct TextCounts {
    /// The number of rows; one row can have several of the texts.
    pub(in crate::count) rows: u64,
    /// The number of rows with each text (trimmed, empty if missing).
    pub(in crate::count) texts: BTreeMap<String, u64>,
}

impl Counters {
    pub(in crate::count) fn add(&mut self, other: &Self) {
        for (sum, low) in zip(&mut self.users_now_low, other.users_now_low) {
            *sum += low;
        }
        for (sum, licenses) in zip(&mut self.excluded, other.excluded) {
            *sum += licenses;
        }
        self.no_id += other.no_id;
        self.refund_without_sale += other.refund_without_sale;
        self.by_sales_only += other.by_sales_only;
        self.may_still_renew += other.may_still_renew;
        self.may_still_renew_licenses += other.may_still_renew_licenses;
        self.unlimited += other.unlimited;
        self.merged_rows += other.merged_rows;
        self.date_not_understood += other.date_not_understood;
        self.tier_not_understood.add(&other.tier_not_understood);
        self.unknown_license_type.add(&other.unknown_license_type);
    }

    pub(in crate::count) fn into_current_status(
        self,
        users_now: i64,
        users_week_ago: i64,
    ) -> CurrentStatus {
        CurrentStatus {
            users_now,
            users_now_low: self.users_now_low.iter().sum(),
            users_week_ago,
            excluded: zip(Exclusion::ALL, self.excluded)
                .filter(|(_, licenses)| *licenses > 0)
                .collect(),
            no_id: self.no_id,
            refund_without_sale: self.refund_without_sale,
            by_sales_only: self.by_sales_only,
            may_still_renew: self.may_still_renew,
            may_still_renew_licenses: self.may_still_renew_licenses,
            unlimited: self.unlimited,
            merged_rows: self.merged_rows,
            date_not_understood: self.date_not_understood,
            tier_not_understood: self.tier_not_understood.into_named(),
            unknown_license_type: self.unknown_license_type.into_named(),
        }
    }

    /// Returns how much memory the texts take, in bytes.
    pub(in crate::count) fn bytes_of_texts(&self) -> usize {
        let texts = self.tier_not_understood.texts.keys();
        texts
            .chain(self.unknown_license_type.texts.keys())
            .map(|text| size_of::<(String, u64)>() + text.capacity())
            .sum()
    }
}

impl TextCounts {
    fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        for (text, rows) in &other.texts {
            match self.texts.get_mut(text) {
                Some(sum) => *sum += rows,
                None => {
                    self.texts.insert(text.clone(), *rows);
                }
            }
        }
    }

    fn into_named(self) -> NamedTexts {
        NamedTexts {
            rows: self.rows,
            texts: self.texts.into_keys().collect(),
        }
    }
}

/// Collects the texts of one notice.
#[derive(Debug, Default)]
pub(in crate::count) struct TextCollector {
    rows: u64,
    texts: BTreeMap<Text, u64>,
}

impl TextCollector {
    /// Adds a row with its texts; a row without texts is not counted.
    pub(in crate::count) fn add(&mut self, texts: impl IntoIterator<Item = Text>) {
        let mut last = None;
        for text in texts {
            if last != Some(text) {
                *self.texts.entry(text).or_default() += 1;
            }
            last = Some(text);
        }
        self.rows += u64::from(last.is_some());
    }

    pub(in crate::count) fn into_counts(self, words: &Texts) -> TextCounts {
        let Self { rows, texts } = self;
        let mut counts = TextCounts {
            rows,
            texts: BTreeMap::new(),
        };
        for (text, rows) in texts {
            let text = words.text(text).trim().to_owned();
            *counts.texts.entry(text).or_default() += rows;
        }
        counts
    }
}
