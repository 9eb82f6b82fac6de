//! Known devices: browsers that somebody has signed in with before.
//!
//! The token of a device is signed with the hash of its user's password: nobody can make one without the
//! store, every host of the same store accepts it, and a new password ends it.

use dashboards::{
    domain::{PasswordHash, TokenHash, User},
    store::new_secret,
};
use secrecy::{ExposeSecret, SecretString};

/// Makes the token of a device on which a user has just entered the password.
pub(super) fn new_device(user: &User) -> Option<SecretString> {
    let password = user.password.as_ref()?;
    let (number, _) = new_secret();
    let number = number.expose_secret();
    Some(format!("{number}.{}", signature(user, number, password)).into())
}

/// Returns what a device of this user is counted by, if the token is one.
pub(super) fn known_device(user: &User, token: &str) -> Option<TokenHash> {
    let password = user.password.as_ref()?;
    let (number, shown) = token.split_once('.')?;
    // Hashes are compared, so that the time of comparing says nothing about the signature.
    let is_signed = TokenHash::of(shown) == TokenHash::of(&signature(user, number, password));
    is_signed.then(|| TokenHash::of(number))
}

fn signature(user: &User, number: &str, password: &PasswordHash) -> String {
    let signed = TokenHash::of(&format!(
        "device {} {number} {}",
        user.id,
        password.as_phc()
    ));
    hex::encode(signed.as_bytes())
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use dashboards::{
        domain::{MIN_PASSWORD_CHARS, Name, Role, UserId},
        store::hash_password,
    };

    use super::*;

    fn user(id: &str) -> User {
        let password = hash_password(&"correct horse battery".into(), MIN_PASSWORD_CHARS);
        User {
            id: UserId::parse(id).unwrap(),
            name: Name::parse(id).unwrap(),
            role: Role::Viewer,
            password: Some(password.unwrap()),
            created_at: Utc::now(),
        }
    }

    #[test]
    fn a_device_is_known_to_its_user_until_the_password_changes() {
        let (ann, bob) = (user("ann"), user("bob"));
        let token = new_device(&ann).unwrap();
        let token = token.expose_secret();
        assert!(known_device(&ann, token).is_some());
        let forged = token.replacen(
            &token[..1],
            if token.starts_with('0') { "1" } else { "0" },
            1,
        );
        for (user, token) in [
            (&bob, token),
            (&user("ann"), token),
            (&ann, forged.as_str()),
            (&ann, ""),
            (&ann, "."),
        ] {
            assert_eq!(known_device(user, token), None, "{token}");
        }
    }
}
