//! A running stand-in.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum::serve::ListenerExt;
use chrono::NaiveDate;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::data::Data;
use crate::fault::Faults;
use crate::options::Options;
use crate::server::{self, BASE_PATH, Request, Server};

/// How many apps a first dashboard shows.
const APPS_SHOWN_FIRST: usize = 3;

/// A running stand-in, on threads of its own. It stops when it is dropped.
pub struct Sim {
    server: Arc<Server>,
    address: SocketAddr,
    /// Taken when it stops.
    runtime: Option<Runtime>,
}

impl Sim {
    /// Starts a stand-in; when this returns, it takes requests.
    ///
    /// # Errors
    ///
    /// Returns an error when the address cannot be listened on, or no thread can be started.
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
            .fallback(server::handle)
            .with_state(Arc::clone(&server));
        let listener = {
            let _runtime = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        // Small answers would otherwise wait for each other.
        let listener = listener.tap_io(|connection| {
            let _slower = connection.set_nodelay(true);
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

    /// Returns the address that is listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the day that the stand-in lives on.
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

    /// Misbehaves in these ways from now on, and in no others.
    pub fn set_faults(&self, faults: impl Into<Faults>) {
        self.server.set_faults(faults.into());
    }

    /// Serves these data from now on. An export that was started before holds what it was started with.
    pub fn replace_data(&self, data: &Data) {
        self.server.replace_data(data);
    }

    /// Returns the requests so far, the oldest first; beyond a hundred thousand only the newest.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.server.requests()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.server.clear_requests();
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // It may be dropped inside another runtime, where waiting is not allowed.
            runtime.shutdown_background();
        }
    }
}
