//! The services that a host provides to a gadget during one call.

use std::{io, thread, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{DatasourceRef, Error, ErrorKind};

/// How often a waiting gadget checks for cancellation: the border has no call that waits for it.
const CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// The services that a host provides to a gadget during one call; a gadget uses nothing else.
///
/// A gadget opens no socket and no file, and holds no credentials. All methods can be called from
/// several threads at once. Methods that wait end early, with [`ErrorKind::Cancelled`] or
/// [`ErrorKind::TimedOut`], when the call is cancelled or out of time.
pub trait Services: Sync {
    /// Returns the datasource of the call, without its secrets.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Settings`] when the call has no datasource.
    fn datasource(&self) -> Result<DatasourceRef, Error>;

    /// Sends a request to the datasource and returns the whole response, whatever its status.
    ///
    /// The host adds the credentials, stays within the datasource's origin, follows no redirects, and
    /// retries when the response suggests it.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Network`] when there is no response.
    /// - [`ErrorKind::Datasource`] when the response is truncated, is a redirect or cannot be decoded.
    /// - [`ErrorKind::TooLarge`] when the response is larger than the request allows.
    /// - [`ErrorKind::Cancelled`], [`ErrorKind::TimedOut`].
    /// - [`ErrorKind::Unsupported`] while rendering: rendering must not send requests.
    fn fetch(&self, request: &Request) -> Result<Response, Error>;

    /// Sends a request and returns the response as a stream, for bodies too large for memory.
    ///
    /// # Errors
    ///
    /// The same as [`Services::fetch`].
    fn open(&self, request: &Request) -> Result<Stream<'_>, Error>;

    /// Returns a stored blob, or `None` if there is none with this name.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Internal`] when the store fails.
    fn blob_get(&self, name: &str) -> Result<Option<Blob>, Error>;

    /// Stores a blob if its revision is still `expected` (0: it does not exist), and returns the new revision.
    ///
    /// Names hold `a-z`, `0-9`, `.`, `_`, `-` and `/`, at most 200 characters. Blobs are private to
    /// the datasource of the call, as it is configured now, and outlive the process.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Conflict`] when it was changed in the meantime.
    /// - [`ErrorKind::Internal`] when the store fails.
    fn blob_put(&self, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error>;

    /// Lists the blobs whose names start with `prefix`, by name.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Internal`] when the store fails.
    fn blob_list(&self, prefix: &str) -> Result<Vec<BlobInfo>, Error>;

    /// Removes a blob; does nothing if there is none.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Internal`] when the store fails.
    fn blob_remove(&self, name: &str) -> Result<(), Error>;

    /// Takes the lease `key` for at most `ttl`, or returns `None` while somebody else holds it.
    ///
    /// It also ends with the call, and a few seconds after a host that dies. [`Lease::acquire`] releases it automatically.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Internal`] when the store fails.
    fn lease(&self, key: &str, ttl: Duration) -> Result<Option<LeaseId>, Error>;

    /// Releases a lease early; does nothing if it has ended.
    fn release(&self, lease: LeaseId);

    /// Writes a line to the host's log.
    fn log(&self, level: LogLevel, message: &str);

    /// Reports how far the work is.
    fn progress(&self, progress: &Progress);

    /// Tells whether the caller no longer wants the answer.
    fn is_cancelled(&self) -> bool;

    /// Returns how much time is left for the call.
    fn remaining(&self) -> Duration;

    /// Waits, but ends early when the call is cancelled or out of time.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Cancelled`], [`ErrorKind::TimedOut`].
    fn wait(&self, duration: Duration) -> Result<(), Error> {
        let mut left = duration;
        loop {
            self.check_in()?;
            if left.is_zero() {
                return Ok(());
            }
            let step = left.min(CHECK_INTERVAL);
            thread::sleep(step);
            left -= step;
        }
    }

    /// Returns an error if the call is cancelled or out of time; for loops that do not fetch.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Cancelled`], [`ErrorKind::TimedOut`].
    fn check_in(&self) -> Result<(), Error> {
        if self.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "the call was cancelled"));
        }
        if self.remaining().is_zero() {
            return Err(Error::new(ErrorKind::TimedOut, "the call timed out"));
        }
        Ok(())
    }
}

/// The method of a [`Request`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Asks a question or starts work.
    Post,
}

/// A request to the datasource of the call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Request {
    method: Method,
    path: String,
    #[serde(default)]
    query: Vec<(String, String)>,
    #[serde(default)]
    max_bytes: Option<u64>,
    #[serde(default)]
    is_repeatable: bool,
    /// The body crosses the border as bulk bytes, beside the JSON.
    #[serde(skip)]
    body: Option<Vec<u8>>,
    #[serde(default)]
    timeout_ms: Option<u64>,
}

