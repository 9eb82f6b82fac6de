//! Running foreign code on a thread of its own, so that the caller can leave it behind.

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

use super::{CallError, Limit};

/// How often a waiting caller looks at cancellation.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);
/// How long a call that was told to end is waited for.
const GRACE: Duration = Duration::from_millis(150);
/// How many calls may be left behind before no more are begun.
const MAX_STRAGGLERS: usize = 4;

/// The calls that were left behind and still run.
#[derive(Debug, Default)]
pub(crate) struct Stragglers {
    by_id: Mutex<BTreeMap<String, Vec<JoinHandle<()>>>>,
}

impl Stragglers {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<JoinHandle<()>>>> {
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        by_id.retain(|_, threads| {
            threads.retain(|thread| !thread.is_finished());
            !threads.is_empty()
        });
        by_id
    }

    /// Returns how many calls were left behind and still run.
    pub(crate) fn count(&self) -> usize {
        self.lock().values().map(Vec::len).sum()
    }

    /// Says whether `id` may be called.
    fn admit(&self, id: &str) -> Result<(), CallError> {
        let by_id = self.lock();
        let count = by_id.values().map(Vec::len).sum();
        if count >= MAX_STRAGGLERS {
            return Err(CallError::RestartNeeded { count });
        }
        if by_id.contains_key(id) {
            return Err(CallError::Hangs { id: id.to_owned() });
        }
        Ok(())
    }

    fn leave(&self, id: &str, thread: JoinHandle<()>) {
        tracing::error!(
            id,
            "a call did not end though it was told to; its thread is left behind"
        );
        self.lock().entry(id.to_owned()).or_default().push(thread);
    }
}

/// What the thread of a call tells who waits for it.
enum Told<T> {
    Progress(Progress),
    Answer(Result<T, Error>),
}

/// Takes the progress of a call to who waits for it.
pub(crate) type Teller = Box<dyn Fn(Progress) + Send + Sync>;

/// Runs `body`, a call of `id`, until it answers or 150 ms after its limit is reached.
///
/// The body owns, or shares by `Arc`, all that it uses: it can outlive this call.
pub(crate) fn run<T: Send + 'static>(
    stragglers: &Arc<Stragglers>,
    id: &str,
    limit: &Limit,
    told: &dyn Fn(&Progress),
    body: impl FnOnce(Teller) -> Result<T, Error> + Send + 'static,
) -> Result<T, CallError> {
    stragglers.admit(id)?;
    if let Some(error) = limit.reached() {
        return Err(error.into());
    }
    let what = format!("the call of `{id}`");
    let (sender, receiver) = mpsc::channel();
    let teller = sender.clone();
    // Whoever waited may have left; then nobody wants to be told.
    let teller: Teller = Box::new(move |progress| drop(teller.send(Told::Progress(progress))));
    let thread = thread::Builder::new()
        .name(format!("gadget {id}"))
        .spawn(move || {
            let answer = guarded(&what, || body(teller));
            let _ = sender.send(Told::Answer(answer));
        })
        .map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                format!("failed to start a thread for a call of `{id}`: {error}"),
            )
        })?;
    let mut told_at: Option<Instant> = None;
    loop {
        match receiver.recv_timeout(LOOK_INTERVAL) {
            Ok(Told::Answer(answer)) => return Ok(answer?),
            Ok(Told::Progress(progress)) => told(&progress),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::new(
                    ErrorKind::Internal,
                    format!("the thread of a call of `{id}` ended without an answer"),
                )
                .into());
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let Some(reason) = limit.reached() else {
            continue;
        };
        let told_at = *told_at.get_or_insert_with(Instant::now);
        if told_at.elapsed() >= GRACE {
            stragglers.leave(id, thread);
            return Err(reason.into());
        }
    }
}
