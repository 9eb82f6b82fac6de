//! The words of the views: labels, counts with their nouns, and texts from the Marketplace.

use marketplace::{Exclusion, Kind};

/// Returns the label of a kind of movement.
pub(crate) fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "New",
        Kind::Reactivation => "Reactivation",
        Kind::Expansion => "Expansion",
        Kind::Contraction => "Contraction",
        Kind::Churn => "Churn",
    }
}

/// Returns a count as a number of a view.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The words for a reason why licenses are left out.
pub(crate) struct Wording {
    /// A heading.
    pub(crate) label: &'static str,
    pub(crate) one: &'static str,
    pub(crate) many: &'static str,
}

/// Returns the words for a reason why licenses are left out.
pub(crate) fn exclusion(reason: Exclusion) -> Wording {
    let (label, one, many) = match reason {
        Exclusion::Sandbox => ("Sandboxes", "sandbox", "sandboxes"),
        Exclusion::OpenSource => ("Open source", "open source license", "open source licenses"),
        Exclusion::Community => ("Community", "community license", "community licenses"),
        Exclusion::Free => ("Free", "free license", "free licenses"),
        Exclusion::Evaluation => ("Evaluations", "evaluation", "evaluations"),
        Exclusion::Demonstration => ("Demonstrations", "demonstration", "demonstrations"),
        Exclusion::Internal => ("Internal use", "internal license", "internal licenses"),
        Exclusion::NoSize => ("Without a size", "without a size", "without a size"),
        Exclusion::Unlimited => (
            "Unlimited, set to no users",
            "unlimited, set to no users",
            "unlimited, set to no users",
        ),
    };
    Wording { label, one, many }
}

/// Returns a text from the Marketplace, shortened to what a view may hold.
pub(crate) fn cut(text: &str) -> String {
    text.chars()
        .map(|each| if each.is_control() { ' ' } else { each })
        .take(1_000)
        .collect()
}
