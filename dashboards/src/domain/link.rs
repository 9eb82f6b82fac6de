//! A link by which people without a user see one dashboard.

use chrono::{DateTime, Utc};

use crate::domain::{DashboardId, LinkId, PasswordHash, TokenHash, UserId};

/// A link by which people without a user see one dashboard.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicLink {
    /// Names the link.
    pub id: LinkId,
    /// What it shows.
    pub dashboard: DashboardId,
    /// Who made it; only this person and administrators see that it is there.
    pub created_by: UserId,
    /// The hash of the secret in its address.
    pub token: TokenHash,
    /// Proves the password, where one is asked for.
    pub password: Option<PasswordHash>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it opens; without it until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Whether a link opens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkState {
    /// Whoever has it may look.
    Open,
    /// Whoever has it and knows the password may look.
    AsksPassword,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

impl PublicLink {
    /// The fewest characters that the password of a link has.
    pub const LEAST_PASSWORD_CHARS: usize = 6;

    /// Tells whether the link opens at a time, be it with a password.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        matches!(self.state(now), LinkState::Open | LinkState::AsksPassword)
    }

    /// Returns whether the link opens at a time, and for whom.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> LinkState {
        if self.revoked_at.is_some() {
            return LinkState::Revoked;
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return LinkState::Expired;
        }
        if self.password.is_some() {
            return LinkState::AsksPassword;
        }
        LinkState::Open
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_link_opens_until_it_is_over_or_revoked() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let password = Some(PasswordHash::from_phc("$argon2id$".to_owned()));
        let second = TimeDelta::seconds(1);
        for (password, expires_at, revoked_at, expected) in [
            (None, None, None, LinkState::Open),
            (password.clone(), None, None, LinkState::AsksPassword),
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
            let opens = matches!(expected, LinkState::Open | LinkState::AsksPassword);
            assert_eq!(link.is_open(now), opens);
        }
    }
}
