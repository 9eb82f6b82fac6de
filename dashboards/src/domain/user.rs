//! People, and that they are logged in.

use std::fmt;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Name, TokenHash, UserId};

/// What a person may do at most.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks at dashboards.
    Viewer,
    /// Makes dashboards and datasources.
    Editor,
    /// Does everything, also for others.
    Administrator,
}

impl Role {
    /// Every role, from the least to the most.
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
    /// Names the person.
    pub id: UserId,
    /// What the person logs in with; unique but for case.
    pub name: Name,
    /// What the person may do at most.
    pub role: Role,
    /// Proves a password; without one the person cannot log in with a password.
    pub password: Option<PasswordHash>,
    /// When the person was added.
    pub created_at: DateTime<Utc>,
}

/// The fewest characters that a new password has.
pub const LEAST_PASSWORD_CHARS: usize = 12;

/// Proves that somebody knows a password, without telling it: an Argon2id hash as a PHC string.
#[derive(Clone, Eq, PartialEq)]
pub struct PasswordHash(String);

/// A password cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadPassword {
    /// It is too short.
    #[error("the password has {chars} characters; it needs at least {least}")]
    TooShort {
        /// How many characters it has.
        chars: usize,
        /// How many it needs.
        least: usize,
    },
    /// It is too long.
    #[error("the password has more than 1024 bytes")]
    TooLong,
    /// What proves a password is damaged.
    #[error("the stored proof of the password is damaged; set a new password")]
    Damaged,
}

impl PasswordHash {
    /// Takes a PHC string that was made elsewhere.
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

/// That a person is logged in; the secret of the cookie is known to the browser alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// The hash of the secret.
    pub token: TokenHash,
    /// Who is logged in.
    pub user: UserId,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}
