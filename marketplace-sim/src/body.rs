//! Bodies that are made while they are sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use http_body::Frame;
use tokio::time::{Interval, MissedTickBehavior};

/// Pieces of a body, in order; an error breaks the connection off.
pub(crate) type Pieces = Box<dyn Iterator<Item = io::Result<Vec<u8>>> + Send>;

/// A body of pieces. The next one is made when the one before has been taken, so memory stays bounded however long the body is.
pub(crate) struct PieceBody {
    pieces: Pieces,
    pace: Option<Interval>,
}

impl PieceBody {
    /// Creates a body that is sent as fast as it is taken.
    pub(crate) fn new(pieces: Pieces) -> Self {
        Self { pieces, pace: None }
    }

    /// Creates a body that waits for `pause` after each piece, which lets what was sent before go out.
    pub(crate) fn paced(pieces: Pieces, pause: Duration) -> Self {
        let mut interval = tokio::time::interval(pause);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            pieces,
            pace: Some(interval),
        }
    }
}

/// Cuts pieces into single bytes.
pub(crate) fn single_bytes(pieces: Pieces) -> Pieces {
    Box::new(pieces.flat_map(|piece| {
        let (bytes, error) = match piece {
            Ok(bytes) => (bytes, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        bytes.into_iter().map(|byte| Ok(vec![byte])).chain(error)
    }))
}

impl http_body::Body for PieceBody {
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
        let piece = body.pieces.next();
        Poll::Ready(piece.map(|piece| piece.map(|bytes| Frame::data(bytes.into()))))
    }
}
