//! A figure in words: its number, and how it changed. The words are enough without colours.

use gadget_api::{Better, Figure, Notation, Number, View};

use super::{day, look::label_of, number};

/// A figure in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct FigureText {
    pub label: String,
    pub value: String,
    /// The low end of a band, such as `at least 15,120`.
    pub band: Option<String>,
    pub change: Option<Change>,
    /// What explains the number.
    pub tip: Option<String>,
}

/// How a figure changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Change {
    pub arrow: &'static str,
    /// The signed difference, with the relative change where the view has one; empty where there is none.
    pub amount: String,
    /// `more`, `fewer` or `the same`.
    pub word: &'static str,
    pub assessment: Assessment,
    /// What follows the number before, such as `a week ago` or `in the 90 days before`.
    pub comparison_words: String,
    pub previous: String,
}

/// Whether a change is good.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Assessment {
    Better,
    Worse,
    Neither,
}

impl Assessment {
    /// Returns the word for those who see no colour; empty if there is no assessment.
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
        format!("{} {}", self.previous, self.comparison_words)
    }

    /// Returns what follows the number: `more than a week ago (34,520)`.
    pub(crate) fn comparison(&self) -> String {
        format!("{} ({})", self.direction(), self.previous)
    }

    /// Returns the comparison without the number before: `more than a week ago`.
    pub(crate) fn direction(&self) -> String {
        let Self {
            word,
            comparison_words,
            ..
        } = self;
        let link = if *word == "the same" { "as" } else { "than" };
        format!("{word} {link} {comparison_words}")
    }
}

/// Puts a figure into words.
pub(crate) fn in_words(figure: &Figure) -> FigureText {
    let label = label_of(&figure.label, &figure.id);
    let label = match &figure.as_of {
        Some(as_of) => format!(
            "{label}, {}",
            day::parsed(as_of).map_or_else(|| day::moment(as_of), day::short)
        ),
        None => label,
    };
    FigureText {
        label,
        value: value_of(figure),
        band: figure
            .low
            .map(|low| format!("at least {}", number::plain(low))),
        change: figure.previous.map(|previous| change(figure, previous)),
        tip: figure.tip.clone().filter(|tip| !tip.is_empty()),
    }
}

fn value_of(figure: &Figure) -> String {
    match figure.notation {
        Notation::Signed => number::signed(figure.value),
        Notation::TakenAway => number::taken(figure.value),
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
    let assessment = match figure.better {
        Some(Better::Up) if size != 0.0 => good(size > 0.0),
        Some(Better::Down) if size != 0.0 => good(size < 0.0),
        _ => Assessment::Neither,
    };
    Change {
        arrow,
        amount: match figure.relative_change {
            _ if size == 0.0 => String::new(),
            None => number::signed(difference),
            Some(percent) => format!(
                "{} ({} %)",
                number::signed(difference),
                number::signed(Number::Real((percent * 10.0).round() / 10.0))
            ),
        },
        word,
        assessment,
        comparison_words: [&figure.comparison, &figure.previous_label]
            .into_iter()
            .flatten()
            .find(|words| !words.is_empty())
            .cloned()
            .unwrap_or_else(|| "before".into()),
        previous: number::plain(previous),
    }
}

fn good(is_good: bool) -> Assessment {
    if is_good {
        Assessment::Better
    } else {
        Assessment::Worse
    }
}

/// Returns the figures of a view, the headline first.
pub(crate) fn in_order(view: &View) -> Vec<&Figure> {
    let Some(headline) = view.headline() else {
        return Vec::new();
    };
    let others = view.figures.iter();
    let others = others.filter(|figure| !std::ptr::eq(*figure, headline));
    std::iter::once(headline).chain(others).collect()
}

/// Returns what most of the figures besides the headline are compared with, so that it is written once.
pub(crate) fn common_comparison<'a>(others: &[&'a Figure]) -> Option<&'a str> {
    let labels = || {
        others
            .iter()
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
                Assessment::Better,
            ),
            (
                users(981, 1_107, Better::Down),
                "▼",
                "−126 fewer than a week ago (1,107)",
                Assessment::Better,
            ),
            (
                users(9, 8, Better::Down),
                "▲",
                "+1 more than a week ago (8)",
                Assessment::Worse,
            ),
            (
                users(9, 9, Better::Up),
                "=",
                " the same as a week ago (9)",
                Assessment::Neither,
            ),
            (
                users(9, 10, Better::Neither),
                "▼",
                "−1 fewer than a week ago (10)",
                Assessment::Neither,
            ),
        ];
        for (figure, arrow, sentence, assessment) in cases {
            let change = in_words(&figure).change.unwrap();
            let sentence_of = format!("{} {}", change.amount, change.comparison());
            assert_eq!(
                (change.arrow, sentence_of.as_str(), change.assessment),
                (arrow, sentence, assessment)
            );
        }
    }

    #[test]
    fn a_number_has_the_sign_that_its_notation_asks_for_and_no_other() {
        for (notation, value, written) in [
            (Notation::Signed, 170, "+170"),
            (Notation::TakenAway, 30, "−30"),
            (Notation::Signed, -5, "−5"),
            (Notation::Plain, 5, "5"),
            (Notation::Plain, -5, "−5"),
            (Notation::TakenAway, 0, "0"),
        ] {
            for id in ["gained", "lost", "net", "x"] {
                let figure = Figure::new(id, "", "users", value).with_notation(notation);
                assert_eq!(in_words(&figure).value, written, "{id}");
            }
        }
        let lost = Figure::new("lost", "", "calls", 3)
            .with_previous(4, "the day before")
            .with_comparison("on the day before")
            .with_relative_change(-25.0);
        let change = in_words(&lost).change.unwrap();
        assert_eq!(change.before(), "4 on the day before");
        assert_eq!(change.sign(), "▼ −1 (−25 %)");
        let band = in_words(
            &Figure::new("users_now", "Now", "users", 18_390)
                .with_low(15_120)
                .with_as_of("2026-11-15"),
        );
        assert_eq!(band.band.as_deref(), Some("at least 15,120"));
        assert_eq!(band.label, "Now, 15 Nov");
    }
}
