//! The host as it serves a team: with a data directory of its own, and nothing in it at first.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{Host, Library, browser::Page, library};

/// A stream that says nothing for so long has ended, as far as a test can tell.
const PATIENCE: Duration = Duration::from_secs(30);

/// A host that serves until this value is dropped; its log is kept at the finest level.
pub struct Served {
    host: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// The token of the address that the host printed.
    pub token: String,
    /// The cookie of the session, as it is sent.
    pub cookie: String,
    log: PathBuf,
    room: Host,
    _library: Library,
}

/// What the host answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The head, in lower case.
    pub head: String,
    /// The body, as text.
    pub body: String,
}

impl Reply {
    /// Returns the body as JSON; what is none is null.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl Served {
    /// Starts a host with the library of App Users, and opens it as its administrator.
    ///
    /// Datasources may be on this machine.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a host as [`Self::start`] does, with the libraries of more packages.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn with(more: &[&str]) -> Self {
        let library = library("app-users-gadget", &[]);
        for package in more {
            let built = crate::library(package, &[]);
            let file = built.path().file_name().expect("a library is a file");
            fs::copy(built.path(), library.directory().join(file)).expect("it can be copied");
        }
        let room = Host::new(library.directory());
        let log = room.data().join("log.txt");
        let stderr = File::create(&log).expect("an own file can be written");
        let mut host = room
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .args(["--allow-insecure-datasource", "--log", "trace"])
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("the host starts");
        let output = host.stdout.take().expect("its output is a pipe");
        let mut line = String::new();
        BufReader::new(output)
            .read_line(&mut line)
            .expect("it prints a line");
        let place = line.trim().strip_prefix("dashboard at http://");
        let (address, path) = place
            .and_then(|place| place.split_once('/'))
            .expect("the line names the page");
        let token = path.split_once("token=").map_or("", |(_, token)| token);
        let mut served = Self {
            host,
            address: address.to_owned(),
            token: token.to_owned(),
            cookie: String::new(),
            log,
            room,
            _library: library,
        };
        let opened = served.send(
            "POST",
            "/start",
            "application/x-www-form-urlencoded",
            &format!("token={token}"),
        );
        served.cookie = cookie(&opened.head);
        assert!(!served.cookie.is_empty(), "{opened:?}");
        served
    }

    /// Asks as somebody else from now on.
    ///
    /// # Panics
    ///
    /// Panics when the host does not let them in.
    pub fn log_in(&mut self, name: &str, password: &str) {
        let known = json!({"name": name, "password": password});
        let opened = self.call("POST", "/api/session", &known);
        self.cookie = cookie(&opened.head);
        assert!(!self.cookie.is_empty(), "{opened:?}");
    }

    /// Returns a command of the host about the same data.
    #[must_use]
    pub fn command(&self, words: &[&str]) -> Command {
        self.room.command(words)
    }

    /// Returns the data directory, the log apart.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.room.data()
    }

    /// Returns what the host has written to its log so far.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be read.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log can be read")
    }

    /// Opens a page of the host in a browser, as the administrator.
    pub fn open(&self, page: &mut Page, path: &str) {
        page.goto(&format!("http://{}/login", self.address));
        page.eval(&format!("document.cookie = {:?}", self.cookie));
        page.goto(&format!("http://{}{path}", self.address));
    }

    /// Asks for something, as the administrator.
    #[must_use]
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", "")
    }

    /// Sends JSON, as the administrator.
    #[must_use]
    pub fn call(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.send(method, path, "application/json", &body.to_string())
    }

    /// Sends a request and returns the whole answer.
    ///
    /// # Panics
    ///
    /// Panics when the host does not answer.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> Reply {
        let mut stream = self.stream(method, path, kind, body);
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        assert!(
            read.is_ok() || !answer.is_empty(),
            "{method} {path}: {read:?}"
        );
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Reply {
            status: status.unwrap_or_default(),
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    /// Sends JSON and returns the events of the answer, one by one as they come.
    pub fn events(
        &self,
        path: &str,
        body: &Value,
    ) -> impl Iterator<Item = (String, Value)> + use<> {
        let stream = self.stream("POST", path, "application/json", &body.to_string());
        let mut name = String::new();
        BufReader::new(stream)
            .lines()
            .map_while(Result::ok)
            .filter_map(move |line| {
                if let Some(event) = line.strip_prefix("event: ") {
                    event.clone_into(&mut name);
                }
                let data = line.strip_prefix("data: ")?;
                Some((name.clone(), serde_json::from_str(data).unwrap_or_default()))
            })
    }

    fn stream(&self, method: &str, path: &str, kind: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("the host listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket has a timeout");
        let (host, cookie, length) = (&self.address, &self.cookie, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\nsec-fetch-site: same-origin\r\n\
             content-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream
            .write_all(request.as_bytes())
            .expect("the request is taken");
        stream
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // A host that is gone already needs no end.
        let _ = Command::new("kill")
            .arg(self.host.id().to_string())
            .status();
        let _ = self.host.wait();
    }
}

/// Returns what a browser sends back of the cookie that an answer sets.
fn cookie(head: &str) -> String {
    let set = head.split("set-cookie: ").nth(1).unwrap_or_default();
    set.split(';').next().unwrap_or_default().to_owned()
}
