//! Stores API tokens.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    domain::{ApiToken, Scope, TokenHash, TokenId, User, UserId},
    store::{
        Event, Store, StoreError,
        handle::{reading, transaction},
        sql::{Row, to_json},
        users,
    },
};

impl Store {
    /// Stores a new token.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or the user does not exist.
    pub async fn create_api_token(&self, token: &ApiToken) -> Result<(), StoreError> {
        transaction!(self, tx, {
            tx.execute(
                "INSERT INTO api_tokens (id, user_id, name, token, scopes, created_at, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    token.id.as_str().into(),
                    token.user.as_str().into(),
                    token.name.as_str().into(),
                    token.token.as_bytes().as_slice().into(),
                    (&to_json(&token.scopes)).into(),
                    token.created_at.into(),
                    token.expires_at.into(),
                ],
            )
            .await?;
            tx.notify(Event::Access);
            Ok(())
        })
    }

    /// Returns the token of a secret and its user, if it has not expired.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn api_token(
        &self,
        token: &TokenHash,
        now: DateTime<Utc>,
    ) -> Result<Option<(ApiToken, User)>, StoreError> {
        reading!(self, tx, {
            let row = tx
                .row(
                    "SELECT * FROM api_tokens
                     WHERE token = $1 AND (expires_at IS NULL OR expires_at > $2)",
                    &[token.as_bytes().as_slice().into(), now.into()],
                )
                .await?;
            let Some(row) = row else { return Ok(None) };
            let token = read(&row)?;
            let user = tx
                .row(
                    "SELECT * FROM users WHERE id = $1",
                    &[token.user.as_str().into()],
                )
                .await?;
            // Deleting a user deletes its tokens, so the user exists.
            let Some(user) = user else { return Ok(None) };
            Ok(Some((token, users::read(&user)?)))
        })
    }

    /// Returns a token by its id.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn api_token_by_id(&self, id: &TokenId) -> Result<Option<ApiToken>, StoreError> {
        reading!(self, tx, {
            let row = tx
                .row(
                    "SELECT * FROM api_tokens WHERE id = $1",
                    &[id.as_str().into()],
                )
                .await?;
            row.as_ref().map(read).transpose()
        })
    }

    /// Returns the tokens of a user, the newest first.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn api_tokens_of(&self, user: &UserId) -> Result<Vec<ApiToken>, StoreError> {
        reading!(self, tx, {
            let rows = tx
                .rows(
                    "SELECT * FROM api_tokens WHERE user_id = $1 ORDER BY created_at DESC, id",
                    &[user.as_str().into()],
                )
                .await?;
            rows.iter().map(read).collect()
        })
    }

    /// Revokes a token.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when the token does not exist.
    pub async fn revoke_api_token(&self, id: &TokenId) -> Result<(), StoreError> {
        transaction!(self, tx, {
            let done = tx
                .execute(
                    "DELETE FROM api_tokens WHERE id = $1",
                    &[id.as_str().into()],
                )
                .await?;
            if done == 0 {
                return Err(StoreError::not_found("token", id));
            }
            tx.notify(Event::Access);
            Ok(())
        })
    }
}

fn read(row: &Row) -> Result<ApiToken, StoreError> {
    let token: [u8; 32] = row
        .bytes("token")?
        .try_into()
        .map_err(|_| StoreError::unreadable("token", "its hash does not have 32 bytes"))?;
    // Ignore scopes that a later version added.
    let scopes: Vec<String> = row.json("token", "scopes")?;
    let scopes: BTreeSet<Scope> = scopes
        .iter()
        .filter_map(|text| Scope::parse(text))
        .collect();
    Ok(ApiToken {
        id: row.parsed("token", "id")?,
        user: row.parsed("token", "user_id")?,
        name: row.parsed("token", "name")?,
        token: TokenHash::from_bytes(token),
        scopes,
        created_at: row.time("created_at")?,
        expires_at: row.time_or_none("expires_at")?,
    })
}
