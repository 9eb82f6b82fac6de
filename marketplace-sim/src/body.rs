//! Bodies that are produced while they are sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use http_body::Frame;
use tokio::time::{Interval, MissedTickBehavior};

/// Chunks of a body, in order; an error closes the connection.
pub(crate) type Chunks = Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>;

/// A body of chunks. Each one is produced when the one before it has been taken, so memory stays bounded.
pub(crate) struct ChunkBody {
    chunks: Chunks,
    pace: Option<Interval>,
}

impl ChunkBody {
    /// Creates a body that is sent as fast as the client reads it.
    pub(crate) fn new(chunks: Chunks) -> Self {
        Self { chunks, pace: None }
    }

    /// Creates a body that waits for `pause` after each chunk, so that each chunk is sent on its own.
    pub(crate) fn paced(chunks: Chunks, pause: Duration) -> Self {
        let mut interval = tokio::time::interval(pause);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            chunks,
            pace: Some(interval),
        }
    }
}

/// Splits chunks into single bytes.
pub(crate) fn single_bytes(chunks: Chunks) -> Chunks {
    Box::new(chunks.flat_map(|chunk| {
        let (bytes, error) = match chunk {
            Ok(bytes) => (bytes, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        bytes.into_iter().map(|byte| Ok(vec![byte])).chain(error)
    }))
}

impl http_body::Body for ChunkBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = self.get_mut();
        if let Some(pace) = &mut body.pace
            && pace.poll_tick(context).is_pending()
        {
            return Poll::Pending;
        }
        let chunk = body.chunks.next();
        Poll::Ready(chunk.map(|chunk| chunk.map(|bytes| Frame::data(bytes.into()))))
    }
}
