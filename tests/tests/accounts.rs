//! Signing in, the account page and the list of users, in Chromium, by keyboard.

use workspace_tests::{
    Host,
    axe::{self, Axe},
    browser::Page,
    running_host::RunningHost,
};

const FIRST: &str = "correct horse battery";
const SECOND: &str = "another long password";

/// Moves the focus to an element, as tabbing does, and replaces its content.
fn enter(page: &mut Page, selector: &str, text: &str) {
    page.focus(selector);
    page.eval("document.activeElement.select && document.activeElement.select()");
    page.type_text(text);
}

fn wait_for_text(page: &mut Page, text: &str) {
    page.wait_for(&format!("document.body?.innerText.includes({text:?})"));
}

/// Checks a page once its script has enabled the buttons.
fn check(page: &mut Page, axe: Option<&Axe>, name: &str) {
    page.wait_for("!document.querySelector('form[data-send] button:disabled')");
    axe::check_page(axe, page, name);
}

#[test]
fn an_administrator_sets_a_password_adds_somebody_and_makes_a_token() {
    let axe = Axe::install();
    let axe = axe.as_ref();
    let nothing = tempfile::tempdir().expect("a temporary directory can be made");
    let host = Host::new(nothing.path());
    let mut command = host.command(&["serve", "--listen", "127.0.0.1:0"]);
    // The printed address is opened in the browser.
    let running = RunningHost::start_signed_out(&mut command);
    let at = |path: &str| format!("http://{}{path}", running.address);
    let Some(mut page) = Page::open() else {
        return;
    };

    page.goto(&running.url);
    wait_for_text(&mut page, "Continue as administrator");
    check(&mut page, axe, "start");
    page.activate("button[type=submit]");
    wait_for_text(&mut page, "You have no password yet");

    page.goto(&at("/account"));
    check(&mut page, axe, "account-first");
    enter(&mut page, "#new-password", "short");
    page.activate("form[data-send^=PUT] button");
    // The browser itself reports what is missing, before anything is sent.
    assert_eq!(
        page.eval("document.querySelector('#new-password').validity.tooShort"),
        true
    );
    enter(&mut page, "#new-password", FIRST);
    page.activate("form[data-send^=PUT] button");
    wait_for_text(&mut page, "Your password was changed");
    assert_eq!(
        page.eval("document.querySelector('.nudge')"),
        serde_json::Value::Null
    );
    enter(&mut page, "#old-password", "something else");
    enter(&mut page, "#new-password", SECOND);
    page.activate("form[data-send^=PUT] button");
    wait_for_text(&mut page, "This is not your current password");
    check(&mut page, axe, "account-refused");
    enter(&mut page, "#own-name", "Maren Keller");
    page.activate("form[data-send^=PATCH] button");
    wait_for_text(&mut page, "Your name was changed");

    page.eval("document.querySelector('.people details').open = true");
    enter(&mut page, "#token-name", "Nightly report");
    page.activate("form[data-shows] button");
    wait_for_text(&mut page, "Choose at least one");
    page.focus("input[value='dashboards:read']");
    page.key("Space");
    page.activate("form[data-shows] button");
    page.wait_for("/^[0-9a-f]{64}$/.test(document.querySelector('[data-secret]').textContent)");
    check(&mut page, axe, "account-token");
    page.goto(&at("/account"));
    wait_for_text(&mut page, "Nightly report");
    // The first press asks for confirmation.
    page.activate("form[data-send^=DELETE] button");
    wait_for_text(&mut page, "Revoke token?");
    page.key("Enter");
    wait_for_text(&mut page, "The token was revoked");

    page.goto(&at("/users"));
    enter(&mut page, "#new-name", "<img src=x onerror=alert(1)>");
    enter(&mut page, "#add-password", FIRST);
    page.activate("form[data-send='POST /api/users'] button");
    wait_for_text(&mut page, "<img src=x");
    check(&mut page, axe, "users");
    // The last administrator cannot become a viewer, and the page says so.
    page.eval(
        "(() => { const select = [...document.querySelectorAll('td select')].find((each) => each.value === 'administrator');
          select.value = 'viewer'; select.dispatchEvent(new Event('change', {bubbles: true})); })()",
    );
    wait_for_text(&mut page, "This is the last administrator");

    page.activate("form[action='/logout'] button");
    wait_for_text(&mut page, "Stay signed in");
    enter(&mut page, "#name", "maren keller");
    enter(&mut page, "#password", "wrong");
    page.key("Enter");
    wait_for_text(&mut page, "The name or password is wrong");
    check(&mut page, axe, "login");
    enter(&mut page, "#password", FIRST);
    page.key("Enter");
    wait_for_text(&mut page, "Maren Keller");

    // The browser notes each response that refuses something.
    page.expect_complaints("the server responded with a status of");
}
