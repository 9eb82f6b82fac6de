//! Why a sync failed, as it is stored.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use gadget_api::Error;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct StoredFailure<'a> {
    at: DateTime<Utc>,
    error: Cow<'a, Error>,
}

/// Returns the stored form of a failure.
pub(crate) fn encode_failure(at: DateTime<Utc>, error: &Error) -> serde_json::Result<Vec<u8>> {
    let error = Cow::Borrowed(error);
    serde_json::to_vec(&StoredFailure { at, error })
}

/// Reads when a sync failed, and why.
pub(crate) fn decode_failure(bytes: &[u8]) -> serde_json::Result<(DateTime<Utc>, Error)> {
    let stored: StoredFailure<'_> = serde_json::from_slice(bytes)?;
    Ok((stored.at, stored.error.into_owned()))
}
