//! Telling a call to end.

use tokio_util::sync::CancellationToken;

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
    token: CancellationToken,
}

impl Cancellation {
    /// Creates a cancellation that has not happened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels, once and for all.
    pub fn cancel(&self) {
        self.token.cancel();
    }

    /// Tells whether somebody has cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits until somebody cancels.
    pub(super) async fn cancelled(&self) {
        self.token.cancelled().await;
    }
}
