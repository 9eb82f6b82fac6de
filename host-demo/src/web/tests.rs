//! The server as a client sees it: over a socket, with an empty catalog and a store of its own.

mod bed;
mod boards;
mod canary;
mod connections;
mod datasources;
mod document;
mod drawings;
mod links;
mod load;
mod roles;
mod roles_table;
mod sessions;

use self::bed::{Server, status};

#[test]
fn every_answer_carries_the_policy_and_private_ones_are_not_stored() {
    let server = Server::filled();
    let requests = [
        "/",
        "/d/d1",
        "/catalog",
        "/login",
        "/health",
        "/nowhere",
        "/api/dashboards",
        "/api/dashboards/d1/tiles/t1/tile.html",
        "/api/dashboards/d1/tiles/t9/tile.html",
        "/assets/app.css",
        "/assets/none.js",
    ];
    let refused = server.send("GET / HTTP/1.1\nHost: evil.test\nConnection: close\n\n");
    let answers = requests.map(|path| (path, server.get(path)));
    for (path, answer) in answers.iter().chain([&("", refused)]) {
        let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
        assert!(
            head.contains("content-security-policy: default-src 'none'; script-src 'self'"),
            "{head}"
        );
        assert!(head.contains("x-content-type-options: nosniff"), "{head}");
        let is_asset = *path == "/assets/app.css";
        assert!(!is_asset || head.contains("etag"), "{head}");
        assert_eq!(
            head.contains("cache-control: no-store"),
            !is_asset,
            "{head}"
        );
    }
}

#[test]
fn each_request_ends_with_its_status() {
    let server = Server::filled();
    let traversals = [
        "/assets/..%2fCargo.toml",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%5c..%5cx.css",
        "/assets/app.css%00",
    ];
    for (request, expected) in [
        (
            "GET /d/d1 HTTP/1.1\nHOST\nCOOKIE\nConnection: close\n\n",
            200,
        ),
        ("GET / HTTP/1.1\nHOST\nCOOKIE\nConnection: close\n\n", 303),
        ("GET / HTTP/1.1\nHOST\nConnection: close\n\n", 303),
        (
            "GET /api/dashboards HTTP/1.1\nHOST\nConnection: close\n\n",
            401,
        ),
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
        (
            "GET /api/dashboards/d1/refresh HTTP/1.1\nHOST\nCOOKIE\nConnection: close\n\n",
            405,
        ),
        (
            "POST /api/dashboards/d1/refresh HTTP/1.1\nHOST\nCOOKIE\nConnection: close\nContent-Length: 0\n\n",
            403,
        ),
        (
            "POST /api/dashboards/d1/refresh HTTP/1.1\nHOST\nCOOKIE\nConnection: close\nOrigin: http://evil.test\nContent-Length: 0\n\n",
            403,
        ),
        (
            "POST /api/dashboards/d1/refresh HTTP/1.1\nHOST\nCOOKIE\nConnection: close\nSec-Fetch-Site: same-origin\nContent-Length: 0\n\n",
            204,
        ),
        (
            "POST /api/dashboards/d1/refresh HTTP/1.1\nHOST\nCOOKIE\nConnection: close\nSec-Fetch-Site: same-origin\nContent-Length: 104857600\n\n",
            413,
        ),
        (
            "GET /d/d1/t/t9/details?figure=x HTTP/1.1\nHOST\nCOOKIE\nConnection: close\n\n",
            404,
        ),
        (
            "GET /d/d1/t/t1/details?wat=x HTTP/1.1\nHOST\nCOOKIE\nConnection: close\n\n",
            422,
        ),
        (
            "GET /api/dashboards/d1/tiles/t1/tile.svg HTTP/1.1\nHOST\nCOOKIE\nConnection: close\n\n",
            200,
        ),
        (
            "GET /api/dashboards/d1/tiles/t2/tile.svg HTTP/1.1\nHOST\nCOOKIE\nConnection: close\n\n",
            409,
        ),
        (
            "GET /:id HTTP/1.1\nHOST\nCOOKIE\nConnection: close\n\n",
            404,
        ),
    ] {
        assert_eq!(status(&server.send(request)), expected, "{request}");
    }
    for path in traversals {
        assert_eq!(status(&server.get(path)), 404, "{path}");
    }
}

#[test]
fn what_gadgets_say_is_text_and_one_broken_gadget_costs_one_tile() {
    let server = Server::filled();
    let page = server.get("/d/d1");
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
    let server = Server::filled();
    let answer = server.send_then(
        "GET /api/dashboards/d1/events HTTP/1.1\nHOST\nCOOKIE\nConnection: close\n\n",
        r#"data: {"t1":1,"t2":1,"whole":0}"#,
        || server.app.shutdown.cancel(),
    );
    assert!(
        answer.contains("content-type: text/event-stream"),
        "{answer}"
    );
}
