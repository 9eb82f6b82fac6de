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
    drip: Option<Drip>,
}

/// Sends single bytes, one per tick.
struct Drip {
    interval: Interval,
    left: std::vec::IntoIter<u8>,
}

impl PieceBody {
    /// Creates a body that is sent as fast as it is taken.
    pub(crate) fn new(pieces: Pieces) -> Self {
        Self { pieces, drip: None }
    }

    /// Creates a body of which one byte is sent per `pause`.
    pub(crate) fn dripping(pieces: Pieces, pause: Duration) -> Self {
        let mut interval = tokio::time::interval(pause);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let left = Vec::new().into_iter();
        Self {
            pieces,
            drip: Some(Drip { interval, left }),
        }
    }
}

impl http_body::Body for PieceBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = self.get_mut();
        let Some(drip) = &mut body.drip else {
            let piece = body.pieces.next();
            return Poll::Ready(piece.map(|piece| piece.map(|bytes| Frame::data(bytes.into()))));
        };
        if drip.interval.poll_tick(context).is_pending() {
            return Poll::Pending;
        }
        loop {
            if let Some(byte) = drip.left.next() {
                return Poll::Ready(Some(Ok(Frame::data(vec![byte].into()))));
            }
            match body.pieces.next() {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(bytes)) => drip.left = bytes.into_iter(),
            }
        }
    }
}
