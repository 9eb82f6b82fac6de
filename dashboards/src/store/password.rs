//! Password hashing: Argon2id with 19 MiB, two passes and one lane.
//!
//! Both functions take tens of milliseconds and a lot of memory: callers run them on blocking
//! threads, and only a few at a time.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::{Error, phc},
};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::{BadPassword, PasswordHash};

/// The maximum size of a password, in bytes: a larger one would only waste time.
const MAX_BYTES: usize = 1024;

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("the parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a password of at least `least_chars` characters.
///
/// # Errors
///
/// Returns an error when the password is shorter, or longer than 1024 bytes.
pub fn hash_password(
    password: &SecretString,
    least_chars: usize,
) -> Result<PasswordHash, BadPassword> {
    let password = password.expose_secret();
    let chars = password.chars().count();
    if chars < least_chars {
        return Err(BadPassword::TooShort {
            chars,
            least: least_chars,
        });
    }
    if password.len() > MAX_BYTES {
        return Err(BadPassword::TooLong);
    }
    let hash = argon2()
        .hash_password(password.as_bytes())
        .map_err(|_| BadPassword::Damaged)?;
    Ok(PasswordHash::from_phc(hash.to_string()))
}

/// Tells whether a password matches a hash.
///
/// Without a hash it takes as long and returns false, so that nobody learns which users exist.
///
/// # Errors
///
/// Returns an error when the hash is damaged.
pub fn verify_password(
    password: &SecretString,
    hash: Option<&PasswordHash>,
) -> Result<bool, BadPassword> {
    let password = password.expose_secret();
    if password.len() > MAX_BYTES {
        return Ok(false);
    }
    let Some(hash) = hash else {
        let _for_timing = argon2().hash_password(password.as_bytes());
        return Ok(false);
    };
    let hash = phc::PasswordHash::new(hash.as_phc()).map_err(|_| BadPassword::Damaged)?;
    match argon2().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(_) => Err(BadPassword::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_verified_and_its_hash_is_not_printed() {
        let password = SecretString::from("correct horse");
        let hash = hash_password(&password, 12).unwrap();
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(format!("{hash:?}"), "PasswordHash([redacted])");
        for (entered, stored, expected) in [
            ("correct horse", Some(&hash), Ok(true)),
            ("correct horsf", Some(&hash), Ok(false)),
            ("", Some(&hash), Ok(false)),
            ("correct horse", None, Ok(false)),
            (
                "x",
                Some(&PasswordHash::from_phc("nonsense".to_owned())),
                Err(BadPassword::Damaged),
            ),
        ] {
            assert_eq!(
                verify_password(&SecretString::from(entered), stored),
                expected,
                "{entered}"
            );
        }
    }

    #[test]
    fn the_length_of_a_password_is_bounded() {
        for (text, expected) in [
            (
                "ééé".to_owned(),
                BadPassword::TooShort { chars: 3, least: 6 },
            ),
            ("a".repeat(1025), BadPassword::TooLong),
        ] {
            let refusal = hash_password(&SecretString::from(text), 6).unwrap_err();
            assert_eq!(refusal, expected);
        }
    }
}
