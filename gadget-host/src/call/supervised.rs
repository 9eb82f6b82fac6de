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
use crate::LibraryHash;

/// How long to wait for a call that was asked to end.
const GRACE: Duration = Duration::from_millis(150);
/// How many calls of one gadget may hang before it is suspended.
const MAX_HUNG_OF_GADGET: usize = 2;
/// How many calls of one library may hang before all its gadgets are suspended.
const MAX_HUNG_OF_LIBRARY: usize = 4;

/// What is called: a gadget or datasource kind of a library.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Callee {
    pub(crate) library: LibraryHash,
    pub(crate) id: String,
}

/// A thread that was abandoned in a call.
#[derive(Debug)]
struct HungThread {
    handle: JoinHandle<()>,
    /// Whether the callee has been resumed since, so that this thread suspends nothing any more.
    is_excused: bool,
}

/// Calls that were abandoned and are still running.
#[derive(Debug, Default)]
pub(crate) struct HungCalls {
    by_callee: Mutex<BTreeMap<Callee, Vec<HungThread>>>,
}

impl HungCalls {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Callee, Vec<HungThread>>> {
        let mut by_callee = self
            .by_callee
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        by_callee.retain(|_, threads| {
            threads.retain(|thread| !thread.handle.is_finished());
            !threads.is_empty()
        });
        by_callee
    }

    /// Returns how many abandoned calls are still running.
    pub(crate) fn count(&self) -> usize {
        self.lock().values().map(Vec::len).sum()
    }

    /// Checks that a gadget or datasource kind may be called.
    pub(crate) fn check(&self, callee: &Callee) -> Result<(), CallError> {
        let by_callee = self.lock();
        let id = callee.id.clone();
        let own = by_callee.get(callee).map_or(0, |threads| counted(threads));
        if own >= MAX_HUNG_OF_GADGET {
            return Err(CallError::Suspended { id, count: own });
        }
        // Calls that started at once can all hang; beyond its share a gadget does not burden its library.
        let of_library = by_callee
            .iter()
            .filter(|(other, _)| other.library == callee.library)
            .map(|(_, threads)| counted(threads).min(MAX_HUNG_OF_GADGET))
            .sum();
        if of_library >= MAX_HUNG_OF_LIBRARY {
            return Err(CallError::LibrarySuspended {
                id,
                count: of_library,
            });
        }
        Ok(())
    }

    /// Lets a callee be called again: excuses its hung calls, and those of its library if that is suspended.
    pub(crate) fn resume(&self, callee: &Callee) {
        let is_of_library = matches!(self.check(callee), Err(CallError::LibrarySuspended { .. }));
        for (other, threads) in self.lock().iter_mut() {
            if other == callee || is_of_library && other.library == callee.library {
                threads
                    .iter_mut()
                    .for_each(|thread| thread.is_excused = true);
            }
        }
    }

    fn abandon(&self, callee: &Callee, handle: JoinHandle<()>) {
        tracing::error!(
            id = callee.id,
            library = %callee.library,
            "a call did not end when asked to; its thread is abandoned"
        );
        self.lock()
            .entry(callee.clone())
            .or_default()
            .push(HungThread {
                handle,
                is_excused: false,
            });
    }
}

fn counted(threads: &[HungThread]) -> usize {
    threads.iter().filter(|thread| !thread.is_excused).count()
}

/// A message from the thread of a call to its caller.
enum CallMessage<T> {
    Progress(Progress),
    Answer(Result<T, Error>),
    LimitReached(Error),
}

/// Sends the progress of a call to its caller.
pub(crate) type ProgressSender = Box<dyn Fn(Progress) + Send + Sync>;

/// Runs `body`, a call of `callee`, until it answers or 150 ms after its limit is reached.
///
/// The body owns everything it uses, or shares it by `Arc`, because it can outlive this call.
pub(crate) fn run<T: Send + 'static>(
    hung_calls: &Arc<HungCalls>,
    runtime: &Handle,
    callee: &Callee,
    limit: &Limit,
    on_progress: &dyn Fn(&Progress),
    body: impl FnOnce(ProgressSender) -> Result<T, Error> + Send + 'static,
) -> Result<T, CallError> {
    hung_calls.check(callee)?;
    let id = &callee.id;
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
            hung_calls.abandon(callee, thread);
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
