//! A call's deadline and cancellation.

use std::{
    future,
    time::{Duration, Instant},
};

use gadget_api::{Error, ErrorKind};
use tokio::time;

use super::Cancellation;

/// When a call must end: at its deadline, or when it is cancelled.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    deadline: Option<Instant>,
    cancellation: Cancellation,
}

impl Limit {
    /// Creates the limit of a call that starts now.
    pub(crate) fn new(timeout: Duration, cancellation: &Cancellation) -> Self {
        Self {
            // A timeout beyond what the clock can represent is no limit.
            deadline: Instant::now().checked_add(timeout),
            cancellation: cancellation.clone(),
        }
    }

    /// Returns how much time is left; zero once the call is cancelled or out of time.
    pub(crate) fn remaining(&self) -> Duration {
        if self.cancellation.is_cancelled() {
            return Duration::ZERO;
        }
        self.deadline.map_or(Duration::MAX, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        })
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancellation.is_cancelled()
    }

    /// Returns why the call must end, if it must.
    pub(crate) fn reached(&self) -> Option<Error> {
        if self.is_cancelled() {
            return Some(Error::new(ErrorKind::Cancelled, "the call was cancelled"));
        }
        self.remaining().is_zero().then(timed_out)
    }

    /// Waits until the call must end, and returns why.
    pub(crate) async fn ended(&self) -> Error {
        let deadline = async {
            match self.deadline {
                Some(deadline) => time::sleep_until(deadline.into()).await,
                None => future::pending().await,
            }
        };
        tokio::select! {
            () = self.cancellation.cancelled() => {}
            () = deadline => {}
        }
        self.reached().unwrap_or_else(timed_out)
    }
}

fn timed_out() -> Error {
    Error::new(ErrorKind::TimedOut, "the call timed out")
        .with_remedy("Allow more time, or try again later.")
}
