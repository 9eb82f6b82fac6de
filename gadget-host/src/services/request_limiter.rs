//! Limits concurrent requests to a datasource.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

use gadget_api::Error;

use crate::call::Limit;

/// How often somebody who waits looks at cancellation.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// Limits how many requests run at once; clones share the limit.
#[derive(Clone)]
pub(crate) struct RequestLimiter {
    free: Arc<(Mutex<usize>, Condvar)>,
}

/// The right to run one request; dropping it frees its slot.
pub(crate) struct Permit(RequestLimiter);

impl RequestLimiter {
    pub(crate) fn new(permits: usize) -> Self {
        Self {
            free: Arc::new((Mutex::new(permits), Condvar::new())),
        }
    }

    /// Waits for a permit, but not past the limit of the call.
    pub(crate) fn acquire(&self, limit: &Limit) -> Result<Permit, Error> {
        let (free, changed) = &*self.free;
        let mut count = free.lock().unwrap_or_else(PoisonError::into_inner);
        while *count == 0 {
            if let Some(error) = limit.reached() {
                return Err(error);
            }
            let waited = changed.wait_timeout(count, LOOK_INTERVAL);
            count = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *count -= 1;
        Ok(Permit(self.clone()))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (free, changed) = &*self.0.free;
        *free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        changed.notify_one();
    }
}
