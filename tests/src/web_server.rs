//! A small web server on loopback, for pages that only a test has.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

/// The content security policy of the page: what a script or style has to live with.
pub const STRICT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// A request of the browser.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path, without what follows a `?`.
    pub path: String,
    /// The body, as text.
    pub body: String,
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub struct Response {
    status: u16,
    kind: &'static str,
    policy: Option<&'static str>,
    body: Vec<u8>,
}

impl Response {
    /// Creates the answer that something is there, of this content type.
    pub fn new(kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            kind,
            policy: None,
            body: body.into(),
        }
    }

    /// Creates an answer without content, such as 404.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::new("text/plain", "")
        }
    }

    /// Sets the status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets the content security policy.
    #[must_use]
    pub fn with_policy(mut self, policy: &'static str) -> Self {
        self.policy = Some(policy);
        self
    }
}

/// Serves until the test ends, each request on a thread of its own, and returns the address: `http://…`,
/// without a slash at its end.
///
/// # Panics
///
/// Panics when no port is free.
pub fn serve(respond: impl Fn(&Request) -> Response + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let respond = Arc::new(respond);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let respond = Arc::clone(&respond);
            thread::spawn(move || answer_one(&stream, &*respond));
        }
    });
    format!("http://{address}")
}

/// Answers one request; a browser that goes away meanwhile is no error.
fn answer_one(stream: &TcpStream, respond: &dyn Fn(&Request) -> Response) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let method = words.next()?.to_owned();
    let path = words.next()?.split('?').next()?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().split_once(':') {
            None => break,
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok()?;
            }
            Some(_) => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let response = respond(&Request {
        method,
        path,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let policy = response
        .policy
        .map(|policy| format!("content-security-policy: {policy}\r\n"));
    let head = format!(
        "HTTP/1.1 {} .\r\ncontent-type: {}; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n{}\r\n",
        response.status,
        response.kind,
        response.body.len(),
        policy.unwrap_or_default()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&response.body).ok()
}
