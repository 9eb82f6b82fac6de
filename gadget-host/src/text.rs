//! Text from outside, made safe to show: short, on one line, without control characters.

/// How much of a text is shown.
const MAX_CHARS: usize = 300;

/// Returns the text on one line, truncated, and without control characters that a terminal would act on.
pub(crate) fn one_line(text: &str) -> String {
    let mut line: String = text
        .chars()
        .take(MAX_CHARS)
        .map(|each| if each.is_control() { ' ' } else { each })
        .collect();
    if text.chars().nth(MAX_CHARS).is_some() {
        line.push('…');
    }
    line
}

/// Returns names as a list for a sentence: the first ones, and how many more there are.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MAX_LISTED: usize = 20;
    let names: Vec<_> = names
        .into_iter()
        .map(|name| format!("`{}`", one_line(name)))
        .collect();
    match names.len().checked_sub(MAX_LISTED) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..MAX_LISTED].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_cut_and_stays_on_its_line() {
        assert_eq!(one_line("a\n\u{1b}[2Jb"), "a  [2Jb");
        assert_eq!(one_line(&"x".repeat(301)).chars().count(), 301);
        assert!(one_line(&"x".repeat(301)).ends_with('…'));
    }

    #[test]
    fn long_lists_say_how_many_more_there_are() {
        assert_eq!(listed(["a", "b"]), "`a`, `b`");
        let many = vec!["x"; 25];
        assert!(listed(many).ends_with("`x` and 5 more"));
    }
}
