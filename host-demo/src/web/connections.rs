//! The connections of clients: how many there are at once, and how long they may hold one.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
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
use rustix::io::Errno;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};
use tower::ServiceExt;

use super::{admission::Load, client::TrustedProxies, problem::Problem};
use crate::app::site;

/// The most bytes that the head of a request has.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// How long to wait after a connection could not be taken, as when no file handle is left.
const PAUSE: Duration = Duration::from_millis(20);
/// How often the log says that no connection can be taken.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);
/// The least number of connections, however few files may be open.
const LEAST_CONNECTIONS: usize = 16;

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
    /// How many of them come from one address, unless that is a trusted proxy.
    pub(super) connections_of_address: usize,
    /// How much is done at once.
    pub(super) load: Load,
}

impl Limits {
    /// Returns the limits of a process that may open so many files: some stay free for the database, for datasources
    /// and for what gadgets keep, but never more than half.
    pub(super) fn with_files(files: u64) -> Self {
        let files = usize::try_from(files).unwrap_or(usize::MAX);
        let most = files.saturating_sub(OTHER_FILES).max(files / 2);
        let limits = Self::default();
        Self {
            connections: limits.connections.min(most).max(LEAST_CONNECTIONS),
            ..limits
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            connections: 4096,
            connections_of_address: 128,
            load: Load::default(),
        }
    }
}

/// A connection that is open.
struct Open {
    task: AbortHandle,
    /// Where it comes from.
    site: IpAddr,
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
    proxies: TrustedProxies,
    ended: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    let mut open: BTreeMap<u64, Open> = BTreeMap::new();
    let mut next = 0;
    let requests = Arc::new(AtomicU64::new(IDLE + 1));
    let mut complaint = Complaint::default();
    tokio::pin!(ended);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => (stream, peer.ip()),
                Err(error) if is_of_one(&error) => continue,
                Err(error) => {
                    complaint.make(&error, open.len());
                    if is_out_of_files(&error) {
                        make_room(&mut open, None);
                    }
                    // A file handle is free again as soon as the connection has ended.
                    if !matches!(timeout(PAUSE, tasks.join_next()).await, Ok(Some(_))) {
                        sleep(PAUSE).await;
                    }
                    open.retain(|_, each| !each.task.is_finished());
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
        let site = site(peer);
        let is_bounded = !proxies.contain(peer);
        let of_site = open.values().filter(|each| each.site == site).count();
        if is_bounded && of_site >= limits.connections_of_address {
            make_room(&mut open, Some(site));
        } else if open.len() >= limits.connections {
            make_room(&mut open, None);
        }
        let request = Arc::new(AtomicU64::new(IDLE));
        let answering = Answering {
            peer,
            proxies: proxies.clone(),
            request: Arc::clone(&request),
            requests: Arc::clone(&requests),
        };
        let watcher = graceful.watcher();
        let one = answer(stream, app.clone(), limits, answering, watcher);
        let task = tasks.spawn(one);
        open.insert(
            next,
            Open {
                task,
                site,
                request,
            },
        );
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

/// Tells whether no file handle is left.
fn is_out_of_files(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE)
    )
}

/// Says in the log why no connection is accepted, but not with every attempt.
#[derive(Default)]
struct Complaint {
    made_at: Option<Instant>,
}

impl Complaint {
    fn make(&mut self, error: &io::Error, open: usize) {
        let is_new = self.made_at.is_none_or(|at| at.elapsed() >= COMPLAIN_EVERY);
        if !is_new {
            return;
        }
        self.made_at = Some(Instant::now());
        if is_out_of_files(error) {
            tracing::error!(
                %error,
                open,
                "no connection can be accepted; the longest idle ones are closed. Raise the limit of open files (`ulimit -n`)"
            );
        } else {
            tracing::error!(%error, open, "no connection can be accepted");
        }
    }
}

/// Closes a connection of `site`, or of the site that has the most: the oldest that waits for a request, else
/// the one whose answer has lasted longest.
///
/// The latter is a stream, which its page begins anew, or a client whose body does not come; so nobody
/// who holds connections keeps others out.
fn make_room(open: &mut BTreeMap<u64, Open>, site: Option<IpAddr>) {
    let site = site.or_else(|| {
        let mut counts: HashMap<IpAddr, usize> = HashMap::new();
        for each in open.values() {
            *counts.entry(each.site).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.map(|(site, _)| site)
    });
    let longest = open
        .iter()
        .filter(|(_, each)| Some(each.site) == site)
        .min_by_key(|(_, each)| each.request.load(Ordering::Acquire));
    let longest = longest.map(|(number, _)| *number);
    if let Some(longest) = longest.and_then(|number| open.remove(&number)) {
        longest.task.abort();
    }
}

/// What a connection is at.
#[derive(Clone)]
struct Answering {
    /// The address of the other end.
    peer: IpAddr,
    proxies: TrustedProxies,
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
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let app = app.clone();
        let answering = answering.clone();
        answering.begin();
        let client = answering.proxies.client(answering.peer, request.headers());
        request.extensions_mut().insert(client);
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
