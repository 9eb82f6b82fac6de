//! A simple HTTP client for the tests.

use std::time::{Duration, Instant};

use marketplace_sim::{Options, Sim};
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::Value;

/// A running stand-in, and a client with its credentials.
pub(crate) struct Api {
    pub(crate) sim: Sim,
    pub(crate) client: Client,
}

impl Api {
    /// Starts the stand-in.
    pub(crate) fn start(options: Options) -> Self {
        // Only the first test of the process can install it.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(120))
            .build()
            .unwrap();
        Self {
            sim: Sim::start(options).unwrap(),
            client,
        }
    }

    /// Returns the address of a path below `/rest/3`; `{d}` in it is the developer space.
    pub(crate) fn url(&self, path: &str) -> String {
        let path = path.replace("{d}", self.sim.developer_id());
        format!("{}/rest/3{path}", self.sim.base_url())
    }

    /// Creates a GET with credentials.
    pub(crate) fn request(&self, path: &str) -> RequestBuilder {
        self.client
            .get(self.url(path))
            .basic_auth(Options::EMAIL, Some(Options::TOKEN))
    }

    /// Sends a GET with credentials.
    pub(crate) fn get(&self, path: &str) -> Response {
        self.request(path).send().unwrap()
    }

    /// Sends a GET and returns status and JSON.
    pub(crate) fn json(&self, path: &str) -> (u16, Value) {
        answer(self.get(path))
    }

    /// Sends a POST and returns status and JSON.
    pub(crate) fn post(&self, path: &str, body: &str) -> (u16, Value) {
        let request = self
            .client
            .post(self.url(path))
            .basic_auth(Options::EMAIL, Some(Options::TOKEN))
            .body(body.to_owned());
        answer(request.send().unwrap())
    }

    /// Returns the rows of a list, read by pages.
    pub(crate) fn rows_by_pages(&self, path: &str, limit: usize) -> Vec<Value> {
        let member = if path.contains("transactions") {
            "transactions"
        } else {
            "licenses"
        };
        let sign = if path.contains('?') { '&' } else { '?' };
        let mut rows = Vec::new();
        loop {
            let offset = rows.len();
            let (status, mut page) =
                self.json(&format!("{path}{sign}limit={limit}&offset={offset}"));
            assert_eq!(status, 200, "{page}");
            let Value::Array(more) = page[member].take() else {
                panic!("no rows in {page}");
            };
            rows.extend(more);
            if page["_links"].get("next").is_none() {
                return rows;
            }
        }
    }

    /// Returns the rows of a list as text, by an export in the background.
    pub(crate) fn export(&self, list: &str, query: &str) -> String {
        let root = format!("/reporting/developer-space/{{d}}/{list}/async/export");
        let (status, started) = self.post(&format!("{root}?accept=json&{query}"), "");
        assert_eq!(status, 200, "{started}");
        let id = started["export"]["id"].as_str().unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let (status, state) = self.json(&format!("{root}/{id}/status"));
            assert_eq!(status, 200, "{state}");
            if state["export"]["status"] == "COMPLETED" {
                break;
            }
            assert!(Instant::now() < until, "{state}");
            std::thread::sleep(Duration::from_millis(20));
        }
        let answer = self.get(&format!("{root}/{id}"));
        assert_eq!(answer.status().as_u16(), 200);
        answer.text().unwrap()
    }

    /// Returns the rows of a list, by an export in the background.
    pub(crate) fn exported_rows(&self, list: &str, query: &str) -> Vec<Value> {
        serde_json::from_str(&self.export(list, query)).unwrap()
    }
}

/// Returns status and JSON of an answer.
pub(crate) fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    (status, value)
}
