//! Services with canned answers, for the tests of a gadget: no host, no network, no clock.
//!
//! # Examples
//!
//! ```
//! use gadget_api::{Request, Services, testing::Canned};
//!
//! let services = Canned::default().with_answer("/rest/apps", 200, r#"{"apps": []}"#);
//! let response = services.fetch(&Request::get("/rest/apps"))?;
//! assert_eq!(response.body, br#"{"apps": []}"#);
//! # Ok::<(), gadget_api::Error>(())
//! ```

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::{Value, json};

use crate::{
    Blob, BlobInfo, Chunks, DatasourceRef, Error, ErrorKind, LeaseId, LogLevel, Progress,
    RefreshContext, RenderContext, Request, Response, ResponseHead, Services, SnapshotName, Stream,
};

/// Services that answer requests from a list, keep blobs in memory and never wait.
#[derive(Default)]
pub struct Canned {
    datasource: Option<DatasourceRef>,
    answers: Mutex<BTreeMap<String, VecDeque<Answer>>>,
    blobs: Mutex<BTreeMap<String, Blob>>,
    leases: Mutex<BTreeMap<String, LeaseId>>,
    next_lease: AtomicU64,
    is_cancelled: AtomicBool,
    requests: Mutex<Vec<Request>>,
    log: Mutex<Vec<String>>,
    progress: Mutex<Vec<Progress>>,
}

#[derive(Clone)]
struct Answer {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Canned {
    /// Sets the datasource of the calls.
    #[must_use]
    pub fn with_datasource(mut self, kind: &str, settings: Value) -> Self {
        self.datasource = Some(DatasourceRef {
            id: "test".to_owned(),
            kind: kind.to_owned(),
            settings,
        });
        self
    }

    /// Adds a JSON response for requests to `path`, whatever their query.
    ///
    /// Several responses for one path are given in turn; the last one is repeated.
    #[must_use]
    pub fn with_answer(self, path: &str, status: u16, body: impl Into<Vec<u8>>) -> Self {
        self.answer(
            path,
            Answer {
                status,
                content_type: "application/json",
                body: body.into(),
            },
        )
    }

    /// Adds an HTML response, as login pages and gateways send it.
    #[must_use]
    pub fn with_html(self, path: &str, status: u16, body: impl Into<Vec<u8>>) -> Self {
        self.answer(
            path,
            Answer {
                status,
                content_type: "text/html",
                body: body.into(),
            },
        )
    }

    fn answer(self, path: &str, answer: Answer) -> Self {
        lock(&self.answers)
            .entry(path.to_owned())
            .or_default()
            .push_back(answer);
        self
    }

    /// Cancels all calls from now on.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Returns the requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.requests).clone()
    }

    /// Returns the lines of the log so far.
    #[must_use]
    pub fn log_lines(&self) -> Vec<String> {
        lock(&self.log).clone()
    }

    /// Returns the progress reported so far.
    #[must_use]
    pub fn progress_told(&self) -> Vec<Progress> {
        lock(&self.progress).clone()
    }

