//! Who may use and who may edit a dashboard or a datasource.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::UserId;

/// Who may use and who may edit a dashboard or a datasource, besides its owner.
///
/// "Anyone" means every user whose role allows it: viewers never edit.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Permission {
    /// Anyone can use and edit it.
    #[default]
    AnyoneEdits,
    /// Anyone can use it; the listed users can edit it.
    SomeEdit {
        /// Who can edit it.
        editors: BTreeSet<UserId>,
    },
    /// Only the listed users can use it.
    OnlyNamed {
        /// Who can use it without editing it.
        users: BTreeSet<UserId>,
        /// Who can use and edit it.
        editors: BTreeSet<UserId>,
    },
}

impl Permission {
    /// Tells whether this permission lets a user use the object; ownership and role come on top.
    #[must_use]
    pub fn allows_use(&self, user: &UserId) -> bool {
        match self {
            Self::AnyoneEdits | Self::SomeEdit { .. } => true,
            Self::OnlyNamed { users, editors } => users.contains(user) || editors.contains(user),
        }
    }

    /// Tells whether this permission lets a user edit the object; ownership and role come on top.
    #[must_use]
    pub fn allows_edit(&self, user: &UserId) -> bool {
        match self {
            Self::AnyoneEdits => true,
            Self::SomeEdit { editors } | Self::OnlyNamed { editors, .. } => editors.contains(user),
        }
    }

    /// Tells whether somebody who may see this object of `owner` may not use the other object.
    #[must_use]
    pub fn is_wider_than(&self, owner: &UserId, other: &Self, other_owner: &UserId) -> bool {
        match (self, other) {
            (_, Self::AnyoneEdits | Self::SomeEdit { .. }) => false,
            (Self::OnlyNamed { users, editors }, Self::OnlyNamed { .. }) => users
                .iter()
                .chain(editors)
                .chain([owner])
                .any(|user| user != other_owner && !other.allows_use(user)),
            (_, Self::OnlyNamed { .. }) => true,
        }
    }

    /// Tells whether only the listed users may use the object.
    #[must_use]
    pub fn is_private(&self) -> bool {
        matches!(self, Self::OnlyNamed { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(users: &[&str], editors: &[&str]) -> Permission {
        let ids = |names: &[&str]| names.iter().map(|name| id(name)).collect();
        Permission::OnlyNamed {
            users: ids(users),
            editors: ids(editors),
        }
    }

    fn id(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    #[test]
    fn a_permission_is_wider_when_it_includes_a_user_whom_the_other_excludes() {
        let some = Permission::SomeEdit { editors: [].into() };
        // Ann owns everything except in the last two cases.
        for (seen, owner, used, used_owner, expected) in [
            (Permission::AnyoneEdits, "ann", some.clone(), "ann", false),
            (Permission::AnyoneEdits, "ann", named(&[], &[]), "ann", true),
            (some, "ann", named(&["bob"], &["cleo"]), "ann", true),
            (named(&[], &[]), "ann", named(&[], &[]), "ann", false),
            (named(&["bob"], &[]), "ann", named(&[], &[]), "ann", true),
            (named(&[], &["bob"]), "ann", named(&[], &[]), "ann", true),
            (
                named(&["bob"], &["cleo"]),
                "ann",
                named(&["cleo"], &["bob"]),
                "ann",
                false,
            ),
            (named(&[], &[]), "ann", named(&[], &[]), "bob", true),
            (
                named(&["bob"], &[]),
                "ann",
                named(&["ann"], &[]),
                "bob",
                false,
            ),
        ] {
            let found = seen.is_wider_than(&id(owner), &used, &id(used_owner));
            assert_eq!(
                found, expected,
                "{seen:?} of {owner}, {used:?} of {used_owner}"
            );
        }
    }
}
