//! No secret is in clear text in what a host writes: its log, its files, its exports and backups.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use marketplace_sim::{Options, Sim};
use serde_json::{Value, json};
use workspace_tests::{
    EMAIL, TOKEN, VENDOR,
    fresh_host::FreshHost,
    running_host::Reply,
    secret_scan::{PlantedSecret, assert_no_secrets, assert_no_secrets_in_files, url_encoded},
};

const PASSWORD: &str = "canary: horse+battery/staple";
const SECOND_PASSWORD: &str = "canary: another+long/one";
const WRONG_PASSWORD: &str = "canary: quite/wrong+this";
const LINK_PASSWORD: &str = "canary: look&see+it";

fn made(reply: &Reply) -> Value {
    assert!((200..300).contains(&reply.status), "{reply:?}");
    reply.json()
}

/// A host in which every kind of secret has been used, correctly and incorrectly.
struct HostWithSecrets {
    host: FreshHost,
    secrets: Vec<PlantedSecret>,
    dashboard: String,
    link: String,
    _sim: Sim,
}

impl HostWithSecrets {
    fn new() -> Self {
        let mut host = FreshHost::start();
        let options = Options::new().vendor(VENDOR).account(EMAIL, TOKEN);
        let sim = Sim::start(options).expect("the stand-in starts");
        let mut secrets = vec![PlantedSecret::new(
            "the token of the first start",
            host.token.as_bytes(),
        )];
        let mut hide =
            |name: &str, secret: &str| secrets.push(PlantedSecret::new(name, secret.as_bytes()));
        hide("the first session", value_of(&host.cookie));

        let settings = json!({"base_url": sim.base_url(), "vendors": [VENDOR], "email": EMAIL});
        let source = json!({"kind": "atlassian-marketplace", "name": "Acme", "settings": settings, "secrets": {"/token": TOKEN}});
        let source = made(&host.call("POST", "/api/datasources", &source));
        hide("the secret of a datasource", TOKEN);
        let bad = json!({"kind": "atlassian-marketplace", "name": "Acme", "settings": settings, "secrets": TOKEN});
        assert_eq!(host.call("POST", "/api/datasources", &bad).status, 422);

        let board = made(&host.call("POST", "/api/dashboards", &json!({"title": "Board"})));
        let dashboard = board["id"].as_str().expect("it has an id").to_owned();
        let path = format!("/api/dashboards/{dashboard}");
        let change =
            json!({"revision": 0, "change": {"kind": "add_tile", "gadget": "vendor-users"}});
        let tile = made(&host.call("POST", &format!("{path}/changes"), &change));
        let settings = json!({"datasource": source["id"], "vendor": VENDOR});
        let save = json!({"revision": tile["revision"], "settings": settings});
        let tile = tile["tile"].as_str().expect("it has an id");
        made(&host.call("POST", &format!("{path}/tiles/{tile}/settings"), &save));

        // A user signs in with right and wrong passwords, on the page and over the API, and changes the password.
        let ann = json!({"name": "Ann", "role": "administrator", "password": PASSWORD});
        let ann = made(&host.call("POST", "/api/users", &ann));
        for password in [WRONG_PASSWORD, PASSWORD] {
            let known = json!({"name": "Ann", "password": password});
            let answer = host.call("POST", "/api/session", &known);
            assert_eq!(answer.status == 204, password == PASSWORD);
            let form = format!(
                "name=Ann&password={}",
                url_encoded(password.as_bytes(), "+")
            );
            let answer = host.send("POST", "/login", FORM, &form);
            assert_eq!(answer.status == 303, password == PASSWORD);
        }
        host.log_in("Ann", PASSWORD);
        hide("the session of a user", value_of(&host.cookie));
        let new = json!({"password": SECOND_PASSWORD, "old_password": PASSWORD});
        let of_ann = format!(
            "/api/users/{}/password",
            ann["id"].as_str().unwrap_or_default()
        );
        assert_eq!(host.call("PUT", &of_ann, &new).status, 204);
        host.log_in("Ann", SECOND_PASSWORD);
        hide("a session after a new password", value_of(&host.cookie));
        for password in [PASSWORD, SECOND_PASSWORD, WRONG_PASSWORD] {
            hide("a password", password);
        }

        let token = json!({"name": "script", "scopes": ["dashboards:read"]});
        let token = made(&host.call("POST", "/api/tokens", &token));
        let token = token["secret"].as_str().expect("it has a secret");
        hide("an API token", token);
        let answer = ask_with_token(&host, token);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

        let link = json!({"password": LINK_PASSWORD});
        let link = made(&host.call("POST", &format!("{path}/links"), &link));
        let link = link["path"].as_str().expect("it has a path").to_owned();
        hide("the address of a link", link.trim_start_matches("/public/"));
        hide("the password of a link", LINK_PASSWORD);
        for password in [WRONG_PASSWORD, LINK_PASSWORD] {
            let form = format!("password={}", url_encoded(password.as_bytes(), "%20"));
            let answer = host.send("POST", &format!("{link}/password"), FORM, &form);
            assert_eq!(answer.status == 303, password == LINK_PASSWORD);
            if answer.status == 303 {
                let proof = answer.head.split("set-cookie: ").nth(1);
                let proof = proof.and_then(|set| set.split(';').next());
                let cookie =
                    std::mem::replace(&mut host.cookie, proof.unwrap_or_default().to_owned());
                hide("the cookie of a link", value_of(&host.cookie));
                assert_eq!(host.get(&link).status, 200);
                host.cookie = cookie;
            }
        }
        Self {
            host,
            secrets,
            dashboard,
            link,
            _sim: sim,
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn ask_with_token(host: &FreshHost, token: &str) -> String {
    let mut stream = TcpStream::connect(&host.address).expect("the host listens");
    let address = &host.address;
    let request = format!(
        "GET /api/dashboards HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .expect("the request is taken");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("the host answers");
    answer
}

/// Returns the value of a cookie as it is sent.
fn value_of(cookie: &str) -> &str {
    cookie.split_once('=').map_or("", |(_, value)| value)
}

#[test]
fn a_host_writes_no_secret_in_clear_text() {
    let used = HostWithSecrets::new();
    let HostWithSecrets { host, secrets, .. } = &used;
    let key = fs::read(host.data().join("serve/key")).expect("the key is there");
    let key = String::from_utf8_lossy(&key).trim().to_owned();
    let bytes: Vec<u8> = (0..key.len() / 2)
        .filter_map(|at| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).ok())
        .collect();
    assert_eq!(bytes.len(), 32, "the key is 64 hexadecimal digits");
    let mut secrets = secrets.clone();
    secrets.push(PlantedSecret::new("the key", key.as_bytes()));
    secrets.push(PlantedSecret::new("the bytes of the key", &bytes));

    // Exports and pages of all kinds, in addition to what the other tests cover.
    let board = &used.dashboard;
    for path in [
        format!("/api/dashboards/{board}/export"),
        format!("/api/dashboards/{board}/changes"),
        format!("/api/dashboards/{board}/links"),
        format!("/d/{board}"),
        "/api/openapi.json".to_owned(),
        "/api/users".to_owned(),
        "/api/tokens".to_owned(),
        "/account".to_owned(),
        "/users".to_owned(),
        "/datasources".to_owned(),
    ] {
        let reply = host.get(&path);
        assert_eq!(reply.status, 200, "{path}");
        let answer = format!("{}{}", reply.head, reply.body);
        assert_no_secrets(&path, answer.as_bytes(), &secrets);
    }

    let backup = host.data().join("backup.sqlite");
    let made = host
        .command(&["backup", &backup.to_string_lossy(), "--log", "trace"])
        .output();
    let made = made.expect("the host starts");
    assert!(made.status.success(), "{made:?}");
    for said in [&made.stdout, &made.stderr] {
        assert_no_secrets("what a backup says", said, &secrets);
    }
    let log = host.log();
    assert!(
        log.lines().count() > 20,
        "the log is at its finest level: {log}"
    );
    assert_no_secrets("the log", log.as_bytes(), &secrets);
    // The files are the database, its write-ahead log, the backup and the log; the key may be in its own.
    let wal = host.data().join("serve/dashboards.sqlite-wal");
    assert!(size(&wal) > 0 && size(&backup) > 0);
    let kept = host.data().with_extension("key");
    fs::rename(host.data().join("serve/key"), &kept).expect("an own file can be moved");
    let files = assert_no_secrets_in_files(host.data(), &secrets);
    fs::remove_file(&kept).expect("an own file can be removed");
    assert!(
        files >= 4,
        "database, changes, backup and log were searched: {files}"
    );
    assert!(used.link.starts_with("/public/"));
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |data| data.len())
}
