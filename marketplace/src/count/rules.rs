//! The settings that change the count.

use thiserror::Error;

use super::exclusion::Exclusion;
use super::hosting::Hosting;

/// How the users of an app are counted; every value is valid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rules {
    hostings: Vec<Hosting>,
    include: Vec<Exclusion>,
    unlimited_users: u32,
    grace_days: u8,
}

/// Settings that are not valid.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum RulesError {
    /// A hosting that does not exist.
    #[error("unknown hosting `{0}`: there are Cloud, Data Center and Server")]
    Hosting(String),
    /// A reason that cannot be included.
    #[error(
        "unknown reason `{0}`: there are sandbox, open_source, community, free, evaluation, demonstration and internal"
    )]
    Include(String),
    /// A size of unlimited tiers that is too large.
    #[error("{0} users of an unlimited tier are too many: at most 1000000000")]
    UnlimitedUsers(u64),
    /// Days of grace that are too many.
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
    /// Returns the rules for rows of these hostings only; no name means all of them.
    ///
    /// # Errors
    ///
    /// Returns an error when a name is none of Cloud, Data Center and Server (without regard to case and refunded_spans).
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

    /// Returns the rules that count licenses of these reasons too.
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

    /// Returns the rules with so many users for an unlimited tier; 0 counts such tiers as none.
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

    /// Returns the rules with so many days in which a late renewal is no loss.
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

    /// Tells whether rows of a hosting are looked at.
    #[must_use]
    pub fn takes(&self, hosting: Hosting) -> bool {
        self.hostings.is_empty() || self.hostings.contains(&hosting)
    }

    /// Tells whether a reason to leave licenses out is overruled.
    #[must_use]
    pub fn includes(&self, reason: Exclusion) -> bool {
        self.include.contains(&reason)
    }

    /// Returns the size of an unlimited tier.
    #[must_use]
    pub const fn unlimited_users(&self) -> u32 {
        self.unlimited_users
    }

    /// Returns in how many days a late renewal is no loss.
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
    fn what_is_not_valid_is_refused() {
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
