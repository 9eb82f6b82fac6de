//! Encryption of secrets: each has a data key of its own, which the host's key wraps.
//!
//! A sealed secret is bound to its location, so it cannot be moved to another row or field.
//! Rotating the host's key rewraps only the data keys.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use gadget_api::FieldPath;
use secrecy::{
    ExposeSecret, SecretBox, SecretString,
    zeroize::{Zeroize, Zeroizing},
};
use sha2::{Digest, Sha256};

use crate::store::{
    StoreError,
    random::{hex, unhex},
};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The host's key, which protects all its secrets. It is never in the database.
pub struct HostKey {
    bytes: SecretBox<[u8; KEY_BYTES]>,
    id: String,
}

/// A text is not a key.
///
/// The text is not repeated.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the key is not 64 hexadecimal digits")]
pub struct BadKey;

/// A sealed secret was damaged, moved, or sealed with another key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct CannotUnseal;

/// Where a secret is stored; it can be decrypted only there.
#[derive(Clone, Copy, Debug)]
pub(super) struct SecretLocation<'a> {
    pub(super) table: &'static str,
    pub(super) row: &'a str,
    pub(super) field: &'a str,
    pub(super) version: u64,
}

/// A secret as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SealedSecret {
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

    /// Reads a key from 64 hexadecimal digits, ignoring white space around them.
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

    /// Returns the id of this key, which does not reveal the key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the key as text, for its file.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        SecretString::from(hex(self.bytes.expose_secret()))
    }

    /// Encrypts a secret for a location.
    pub(super) fn seal(&self, location: &SecretLocation<'_>, secret: &str) -> SealedSecret {
        let key = Zeroizing::new(<[u8; KEY_BYTES]>::generate());
        SealedSecret {
            key_id: self.id.clone(),
            wrapped_key: encrypt(
                self.bytes.expose_secret(),
                &location.of_key(),
                key.as_slice(),
            ),
            bytes: encrypt(&key, &location.of_secret(), secret.as_bytes()),
        }
    }

    /// Decrypts a secret at its location.
    pub(super) fn open(
        &self,
        location: &SecretLocation<'_>,
        sealed: &SealedSecret,
    ) -> Result<SecretString, CannotUnseal> {
        let key = self.unwrap(location, sealed)?;
        let bytes = decrypt(&key, &location.of_secret(), &sealed.bytes)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| CannotUnseal)?;
        Ok(SecretString::from(text))
    }

    /// Wraps the data key of a secret with `self` instead of `old`.
    pub(super) fn rewrap(
        &self,
        old: &Self,
        location: &SecretLocation<'_>,
        sealed: &SealedSecret,
    ) -> Result<SealedSecret, CannotUnseal> {
        let key = old.unwrap(location, sealed)?;
        Ok(SealedSecret {
            key_id: self.id.clone(),
            wrapped_key: encrypt(
                self.bytes.expose_secret(),
                &location.of_key(),
                key.as_slice(),
            ),
            bytes: sealed.bytes.clone(),
        })
    }

    fn unwrap(
        &self,
        location: &SecretLocation<'_>,
        sealed: &SealedSecret,
    ) -> Result<Zeroizing<[u8; KEY_BYTES]>, CannotUnseal> {
        let key = decrypt(
            self.bytes.expose_secret(),
            &location.of_key(),
            &sealed.wrapped_key,
        )?;
        let key: [u8; KEY_BYTES] = key.as_slice().try_into().map_err(|_| CannotUnseal)?;
        Ok(Zeroizing::new(key))
    }
}

impl fmt::Debug for HostKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HostKey({}, [redacted])", self.id)
    }
}

impl SecretLocation<'_> {
    /// Returns the data that a secret is bound to.
    ///
    /// Ids and versions never contain the separator, so different locations have different texts.
    fn of_secret(&self) -> String {
        let Self {
            table,
            row,
            field,
            version,
        } = self;
        format!("{table}|{row}|{field}|{version}")
    }

    /// Returns the data that the wrapped key of a secret is bound to.
    fn of_key(&self) -> String {
        format!("{}|key", self.of_secret())
    }
}

