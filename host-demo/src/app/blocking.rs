//! The bridge between async code and threads that block: gadgets block, and so does hashing.

use tokio::{
    runtime::Handle,
    task::{JoinError, spawn_blocking},
};

/// Runs work that blocks, such as a call of a gadget, on a thread where it may.
pub(super) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    spawn_blocking(work).await
}

/// Starts work that blocks and that nobody waits for.
pub(super) fn start(work: impl FnOnce() + Send + 'static) {
    drop(spawn_blocking(work));
}

/// Lets a thread that may block wait for async work.
#[derive(Clone, Debug)]
pub(crate) struct AsyncBridge(Handle);

impl AsyncBridge {
    /// Creates the bridge to the runtime that this is called in.
    pub(crate) fn current() -> Self {
        Self(Handle::current())
    }

    /// Waits for async work; only on a thread that may block.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.0.block_on(work)
    }

    /// Starts work that goes on by itself.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(work);
    }
}
