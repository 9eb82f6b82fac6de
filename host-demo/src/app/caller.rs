//! Who asks.

use std::{collections::BTreeSet, net::IpAddr};

use dashboards::domain::{
    Action, DashboardId, Denied, Object, Principal, Scope, TokenHash, User, UserId, check_access,
};

/// What somebody shows to prove who they are: the secret of a session or of an API token.
#[derive(Clone, Copy)]
pub(crate) enum Credential<'a> {
    None,
    Session(&'a str),
    ApiToken(&'a str),
}

/// Where a password is entered, so that guesses are counted.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    /// The token that the browser was given when somebody signed in with it.
    pub(crate) device: Option<String>,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    Anonymous,
    /// A person with a session.
    Person {
        user: Box<User>,
        session: TokenHash,
    },
    /// A program with an API token.
    Program {
        user: Box<User>,
        scopes: BTreeSet<Scope>,
    },
    /// Somebody with a public link.
    Visitor(DashboardId),
}

impl Caller {
    pub(crate) fn principal(&self) -> Principal<'_> {
        match self {
            Self::Anonymous => Principal::Anonymous,
            Self::Person { user, .. } => Principal::User(user),
            Self::Program { user, scopes } => Principal::Token { user, scopes },
            Self::Visitor(dashboard) => Principal::Link(dashboard),
        }
    }

    /// Decides whether the caller may do something.
    pub(crate) fn check(&self, action: Action, object: Object<'_>) -> Result<(), Denied> {
        check_access(&self.principal(), action, object)
    }

    pub(crate) fn may(&self, action: Action, object: Object<'_>) -> bool {
        self.check(action, object).is_ok()
    }

    /// Returns the person, or the one in whose name a program asks.
    pub(crate) fn user(&self) -> Option<&User> {
        match self {
            Self::Person { user, .. } | Self::Program { user, .. } => Some(user),
            Self::Anonymous | Self::Visitor(_) => None,
        }
    }

    pub(crate) fn user_id(&self) -> Option<&UserId> {
        self.user().map(|user| &user.id)
    }
}
