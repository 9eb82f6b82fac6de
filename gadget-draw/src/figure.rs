//! What a figure says: its number, and how it changed, in words that need no colour.

use gadget_api::{Better, Figure, Number, View};

use super::{day, look::label_of, number};

/// A figure in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Said {
    pub label: String,
    pub value: String,
    /// The low end of a band, such as `at least 15,120`.
    pub band: Option<String>,
    pub change: Option<Change>,
}

/// How a figure changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Change {
    pub arrow: &'static str,
    /// The signed difference; empty where there is none.
    pub amount: String,
    /// `more`, `fewer` or `the same`.
    pub word: &'static str,
    pub verdict: Verdict,
    /// What it is compared with, such as `a week ago`.
    pub against: String,
    pub previous: String,
    /// What stands between the number before and when it was: users are gained *in* a time.
    preposition: &'static str,
}

/// Whether a change is good.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Better,
    Worse,
    Neither,
}

impl Verdict {
    /// Returns the word for those who see no colour; empty if there is no verdict.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Neither => "",
        }
    }
}

impl Change {
    /// Returns arrow and number: `▲ +51`, or `=` where nothing changed.
    pub(crate) fn sign(&self) -> String {
        format!("{} {}", self.arrow, self.amount)
            .trim_end()
            .to_owned()
    }

    /// Returns the number before and when it was: `2,042 in the 90 days before`.
    pub(crate) fn before(&self) -> String {
        format!("{} {}{}", self.previous, self.preposition, self.against)
    }

    /// Returns what follows the number: `more than a week ago (34,520)`.
    pub(crate) fn comparison(&self) -> String {
        format!("{} ({})", self.direction(), self.previous)
    }

    /// Returns the comparison without the number before: `more than a week ago`.
    pub(crate) fn direction(&self) -> String {
        let Self { word, against, .. } = self;
        let link = if *word == "the same" { "as" } else { "than" };
        format!("{word} {link} {against}")
    }
}

/// Puts a figure into words.
pub(crate) fn said(figure: &Figure) -> Said {
    let label = label_of(&figure.label, &figure.id);
    let label = match &figure.as_of {
        Some(as_of) => format!(
            "{label}, {}",
            day::parsed(as_of).map_or_else(|| day::moment(as_of), day::short)
        ),
        None => label,
    };
    Said {
        label,
        value: value_of(figure),
        band: figure
            .low
            .map(|low| format!("at least {}", number::plain(low))),
        change: figure.previous.map(|previous| change(figure, previous)),
    }
}

/// Writes what was gained, lost and left of both with a sign, as everywhere else in the tile.
fn value_of(figure: &Figure) -> String {
    match figure.id.as_str() {
        "gained" | "net" => number::signed(figure.value),
        "lost" => number::taken(figure.value),
        _ => number::plain(figure.value),
    }
}

fn change(figure: &Figure, previous: Number) -> Change {
    let difference = number::difference(figure.value, previous);
    let size = difference.as_f64();
    let (arrow, word) = if size > 0.0 {
        ("▲", "more")
    } else if size < 0.0 {
        (
            "▼",
            if matches!(difference, Number::Integer(_)) {
                "fewer"
            } else {
                "less"
            },
        )
    } else {
        ("=", "the same")
    };
    let verdict = match figure.better {
        Some(Better::Up) if size != 0.0 => good(size > 0.0),
        Some(Better::Down) if size != 0.0 => good(size < 0.0),
        _ => Verdict::Neither,
    };
    Change {
        arrow,
        amount: if size == 0.0 {
            String::new()
        } else {
            number::signed(difference)
        },
        word,
        verdict,
        against: figure
            .previous_label
            .clone()
            .filter(|label| !label.is_empty())
            .unwrap_or_else(|| "before".into()),
        previous: number::plain(previous),
        preposition: match figure.id.as_str() {
            "gained" | "lost" | "net" => "in ",
            _ => "",
        },
    }
}

fn good(is_good: bool) -> Verdict {
    if is_good {
        Verdict::Better
    } else {
        Verdict::Worse
    }
}

/// Returns what most of the figures after the first are compared with, so that it is said once.
pub(crate) fn common_comparison(view: &View) -> Option<&str> {
    let labels = || {
        view.figures
            .iter()
            .skip(1)
            .filter_map(|figure| figure.previous_label.as_deref())
    };
    let count = |label: &str| labels().filter(|other| *other == label).count();
    // `max_by_key` takes the last of equals; the first one is the one that reads naturally.
    let most = labels().map(count).max().filter(|count| *count > 1)?;
    labels().find(|label| count(label) == most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_arrow_sign_number_word_and_what_it_is_compared_with() {
        let users = |value: i64, previous: i64, better| {
            Figure::new("users_now", "Users", "users", value)
                .with_previous(previous, "a week ago")
                .with_better(better)
        };
        let cases = [
            (
                users(34_571, 34_520, Better::Up),
                "▲",
                "+51 more than a week ago (34,520)",
                Verdict::Better,
            ),
            (
                users(981, 1_107, Better::Down),
                "▼",
                "−126 fewer than a week ago (1,107)",
                Verdict::Better,
            ),
            (
                users(9, 8, Better::Down),
                "▲",
                "+1 more than a week ago (8)",
                Verdict::Worse,
            ),
            (
                users(9, 9, Better::Up),
                "=",
                " the same as a week ago (9)",
                Verdict::Neither,
            ),
            (
                users(9, 10, Better::Neither),
                "▼",
                "−1 fewer than a week ago (10)",
                Verdict::Neither,
            ),
        ];
        for (figure, arrow, sentence, verdict) in cases {
            let change = said(&figure).change.unwrap();
            let said = format!("{} {}", change.amount, change.comparison());
            assert_eq!(
                (change.arrow, said.as_str(), change.verdict),
                (arrow, sentence, verdict)
            );
        }
    }

    #[test]
    fn what_was_gained_and_lost_carries_its_sign() {
        for (id, value, written) in [
            ("gained", 170, "+170"),
            ("lost", 30, "−30"),
            ("net", -5, "−5"),
            ("users_now", 5, "5"),
            ("lost", 0, "0"),
        ] {
            assert_eq!(said(&Figure::new(id, "", "users", value)).value, written);
        }
        let band = said(
            &Figure::new("users_now", "Now", "users", 18_390)
                .with_low(15_120)
                .with_as_of("2026-11-15"),
        );
        assert_eq!(band.band.as_deref(), Some("at least 15,120"));
        assert_eq!(band.label, "Now, 15 Nov");
    }
}
