//! The body of an answer on its way: inflated, counted, and never taken for whole when it was cut.

use std::io::Write;

use flate2::write::MultiGzDecoder;
use gadget_api::{Chunks, Error, ErrorKind, ResponseHead};
use tokio::{runtime::Handle, sync::mpsc::Receiver, task::AbortHandle};

use super::{failure::Failure, json_end::JsonEndDetector, request_limiter::Permit};
use crate::call::Limit;

/// How large a chunk grows before it is handed on, in bytes.
const CHUNK_BYTES: usize = 256 * 1024;
/// How much is inflated at once, in bytes: it can become a thousand times as much.
const INFLATE_STEP_BYTES: usize = 512;

/// What the task of a request tells who waits for it.
pub(crate) enum Message {
    Head(Head),
    Chunk(Vec<u8>),
    End,
    Failed(Failure),
}

/// The head of an answer, and what it says about the body.
pub(crate) struct Head {
    pub(crate) head: ResponseHead,
    pub(crate) framing: Framing,
    pub(crate) is_gzip: bool,
}

/// What says where a body ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Framing {
    /// A length, or chunks; the transport knows when one is cut.
    CallMessage,
    /// Nothing but the end of the connection.
    CloseDelimited,
}

/// The task of a request; it ends, and its connection with it, when this value is dropped.
pub(crate) struct Incoming {
    pub(crate) runtime: Handle,
    pub(crate) task: AbortHandle,
    pub(crate) messages: Receiver<Message>,
    pub(crate) limit: Limit,
    pub(crate) _permit: Permit,
}

impl Incoming {
    /// Waits for what comes next, but not past the limit of the call.
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

/// A body, chunk by chunk.
pub(crate) struct Body {
    incoming: Incoming,
    origin: String,
    left_bytes: u64,
    raw: Vec<u8>,
    taken: usize,
    inflater: Option<MultiGzDecoder<Vec<u8>>>,
    /// Looks for the end in the content, where nothing else tells it.
    json_end: Option<JsonEndDetector>,
    is_over: bool,
}

impl Body {
    /// Creates the body that follows `head`, of at most `max_bytes` after inflation.
    pub(crate) fn new(incoming: Incoming, head: &Head, origin: String, max_bytes: u64) -> Self {
        // The body of an error is shown to nobody and counted by nobody.
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

    /// Returns the next chunk, or nothing at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let mut chunk = Vec::new();
        while !self.is_over && chunk.len() < CHUNK_BYTES {
            if self.taken < self.raw.len() {
                self.take_raw(&mut chunk)?;
                self.count(&chunk)?;
                continue;
            }
            // What is there is handed on before more is waited for.
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
        let rest = &self.raw[self.taken..];
        let Some(inflater) = &mut self.inflater else {
            chunk.extend_from_slice(rest);
            self.taken = self.raw.len();
            return Ok(());
        };
        let part = &rest[..rest.len().min(INFLATE_STEP_BYTES)];
        let inflated = inflater.write_all(part);
        self.taken += part.len();
        chunk.append(inflater.get_mut());
        inflated.map_err(|_| self.undecodable())
    }

    /// Ends the body: what is compressed must be complete.
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
        let text = format!("an answer of {} is larger than is allowed", self.origin);
        Err(Failure::permanent(Error::new(ErrorKind::TooLarge, text)))
    }

    fn undecodable(&self) -> Failure {
        let text = format!("{} sent an answer that cannot be inflated", self.origin);
        Failure::permanent(Error::new(ErrorKind::Datasource, text).with_remedy("Try again later."))
    }

    fn cut(&self) -> Failure {
        let text = format!("{} sent an answer that may be cut", self.origin);
        Failure::transient(Error::new(ErrorKind::Datasource, text).with_remedy("Try again later."))
    }
}

impl Chunks for Body {
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.next()?)
    }
}
