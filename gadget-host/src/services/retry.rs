//! When to retry a request, and how long to wait before that.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, SystemTime},
};

use gadget_api::ResponseHead;

/// The highest number of attempts.
pub(crate) const MAX_ATTEMPTS: u32 = 4;
const BASE: Duration = Duration::from_millis(500);
const MAX_RETRY_AFTER: Duration = Duration::from_secs(15 * 60);

/// Tells whether a response status makes a retry worthwhile.
pub(crate) fn is_retryable(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

/// Returns how long to wait before the next attempt: as long as the response asks, else longer each time.
pub(crate) fn wait_before(attempt: u32, head: Option<&ResponseHead>, now: SystemTime) -> Duration {
    if let Some(asked) = head
        .and_then(|head| head.header("retry-after"))
        .and_then(|text| asked(text, now))
    {
        return asked;
    }
    // Full jitter: clients that failed together do not retry together.
    let most = BASE * 2_u32.pow(attempt.min(10));
    let lot = RandomState::new().hash_one(attempt) % 1_000;
    most * u32::try_from(lot).unwrap_or(0) / 1_000
}

/// Reads a `Retry-After`: seconds or an HTTP date. Anything else is ignored.
fn asked(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    let asked = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = httpdate::parse_http_date(text).ok()?;
            date.duration_since(now).unwrap_or(Duration::ZERO)
        }
    };
    Some(asked.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_what_the_answer_asks_for_up_to_a_quarter_of_an_hour() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let date = httpdate::fmt_http_date(now + Duration::from_secs(7));
        for (text, seconds) in [
            ("2", Some(2)),
            (date.as_str(), Some(7)),
            ("99999999", Some(900)),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(asked(text, now), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
