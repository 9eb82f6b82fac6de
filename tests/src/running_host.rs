//! The host as a running process.

use std::{
    io::{self, BufRead, BufReader, Lines, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::{PATIENCE, browser::Page, wait_until};

const JSON: &str = "application/json";

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
    /// Returns the body as JSON, or null when it is something else.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Parses a complete response; nothing if it is malformed.
    fn parsed(answer: &[u8]) -> Option<Self> {
        let answer = String::from_utf8_lossy(answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        Some(Self {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head: head.to_lowercase(),
            body: body.to_owned(),
        })
    }
}

/// A host that runs until this value is dropped.
pub struct RunningHost {
    host: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// The address that the host printed, which signs in its administrator while nobody has a
    /// password.
    pub url: String,
    /// The session cookie, as it is sent.
    pub cookie: String,
}

impl RunningHost {
    /// Starts the host, waits until it prints its address, and signs in where nobody has a password.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let mut running = Self::start_signed_out(command);
        if let Some((_, token)) = running.url.clone().split_once("/start?token=") {
            running.enter("/api/first-start", &json!({"token": token}));
        }
        running
    }

    /// Starts the host and waits until it prints its address.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn start_signed_out(command: &mut Command) -> Self {
        let mut host = command
            .stdout(Stdio::piped())
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

    /// Signs in, and sends requests as this user from now on.
    ///
    /// # Panics
    ///
    /// Panics when the host refuses.
    pub fn log_in(&mut self, name: &str, password: &str) {
        let known = json!({"name": name, "password": password});
        self.enter("/api/session", &known);
    }

    fn enter(&mut self, path: &str, known: &Value) {
        let reply = self.call("POST", path, known);
        let cookie = reply.head.split("set-cookie: ").nth(1);
        let cookie = cookie.and_then(|set| set.split(';').next());
        cookie
            .unwrap_or_else(|| panic!("the host does not let in: {reply:?}"))
            .clone_into(&mut self.cookie);
    }

    /// Opens a page of the host in a browser, as the user who is signed in.
    pub fn open(&self, page: &mut Page, path: &str) {
        page.goto(&format!("http://{}/login", self.address));
        page.eval(&format!("document.cookie = {:?}", self.cookie));
        page.goto(&format!("http://{}{path}", self.address));
    }

    /// Sends a GET request as the user who is signed in.
    #[must_use]
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, "", "")
    }

    /// Sends JSON as the user who is signed in.
    #[must_use]
    pub fn call(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.send(method, path, JSON, &body.to_string())
    }

    /// Sends JSON as the user who is signed in, and returns the status and the JSON of the response.
    #[must_use]
    pub fn json(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let reply = self.call(method, path, body);
        (reply.status, reply.json())
    }

    /// Does the same, but returns nothing if the host ends before it has answered.
    #[must_use]
    pub fn try_json(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let stream = self.stream(&self.request(method, path, JSON, &body.to_string()));
        let reply = Reply::parsed(&answer_of(&mut stream.ok()?).ok()?)?;
        Some((reply.status, reply.json()))
    }

    /// Sends a request as the user who is signed in, and returns the response.
    ///
    /// # Panics
    ///
    /// Panics when the host does not answer.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> Reply {
        let answer = self.raw(&self.request(method, path, kind, body));
        Reply::parsed(answer.as_bytes()).unwrap_or_else(|| panic!("{method} {path}: {answer}"))
    }

    /// Sends a raw request and returns the complete response.
    ///
    /// # Panics
    ///
    /// Panics when the host does not answer.
    #[must_use]
    pub fn raw(&self, request: &str) -> String {
        let mut stream = self.stream(request).expect("the request is taken");
        let answer = answer_of(&mut stream).expect("the host answers");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends JSON and returns the events of the response as they arrive.
    ///
    /// # Panics
    ///
    /// Panics when the host does not take the request.
    pub fn events(
        &self,
        path: &str,
        body: &Value,
    ) -> impl Iterator<Item = (String, Value)> + use<> {
        let request = self.request("POST", path, JSON, &body.to_string());
        let stream = self.stream(&request).expect("the request is taken");
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

    /// Follows a stream of changes, line by line.
    ///
    /// # Panics
    ///
    /// Panics when the host does not take the request.
    #[must_use]
    pub fn follow(&self, path: &str) -> Lines<BufReader<TcpStream>> {
        let stream = self.stream(&self.request("GET", path, "", ""));
        BufReader::new(stream.expect("the request is taken")).lines()
    }

    fn request(&self, method: &str, path: &str, kind: &str, body: &str) -> String {
        let (host, cookie, length) = (&self.address, &self.cookie, body.len());
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\nsec-fetch-site: same-origin\r\n\
             content-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
    }

    fn stream(&self, request: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        Ok(stream)
    }

    /// Returns the id of its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.host.id()
    }

    /// Kills the host without warning.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be killed.
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
        let reply = self.get("/");
        let at = reply
            .head
            .split("location: ")
            .nth(1)
            .and_then(|rest| rest.lines().next())
            .expect("there is one dashboard");
        at.trim().to_owned()
    }

    /// Waits until the HTML of a page contains a text, and returns the response.
    ///
    /// # Panics
    ///
    /// Panics when that takes too long.
    pub fn wait_for_page(&self, path: &str, text: &str) -> Reply {
        wait_until(format!("`{text}` on {path}"), || {
            Some(self.get(path)).filter(|page| page.body.contains(text))
        })
    }

    /// Waits until the first sync is over and the tiles are filled.
    ///
    /// # Panics
    ///
    /// Panics when that takes too long.
    pub fn wait_until_filled(&self) -> Reply {
        let path = self.dashboard();
        self.wait_for_page(&path, "Licensed users now")
    }
}

impl RunningHost {
    /// Stops the host as its user would, and waits until it has ended.
    pub fn end(&mut self) {
        // The host may have ended already.
        if matches!(self.host.try_wait(), Ok(None)) {
            let _ = Command::new("kill")
                .arg(self.host.id().to_string())
                .status();
            let _ = self.host.wait();
        }
    }
}

impl Drop for RunningHost {
    fn drop(&mut self) {
        self.end();
    }
}

/// Reads until the connection ends; an aborted one counts once something has arrived.
fn answer_of(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if answer.is_empty() => Err(error),
        _ => Ok(answer),
    }
}
