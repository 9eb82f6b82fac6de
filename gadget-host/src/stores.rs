//! Where gadgets keep data: the traits that a host implements for a store of its own.

use std::time::Duration;

use gadget_api::{Blob, BlobInfo, Error, LeaseId};

/// Keeps blobs, each under a space and a name.
///
/// A space is a file name. That of a datasource is [`Datasource::space`](crate::Datasource::space).
///
/// Names hold `a-z`, `0-9`, `.`, `_`, `-` and `/`, at most 200 of them; the caller has checked that.
/// A completed write survives the process.
pub trait BlobStore: Send + Sync {
    /// Returns a blob, or `None` if there is none of this name.
    ///
    /// # Errors
    ///
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn get(&self, space: &str, name: &str) -> Result<Option<Blob>, Error>;

    /// Stores a blob if its revision is still `expected` (0: it does not exist), and returns the new revision.
    ///
    /// # Errors
    ///
    /// - [`Conflict`](gadget_api::ErrorKind::Conflict) when it was changed in the meantime.
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn put(&self, space: &str, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error>;

    /// Returns the blobs whose names begin with `prefix`, by name.
    ///
    /// # Errors
    ///
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn list(&self, space: &str, prefix: &str) -> Result<Vec<BlobInfo>, Error>;

    /// Removes a blob; does nothing if it does not exist.
    ///
    /// # Errors
    ///
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn remove(&self, space: &str, name: &str) -> Result<(), Error>;
}

/// Hands out leases: at most one holder at a time for each key of a space.
///
/// Keys follow the same rule as blob names. A lease ends when it is released, when its time is over, or
/// with the process that holds it, as far as a store can know that.
pub trait LeaseStore: Send + Sync {
    /// Takes a lease for at most `ttl`, or returns `None` while somebody else holds it.
    ///
    /// # Errors
    ///
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn take(&self, space: &str, key: &str, ttl: Duration) -> Result<Option<LeaseId>, Error>;

    /// Lets a lease end `ttl` from now; returns false if it has ended.
    ///
    /// The host takes leases for a few seconds and renews them while they are held, so that they end
    /// soon after a process that dies.
    ///
    /// # Errors
    ///
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn renew(&self, lease: LeaseId, ttl: Duration) -> Result<bool, Error>;

    /// Releases a lease; does nothing if it has ended.
    fn release(&self, lease: LeaseId);
}
