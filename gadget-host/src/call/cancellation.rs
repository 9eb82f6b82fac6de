//! Telling a call to end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Tells calls that nobody waits for them any more.
///
/// Its clones are the same cancellation; any of them, on any thread, can cancel.
///
/// # Examples
///
/// ```
/// use gadget_host::Cancellation;
///
/// let cancellation = Cancellation::new();
/// let same = cancellation.clone();
/// same.cancel();
/// assert!(cancellation.is_cancelled());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancellation {
    is_cancelled: Arc<AtomicBool>,
}

impl Cancellation {
    /// Creates a cancellation that has not happened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels, once and for all.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Release);
    }

    /// Tells whether somebody has cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Acquire)
    }
}
