//! The page of `serve --demo`, over a socket and in Chromium.

use marketplace_sim::{Options, Sim};
use serde_json::{Value, json};
use workspace_tests::{browser::Theme, demo::Demo};

/// The most bytes that a page without its gadgets, its styles and its scripts may send, compressed.
const MOST_BYTES: u64 = 40 * 1024;

#[test]
fn the_demonstration_shows_the_datasource_and_the_apps_that_its_stand_in_describes() {
    let described = Sim::start(Options::new())
        .expect("the stand-in starts")
        .describe();
    let demo = Demo::start();

    let (_, datasources) = demo.json("GET", "/api/datasources", &Value::Null);
    let datasource = &datasources[0];
    assert_eq!(datasource["name"], described["name"]);
    assert_eq!(datasource["kind"], described["datasource"]["kind"]);
    for field in ["vendors", "email"] {
        let shown = &datasource["settings"][field];
        assert_eq!(shown, &described["datasource"][field], "{field}");
    }

    let path = demo.dashboard().replace("/d/", "/api/dashboards/");
    let (_, dashboard) = demo.json("GET", &path, &Value::Null);
    let tiles = dashboard["tiles"].as_array().expect("it has tiles");
    let apps: Vec<&Value> = tiles
        .iter()
        .filter_map(|tile| tile["settings"].get("app"))
        .collect();
    let described: Vec<&Value> = described["answers"]["app"]
        .as_array()
        .expect("there are apps")
        .iter()
        .collect();
    assert_eq!(apps, described);
}

#[test]
fn the_demo_serves_the_filled_template_to_this_machine_alone() {
    let demo = Demo::start();
    let page = demo.wait_until_filled();
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
    let Some((demo, page)) = Demo::in_browser() else {
        return;
    };
    for (width, height) in [(390, 844), (1280, 900), (1920, 1080)] {
        let mut page = page.open_another();
        page.set_viewport(width, height, Theme::Light);
        page.goto(&demo.url);
        page.wait_for("document.body?.innerText.includes('Licensed users now')");
        page.wait_for("document.querySelector('article [data-do=configure]:not([hidden])')");
        page.expect_no_complaints(&format!("at {width}"));
    }
}

#[test]
fn a_dashboard_without_its_gadgets_loads_within_forty_kibibytes() {
    let Some((demo, mut page)) = Demo::in_browser() else {
        return;
    };
    // A first visitor has nothing in the cache, and the browser accepts gzip.
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
