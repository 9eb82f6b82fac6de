//! Access rules: one function decides who may do what, and denies by default.

use std::collections::BTreeSet;

use crate::domain::{
    ApiToken, Dashboard, DashboardId, Datasource, Permission, PublicLink, Role, Scope, User, UserId,
};

/// Who makes a request.
#[derive(Clone, Debug)]
pub enum Principal<'a> {
    /// Somebody who is not logged in.
    Anonymous,
    /// A logged-in user.
    User(&'a User),
    /// A program with an API token that acts for a user.
    Token {
        /// The user it acts for.
        user: &'a User,
        /// What the token allows.
        scopes: &'a BTreeSet<Scope>,
    },
    /// A visitor with a valid public link, who has entered its password if it has one.
    Link(&'a DashboardId),
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// Sees it, or uses a datasource for a tile.
    View,
    /// Changes it, tests a datasource or refreshes a tile.
    Edit,
    /// Deletes or restores it, or changes its permissions.
    Manage,
    /// Creates a new one.
    Create,
    /// Creates a public link to it.
    Publish,
}

/// What an action applies to.
#[derive(Clone, Copy, Debug)]
pub enum Object<'a> {
    /// The list of dashboards; everyone sees only those they may see.
    Dashboards,
    /// A dashboard and its tiles.
    Dashboard(&'a Dashboard),
    /// The list of datasources.
    Datasources,
    /// A datasource, without its secrets.
    Datasource(&'a Datasource),
    /// The catalog of gadgets.
    Catalog,
    /// The host itself: its state, and why libraries were refused.
    Host,
    /// The list of users.
    Users,
    /// A user: name, password and role.
    User(&'a User),
    /// A public link, as an entry in a list that can be revoked.
    Link(&'a PublicLink),
    /// An API token, as an entry in a list that can be revoked.
    ApiToken(&'a ApiToken),
}

/// Why access is denied.
///
/// Somebody who may not even see an object is told that it does not exist.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Denied {
    /// The request needs a logged-in user.
    #[error("log in first")]
    LogIn,
    /// The object can be seen, but this action is not allowed.
    #[error("you don't have permission to do this")]
    Forbidden,
    /// The object does not exist, or must not be known to this principal.
    #[error("nothing was found here")]
    NotFound,
}

/// Decides whether `principal` may do `action` with `object`.
///
/// Everything that is not explicitly allowed is denied.
///
/// # Errors
///
/// Returns why access is denied.
pub fn check_access(
    principal: &Principal<'_>,
    action: Action,
    object: Object<'_>,
) -> Result<(), Denied> {
    if is_allowed(principal, action, object) {
        return Ok(());
    }
    if matches!(principal, Principal::Anonymous) {
        return Err(Denied::LogIn);
    }
    let is_single = !matches!(
        object,
        Object::Dashboards | Object::Datasources | Object::Catalog | Object::Host | Object::Users
    );
    if is_single && !is_allowed(principal, Action::View, object) {
        return Err(Denied::NotFound);
    }
    Err(Denied::Forbidden)
}

fn is_allowed(principal: &Principal<'_>, action: Action, object: Object<'_>) -> bool {
    match principal {
        Principal::Anonymous => false,
        Principal::Link(shown) => match (action, object) {
            (Action::View, Object::Dashboard(dashboard)) => {
                dashboard.id() == *shown && !dashboard.is_deleted()
            }
            _ => false,
        },
        Principal::User(user) => is_allowed_to_user(user, action, object),
        Principal::Token { user, scopes } => {
            scope(action, object).is_some_and(|needed| scopes.contains(&needed))
                && is_allowed_to_user(user, action, object)
        }
    }
}

/// Returns the scope that a token needs, or nothing where no token is enough.
fn scope(action: Action, object: Object<'_>) -> Option<Scope> {
    match (object, action) {
        (Object::Dashboards | Object::Dashboard(_) | Object::Catalog, Action::View) => {
            Some(Scope::DashboardsRead)
        }
        (Object::Dashboards | Object::Dashboard(_), _) => Some(Scope::DashboardsWrite),
        (Object::Datasources | Object::Datasource(_), Action::View) => Some(Scope::DatasourcesRead),
        (Object::Datasources | Object::Datasource(_), _) => Some(Scope::DatasourcesWrite),
        (Object::Host | Object::Users | Object::User(_), _) => Some(Scope::Administration),
        // A stolen token must not be able to create another token.
        (Object::Catalog | Object::Link(_) | Object::ApiToken(_), _) => None,
    }
}

fn is_allowed_to_user(user: &User, action: Action, object: Object<'_>) -> bool {
    use Action::{Create, Edit, Manage, Publish, View};

    let is_editor = user.role >= Role::Editor;
    let is_administrator = user.role == Role::Administrator;
    match (object, action) {
        (Object::Dashboards | Object::Catalog, View) => true,
        (Object::Datasources, View) | (Object::Dashboards | Object::Datasources, Create) => {
            is_editor
        }
        (Object::Dashboard(dashboard), _) => {
            let rights = UserRights::new(user, dashboard.owner(), dashboard.permission());
            match action {
                View => rights.may_use() && (!dashboard.is_deleted() || rights.may_manage()),
                Edit | Publish => rights.may_edit() && !dashboard.is_deleted(),
                Manage => rights.may_manage(),
                Create => false,
            }
        }
        (Object::Datasource(datasource), _) => {
            let rights = UserRights::new(user, &datasource.owner, &datasource.permission);
            match action {
                View => is_editor && rights.may_use(),
                Edit => rights.may_edit(),
                Manage => rights.may_manage(),
                Create | Publish => false,
            }
        }
        (Object::Host, View | Manage)
        | (Object::Users, View | Create)
        | (Object::User(_), Manage) => is_administrator,
        (Object::User(other), View | Edit) => is_administrator || other.id == user.id,
        (Object::Link(link), View | Manage) => is_administrator || link.created_by == user.id,
        (Object::ApiToken(token), View | Manage) => is_administrator || token.user == user.id,
        // Users may create tokens for themselves: a token can do no more than its user.
        (Object::ApiToken(token), Create) => token.user == user.id,
        _ => false,
    }
}

/// The rights of a user on something that has an owner and a permission.
struct UserRights<'a> {
    user: &'a User,
    is_owner: bool,
    permission: &'a Permission,
}

impl<'a> UserRights<'a> {
    fn new(user: &'a User, owner: &UserId, permission: &'a Permission) -> Self {
        Self {
            user,
            is_owner: user.id == *owner,
            permission,
        }
    }

    fn is_administrator(&self) -> bool {
        self.user.role == Role::Administrator
    }

    fn may_use(&self) -> bool {
        self.is_owner || self.is_administrator() || self.permission.allows_use(&self.user.id)
    }

    fn may_edit(&self) -> bool {
        if self.user.role < Role::Editor {
            return false;
        }
        self.is_owner || self.is_administrator() || self.permission.allows_edit(&self.user.id)
    }

    fn may_manage(&self) -> bool {
        self.is_administrator() || (self.is_owner && self.user.role >= Role::Editor)
    }
}
