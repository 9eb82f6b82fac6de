//! A third-party form generator draws the resolved schema, and what it sends is accepted.

use std::{
    fs,
    process::Command,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use workspace_tests::{
    VENDOR,
    browser::Page,
    npm::Packages,
    web_server::{self, Response},
};

use crate::gadget::Gadget;

/// The packages as published, and a bundler that puts them into one file.
const PACKAGES: [&str; 6] = [
    "@rjsf/core@5.24.13",
    "@rjsf/utils@5.24.13",
    "@rjsf/validator-ajv8@5.24.13",
    "react@18.3.1",
    "react-dom@18.3.1",
    "esbuild@0.25.12",
];

/// The example of the generator's documentation, with its validator for this draft of JSON Schema.
const SCRIPT: &str = r#"
import Form from "@rjsf/core";
import { customizeValidator } from "@rjsf/validator-ajv8";
import Ajv2020 from "ajv/dist/2020.js";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

const { schema, settings } = await (await fetch("/start")).json();
const validator = customizeValidator({ AjvClass: Ajv2020 });
async function onSubmit({ formData }) {
  await fetch("/save", { method: "POST", body: JSON.stringify(formData) });
  document.title = "Saved";
}
createRoot(document.getElementById("place")).render(createElement(Form, { schema, formData: settings, validator, onSubmit }));
"#;

const PAGE: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Another generator</title>
<link rel="icon" href="data:,"><body><div id="place"></div><script type="module" src="/generator.js"></script></body></html>"#;

/// Bundles the generator into one script.
fn bundle(packages: &Packages) -> Vec<u8> {
    let entry = packages.directory().join("entry.mjs");
    let bundle = packages.directory().join("bundle.js");
    fs::write(&entry, SCRIPT).expect("an own file can be written");
    let bundled = Command::new("node")
        .arg(packages.file("esbuild/bin/esbuild"))
        .args([
            "--bundle",
            "--format=esm",
            "--target=es2022",
            "--log-level=error",
        ])
        .arg("--define:process.env.NODE_ENV=\"production\"")
        .arg(format!("--outfile={}", bundle.display()))
        .arg(entry)
        .output()
        .expect("node is where npm is");
    assert!(
        bundled.status.success(),
        "{}",
        String::from_utf8_lossy(&bundled.stderr)
    );
    fs::read(bundle).expect("the bundle is there")
}

#[test]
fn an_unchanged_generator_draws_the_resolved_schema_and_what_it_sends_is_accepted() {
    let Some(packages) = Packages::install(&PACKAGES) else {
        return;
    };
    let Some(mut page) = Page::open() else {
        return;
    };
    let script = bundle(&packages);
    let gadget = Gadget::app_users();
    // The choices of the app depend on the datasource and the vendor.
    let form =
        gadget.form(&json!({"datasource": "main", "vendor": VENDOR, "app": "com.acme.timeboard"}));
    assert_eq!(form.problems, []);
    let start = form.to_json().to_string();
    let sent: Arc<Mutex<Option<Value>>> = Arc::default();
    let kept = Arc::clone(&sent);
    let address = web_server::serve(move |request| match request.path.as_str() {
        "/generator.js" => Response::new("text/javascript", script.clone()),
        "/start" => Response::new("application/json", start.clone()),
        "/save" => {
            let value = serde_json::from_str(&request.body).expect("the page sends JSON");
            *kept.lock().expect("no answer panics") = Some(value);
            Response::new("text/plain", "")
        }
        _ => Response::new("text/html", PAGE),
    });
    page.goto(&address);
    page.wait_for("document.getElementById('root_app') !== null");
    // A person chooses another app, a custom period, one more hosting and fewer days of grace.
    let at = |page: &mut Page, id: &str, keys: &str| {
        page.eval(&format!("document.getElementById('{id}').focus()"));
        page.type_text(keys);
    };
    at(&mut page, "root_app", "Docflow");
    at(&mut page, "root_period__oneof_select", "Custom");
    page.wait_for("document.getElementById('root_period_from') !== null");
    at(&mut page, "root_period_from", "09092026");
    at(&mut page, "root_period_to", "10102026");
    at(&mut page, "root_bucket", "Weeks");
    at(&mut page, "root_hosting", "Cloud");
    at(&mut page, "root_grace_days", "0");
    page.click("button[type=submit]");
    page.wait_for("document.title === 'Saved'");
    let sent = sent
        .lock()
        .expect("no answer panics")
        .take()
        .expect("it was sent");
    assert_eq!(
        sent,
        json!({
            "name": "", "datasource": "main", "vendor": VENDOR, "app": "com.acme.docflow",
            "period": {"kind": "custom", "from": "2026-09-09", "to": "2026-10-10"}, "bucket": "week",
            "compare": "previous_period", "hosting": ["Cloud"], "include": [],
            "unlimited_users": 10_001, "grace_days": 70,
        })
    );
    assert_eq!(gadget.form(&sent).problems, []);
    assert_eq!(gadget.check(&sent), Vec::<String>::new());
}
