//! The body of a response: decompressed, limited in size, and never taken as complete when truncated.

use std::io::Write;

use flate2::write::MultiGzDecoder;
use gadget_api::{Chunks, Error, ErrorKind, ResponseHead};
use tokio::{runtime::Handle, sync::mpsc::Receiver, task::AbortHandle};

use super::{failure::Failure, json_end::JsonEndDetector, request_limiter::Permit};
use crate::call::Limit;

/// The size from which a chunk is passed on, in bytes.
pub(super) const CHUNK_BYTES: usize = 256 * 1024;
/// How much is decompressed at once, in bytes; the result can be a thousand times as large.
const INFLATE_STEP_BYTES: usize = 512;

/// A message from the task of a request to its caller.
pub(crate) enum Message {
    Head(Head),
    Chunk(Vec<u8>),
    End,
    Failed(Failure),
}

/// The head of a response, and what it says about the body.
pub(crate) struct Head {
    pub(crate) head: ResponseHead,
    pub(crate) framing: Framing,
    pub(crate) is_gzip: bool,
}

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Framing {
    /// By a length or by chunks: the transport detects truncation.
    CallMessage,
    /// Only by the end of the connection.
    CloseDelimited,
}

/// The task of a request; dropping this value ends it and closes its connection.
pub(crate) struct Incoming {
    pub(crate) runtime: Handle,
    pub(crate) task: AbortHandle,
    pub(crate) messages: Receiver<Message>,
    pub(crate) limit: Limit,
    pub(crate) _permit: Permit,
}

impl Incoming {
    /// Waits for the next message, but not past the limit of the call.
    pub(crate) fn next(&mut self) -> Result<Message, Failure> {
        let (messages, limit) = (&mut self.messages, &self.limit);
        let received = self.runtime.block_on(async {
            tokio::select! {
                biased;
                message = messages.recv() => Ok(message),
                error = limit.ended() => Err(error),
            }
        });
        match received {
            Ok(Some(Message::Failed(failure))) => Err(failure),
            Ok(Some(message)) => Ok(message),
            Ok(None) => {
                let text = "the task of a request ended without an answer";
                Err(Failure::permanent(Error::new(ErrorKind::Internal, text)))
            }
            Err(error) => Err(Failure::permanent(error)),
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A response body, read chunk by chunk.
pub(crate) struct Body {
    incoming: Incoming,
    origin: String,
    left_bytes: u64,
    raw: Vec<u8>,
    taken: usize,
    inflater: Option<MultiGzDecoder<Vec<u8>>>,
    /// Finds the end in the content when nothing else marks it.
    json_end: Option<JsonEndDetector>,
    is_over: bool,
}

impl Body {
    /// Creates the body that follows `head`, of at most `max_bytes` after decompression.
    pub(crate) fn new(incoming: Incoming, head: &Head, origin: String, max_bytes: u64) -> Self {
        // Bodies of error responses are never used, so they may be truncated.
        let is_counted = head.head.is_success() && head.head.status != 204;
        let is_open = is_counted && head.framing == Framing::CloseDelimited && !head.is_gzip;
        Self {
            incoming,
            origin,
            left_bytes: max_bytes,
            raw: Vec::new(),
            taken: 0,
            inflater: head.is_gzip.then(|| MultiGzDecoder::new(Vec::new())),
            json_end: is_open.then(JsonEndDetector::default),
            is_over: false,
        }
    }

    /// Returns the next chunk, or `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let mut chunk = Vec::new();
        while !self.is_over && chunk.len() < CHUNK_BYTES {
            if self.taken < self.raw.len() {
                self.take_raw(&mut chunk)?;
                self.count(&chunk)?;
                continue;
            }
            // Pass on what has arrived before waiting for more.
            if !chunk.is_empty() {
                break;
            }
            match self.incoming.next()? {
                Message::Chunk(raw) => (self.raw, self.taken) = (raw, 0),
                _ => self.finish(&mut chunk)?,
            }
        }
        if let Some(left) = self.left_bytes.checked_sub(chunk.len() as u64) {
            self.left_bytes = left;
        }
        if let Some(json_end) = &mut self.json_end {
            json_end.read(&chunk);
            if self.is_over && !json_end.is_at_end() {
                return Err(self.cut());
            }
        }
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    fn take_raw(&mut self, chunk: &mut Vec<u8>) -> Result<(), Failure> {
        let Some(inflater) = &mut self.inflater else {
            *chunk = std::mem::take(&mut self.raw);
            return Ok(());
        };
        let rest = &self.raw[self.taken..];
        let part = &rest[..rest.len().min(INFLATE_STEP_BYTES)];
        let inflated = inflater.write_all(part);
        self.taken += part.len();
        chunk.append(inflater.get_mut());
        inflated.map_err(|_| self.undecodable())
    }

    /// Ends the body; compressed data must be complete.
    fn finish(&mut self, chunk: &mut Vec<u8>) -> Result<(), Failure> {
        self.is_over = true;
        if let Some(inflater) = &mut self.inflater {
            let finished = inflater.try_finish();
            chunk.append(inflater.get_mut());
            finished.map_err(|_| self.undecodable())?;
            self.count(chunk)?;
        }
        Ok(())
    }

    fn count(&self, chunk: &[u8]) -> Result<(), Failure> {
        if chunk.len() as u64 <= self.left_bytes {
            return Ok(());
        }
        let text = format!("an answer of {} is larger than allowed", self.origin);
        Err(Failure::permanent(Error::new(ErrorKind::TooLarge, text)))
    }

    fn undecodable(&self) -> Failure {
        let text = format!("{} sent an answer that cannot be decompressed", self.origin);
        Failure::permanent(Error::new(ErrorKind::Datasource, text).with_remedy("Try again later."))
    }

    fn cut(&self) -> Failure {
        let text = format!("{} sent an answer that may be truncated", self.origin);
        Failure::transient(Error::new(ErrorKind::Datasource, text).with_remedy("Try again later."))
    }
}

impl Chunks for Body {
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.next()?)
    }
}
