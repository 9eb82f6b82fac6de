//! A page with a form, under the strict policy, and what a person does there.

use std::{
    env, fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use gadget_host::Form;
use serde_json::{Value, json};
use workspace_tests::{
    browser::{Page, Theme},
    web_server::{self, Request, Response, STRICT_POLICY},
    workspace,
};

use crate::gadget::Gadget;

/// Serves a page with the form of a gadget, and keeps what it saves.
pub(crate) struct FormServer {
    saved: Arc<Mutex<Option<Value>>>,
}

impl FormServer {
    /// Opens the form of a gadget without settings in a browser; nothing where there is none.
    pub(crate) fn in_browser(gadget: Gadget) -> Option<(Self, Page)> {
        let mut page = Page::open()?;
        let saved = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&saved);
        let address = web_server::serve(move |request| match request.path.as_str() {
            "/start" => described(&gadget.form(&json!({}))),
            "/form" => described(&gadget.form(&body(request))),
            "/save" => {
                let settings = body(request);
                let form = gadget.form(&settings);
                if form.problems.is_empty() {
                    *kept.lock().expect("no answer panics") = Some(settings);
                }
                described(&form)
            }
            _ => file(request),
        });
        page.goto(&address);
        page.wait_for("document.body.dataset.ready");
        Some((Self { saved }, page))
    }

    pub(crate) fn saved(&self) -> Option<Value> {
        self.saved.lock().expect("no answer panics").clone()
    }
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&request.body).expect("the page sends JSON")
}

fn described(form: &Form) -> Response {
    Response::new("application/json", form.to_json().to_string())
}

/// Responds with a file of the page, or with an asset of the host.
pub(crate) fn file(request: &Request) -> Response {
    let page = workspace().join("tests/pages");
    let path = match request.path.as_str() {
        "/" => page.join("form.html"),
        "/page.js" => page.join("form.js"),
        "/page.css" => page.join("form.css"),
        other => workspace()
            .join("host-demo")
            .join(other.trim_start_matches('/')),
    };
    let kind = match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html",
        Some("css") => "text/css",
        _ => "text/javascript",
    };
    match fs::read(path) {
        Ok(content) => Response::new(kind, content).with_policy(STRICT_POLICY),
        Err(_) => Response::status(404),
    }
}

/// Moves the focus to an input of the field with this label.
pub(crate) fn go_to(page: &mut Page, label: &str, number: usize) {
    page.eval(&format!("inputs({}).at({number}).focus()", json!(label)));
}

pub(crate) fn enter(page: &mut Page, label: &str, text: &str) {
    go_to(page, label, 0);
    page.key("Control+a");
    page.type_text(text);
}

pub(crate) fn press(page: &mut Page, label: &str, number: usize, keys: &[&str]) {
    go_to(page, label, number);
    for key in keys {
        page.key(key);
    }
}

pub(crate) fn settled(page: &mut Page) {
    page.wait_for("!form.isBusy");
}

pub(crate) fn save(page: &mut Page) -> Value {
    page.eval("delete document.body.dataset.saved");
    page.click("#form > .button");
    page.wait_for("document.body.dataset.saved")
}

/// Takes pictures of the form where `FORM_PICTURES=some/directory` is set.
pub(crate) fn pictures(page: &mut Page, name: &str) {
    let Some(directory) = env::var_os("FORM_PICTURES").map(PathBuf::from) else {
        return;
    };
    for (width, theme) in [(680, Theme::Light), (390, Theme::Light), (680, Theme::Dark)] {
        let file = format!("{name}-{width}-{theme:?}.png").to_lowercase();
        page.screenshot(&directory.join(file), width, 0, theme);
    }
}
