//! Pages from drawings that are kept.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
};

use dashboards::domain::{DashboardId, Role, TileId};
use flate2::read::GzDecoder;
use gadget_api::{Figure, View};

use super::bed::{Server, status};
use crate::app::TilePhase;

/// Asks with a cookie and more headers, and returns the head in lower case and the body.
fn asked(server: &Server, cookie: &str, path: &str, more: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(server.address).unwrap();
    let host = server.address;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n{more}Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = answer.split_off(end.unwrap() + 4);
    (String::from_utf8(answer).unwrap().to_lowercase(), body)
}

fn tag_of(head: &str) -> &str {
    let tag = head.split("etag: ").nth(1).unwrap();
    tag.lines().next().unwrap()
}

fn show(server: &Server, tile: &str, title: &str) {
    let key = (
        DashboardId::parse("d1").unwrap(),
        TileId::parse(tile).unwrap(),
    );
    server.app.states.change(&key, |status| {
        let mut view = View::new(title);
        view.figures = vec![Figure::new("f", "Users", "users", 7)];
        status.view = Some(Arc::new(view));
        status.state = TilePhase::Done;
    });
}

const PATHS: [&str; 2] = ["/d/d1", "/api/dashboards/d1/tiles/t1/tile.html"];

#[test]
fn a_page_is_the_same_compressed_and_not() {
    let server = Server::filled();
    show(&server, "t2", "Second");
    for path in PATHS {
        // The second time everything is from what is kept.
        for _ in 0..2 {
            let (head, plain) = asked(&server, &server.cookie, path, "");
            assert!(!head.contains("content-encoding"), "{head}");
            let gzip = "Accept-Encoding: gzip, br\r\n";
            let (head, packed) = asked(&server, &server.cookie, path, gzip);
            assert!(head.contains("content-encoding: gzip"), "{head}");
            assert!(head.contains("content-type: text/html"), "{head}");
            let mut page = String::new();
            let mut reader = GzDecoder::new(packed.as_slice());
            reader.read_to_string(&mut page).unwrap();
            assert_eq!(page.as_bytes(), plain, "{path}");
            assert!(!page.contains("<drawing"), "{page}");
        }
    }
}

#[test]
fn a_tile_is_drawn_once_for_all_who_see_the_same_of_it() {
    let server = Server::filled();
    show(&server, "t2", "Second");
    let readers = ["ann", "bob"].map(|name| server.user(name, Role::Viewer).1);
    let made = || server.app.drawings.counts().made;
    let page = |cookie: &str| asked(&server, cookie, "/d/d1", "").1;
    assert!(page(&server.cookie).len() > page(&readers[0]).len());
    let at_first = made();
    assert_eq!(
        at_first, 4,
        "two tiles, for who may edit and for who may not"
    );
    for cookie in readers.iter().chain([&server.cookie]) {
        page(cookie);
    }
    assert_eq!(made(), at_first);
    show(&server, "t1", "Newer");
    for _ in 0..2 {
        let newer = page(&server.cookie);
        assert!(String::from_utf8(newer).unwrap().contains("Newer"));
    }
    assert_eq!(made(), at_first + 1);
}

#[test]
fn what_did_not_change_is_not_sent_again_but_only_to_whom_it_was_sent() {
    let server = Server::filled();
    let other = server.user("ann", Role::Administrator).1;
    for path in PATHS {
        let (head, _) = asked(&server, &server.cookie, path, "");
        let known = format!("If-None-Match: W/\"0\", {}\r\n", tag_of(&head));
        let (again, body) = asked(&server, &server.cookie, path, &known.replace("w/", "W/"));
        assert_eq!((status(&again), body.len()), (304, 0), "{path}: {again}");
        assert!(again.contains("cache-control: no-store"), "{again}");
        assert!(again.contains("vary: accept-encoding, cookie"), "{again}");
        // Another administrator sees the same, under another tag.
        let (of_other, _) = asked(&server, &other, path, &known.replace("w/", "W/"));
        assert_eq!(status(&of_other), 200, "{of_other}");
        assert_ne!(tag_of(&of_other), tag_of(&head));
        show(&server, "t1", path);
        let (newer, _) = asked(&server, &server.cookie, path, &known.replace("w/", "W/"));
        assert_eq!(status(&newer), 200, "{newer}");
    }
    let (refused, _) = asked(&server, "", PATHS[1], "If-None-Match: *\r\n");
    assert_eq!(status(&refused), 401, "{refused}");
}
