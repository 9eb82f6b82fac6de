//! What a terminal can show: colours, columns, and no text that it would act on.

use super::measure::columns as columns_of;

/// What the terminal can show.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Whether colours are written.
    pub colours: Colours,
    /// How many columns it has.
    pub width: usize,
}

/// Whether escape sequences for colours are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Colours {
    /// ANSI escape codes.
    Ansi,
    /// No colour at all.
    None,
}

/// How a piece of text is told apart where there are colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ink {
    /// Bold.
    Strong,
    /// Dimmed.
    Faint,
    /// What was gained.
    Gain,
    /// What was lost.
    Loss,
    /// What is stale.
    Late,
}

impl Terminal {
    /// Returns `text` in a colour, or as it is where there are no colours.
    pub fn painted(self, ink: Ink, text: &str) -> String {
        if self.colours == Colours::None || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Strong => "1",
            Ink::Faint => "2",
            Ink::Gain => "36",
            Ink::Loss => "31",
            Ink::Late => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Returns `text` without what a terminal would act on: control characters and changes of direction.
pub fn clean(text: &str) -> String {
    text.chars()
        .filter(|each| {
            !each.is_control()
                && !matches!(each, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect()
}

/// Returns `text` with spaces behind it, `width` columns in all.
pub fn padded(text: &str, width: usize) -> String {
    format!(
        "{text}{}",
        " ".repeat(width.saturating_sub(columns_of(text)))
    )
}

/// Returns `text` with spaces before it, `width` columns in all.
pub fn padded_left(text: &str, width: usize) -> String {
    format!(
        "{}{text}",
        " ".repeat(width.saturating_sub(columns_of(text)))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_acts_on_gets_through() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\u{7}"), "a[31mbc");
    }
}
