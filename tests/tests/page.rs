//! The page of `serve --demo`, as a stranger finds it: over a socket, and in Chromium.

use std::{env, process::Command};

use workspace_tests::demo::Demo;

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
        assert!(page.contains(part), "no {part}");
    }
    let head = page
        .split("\r\n\r\n")
        .next()
        .unwrap_or_default()
        .to_lowercase();
    for header in [
        "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
    ] {
        assert!(head.contains(header), "no {header} in {head}");
    }
    let body = page.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    for refused in [" style=", "<script>", "onclick", "javascript:"] {
        assert!(!body.contains(refused), "the page holds {refused}");
    }

    let status = |answer: &str| answer.split(' ').nth(1).unwrap_or_default().to_owned();
    let foreign = demo.send("GET / HTTP/1.1\r\nhost: evil.test\r\nconnection: close\r\n\r\n");
    assert!(
        ["403", "421"].contains(&status(&foreign).as_str()),
        "{foreign}"
    );
    let post = format!(
        "POST /logout HTTP/1.1\r\nhost: {}\r\norigin: http://evil.test\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        demo.address
    );
    assert_eq!(status(&demo.send(&post)), "403");
    for path in [
        "/assets/..%2f..%2fetc/passwd",
        "/assets/%2e%2e/x",
        "/assets/%00",
        "/nothing",
    ] {
        assert_eq!(status(&demo.get(path)), "404", "{path}");
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
