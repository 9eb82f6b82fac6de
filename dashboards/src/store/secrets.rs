//! How secrets are sealed: each with a key of its own, which the host's key wraps.
//!
//! A sealed secret is bound to its place, so it cannot be moved to another row or field, and
//! changing the host's key wraps the small keys anew without touching the secrets.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use secrecy::{
    ExposeSecret, SecretBox, SecretString,
    zeroize::{Zeroize, Zeroizing},
};
use sha2::{Digest, Sha256};

use crate::store::random::{hex, unhex};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The key of a host: what all its secrets depend on. It is never in the database.
pub struct HostKey {
    bytes: SecretBox<[u8; KEY_BYTES]>,
    id: String,
}

/// A text is no key.
///
/// The text is not repeated.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the key is not 64 hexadecimal digits")]
pub struct BadKey;

/// A sealed text was damaged, moved, or sealed with another key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Unsealable;

/// Where a secret is kept: it can be opened only there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) table: &'static str,
    pub(super) row: &'a str,
    pub(super) field: &'a str,
    pub(super) version: u64,
}

/// A secret as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Sealed {
    pub(super) key_id: String,
    pub(super) wrapped_key: Vec<u8>,
    pub(super) bytes: Vec<u8>,
}

impl HostKey {
    /// Creates a random key.
    #[must_use]
    pub fn generate() -> Self {
        Self::from_bytes(<[u8; KEY_BYTES]>::generate())
    }

    /// Reads a key from 64 hexadecimal digits; white space around them is ignored.
    ///
    /// # Errors
    ///
    /// Returns an error when the text is anything else.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let bytes = unhex(text.trim()).map(Zeroizing::new).ok_or(BadKey)?;
        let bytes: [u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| BadKey)?;
        Ok(Self::from_bytes(bytes))
    }

    fn from_bytes(mut bytes: [u8; KEY_BYTES]) -> Self {
        let digest = Sha256::new()
            .chain_update(b"host key id|")
            .chain_update(bytes)
            .finalize();
        let key = Self {
            bytes: SecretBox::new(Box::new(bytes)),
            id: hex(&digest[..8]),
        };
        bytes.zeroize();
        key
    }

    /// Returns what tells this key from others; it says nothing about the key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the key as text, for its file.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        SecretString::from(hex(self.bytes.expose_secret()))
    }

    /// Seals a secret for a place.
    pub(super) fn seal(&self, place: &Place<'_>, secret: &str) -> Sealed {
        let key = Zeroizing::new(<[u8; KEY_BYTES]>::generate());
        Sealed {
            key_id: self.id.clone(),
            wrapped_key: encrypt(self.bytes.expose_secret(), &place.of_key(), key.as_slice()),
            bytes: encrypt(&key, &place.of_secret(), secret.as_bytes()),
        }
    }

    /// Opens a secret at its place.
    pub(super) fn open(
        &self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<SecretString, Unsealable> {
        let key = self.unwrap(place, sealed)?;
        let bytes = decrypt(&key, &place.of_secret(), &sealed.bytes)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Unsealable)?;
        Ok(SecretString::from(text))
    }

    /// Wraps the key of a sealed secret with `self` in place of `old`.
    pub(super) fn rewrap(
        &self,
        old: &Self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Sealed, Unsealable> {
        let key = old.unwrap(place, sealed)?;
        Ok(Sealed {
            key_id: self.id.clone(),
            wrapped_key: encrypt(self.bytes.expose_secret(), &place.of_key(), key.as_slice()),
            bytes: sealed.bytes.clone(),
        })
    }

    fn unwrap(
        &self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<[u8; KEY_BYTES]>, Unsealable> {
        let key = decrypt(
            self.bytes.expose_secret(),
            &place.of_key(),
            &sealed.wrapped_key,
        )?;
        let key: [u8; KEY_BYTES] = key.as_slice().try_into().map_err(|_| Unsealable)?;
        Ok(Zeroizing::new(key))
    }
}

impl fmt::Debug for HostKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HostKey({}, [redacted])", self.id)
    }
}

