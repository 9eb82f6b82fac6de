//! Datasources over HTTP: what a connection test reports while it runs, and where secrets go.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

use marketplace_sim::{Options, Sim};
use serde_json::{Value, json};
use workspace_tests::{
    EMAIL, TOKEN, VENDOR,
    fresh_host::FreshHost,
    secret_scan::{PlantedSecret, assert_no_secrets, assert_no_secrets_in_files},
};

const TEST: &str = "/api/datasource-kinds/atlassian-marketplace/test";
const FORM: &str = "/api/datasource-kinds/atlassian-marketplace/form";

fn sim() -> Sim {
    Sim::start(Options::new().vendor(VENDOR).account(EMAIL, TOKEN)).expect("the stand-in starts")
}

fn settings(base_url: &str) -> Value {
    json!({"base_url": base_url, "vendors": [VENDOR], "email": EMAIL})
}

/// Creates a datasource and returns what the host answers.
fn kept(host: &FreshHost, base_url: &str) -> Value {
    let body = json!({"kind": "atlassian-marketplace", "name": "Acme", "settings": settings(base_url), "secrets": {"/token": TOKEN}});
    let reply = host.call("POST", "/api/datasources", &body);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// Returns the first letter of each step's state, in order.
fn states(event: &Value) -> String {
    let steps = event["steps"].as_array().expect("an event has steps");
    let letter = |step: &Value| {
        step["state"]
            .as_str()
            .and_then(|state| state.chars().next())
    };
    steps.iter().filter_map(letter).collect()
}

#[test]
fn a_test_reports_each_step_as_it_ends() {
    let (host, sim) = (FreshHost::start(), sim());
    let body = json!({"settings": settings(&sim.base_url()), "secrets": {"/token": TOKEN}});
    let events: Vec<_> = host.events(TEST, &body).collect();
    let told: Vec<_> = events
        .iter()
        .map(|(name, event)| format!("{name} {}", states(event)))
        .collect();
    assert_eq!(
        told,
        [
            "progress rwwwww",
            "progress dwwwww",
            "progress ddwwww",
            "progress ddrwww",
            "progress dddwww",
            "progress dddrww",
            "progress ddddww",
            "progress ddddrw",
            "progress dddddw",
            "progress dddddr",
            "progress dddddd",
            "result dddddd",
        ]
    );
    assert_eq!(
        events.last().map(|(_, event)| &event["is_ok"]),
        Some(&json!(true))
    );
}

#[test]
fn a_wrong_token_fails_at_its_step_and_says_what_to_do() {
    let (host, sim) = (FreshHost::start(), sim());
    let body = json!({"settings": settings(&sim.base_url()), "secrets": {"/token": "wrong"}});
    let (name, result) = host.events(TEST, &body).last().expect("it ends");
    assert_eq!(
        (name.as_str(), states(&result).as_str()),
        ("result", "dfwwww")
    );
    let message =
        "Atlassian does not accept the e-mail and API token (401): the token is expired or wrong";
    assert_eq!(result["error"]["message"], message);
    assert_eq!(result["steps"][1]["detail"], message);
    assert!(
        result["error"]["remedy"]
            .as_str()
            .is_some_and(|remedy| remedy.contains("id.atlassian.com"))
    );
    assert_eq!(result["is_ok"], false);
}

/// Listens as a Marketplace that answers only when the test does.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    (listener, format!("http://{address}"))
}

fn head_of(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

#[test]
fn a_step_is_reported_before_the_next_one_is_answered() {
    let host = FreshHost::start();
    let (listener, base_url) = silent();
    let (answer, may_answer) = mpsc::channel();
    let marketplace = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the host comes");
        head_of(&mut stream);
        may_answer.recv().expect("the first step was told");
        let _ = stream.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n");
    });
    let body = json!({"settings": settings(&base_url), "secrets": {"/token": TOKEN}});
    let mut events = host.events(TEST, &body);
    let (_, first) = events
        .next()
        .expect("the first step is told while its answer is awaited");
    assert_eq!(states(&first), "rwwwww");
    answer.send(()).expect("the stand-in waits");
    assert_eq!(
        events.last().map(|(_, event)| states(&event)).as_deref(),
        Some("dfwwww")
    );
    marketplace.join().expect("the stand-in ends");
}

