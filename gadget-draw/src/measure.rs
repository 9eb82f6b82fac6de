//! How wide a text is, about: for drawings that no browser lays out.

/// Returns the width of `text` at `size` pixels, on the safe side for common fonts.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(ems).sum::<f64>() * size
}

/// Returns `text`, or as much of it as `room` pixels hold with an ellipsis at its end.
pub(crate) fn fitted(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut left = room - ems('…') * size;
    let kept: String = text
        .chars()
        .take_while(|each| {
            left -= ems(*each) * size;
            left >= 0.0
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// Breaks `text` into lines of at most `room` pixels; a word that is longer is cut.
pub(crate) fn lines(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let joined = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if width(&joined, size) <= room {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line = fitted(word, size, room);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Returns how many columns of a terminal `text` takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars()
        .map(|each| if is_wide(each) { 2 } else { 1 })
        .sum()
}

/// Tells whether a character of East Asia or a pictograph takes two columns.
fn is_wide(each: char) -> bool {
    matches!(u32::from(each),
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
}

fn ems(each: char) -> f64 {
    match each {
        'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | ' ' | 'I' | '!' => 0.3,
        'f' | 't' | 'r' | '(' | ')' | '/' | '-' | '·' => 0.4,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 0.9,
        'A'..='Z' => 0.7,
        '0'..='9' | '+' | '\u{2212}' => 0.64,
        _ if u32::from(each) < 0x1100 => 0.58,
        _ => 1.05,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_ends_in_an_ellipsis_and_fits() {
        assert_eq!(fitted("Timeboard", 11.0, 200.0), "Timeboard");
        let cut = fitted("Timeboard for Confluence", 11.0, 60.0);
        assert_eq!(cut, "Timeboa…");
        assert!(width(&cut, 11.0) <= 60.0);
    }

    #[test]
    fn only_wide_characters_take_two_columns() {
        for (text, width) in [("Größe", 5), ("█▌", 2), ("日本", 4), ("", 0)] {
            assert_eq!(columns(text), width, "{text}");
        }
    }

    #[test]
    fn lines_break_between_words_and_never_run_over() {
        let text =
            "7 licenses are left out: 7 evaluations and a-very-long-word-without-any-space-in-it";
        let broken = lines(text, 11.0, 100.0);
        assert_eq!(broken[0], "7 licenses are left");
        assert!(
            broken.iter().all(|line| width(line, 11.0) <= 100.0),
            "{broken:?}"
        );
    }
}
