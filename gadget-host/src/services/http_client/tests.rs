//! Requests against a server on this machine that misbehaves in every way there is.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Instant,
};

use flate2::{Compression, write::GzEncoder};
use gadget_api::{Authentication, DatasourceDeclaration, FieldPath};
use serde_json::json;

use super::*;
use crate::{Cancellation, OriginPolicy};

/// Only a hang takes this long.
const HANG: Duration = Duration::from_secs(120);

/// A server whose every connection is handled by one function, which is told how many came before.
struct Server {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(handle: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (kept, handle, count) = (
            Arc::clone(&heads),
            Arc::new(handle),
            Arc::new(AtomicUsize::new(0)),
        );
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, kept) = (stream.unwrap(), Arc::clone(&kept));
                let (handle, count) = (Arc::clone(&handle), Arc::clone(&count));
                thread::spawn(move || {
                    let head = read_head(&stream);
                    if head.is_empty() {
                        return;
                    }
                    kept.lock().unwrap().push(head);
                    handle(stream, count.fetch_add(1, Ordering::SeqCst));
                });
            }
        });
        Self { port, heads }
    }

    /// A server that gives the same answer to everybody, and then closes the connection.
    fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |mut stream, _| drop(stream.write_all(&answer)))
    }

    fn requests(&self) -> usize {
        self.heads.lock().unwrap().len()
    }

    fn datasource(&self) -> Datasource {
        let path = |text| FieldPath::parse(text).unwrap();
        let text = || json!({"type": "string", "title": "T", "default": ""});
        let declaration = DatasourceDeclaration {
            id: "numbers".to_owned(),
            title: "Numbers".to_owned(),
            summary: String::new(),
            schema: json!({"type": "object", "properties": {"url": text(), "user": text(), "token": text()}}),
            origin: path("/url"),
            known_origins: Vec::new(),
            authentication: Authentication::Basic {
                user: path("/user"),
                password: path("/token"),
            },
        };
        let settings = json!({
            "url": format!("http://127.0.0.1:{}/base", self.port), "user": "me", "token": "canary-token",
        });
        let origins = OriginPolicy::new().with_insecure_loopback();
        Datasource::declared(Arc::new(declaration), "d".to_owned(), settings, &origins).unwrap()
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        HttpClient::default().fetch(&self.datasource(), request, &seconds(60))
    }

    fn failure(&self) -> (ErrorKind, String) {
        let error = self
            .fetch(&Request::get("/x").with_query("q", "canary-query"))
            .unwrap_err();
        let text = format!("{error} {error:?}");
        for canary in ["canary", "Y2FuYXJ5", "upstream"] {
            assert!(!text.contains(canary), "{text}");
        }
        let port = format!("127.0.0.1:{}", self.port);
        (error.kind(), error.to_string().replace(&port, "HOST"))
    }
}

fn read_head(stream: &TcpStream) -> String {
    let mut head = String::new();
    let mut lines = BufReader::new(stream);
    while lines.read_line(&mut head).is_ok_and(|bytes| bytes > 2) {}
    head
}

fn seconds(count: u64) -> Limit {
    Limit::new(Duration::from_secs(count), &Cancellation::new())
}

