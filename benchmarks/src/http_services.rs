//! Services over real HTTP, without the checks of a host, and with blobs in memory.

use std::{io::Read, thread, time::Duration};

use gadget_api::{
    Blob, BlobInfo, Chunks, DatasourceRef, Error, ErrorKind, LeaseId, LogLevel, Method, Progress,
    Request, Response, ResponseHead, Services, Stream, testing::Canned,
};
use marketplace_sim::Options;
use reqwest::blocking::Client;
use serde_json::json;

use crate::Failure;

/// How long a sync may take.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Services for a datasource that is a stand-in.
pub(crate) struct HttpServices {
    stored: Canned,
    client: Client,
    base_url: String,
}

impl HttpServices {
    /// Creates the services for the stand-in at this address.
    pub(crate) fn new(base_url: &str) -> Result<Self, Failure> {
        // Only the first call of a process can install it.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let settings = json!({
            "base_url": base_url,
            "vendors": [Options::VENDOR],
            "email": Options::EMAIL,
        });
        Ok(Self {
            stored: Canned::default().with_datasource("atlassian-marketplace", settings),
            client: Client::builder().no_proxy().timeout(PATIENCE).build()?,
            base_url: base_url.to_owned(),
        })
    }

    /// Sends a request to the control of the stand-in.
    pub(crate) fn post_control(&self, path: &str) -> Result<(), Failure> {
        let root = self.base_url.trim_end_matches("/marketplace");
        let sent = self.client.post(format!("{root}{path}")).send()?;
        sent.error_for_status()?;
        Ok(())
    }

    /// Returns the size of all blobs.
    pub(crate) fn stored_bytes(&self) -> Result<u64, Error> {
        let blobs = self.stored.blob_list("")?;
        Ok(blobs.iter().map(|blob| blob.bytes).sum())
    }

    fn send(&self, request: &Request) -> Result<reqwest::blocking::Response, Error> {
        let query = request.query().iter().map(|(name, value)| (name, value));
        let url = format!("{}{}", self.base_url, request.path());
        let url = reqwest::Url::parse_with_params(&url, query).map_err(|error| network(&error))?;
        let method = match request.method() {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut sent = self
            .client
            .request(method, url)
            .basic_auth(Options::EMAIL, Some(Options::TOKEN));
        if let Some(body) = request.body() {
            sent = sent
                .header("content-type", "application/json")
                .body(body.to_vec());
        }
        sent.send().map_err(|error| network(&error))
    }
}

fn network(error: &dyn std::error::Error) -> Error {
    Error::new(ErrorKind::Network, error.to_string())
}

fn head(response: &reqwest::blocking::Response) -> ResponseHead {
    let headers = response.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    ResponseHead::new(response.status().as_u16(), headers.collect())
}

struct Body(reqwest::blocking::Response);

impl Chunks for Body {
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut chunk = vec![0; 256 * 1024];
        let count = self.0.read(&mut chunk).map_err(|error| network(&error))?;
        chunk.truncate(count);
        Ok((count > 0).then_some(chunk))
    }
}

impl Services for HttpServices {
    fn datasource(&self) -> Result<DatasourceRef, Error> {
        self.stored.datasource()
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        let response = self.send(request)?;
        let head = head(&response);
        let body = response.bytes().map_err(|error| network(&error))?;
        Ok(Response {
            head,
            body: body.into(),
        })
    }

    fn open(&self, request: &Request) -> Result<Stream<'_>, Error> {
        let response = self.send(request)?;
        Ok(Stream {
            head: head(&response),
            body: Box::new(Body(response)),
        })
    }

    fn blob_get(&self, name: &str) -> Result<Option<Blob>, Error> {
        self.stored.blob_get(name)
    }

    fn blob_put(&self, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error> {
        self.stored.blob_put(name, bytes, expected)
    }

    fn blob_list(&self, prefix: &str) -> Result<Vec<BlobInfo>, Error> {
        self.stored.blob_list(prefix)
    }

    fn blob_remove(&self, name: &str) -> Result<(), Error> {
        self.stored.blob_remove(name)
    }

    fn lease(&self, key: &str, ttl: Duration) -> Result<Option<LeaseId>, Error> {
        self.stored.lease(key, ttl)
    }

    fn release(&self, lease: LeaseId) {
        self.stored.release(lease);
    }

    fn log(&self, _level: LogLevel, _message: &str) {}

    fn progress(&self, _progress: &Progress) {}

    fn is_cancelled(&self) -> bool {
        false
    }

    fn remaining(&self) -> Duration {
        PATIENCE
    }

    fn wait(&self, duration: Duration) -> Result<(), Error> {
        thread::sleep(duration);
        Ok(())
    }
}
