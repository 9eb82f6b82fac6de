//! API tokens, and the hashes of random secrets.

use std::{collections::BTreeSet, fmt};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::{Name, TokenId, UserId};

/// The SHA-256 hash of a random secret: it verifies the secret but does not reveal it.
///
/// A fast hash is enough because the secret has 256 random bits; passwords use a slow one.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Creates the hash of a secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Creates a hash from its stored bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenHash([redacted])")
    }
}

/// What an API token allows, within the role of its owner.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
pub enum Scope {
    /// Reads dashboards and what their gadgets show.
    #[serde(rename = "dashboards:read")]
    DashboardsRead,
    /// Changes dashboards.
    #[serde(rename = "dashboards:write")]
    DashboardsWrite,
    /// Reads datasources, without their secrets.
    #[serde(rename = "datasources:read")]
    DatasourcesRead,
    /// Changes datasources.
    #[serde(rename = "datasources:write")]
    DatasourcesWrite,
    /// Does what only administrators may do.
    #[serde(rename = "administration")]
    Administration,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [
        Self::DashboardsRead,
        Self::DashboardsWrite,
        Self::DatasourcesRead,
        Self::DatasourcesWrite,
        Self::Administration,
    ];

    /// Returns the stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DashboardsRead => "dashboards:read",
            Self::DashboardsWrite => "dashboards:write",
            Self::DatasourcesRead => "datasources:read",
            Self::DatasourcesWrite => "datasources:write",
            Self::Administration => "administration",
        }
    }

    /// Returns the scope of this stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// Lets a program use the HTTP API on behalf of a user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiToken {
    /// The id.
    pub id: TokenId,
    /// The user on whose behalf it acts.
    pub user: UserId,
    /// The name that the user gave it.
    pub name: Name,
    /// The hash of the secret.
    pub token: TokenHash,
    /// What it allows.
    pub scopes: BTreeSet<Scope>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it expires; without a time, it is valid until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_scope_is_the_same_everywhere() {
        for scope in Scope::ALL {
            assert_eq!(
                serde_json::to_value(scope).unwrap(),
                serde_json::Value::from(scope.as_str())
            );
            assert_eq!(Scope::parse(scope.as_str()), Some(scope));
        }
        assert_eq!(Scope::parse("everything"), None);
    }

    #[test]
    fn a_hash_is_sha_256_and_is_not_printed() {
        let hash = TokenHash::of("abc");
        assert_eq!(hash.as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(format!("{hash:?}"), "TokenHash([redacted])");
    }
}
