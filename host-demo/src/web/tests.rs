//! The server as a client sees it: over a socket, with an empty catalog.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, mpsc},
    time::Duration,
};

use gadget_api::{Error, ErrorKind, TileSize, View};
use gadget_host::{Cancellation, Catalog};
use serde_json::Value;
use tokio::sync::watch;

use super::{
    Site,
    board::{Board, Content, Tile, TileState},
    guard::Hosts,
    routes,
};
use crate::engine::Engine;

/// A server that runs until this value is dropped.
struct Server {
    address: SocketAddr,
    ending: watch::Sender<bool>,
    _wake_ups: mpsc::Receiver<()>,
    _data: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    fn start(fill: impl FnOnce(&Board)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let (ending, is_ending) = watch::channel(false);
        let (wake_up, wake_ups) = mpsc::sync_channel(1);
        let board = Board::new(Content::Empty);
        fill(&board);
        let site = Arc::new(Site {
            engine: Engine::for_test(Catalog::default(), data.path()),
            board,
            datasource: None,
            preferred: &[],
            ending: is_ending,
            cancellation: Cancellation::new(),
            wake_up,
        });
        let app = routes(site, Hosts::of(address));
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self {
            address,
            ending,
            _wake_ups: wake_ups,
            _data: data,
            _runtime: runtime,
        }
    }

    /// Sends a request as it is written, with the right `Host` in place of `HOST`, and returns the answer.
    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let host = format!("Host: {}", self.address);
        let request = request.replace("HOST", &host).replace('\n', "\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\nHOST\nConnection: close\n\n"))
    }
}

fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default()
}

fn with_tiles(board: &Board) {
    let mut shown = Tile::new(
        "t1".into(),
        "g".into(),
        "G".into(),
        TileSize::M,
        Value::Null,
    );
    shown.shown = Some(Arc::new(View::new("<script>alert(1)</script>")));
    let mut failed = Tile::new(
        "t2".into(),
        "g".into(),
        "Broken".into(),
        TileSize::M,
        Value::Null,
    );
    failed.state = TileState::Failed(Error::new(
        ErrorKind::Panicked,
        "the gadget <b>panicked</b>",
    ));
    board.change(|now| {
        now.tiles = vec![shown, failed];
        now.content = Content::Filled;
    });
}

#[test]
fn every_answer_carries_the_policy_and_private_ones_are_not_stored() {
    let server = Server::start(with_tiles);
    let requests = [
        "/",
        "/catalog",
        "/health",
        "/nowhere",
        "/tile/t1",
        "/tile/t9",
        "/assets/app.css",
        "/assets/none.js",
    ];
    let refused = server.send("GET / HTTP/1.1\nHost: evil.test\nConnection: close\n\n");
    for answer in requests
        .map(|path| server.get(path))
        .iter()
        .chain([&refused])
    {
        let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
        assert!(
            head.contains("content-security-policy: default-src 'none'; script-src 'self'"),
            "{head}"
        );
        assert!(head.contains("x-content-type-options: nosniff"), "{head}");
        let is_asset = head.contains("etag");
        assert_eq!(
            head.contains("cache-control: no-store"),
            !is_asset,
            "{head}"
        );
    }
}

#[test]
fn each_request_ends_with_its_status() {
    let server = Server::start(with_tiles);
    let traversals = [
        "/assets/..%2fCargo.toml",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%5c..%5cx.css",
        "/assets/app.css%00",
    ];
    for (request, expected) in [
        ("GET / HTTP/1.1\nHOST\nConnection: close\n\n", 200),
        ("GET /health HTTP/1.1\nHOST\nConnection: close\n\n", 200),
        (
            "GET /assets/app.js HTTP/1.1\nHOST\nConnection: close\n\n",
            200,
        ),
        (
            "GET / HTTP/1.1\nHost: evil.test\nConnection: close\n\n",
            421,
        ),
        ("GET / HTTP/1.0\n\n", 421),
        ("GET /refresh HTTP/1.1\nHOST\nConnection: close\n\n", 405),
        (
            "POST /refresh HTTP/1.1\nHOST\nConnection: close\nContent-Length: 0\n\n",
            403,
        ),
        (
            "POST /refresh HTTP/1.1\nHOST\nConnection: close\nOrigin: http://evil.test\nContent-Length: 0\n\n",
            403,
        ),
        (
            "POST /refresh HTTP/1.1\nHOST\nConnection: close\nSec-Fetch-Site: same-origin\nContent-Length: 0\n\n",
            303,
        ),
        (
            "POST /refresh HTTP/1.1\nHOST\nConnection: close\nSec-Fetch-Site: same-origin\nContent-Length: 104857600\n\n",
            413,
        ),
        (
            "GET /tile/t9/details?figure=x HTTP/1.1\nHOST\nConnection: close\n\n",
            404,
        ),
        (
            "GET /tile/t1/details?wat=x HTTP/1.1\nHOST\nConnection: close\n\n",
            404,
        ),
        (
            "GET /tile/t1/tile.svg HTTP/1.1\nHOST\nConnection: close\n\n",
            200,
        ),
        (
            "GET /tile/t2/tile.svg HTTP/1.1\nHOST\nConnection: close\n\n",
            404,
        ),
        ("GET /:id HTTP/1.1\nHOST\nConnection: close\n\n", 404),
    ] {
        assert_eq!(status(&server.send(request)), expected, "{request}");
    }
    for path in traversals {
        assert_eq!(status(&server.get(path)), 404, "{path}");
    }
}

#[test]
fn what_gadgets_say_is_text_and_one_broken_gadget_costs_one_tile() {
    let server = Server::start(with_tiles);
    let page = server.get("/");
    assert!(
        page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"),
        "{page}"
    );
    assert!(
        page.contains("The gadget &lt;b&gt;panicked&lt;/b&gt;."),
        "{page}"
    );
    assert!(
        page.contains(r#"id="t1""#) && page.contains(r#"id="t2""#),
        "{page}"
    );
    assert!(!page.contains(" style="), "{page}");
}

#[test]
fn the_stream_begins_with_the_state_of_all_tiles_and_ends_with_the_host() {
    let server = Server::start(with_tiles);
    let ending = server.ending.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        ending.send_replace(true);
    });
    let answer = server.get("/events");
    assert!(
        answer.contains("content-type: text/event-stream"),
        "{answer}"
    );
    assert!(
        answer.contains(r#"data: {"t1":1,"t2":1,"whole":2}"#),
        "{answer}"
    );
}

#[test]
fn without_a_datasource_the_page_says_what_to_do() {
    let page = Server::start(|_| {}).get("/");
    assert!(
        page.contains("No datasource yet") && page.contains("--datasource FILE"),
        "{page}"
    );
    assert!(!page.contains("http-equiv"), "nothing is under way");
}
