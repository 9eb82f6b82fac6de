//! Faults that replace the answer of the resource.

use std::io::Write;
use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, header};
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::answer::{Answer, Payload};
use crate::fault::Fault;
use crate::route::Route;
use crate::row::List;
use crate::server::{Call, Server};

/// How many requests for a path fail before one succeeds.
const FAILING_TRIES: u32 = 2;
/// The nesting depth of the deep JSON.
const DEPTH: usize = 100_000;
/// The header of a gzip stream without a name and a time.
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Returns the answer of a fault that is on and replaces that of the resource.
pub(crate) fn answer(
    server: &Server,
    call: &Call,
    route: &Route,
    path: &str,
    headers: &HeaderMap,
) -> Option<Answer> {
    refusal(call, route, headers)
        .or_else(|| failing_try(server, call, path))
        .or_else(|| bad_body(server, call))
}

fn refusal(call: &Call, route: &Route, headers: &HeaderMap) -> Option<Answer> {
    if call.has(Fault::Unauthorized) {
        let sent = headers.get(header::AUTHORIZATION);
        let sent = sent.and_then(|value| value.to_str().ok()).unwrap_or("");
        return Some(Answer::gateway_error(
            401,
            &format!("Refused: Authorization: {sent}"),
        ));
    }
    if call.has(Fault::ExpiredToken) {
        return Some(Answer::gateway_error(
            401,
            "The API token has expired. Create a new one.",
        ));
    }
    let of_transactions = matches!(
        route,
        Route::Report {
            list: List::Transactions,
            ..
        }
    );
    if call.has(Fault::ForbiddenAll) || (of_transactions && call.has(Fault::ForbiddenTransactions))
    {
        let message = "You don't have permission to view this resource.";
        return Some(Answer::reporting_error(403, "FORBIDDEN", "", message));
    }
    None
}

fn failing_try(server: &Server, call: &Call, path: &str) -> Option<Answer> {
    let too_many = || Answer::gateway_error(429, "Too Many Requests");
    if call.has(Fault::RateLimitLong) {
        return Some(too_many().with_header("retry-after", "99999"));
    }
    if call.has(Fault::BadGatewayAlways) {
        return Some(bad_gateway());
    }
    if call.has(Fault::Unavailable) {
        return Some(Answer::gateway_error(503, "Service Unavailable"));
    }
    let some_tries = [Fault::RateLimit, Fault::RateLimitDate, Fault::BadGateway];
    let fault = some_tries.into_iter().find(|fault| call.has(*fault))?;
    if server.count_try(path) > FAILING_TRIES {
        return None;
    }
    Some(match fault {
        Fault::RateLimit => too_many().with_header("retry-after", "1"),
        Fault::RateLimitDate => {
            let time = SystemTime::now() + Duration::from_secs(1);
            too_many().with_header("retry-after", httpdate::fmt_http_date(time))
        }
        _ => bad_gateway(),
    })
}

fn bad_gateway() -> Answer {
    Answer::html(
        502,
        "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
    )
}

fn bad_body(server: &Server, call: &Call) -> Option<Answer> {
    if call.has(Fault::Redirect) {
        return Some(Answer::status(302).with_header("location", server.redirect_to()));
    }
    if call.has(Fault::LoginPage) {
        return Some(Answer::html(
            200,
            "<!doctype html><html><head><title>Log in</title></head><body><form method=\"post\"><input name=\"email\"></form></body></html>",
        ));
    }
    if call.has(Fault::Empty) {
        return Some(Answer::status(200));
    }
    if call.has(Fault::Oversized) {
        let blanks = std::iter::repeat_with(|| Ok(vec![b' '; 64 * 1024]));
        return Some(chunks(std::iter::once(Ok(b"[".to_vec())).chain(blanks)));
    }
    if call.has(Fault::GzipBomb) {
        return Some(gzip_bomb());
    }
    if call.has(Fault::DeepJson) {
        let text = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
        return Some(Answer::text(text));
    }
    None
}

fn chunks(chunks: impl Iterator<Item = std::io::Result<Vec<u8>>> + Send + 'static) -> Answer {
    Answer {
        payload: Payload::Chunks(Box::new(chunks)),
        ..Answer::status(200)
    }
}

/// A gzip stream of eight gibibytes of blanks. Every chunk is the same block of one mebibyte, which ends with a full
/// flush and can therefore be repeated.
fn gzip_bomb() -> Answer {
    let block = blank_block();
    let first = std::iter::once(Ok(GZIP_HEAD.to_vec()));
    let blocks = std::iter::repeat_with(move || Ok(block.clone())).take(8 * 1024);
    chunks(first.chain(blocks)).with_header("content-encoding", "gzip")
}

fn blank_block() -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    let written = encoder
        .write_all(&vec![b' '; 1024 * 1024])
        .and_then(|()| encoder.flush());
    // Writing to a vector does not fail; an empty block would only make a smaller bomb.
    if written.is_err() {
        return Vec::new();
    }
    encoder.get_ref().clone()
}
