//! Names that users give: one line of text.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The maximum number of characters of a name.
const MAX_CHARS: usize = 200;

/// The name of a dashboard, a tile, a datasource or a user.
///
/// It has 1 to 200 characters, no control characters, and no spaces at either end.
#[derive(
    Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// A text is not a valid name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadName {
    /// It is empty.
    #[error("the name is empty; enter a name")]
    Empty,
    /// It is too long.
    #[error("the name has {chars} characters; enter at most 200")]
    TooLong {
        /// How many characters it has.
        chars: usize,
    },
    /// It contains a line break or another control character.
    #[error("the name contains a control character; enter one line of text")]
    Control,
}

impl Name {
    /// Reads a name and drops spaces at either end.
    ///
    /// # Errors
    ///
    /// Returns an error when the text is empty, is longer than 200 characters or contains a control
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

    /// Returns the name in lower case, for comparisons that ignore case.
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