    /// Returns the context of a render on `today` (`YYYY-MM-DD`) with the newest snapshot.
    ///
    /// # Panics
    ///
    /// Panics when `today` is not a date.
    #[must_use]
    pub fn render_context(&self, today: &str) -> RenderContext<'_> {
        RenderContext::new(day(today), None, self)
    }

    /// Returns the context of a render on `today` (`YYYY-MM-DD`) with this snapshot.
    ///
    /// # Panics
    ///
    /// Panics when `today` is not a date.
    #[must_use]
    pub fn render_context_of<'a>(
        &'a self,
        today: &str,
        snapshot: &'a SnapshotName,
    ) -> RenderContext<'a> {
        RenderContext::new(day(today), Some(snapshot), self)
    }

    /// Returns the context of a refresh at noon (UTC) of `today` (`YYYY-MM-DD`).
    ///
    /// # Panics
    ///
    /// Panics when `today` is not a date.
    #[must_use]
    pub fn refresh_context(&self, today: &str) -> RefreshContext<'_> {
        let today = day(today);
        let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
        RefreshContext::new(
            today,
            DateTime::from_naive_utc_and_offset(today.and_time(noon), Utc),
            self,
        )
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a test gives a date as YYYY-MM-DD")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Services for Canned {
    fn datasource(&self) -> Result<DatasourceRef, Error> {
        self.datasource
            .clone()
            .ok_or_else(|| Error::new(ErrorKind::Settings, "the test has set no datasource"))
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        self.check_in()?;
        lock(&self.requests).push(request.clone());
        let mut answers = lock(&self.answers);
        let Some(queue) = answers.get_mut(request.path()) else {
            let body = json!({"errors": [{"status": "404", "title": "Not found"}]}).to_string();
            return Ok(Response {
                head: head(404, "application/json"),
                body: body.into_bytes(),
            });
        };
        let answer = if queue.len() > 1 {
            queue.pop_front()
        } else {
            queue.front().cloned()
        };
        let Answer {
            status,
            content_type,
            body,
        } = answer.unwrap_or(Answer {
            status: 404,
            content_type: "application/json",
            body: Vec::new(),
        });
        Ok(Response {
            head: head(status, content_type),
            body,
        })
    }

    fn open(&self, request: &Request) -> Result<Stream<'_>, Error> {
        let Response { head, body } = self.fetch(request)?;
        Ok(Stream {
            head,
            body: Box::new(Whole(Some(body))),
        })
    }

    fn blob_get(&self, name: &str) -> Result<Option<Blob>, Error> {
        Ok(lock(&self.blobs).get(name).cloned())
    }

    fn blob_put(&self, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error> {
        let mut blobs = lock(&self.blobs);
        let revision = blobs.get(name).map_or(0, |blob| blob.revision);
        if revision != expected {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("the blob `{name}` has revision {revision}, not {expected}"),
            ));
        }
        blobs.insert(
            name.to_owned(),
            Blob {
                revision: revision + 1,
                bytes: bytes.to_vec(),
            },
        );
        Ok(revision + 1)
    }

    fn blob_list(&self, prefix: &str) -> Result<Vec<BlobInfo>, Error> {
        let blobs = lock(&self.blobs);
        let listed = blobs.iter().filter(|(name, _)| name.starts_with(prefix));
        Ok(listed
            .map(|(name, blob)| BlobInfo {
                name: name.clone(),
                revision: blob.revision,
                bytes: blob.bytes.len() as u64,
                stored_at: DateTime::UNIX_EPOCH,
            })
            .collect())
    }

    fn blob_remove(&self, name: &str) -> Result<(), Error> {
        lock(&self.blobs).remove(name);
        Ok(())
    }

    fn lease(&self, key: &str, _ttl: Duration) -> Result<Option<LeaseId>, Error> {
        let mut leases = lock(&self.leases);
        if leases.contains_key(key) {
            return Ok(None);
        }
        let id = LeaseId(self.next_lease.fetch_add(1, Ordering::Relaxed));
        leases.insert(key.to_owned(), id);
        Ok(Some(id))
    }

    fn release(&self, lease: LeaseId) {
        lock(&self.leases).retain(|_, held| *held != lease);
    }

    fn log(&self, _level: LogLevel, message: &str) {
        lock(&self.log).push(message.to_owned());
    }

    fn progress(&self, progress: &Progress) {
        lock(&self.progress).push(progress.clone());
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }

    fn remaining(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn wait(&self, _duration: Duration) -> Result<(), Error> {
        self.check_in()
    }
}

fn head(status: u16, content_type: &str) -> ResponseHead {
    ResponseHead::new(
        status,
        vec![("content-type".to_owned(), content_type.to_owned())],
    )
}

struct Whole(Option<Vec<u8>>);

impl Chunks for Whole {
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.take())
    }
}