impl Place<'_> {
    /// Returns what a secret is bound to.
    ///
    /// Neither the id of a row nor a version holds the separator, so no two places write the same.
    fn of_secret(&self) -> String {
        let Self {
            table,
            row,
            field,
            version,
        } = self;
        format!("{table}|{row}|{field}|{version}")
    }

    /// Returns what the key of a secret is bound to.
    fn of_key(&self) -> String {
        format!("{}|key", self.of_secret())
    }
}

fn encrypt(key: &[u8; KEY_BYTES], place: &str, message: &[u8]) -> Vec<u8> {
    let nonce = <[u8; NONCE_BYTES]>::generate();
    let payload = Payload {
        msg: message,
        aad: place.as_bytes(),
    };
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), payload)
        .expect("a secret is far below the 256 GiB that one nonce can seal");
    [nonce.as_slice(), &sealed].concat()
}

fn decrypt(
    key: &[u8; KEY_BYTES],
    place: &str,
    bytes: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
    let (nonce, message) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(Unsealable)?;
    let payload = Payload {
        msg: message,
        aad: place.as_bytes(),
    };
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| Unsealable)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place {
        table: "datasource_secrets",
        row: "ds1",
        field: "/token",
        version: 3,
    };

    #[test]
    fn a_secret_opens_at_its_place_only() {
        let key = HostKey::generate();
        let sealed = key.seal(&PLACE, "canary");
        assert_eq!(key.open(&PLACE, &sealed).unwrap().expose_secret(), "canary");
        for place in [
            Place {
                table: "other",
                ..PLACE
            },
            Place {
                row: "ds2",
                ..PLACE
            },
            Place {
                field: "/user",
                ..PLACE
            },
            Place {
                version: 4,
                ..PLACE
            },
        ] {
            assert!(key.open(&place, &sealed).is_err(), "{place:?}");
        }
        assert!(HostKey::generate().open(&PLACE, &sealed).is_err());
    }

    #[test]
    fn no_bit_of_a_sealed_secret_can_be_changed() {
        let key = HostKey::generate();
        let sealed = key.seal(&PLACE, "canary");
        for at in 0..sealed.bytes.len() {
            let mut damaged = sealed.clone();
            damaged.bytes[at] ^= 1;
            assert!(key.open(&PLACE, &damaged).is_err(), "byte {at}");
        }
        for at in 0..sealed.wrapped_key.len() {
            let mut damaged = sealed.clone();
            damaged.wrapped_key[at] ^= 0x80;
            assert!(key.open(&PLACE, &damaged).is_err(), "byte {at} of the key");
        }
        for length in [0, 10, NONCE_BYTES, sealed.bytes.len() - 1] {
            let mut cut = sealed.clone();
            cut.bytes.truncate(length);
            assert!(key.open(&PLACE, &cut).is_err(), "cut to {length}");
        }
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time() {
        let key = HostKey::generate();
        let (one, other) = (key.seal(&PLACE, "canary"), key.seal(&PLACE, "canary"));
        assert_ne!(one.bytes, other.bytes);
        assert_ne!(one.wrapped_key, other.wrapped_key);
    }

    #[test]
    fn a_new_key_opens_what_it_wrapped_anew_and_the_old_one_does_not() {
        let (old, new) = (HostKey::generate(), HostKey::generate());
        let sealed = old.seal(&PLACE, "canary");
        let again = new.rewrap(&old, &PLACE, &sealed).unwrap();
        assert_eq!(again.key_id, new.id());
        assert_eq!(again.bytes, sealed.bytes);
        assert_eq!(new.open(&PLACE, &again).unwrap().expose_secret(), "canary");
        assert!(old.open(&PLACE, &again).is_err());
        assert!(new.rewrap(&new, &PLACE, &sealed).is_err());
    }

    #[test]
    fn a_key_is_read_from_its_text_and_does_not_show() {
        let key = HostKey::generate();
        let text = key.to_text();
        let again = HostKey::parse(&format!(" {}\n", text.expose_secret())).unwrap();
        assert_eq!(again.id(), key.id());
        assert!(!format!("{key:?}").contains(text.expose_secret()));
        for text in ["", "ab", &"0".repeat(63), &"g".repeat(64), &"0".repeat(66)] {
            assert_eq!(HostKey::parse(text).unwrap_err(), BadKey, "{text}");
        }
    }
}
