//! Stores public links.

use chrono::{DateTime, Utc};

use crate::{
    domain::{DashboardId, LinkId, PasswordHash, PublicLink, TokenHash},
    store::{
        Event, Store, StoreError,
        handle::{reading, transaction},
        sql::Row,
    },
};

impl Store {
    /// Stores a new link.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or the dashboard does not exist.
    pub async fn create_link(&self, link: &PublicLink) -> Result<(), StoreError> {
        transaction!(self, tx, {
            tx.execute(
                "INSERT INTO public_links
                     (id, dashboard, created_by, token, password, created_at, expires_at, revoked_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                &[
                    link.id.as_str().into(),
                    link.dashboard.as_str().into(),
                    link.created_by.as_str().into(),
                    link.token.as_bytes().as_slice().into(),
                    link.password.as_ref().map(PasswordHash::as_phc).into(),
                    link.created_at.into(),
                    link.expires_at.into(),
                    link.revoked_at.into(),
                ],
            )
            .await?;
            tx.notify(Event::Access);
            Ok(())
        })
    }

    /// Returns the link of a secret, even if it has expired or was revoked.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn link(&self, token: &TokenHash) -> Result<Option<PublicLink>, StoreError> {
        reading!(self, tx, {
            let row = tx
                .row(
                    "SELECT * FROM public_links WHERE token = $1",
                    &[token.as_bytes().as_slice().into()],
                )
                .await?;
            row.as_ref().map(read).transpose()
        })
    }

    /// Returns a link by its id.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn link_by_id(&self, id: &LinkId) -> Result<Option<PublicLink>, StoreError> {
        reading!(self, tx, {
            let row = tx
                .row(
                    "SELECT * FROM public_links WHERE id = $1",
                    &[id.as_str().into()],
                )
                .await?;
            row.as_ref().map(read).transpose()
        })
    }

    /// Returns the links to a dashboard, newest first, including revoked ones.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn links_of(&self, dashboard: &DashboardId) -> Result<Vec<PublicLink>, StoreError> {
        reading!(self, tx, {
            let rows = tx
                .rows(
                    "SELECT * FROM public_links WHERE dashboard = $1
                     ORDER BY created_at DESC, id",
                    &[dashboard.as_str().into()],
                )
                .await?;
            rows.iter().map(read).collect()
        })
    }

    /// Revokes a link; does nothing if it was already revoked.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when the link does not exist.
    pub async fn revoke_link(&self, id: &LinkId, now: DateTime<Utc>) -> Result<(), StoreError> {
        transaction!(self, tx, {
            let done = tx
                .execute(
                    "UPDATE public_links SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1",
                    &[id.as_str().into(), now.into()],
                )
                .await?;
            if done == 0 {
                return Err(StoreError::not_found("link", id));
            }
            tx.notify(Event::Access);
            Ok(())
        })
    }
}

fn read(row: &Row) -> Result<PublicLink, StoreError> {
    let token: [u8; 32] = row
        .bytes("token")?
        .try_into()
        .map_err(|_| StoreError::unreadable("link", "its hash does not have 32 bytes"))?;
    Ok(PublicLink {
        id: row.parsed("link", "id")?,
        dashboard: row.parsed("link", "dashboard")?,
        created_by: row.parsed("link", "created_by")?,
        token: TokenHash::from_bytes(token),
        password: row.text_or_none("password")?.map(PasswordHash::from_phc),
        created_at: row.time("created_at")?,
        expires_at: row.time_or_none("expires_at")?,
        revoked_at: row.time_or_none("revoked_at")?,
    })
}
