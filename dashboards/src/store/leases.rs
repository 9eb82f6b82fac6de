//! Stores leases: only the holder does the work. Their times are those of the database's clock.

use std::time::Duration;

use gadget_api::LeaseId;

use crate::store::{Store, StoreError, handle::transaction, random::new_lease_number};

impl Store {
    /// Takes the lease `name` of a scope for at most `ttl`; returns nothing while somebody else holds
    /// it.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn take_lease(
        &self,
        scope: &str,
        name: &str,
        ttl: Duration,
    ) -> Result<Option<LeaseId>, StoreError> {
        transaction!(self, tx, {
            let row = tx
                .row(
                    "INSERT INTO leases (scope, name, id, expires_at)
                     VALUES ($1, $2, $3, {now} + $4)
                     ON CONFLICT (scope, name) DO UPDATE SET id = EXCLUDED.id,
                         expires_at = EXCLUDED.expires_at
                     WHERE leases.expires_at <= {now}
                     RETURNING id",
                    &[
                        scope.into(),
                        name.into(),
                        new_lease_number().into(),
                        micros(ttl).into(),
                    ],
                )
                .await?;
            row.map(|row| row.count("id").map(LeaseId)).transpose()
        })
    }

    /// Extends a lease to `ttl` from now; returns false if it was no longer held.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn renew_lease(&self, lease: LeaseId, ttl: Duration) -> Result<bool, StoreError> {
        transaction!(self, tx, {
            let done = tx
                .execute(
                    "UPDATE leases SET expires_at = {now} + $2 WHERE id = $1 AND expires_at > {now}",
                    &[lease.0.into(), micros(ttl).into()],
                )
                .await?;
            Ok(done > 0)
        })
    }

    /// Releases a lease if it is still held.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn release_lease(&self, lease: LeaseId) -> Result<(), StoreError> {
        transaction!(self, tx, {
            tx.execute("DELETE FROM leases WHERE id = $1", &[lease.0.into()])
                .await?;
            Ok(())
        })
    }
}

fn micros(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_micros()).unwrap_or(u64::MAX / 4)
}
