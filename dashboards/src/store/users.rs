//! Stores users.

use crate::{
    domain::{Name, PasswordHash, Role, User, UserId},
    store::{
        Event, Store, StoreError,
        handle::{reading, transaction},
        sql::{Row, Tx},
    },
};

impl Store {
    /// Stores a new user.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Taken`] when the id, or the name regardless of case, is already used.
    pub async fn create_user(&self, user: &User) -> Result<(), StoreError> {
        transaction!(self, tx, {
            let done = tx
                .execute(
                    "INSERT INTO users (id, name, name_folded, role, password, created_at)
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                    &[
                        user.id.as_str().into(),
                        user.name.as_str().into(),
                        (&user.name.folded()).into(),
                        user.role.as_str().into(),
                        user.password.as_ref().map(PasswordHash::as_phc).into(),
                        user.created_at.into(),
                    ],
                )
                .await?;
            tx.notify(Event::Access);
            match done {
                0 => Err(StoreError::Taken { what: "user" }),
                _ => Ok(()),
            }
        })
    }

    /// Returns a user.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        reading!(self, tx, find(&mut tx, id).await)
    }

    /// Returns the user with a name, regardless of case.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn user_named(&self, name: &Name) -> Result<Option<User>, StoreError> {
        reading!(self, tx, {
            let row = tx
                .row(
                    "SELECT * FROM users WHERE name_folded = $1",
                    &[(&name.folded()).into()],
                )
                .await?;
            row.as_ref().map(read).transpose()
        })
    }

    /// Returns all users sorted by name.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        reading!(self, tx, {
            let rows = tx
                .rows("SELECT * FROM users ORDER BY name_folded", &[])
                .await?;
            rows.iter().map(read).collect()
        })
    }

    /// Changes the name of a user, the role, or both.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when the user does not exist.
    /// - [`StoreError::Taken`] when somebody else has the name.
    /// - [`StoreError::LastAdministrator`] when no administrator would be left.
    pub async fn change_user(
        &self,
        id: &UserId,
        name: Option<&Name>,
        role: Option<Role>,
    ) -> Result<(), StoreError> {
        transaction!(self, tx, {
            if role.is_some_and(|role| role != Role::Administrator) {
                keep_an_administrator(&mut tx, id).await?;
            }
            let user = find(&mut tx, id).await?;
            let user = user.ok_or_else(|| StoreError::not_found("user", id))?;
            let name = name.unwrap_or(&user.name);
            let done = tx
                .execute(
                    "UPDATE users SET name = $2, name_folded = $3, role = $4 WHERE id = $1",
                    &[
                        id.as_str().into(),
                        name.as_str().into(),
                        (&name.folded()).into(),
                        role.unwrap_or(user.role).as_str().into(),
                    ],
                )
                .await;
            match done {
                Ok(_) => {
                    tx.notify(Event::Access);
                    Ok(())
                }
                Err(error) if error.is_duplicate() => Err(StoreError::Taken { what: "user" }),
                Err(error) => Err(error),
            }
        })
    }

    /// Sets or removes the password of a user, and ends all their sessions.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when the user does not exist.
    pub async fn set_password(
        &self,
        id: &UserId,
        password: Option<&PasswordHash>,
    ) -> Result<(), StoreError> {
        transaction!(self, tx, {
            let done = tx
                .execute(
                    "UPDATE users SET password = $2 WHERE id = $1",
                    &[
                        id.as_str().into(),
                        password.map(PasswordHash::as_phc).into(),
                    ],
                )
                .await?;
            if done == 0 {
                return Err(StoreError::not_found("user", id));
            }
            tx.execute(
                "DELETE FROM sessions WHERE user_id = $1",
                &[id.as_str().into()],
            )
            .await?;
            tx.notify(Event::Access);
            Ok(())
        })
    }

    /// Deletes a user with their sessions and tokens; dashboards and datasources stay.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when the user does not exist.
    /// - [`StoreError::LastAdministrator`] when no administrator would be left.
    pub async fn delete_user(&self, id: &UserId) -> Result<(), StoreError> {
        transaction!(self, tx, {
            keep_an_administrator(&mut tx, id).await?;
            let done = tx
                .execute("DELETE FROM users WHERE id = $1", &[id.as_str().into()])
                .await?;
            if done == 0 {
                return Err(StoreError::not_found("user", id));
            }
            tx.notify(Event::Access);
            Ok(())
        })
    }
}

/// Returns an error if a user is the only administrator.
async fn keep_an_administrator(tx: &mut Tx, id: &UserId) -> Result<(), StoreError> {
    let rows = tx
        .rows(
            "SELECT id FROM users WHERE role = $1 ORDER BY id {lock}",
            &[Role::Administrator.as_str().into()],
        )
        .await?;
    match rows.as_slice() {
        [only] if only.text("id")? == id.as_str() => Err(StoreError::LastAdministrator),
        _ => Ok(()),
    }
}

async fn find(tx: &mut Tx, id: &UserId) -> Result<Option<User>, StoreError> {
    let row = tx
        .row("SELECT * FROM users WHERE id = $1", &[id.as_str().into()])
        .await?;
    row.as_ref().map(read).transpose()
}

/// Reads a user from a row with all columns of the table.
pub(super) fn read(row: &Row) -> Result<User, StoreError> {
    let role = row.text("role")?;
    Ok(User {
        id: row.parsed("user", "id")?,
        name: row.parsed("user", "name")?,
        role: Role::parse(&role).ok_or_else(|| StoreError::unreadable("user", role))?,
        password: row.text_or_none("password")?.map(PasswordHash::from_phc),
        created_at: row.time("created_at")?,
    })
}
