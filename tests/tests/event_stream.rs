//! The event stream of a page, from a host that does not always answer.

use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::json;
use workspace_tests::{
    browser::Page,
    web_server::{self, Response, STRICT_POLICY},
    workspace,
};

const PAGE: &str = r#"<!doctype html><html lang="en"><title>Board</title><link rel="icon" href="data:,">
<div id="whole" data-api="/api" data-events="/events" data-revision="1"><div data-live="tiles">
<article id="t" data-revision="1">old</article></div></div><script type="module" src="/page.js"></script></html>"#;
const SCRIPT: &str = r#"import { startLiveUpdates } from "/assets/live.js"; startLiveUpdates();"#;
const TILE: &str =
    r#"<!doctype html><title>t</title><article id="t" data-revision="2">new</article>"#;
const NEWER: &str = "event: tiles\ndata: {\"whole\": 1, \"t\": 2}\n\n";

/// Serves a page whose stream is refused once with this status; from then on the page is, too.
fn serve(status: u16) -> String {
    let asked_for_events = AtomicU32::new(0);
    web_server::serve(move |request| match request.path.as_str() {
        "/events" if asked_for_events.fetch_add(1, Ordering::Relaxed) == 0 => {
            Response::status(status)
        }
        "/events" => Response::new("text/event-stream", NEWER),
        "/api/tiles/t/tile.html" => Response::new("text/html", TILE),
        "/page.js" => Response::new("text/javascript", SCRIPT),
        "/" if asked_for_events.load(Ordering::Relaxed) == 0 => {
            Response::new("text/html", PAGE).with_policy(STRICT_POLICY)
        }
        "/" => Response::new("text/html", "<title>Gone</title>").with_status(status),
        path => match fs::read(workspace().join("host-demo").join(&path[1..])) {
            Ok(script) => Response::new("text/javascript", script),
            Err(_) => Response::status(404),
        },
    })
}

#[test]
fn a_page_whose_stream_was_refused_once_catches_up() {
    let Some(mut page) = Page::open() else {
        return;
    };
    page.goto(&serve(503));
    page.wait_for("document.getElementById('t').textContent === 'new'");
    assert_eq!(page.eval("document.title"), json!("Board"));
    page.expect_complaints("503");
}

#[test]
fn a_page_that_no_longer_exists_is_replaced() {
    let Some(mut page) = Page::open() else {
        return;
    };
    page.goto(&serve(404));
    page.wait_for("document.title === 'Gone'");
    page.expect_complaints("404");
}
