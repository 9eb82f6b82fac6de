//! The names by which things are known: short texts that are safe in an address and a file name.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most characters that an id has.
const MAX_LENGTH: usize = 64;

/// A text is no id.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is no id; an id is 1 to 64 of `a-z`, `0-9`, `-` and `_`")]
pub struct BadId {
    text: String,
}

/// Checks the rule of all ids.
fn parse(text: &str) -> Result<String, BadId> {
    let is_known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    if (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_known) {
        return Ok(text.to_owned());
    }
    Err(BadId {
        text: text.chars().take(MAX_LENGTH).collect(),
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads an id.
            ///
            /// # Errors
            ///
            /// Returns an error when `text` is not 1 to 64 of `a-z`, `0-9`, `-` and `_`.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                parse(text).map(Self)
            }

            /// Creates an id from 16 bytes, which the caller takes from a random source.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(format!("{:032x}", u128::from_be_bytes(bytes)))
            }

            /// Returns the id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// Names a dashboard.
    DashboardId,
    /// Names a tile within its dashboard.
    TileId,
    /// Names a datasource.
    DatasourceId,
    /// Names a user.
    UserId,
    /// Names a public link; the secret in its address is another value.
    LinkId,
    /// Names an API token; its secret is another value.
    TokenId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_plain() {
        let long = "a".repeat(65);
        for (text, is_good) in [
            ("a", true),
            ("sales-2026_q1", true),
            (&long[..64], true),
            ("", false),
            (&long, false),
            ("A", false),
            ("a/b", false),
            ("../x", false),
            ("a b", false),
            ("ä", false),
            ("a\0", false),
        ] {
            assert_eq!(DashboardId::parse(text).is_ok(), is_good, "{text:?}");
        }
    }

    #[test]
    fn an_id_from_bytes_keeps_leading_zeros() {
        let mut bytes = [0; 16];
        bytes[15] = 0xab;
        let id = TileId::from_bytes(bytes);
        assert_eq!(id.as_str(), "000000000000000000000000000000ab");
        assert_eq!(TileId::parse(id.as_str()).as_ref(), Ok(&id));
    }
}
