//! Fault injection for tests: the store fails before its n-th call.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::store::{Store, StoreError};

/// Counts the calls of write transactions, and makes one of them fail.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    calls: Arc<AtomicU64>,
    /// The number of the call that fails; 0 for none.
    at: Arc<AtomicU64>,
}

impl Faults {
    /// Counts a call, and fails if it is the chosen one.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if self.at.load(Ordering::Relaxed) == call {
            return Err(StoreError::Fault { call });
        }
        Ok(())
    }
}

impl Store {
    /// Resets the counter, and makes the given call fail.
    pub(super) fn fail_at(&self, call: u64) {
        self.inner.faults.calls.store(0, Ordering::Relaxed);
        self.inner.faults.at.store(call, Ordering::Relaxed);
    }

    /// Makes no more calls fail, and returns how many there were since `fail_at`.
    pub(super) fn stop_failing(&self) -> u64 {
        self.inner.faults.at.store(0, Ordering::Relaxed);
        self.inner.faults.calls.load(Ordering::Relaxed)
    }
}
