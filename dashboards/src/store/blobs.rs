//! Stores the blobs of gadgets, mostly snapshots. Each datasource sees only its own.

use gadget_api::{Blob, BlobInfo};

use crate::store::{
    Event, Store, StoreError,
    handle::{reading, transaction},
    sql::Tx,
};

/// The maximum size of a blob, in bytes.
pub const MAX_BLOB_BYTES: usize = 512 * 1024 * 1024;

/// How long the revision of a removed blob is kept: longer than any client holds one.
const REMEMBERED_MICROS: i64 = 7 * 24 * 60 * 60 * 1_000_000;

impl Store {
    /// Returns the blob `name` of a scope.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn blob(&self, scope: &str, name: &str) -> Result<Option<Blob>, StoreError> {
        reading!(self, tx, {
            let row = tx
                .row(
                    "SELECT revision, bytes FROM blobs
                     WHERE scope = $1 AND name = $2 AND bytes IS NOT NULL",
                    &[scope.into(), name.into()],
                )
                .await?;
            let Some(row) = row else { return Ok(None) };
            Ok(Some(Blob {
                revision: row.count("revision")?,
                bytes: row.bytes_or_none("bytes")?.unwrap_or_default(),
            }))
        })
    }

    /// Stores a blob if its revision is still `expected` (0 if it must not exist yet), and returns
    /// the new revision. Revisions are never reused, even after the blob was removed.
    ///
    /// # Errors
    ///
    /// - [`StoreError::BlobConflict`] when it was stored or removed in the meantime.
    /// - [`StoreError::TooLarge`] when it is larger than [`MAX_BLOB_BYTES`].
    pub async fn put_blob(
        &self,
        scope: &str,
        name: &str,
        bytes: &[u8],
        expected: u64,
    ) -> Result<u64, StoreError> {
        if bytes.len() > MAX_BLOB_BYTES {
            return Err(StoreError::TooLarge {
                what: "a blob",
                bytes: bytes.len(),
                most: MAX_BLOB_BYTES,
            });
        }
        transaction!(self, tx, {
            let row = match expected {
                0 => {
                    tx.row(
                        "INSERT INTO blobs (scope, name, revision, bytes, stored_at)
                         VALUES ($1, $2, 1, $3, {now})
                         ON CONFLICT (scope, name) DO UPDATE SET revision = blobs.revision + 1,
                             bytes = EXCLUDED.bytes, stored_at = EXCLUDED.stored_at
                         WHERE blobs.bytes IS NULL
                         RETURNING revision",
                        &[scope.into(), name.into(), bytes.into()],
                    )
                    .await?
                }
                expected => {
                    tx.row(
                        "UPDATE blobs SET revision = revision + 1, bytes = $3, stored_at = {now}
                         WHERE scope = $1 AND name = $2 AND revision = $4 AND bytes IS NOT NULL
                         RETURNING revision",
                        &[scope.into(), name.into(), bytes.into(), expected.into()],
                    )
                    .await?
                }
            };
            let Some(row) = row else {
                return Err(StoreError::BlobConflict {
                    name: name.to_owned(),
                    found: revision(&mut tx, scope, name).await?,
                    expected,
                });
            };
            tx.notify(event(scope, name));
            row.count("revision")
        })
    }

    /// Returns information about the blobs whose names start with `prefix`, sorted by name.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn list_blobs(&self, scope: &str, prefix: &str) -> Result<Vec<BlobInfo>, StoreError> {
        reading!(self, tx, {
            let rows = tx
                .rows(
                    "SELECT name, revision, CAST(length(bytes) AS BIGINT) AS size, stored_at FROM blobs
                     WHERE scope = $1 AND bytes IS NOT NULL
                         AND substr(name, 1, length($2)) = $2
                     ORDER BY name",
                    &[scope.into(), prefix.into()],
                )
                .await?;
            rows.iter()
                .map(|row| {
                    Ok(BlobInfo {
                        name: row.text("name")?,
                        revision: row.count("revision")?,
                        bytes: row.count("size")?,
                        stored_at: row.time("stored_at")?,
                    })
                })
                .collect()
        })
    }

    /// Returns the scopes that contain blobs, sorted.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn blob_scopes(&self) -> Result<Vec<String>, StoreError> {
        reading!(self, tx, {
            let rows = tx
                .rows(
                    "SELECT DISTINCT scope FROM blobs WHERE bytes IS NOT NULL ORDER BY scope",
                    &[],
                )
                .await?;
            rows.iter().map(|row| row.text("scope")).collect()
        })
    }

    /// Permanently removes the blobs and leases of a scope.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn remove_scope(&self, scope: &str) -> Result<(), StoreError> {
        transaction!(self, tx, {
            for delete in [
                "DELETE FROM blobs WHERE scope = $1",
                "DELETE FROM leases WHERE scope = $1",
            ] {
                tx.execute(delete, &[scope.into()]).await?;
            }
            Ok(())
        })
    }

    /// Removes a blob if it exists.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn remove_blob(&self, scope: &str, name: &str) -> Result<(), StoreError> {
        transaction!(self, tx, {
            let done = tx
                .execute(
                    "UPDATE blobs SET revision = revision + 1, bytes = NULL, stored_at = {now}
                     WHERE scope = $1 AND name = $2 AND bytes IS NOT NULL",
                    &[scope.into(), name.into()],
                )
                .await?;
            if done > 0 {
                tx.notify(event(scope, name));
            }
            tx.execute(
                "DELETE FROM blobs WHERE bytes IS NULL AND stored_at < {now} - $1",
                &[REMEMBERED_MICROS.into()],
            )
            .await?;
            Ok(())
        })
    }
}

fn event(scope: &str, name: &str) -> Event {
    Event::Blob {
        scope: scope.to_owned(),
        name: name.to_owned(),
    }
}

/// Returns the revision of a blob, or 0 if it does not exist.
async fn revision(tx: &mut Tx, scope: &str, name: &str) -> Result<u64, StoreError> {
    let row = tx
        .row(
            "SELECT revision FROM blobs WHERE scope = $1 AND name = $2 AND bytes IS NOT NULL",
            &[scope.into(), name.into()],
        )
        .await?;
    row.map_or(Ok(0), |row| row.count("revision"))
}
