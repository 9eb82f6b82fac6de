//! Guarded HTTP: to the origin of the datasource and nowhere else, with its credentials, within budgets.

use std::{
    sync::{Arc, OnceLock, mpsc},
    thread,
    time::{Duration, Instant, SystemTime},
};

use gadget_api::{Chunks, Error, ErrorKind, Method, Request, Response, ResponseHead};
use reqwest::{
    blocking::{Client, ClientBuilder, RequestBuilder},
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap},
    redirect,
};
use secrecy::ExposeSecret;
use serde::de::IgnoredAny;

use super::{
    body::{self, Incoming, Message},
    resolver::Resolver,
    retry,
    turnstile::Place,
};
use crate::{Datasource, call::Limit, datasource::Credentials, reach::Reach};

const CONNECT: Duration = Duration::from_secs(5);
const FETCH: Duration = Duration::from_secs(30);
const STREAM: Duration = Duration::from_secs(60 * 60);
const MAX_FETCH_BYTES: u64 = 8 * 1024 * 1024;
const MAX_STREAM_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// The headers that a gadget may see.
const SHOWN: [&str; 4] = ["content-type", "content-length", "date", "retry-after"];
/// How many pieces wait for who reads them.
const PIECES_AHEAD: usize = 4;

/// The clients of a host, one for each reach: they keep connections.
#[derive(Default)]
pub(crate) struct Web {
    clients: [OnceLock<Client>; 3],
}

/// A body on its way; the place at the turnstile is held until its end.
struct Pieces {
    incoming: Incoming,
    _place: Place,
    is_framed: bool,
    is_over: bool,
}

impl Web {
    /// Sends a request and returns the whole answer.
    pub(crate) fn fetch(
        &self,
        datasource: &Datasource,
        request: &Request,
        limit: &Limit,
    ) -> Result<Response, Error> {
        let budget = Budget::of(request, FETCH, MAX_FETCH_BYTES);
        let (head, mut pieces) = self.send(datasource, request, limit, budget)?;
        let mut body = Vec::new();
        while let Some(piece) = pieces.next_chunk()? {
            body.extend(piece);
        }
        // Without a length or chunks nothing but the content tells a whole answer from a cut one.
        if !pieces.is_framed
            && head.is_success()
            && serde_json::from_slice::<IgnoredAny>(&body).is_err()
        {
            let text = format!("{} sent an answer that may be cut", pieces.incoming.origin);
            return Err(Error::new(ErrorKind::Datasource, text).with_remedy("Try again later."));
        }
        Ok(Response { head, body })
    }

    /// Sends a request and returns the answer as it comes.
    pub(crate) fn open(
        &self,
        datasource: &Datasource,
        request: &Request,
        limit: &Limit,
    ) -> Result<(ResponseHead, Box<dyn Chunks>), Error> {
        let budget = Budget::of(request, STREAM, MAX_STREAM_BYTES);
        let (head, pieces) = self.send(datasource, request, limit, budget)?;
        Ok((head, Box::new(pieces)))
    }

    /// Sends until an answer comes that is worth reading.
    fn send(
        &self,
        datasource: &Datasource,
        request: &Request,
        limit: &Limit,
        budget: Budget,
    ) -> Result<(ResponseHead, Pieces), Error> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let answer = self.attempt(datasource, request, limit, budget);
            let is_last = attempt >= retry::MAX_ATTEMPTS || !request.is_repeatable();
            let head = match &answer {
                Ok((head, _)) if retry::helps(head.status) && !is_last => Some(head),
                Err(error) if error.kind() == ErrorKind::Network && !is_last => None,
                _ => return answer,
            };
            let wait = retry::wait_before(attempt, head, SystemTime::now());
            drop(answer);
            pause(wait, limit, &datasource.base().origin())?;
        }
    }

    fn attempt(
        &self,
        datasource: &Datasource,
        request: &Request,
        limit: &Limit,
        budget: Budget,
    ) -> Result<(ResponseHead, Pieces), Error> {
        let place = datasource.turnstile.enter(limit)?;
        let origin = datasource.base().origin();
        // The thread of a request that was left behind ends with the call at the latest.
        let time = budget.time.min(limit.remaining().saturating_add(CONNECT));
        let builder = self.builder(datasource, request)?.timeout(time);
        let (sender, messages) = mpsc::sync_channel(PIECES_AHEAD);
        let thread_origin = origin.clone();
        // Who called can leave at once; the thread ends with its connection soon after.
        thread::Builder::new()
            .name("request".to_owned())
            .spawn(move || run(builder, &thread_origin, &sender))
            .map_err(|error| {
                Error::new(
                    ErrorKind::Internal,
                    format!("failed to start a thread for a request: {error}"),
                )
            })?;
        let until = Instant::now().checked_add(budget.time);
        let mut incoming = Incoming {
            messages,
            limit: limit.clone(),
            left_bytes: budget.bytes,
            until,
            origin,
        };
        match incoming.next()? {
            Message::Head(head, is_framed) => Ok((
                head,
                Pieces {
                    incoming,
                    _place: place,
                    is_framed,
                    is_over: false,
                },
            )),
            _ => Err(Error::new(
                ErrorKind::Internal,
                "a body came before its head",
            )),
        }
    }

    fn builder(&self, datasource: &Datasource, request: &Request) -> Result<RequestBuilder, Error> {
        let url = datasource.base().address_of(request)?;
        let client = self.client(datasource.base().reach())?;
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
        // Both mark the header as sensitive.
        Ok(match &datasource.credentials {
            Credentials::None => builder,
            Credentials::Basic { user, password } => {
                builder.basic_auth(user, Some(password.expose_secret()))
            }
            Credentials::Bearer { token } => builder.bearer_auth(token.expose_secret()),
        })
    }

    fn client(&self, reach: Reach) -> Result<&Client, Error> {
        let slot = &self.clients[reach as usize];
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        // Somebody else may have installed a provider; then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("gadget-host/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .https_only(reach != Reach::Loopback)
            .connect_timeout(CONNECT)
            .dns_resolver(Arc::new(Resolver(reach)));
        let client = ClientBuilder::from(builder).build().map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                format!("failed to set up requests: {}", error.without_url()),
            )
        })?;
        Ok(slot.get_or_init(|| client))
    }
}