#[test]
fn a_test_ends_when_its_caller_leaves() {
    let host = FreshHost::start();
    let (listener, base_url) = silent();
    let body = json!({"settings": settings(&base_url), "secrets": {"/token": TOKEN}});
    let mut events = host.events(TEST, &body);
    let (_, first) = events.next().expect("the first step is told");
    assert_eq!(states(&first), "rwwwww");
    let (mut stream, _) = listener.accept().expect("the host comes");
    head_of(&mut stream);
    drop(events);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("the host hangs up");
    assert_eq!(rest, b"");
}

#[test]
fn a_stored_secret_is_sent_only_to_the_host_that_it_was_entered_for() {
    let (host, sim) = (FreshHost::start(), sim());
    let datasource = kept(&host, &sim.base_url());
    let id = &datasource["id"];
    let path = format!("/api/datasources/{}", id.as_str().unwrap_or_default());

    let same = json!({"settings": settings(&sim.base_url()), "datasource": id});
    let (_, result) = host.events(TEST, &same).last().expect("it ends");
    assert_eq!(result["is_ok"], true, "{result}");

    let (listener, elsewhere) = silent();
    let again = json!([{"path": "/token", "message": "enter it again for the new address"}]);
    let test = host.call(
        "POST",
        TEST,
        &json!({"settings": settings(&elsewhere), "datasource": id}),
    );
    let save = json!({"revision": 0, "name": "Acme", "permission": datasource["permission"], "settings": settings(&elsewhere)});
    for reply in [test, host.call("PUT", &path, &save)] {
        assert_eq!(
            (reply.status, &reply.json()["errors"]),
            (422, &again),
            "{reply:?}"
        );
        assert_eq!(
            reply.json()["message"],
            "the address now points to another host: enter `token` again for the new host"
        );
    }
    // The first connection is this test's own, so the host has not connected before.
    let own = TcpStream::connect(listener.local_addr().expect("it has an address"));
    let own = own.and_then(|own| own.local_addr());
    let (_, first) = listener.accept().expect("this test comes");
    assert_eq!(own.expect("a connection has an address"), first);
    let read = host.get(&path).json();
    assert_eq!(
        (&read["revision"], &read["settings"]["base_url"]),
        (&json!(0), &json!(sim.base_url()))
    );
}

