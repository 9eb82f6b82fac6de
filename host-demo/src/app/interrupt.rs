//! Interrupts: what was asked for is no longer wanted.

use std::{io, thread};

use gadget_host::Cancellation;
use tokio::signal::unix::{SignalKind, signal};

/// Cancels when this process is told to end (SIGINT, SIGTERM), for as long as it runs.
///
/// # Errors
///
/// Returns an error when the signals cannot be caught.
pub(crate) fn cancels(cancellation: &Cancellation) -> io::Result<()> {
    let cancellation = cancellation.clone();
    when_signalled(move || cancellation.cancel())
}

/// Does something once, when this process is told to end; it no longer ends by itself.
///
/// # Errors
///
/// Returns an error when the signals cannot be caught.
pub(crate) fn when_signalled(action: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    // The handlers stand before this returns, so that no signal is missed.
    let waiting = runtime.block_on(async { signals() })?;
    thread::Builder::new()
        .name("interrupt".to_owned())
        .spawn(move || {
            runtime.block_on(waiting);
            action();
        })?;
    Ok(())
}

/// Returns when this process is told to end.
///
/// # Errors
///
/// Returns an error when the signals cannot be caught.
pub(crate) fn signalled() -> io::Result<impl Future<Output = ()>> {
    signals()
}

fn signals() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
