//! The settings that affect the count.

use thiserror::Error;

use super::exclusion::Exclusion;
use super::hosting::Hosting;

/// The settings of a count; every value is valid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rules {
    hostings: Vec<Hosting>,
    include: Vec<Exclusion>,
    unlimited_users: u32,
    grace_days: u8,
}

/// An invalid setting.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum RulesError {
    /// A hosting that does not exist.
    #[error("unknown hosting `{0}`: it must be Cloud, Data Center or Server")]
    Hosting(String),
    /// A reason that cannot be included.
    #[error(
        "unknown reason `{0}`: it must be sandbox, open_source, community, free, evaluation, demonstration or internal"
    )]
    Include(String),
    /// A size of unlimited tiers that is too large.
    #[error("{0} users are too many for an unlimited tier: at most 1000000000")]
    UnlimitedUsers(u64),
    /// Too many days of grace.
    #[error("{0} days of grace are too many: at most 90")]
    GraceDays(u64),
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            hostings: Vec::new(),
            include: Vec::new(),
            unlimited_users: 10_001,
            grace_days: 7,
        }
    }
}

impl Rules {
    /// Returns the rules for rows of these hostings only; no name means all.
    ///
    /// # Errors
    ///
    /// Returns an error when a name is not Cloud, Data Center or Server (ignoring case and blanks).
    pub fn with_hostings<T: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = T>,
    ) -> Result<Self, RulesError> {
        self.hostings.clear();
        for name in names {
            match Hosting::parse(name.as_ref()) {
                Hosting::Other => return Err(RulesError::Hosting(name.as_ref().to_owned())),
                hosting => self.hostings.push(hosting),
            }
        }
        Ok(self)
    }

    /// Returns the rules that also count licenses with these reasons.
    ///
    /// # Errors
    ///
    /// Returns an error when a name is not one of the seven reasons.
    pub fn with_included<T: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = T>,
    ) -> Result<Self, RulesError> {
        self.include.clear();
        for name in names {
            let reason = Exclusion::includable()
                .iter()
                .find(|reason| reason.name() == name.as_ref());
            self.include
                .push(*reason.ok_or_else(|| RulesError::Include(name.as_ref().to_owned()))?);
        }
        Ok(self)
    }

    /// Returns the rules with this many users for an unlimited tier; 0 counts such tiers as no users.
    ///
    /// # Errors
    ///
    /// Returns an error when it is more than 1,000,000,000.
    pub fn with_unlimited_users(mut self, users: u64) -> Result<Self, RulesError> {
        self.unlimited_users = u32::try_from(users)
            .ok()
            .filter(|users| *users <= 1_000_000_000)
            .ok_or(RulesError::UnlimitedUsers(users))?;
        Ok(self)
    }

    /// Returns the rules with this many days of grace, in which a late renewal is not a loss.
    ///
    /// # Errors
    ///
    /// Returns an error when it is more than 90.
    pub fn with_grace_days(mut self, days: u64) -> Result<Self, RulesError> {
        self.grace_days = u8::try_from(days)
            .ok()
            .filter(|days| *days <= 90)
            .ok_or(RulesError::GraceDays(days))?;
        Ok(self)
    }

    /// Tells whether rows of a hosting count.
    #[must_use]
    pub fn takes(&self, hosting: Hosting) -> bool {
        self.hostings.is_empty() || self.hostings.contains(&hosting)
    }

    /// Tells whether licenses with a reason count after all.
    #[must_use]
    pub fn includes(&self, reason: Exclusion) -> bool {
        self.include.contains(&reason)
    }

    /// Returns the size of an unlimited tier.
    #[must_use]
    pub const fn unlimited_users(&self) -> u32 {
        self.unlimited_users
    }

    /// Returns the days of grace, in which a late renewal is not a loss.
    #[must_use]
    pub const fn grace_days(&self) -> u8 {
        self.grace_days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_settings() {
        let rules = Rules::default();
        assert_eq!((rules.unlimited_users(), rules.grace_days()), (10_001, 7));
        assert!(Hosting::ALL.into_iter().all(|hosting| rules.takes(hosting)));
        assert!(
            !Exclusion::ALL
                .into_iter()
                .any(|reason| rules.includes(reason))
        );
    }

    #[test]
    fn a_row_without_hosting_is_taken_only_if_no_hosting_is_named() {
        let rules = Rules::default()
            .with_hostings(["cloud", "Data Center"])
            .unwrap();
        assert_eq!(
            Hosting::ALL.map(|hosting| rules.takes(hosting)),
            [true, true, false, false]
        );
    }

    #[test]
    fn invalid_settings_are_refused() {
        let rules = Rules::default;
        assert_eq!(
            rules().with_hostings(["Moon"]),
            Err(RulesError::Hosting("Moon".into()))
        );
        assert_eq!(
            rules().with_hostings([""]),
            Err(RulesError::Hosting(String::new()))
        );
        assert_eq!(
            rules().with_included(["no_size"]),
            Err(RulesError::Include("no_size".into()))
        );
        assert_eq!(
            rules().with_unlimited_users(1_000_000_001),
            Err(RulesError::UnlimitedUsers(1_000_000_001))
        );
        assert_eq!(rules().with_grace_days(91), Err(RulesError::GraceDays(91)));
        let most = rules()
            .with_unlimited_users(1_000_000_000)
            .unwrap()
            .with_grace_days(90)
            .unwrap();
        assert_eq!(
            (most.unlimited_users(), most.grace_days()),
            (1_000_000_000, 90)
        );
        let all = Exclusion::includable().iter().map(|reason| reason.name());
        assert!(
            rules()
                .with_included(all)
                .unwrap()
                .includes(Exclusion::Internal)
        );
    }
}
