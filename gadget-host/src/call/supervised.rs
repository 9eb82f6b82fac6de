//! Runs gadget code on its own thread, so that the caller can abandon it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use gadget_api::{__abi::guarded, Error, ErrorKind, Progress};
use tokio::{runtime::Handle, task::AbortHandle};

use super::{CallError, Limit};

/// How long to wait for a call that was asked to end.
const GRACE: Duration = Duration::from_millis(150);
/// How many abandoned calls may run before no new ones start.
const MAX_HUNG_CALLS: usize = 4;

/// Calls that were abandoned and are still running.
#[derive(Debug, Default)]
pub(crate) struct HungCalls {
    by_id: Mutex<BTreeMap<String, Vec<JoinHandle<()>>>>,
}

impl HungCalls {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<JoinHandle<()>>>> {
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        by_id.retain(|_, threads| {
            threads.retain(|thread| !thread.is_finished());
            !threads.is_empty()
        });
        by_id
    }

    /// Returns how many abandoned calls are still running.
    pub(crate) fn count(&self) -> usize {
        self.lock().values().map(Vec::len).sum()
    }

    /// Checks that `id` may be called.
    fn check(&self, id: &str) -> Result<(), CallError> {
        let by_id = self.lock();
        let count = by_id.values().map(Vec::len).sum();
        if count >= MAX_HUNG_CALLS {
            return Err(CallError::RestartNeeded { count });
        }
        if by_id.contains_key(id) {
            return Err(CallError::Hangs { id: id.to_owned() });
        }
        Ok(())
    }

    fn abandon(&self, id: &str, thread: JoinHandle<()>) {
        tracing::error!(
            id,
            "a call did not end when asked to; its thread is abandoned"
        );
        self.lock().entry(id.to_owned()).or_default().push(thread);
    }
}

/// A message from the thread of a call to its caller.
enum CallMessage<T> {
    Progress(Progress),
    Answer(Result<T, Error>),
    LimitReached(Error),
}

/// Sends the progress of a call to its caller.
pub(crate) type ProgressSender = Box<dyn Fn(Progress) + Send + Sync>;

/// Runs `body`, a call of `id`, until it answers or 150 ms after its limit is reached.
///
/// The body owns everything it uses, or shares it by `Arc`, because it can outlive this call.
pub(crate) fn run<T: Send + 'static>(
    hung_calls: &Arc<HungCalls>,
    runtime: &Handle,
    id: &str,
    limit: &Limit,
    on_progress: &dyn Fn(&Progress),
    body: impl FnOnce(ProgressSender) -> Result<T, Error> + Send + 'static,
) -> Result<T, CallError> {
    hung_calls.check(id)?;
    if let Some(error) = limit.reached() {
        return Err(error.into());
    }
    let what = format!("the call of `{id}`");
    let (sender, receiver) = mpsc::channel();
    let (progress_sender, limit_sender) = (sender.clone(), sender.clone());
    // The receiver may be gone; ignore the error.
    let progress_sender: ProgressSender =
        Box::new(move |progress| drop(progress_sender.send(CallMessage::Progress(progress))));
    let thread = thread::Builder::new()
        .name(format!("gadget {id}"))
        .spawn(move || {
            let answer = guarded(&what, || body(progress_sender));
            let _ = sender.send(CallMessage::Answer(answer));
        })
        .map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                format!("failed to start a thread for a call of `{id}`: {error}"),
            )
        })?;
    let mut ended_at: Option<Instant> = None;
    let _watch = watch(runtime, limit, limit_sender);
    loop {
        let message = match ended_at {
            None => receiver.recv().map_err(RecvTimeoutError::from),
            Some(at) => receiver.recv_timeout(GRACE.saturating_sub(at.elapsed())),
        };
        let mut reached = None;
        match message {
            Ok(CallMessage::Answer(answer)) => return Ok(answer?),
            Ok(CallMessage::Progress(progress)) => on_progress(&progress),
            Ok(CallMessage::LimitReached(reason)) => reached = Some(reason),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::new(
                    ErrorKind::Internal,
                    format!("the thread of a call of `{id}` ended without an answer"),
                )
                .into());
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let Some(reason) = reached.or_else(|| limit.reached()) else {
            continue;
        };
        let at = *ended_at.get_or_insert_with(Instant::now);
        if at.elapsed() >= GRACE {
            hung_calls.abandon(id, thread);
            return Err(reason.into());
        }
    }
}

/// Sends a message as soon as the limit is reached, unless this value is dropped before.
struct Watch(AbortHandle);

fn watch<T: Send + 'static>(
    runtime: &Handle,
    limit: &Limit,
    sender: mpsc::Sender<CallMessage<T>>,
) -> Watch {
    let limit = limit.clone();
    let task = runtime.spawn(async move {
        let reason = limit.ended().await;
        // The receiver may be gone; ignore the error.
        let _ = sender.send(CallMessage::LimitReached(reason));
    });
    Watch(task.abort_handle())
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}
