//! Where gadgets keep their data: in the store, so that hosts of one database share it.

use std::time::Duration;

use dashboards::store::{Store, StoreError};
use gadget_api::{Blob, BlobInfo, Error, ErrorKind, LeaseId};
use gadget_host::{BlobStore, LeaseStore};

use super::{blocking::AsyncBridge, error::store_message};

/// The store as gadgets see it. They call from threads of their own, which may wait.
pub(crate) struct DatabaseBlobStore {
    store: Store,
    bridge: AsyncBridge,
}

impl DatabaseBlobStore {
    pub(crate) fn new(store: Store, bridge: AsyncBridge) -> Self {
        Self { store, bridge }
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, Error> {
        self.bridge.wait(work).map_err(|error| {
            let kind = match &error {
                StoreError::BlobConflict { .. } => ErrorKind::Conflict,
                StoreError::TooLarge { .. } => ErrorKind::TooLarge,
                _ => ErrorKind::Internal,
            };
            Error::new(kind, store_message(&error))
        })
    }
}

impl BlobStore for DatabaseBlobStore {
    fn get(&self, space: &str, name: &str) -> Result<Option<Blob>, Error> {
        self.wait(self.store.blob(space, name))
    }

    fn put(&self, space: &str, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error> {
        self.wait(self.store.put_blob(space, name, bytes, expected))
    }

    fn list(&self, space: &str, prefix: &str) -> Result<Vec<BlobInfo>, Error> {
        self.wait(self.store.list_blobs(space, prefix))
    }

    fn remove(&self, space: &str, name: &str) -> Result<(), Error> {
        self.wait(self.store.remove_blob(space, name))
    }
}

impl LeaseStore for DatabaseBlobStore {
    fn take(&self, space: &str, key: &str, ttl: Duration) -> Result<Option<LeaseId>, Error> {
        self.wait(self.store.take_lease(space, key, ttl))
    }

    fn renew(&self, lease: LeaseId, ttl: Duration) -> Result<bool, Error> {
        self.wait(self.store.renew_lease(lease, ttl))
    }

    fn release(&self, lease: LeaseId) {
        // A lease that cannot be given back ends by itself.
        let _ = self.wait(self.store.release_lease(lease));
    }
}
