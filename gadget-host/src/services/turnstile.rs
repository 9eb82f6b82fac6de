//! So many at once and no more.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

use gadget_api::Error;

use crate::call::Limit;

/// How often somebody who waits looks at cancellation.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// Lets at most so many requests run at once; its clones are the same turnstile.
#[derive(Clone)]
pub(crate) struct Turnstile {
    free: Arc<(Mutex<usize>, Condvar)>,
}

/// A place that is given back when this value is dropped.
pub(crate) struct Place(Turnstile);

impl Turnstile {
    pub(crate) fn new(places: usize) -> Self {
        Self {
            free: Arc::new((Mutex::new(places), Condvar::new())),
        }
    }

    /// Waits for a place, but not past the limit of the call.
    pub(crate) fn enter(&self, limit: &Limit) -> Result<Place, Error> {
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
        Ok(Place(self.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let (free, changed) = &*self.0.free;
        *free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        changed.notify_one();
    }
}
