//! Stores login sessions.

use chrono::{DateTime, Utc};

use crate::{
    domain::{Session, TokenHash, User, UserId},
    store::{
        Event, Store, StoreError,
        handle::{reading, transaction},
        users,
    },
};

impl Store {
    /// Stores a new session.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or the user does not exist.
    pub async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        transaction!(self, tx, {
            tx.execute(
                "INSERT INTO sessions (token, user_id, created_at, expires_at)
                 VALUES ($1, $2, $3, $4)",
                &[
                    session.token.as_bytes().as_slice().into(),
                    session.user.as_str().into(),
                    session.created_at.into(),
                    session.expires_at.into(),
                ],
            )
            .await?;
            Ok(())
        })
    }

    /// Returns the session of a secret and its user, if it has not expired.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn session(
        &self,
        token: &TokenHash,
        now: DateTime<Utc>,
    ) -> Result<Option<(Session, User)>, StoreError> {
        reading!(self, tx, {
            let row = tx
                .row(
                    "SELECT users.*, sessions.created_at AS began_at, sessions.expires_at
                     FROM sessions JOIN users ON users.id = sessions.user_id
                     WHERE sessions.token = $1 AND sessions.expires_at > $2",
                    &[token.as_bytes().as_slice().into(), now.into()],
                )
                .await?;
            let Some(row) = row else { return Ok(None) };
            let user = users::read(&row)?;
            let session = Session {
                token: *token,
                user: user.id.clone(),
                created_at: row.time("began_at")?,
                expires_at: row.time("expires_at")?,
            };
            Ok(Some((session, user)))
        })
    }

    /// Extends a session.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn extend_session(
        &self,
        token: &TokenHash,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        transaction!(self, tx, {
            tx.execute(
                "UPDATE sessions SET expires_at = $2 WHERE token = $1",
                &[token.as_bytes().as_slice().into(), expires_at.into()],
            )
            .await?;
            Ok(())
        })
    }

    /// Ends a session if it exists.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn end_session(&self, token: &TokenHash) -> Result<(), StoreError> {
        transaction!(self, tx, {
            tx.execute(
                "DELETE FROM sessions WHERE token = $1",
                &[token.as_bytes().as_slice().into()],
            )
            .await?;
            tx.notify(Event::Access);
            Ok(())
        })
    }

    /// Ends all sessions of a user except one; returns how many ended.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn end_other_sessions(
        &self,
        user: &UserId,
        kept: &TokenHash,
    ) -> Result<u64, StoreError> {
        transaction!(self, tx, {
            tx.notify(Event::Access);
            tx.execute(
                "DELETE FROM sessions WHERE user_id = $1 AND token <> $2",
                &[user.as_str().into(), kept.as_bytes().as_slice().into()],
            )
            .await
        })
    }

    /// Returns the number of active sessions of a user.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn sessions_of(&self, user: &UserId, now: DateTime<Utc>) -> Result<u64, StoreError> {
        reading!(self, tx, {
            let row = tx
                .row(
                    "SELECT count(*) AS sessions FROM sessions WHERE user_id = $1 AND expires_at > $2",
                    &[user.as_str().into(), now.into()],
                )
                .await?;
            row.map_or(Ok(0), |row| row.count("sessions"))
        })
    }

    /// Deletes expired sessions; returns their number.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn purge_sessions(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        transaction!(self, tx, {
            tx.execute("DELETE FROM sessions WHERE expires_at <= $1", &[now.into()])
                .await
        })
    }
}