/// An answer of JSON with its length.
fn whole(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-inner: secret\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn status(line: &str, headers: &str) -> String {
    format!("HTTP/1.1 {line}\r\n{headers}content-length: 8\r\n\r\nupstream")
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An answer whose body is compressed; without a length only the end of the connection ends it.
fn compressed(body: &[u8], has_length: bool) -> Vec<u8> {
    let length = if has_length {
        format!("content-length: {}\r\n", body.len())
    } else {
        String::new()
    };
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n{length}connection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[test]
fn a_request_goes_below_the_base_address_with_the_credentials() {
    let server = Server::answering(whole("{}"));
    let request = Request::post("/rest/x", b"{\"a\":1}".to_vec()).with_query("q", "a b");
    let response = server.fetch(&request).unwrap();
    assert_eq!(response.body, b"{}");
    assert_eq!(
        response.head.headers,
        [
            ("content-type", "application/json"),
            ("content-length", "2")
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    let head = server.heads.lock().unwrap()[0].to_ascii_lowercase();
    assert!(
        head.starts_with("post /base/rest/x?q=a+b http/1.1\r\n"),
        "{head}"
    );
    for line in [
        "authorization: basic bwu6y2fuyxj5lxrva2vu\r\n",
        "user-agent: gadget-host/",
        "accept-encoding: gzip\r\n",
    ] {
        assert!(head.contains(line), "{head}");
    }
}

#[test]
fn an_answer_that_was_cut_is_never_taken_for_whole() {
    let cut = "http://HOST sent a truncated answer";
    let maybe = "http://HOST sent an answer that may be truncated";
    let inflate = "http://HOST sent an answer that cannot be decompressed";
    let zip = gzipped(b"{\"a\": 1}");
    let closed =
        |body: &str| format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}").into_bytes();
    let chunked = |body: &str| {
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}").into_bytes()
    };
    for (answer, expected) in [
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"a\": 1}".to_vec(),
            cut,
        ),
        (chunked("8\r\n{\"a\": 1}\r\n"), cut),
        (chunked("8\r\n{\"a\""), cut),
        (closed("{\"a\": [1"), maybe),
        (closed("name,count\na,1\n"), maybe),
        (closed(""), maybe),
        (compressed(&zip[..zip.len() - 1], false), inflate),
        (compressed(&zip[..zip.len() / 2], true), inflate),
        (compressed(b"no zip at all", true), inflate),
        (
            b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx".to_vec(),
            "http://HOST sent an encoding that was not requested",
        ),
    ] {
        let server = Server::answering(answer.clone());
        assert_eq!(
            server.failure(),
            (ErrorKind::Datasource, expected.to_owned()),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    for answer in [
        closed("{\"a\": 1}"),
        chunked("8\r\n{\"a\": 1}\r\n0\r\n\r\n"),
        compressed(&zip, false),
        compressed(&zip, true),
    ] {
        let response = Server::answering(answer)
            .fetch(&Request::get("/x"))
            .unwrap();
        assert_eq!(response.body, b"{\"a\": 1}");
    }
}

#[test]
fn a_stream_that_was_cut_ends_with_an_error_and_not_with_its_end() {
    let cut = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[1, 2, ";
    let server = Server::answering(cut);
    let http = HttpClient::default();
    let (head, mut body) = http
        .open(&server.datasource(), &Request::get("/x"), &seconds(9))
        .unwrap();
    assert_eq!(head.status, 200);
    assert_eq!(body.next_chunk().unwrap().as_deref(), Some(&b"[1, 2, "[..]));
    assert_eq!(body.next_chunk().unwrap_err().kind(), ErrorKind::Datasource);
}

#[test]
fn an_answer_that_is_too_large_stops_at_the_cap() {
    let endless = Server::start(|mut stream, _| {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        let mut sent = stream.write_all(head.as_bytes());
        while sent.is_ok() {
            sent = stream.write_all(chunk.as_bytes());
        }
    });
    let bomb = Server::answering(compressed(&gzipped(&vec![b' '; 64 << 20]), true));
    let lying = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n{}");
    for server in [endless, bomb] {
        assert_eq!(
            server.failure(),
            (
                ErrorKind::TooLarge,
                "an answer of http://HOST is larger than allowed".to_owned()
            )
        );
        assert_eq!(server.requests(), 1);
    }
    assert_eq!(lying.failure().0, ErrorKind::Datasource);
    let small = Server::answering(whole("{\"a\": 1}"));
    let error = small
        .fetch(&Request::get("/x").with_max_bytes(7))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(small.fetch(&Request::get("/x").with_max_bytes(8)).is_ok());
}

#[test]
fn a_stream_may_be_larger_than_memory_and_comes_in_pieces() {
    let server = Server::answering(compressed(&gzipped(&vec![b' '; 64 << 20]), true));
    let http = HttpClient::default();
    let (_, mut body) = http
        .open(&server.datasource(), &Request::get("/x"), &seconds(60))
        .unwrap();
    let mut bytes = 0;
    while let Some(chunk) = body.next_chunk().unwrap() {
        assert!(chunk.len() <= 1 << 20, "{}", chunk.len());
        bytes += chunk.len();
    }
    assert_eq!(bytes, 64 << 20);
}

#[test]
fn a_redirect_is_an_error_and_nobody_is_asked_in_its_place() {
    let other = Server::answering(whole("{}"));
    for code in [301, 302, 303, 307, 308] {
        for target in [
            format!("http://127.0.0.1:{}/", other.port),
            "https://evil.test/".to_owned(),
            "http://169.254.169.254/".to_owned(),
            "/base/x".to_owned(),
        ] {
            let server = Server::answering(status(
                &format!("{code} Moved"),
                &format!("location: {target}\r\n"),
            ));
            assert_eq!(
                server.failure(),
                (
                    ErrorKind::Datasource,
                    format!(
                        "http://HOST answers with a redirect ({code}), which is never followed"
                    )
                )
            );
            assert_eq!(server.requests(), 1);
        }
    }
    assert_eq!(other.requests(), 0);
}

#[test]
fn only_answers_that_may_pass_are_asked_for_again() {
    for (line, requests) in [
        ("400 Bad", 1),
        ("401 No", 1),
        ("403 No", 1),
        ("404 No", 1),
        ("500 Oh", 1),
        ("503 Later", 4),
    ] {
        let server = Server::answering(status(line, ""));
        let response = server.fetch(&Request::get("/x")).unwrap();
        assert_eq!(response.head.status.to_string(), line[..3]);
        assert_eq!(server.requests(), requests, "{line}");
    }
    let post = Server::answering(status("503 Later", ""));
    assert!(post.fetch(&Request::post("/x", b"{}".to_vec())).is_ok());
    assert_eq!(post.requests(), 1);
    assert!(
        post.fetch(&Request::post("/x", b"{}".to_vec()).repeatable())
            .is_ok()
    );
    assert_eq!(post.requests(), 5);
}

#[test]
fn a_connection_that_broke_is_tried_again() {
    let server = Server::start(|mut stream, before| match before {
        0 => {}
        1 => drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{")),
        _ => drop(stream.write_all(whole("{\"a\": 1}").as_bytes())),
    });
    assert_eq!(
        server.fetch(&Request::get("/x")).unwrap().body,
        b"{\"a\": 1}"
    );
    assert_eq!(server.requests(), 3);
}

#[test]
fn an_answer_that_asks_to_wait_is_waited_for_or_ends_the_call_at_once() {
    let patient = Server::start(|mut stream, before| {
        let answer = match before {
            0 => status("429 Slow", "retry-after: 1\r\n"),
            _ => whole("{}"),
        };
        drop(stream.write_all(answer.as_bytes()));
    });
    let begin = Instant::now();
    assert!(patient.fetch(&Request::get("/x")).is_ok());
    assert!(begin.elapsed() >= Duration::from_secs(1));
    assert_eq!(patient.requests(), 2);
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
    for (text, seconds) in [("300", 300), ("99999999", 900), (&date, 900)] {
        let server = Server::answering(status("429 Slow", &format!("retry-after: {text}\r\n")));
        let expected = format!(
            "http://HOST can be asked again in {seconds} s, which is longer than this call may take"
        );
        assert_eq!(server.failure(), (ErrorKind::TimedOut, expected), "{text}");
        assert_eq!(server.requests(), 1);
    }
    for text in ["-1", "soon", ""] {
        let server = Server::answering(status("503 Later", &format!("retry-after: {text}\r\n")));
        assert_eq!(server.fetch(&Request::get("/x")).unwrap().head.status, 503);
        assert_eq!(server.requests(), 4);
    }
}

#[test]
fn a_server_that_says_nothing_costs_ten_seconds_and_one_that_drips_the_time_of_the_request() {
    // Reads until the other side has closed.
    let silent = Server::start(|mut stream, _| drop(stream.read_to_end(&mut Vec::new())));
    let dripping = Server::start(|mut stream, _| {
        while stream.write_all(b"H").is_ok() {
            thread::sleep(Duration::from_millis(300));
        }
    });
    let begin = Instant::now();
    let expected = (
        ErrorKind::Network,
        "http://HOST did not answer in time".to_owned(),
    );
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(silent.failure(), expected));
        scope.spawn(|| {
            let request = Request::get("/x").with_timeout(Duration::from_secs(2));
            let error = dripping.fetch(&request).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Network);
        });
    });
    // Without these limits, both would take the 30 s of any request.
    assert!(begin.elapsed() < FETCH_TIMEOUT, "{:?}", begin.elapsed());
    assert_eq!(silent.requests(), 1);
}

#[test]
fn a_call_that_is_cancelled_leaves_its_request_and_the_connection_is_closed() {
    let (arrived, arrivals) = mpsc::channel();
    let (closed, closings) = mpsc::channel();
    let hanging = Server::start(move |mut stream, before| {
        // Every other request hangs in the middle of its body.
        if before % 2 == 1 {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"));
        }
        arrived.send(()).unwrap();
        // Reads until the other side has closed.
        drop(stream.read_to_end(&mut Vec::new()));
        closed.send(()).unwrap();
    });
    let (http, datasource) = (HttpClient::default(), hanging.datasource());
    for _ in 0..200 {
        let cancellation = Cancellation::new();
        let limit = Limit::new(Duration::from_secs(3600), &cancellation);
        let error = thread::scope(|scope| {
            let fetching = scope.spawn(|| http.fetch(&datasource, &Request::get("/x"), &limit));
            arrivals.recv_timeout(HANG).unwrap();
            cancellation.cancel();
            fetching.join().unwrap().unwrap_err()
        });
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        closings.recv_timeout(HANG).unwrap();
    }
}

#[test]
fn a_server_that_cannot_prove_who_it_is_gets_no_credentials() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (kept, listener) = (
        Arc::clone(&heard),
        TcpListener::bind("127.0.0.1:0").unwrap(),
    );
    let address = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = vec![0; 4096];
            let count = stream.read(&mut bytes).unwrap_or_default();
            kept.lock().unwrap().extend_from_slice(&bytes[..count]);
            drop(stream.write_all(whole("{}").as_bytes()));
        }
    });
    let origins = OriginPolicy::new().with_origin(&address).unwrap();
    let plain = Server::answering(whole("{}")).datasource();
    let settings = json!({"url": address, "user": "me", "token": "canary-token"});
    let datasource =
        Datasource::declared(plain.declaration(), "d".to_owned(), settings, &origins).unwrap();
    let error = HttpClient::default()
        .fetch(&datasource, &Request::get("/x"), &seconds(30))
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string()),
        (
            ErrorKind::Network,
            format!(
                "{address} has no valid certificate, or does not support a safe version of TLS"
            )
        )
    );
    let heard = String::from_utf8_lossy(&heard.lock().unwrap()).to_ascii_lowercase();
    for part in ["authorization", "get /", "basic"] {
        assert!(!heard.contains(part), "{part}");
    }
}

