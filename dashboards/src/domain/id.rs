//! Ids: short texts that are safe in URLs and file names.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The maximum length of an id.
const MAX_LENGTH: usize = 64;

/// A text is not a valid id.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not a valid id; use 1 to 64 characters of `a-z`, `0-9`, `-` and `_`")]
pub struct BadId {
    text: String,
}

/// Checks a text against the rule for ids.
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
            /// Returns an error when `text` is not 1 to 64 characters of `a-z`, `0-9`, `-` and `_`.
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
    /// The id of a dashboard.
    DashboardId,
    /// The id of a tile within its dashboard.
    TileId,
    /// The id of a datasource.
    DatasourceId,
    /// The id of a user.
    UserId,
    /// The id of a public link, which is not the secret in its address.
    LinkId,
    /// The id of an API token, which is not its secret.
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
