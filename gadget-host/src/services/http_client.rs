//! Guarded HTTP: only to the origin of the datasource, with its credentials, within limits of time and size.
//!
//! All requests of a host run on one thread of its own. A call that ends stops waiting for its request,
//! whose connection is closed at once.

use std::{
    future::ready,
    mem,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use gadget_api::{Chunks, Error, ErrorKind, Method, Request, Response, ResponseHead};
use reqwest::{
    Client, RequestBuilder,
    header::{
        ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap,
        TRANSFER_ENCODING,
    },
    redirect, tls,
};
use secrecy::ExposeSecret;
use tokio::{
    runtime::{self, Handle, Runtime},
    sync::mpsc::{self, Sender},
    time,
};

use super::{
    body::{Body, CHUNK_BYTES, Framing, Head, Incoming, Message},
    failure::Failure,
    resolver::Resolver,
    retry,
};
use crate::{Datasource, call::Limit, datasource::Credentials, network_scope::NetworkScope};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a server may send nothing.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
const FETCH_TIMEOUT: Duration = Duration::from_secs(30);
const STREAM_TIMEOUT: Duration = Duration::from_secs(60 * 60);
const MAX_FETCH_BYTES: u64 = 8 * 1024 * 1024;
const MAX_STREAM_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// The headers that a gadget may see.
const EXPOSED_HEADERS: [&str; 4] = ["content-type", "content-length", "date", "retry-after"];
/// From this length on, a piece of a body is the start of a long one.
const LONG_PIECE_BYTES: usize = 4 * 1024;
/// How many chunks are buffered for the reader.
const QUEUED_CHUNKS: usize = 4;

/// Sends the requests of a host: one client per network scope, each with a connection pool.
#[derive(Default)]
pub(crate) struct HttpClient {
    runtime: OnceLock<Runtime>,
    clients: [OnceLock<Client>; 3],
}

impl HttpClient {
    /// Sends a request and returns the whole response.
    pub(crate) fn fetch(
        &self,
        datasource: &Datasource,
        request: &Request,
        limit: &Limit,
    ) -> Result<Response, Error> {
        let budget = Budget::of(request, FETCH_TIMEOUT, MAX_FETCH_BYTES);
        let (head, body) = with_retries(self.runtime()?, datasource, request, limit, || {
            let (head, mut chunks) = self.attempt(datasource, request, limit, budget)?;
            let mut body = Vec::new();
            while let Some(chunk) = chunks.next()? {
                body.extend(chunk);
            }
            Ok((head, body))
        })?;
        Ok(Response { head, body })
    }

    /// Sends a request and returns the response as a stream.
    pub(crate) fn open(
        &self,
        datasource: &Datasource,
        request: &Request,
        limit: &Limit,
    ) -> Result<(ResponseHead, Box<dyn Chunks>), Error> {
        let budget = Budget::of(request, STREAM_TIMEOUT, MAX_STREAM_BYTES);
        let (head, body) = with_retries(self.runtime()?, datasource, request, limit, || {
            self.attempt(datasource, request, limit, budget)
        })?;
        Ok((head, Box::new(body)))
    }

    fn attempt(
        &self,
        datasource: &Datasource,
        request: &Request,
        limit: &Limit,
        budget: Budget,
    ) -> Result<(ResponseHead, Body), Failure> {
        let runtime = self.runtime().map_err(Failure::permanent)?.clone();
        let place = datasource
            .request_limiter
            .acquire(&runtime, limit)
            .map_err(Failure::permanent)?;
        let builder = self
            .builder(datasource, request)
            .map_err(Failure::permanent)?;
        let origin = datasource.base().origin();
        let (sender, messages) = mpsc::channel(QUEUED_CHUNKS);
        let task = runtime.spawn(run(builder, origin.clone(), budget.time, sender));
        let mut incoming = Incoming {
            task: task.abort_handle(),
            runtime,
            messages,
            limit: limit.clone(),
            _permit: place,
        };
        match incoming.next()? {
            Message::Head(head) => {
                let body = Body::new(incoming, &head, origin, budget.bytes);
                Ok((head.head, body))
            }
            _ => Err(Failure::permanent(Error::new(
                ErrorKind::Internal,
                "a body came before its head",
            ))),
        }
    }

    fn builder(&self, datasource: &Datasource, request: &Request) -> Result<RequestBuilder, Error> {
        let url = datasource.base().address_of(request)?;
        let client = self.client(datasource.base().scope())?;
        let builder = match request.method() {
            Method::Get => client.get(url),
            Method::Post => {
                let body = request.body().unwrap_or_default().to_vec();
                client
                    .post(url)
                    .header(CONTENT_TYPE, "application/json")
                    .body(body)
            }
        };
        let builder = builder
            .header(ACCEPT, "application/json")
            .header(ACCEPT_ENCODING, "gzip");
        // Both methods mark the header as sensitive.
        Ok(match &datasource.credentials {
            Credentials::None => builder,
            Credentials::Basic { user, password } => {
                builder.basic_auth(user, Some(password.expose_secret()))
            }
            Credentials::Bearer { token } => builder.bearer_auth(token.expose_secret()),
        })
    }

    fn client(&self, scope: NetworkScope) -> Result<&Client, Error> {
        let slot = &self.clients[scope as usize];
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        // A provider may be installed already; that one is fine too.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder()
            .user_agent(concat!("gadget-host/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            // Bodies are decompressed here, where their size is limited.
            .no_gzip()
            .http1_only()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .dns_resolver(Arc::new(Resolver(scope)));
        let builder = match scope {
            // Without TLS, the machine needs no certificates.
            NetworkScope::Loopback => builder.tls_certs_only([]),
            NetworkScope::Named | NetworkScope::Public => builder
                .https_only(true)
                .tls_version_min(tls::Version::TLS_1_2),
        };
        let client = builder.build().map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                format!("failed to set up requests: {}", error.without_url()),
            )
            .with_remedy("Check that this machine has certificates of authorities that it trusts.")
        })?;
        Ok(slot.get_or_init(|| client))
    }

    /// Returns the runtime of the requests, which is started when it is first needed.
    pub(crate) fn runtime(&self) -> Result<&Handle, Error> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime.handle());
        }
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("requests")
            .enable_all()
            .build()
            .map_err(|error| {
                Error::new(
                    ErrorKind::Internal,
                    format!("failed to start the thread of requests: {error}"),
                )
            })?;
        Ok(self.runtime.get_or_init(|| runtime).handle())
    }
}