impl Request {
    /// Creates a request that reads `path`, which starts with `/` and is appended to the datasource's base address.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            query: Vec::new(),
            max_bytes: None,
            is_repeatable: true,
            body: None,
            timeout_ms: None,
        }
    }

    /// Creates a request that sends `body`, which is JSON, to `path`.
    pub fn post(path: impl Into<String>, body: Vec<u8>) -> Self {
        Self {
            method: Method::Post,
            is_repeatable: false,
            body: Some(body),
            ..Self::get(path)
        }
    }

    /// Adds a query parameter; a name may come several times.
    #[must_use]
    pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Limits the decompressed size of the response; the host's own limit also applies.
    #[must_use]
    pub fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = Some(max_bytes);
        self
    }

    /// Marks a POST as safe to send twice, so that the host may retry it.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.is_repeatable = true;
        self
    }

    /// Limits the time of the whole request; the host's own limit also applies.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout_ms = Some(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// Returns the path below the datasource's base address.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the query parameters in order.
    #[must_use]
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// Returns the limit on the size of the response, if there is one.
    #[must_use]
    pub fn max_bytes(&self) -> Option<u64> {
        self.max_bytes
    }

    /// Tells whether the request may be sent again.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        self.is_repeatable
    }

    /// Returns the body, if there is one.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// Returns the limit on the time of the request, if there is one.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout_ms.map(Duration::from_millis)
    }

    pub(crate) fn with_body(mut self, body: Option<Vec<u8>>) -> Self {
        self.body = body;
        self
    }
}

/// Status and headers of a response.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ResponseHead {
    /// The HTTP status.
    pub status: u16,
    /// The headers that a gadget may see (content type, content length, date, retry-after), names in lower case.
    pub headers: Vec<(String, String)>,
}

impl ResponseHead {
    /// Creates the head of a response.
    #[must_use]
    pub fn new(status: u16, headers: Vec<(String, String)>) -> Self {
        Self { status, headers }
    }

    /// Returns the first header of this lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Tells whether the status is between 200 and 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A whole response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Response {
    /// Status and headers.
    pub head: ResponseHead,
    /// The decompressed body.
    pub body: Vec<u8>,
}

/// A response whose body is read in chunks.
pub struct Stream<'a> {
    /// Status and headers.
    pub head: ResponseHead,
    /// The decompressed body.
    pub body: Box<dyn Chunks + 'a>,
}

/// Chunks of a body, each of at most 1 MiB.
pub trait Chunks: Send {
    /// Returns the next chunk, or `None` at the end; a truncated body is an error.
    ///
    /// # Errors
    ///
    /// The same as [`Services::fetch`].
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Error>;
}

/// Reads a [`Chunks`] through [`io::Read`] and keeps its error for the caller.
pub struct ChunkReader<'a> {
    chunks: Box<dyn Chunks + 'a>,
    piece: Vec<u8>,
    taken: usize,
    error: Option<Error>,
}

impl<'a> ChunkReader<'a> {
    /// Creates a reader of the chunks.
    #[must_use]
    pub fn new(chunks: Box<dyn Chunks + 'a>) -> Self {
        Self {
            chunks,
            piece: Vec::new(),
            taken: 0,
            error: None,
        }
    }

    /// Takes the error that ended reading, if there was one.
    pub fn take_error(&mut self) -> Option<Error> {
        self.error.take()
    }
}

impl io::Read for ChunkReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.piece.len() {
            match self.chunks.next_chunk() {
                Ok(Some(piece)) => (self.piece, self.taken) = (piece, 0),
                Ok(None) => return Ok(0),
                Err(error) => {
                    self.error = Some(error.clone());
                    return Err(io::Error::other(error));
                }
            }
        }
        let count = buffer.len().min(self.piece.len() - self.taken);
        buffer[..count].copy_from_slice(&self.piece[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

/// A stored blob.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Blob {
    /// The revision, at least 1.
    pub revision: u64,
    /// What was stored.
    pub bytes: Vec<u8>,
}

/// A blob in a list.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BlobInfo {
    /// The name.
    pub name: String,
    /// The revision, at least 1.
    pub revision: u64,
    /// The size in bytes.
    pub bytes: u64,
    /// When it was stored.
    pub stored_at: DateTime<Utc>,
}

/// Names a lease that is held.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LeaseId(pub u64);

/// A lease, held until this value is dropped or its time is over.
pub struct Lease<'a> {
    services: &'a dyn Services,
    id: LeaseId,
}

impl<'a> Lease<'a> {
    /// Takes the lease `key` for at most `ttl`, or returns `None` while somebody else holds it.
    ///
    /// # Errors
    ///
    /// The same as [`Services::lease`].
    pub fn acquire(
        services: &'a dyn Services,
        key: &str,
        ttl: Duration,
    ) -> Result<Option<Self>, Error> {
        Ok(services.lease(key, ttl)?.map(|id| Self { services, id }))
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        self.services.release(self.id);
    }
}

/// The level of a line in the log.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// For debugging.
    Debug,
    /// Normal operation.
    Info,
    /// Something is wrong, but the work continues.
    Warn,
    /// Something failed.
    Error,
}

/// How far a long task is, for the person who waits for it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Progress {
    /// The fraction that is done, from 0 to 1, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<f64>,
    /// What happens now, in a few words.
    pub text: String,
    /// The steps of the work, all of them each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// One step of a long task, or of the test of a datasource.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Step {
    /// A stable name.
    pub id: String,
    /// What a person reads.
    pub label: String,
    /// How far it is.
    pub state: StepState,
    /// What it found or counted; empty if there is nothing to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Step {
    /// Creates a step that has not started.
    pub fn waiting(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            state: StepState::Waiting,
            detail: String::new(),
        }
    }
}

/// How far a step is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepState {
    /// It has not started.
    Waiting,
    /// It is running.
    Running,
    /// It succeeded.
    Done,
    /// It ended with a warning; the rest works without it.
    Warned,
    /// It failed.
    Failed,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}
