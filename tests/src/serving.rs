//! The host as a program that serves.

use std::{
    io::{BufRead, BufReader, Lines, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// A host that serves until this value is dropped.
pub struct Serving {
    host: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// The address that the host printed; it opens the host as its administrator if nobody has a
    /// password.
    pub url: String,
    cookie: String,
}

impl Serving {
    /// Starts the host, waits until it says where it is, and opens it if it can be opened.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let mut serving = Self::start_unopened(command);
        if let Some((_, token)) = serving.url.clone().split_once("/start?token=") {
            serving.enter("/api/first-start", &json!({"token": token}));
        }
        serving
    }

    /// Starts the host and waits until it says where it is.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn start_unopened(command: &mut Command) -> Self {
        let mut host = command
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
        let (address, _) = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split_once('/'))
            .expect("the page has an address");
        assert!(address.starts_with("127.0.0.1:"), "{line}");
        Self {
            host,
            address: address.to_owned(),
            url: url.to_owned(),
            cookie: String::new(),
        }
    }

    /// Signs in, and asks as this user from now on.
    ///
    /// # Panics
    ///
    /// Panics when the host refuses.
    pub fn log_in(&mut self, name: &str, password: &str) {
        let known = json!({"name": name, "password": password});
        self.enter("/api/session", &known);
    }

    fn enter(&mut self, path: &str, known: &Value) {
        let answer = self.ask("POST", path, &known.to_string());
        let cookie = answer.split("set-cookie: ").nth(1);
        let cookie = cookie.and_then(|set| set.split(';').next());
        cookie
            .unwrap_or_else(|| panic!("the host does not let in: {answer}"))
            .clone_into(&mut self.cookie);
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

    /// Asks as who is signed in and returns the whole answer.
    ///
    /// # Panics
    ///
    /// Panics when the host does not answer.
    #[must_use]
    pub fn get(&self, path: &str) -> String {
        self.ask("GET", path, "")
    }

    /// Sends JSON as who is signed in, and returns the status and the JSON of the answer.
    ///
    /// # Panics
    ///
    /// Panics when the host does not answer.
    #[must_use]
    pub fn json(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.ask(method, path, &body.to_string());
        parsed(&answer).unwrap_or_else(|| panic!("no answer: {answer}"))
    }

    /// The same, but nothing if the host ends before it has answered.
    #[must_use]
    pub fn try_json(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let request = self.request(method, path, &body.to_string());
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        parsed(&String::from_utf8_lossy(&answer))
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        self.send(&self.request(method, path, body))
    }

    fn request(&self, method: &str, path: &str, body: &str) -> String {
        let (host, cookie, length) = (&self.address, &self.cookie, body.len());
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
    }

    /// Follows a stream of events; reading a line gives up after ten seconds.
    ///
    /// # Panics
    ///
    /// Panics when the host does not answer.
    #[must_use]
    pub fn follow(&self, path: &str) -> Lines<BufReader<TcpStream>> {
        let mut stream = TcpStream::connect(&self.address).expect("the host listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a socket can have a timeout");
        stream
            .write_all(self.request("GET", path, "").as_bytes())
            .expect("the request is taken");
        BufReader::new(stream).lines()
    }

    /// Ends the host as a power cut would.
    ///
    /// # Panics
    ///
    /// Panics when nothing can end it.
    pub fn kill(&self) {
        let status = Command::new("kill")
            .args(["-KILL", &self.host.id().to_string()])
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "it cannot be ended"
        );
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

impl Drop for Serving {
    fn drop(&mut self) {
        // A host that is gone already needs no end.
        if matches!(self.host.try_wait(), Ok(None)) {
            let _ = Command::new("kill")
                .arg(self.host.id().to_string())
                .status();
            let _ = self.host.wait();
        }
    }
}

/// Reads the status and the JSON of an answer; what is no JSON is null.
fn parsed(answer: &str) -> Option<(u16, Value)> {
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some((status, serde_json::from_str(body).unwrap_or_default()))
}