#[test]
fn a_save_keeps_replaces_or_removes_secrets_and_reports_errors_at_their_fields() {
    let (host, sim) = (FreshHost::start(), sim());
    let datasource = kept(&host, &sim.base_url());
    assert_eq!(datasource["secrets"], json!(["/token"]));
    let path = format!(
        "/api/datasources/{}",
        datasource["id"].as_str().unwrap_or_default()
    );
    let good = settings(&sim.base_url());
    let with = |name: &str, value: Value| {
        let mut settings = good.clone();
        settings[name] = value;
        settings
    };
    let body = |settings: &Value, secrets: Value, revision: u64| json!({"revision": revision, "name": "Acme 2", "permission": {"kind": "anyone_edits"}, "settings": settings, "secrets": secrets});
    for (settings, secrets, revision, status, errors) in [
        (good.clone(), json!({}), 0, 200, json!(null)),
        (good.clone(), json!({"/token": ""}), 1, 200, json!(null)),
        (good.clone(), json!({"/token": "new"}), 2, 200, json!(null)),
        (good.clone(), json!({}), 2, 409, json!(null)),
        (
            good.clone(),
            json!({"/token": null}),
            3,
            422,
            json!([{"path": "/token", "message": "it is required"}]),
        ),
        (
            good.clone(),
            json!({"/email": "a"}),
            3,
            422,
            json!([{"path": "/email", "message": "this kind of datasource has no such secret"}]),
        ),
        (
            with("token", json!("in clear")),
            json!({}),
            3,
            422,
            json!([{"path": "/token", "message": "it is a secret and cannot be part of the plain settings"}]),
        ),
        (
            with("email", json!("nobody")),
            json!({}),
            3,
            422,
            json!([{"path": "/email", "message": "enter an email address"}]),
        ),
        (
            with("base_url", json!("ftp://x.example")),
            json!({"/token": "new"}),
            3,
            422,
            json!([{"path": "/base_url", "message": "it must start with `https://`"}]),
        ),
        (
            with("base_url", json!("https://evil.example")),
            json!({"/token": "new"}),
            3,
            422,
            json!([{"path": "/base_url", "message": "`https://evil.example` is not an allowed origin; an administrator can allow it when the host is started"}]),
        ),
        (good.clone(), json!("canary-shape"), 3, 422, json!(null)),
    ] {
        let reply = host.call("PUT", &path, &body(&settings, secrets.clone(), revision));
        assert_eq!(
            (reply.status, &reply.json()["errors"]),
            (status, &errors),
            "{secrets} {reply:?}"
        );
        assert!(
            !reply.body.contains("canary") && !reply.body.contains("in clear"),
            "{reply:?}"
        );
    }
    let read = host.get(&path).json();
    assert_eq!(
        (&read["revision"], &read["secrets"]),
        (&json!(3), &json!(["/token"]))
    );
    // The new token is used.
    let test = json!({"settings": good, "datasource": datasource["id"]});
    let (_, result) = host.events(TEST, &test).last().expect("it ends");
    assert_eq!(states(&result), "dfwwww");
}

#[test]
fn the_form_has_the_fields_of_the_kind_and_no_value_of_a_secret() {
    let (host, sim) = (FreshHost::start(), sim());
    let first = host.call("POST", FORM, &json!({})).json();
    assert_eq!(
        first["settings"],
        json!({"base_url": "https://api.atlassian.com/marketplace", "vendors": []})
    );
    assert_eq!(first["secrets_set"], json!([]));
    assert_eq!(first["schema"]["properties"]["token"]["writeOnly"], true);
    assert_eq!(
        first["errors"],
        json!([{"path": "/email", "message": "it is required"}, {"path": "/token", "message": "it is required"}])
    );
    let datasource = kept(&host, &sim.base_url());
    let edited = host
        .call("POST", FORM, &json!({"datasource": datasource["id"]}))
        .json();
    assert_eq!(edited["settings"], settings(&sim.base_url()));
    assert_eq!(
        (&edited["secrets_set"], &edited["errors"]),
        (&json!(["/token"]), &json!([]))
    );
    assert_eq!(
        host.call("POST", "/api/datasource-kinds/none/form", &json!({}))
            .status,
        404
    );
}

#[test]
fn without_a_datasource_an_editor_is_led_to_connecting_one() {
    let (host, sim) = (FreshHost::start(), sim());
    let first = "Connect your first datasource";
    let hint = r#"<a href="/datasources/new">Connect a datasource</a>"#;
    assert!(host.get("/").body.contains(first));
    let made = host.call("POST", "/api/dashboards", &json!({"title": "Board"}));
    let board = format!("/d/{}", made.json()["id"].as_str().unwrap_or_default());
    assert_eq!(host.get("/").status, 303, "there is a dashboard to look at");
    for path in ["/dashboards", &board] {
        assert!(host.get(path).body.contains(hint), "{path}");
    }
    kept(&host, &sim.base_url());
    for path in ["/dashboards", &board] {
        assert!(!host.get(path).body.contains(hint), "{path}");
    }
}

