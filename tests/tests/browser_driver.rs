//! The browser driver of the tests: it types, clicks, and reports what the browser complains about.

use serde_json::json;
use workspace_tests::{
    browser::{Page, Theme},
    web_server::{self, Response, STRICT_POLICY},
};

const PAGE: &str = r#"<!doctype html><html lang="en"><title>Sample</title><link rel="icon" href="data:,">
<label>Name <input id="name"></label><button id="more" type="button">More</button><script src="/page.js"></script></html>"#;
const SCRIPT: &str = r#"
let clicks = 0;
document.getElementById("more").addEventListener("click", () => { clicks += 1; document.title = `${clicks} clicks`; });
"#;

fn serve() -> String {
    web_server::serve(|request| match request.path.as_str() {
        "/page.js" => Response::new("text/javascript", SCRIPT),
        _ => Response::new("text/html", PAGE).with_policy(STRICT_POLICY),
    })
}

#[test]
fn a_page_is_used_by_keyboard_and_pointer_and_its_complaints_are_kept() {
    let Some(mut page) = Page::open() else {
        return;
    };
    page.goto(&serve());
    page.key("Tab");
    page.type_text("Ünal 42+x");
    assert_eq!(
        page.eval("document.getElementById('name').value"),
        json!("Ünal 42+x")
    );
    page.key("Control+a");
    page.key("Delete");
    page.type_text("A");
    assert_eq!(
        page.eval("document.getElementById('name').value"),
        json!("A")
    );
    page.key("Tab");
    page.key("Enter");
    page.key("Space");
    page.click("#more");
    assert_eq!(page.wait_for("document.title"), json!("3 clicks"));
    page.key("Shift+Tab");
    assert_eq!(page.eval("document.activeElement.id"), json!("name"));
    page.expect_no_complaints("after keys and clicks");

    page.set_viewport(390, 844, Theme::Dark);
    assert_eq!(
        page.eval("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]"),
        json!([390, true])
    );
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let file = directory.path().join("page.png");
    page.screenshot(&file, 390, 0, Theme::Light);
    let picture = std::fs::read(file).expect("the picture is there");
    assert!(picture.starts_with(b"\x89PNG"));

    for (script, complaint) in [
        ("console.error('one', 2)", "console: one 2"),
        (
            "setTimeout(() => { throw new Error('three') }) && new Promise((done) => setTimeout(done, 20))",
            "exception: Error: three",
        ),
        (
            "(() => { try { document.body.innerHTML = '<p>' } catch {} })()",
            "TrustedHTML",
        ),
        (
            "fetch('http://127.0.0.1:1/').catch(() => 0)",
            "Content Security Policy",
        ),
        (
            "document.body.setAttribute('style', 'color: red')",
            "policy: style-src-attr forbids inline",
        ),
    ] {
        page.eval(script);
        let complaints = page.take_complaints();
        assert!(
            complaints.iter().any(|each| each.contains(complaint)),
            "{script}: {complaints:?}"
        );
    }
}
