//! Why a request has no answer, and whether sending it again may help.

use std::{error::Error as StdError, io};

use gadget_api::{Error, ErrorKind};

/// An error of a request.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) is_transient: bool,
}

impl Failure {
    /// An error that the next attempt may not have.
    pub(crate) fn transient(error: Error) -> Self {
        Self {
            error,
            is_transient: true,
        }
    }

    /// An error that every attempt would have, or one that took all the time there is.
    pub(crate) fn permanent(error: Error) -> Self {
        Self {
            error,
            is_transient: false,
        }
    }

    /// Says that the time of a request is over.
    pub(crate) fn too_slow(origin: &str) -> Self {
        let text = format!("{origin} did not answer in time");
        Self::permanent(Error::new(ErrorKind::Network, text).with_remedy("Try again later."))
    }

    /// Says why no answer came; the address stays out of it, its query is the gadget's business.
    pub(crate) fn of_request(origin: &str, error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::too_slow(origin);
        }
        if is_about_tls(error) {
            let text = format!("{origin} cannot prove who it is, or speaks no TLS that is safe");
            return Self::permanent(Error::new(ErrorKind::Network, text).with_remedy(
                "Check the base address of the datasource, and the certificates of this machine.",
            ));
        }
        let why = if error.is_connect() {
            "cannot be reached"
        } else {
            "broke the connection off"
        };
        let error = Error::new(ErrorKind::Network, format!("{origin} {why}"));
        Self::transient(error.with_remedy(
            "Check the network and the base address of the datasource, then try again.",
        ))
    }

    /// Says why a body did not come to its end.
    pub(crate) fn of_body(origin: &str, error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::too_slow(origin);
        }
        let text = format!("{origin} sent an answer that was cut");
        Self::transient(Error::new(ErrorKind::Datasource, text).with_remedy("Try again later."))
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// Looks for an error of TLS among the causes.
fn is_about_tls(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(at) = cause {
        if at.is::<rustls::Error>() {
            return true;
        }
        // What an error of IO wraps is not its source, but itself.
        let wrapped = at.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = match wrapped {
            Some(inner) => Some(inner),
            None => at.source(),
        };
    }
    false
}