/// Creates a dashboard with a gadget that reads the datasource, waits until it shows figures, and
/// returns the ids of both.
fn filled(host: &FreshHost, datasource: &Value) -> (String, String) {
    let made = host.call("POST", "/api/dashboards", &json!({"title": "Board"}));
    let dashboard = made.json()["id"].as_str().expect("it has an id").to_owned();
    let path = format!("/api/dashboards/{dashboard}");
    let change = json!({"revision": 0, "change": {"kind": "add_tile", "gadget": "vendor-users"}});
    let added = host
        .call("POST", &format!("{path}/changes"), &change)
        .json();
    let tile = added["tile"].as_str().expect("it has a tile").to_owned();
    let settings = json!({"datasource": datasource["id"], "vendor": VENDOR});
    let save = json!({"revision": added["revision"], "settings": settings});
    let saved = host.call("POST", &format!("{path}/tiles/{tile}/settings"), &save);
    assert_eq!(saved.status, 200, "{saved:?}");
    host.wait_for_page(&format!("/d/{dashboard}"), "Licensed users now");
    (dashboard, tile)
}

#[test]
fn a_secret_is_only_in_the_store_and_encrypted_there() {
    let (host, sim) = (FreshHost::start(), sim());
    let datasource = kept(&host, &sim.base_url());
    let id = datasource["id"].as_str().expect("it has an id").to_owned();
    let (dashboard, tile) = filled(&host, &datasource);
    let secrets = [PlantedSecret::new("the token", TOKEN.as_bytes())];

    let document = host.get("/api/openapi.json").json();
    let paths = document["paths"]
        .as_object()
        .expect("the document has paths");
    let of_api = paths.iter().filter(|(_, path)| path.get("get").is_some());
    let of_api = of_api
        .map(|(path, _)| path.clone())
        .filter(|path| !path.ends_with("/events"));
    let pages = [
        "/",
        "/dashboards",
        "/catalog",
        "/datasources",
        "/datasources/new",
        "/datasources/{datasource}",
        "/d/{dashboard}",
        "/d/{dashboard}/t/{tile}",
    ];
    let mut seen = 0;
    for path in of_api.chain(pages.map(str::to_owned)) {
        let path = path
            .replace("{datasource}", &id)
            .replace("{dashboard}", &dashboard)
            .replace("{tile}", &tile);
        let reply = host.get(&path);
        assert_no_secrets(
            &path,
            format!("{}{}", reply.head, reply.body).as_bytes(),
            &secrets,
        );
        seen += usize::from(reply.status == 200);
    }
    assert!(seen > 15, "{seen} answers were seen");

    // Errors do not contain it either: of forms, saves, tests, and secrets of the wrong shape.
    let good = settings(&sim.base_url());
    let new = |secrets: Value| json!({"kind": "atlassian-marketplace", "name": "", "settings": good, "secrets": secrets});
    for (method, path, body) in [
        ("POST", FORM, json!({"settings": {"token": TOKEN}})),
        ("POST", FORM, json!({"datasource": id})),
        ("POST", TEST, json!({"settings": {"token": TOKEN}})),
        ("POST", TEST, json!({"settings": good, "secrets": TOKEN})),
        (
            "POST",
            TEST,
            json!({"settings": good, "secrets": {"/token": TOKEN}}),
        ),
        ("POST", "/api/datasources", new(json!({"/token": TOKEN}))),
        ("POST", "/api/datasources", new(json!({"/token": [TOKEN]}))),
        ("POST", "/api/datasources", new(json!([TOKEN]))),
    ] {
        let reply = host.call(method, path, &body);
        assert_no_secrets(
            path,
            format!("{}{}", reply.head, reply.body).as_bytes(),
            &secrets,
        );
    }
    let wrong = json!({"settings": good, "secrets": {"/token": "wrong"}, "datasource": id});
    assert_eq!(
        host.events(TEST, &wrong)
            .last()
            .map(|(_, event)| event["is_ok"].clone()),
        Some(json!(false))
    );

    let log = host.log();
    assert!(
        log.lines().count() > 20,
        "the log is at its finest level: {log}"
    );
    assert_no_secrets("the log", log.as_bytes(), &secrets);
    let files = assert_no_secrets_in_files(host.data(), &secrets);
    assert!(files >= 3, "database, key and log were searched: {files}");
}