impl Drop for HttpClient {
    fn drop(&mut self) {
        // The last owner may be a task of another runtime, where blocking is not allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The limits of one request.
#[derive(Clone, Copy)]
struct Budget {
    time: Duration,
    bytes: u64,
}

impl Budget {
    fn of(request: &Request, time: Duration, bytes: u64) -> Self {
        Self {
            time: request.timeout().map_or(time, |asked| asked.min(time)),
            bytes: request.max_bytes().map_or(bytes, |asked| asked.min(bytes)),
        }
    }
}

/// Retries a request until it succeeds or a retry would not help.
fn with_retries<T>(
    runtime: &Handle,
    datasource: &Datasource,
    request: &Request,
    limit: &Limit,
    mut attempt: impl FnMut() -> Result<(ResponseHead, T), Failure>,
) -> Result<(ResponseHead, T), Error> {
    for number in 1.. {
        let answer = attempt();
        let is_last = number >= retry::MAX_ATTEMPTS || !request.is_repeatable();
        let head = match &answer {
            Ok((head, _)) if retry::is_retryable(head.status) && !is_last => Some(head),
            Err(failure) if failure.is_transient && !is_last => None,
            _ => return Ok(answer?),
        };
        let wait = retry::wait_before(number, head, SystemTime::now());
        // Release the connection and the permit before waiting.
        drop(answer);
        pause(runtime, wait, limit, &datasource.base().origin())?;
    }
    Err(Error::new(ErrorKind::Internal, "a request made no attempt"))
}

/// The task of a request: sends the head, the chunks and the end, within `most`.
async fn run(builder: RequestBuilder, origin: String, most: Duration, sender: Sender<Message>) {
    let answered = time::timeout(most, answer(builder, &origin, &sender)).await;
    let last = match answered {
        Ok(Ok(())) => Message::End,
        Ok(Err(failure)) => Message::Failed(failure),
        Err(_) => Message::Failed(Failure::too_slow(&origin)),
    };
    // The receiver may be gone; ignore the error.
    let _ = sender.send(last).await;
}

async fn answer(
    builder: RequestBuilder,
    origin: &str,
    sender: &Sender<Message>,
) -> Result<(), Failure> {
    let sent = builder.send().await;
    let mut response = sent.map_err(|error| Failure::of_request(origin, &error))?;
    let head = head_of(response.status().as_u16(), response.headers(), origin)?;
    if sender.send(Message::Head(head)).await.is_err() {
        return Ok(());
    }
    let mut arrived = Vec::new();
    loop {
        // What has arrived is passed on at once, but all of it together: each message wakes up the caller.
        let chunk = tokio::select! {
            biased;
            chunk = response.chunk() => chunk,
            () = ready(()), if !arrived.is_empty() => {
                if sender.send(Message::Chunk(mem::take(&mut arrived))).await.is_err() {
                    return Ok(());
                }
                continue;
            }
        };
        let Some(chunk) = chunk.map_err(|error| Failure::of_body(origin, &error))? else {
            if !arrived.is_empty() {
                // The receiver may be gone; ignore the error.
                let _ = sender.send(Message::Chunk(arrived)).await;
            }
            return Ok(());
        };
        if arrived.is_empty() && chunk.len() >= LONG_PIECE_BYTES {
            arrived.reserve(CHUNK_BYTES);
        }
        arrived.extend_from_slice(&chunk);
        if arrived.len() >= CHUNK_BYTES
            && sender
                .send(Message::Chunk(mem::take(&mut arrived)))
                .await
                .is_err()
        {
            return Ok(());
        }
    }
}

fn head_of(status: u16, headers: &HeaderMap, origin: &str) -> Result<Head, Failure> {
    if (300..400).contains(&status) {
        let text = format!("{origin} answers with a redirect ({status}), which is never followed");
        return Err(Failure::permanent(
            Error::new(ErrorKind::Datasource, text)
                .with_remedy("Check the base address of the datasource."),
        ));
    }
    let encoding = headers
        .get(CONTENT_ENCODING)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    let is_gzip = match encoding.as_deref() {
        None | Some(b"" | b"identity") => false,
        Some(b"gzip" | b"x-gzip") => true,
        Some(_) => {
            let text = format!("{origin} sent an encoding that was not requested");
            return Err(Failure::permanent(Error::new(ErrorKind::Datasource, text)));
        }
    };
    let is_delimited =
        headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
    Ok(Head {
        head: ResponseHead::new(status, shown(headers, is_gzip)),
        framing: if is_delimited {
            Framing::CallMessage
        } else {
            Framing::CloseDelimited
        },
        is_gzip,
    })
}

/// Returns the headers that a gadget may see; the length of a decompressed body is left out.
fn shown(headers: &HeaderMap, is_gzip: bool) -> Vec<(String, String)> {
    let values = EXPOSED_HEADERS.iter().filter_map(|name| {
        let is_true = !(is_gzip && *name == "content-length");
        let value = headers.get(*name).filter(|_| is_true)?.to_str().ok()?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    values.collect()
}

/// Waits before the next attempt; fails at once if the call does not have that long.
fn pause(runtime: &Handle, wait: Duration, limit: &Limit, origin: &str) -> Result<(), Error> {
    if wait >= limit.remaining() && !limit.is_cancelled() {
        let text = format!(
            "{origin} can be asked again in {} s, which is longer than this call may take",
            wait.as_secs()
        );
        return Err(Error::new(ErrorKind::TimedOut, text)
            .with_remedy("Try again later, or allow more time."));
    }
    runtime.block_on(async {
        tokio::select! {
            biased;
            error = limit.ended() => Err(error),
            () = time::sleep(wait) => Ok(()),
        }
    })
}

#[cfg(test)]
mod tests;
