//! What people call things: one line of text.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most characters that a name has.
const MAX_CHARS: usize = 200;

/// What a person calls a dashboard, a tile, a datasource or another person.
///
/// It has 1 to 200 characters, none of them a control character, and no space at its ends.
#[derive(
    Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// A text is no name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadName {
    /// There is nothing in it.
    #[error("the name is empty; enter a name")]
    Empty,
    /// It is too long.
    #[error("the name has {chars} characters; it can have at most 200")]
    TooLong {
        /// How many characters it has.
        chars: usize,
    },
    /// It holds a line break or another character that cannot be seen.
    #[error("the name holds a control character; enter one line of text")]
    Control,
}

impl Name {
    /// Reads a name; spaces at its ends are dropped.
    ///
    /// # Errors
    ///
    /// Returns an error when the text is empty, longer than 200 characters or holds a control
    /// character.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let text = text.trim();
        let chars = text.chars().count();
        if chars == 0 {
            return Err(BadName::Empty);
        }
        if chars > MAX_CHARS {
            return Err(BadName::TooLong { chars });
        }
        if text.chars().any(char::is_control) {
            return Err(BadName::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what two names have in common that differ in case only.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_text() {
        let long = "é".repeat(201);
        for (text, expected) in [
            ("Sales", Ok("Sales")),
            ("  Sales \n", Ok("Sales")),
            (
                "<img src=x onerror=alert(1)>",
                Ok("<img src=x onerror=alert(1)>"),
            ),
            ("", Err(BadName::Empty)),
            (" \t", Err(BadName::Empty)),
            ("a\nb", Err(BadName::Control)),
            ("a\0b", Err(BadName::Control)),
            (&long, Err(BadName::TooLong { chars: 201 })),
        ] {
            let name = Name::parse(text);
            assert_eq!(
                name.as_ref().map(Name::as_str),
                expected.as_ref().copied(),
                "{text:?}"
            );
        }
    }
}
