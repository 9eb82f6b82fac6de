//! The connections of clients: how many there are at once, and how long they may hold one.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};
use tower::ServiceExt;

use super::{admission::Load, problem::Problem};

/// The most bytes that the head of a request has.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// How long to wait after a connection could not be taken, as when no file handle is left.
const PAUSE: Duration = Duration::from_millis(100);

/// How many files the database, the datasources and the libraries need.
const OTHER_FILES: usize = 256;

/// What a client may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long the head of a request may take, and how long a connection may wait for one.
    pub(super) head: Duration,
    /// How long the body of a request may take.
    pub(super) body: Duration,
    /// How many connections there are at once; each open page has one that stays.
    pub(super) connections: usize,
    /// How much is done at once.
    pub(super) load: Load,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            connections: 4096,
            load: Load::default(),
        }
    }
}

impl Limits {
    /// Leaves files for everything else where a process may open only so many.
    pub(super) fn within(self, open_files: usize) -> Self {
        let most = open_files.saturating_sub(OTHER_FILES).max(open_files / 2);
        Self {
            connections: self.connections.min(most),
            ..self
        }
    }
}

/// A connection that is open.
struct Open {
    task: AbortHandle,
    request: Arc<AtomicU64>,
}

/// The number of the request of a connection that waits for one.
const IDLE: u64 = 0;

/// Serves until the host is told to end, and then what is under way.
///
/// # Errors
///
/// Returns an error when connections cannot be taken any more.
pub(super) async fn serve(
    listener: TcpListener,
    app: Router,
    limits: Limits,
    ended: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    let mut open: BTreeMap<u64, Open> = BTreeMap::new();
    let mut next = 0;
    let requests = Arc::new(AtomicU64::new(IDLE + 1));
    tokio::pin!(ended);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) if is_of_one(&error) => continue,
                Err(error) => {
                    tracing::warn!(%error, "no connection could be taken");
                    sleep(PAUSE).await;
                    continue;
                }
            },
            Some(done) = tasks.join_next_with_id() => {
                let id = done.map_or_else(|error| error.id(), |(id, ())| id);
                open.retain(|_, each| each.task.id() != id);
                continue;
            }
            () = &mut ended => break,
        };
        if open.len() >= limits.connections {
            make_room(&mut open);
        }
        let request = Arc::new(AtomicU64::new(IDLE));
        let answering = Answering {
            request: Arc::clone(&request),
            requests: Arc::clone(&requests),
        };
        let watcher = graceful.watcher();
        let one = answer(stream, app.clone(), limits, answering, watcher);
        let task = tasks.spawn(one);
        open.insert(next, Open { task, request });
        next += 1;
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

/// Tells whether only the client that was about to connect is gone.
fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Closes the oldest connection that waits for a request, else the one whose answer has lasted longest.
///
/// The latter is a stream, which its page begins anew, or a client whose body does not come; so nobody
/// who holds connections keeps others out.
fn make_room(open: &mut BTreeMap<u64, Open>) {
    let longest = open
        .iter()
        .min_by_key(|(_, each)| each.request.load(Ordering::Acquire));
    let longest = longest.map(|(number, _)| *number);
    if let Some(longest) = longest.and_then(|number| open.remove(&number)) {
        longest.task.abort();
    }
}

/// What a connection is at.
#[derive(Clone)]
struct Answering {
    /// The number of the request that is being answered, or [`IDLE`].
    request: Arc<AtomicU64>,
    /// The number of the next request of all connections.
    requests: Arc<AtomicU64>,
}

impl Answering {
    fn begin(&self) {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        self.request.store(number, Ordering::Release);
    }
}

/// Answers the requests of one connection.
async fn answer(
    stream: TcpStream,
    app: Router,
    limits: Limits,
    answering: Answering,
    watcher: Watcher,
) {
    // Without it small answers wait for more; where it cannot be set they do.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let app = app.clone();
        let answering = answering.clone();
        answering.begin();
        async move {
            let answer = app.oneshot(request.map(axum::body::Body::new)).await?;
            let (head, body) = answer.into_parts();
            let body = Answer { body, answering };
            Ok::<_, std::convert::Infallible>(hyper::Response::from_parts(head, body))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(2 * MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended");
    }
}

/// The body of an answer; when it is gone the connection is idle again.
struct Answer {
    body: axum::body::Body,
    answering: Answering,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.answering.request.store(IDLE, Ordering::Release);
    }
}

impl hyper::body::Body for Answer {
    type Data = axum::body::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        std::pin::Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// What the body of a request may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bodies {
    /// How long it may take to come.
    pub(super) patience: Duration,
    /// How large it may be.
    pub(super) most_bytes: u64,
}

/// Reads the whole body before the handler runs, as long as it comes in time and is not too large.
pub(super) async fn read_body(
    State(bodies): State<Bodies>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let has_body = headers.contains_key(header::CONTENT_LENGTH)
        || headers.contains_key(header::TRANSFER_ENCODING);
    if !has_body {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    let most = usize::try_from(bodies.most_bytes).unwrap_or(usize::MAX);
    match timeout(bodies.patience, axum::body::to_bytes(body, most)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(head, bytes.into())).await,
        Ok(Err(_)) => {
            let message = "the request body is too large or incomplete";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message).into_response()
        }
        Err(_) => {
            let message = "the request body did not arrive in time";
            let problem = Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message);
            // What still comes of it would be taken for the next request.
            ([(header::CONNECTION, "close")], problem).into_response()
        }
    }
}