fn encrypt(key: &[u8; KEY_BYTES], location: &str, message: &[u8]) -> Vec<u8> {
    let nonce = <[u8; NONCE_BYTES]>::generate();
    let payload = Payload {
        msg: message,
        aad: location.as_bytes(),
    };
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), payload)
        .expect("a secret is far below the 256 GiB that one nonce can seal");
    [nonce.as_slice(), &sealed].concat()
}

fn decrypt(
    key: &[u8; KEY_BYTES],
    location: &str,
    bytes: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CannotUnseal> {
    let (nonce, message) = bytes
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(CannotUnseal)?;
    let payload = Payload {
        msg: message,
        aad: location.as_bytes(),
    };
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| CannotUnseal)
}

/// Returns the location of a secret.
pub(super) fn location<'a>(
    datasource: &'a str,
    field: &'a str,
    version: u64,
) -> SecretLocation<'a> {
    SecretLocation {
        table: "datasource_secrets",
        row: datasource,
        field,
        version,
    }
}

/// Creates the error for a secret that cannot be decrypted.
pub(super) fn damaged(datasource: &str, field: &str) -> StoreError {
    StoreError::DamagedSecret {
        datasource: datasource.to_owned(),
        field: FieldPath::parse(field).unwrap_or_else(|_| FieldPath::root()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCATION: SecretLocation<'_> = SecretLocation {
        table: "datasource_secrets",
        row: "ds1",
        field: "/token",
        version: 3,
    };

    #[test]
    fn a_secret_opens_only_at_its_location() {
        let key = HostKey::generate();
        let sealed = key.seal(&LOCATION, "canary");
        assert_eq!(
            key.open(&LOCATION, &sealed).unwrap().expose_secret(),
            "canary"
        );
        for location in [
            SecretLocation {
                table: "other",
                ..LOCATION
            },
            SecretLocation {
                row: "ds2",
                ..LOCATION
            },
            SecretLocation {
                field: "/user",
                ..LOCATION
            },
            SecretLocation {
                version: 4,
                ..LOCATION
            },
        ] {
            assert!(key.open(&location, &sealed).is_err(), "{location:?}");
        }
        assert!(HostKey::generate().open(&LOCATION, &sealed).is_err());
    }

    #[test]
    fn a_changed_bit_of_a_sealed_secret_is_detected() {
        let key = HostKey::generate();
        let sealed = key.seal(&LOCATION, "canary");
        for at in 0..sealed.bytes.len() {
            let mut damaged = sealed.clone();
            damaged.bytes[at] ^= 1;
            assert!(key.open(&LOCATION, &damaged).is_err(), "byte {at}");
        }
        for at in 0..sealed.wrapped_key.len() {
            let mut damaged = sealed.clone();
            damaged.wrapped_key[at] ^= 0x80;
            assert!(
                key.open(&LOCATION, &damaged).is_err(),
                "byte {at} of the key"
            );
        }
        for length in [0, 10, NONCE_BYTES, sealed.bytes.len() - 1] {
            let mut cut = sealed.clone();
            cut.bytes.truncate(length);
            assert!(key.open(&LOCATION, &cut).is_err(), "cut to {length}");
        }
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time() {
        let key = HostKey::generate();
        let (one, other) = (key.seal(&LOCATION, "canary"), key.seal(&LOCATION, "canary"));
        assert_ne!(one.bytes, other.bytes);
        assert_ne!(one.wrapped_key, other.wrapped_key);
    }

    #[test]
    fn only_the_new_key_opens_a_rewrapped_secret() {
        let (old, new) = (HostKey::generate(), HostKey::generate());
        let sealed = old.seal(&LOCATION, "canary");
        let again = new.rewrap(&old, &LOCATION, &sealed).unwrap();
        assert_eq!(again.key_id, new.id());
        assert_eq!(again.bytes, sealed.bytes);
        assert_eq!(
            new.open(&LOCATION, &again).unwrap().expose_secret(),
            "canary"
        );
        assert!(old.open(&LOCATION, &again).is_err());
        assert!(new.rewrap(&new, &LOCATION, &sealed).is_err());
    }

    #[test]
    fn a_key_is_parsed_from_its_text_and_not_printed() {
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
