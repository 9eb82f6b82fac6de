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

/// Returns a number and what it counts.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(signed(count)),
        if count == 1 { one } else { many }
    )
}

/// Returns a number with commas between its thousands.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a text from the Marketplace, shortened to what a view may hold.
pub(crate) fn cut(text: &str) -> String {
    text.chars()
        .map(|each| if each.is_control() { ' ' } else { each })
        .take(1_000)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (-1_000, "−1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
