//! Users, their passwords and their sessions.

use std::fmt;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Name, TokenHash, UserId};

/// The most that a user may do.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Views dashboards.
    Viewer,
    /// Creates and edits dashboards and datasources.
    Editor,
    /// Manages everything, including what belongs to others.
    Administrator,
}

impl Role {
    /// All roles, from the least to the most powerful.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Administrator];

    /// Returns the stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Administrator => "administrator",
        }
    }

    /// Returns the role of this stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// A person who can log in.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The login name; unique regardless of case.
    pub name: Name,
    /// The role.
    pub role: Role,
    /// The password's hash; without one, the user cannot log in with a password.
    pub password: Option<PasswordHash>,
    /// When the user was added.
    pub created_at: DateTime<Utc>,
}

/// The minimum length of a new password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 12;

/// The Argon2id hash of a password, as a PHC string.
#[derive(Clone, Eq, PartialEq)]
pub struct PasswordHash(String);

/// A password cannot be used, or its stored hash cannot be checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadPassword {
    /// It is too short.
    #[error("the password has {chars} characters; use at least {least}")]
    TooShort {
        /// How many characters it has.
        chars: usize,
        /// The minimum.
        least: usize,
    },
    /// It is too long.
    #[error("the password has more than 1024 bytes; use a shorter one")]
    TooLong,
    /// The stored hash is damaged.
    #[error("the stored password hash is damaged; set a new password")]
    Damaged,
}

impl PasswordHash {
    /// Creates a hash from a PHC string.
    #[must_use]
    pub fn from_phc(text: String) -> Self {
        Self(text)
    }

    /// Returns the PHC string.
    #[must_use]
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordHash([redacted])")
    }
}

/// A login session; only the browser has the secret, in its cookie.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// The hash of the secret.
    pub token: TokenHash,
    /// The logged-in user.
    pub user: UserId,
    /// When the user logged in.
    pub created_at: DateTime<Utc>,
    /// When the session expires.
    pub expires_at: DateTime<Utc>,
}
