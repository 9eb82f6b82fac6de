//! How an answer becomes an HTTP response, and the faults of that step.

use std::io::{self, Write};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::answer::{Answer, Payload};
use crate::body::{ChunkBody, Chunks, single_bytes};
use crate::fault::Fault;
use crate::server::Call;

/// Bodies of this size or more are compressed for clients that accept gzip.
const GZIP_FROM_BYTES: usize = 16 * 1024;
/// The pause between two bytes of a slow answer.
const DRIP_PAUSE: Duration = Duration::from_millis(300);
/// The pause before a connection is closed early.
const BREAK_PAUSE: Duration = Duration::from_millis(50);

/// How an answer is sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delivery {
    accepts_gzip: bool,
    slow: bool,
    truncated: bool,
    truncated_json: bool,
    bom: bool,
    wrong_content_type: bool,
}

/// Tells whether the client accepts gzip.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim().eq_ignore_ascii_case("gzip") && weight.trim() != "q=0"
        })
}

impl Delivery {
    /// Creates the delivery of an answer without faults.
    pub(crate) fn plain(accepts_gzip: bool) -> Self {
        Self {
            accepts_gzip,
            ..Self::default()
        }
    }

    /// Creates the delivery of the answer to `call`.
    pub(crate) fn of(call: &Call, accepts_gzip: bool) -> Self {
        Self {
            accepts_gzip,
            slow: call.has(Fault::Slow),
            truncated: call.has(Fault::Truncated),
            truncated_json: call.has(Fault::TruncatedJson),
            bom: call.has(Fault::Bom),
            wrong_content_type: call.has(Fault::WrongContentType),
        }
    }

    /// Builds the response.
    pub(crate) fn deliver(self, mut answer: Answer) -> Response {
        if self.wrong_content_type {
            answer.content_type = "text/plain; charset=utf-8";
        }
        let mut payload = answer.payload;
        if self.bom {
            payload = with_bom(payload);
        }
        if self.truncated_json {
            payload = cut_text(payload);
        }
        let mut headers = answer.headers;
        if let (Payload::Text(text), true) = (&mut payload, self.accepts_gzip)
            && text.len() >= GZIP_FROM_BYTES
            && let Ok(packed) = gzip(text)
        {
            *text = packed;
            headers.push(("content-encoding", "gzip".to_owned()));
        }
        let body = if self.truncated {
            let (chunks, announced) = cut_connection(payload);
            if let Some(length) = announced {
                headers.push(("content-length", length.to_string()));
            }
            // The pause lets the first part arrive before the connection closes.
            Body::new(ChunkBody::paced(chunks, BREAK_PAUSE))
        } else if self.slow {
            let bytes = single_bytes(chunks_of(payload));
            Body::new(ChunkBody::paced(bytes, DRIP_PAUSE))
        } else {
            match payload {
                Payload::Text(text) => Body::from(text),
                Payload::Chunks(chunks) => Body::new(ChunkBody::new(chunks)),
            }
        };
        let mut response = Response::builder()
            .status(answer.status)
            .header(header::CONTENT_TYPE, answer.content_type);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        response
            .body(body)
            .unwrap_or_else(|_| Response::new(Body::empty()))
    }
}

fn gzip(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text)?;
    encoder.finish()
}

fn chunks_of(payload: Payload) -> Chunks {
    match payload {
        Payload::Text(text) => Box::new(std::iter::once(Ok(text))),
        Payload::Chunks(chunks) => chunks,
    }
}

fn with_bom(payload: Payload) -> Payload {
    let bom = b"\xef\xbb\xbf".to_vec();
    match payload {
        Payload::Text(text) => Payload::Text([bom, text].concat()),
        Payload::Chunks(chunks) => {
            Payload::Chunks(Box::new(std::iter::once(Ok(bom)).chain(chunks)))
        }
    }
}

/// Cuts the text short in an otherwise complete response.
fn cut_text(payload: Payload) -> Payload {
    match payload {
        Payload::Text(mut text) => {
            text.truncate(text.len() * 2 / 3);
            Payload::Text(text)
        }
        Payload::Chunks(mut chunks) => {
            let mut first = chunks.next().and_then(Result::ok).unwrap_or_default();
            first.truncate(first.len() * 2 / 3);
            Payload::Text(first)
        }
    }
}

/// Closes the connection before the announced length, or in the middle of a chunked body.
fn cut_connection(payload: Payload) -> (Chunks, Option<usize>) {
    match payload {
        Payload::Text(text) => {
            let announced = text.len();
            let sent = text.get(..announced * 2 / 3).unwrap_or_default().to_vec();
            (Box::new(std::iter::once(Ok(sent))), Some(announced))
        }
        Payload::Chunks(mut chunks) => {
            let mut first = chunks.next().and_then(Result::ok).unwrap_or_default();
            first.truncate(first.len() * 2 / 3);
            let broken = io::Error::new(io::ErrorKind::ConnectionReset, "cut off by a fault");
            let sent = [Ok(first), Err(broken)].into_iter();
            (Box::new(sent), None)
        }
    }
}
