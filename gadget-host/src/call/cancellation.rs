//! Cancels calls.

use tokio_util::sync::CancellationToken;

/// Cancels calls whose answer is no longer wanted.
///
/// Clones share the same state; any of them can cancel, from any thread.
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
    token: CancellationToken,
}

impl Cancellation {
    /// Creates a cancellation that is not cancelled yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels; this cannot be undone.
    pub fn cancel(&self) {
        self.token.cancel();
    }

    /// Tells whether it has been cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits until it is cancelled.
    pub(super) async fn cancelled(&self) {
        self.token.cancelled().await;
    }
}
