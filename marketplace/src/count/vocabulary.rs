//! The meanings of the words in rows: each word is read once, however many rows use it.

use std::collections::HashMap;

use super::exclusion::LicenseType;
use super::hosting::Hosting;
use super::tier::Tier;
use crate::texts::{Text, Texts};

/// The kinds of sales that the count distinguishes.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum SaleType {
    New,
    Upgrade,
    Downgrade,
    Refund,
    /// A renewal, or unknown.
    #[default]
    Other,
}

/// Everything that a word can mean, in any field.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meaning {
    /// Equal for words that differ only in case and outer blanks.
    pub(super) folded: u32,
    pub(super) tier: Tier,
    pub(super) hosting: Hosting,
    pub(super) license_type: LicenseType,
    pub(super) sale_type: SaleType,
    pub(super) is_annual: bool,
    pub(super) is_active: bool,
    pub(super) is_yes: bool,
    pub(super) is_evaluation: bool,
    pub(super) is_blank: bool,
}

/// The meanings of all words.
#[derive(Debug)]
pub(super) struct Vocabulary(Vec<Meaning>);

impl Vocabulary {
    pub(super) fn read(words: &Texts) -> Self {
        let mut folded = HashMap::new();
        Self(
            words
                .iter()
                .map(|word| {
                    let word = word.trim().to_lowercase();
                    let next = u32::try_from(folded.len()).unwrap_or(u32::MAX);
                    Meaning {
                        tier: Tier::parse(&word),
                        hosting: Hosting::parse(&word),
                        license_type: LicenseType::parse(&word),
                        sale_type: match word.as_str() {
                            "new" => SaleType::New,
                            "upgrade" => SaleType::Upgrade,
                            "downgrade" => SaleType::Downgrade,
                            "refund" => SaleType::Refund,
                            _ => SaleType::Other,
                        },
                        is_annual: word == "annual",
                        is_active: word == "active",
                        is_yes: word == "yes",
                        is_evaluation: word == "evaluation",
                        is_blank: word.is_empty(),
                        folded: *folded.entry(word).or_insert(next),
                    }
                })
                .collect(),
        )
    }

    pub(super) fn of(&self, word: Text) -> Meaning {
        self.0.get(word.index()).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_trimmed_and_without_case() {
        let mut words = Texts::new();
        let texts = [
            "Refund",
            " REFUND ",
            "refund",
            "new",
            "UpGrade",
            "DOWNGRADE",
            "Renewal",
            "gift",
            "annual",
            "ACTIVE",
        ];
        let [
            refund,
            loud,
            quiet,
            new,
            upgrade,
            downgrade,
            renewal,
            gift,
            annual,
            active,
        ] = texts.map(|text| words.intern(text).unwrap());
        let vocabulary = Vocabulary::read(&words);
        let sale_type = |word| vocabulary.of(word).sale_type;
        assert_eq!([refund, loud, quiet].map(sale_type), [SaleType::Refund; 3]);
        assert_eq!(vocabulary.of(loud).folded, vocabulary.of(quiet).folded);
        assert_ne!(vocabulary.of(new).folded, vocabulary.of(quiet).folded);
        assert_eq!(
            [new, upgrade, downgrade].map(sale_type),
            [SaleType::New, SaleType::Upgrade, SaleType::Downgrade]
        );
        assert_eq!([renewal, gift].map(sale_type), [SaleType::Other; 2]);
        assert!(vocabulary.of(annual).is_annual && vocabulary.of(active).is_active);
        assert!(vocabulary.of(Text::default()).is_blank);
    }
}
