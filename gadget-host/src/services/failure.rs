//! Why a request failed, and whether a retry may help.

use std::{error::Error as StdError, io};

use gadget_api::{Error, ErrorKind};

/// Why a request failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) is_transient: bool,
}

impl Failure {
    /// Creates a failure that a retry may resolve.
    pub(crate) fn transient(error: Error) -> Self {
        Self {
            error,
            is_transient: true,
        }
    }

    /// Creates a failure that a retry would not resolve, or that used up all the time.
    pub(crate) fn permanent(error: Error) -> Self {
        Self {
            error,
            is_transient: false,
        }
    }

    /// Creates the failure of a request that timed out.
    pub(crate) fn too_slow(origin: &str) -> Self {
        let text = format!("{origin} did not answer in time");
        Self::permanent(Error::new(ErrorKind::Network, text).with_remedy("Try again later."))
    }

    /// Says why there is no answer, without the address, whose query may be private.
    pub(crate) fn of_request(origin: &str, error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::too_slow(origin);
        }
        if is_about_tls(error) {
            let text = format!(
                "{origin} has no valid certificate, or does not support a safe version of TLS"
            );
            return Self::permanent(Error::new(ErrorKind::Network, text).with_remedy(
                "Check the base address of the datasource, and the certificates of this machine.",
            ));
        }
        let why = if error.is_connect() {
            "cannot be reached"
        } else {
            "closed the connection"
        };
        let error = Error::new(ErrorKind::Network, format!("{origin} {why}"));
        Self::transient(error.with_remedy(
            "Check the network and the base address of the datasource, then try again.",
        ))
    }

    /// Says why a body is incomplete.
    pub(crate) fn of_body(origin: &str, error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::too_slow(origin);
        }
        let text = format!("{origin} sent a truncated answer");
        Self::transient(Error::new(ErrorKind::Datasource, text).with_remedy("Try again later."))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// Tells whether a TLS error is among the causes.
fn is_about_tls(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(at) = cause {
        if at.is::<rustls::Error>() {
            return true;
        }
        // `io::Error` does not report the error it wraps as its source.
        let wrapped = at.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = match wrapped {
            Some(inner) => Some(inner),
            None => at.source(),
        };
    }
    false
}
