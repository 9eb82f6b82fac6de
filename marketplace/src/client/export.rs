//! Reads lists by export: starts it, waits for it, then streams it.

use std::time::Duration;

use gadget_api::{Error, ErrorKind, Request};

use super::{Client, DeveloperSpace, ListRequest, check_json, failure::response_error, is_id};
use crate::day::Day;
use crate::wire::{self, ArrayError, ExportState, RecordReader, SentRecord};

/// The largest export, inflated.
const MAX_EXPORT_BYTES: u64 = 4 << 30;
const EXPORT_TIMEOUT: Duration = Duration::from_secs(60 * 60);
/// The pauses between status requests; the last one repeats.
const POLL_AFTER: [Duration; 5] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
];
/// The longest wait for exports.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// How often a completed export is requested that the API does not find yet.
const UNREADY_TRIES: usize = 3;

/// An export that was started.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ExportId(String);

impl Client<'_> {
    /// Starts an export, of all rows or of those that were updated on a day or later.
    pub(crate) fn start_export(
        &self,
        space: &DeveloperSpace,
        list: ListRequest,
        since: Option<Day>,
    ) -> Result<ExportId, Error> {
        let what = list.label();
        let path = space.reporting(&format!("{}/async/export", list.path()));
        // A second export does no harm, so the host may repeat this request.
        let mut request = list
            .with_parameters(Request::post(path, b"{}".to_vec()))
            .with_query("accept", "json")
            .repeatable();
        if let Some(since) = since {
            request = request.with_query("lastUpdated", since.to_string());
        }
        let body = self.fetch(what, &request)?;
        let id = wire::export_id(&body).map_err(|bad| response_error(what, &bad))?;
        if !is_id(&id) {
            return Err(Error::new(
                ErrorKind::Datasource,
                format!("the export of {what} has an invalid id"),
            ));
        }
        Ok(ExportId(id))
    }

    /// Returns how long all exports together may take, so that there is time left to read pages instead.
    pub(crate) fn export_wait(&self) -> Duration {
        (self.services.remaining() / 3).min(LONGEST_WAIT)
    }

    /// Waits until an export is complete, and subtracts the wait from `export_wait`.
    pub(crate) fn await_export(
        &self,
        space: &DeveloperSpace,
        list: ListRequest,
        export: &ExportId,
        export_wait: &mut Duration,
    ) -> Result<(), Error> {
        let what = list.label();
        let path = space.reporting(&format!("{}/async/export/{}/status", list.path(), export.0));
        let mut waited = Duration::ZERO;
        let mut pauses = POLL_AFTER.into_iter();
        let mut pause = POLL_AFTER[0];
        loop {
            let body = self.fetch(what, &Request::get(&path))?;
            match wire::export_state(&body).map_err(|bad| response_error(what, &bad))? {
                ExportState::Completed => return Ok(()),
                ExportState::Failed => {
                    return Err(Error::new(
                        ErrorKind::Datasource,
                        format!("the export of {what} failed at Atlassian"),
                    ));
                }
                ExportState::Pending => {}
            }
            if export_wait.is_zero() {
                return Err(Error::new(
                    ErrorKind::Datasource,
                    format!(
                        "the export of {what} is not ready after {} seconds",
                        waited.as_secs()
                    ),
                ));
            }
            pause = pauses.next().unwrap_or(pause);
            self.services.wait(pause)?;
            waited += pause;
            *export_wait = export_wait.saturating_sub(pause);
        }
    }

    /// Streams a complete export, hands each record to `sink`, and returns their number.
    pub(crate) fn download(
        &self,
        space: &DeveloperSpace,
        list: ListRequest,
        export: &ExportId,
        sink: &mut dyn FnMut(SentRecord<'_>) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let what = list.label();
        let path = space.reporting(&format!("{}/async/export/{}", list.path(), export.0));
        let request = Request::get(path)
            .with_query("accept", "json")
            .with_max_bytes(MAX_EXPORT_BYTES)
            .with_timeout(EXPORT_TIMEOUT);
        let mut tries = 0;
        let mut stream = loop {
            let stream = self.services.open(&request)?;
            if stream.head.is_success() {
                break stream;
            }
            tries += 1;
            if stream.head.status != 404 || tries == UNREADY_TRIES {
                let mut body = stream.body;
                let start = body.next_chunk().ok().flatten().unwrap_or_default();
                return Err(self.refused(what, &stream.head, &start));
            }
            self.services.wait(POLL_AFTER[tries])?;
        };
        check_json(what, &stream.head)?;
        let mut reader = RecordReader::new(list.records());
        while let Some(piece) = stream.body.next_chunk()? {
            let fed = reader.feed(&piece, &mut |record: SentRecord<'_>| {
                sink(record).map_err(DownloadError::Sink)
            });
            fed.map_err(|error| error.into_error(what))?;
            self.services.check_in()?;
        }
        reader
            .finish()
            .map_err(|error| response_error(what, &error.into()))
    }
}

/// Why reading an export stopped.
enum DownloadError {
    Array(ArrayError),
    Sink(Error),
}

impl From<ArrayError> for DownloadError {
    fn from(error: ArrayError) -> Self {
        Self::Array(error)
    }
}

impl DownloadError {
    fn into_error(self, what: &str) -> Error {
        match self {
            Self::Sink(error) => error,
            Self::Array(error) => response_error(what, &error.into()),
        }
    }
}
