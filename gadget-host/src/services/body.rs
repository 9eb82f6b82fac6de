//! The body of an answer: read on its own thread, inflated, counted, and never taken for whole when it was cut.

use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender},
    time::{Duration, Instant},
};

use flate2::read::MultiGzDecoder;
use gadget_api::{Error, ErrorKind, ResponseHead};
use reqwest::blocking::Response;

use crate::call::Limit;

/// How often who waits for a piece looks at cancellation.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);
/// The size of a piece.
const PIECE_BYTES: usize = 256 * 1024;
/// How long a server may be silent.
const SILENCE: Duration = Duration::from_secs(10);

/// What the thread of a request tells who waits for it.
pub(crate) enum Message {
    /// The head, and whether a length or chunks say where the body ends.
    Head(ResponseHead, bool),
    Piece(Vec<u8>),
    End,
    Failed(Error),
}

/// The pieces of a body as they come, within a size and a time.
pub(crate) struct Incoming {
    pub(crate) messages: Receiver<Message>,
    pub(crate) limit: Limit,
    pub(crate) left_bytes: u64,
    pub(crate) until: Option<Instant>,
    pub(crate) origin: String,
}

impl Incoming {
    /// Waits for what comes next, but not past the limit of the call or the time of the request.
    pub(crate) fn next(&mut self) -> Result<Message, Error> {
        let silent_since = Instant::now();
        loop {
            match self.messages.recv_timeout(LOOK_INTERVAL) {
                Ok(Message::Failed(error)) => return Err(error),
                Ok(Message::Piece(piece)) => {
                    let bytes = piece.len() as u64;
                    self.left_bytes = self.left_bytes.checked_sub(bytes).ok_or_else(|| {
                        Error::new(
                            ErrorKind::TooLarge,
                            format!("an answer of {} is larger than is allowed", self.origin),
                        )
                    })?;
                    return Ok(Message::Piece(piece));
                }
                Ok(message) => return Ok(message),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::new(
                        ErrorKind::Internal,
                        "the thread of a request ended without an answer",
                    ));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(error) = self.limit.reached() {
                return Err(error);
            }
            let is_over = self.until.is_some_and(|until| Instant::now() >= until);
            if is_over || silent_since.elapsed() > SILENCE {
                return Err(Error::new(
                    ErrorKind::Network,
                    format!("{} did not answer in time", self.origin),
                )
                .with_remedy("Try again later."));
            }
        }
    }
}

/// Reads a body to its end and tells it piece by piece; ends early when nobody listens.
pub(crate) fn read(response: Response, is_gzip: bool, origin: &str, sender: &SyncSender<Message>) {
    let mut body: Box<dyn Read> = if is_gzip {
        Box::new(MultiGzDecoder::new(response))
    } else {
        Box::new(response)
    };
    let message = loop {
        let mut piece = Vec::new();
        match body
            .by_ref()
            .take(PIECE_BYTES as u64)
            .read_to_end(&mut piece)
        {
            Ok(0) => break Message::End,
            Ok(_) => {
                if sender.send(Message::Piece(piece)).is_err() {
                    return;
                }
            }
            Err(error) => break Message::Failed(cut(origin, &error)),
        }
    };
    // Who has left wants no end either.
    let _ = sender.send(message);
}

fn cut(origin: &str, error: &io::Error) -> Error {
    let is_silent = error.kind() == io::ErrorKind::TimedOut;
    let (kind, what) = if is_silent {
        (ErrorKind::Network, "stopped in the middle of its answer")
    } else {
        (
            ErrorKind::Datasource,
            "sent an answer that was cut or cannot be decoded",
        )
    };
    Error::new(kind, format!("{origin} {what}")).with_remedy("Try again later.")
}
