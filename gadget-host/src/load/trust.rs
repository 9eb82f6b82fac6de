//! Which libraries are trusted, by the hash of their bytes.

use std::{collections::BTreeSet, fmt, str::FromStr};

use sha2::{Digest, Sha256};

use super::LoadError;

/// The SHA-256 of a library, written as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct LibraryHash([u8; 32]);

/// A text is not a hash.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not a SHA-256: that has 64 hexadecimal digits")]
pub struct InvalidHash {
    text: String,
}

impl LibraryHash {
    /// Returns the hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for LibraryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for LibraryHash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        let mut hash = [0; 32];
        match hex::decode_to_slice(text, &mut hash) {
            Ok(()) => Ok(Self(hash)),
            Err(_) => Err(InvalidHash {
                text: text.to_owned(),
            }),
        }
    }
}

/// Which libraries a host loads.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TrustPolicy {
    /// Every library that passes the other checks.
    AllowUnsigned,
    /// The libraries with these hashes.
    AllowedHashes(BTreeSet<LibraryHash>),
}

impl TrustPolicy {
    pub(super) fn check(&self, hash: LibraryHash) -> Result<(), LoadError> {
        match self {
            Self::AllowUnsigned => Ok(()),
            Self::AllowedHashes(allowed) if allowed.contains(&hash) => Ok(()),
            Self::AllowedHashes(_) => Err(LoadError::NotTrusted { hash }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let hash = LibraryHash::of(b"abc");
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash.to_string(), text);
        assert_eq!(text.parse(), Ok(hash));
        assert_eq!(text.to_uppercase().parse(), Ok(hash));
        for wrong in [
            "",
            "ba78",
            &text[1..],
            &text.replace('b', "g"),
            &"é".repeat(32),
        ] {
            assert!(wrong.parse::<LibraryHash>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_library_that_nobody_allowed_is_refused_by_its_hash() {
        let [ours, other] = [b"ours", b"them"].map(|bytes| LibraryHash::of(bytes));
        let policy = TrustPolicy::AllowedHashes([ours].into());
        assert!(policy.check(ours).is_ok());
        let error = policy.check(other).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("it has not been allowed (SHA-256 {other})")
        );
        assert!(TrustPolicy::AllowUnsigned.check(other).is_ok());
    }
}
