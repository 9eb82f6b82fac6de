//! The connections of clients: how many there are at once, and how long they may hold one.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
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

use super::{guard::MAX_BODY_BYTES, problem::Problem};

/// The most bytes that the head of a request has.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// How long to wait after a connection could not be taken, as when no file handle is left.
const PAUSE: Duration = Duration::from_millis(100);

/// What a client may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long the head of a request may take, and how long a connection may wait for one.
    pub(super) head: Duration,
    /// How long the body of a request may take.
    pub(super) body: Duration,
    /// How many connections there are at once.
    pub(super) connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            connections: 512,
        }
    }
}

/// A connection that is open.
struct Open {
    task: AbortHandle,
    /// Whether the client has asked for something that was not answered yet.
    is_answering: Arc<AtomicBool>,
}

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
        if open.len() >= limits.connections && !make_room(&mut open) {
            // Everybody else is being answered: whoever comes now has to come again.
            continue;
        }
        let is_answering = Arc::new(AtomicBool::new(false));
        let watcher = graceful.watcher();
        let one = answer(
            stream,
            app.clone(),
            limits,
            Arc::clone(&is_answering),
            watcher,
        );
        let task = tasks.spawn(one);
        open.insert(next, Open { task, is_answering });
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

/// Closes the connection that has waited longest for a request, so that idle ones keep nobody out.
fn make_room(open: &mut BTreeMap<u64, Open>) -> bool {
    let idle = open
        .iter()
        .find(|(_, each)| !each.is_answering.load(Ordering::Acquire));
    let Some(number) = idle.map(|(number, _)| *number) else {
        return false;
    };
    if let Some(idle) = open.remove(&number) {
        idle.task.abort();
    }
    true
}

/// Answers the requests of one connection.
async fn answer(
    stream: TcpStream,
    app: Router,
    limits: Limits,
    is_answering: Arc<AtomicBool>,
    watcher: Watcher,
) {
    // Without it small answers wait for more; where it cannot be set they do.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let app = app.clone();
        let is_answering = Arc::clone(&is_answering);
        is_answering.store(true, Ordering::Release);
        async move {
            let answer = app.oneshot(request.map(axum::body::Body::new)).await?;
            let (head, body) = answer.into_parts();
            let body = Answering { body, is_answering };
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
struct Answering {
    body: axum::body::Body,
    is_answering: Arc<AtomicBool>,
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.is_answering.store(false, Ordering::Release);
    }
}

impl hyper::body::Body for Answering {
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

/// Reads the whole body before the handler runs, as long as it comes in time and is not too large.
pub(super) async fn read_body(
    State(patience): State<Duration>,
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
    let most = usize::try_from(MAX_BODY_BYTES).unwrap_or(usize::MAX);
    match timeout(patience, axum::body::to_bytes(body, most)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(head, bytes.into())).await,
        Ok(Err(_)) => {
            let message = "the body of the request is too large, or it was cut";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message).into_response()
        }
        Err(_) => {
            let message = "the body of the request did not come in time";
            let problem = Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message);
            // What still comes of it would be taken for the next request.
            ([(header::CONNECTION, "close")], problem).into_response()
        }
    }
}