/// What one request may take.
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

/// The thread of a request.
fn run(builder: RequestBuilder, origin: &str, sender: &mpsc::SyncSender<Message>) {
    let tell = |message| {
        // Who has left wants no answer.
        let _ = sender.send(message);
    };
    let response = match builder.send() {
        Ok(response) => response,
        Err(error) => return tell(Message::Failed(unreachable(origin, &error))),
    };
    let status = response.status();
    if status.is_redirection() {
        let text = format!(
            "{origin} answers with a redirect ({}), which is never followed",
            status.as_u16()
        );
        return tell(Message::Failed(
            Error::new(ErrorKind::Datasource, text)
                .with_remedy("Check the base address of the datasource."),
        ));
    }
    let encoding = response
        .headers()
        .get("content-encoding")
        .map(|value| value.as_bytes().to_ascii_lowercase());
    let is_gzip = match encoding.as_deref() {
        None | Some(b"" | b"identity") => false,
        Some(b"gzip" | b"x-gzip") => true,
        Some(_) => {
            let text = format!("{origin} sent an encoding that nobody asked for");
            return tell(Message::Failed(Error::new(ErrorKind::Datasource, text)));
        }
    };
    let head = ResponseHead::new(status.as_u16(), shown(response.headers()));
    let has = |name: &str| response.headers().contains_key(name);
    let is_framed = has("content-length") || has("transfer-encoding");
    if sender.send(Message::Head(head, is_framed)).is_ok() {
        body::read(response, is_gzip, origin, sender);
    }
}

fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let values = SHOWN.iter().filter_map(|name| {
        let value = headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    values.collect()
}

/// Says why no answer came, without the address: its query is the gadget's business.
fn unreachable(origin: &str, error: &reqwest::Error) -> Error {
    let why = if error.is_timeout() {
        "did not answer in time"
    } else if error.is_connect() {
        "cannot be reached"
    } else {
        "broke the connection off"
    };
    tracing::debug!(
        origin,
        timeout = error.is_timeout(),
        connect = error.is_connect(),
        "a request failed"
    );
    Error::new(ErrorKind::Network, format!("{origin} {why}"))
        .with_remedy("Check the network and the base address of the datasource, then try again.")
}

/// Waits before the next attempt, or ends at once if the call will not live that long.
fn pause(wait: Duration, limit: &Limit, origin: &str) -> Result<(), Error> {
    if wait >= limit.remaining() && !limit.is_cancelled() {
        let text = format!(
            "{origin} asks to wait {} s, which is longer than the call may take",
            wait.as_secs()
        );
        return Err(Error::new(ErrorKind::TimedOut, text)
            .with_remedy("Try again later, or allow more time."));
    }
    let until = Instant::now() + wait;
    loop {
        if let Some(error) = limit.reached() {
            return Err(error);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(Duration::from_millis(20)));
    }
}

impl Chunks for Pieces {
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if self.is_over {
            return Ok(None);
        }
        match self.incoming.next()? {
            Message::Piece(piece) => Ok(Some(piece)),
            _ => {
                self.is_over = true;
                Ok(None)
            }
        }
    }
}
