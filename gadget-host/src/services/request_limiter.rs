//! Limits concurrent requests to a datasource.

use std::sync::Arc;

use gadget_api::{Error, ErrorKind};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::call::Limit;

/// Limits how many requests run at once; clones share the limit.
#[derive(Clone)]
pub(crate) struct RequestLimiter(Arc<Semaphore>);

/// The right to run one request, until it is dropped.
pub(crate) type Permit = OwnedSemaphorePermit;

impl RequestLimiter {
    pub(crate) fn new(permits: usize) -> Self {
        Self(Arc::new(Semaphore::new(permits)))
    }

    /// Waits for a permit, but not past the limit of the call.
    pub(crate) fn acquire(&self, runtime: &Handle, limit: &Limit) -> Result<Permit, Error> {
        let permit = Arc::clone(&self.0).acquire_owned();
        runtime.block_on(async {
            tokio::select! {
                biased;
                permit = permit => permit.map_err(|closed| {
                    Error::new(ErrorKind::Internal, format!("failed to limit requests: {closed}"))
                }),
                error = limit.ended() => Err(error),
            }
        })
    }
}
