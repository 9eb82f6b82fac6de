//! Calls to a page of the browser, and the events that arrive meanwhile.

use std::net::TcpStream;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, client};

use crate::PATIENCE;

/// A connection to one page.
pub(super) struct Connection {
    socket: WebSocket<TcpStream>,
    calls: u64,
    complaints: Vec<String>,
    is_loaded: bool,
    /// The input that has opened a file chooser.
    asks_for_file: Option<u64>,
}

impl Connection {
    pub(super) fn open(address: &str, port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("chromium listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a timeout can be set");
        // Each small call waits for its answer.
        stream.set_nodelay(true).expect("delays can be turned off");
        let (socket, _) = client(address, stream).expect("chromium takes the connection");
        Self {
            socket,
            calls: 0,
            complaints: Vec::new(),
            is_loaded: false,
            asks_for_file: None,
        }
    }

    /// Calls a method and returns its result; events that arrive meanwhile are kept.
    pub(super) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        let call = json!({"id": id, "method": method, "params": parameters});
        self.socket
            .send(Message::text(call.to_string()))
            .expect("chromium takes the call");
        loop {
            let mut message = self.next(method);
            if message["id"] != id {
                self.hear(&message);
                continue;
            }
            assert!(message.get("error").is_none(), "{method}: {message}");
            return message["result"].take();
        }
    }

    pub(super) fn expect_load(&mut self) {
        self.is_loaded = false;
    }

    pub(super) fn wait_for_load(&mut self, url: &str) {
        while !self.is_loaded {
            let message = self.next(url);
            self.hear(&message);
        }
    }

    /// Waits until the page opens a file chooser, and returns its input.
    pub(super) fn wait_for_file_chooser(&mut self) -> u64 {
        loop {
            if let Some(input) = self.asks_for_file.take() {
                return input;
            }
            let message = self.next("the question for a file");
            self.hear(&message);
        }
    }

    /// Takes the complaints so far.
    pub(super) fn complaints(&mut self) -> Vec<String> {
        std::mem::take(&mut self.complaints)
    }

    fn next(&mut self, awaited: &str) -> Value {
        loop {
            let message = self
                .socket
                .read()
                .unwrap_or_else(|error| panic!("no answer to {awaited}: {error}"));
            if let Message::Text(text) = message {
                return serde_json::from_str(&text).expect("chromium speaks JSON");
            }
        }
    }

    fn hear(&mut self, message: &Value) {
        let said = &message["params"];
        match message["method"].as_str() {
            Some("Page.loadEventFired") => self.is_loaded = true,
            Some("Page.fileChooserOpened") => {
                self.asks_for_file = said["backendNodeId"].as_u64();
            }
            Some("Runtime.exceptionThrown") => {
                let details = &said["exceptionDetails"];
                let text = details["exception"]["description"].as_str();
                let text = text.or(details["text"].as_str()).unwrap_or_default();
                self.complaints.push(format!("exception: {text}"));
            }
            Some("Runtime.consoleAPICalled")
                if ["assert", "error", "warning"]
                    .iter()
                    .any(|kind| said["type"] == *kind) =>
            {
                let words = said["args"].as_array().into_iter().flatten();
                let words: Vec<String> = words.map(word).collect();
                self.complaints
                    .push(format!("console: {}", words.join(" ")));
            }
            // Violations of the policy and failed requests are reported here.
            Some("Log.entryAdded") => {
                let entry = &said["entry"];
                if entry["level"] == "error" || entry["level"] == "warning" {
                    let text = entry["text"].as_str().unwrap_or_default();
                    let url = entry["url"].as_str().unwrap_or_default();
                    self.complaints.push(format!("browser: {text} ({url})"));
                }
            }
            _ => {}
        }
    }
}

/// Returns an argument of a console call as the console shows it.
fn word(argument: &Value) -> String {
    match &argument["value"] {
        Value::Null => argument["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
