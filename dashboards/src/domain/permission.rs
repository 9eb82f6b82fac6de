//! Who may use and who may edit a dashboard or a datasource.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::UserId;

/// Who may use and who may edit a dashboard or a datasource, besides its owner.
///
/// Anyone means every user whose role allows it: a viewer edits nothing.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Permission {
    /// Anyone can use and edit it.
    #[default]
    AnyoneEdits,
    /// Anyone can use it, the named can edit it.
    SomeEdit {
        /// Who can edit it.
        editors: BTreeSet<UserId>,
    },
    /// Only the named can use it.
    OnlyNamed {
        /// Who can use it without editing it.
        users: BTreeSet<UserId>,
        /// Who can use and edit it.
        editors: BTreeSet<UserId>,
    },
}

impl Permission {
    /// Tells whether this user may use the thing; the owner and roles are not looked at.
    #[must_use]
    pub fn names_as_user(&self, user: &UserId) -> bool {
        match self {
            Self::AnyoneEdits | Self::SomeEdit { .. } => true,
            Self::OnlyNamed { users, editors } => users.contains(user) || editors.contains(user),
        }
    }

    /// Tells whether this user may edit the thing; the owner and roles are not looked at.
    #[must_use]
    pub fn names_as_editor(&self, user: &UserId) -> bool {
        match self {
            Self::AnyoneEdits => true,
            Self::SomeEdit { editors } | Self::OnlyNamed { editors, .. } => editors.contains(user),
        }
    }

    /// Tells whether people who may see the thing of `owner` may not use `other`, which is of `other_owner`.
    #[must_use]
    pub fn reaches_beyond(&self, owner: &UserId, other: &Self, other_owner: &UserId) -> bool {
        match (self, other) {
            (_, Self::AnyoneEdits | Self::SomeEdit { .. }) => false,
            (Self::OnlyNamed { users, editors }, Self::OnlyNamed { .. }) => users
                .iter()
                .chain(editors)
                .chain([owner])
                .any(|user| user != other_owner && !other.names_as_user(user)),
            (_, Self::OnlyNamed { .. }) => true,
        }
    }

    /// Tells whether only named people may use the thing.
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
    fn who_sees_a_thing_may_use_another_if_it_is_for_them_too() {
        let some = Permission::SomeEdit { editors: [].into() };
        // All things are of ann, but for the last two.
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
            let found = seen.reaches_beyond(&id(owner), &used, &id(used_owner));
            assert_eq!(
                found, expected,
                "{seen:?} of {owner}, {used:?} of {used_owner}"
            );
        }
    }
}
