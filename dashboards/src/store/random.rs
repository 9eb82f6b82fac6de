//! Random ids and secrets from the operating system.

use std::fmt::Write as _;

use chacha20poly1305::aead::Generate;
use secrecy::SecretString;

use crate::domain::TokenHash;

/// Returns 16 random bytes, for an id.
#[must_use]
pub fn new_id_bytes() -> [u8; 16] {
    <[u8; 16]>::generate()
}

/// Returns a secret of 256 random bits as text, and the hash to store.
///
/// Session cookies, API tokens and the addresses of public links use such secrets.
#[must_use]
pub fn new_secret() -> (SecretString, TokenHash) {
    let text = hex(&<[u8; 32]>::generate());
    let hash = TokenHash::of(&text);
    (SecretString::from(text), hash)
}

/// Returns a random number for a lease; never 0.
pub(super) fn new_lease_number() -> u64 {
    (u64::generate() >> 1).max(1)
}

/// Encodes bytes as hexadecimal text.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a `String` cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// Decodes hexadecimal text.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn hexadecimal_text_is_decoded() {
        assert_eq!(hex(&[0, 0xab, 0xff]), "00abff");
        assert_eq!(unhex("00abff"), Some(vec![0, 0xab, 0xff]));
        for text in ["0", "zz", "+1", "é"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }

    #[test]
    fn each_secret_is_different() {
        let (one, hash) = new_secret();
        let (other, _) = new_secret();
        assert_eq!(one.expose_secret().len(), 64);
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_eq!(TokenHash::of(one.expose_secret()), hash);
    }
}
