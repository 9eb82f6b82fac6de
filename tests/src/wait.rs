//! Waiting for something that a test names.

use std::{
    fmt::Display,
    thread,
    time::{Duration, Instant},
};

/// How long a test waits: only something that hangs takes longer, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(120);

const PAUSE: Duration = Duration::from_millis(25);

/// Looks again and again until there is something, and returns it.
///
/// # Panics
///
/// Panics after [`PATIENCE`], naming what was awaited.
pub fn wait_until<T>(awaited: impl Display, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "waited in vain: {awaited}");
        thread::sleep(PAUSE);
    }
}
