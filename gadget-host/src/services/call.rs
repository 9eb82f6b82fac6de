//! The services of one call, owned by its thread, which can outlive the caller.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use gadget_api::{
    Blob, BlobInfo, DatasourceRef, Error, ErrorKind, LeaseId, LogLevel, Progress, Request,
    Response, Services, Stream,
};

use super::{HttpClient, Leases};
use crate::{
    BlobStore, Datasource,
    call::{Limit, ProgressSender},
    text::one_line,
};

const MAX_NAME_CHARS: usize = 200;

/// Whether a call may send requests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fetches {
    Allowed,
    /// Rendering sends no requests.
    Refused,
}

/// What a gadget can use during one call.
pub(crate) struct CallServices {
    pub(crate) id: String,
    pub(crate) datasource: Option<Arc<Datasource>>,
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) shared_leases: Arc<Leases>,
    pub(crate) http: Arc<HttpClient>,
    pub(crate) limit: Limit,
    pub(crate) fetches: Fetches,
    pub(crate) progress_sender: ProgressSender,
    /// The leases that this call has taken.
    pub(crate) leases: Mutex<Vec<LeaseId>>,
}

impl CallServices {
    fn source(&self) -> Result<&Datasource, Error> {
        self.datasource
            .as_deref()
            .ok_or_else(|| Error::new(ErrorKind::Settings, "no datasource is set"))
    }

    fn fetch_source(&self) -> Result<&Datasource, Error> {
        if self.fetches == Fetches::Refused {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "rendering must not send requests",
            ));
        }
        self.source()
    }

    /// Returns the space of the gadget's data: private to the datasource, or to the gadget if it has none.
    fn space(&self) -> String {
        match &self.datasource {
            Some(datasource) => datasource.space().to_owned(),
            None => format!("gadget-{}", self.id),
        }
    }
}

impl Services for CallServices {
    fn datasource(&self) -> Result<DatasourceRef, Error> {
        Ok(self.source()?.as_ref())
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        self.http.fetch(self.fetch_source()?, request, &self.limit)
    }

    fn open(&self, request: &Request) -> Result<Stream<'_>, Error> {
        let (head, body) = self.http.open(self.fetch_source()?, request, &self.limit)?;
        Ok(Stream { head, body })
    }

    fn blob_get(&self, name: &str) -> Result<Option<Blob>, Error> {
        check_name(name)?;
        self.blobs.get(&self.space(), name)
    }

    fn blob_put(&self, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error> {
        check_name(name)?;
        self.blobs.put(&self.space(), name, bytes, expected)
    }

    fn blob_list(&self, prefix: &str) -> Result<Vec<BlobInfo>, Error> {
        self.blobs.list(&self.space(), prefix)
    }

    fn blob_remove(&self, name: &str) -> Result<(), Error> {
        check_name(name)?;
        self.blobs.remove(&self.space(), name)
    }

    fn lease(&self, key: &str, ttl: Duration) -> Result<Option<LeaseId>, Error> {
        check_name(key)?;
        let lease = self.shared_leases.take(&self.space(), key, ttl)?;
        self.leases
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(lease);
        Ok(lease)
    }

    fn release(&self, lease: LeaseId) {
        self.shared_leases.release(lease);
    }

    fn log(&self, level: LogLevel, message: &str) {
        let (gadget, message) = (self.id.as_str(), one_line(message));
        match level {
            LogLevel::Debug => tracing::debug!(gadget, "{message}"),
            LogLevel::Info => tracing::info!(gadget, "{message}"),
            LogLevel::Warn => tracing::warn!(gadget, "{message}"),
            LogLevel::Error => tracing::error!(gadget, "{message}"),
        }
    }

    fn progress(&self, progress: &Progress) {
        (self.progress_sender)(progress.clone());
    }

    fn is_cancelled(&self) -> bool {
        self.limit.is_cancelled()
    }

    fn remaining(&self) -> Duration {
        self.limit.remaining()
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let is_allowed =
        |each: char| each.is_ascii_lowercase() || each.is_ascii_digit() || "._-/".contains(each);
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.chars().all(is_allowed) {
        return Err(Error::new(
            ErrorKind::Internal,
            "the name of a blob or lease must have 1 to 200 of the characters `a-z`, `0-9`, `.`, `_`, `-` and `/`",
        ));
    }
    Ok(())
}

impl Drop for CallServices {
    fn drop(&mut self) {
        // A gadget that panicked has not released its leases.
        for lease in self
            .leases
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
        {
            self.shared_leases.release(lease);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_names_are_accepted() {
        let long = "x".repeat(201);
        for (name, holds) in [
            ("a/b-c_d.9", true),
            (&long[1..], true),
            ("", false),
            ("A", false),
            ("a b", false),
            ("é", false),
            ("a!b", false),
            ("a\0", false),
            (&long, false),
        ] {
            assert_eq!(check_name(name).is_ok(), holds, "{name}");
        }
    }
}
