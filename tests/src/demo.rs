//! The demonstration of the host, as a program that runs.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{Host, library, program};

/// A host that serves its demonstration until this value is dropped.
pub struct Demo {
    host: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// The address that opens the host as its administrator.
    pub url: String,
    cookie: String,
    _data: Host,
}

impl Demo {
    /// Starts the host with the sample data and waits until it says where it is.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn start() -> Self {
        // The host finds the stand-in beside its own file.
        let _stand_in = program("marketplace-sim");
        let library = library("app-users-gadget", &[]);
        let data = Host::new(library.directory());
        let mut host = data
            .command(&["serve", "--demo", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the host starts");
        let output = host.stdout.take().expect("its output is a pipe");
        let mut line = String::new();
        BufReader::new(output)
            .read_line(&mut line)
            .expect("it prints a line");
        let url = line
            .trim()
            .strip_prefix("dashboard at ")
            .expect("the line names the page");
        let (address, path) = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('/'))
            .expect("the page has an address");
        assert!(address.starts_with("127.0.0.1:"), "{line}");
        let mut demo = Self {
            host,
            address: address.to_owned(),
            url: url.to_owned(),
            cookie: String::new(),
            _data: data,
        };
        let opened = demo.get(&format!("/{path}"));
        let cookie = opened.split("set-cookie: ").nth(1).unwrap_or_default();
        cookie
            .split(';')
            .next()
            .unwrap_or_default()
            .clone_into(&mut demo.cookie);
        demo
    }

    /// Sends a request as it is and returns the whole answer.
    ///
    /// # Panics
    ///
    /// Panics when the host does not answer.
    #[must_use]
    pub fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the host listens");
        stream
            .write_all(request.as_bytes())
            .expect("the request is taken");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the answer ends");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Asks as the administrator and returns the whole answer.
    ///
    /// # Panics
    ///
    /// Panics when the host does not answer.
    #[must_use]
    pub fn get(&self, path: &str) -> String {
        let (host, cookie) = (&self.address, &self.cookie);
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n"
        ))
    }

    /// Returns the path of the only dashboard.
    ///
    /// # Panics
    ///
    /// Panics when there is none, or more than one.
    #[must_use]
    pub fn dashboard(&self) -> String {
        let answer = self.get("/");
        let at = answer
            .split("location: ")
            .nth(1)
            .and_then(|rest| rest.lines().next())
            .expect("there is one dashboard");
        at.trim().to_owned()
    }

    /// Waits until the first sync is over and the tiles are filled.
    ///
    /// # Panics
    ///
    /// Panics when that takes more than a minute.
    #[must_use]
    pub fn filled(&self) -> String {
        let begin = Instant::now();
        let at = self.dashboard();
        loop {
            let page = self.get(&at);
            if page.contains("Licensed users now") {
                return page;
            }
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "the tile is not filled: {page}"
            );
            thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // A host that is gone already needs no end.
        let _ = Command::new("kill")
            .arg(self.host.id().to_string())
            .status();
        let _ = self.host.wait();
    }
}
