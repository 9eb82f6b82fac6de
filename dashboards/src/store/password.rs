//! Passwords: Argon2id with 19 MiB, two passes and one lane.
//!
//! Both functions take tens of milliseconds and much memory: callers run them on a thread for
//! blocking work, few at a time.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::{Error, phc},
};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::{BadPassword, PasswordHash};

/// The most bytes that a password has: more is an attempt to keep the machine busy.
const MAX_BYTES: usize = 1024;

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("the parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Makes what proves a password of at least `least_chars` characters.
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

/// Tells whether a password is the one that was proved.
///
/// Without a proof it takes as long and says no, so that nobody learns which users there are.
///
/// # Errors
///
/// Returns an error when the proof is damaged.
pub fn verify_password(
    password: &SecretString,
    proof: Option<&PasswordHash>,
) -> Result<bool, BadPassword> {
    let password = password.expose_secret();
    if password.len() > MAX_BYTES {
        return Ok(false);
    }
    let Some(proof) = proof else {
        let _as_slow = argon2().hash_password(password.as_bytes());
        return Ok(false);
    };
    let hash = phc::PasswordHash::new(proof.as_phc()).map_err(|_| BadPassword::Damaged)?;
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
    fn a_password_is_proved_and_not_shown() {
        let password = SecretString::from("correct horse");
        let proof = hash_password(&password, 12).unwrap();
        assert!(
            proof
                .as_phc()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        assert_eq!(format!("{proof:?}"), "PasswordHash([redacted])");
        for (entered, proof, expected) in [
            ("correct horse", Some(&proof), Ok(true)),
            ("correct horsf", Some(&proof), Ok(false)),
            ("", Some(&proof), Ok(false)),
            ("correct horse", None, Ok(false)),
            (
                "x",
                Some(&PasswordHash::from_phc("nonsense".to_owned())),
                Err(BadPassword::Damaged),
            ),
        ] {
            assert_eq!(
                verify_password(&SecretString::from(entered), proof),
                expected,
                "{entered}"
            );
        }
    }

    #[test]
    fn a_password_has_a_least_and_a_most_length() {
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
