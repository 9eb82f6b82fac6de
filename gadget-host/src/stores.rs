//! Where gadgets keep data: the faces that a host can put its own store behind.

use std::time::Duration;

use gadget_api::{Blob, BlobInfo, Error, LeaseId};

/// Keeps blobs, each under a space and a name.
///
/// A space is a file name. That of a datasource is [`Datasource::space`](crate::Datasource::space).
///
/// Names hold `a-z`, `0-9`, `.`, `_`, `-` and `/`, at most 200 of them; the caller has checked that.
/// What was answered survives the process.
pub trait BlobStore: Send + Sync {
    /// Returns a blob, or nothing if there is none of this name.
    ///
    /// # Errors
    ///
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn get(&self, space: &str, name: &str) -> Result<Option<Blob>, Error>;

    /// Stores a blob if its revision is still `expected` (0: it is not there), and returns the new revision.
    ///
    /// # Errors
    ///
    /// - [`Conflict`](gadget_api::ErrorKind::Conflict) when somebody else changed it first.
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn put(&self, space: &str, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error>;

    /// Returns the blobs whose names begin with `prefix`, by name.
    ///
    /// # Errors
    ///
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn list(&self, space: &str, prefix: &str) -> Result<Vec<BlobInfo>, Error>;

    /// Removes a blob; nothing happens if it is not there.
    ///
    /// # Errors
    ///
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn remove(&self, space: &str, name: &str) -> Result<(), Error>;
}

/// Hands out leases: of all that ask for one key of a space, one holds it.
///
/// Keys keep to the rule of the names of blobs. A lease ends when it is given back, when its time is
/// over, or with the process that holds it, as far as a store can know that.
pub trait LeaseStore: Send + Sync {
    /// Takes a lease for at most `ttl`, or returns nothing while somebody holds it.
    ///
    /// # Errors
    ///
    /// - [`Internal`](gadget_api::ErrorKind::Internal) when the store fails.
    fn take(&self, space: &str, key: &str, ttl: Duration) -> Result<Option<LeaseId>, Error>;

    /// Gives a lease back; nothing happens if it is over.
    fn release(&self, lease: LeaseId);
}
