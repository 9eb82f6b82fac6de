//! The people who can log in: adding, changing and removing them, and their passwords.

use std::{collections::BTreeSet, sync::Arc};

use chrono::Utc;
use dashboards::{
    domain::{Action, MIN_PASSWORD_CHARS, Name, Object, Permission, Role, User, UserId},
    store::{Store, StoreError, new_id_bytes},
};
use gadget_api::{FieldError, FieldPath};
use secrecy::SecretString;

use super::{AppError, Caller, passwords::Passwords, setup_token::SetupToken, throttle::Guesser};

/// What the first administrator is called.
const FIRST_NAME: &str = "Administrator";

/// The people of a host.
pub(crate) struct People {
    store: Store,
    passwords: Arc<Passwords>,
    setup: Arc<SetupToken>,
}

impl People {
    pub(super) fn new(store: Store, passwords: Arc<Passwords>, setup: Arc<SetupToken>) -> Self {
        Self {
            store,
            passwords,
            setup,
        }
    }

    /// Returns everybody.
    pub(crate) async fn all(&self) -> Result<Vec<User>, StoreError> {
        self.store.users().await
    }

    /// Adds somebody.
    pub(crate) async fn add(
        &self,
        name: &str,
        role: Role,
        password: SecretString,
    ) -> Result<User, AppError> {
        let user = User {
            id: UserId::from_bytes(new_id_bytes()),
            name: Name::parse(name)?,
            role,
            password: Some(self.passwords.hash(password, MIN_PASSWORD_CHARS).await?),
            created_at: Utc::now(),
        };
        self.store.create_user(&user).await?;
        Ok(user)
    }

    /// Gives a user another name or another role; only administrators may change a role.
    pub(crate) async fn change(
        &self,
        caller: &Caller,
        user: &User,
        name: Option<&Name>,
        role: Option<Role>,
    ) -> Result<User, AppError> {
        if role.is_some() {
            caller.check(Action::Manage, Object::User(user))?;
        }
        self.store.change_user(&user.id, name, role).await?;
        let changed = self.store.user(&user.id).await?;
        changed.ok_or_else(|| AppError::not_found("user"))
    }

    /// Gives a user a new password, which ends all sessions of the user; one's own needs the old one.
    pub(crate) async fn set_password(
        &self,
        caller: &Caller,
        user: &User,
        new: SecretString,
        old: Option<SecretString>,
    ) -> Result<(), AppError> {
        if caller.user_id() == Some(&user.id) && user.password.is_some() {
            self.check_old_password(user, old).await?;
        }
        let hash = self.passwords.hash(new, MIN_PASSWORD_CHARS).await?;
        self.store.set_password(&user.id, Some(&hash)).await?;
        if user.role == Role::Administrator {
            self.setup.close();
        }
        Ok(())
    }

    async fn check_old_password(
        &self,
        user: &User,
        old: Option<SecretString>,
    ) -> Result<(), AppError> {
        let refused = |message| {
            let field = FieldPath::root().child("old_password");
            AppError::of_field(FieldError::new(field, message))
        };
        let old = old.ok_or_else(|| refused("enter your current password"))?;
        let (guesser, of) = (Guesser::User(user.id.clone()), user.name.folded());
        let is_right = self
            .passwords
            .verify(&guesser, &of, old, user.password.clone())
            .await?;
        is_right
            .then_some(())
            .ok_or_else(|| refused("this is not your current password"))
    }

    /// Removes somebody, and ends every session of theirs.
    pub(crate) async fn remove(&self, user: &UserId) -> Result<(), StoreError> {
        self.store.delete_user(user).await
    }

    /// Returns the first administrator, who is made if there is none.
    pub(crate) async fn administrator(&self) -> Result<User, StoreError> {
        let users = self.store.users().await?;
        let first = users
            .into_iter()
            .filter(|user| user.role == Role::Administrator)
            .min_by_key(|user| user.created_at);
        if let Some(first) = first {
            return Ok(first);
        }
        let user = User {
            id: UserId::from_bytes(new_id_bytes()),
            name: Name::parse(FIRST_NAME).expect("the name is in range"),
            role: Role::Administrator,
            password: None,
            created_at: Utc::now(),
        };
        match self.store.create_user(&user).await {
            // Another host of the same database was faster, or somebody has the name already.
            Err(StoreError::Taken { .. }) => {
                let name = &user.name;
                let found = self.store.user_named(name).await?;
                found.ok_or(StoreError::NotFound {
                    what: "user",
                    id: name.to_string(),
                })
            }
            made => made.map(|()| user),
        }
    }

    /// Returns those who can be named in the permission of a datasource of `owner`.
    pub(crate) async fn who_can_be_named(&self, owner: &UserId) -> Result<Vec<User>, StoreError> {
        let mut users = self.store.users().await?;
        // An administrator may use all of them, and a viewer none.
        users.retain(|user| user.role == Role::Editor && user.id != *owner);
        Ok(users)
    }

    /// Checks that everybody whom a permission names is there.
    pub(super) async fn check_named(&self, permission: &Permission) -> Result<(), AppError> {
        let none = BTreeSet::new();
        let (users, editors) = match permission {
            Permission::AnyoneEdits => (&none, &none),
            Permission::SomeEdit { editors } => (&none, editors),
            Permission::OnlyNamed { users, editors } => (users, editors),
        };
        if users.is_empty() && editors.is_empty() {
            return Ok(());
        }
        let all = self.store.users().await?;
        let known: BTreeSet<UserId> = all.into_iter().map(|user| user.id).collect();
        match users.iter().chain(editors).find(|id| !known.contains(*id)) {
            None => Ok(()),
            Some(id) => Err(AppError::Invalid {
                message: format!("there is no user `{id}`"),
                remedy: Some("Choose existing users."),
            }),
        }
    }
}

/// Tells whether an administrator can log in with a password.
pub(crate) async fn has_password(store: &Store) -> Result<bool, StoreError> {
    let users = store.users().await?;
    let mut administrators = users.iter().filter(|user| user.role == Role::Administrator);
    Ok(administrators.any(|user| user.password.is_some()))
}