#[test]
fn at_most_four_requests_to_a_datasource_run_at_once() {
    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    // Each group of four is answered when all of it has come.
    let group = Barrier::new(4);
    let server = Server::start(move |mut stream, _| {
        let running = RUNNING.fetch_add(1, Ordering::SeqCst) + 1;
        MOST.fetch_max(running, Ordering::SeqCst);
        group.wait();
        RUNNING.fetch_sub(1, Ordering::SeqCst);
        drop(stream.write_all(whole("{}").as_bytes()));
    });
    let (http, datasource) = (HttpClient::default(), server.datasource());
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                http.fetch(&datasource, &Request::get("/x"), &seconds(30))
                    .unwrap()
            });
        }
    });
    assert_eq!((server.requests(), MOST.load(Ordering::SeqCst)), (12, 4));
}

#[test]
fn a_fifth_request_waits_for_a_permit_until_its_call_ends() {
    let server = Server::answering(whole("{}"));
    let (http, datasource) = (HttpClient::default(), server.datasource());
    let runtime = http.runtime().unwrap();
    let acquire = |limit: &Limit| datasource.request_limiter.acquire(runtime, limit);
    let mut held: Vec<_> = (0..4).map(|_| acquire(&seconds(60)).unwrap()).collect();
    let short = Limit::new(Duration::from_millis(20), &Cancellation::new());
    assert_eq!(acquire(&short).unwrap_err().kind(), ErrorKind::TimedOut);
    held.pop();
    assert!(acquire(&seconds(60)).is_ok());
}
