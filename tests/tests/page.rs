//! The page of `serve --demo`, as a stranger finds it: over a socket, and in Chromium.

use std::{env, process::Command};

use serde_json::{Value, json};
use workspace_tests::{browser::Browser, demo::Demo};

/// As much as a page without what its gadgets show, its styles and its scripts may be, as sent.
const MOST_BYTES: u64 = 40 * 1024;

#[test]
fn the_demo_serves_the_filled_template_to_this_machine_alone() {
    let demo = Demo::start();
    let page = demo.filled();
    for part in [
        "Atlassian Marketplace Partner",
        "Timeboard",
        "From opening to closing",
        "unfinished until",
        "Marketplace licenses",
    ] {
        assert!(page.body.contains(part), "no {part}");
    }
    for header in [
        "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
    ] {
        assert!(page.head.contains(header), "no {header} in {}", page.head);
    }
    for refused in [" style=", "<script>", "onclick", "javascript:"] {
        assert!(!page.body.contains(refused), "the page holds {refused}");
    }

    let status = |answer: &str| answer.split(' ').nth(1).unwrap_or_default().to_owned();
    let foreign = demo.raw("GET / HTTP/1.1\r\nhost: evil.test\r\nconnection: close\r\n\r\n");
    assert!(
        ["403", "421"].contains(&status(&foreign).as_str()),
        "{foreign}"
    );
    let post = format!(
        "POST /logout HTTP/1.1\r\nhost: {}\r\norigin: http://evil.test\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        demo.address
    );
    assert_eq!(status(&demo.raw(&post)), "403");
    for path in [
        "/assets/..%2f..%2fetc/passwd",
        "/assets/%2e%2e/x",
        "/assets/%00",
        "/nothing",
    ] {
        assert_eq!(demo.get(path).status, 404, "{path}");
    }
}

#[test]
fn chromium_shows_the_page_without_a_complaint() {
    let found = Command::new("chromium").arg("--version").output();
    if !found.is_ok_and(|output| output.status.success()) {
        assert!(env::var_os("CI").is_none(), "CI needs chromium");
        eprintln!("skipped: chromium is not installed");
        return;
    }
    let demo = Demo::start();
    let _filled = demo.filled();
    for size in ["390,844", "1280,900", "1920,1080"] {
        let profile = tempfile::tempdir().expect("a temporary directory can be made");
        let output = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("--window-size={size}"))
            .args(["--enable-logging=stderr", "--timeout=6000", "--dump-dom"])
            .arg(&demo.url)
            .output()
            .expect("chromium starts");
        let page = String::from_utf8_lossy(&output.stdout);
        assert!(page.contains("Licensed users now"), "{size}: {page}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let complaints: Vec<&str> = stderr
            .lines()
            .filter(|line| line.contains(":CONSOLE"))
            .collect();
        assert!(complaints.is_empty(), "{size}: {complaints:?}");
    }
}

#[test]
fn a_dashboard_is_there_after_forty_kibibytes_besides_what_its_gadgets_show() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let demo = Demo::start();
    let _filled = demo.filled();
    let mut page = browser.page();
    // A first visitor has no file of this host yet, and the browser asks for them with gzip.
    page.goto(&demo.url);
    page.wait_for("document.querySelector('article [data-do=configure]:not([hidden])')");
    let files = page.eval(
        "performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname.startsWith('/assets/')) \
         .map((each) => [new URL(each.name).pathname, each.encodedBodySize, each.decodedBodySize])",
    );
    let (status, empty) = demo.json("POST", "/api/dashboards", &json!({"title": "Empty"}));
    assert_eq!(status, 200, "{empty}");
    let id = empty["id"].as_str().expect("it has an id");
    page.goto(&format!("http://{}/d/{id}", demo.address));
    let shell = page.eval(
        "performance.getEntriesByType('navigation').map((each) => [location.pathname, each.encodedBodySize, each.decodedBodySize])",
    );
    let mut bytes = 0;
    for part in [&files, &shell]
        .into_iter()
        .flat_map(Value::as_array)
        .flatten()
    {
        let [sent, whole] = [1, 2].map(|at| part[at].as_u64().unwrap_or_default());
        assert!(0 < sent && sent < whole, "{part} is not compressed");
        bytes += sent;
    }
    for kind in [".css", ".js"] {
        assert!(files.to_string().contains(kind), "{files}");
    }
    assert!(bytes <= MOST_BYTES, "{bytes} bytes: {shell} {files}");
}
