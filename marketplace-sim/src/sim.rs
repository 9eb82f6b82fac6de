//! A running stand-in.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use axum::serve::ListenerExt;
use chrono::NaiveDate;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::changes::{Changes, FixedData, NextDay};
use crate::control;
use crate::data::Data;
use crate::fault::Faults;
use crate::options::Options;
use crate::server::{self, BASE_PATH, Request, Server};

/// How many apps a first dashboard shows.
const APPS_SHOWN_FIRST: usize = 3;

/// A running stand-in, on its own threads. It stops when it is dropped.
pub struct Sim {
    server: Arc<Server>,
    address: SocketAddr,
    /// `None` after the drop.
    runtime: Option<Runtime>,
}

impl Sim {
    /// Starts a stand-in, which accepts requests when this returns.
    ///
    /// # Errors
    ///
    /// Returns an error when it cannot listen on the address, or cannot start a thread.
    pub fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("marketplace-sim")
            .enable_all()
            .build()?;
        let server = Arc::new(Server::new(options));
        let router = Router::new()
            .route(control::ADVANCE, post(control::advance))
            .fallback(server::handle)
            .with_state(Arc::clone(&server));
        let listener = {
            let _runtime = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        // Nagle's algorithm would delay small answers.
        let listener = listener.tap_io(|connection| {
            // Without it answers are only slower.
            let _ = connection.set_nodelay(true);
        });
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            server,
            address,
            runtime: Some(runtime),
        })
    }

    /// Returns the address to give to a client, such as `http://127.0.0.1:40123/marketplace`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}{BASE_PATH}", self.address)
    }

    /// Returns the address that the stand-in listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the current day for the data.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.server.today()
    }

    /// Returns the id of the vendor's developer space.
    #[must_use]
    pub fn developer_id(&self) -> &str {
        self.server.developer()
    }

    /// Describes the stand-in to a dashboard host.
    ///
    /// The object has a `name`, a `datasource` in the form of a datasource file (with the token), and
    /// `answers` to the questions of a dashboard template: for each semantic, the values to use.
    #[must_use]
    pub fn describe(&self) -> Value {
        let options = self.server.options();
        let dataset = self.server.dataset();
        let keys = dataset.apps().iter().map(|app| app.key.as_str());
        let apps: Vec<&str> = keys.take(APPS_SHOWN_FIRST).collect();
        json!({
            "name": "Sample Marketplace",
            "datasource": {
                "kind": "atlassian-marketplace",
                "base_url": self.base_url(),
                "vendors": [options.vendor],
                "email": options.email,
                "token": options.token,
            },
            "answers": if apps.is_empty() { json!({}) } else { json!({"app": apps}) },
        })
    }

    /// Replaces the faults and resets the counts of earlier ones.
    pub fn set_faults(&self, faults: impl Into<Faults>) {
        self.server.set_faults(faults.into());
    }

    /// Serves this data from now on. Exports that were already started keep theirs.
    pub fn replace_data(&self, data: &Data) {
        self.server.replace_data(data);
    }

    /// Lets a day go by: rows of the sample vendor change, are added and are removed, and the current day is the next one.
    ///
    /// # Errors
    ///
    /// Returns an error when the data are not those of the sample vendor: cases and rows of a test never change.
    pub fn advance(&self, changes: Changes) -> Result<NextDay, FixedData> {
        self.server.next_day(changes)
    }

    /// Returns the requests so far, oldest first, limited to the last hundred thousand.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// Clears the log of requests.
    pub fn clear_requests(&self) {
        self.server.clear_requests();
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // The value may be dropped inside another runtime, where blocking is not allowed.
            runtime.shutdown_background();
        }
    }
}
