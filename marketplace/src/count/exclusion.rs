//! Why a license does not count.

/// A reason to exclude a license.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Exclusion {
    /// It is installed on a sandbox.
    Sandbox,
    /// It is for an open source project.
    OpenSource,
    /// It is for a community.
    Community,
    /// It is free.
    Free,
    /// It is an evaluation.
    Evaluation,
    /// It is for demonstration.
    Demonstration,
    /// It is for Atlassian's or the vendor's own use.
    Internal,
    /// It counts, but its tier has no size.
    NoSize,
    /// It counts, but the settings say that unlimited tiers have no users.
    Unlimited,
}

impl Exclusion {
    /// All reasons, in the order in which they are tried.
    pub const ALL: [Self; 9] = [
        Self::Sandbox,
        Self::OpenSource,
        Self::Community,
        Self::Free,
        Self::Evaluation,
        Self::Demonstration,
        Self::Internal,
        Self::NoSize,
        Self::Unlimited,
    ];

    /// Returns the reasons that the settings can overrule.
    #[must_use]
    pub fn includable() -> &'static [Self] {
        &Self::ALL[..7]
    }

    /// Returns the name that settings and tables use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::OpenSource => "open_source",
            Self::Community => "community",
            Self::Free => "free",
            Self::Evaluation => "evaluation",
            Self::Demonstration => "demonstration",
            Self::Internal => "internal",
            Self::NoSize => "no_size",
            Self::Unlimited => "unlimited",
        }
    }

    /// Returns the index of the reason in [`Exclusion::ALL`].
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// Whether licenses of a type count.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum LicenseType {
    /// They count.
    Counted,
    /// They count, because the type is not known.
    #[default]
    Unknown,
    /// They are excluded, unless the settings include them.
    LeftOut(Exclusion),
}

impl LicenseType {
    pub(super) fn parse(text: &str) -> Self {
        let word: String = text
            .trim()
            .chars()
            .flat_map(char::to_uppercase)
            .map(|sign| {
                if sign.is_whitespace() || sign == '-' {
                    '_'
                } else {
                    sign
                }
            })
            .collect();
        match word.as_str() {
            "COMMERCIAL"
            | "ACADEMIC"
            | "STARTER"
            | "CLASSROOM"
            | "SOCIAL_IMPACT"
            | "SOCIAL_IMPACT_GLOBAL_ACCESS" => Self::Counted,
            "OPEN_SOURCE" => Self::LeftOut(Exclusion::OpenSource),
            "COMMUNITY" => Self::LeftOut(Exclusion::Community),
            "FREE" | "LEGACY_FREE" | "FOUNDATION_FREE" => Self::LeftOut(Exclusion::Free),
            "EVALUATION" | "NET_NEW_EVALUATION" | "UPGRADE_EVALUATION" => {
                Self::LeftOut(Exclusion::Evaluation)
            }
            "DEMONSTRATION" => Self::LeftOut(Exclusion::Demonstration),
            "INTERNAL_USE" => Self::LeftOut(Exclusion::Internal),
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_license_type_is_read_without_case_blanks_and_hyphens() {
        let cases = [
            ("COMMERCIAL", LicenseType::Counted),
            (" commercial ", LicenseType::Counted),
            ("Academic", LicenseType::Counted),
            ("STARTER", LicenseType::Counted),
            ("CLASSROOM", LicenseType::Counted),
            ("SOCIAL_IMPACT", LicenseType::Counted),
            ("social impact-global access", LicenseType::Counted),
            ("OPEN_SOURCE", LicenseType::LeftOut(Exclusion::OpenSource)),
            ("open source", LicenseType::LeftOut(Exclusion::OpenSource)),
            ("Open-Source", LicenseType::LeftOut(Exclusion::OpenSource)),
            ("COMMUNITY", LicenseType::LeftOut(Exclusion::Community)),
            ("FREE", LicenseType::LeftOut(Exclusion::Free)),
            ("Legacy_Free", LicenseType::LeftOut(Exclusion::Free)),
            ("FOUNDATION FREE", LicenseType::LeftOut(Exclusion::Free)),
            ("EVALUATION", LicenseType::LeftOut(Exclusion::Evaluation)),
            (
                "NET_NEW_EVALUATION",
                LicenseType::LeftOut(Exclusion::Evaluation),
            ),
            (
                "upgrade evaluation",
                LicenseType::LeftOut(Exclusion::Evaluation),
            ),
            (
                "DEMONSTRATION",
                LicenseType::LeftOut(Exclusion::Demonstration),
            ),
            ("INTERNAL USE", LicenseType::LeftOut(Exclusion::Internal)),
            ("INTERNAL", LicenseType::Unknown),
            ("OPENSOURCE", LicenseType::Unknown),
            ("OPEN  SOURCE", LicenseType::Unknown),
            ("NEW_KIND", LicenseType::Unknown),
            ("", LicenseType::Unknown),
        ];
        for (text, expected) in cases {
            assert_eq!(LicenseType::parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_first_seven_reasons_can_be_included() {
        assert_eq!(Exclusion::includable().last(), Some(&Exclusion::Internal));
        for (index, reason) in Exclusion::ALL.into_iter().enumerate() {
            assert_eq!(reason.index(), index);
        }
    }
}
