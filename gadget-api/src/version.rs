//! Versions of gadgets and libraries: three numbers.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A version such as `1.4.0`, ordered by its numbers.
#[derive(
    Clone, Copy, Debug, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

/// A text is not a version.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not a version; a version is three numbers, such as `1.4.0`")]
pub struct InvalidVersion {
    text: String,
}

impl Version {
    /// Creates the version of these numbers.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Returns the first number.
    #[must_use]
    pub const fn major(self) -> u32 {
        self.major
    }

    /// Returns the second number.
    #[must_use]
    pub const fn minor(self) -> u32 {
        self.minor
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let refused = || InvalidVersion {
            text: text.to_owned(),
        };
        // Cargo's versions may have `-rc.1` or `+build`; only the numbers are compared here.
        let numbers = text.split(['-', '+']).next().unwrap_or_default();
        let mut parts = numbers.split('.').map(str::parse);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch)), None) => Ok(Self {
                major,
                minor,
                patch,
            }),
            _ => Err(refused()),
        }
    }
}

impl TryFrom<String> for Version {
    type Error = InvalidVersion;

    fn try_from(text: String) -> Result<Self, InvalidVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_three_numbers_and_ordered_by_them() {
        assert_eq!("1.10.0-rc.1".parse(), Ok(Version::new(1, 10, 0)));
        assert!(Version::new(1, 10, 0) > Version::new(1, 9, 9));
        for text in ["", "1", "1.2", "1.2.3.4", "a.b.c", "1..2"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
