//! Public links.

use chrono::{DateTime, Utc};

use crate::domain::{DashboardId, LinkId, PasswordHash, TokenHash, UserId};

/// A link that shows one dashboard to people who cannot log in.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicLink {
    /// The id.
    pub id: LinkId,
    /// The dashboard that it shows.
    pub dashboard: DashboardId,
    /// Who created it; only this user and administrators see the link in lists.
    pub created_by: UserId,
    /// The hash of the secret in its address.
    pub token: TokenHash,
    /// The hash of the password, if the link has one.
    pub password: Option<PasswordHash>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it expires; without a time, it is valid until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Whether a link can be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkState {
    /// It shows the dashboard.
    Open,
    /// It shows the dashboard after the password has been entered.
    NeedsPassword,
    /// It has expired.
    Expired,
    /// It was revoked.
    Revoked,
}

impl PublicLink {
    /// The minimum length of a link's password, in characters.
    pub const MIN_PASSWORD_CHARS: usize = 6;

    /// Tells whether the link can be used at a time, with or without a password.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        matches!(self.state(now), LinkState::Open | LinkState::NeedsPassword)
    }

    /// Returns the state of the link at a time.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> LinkState {
        if self.revoked_at.is_some() {
            return LinkState::Revoked;
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return LinkState::Expired;
        }
        if self.password.is_some() {
            return LinkState::NeedsPassword;
        }
        LinkState::Open
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_link_is_open_until_it_expires_or_is_revoked() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let password = Some(PasswordHash::from_phc("$argon2id$".to_owned()));
        let second = TimeDelta::seconds(1);
        for (password, expires_at, revoked_at, expected) in [
            (None, None, None, LinkState::Open),
            (password.clone(), None, None, LinkState::NeedsPassword),
            (None, Some(now + second), None, LinkState::Open),
            (None, Some(now), None, LinkState::Expired),
            (password.clone(), Some(now), None, LinkState::Expired),
            (password, Some(now), Some(now), LinkState::Revoked),
        ] {
            let link = PublicLink {
                id: LinkId::parse("l").unwrap(),
                dashboard: DashboardId::parse("d").unwrap(),
                created_by: UserId::parse("u").unwrap(),
                token: TokenHash::of("secret"),
                password,
                created_at: now - second,
                expires_at,
                revoked_at,
            };
            assert_eq!(link.state(now), expected);
            let opens = matches!(expected, LinkState::Open | LinkState::NeedsPassword);
            assert_eq!(link.is_open(now), opens);
        }
    }
}
