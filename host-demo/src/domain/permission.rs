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

    /// Tells whether only named people may use the thing.
    #[must_use]
    pub fn is_private(&self) -> bool {
        matches!(self, Self::OnlyNamed { .. })
    }
}
