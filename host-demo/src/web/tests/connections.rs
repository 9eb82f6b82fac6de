//! Clients that are slow, large or many.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use super::bed::{Server, status};
use crate::{app::SetupToken, web::connections::Limits};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

fn server(limits: Limits) -> Server {
    Server::start_with(SetupToken::closed(), limits)
}

/// Sends the beginning of a request, and returns what comes until the host closes the connection.
fn begun(server: &Server, beginning: &str) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let beginning = beginning.replace("HOST", &format!("Host: {}", server.address));
    let beginning = beginning.replace('\n', "\r\n");
    stream.write_all(beginning.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_client_that_does_not_go_on_is_not_waited_for() {
    let limits = Limits {
        head: SHORT,
        ..Limits::default()
    };
    let server = server(limits);
    for beginning in [
        "",
        "GET / HT",
        "GET / HTTP/1.1\nHOST\nX-Slow: ",
        // One that was answered waits no longer for the next request.
        "GET /health HTTP/1.1\nHOST\n\n",
    ] {
        let answer = begun(&server, beginning);
        let expected = beginning.starts_with("GET /health");
        assert_eq!(status(&answer) == 200, expected, "{beginning}: {answer}");
    }
    assert_eq!(status(&server.get("/health")), 200);
}

#[test]
fn a_body_that_does_not_come_ends_the_request() {
    let limits = Limits {
        body: SHORT,
        ..Limits::default()
    };
    let server = server(limits);
    let head = "POST /api/session HTTP/1.1\nHOST\nSec-Fetch-Site: same-origin\nContent-Type: application/json\n";
    for (rest, expected) in [
        ("Content-Length: 100\n\n{", 408),
        ("Transfer-Encoding: chunked\n\n1\n{\n", 408),
        ("Content-Length: 2\n\n{}", 422),
    ] {
        let request = if expected == 422 {
            format!("{head}Connection: close\n{rest}")
        } else {
            format!("{head}{rest}")
        };
        let answer = begun(&server, &request);
        assert_eq!(status(&answer), expected, "{rest}: {answer}");
    }
    assert_eq!(status(&server.get("/health")), 200);
}

#[test]
fn what_is_too_large_is_not_read() {
    let server = server(Limits::default());
    let long = "x".repeat(100_000);
    let head = format!("GET /health HTTP/1.1\nHOST\nX-Long: {long}\nConnection: close\n\n");
    assert_eq!(status(&begun(&server, &head)), 431);
    // A length that is not told is counted.
    let chunk = format!("40000\n{}\n", "y".repeat(0x40000));
    let body = chunk.repeat(5);
    let request = format!(
        "POST /api/session HTTP/1.1\nHOST\nSec-Fetch-Site: same-origin\nContent-Type: application/json\nTransfer-Encoding: chunked\nConnection: close\n\n{body}0\n\n"
    );
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = request.replace("HOST", &format!("Host: {}", server.address));
    // The host may answer, and close, before all of it is sent.
    let _ = stream.write_all(request.replace('\n', "\r\n").as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert_eq!(status(&String::from_utf8_lossy(&answer)), 413);
    // Whoever is not let in sends no body at all.
    let refused = begun(
        &server,
        "POST /api/users HTTP/1.1\nHOST\nSec-Fetch-Site: same-origin\nContent-Type: application/json\nConnection: close\nContent-Length: 100\n\n{",
    );
    assert_eq!(status(&refused), 401);
}

#[test]
fn idle_connections_keep_nobody_out() {
    let limits = Limits {
        connections: 8,
        ..Limits::default()
    };
    let server = server(limits);
    let idle: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(server.address).unwrap())
        .collect();
    for _ in 0..20 {
        assert_eq!(status(&server.get("/health")), 200);
    }
    drop(idle);
}

#[test]
fn who_holds_connections_keeps_nobody_out() {
    let limits = Limits {
        connections: 8,
        ..Limits::default()
    };
    let server = server(limits);
    let cookie = server.user("eve", dashboards::domain::Role::Viewer).1;
    let host = server.address;
    // Streams that do not end, and bodies that do not come: for these nobody needs to be known.
    let stream = format!(
        "GET /api/dashboards/d1/events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n"
    );
    let body = format!(
        "POST /api/session HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"
    );
    let owner = server.wait(server.app.people.administrator()).unwrap();
    server.keep("d1", &owner.id, dashboards::domain::Permission::default());
    for request in [stream, body] {
        let mut held: Vec<TcpStream> = (0..20)
            .map(|_| {
                let mut held = TcpStream::connect(host).unwrap();
                held.set_read_timeout(Some(PATIENCE)).unwrap();
                held.write_all(request.as_bytes()).unwrap();
                held
            })
            .collect();
        // The host has read a request when it answers, or has closed its connection for another one.
        let is_answered = |each: &mut TcpStream| each.read(&mut [0]).is_ok_and(|read| read > 0);
        let answered = held.iter_mut().map(is_answered).filter(|is| *is).count();
        assert!(answered > 0);
        for _ in 0..5 {
            assert_eq!(status(&server.get("/health")), 200);
        }
        drop(held);
    }
}

#[test]
fn who_is_not_known_sends_little() {
    let server = server(Limits::default());
    let long = "x".repeat(20_000);
    let json = format!(r#"{{"name": "ann", "password": "{long}"}}"#);
    let form = format!("name=ann&password={long}");
    for (path, kind, body) in [
        ("/api/session", "application/json", &json),
        ("/api/first-start", "application/json", &json),
        ("/login", "application/x-www-form-urlencoded", &form),
        ("/start", "application/x-www-form-urlencoded", &form),
    ] {
        let length = body.len();
        let answer = server.send(&format!(
            "POST {path} HTTP/1.1\nHOST\nSec-Fetch-Site: same-origin\nContent-Type: {kind}\nContent-Length: {length}\nConnection: close\n\n{body}"
        ));
        assert_eq!(status(&answer), 413, "{path}: {answer}");
    }
}

#[test]
fn what_a_proxy_says_is_not_believed() {
    let server = Server::start();
    let forwarded = "X-Forwarded-For: 127.0.0.1\nX-Forwarded-Proto: https\nForwarded: for=127.0.0.1;proto=https\nX-Real-IP: 127.0.0.1\n";
    for (host, expected) in [
        ("HOST", 303),
        ("Host: evil.test\nX-Forwarded-Host: localhost", 421),
    ] {
        let request = format!("GET / HTTP/1.1\n{host}\n{forwarded}Connection: close\n\n");
        assert_eq!(status(&server.send(&request)), expected, "{host}");
    }
}

/// Connects from an address of this machine.
fn connected_from(server: &Server, address: &str) -> TcpStream {
    let address = format!("{address}:0").parse().unwrap();
    let connected = server.wait(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(address).unwrap();
        socket.connect(server.address).await.unwrap()
    });
    let stream = connected.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

#[test]
fn who_floods_the_host_with_connections_loses_their_own_and_nobody_elses() {
    for (connections, connections_of_address) in [(8, 100), (100, 8)] {
        let limits = Limits {
            connections,
            connections_of_address,
            ..Limits::default()
        };
        let server = server(limits);
        // One that has said nothing yet is the oldest of all.
        let mut reader = connected_from(&server, "127.0.0.2");
        let flood: Vec<TcpStream> = (0..100)
            .map(|_| connected_from(&server, "127.0.0.3"))
            .collect();
        assert_eq!(status(&server.get("/health")), 200);
        let request = format!(
            "GET /health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            server.address
        );
        reader.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        reader.read_to_string(&mut answer).unwrap();
        assert_eq!(status(&answer), 200, "{answer}");
        drop(flood);
    }
}

#[test]
fn connections_leave_files_for_everything_else() {
    let cases = [
        (16, 16),
        (64, 32),
        (300, 150),
        (1024, 768),
        (20_000, 4096),
        (u64::MAX, 4096),
    ];
    for (files, connections) in cases {
        assert_eq!(Limits::with_files(files).connections, connections);
    }
}
