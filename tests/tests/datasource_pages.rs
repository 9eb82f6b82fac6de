//! The pages of datasources in Chromium: testing, saving and deleting one by keyboard.

use marketplace_sim::{Options, Sim};
use serde_json::json;
use workspace_tests::{
    EMAIL, TOKEN, VENDOR,
    axe::{Axe, check_page},
    browser::Page,
    fresh_host::FreshHost,
};

/// Replaces the content of the field with this label.
fn enter(page: &mut Page, label: &str, text: &str) {
    let find = format!(
        "[...document.querySelectorAll('.connect .field')].find(field => field.textContent.startsWith({label:?})).querySelector('input')"
    );
    page.wait_for(&find);
    page.eval(&format!("{find}.focus(), {find}.select()"));
    page.type_text(text);
}

#[test]
fn the_first_start_connects_a_datasource_and_shows_where_a_test_fails() {
    let Some((host, mut page)) = FreshHost::in_browser() else {
        return;
    };
    let axe = Axe::install();
    let sim = Sim::start(Options::new().vendor(VENDOR).account(EMAIL, TOKEN));
    let sim = sim.expect("the stand-in starts");
    host.open(&mut page, "/");
    page.wait_for("document.querySelector('h1')?.textContent === 'Connect your first datasource'");
    page.wait_for("document.querySelector('[data-fields] input')");
    check_page(axe.as_ref(), &mut page, "first start");

    enter(&mut page, "Name", "Acme");
    enter(&mut page, "Base address", &sim.base_url());
    enter(&mut page, "E-mail", EMAIL);
    enter(&mut page, "API token", "wrong");
    page.eval("[...document.querySelectorAll('[data-fields] button')].find(button => button.textContent === 'Add a row').click()");
    page.wait_for("document.querySelector('.rows input')");
    page.focus(".rows input");
    page.type_text(VENDOR);
    page.activate("[data-do=save]:not([hidden])");
    // Saving waits for the test, which reports what is wrong.
    page.wait_for("document.querySelector('[data-result] .strip--error')");
    let states = "[...document.querySelectorAll('.steps--test li')].map(step => step.className)";
    assert_eq!(page.eval(states), json!(["done", "failed", "", "", "", ""]));
    assert_eq!(
        page.eval("document.querySelector('[data-result] b').textContent"),
        "Atlassian does not accept the e-mail and API token (401): the token is expired or wrong"
    );
    page.wait_for("document.querySelector('[data-do=save]').textContent === 'Save anyway'");
    check_page(axe.as_ref(), &mut page, "datasource that fails its test");

    enter(&mut page, "API token", TOKEN);
    page.activate("[data-do=test]:not([hidden])");
    page.wait_for("document.querySelector('[data-result] .found')");
    assert_eq!(
        page.eval(states),
        json!(["done", "done", "done", "done", "done", "done"])
    );
    page.activate("[data-do=save]:not([hidden])");
    page.wait_for("location.pathname !== '/'");
    assert!(
        page.eval("location.href")
            .as_str()
            .is_some_and(|at| !at.contains(TOKEN))
    );
}

#[test]
fn a_datasource_is_edited_without_its_secret_and_deleted_after_confirmation() {
    let Some((host, mut page)) = FreshHost::in_browser() else {
        return;
    };
    let axe = Axe::install();
    let sim = Sim::start(Options::new().vendor(VENDOR).account(EMAIL, TOKEN));
    let sim = sim.expect("the stand-in starts");
    let settings = json!({"base_url": sim.base_url(), "vendors": [VENDOR], "email": EMAIL});
    let body = json!({"kind": "atlassian-marketplace", "name": "Acme", "settings": settings, "secrets": {"/token": TOKEN}});
    let made = host.call("POST", "/api/datasources", &body).json();
    let path = format!(
        "/datasources/{}",
        made["id"].as_str().expect("it has an id")
    );

    host.open(&mut page, "/datasources");
    check_page(axe.as_ref(), &mut page, "datasources");
    page.activate(".sources a");
    page.wait_for("document.querySelector('[data-fields] input[type=password]')");
    assert_eq!(page.eval("location.pathname"), path);
    assert_eq!(
        page.eval("document.querySelector('[data-fields] input[type=password]').value"),
        ""
    );
    check_page(axe.as_ref(), &mut page, "datasource");

    // A secret that was entered for this host is not sent to another one.
    enter(
        &mut page,
        "Base address",
        "https://api.atlassian.com/marketplace",
    );
    page.activate("[data-do=save]:not([hidden])");
    page.wait_for("document.activeElement.type === 'password' && document.activeElement.getAttribute('aria-invalid') === 'true'");
    enter(&mut page, "Base address", &sim.base_url());
    enter(&mut page, "Name", "Acme 2");
    page.activate("[data-do=save]:not([hidden])");
    page.wait_for("document.querySelector('.sources a')?.textContent === 'Acme 2'");

    // A save that somebody else was ahead of shows both versions.
    page.activate(".sources a");
    page.wait_for("document.querySelector('[data-fields] input')");
    let other = json!({"revision": 1, "name": "Acme 3", "permission": made["permission"], "settings": settings});
    assert_eq!(host.call("PUT", &format!("/api{path}"), &other).status, 200);
    page.activate("[data-do=save]:not([hidden])");
    page.wait_for("document.querySelector('[data-result]').textContent.includes('saved as “Acme 3”, you entered “Acme 2”')");

    host.open(&mut page, &path);
    page.activate("[data-do=delete]:not([hidden])");
    page.wait_for("document.querySelector('dialog[open]')");
    assert_eq!(
        page.eval("document.querySelector('dialog p').textContent"),
        "No gadget uses it. Its secrets and the data read with it will be deleted too. This cannot be undone."
    );
    check_page(axe.as_ref(), &mut page, "delete a datasource");
    page.activate("dialog .button--danger");
    page.wait_for("location.pathname === '/datasources' && document.querySelector('.start h2')?.textContent === 'No datasources yet'");

    page.expect_complaints("Failed to load resource");
}
