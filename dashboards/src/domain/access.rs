//! Who may do what with which object: one function, which says no unless it knows why yes.

use std::collections::BTreeSet;

use crate::domain::{
    ApiToken, Dashboard, DashboardId, Datasource, Permission, PublicLink, Role, Scope, User, UserId,
};

/// Who asks.
#[derive(Clone, Debug)]
pub enum Principal<'a> {
    /// Nobody that is known.
    Anonymous,
    /// A person who is logged in.
    User(&'a User),
    /// A program with an API token, in the name of a person.
    Token {
        /// The person.
        user: &'a User,
        /// What the token opens.
        scopes: &'a BTreeSet<Scope>,
    },
    /// Whoever has an open public link, and the password if it asks for one.
    Link(&'a DashboardId),
}

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// Sees it; uses a datasource for a tile.
    View,
    /// Changes it; tests a datasource; refreshes a tile.
    Edit,
    /// Deletes and restores it, and says who may use it.
    Manage,
    /// Makes a new one.
    Create,
    /// Makes a public link to it.
    Publish,
}

/// With what.
#[derive(Clone, Copy, Debug)]
pub enum Object<'a> {
    /// The list of dashboards, where one sees what one may see.
    Dashboards,
    /// A dashboard and its tiles.
    Dashboard(&'a Dashboard),
    /// The list of datasources.
    Datasources,
    /// A datasource, without its secrets.
    Datasource(&'a Datasource),
    /// The catalog of gadgets.
    Catalog,
    /// Why libraries were refused, and the state of the host.
    Host,
    /// The list of people.
    Users,
    /// A person's user: name, password, role.
    User(&'a User),
    /// A public link, as something to see in a list and to revoke.
    Link(&'a PublicLink),
    /// An API token, as something to see in a list and to revoke.
    ApiToken(&'a ApiToken),
}

/// Somebody may not do something.
///
/// Whoever may not even see an object is told that there is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Denied {
    /// Who asks is not known.
    #[error("log in first")]
    LogIn,
    /// The object is there, but not for this.
    #[error("you may not do this")]
    Forbidden,
    /// The object is not there for who asks.
    #[error("there is nothing of this name")]
    NotFound,
}

/// Decides whether `principal` may do `action` with `object`.
///
/// Everything that is not said to be allowed is denied.
///
/// # Errors
///
/// Returns why not.
pub fn may(principal: &Principal<'_>, action: Action, object: Object<'_>) -> Result<(), Denied> {
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

/// Returns the scope that a token needs; some things no token opens.
fn scope(action: Action, object: Object<'_>) -> Option<Scope> {
    match (object, action) {
        (Object::Dashboards | Object::Dashboard(_) | Object::Catalog, Action::View) => {
            Some(Scope::DashboardsRead)
        }
        (Object::Dashboards | Object::Dashboard(_), _) => Some(Scope::DashboardsWrite),
        (Object::Datasources | Object::Datasource(_), Action::View) => Some(Scope::DatasourcesRead),
        (Object::Datasources | Object::Datasource(_), _) => Some(Scope::DatasourcesWrite),
        (Object::Host | Object::Users | Object::User(_), _) => Some(Scope::Administration),
        // A stolen token must not make itself a longer life.
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
            let shared = Shared::new(user, dashboard.owner(), dashboard.permission());
            match action {
                View => shared.may_use() && (!dashboard.is_deleted() || shared.may_manage()),
                Edit | Publish => shared.may_edit() && !dashboard.is_deleted(),
                Manage => shared.may_manage(),
                Create => false,
            }
        }
        (Object::Datasource(datasource), _) => {
            let shared = Shared::new(user, &datasource.owner, &datasource.permission);
            match action {
                View => is_editor && shared.may_use(),
                Edit => shared.may_edit(),
                Manage => shared.may_manage(),
                Create | Publish => false,
            }
        }
        (Object::Host, View | Manage)
        | (Object::Users, View | Create)
        | (Object::User(_), Manage) => is_administrator,
        (Object::User(other), View | Edit) => is_administrator || other.id == user.id,
        (Object::Link(link), View | Manage) => is_administrator || link.created_by == user.id,
        (Object::ApiToken(token), View | Manage) => is_administrator || token.user == user.id,
        // Whoever has a user may make tokens for it: they can do no more than the user.
        (Object::ApiToken(token), Create) => token.user == user.id,
        _ => false,
    }
}

/// A user before something that has an owner and a permission.
struct Shared<'a> {
    user: &'a User,
    is_owner: bool,
    permission: &'a Permission,
}

impl<'a> Shared<'a> {
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
        self.is_owner || self.is_administrator() || self.permission.names_as_user(&self.user.id)
    }

    fn may_edit(&self) -> bool {
        if self.user.role < Role::Editor {
            return false;
        }
        self.is_owner || self.is_administrator() || self.permission.names_as_editor(&self.user.id)
    }

    fn may_manage(&self) -> bool {
        self.is_administrator() || (self.is_owner && self.user.role >= Role::Editor)
    }
}
