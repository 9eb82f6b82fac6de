//! What was read with a datasource stays with it: two people with the same address, account and
//! vendor, over HTTP, on both databases.

use std::{
    thread,
    time::{Duration, Instant},
};

use dashboards::store::{Database, KeySource, OpenOptions, Store};
use marketplace_sim::{Options, Sim};
use serde_json::{Value, json};
use workspace_tests::{
    EMAIL, Host, Library, TOKEN, VENDOR,
    browser::Page,
    fresh_host::FreshHost,
    library,
    postgres::Server,
    running_host::{Reply, RunningHost},
    small_vendor,
};

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(90);
const KEY: &str = "5d1e0cf5a7b1493fb4a8f3a5e5b2c1d07788990011223344aabbccddeeff0011";
const PASSWORD: &str = "correct horse battery";
const WRONG: &str = "a token that nobody accepts";
const REFUSED: &str = "does not accept the e-mail and API token";

/// Runs a test on each database.
macro_rules! on_both_databases {
    ($($test:ident,)+) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(super::Fixture::on_sqlite()); })+
        }
        mod postgres {
            $(#[test] fn $test() {
                if let Some(fixture) = super::Fixture::on_postgres() {
                    super::$test(fixture);
                }
            })+
        }
    };
}

on_both_databases! {
    a_datasource_shows_nothing_that_another_one_read,
    a_refusal_marks_the_tiles_of_its_own_datasource_alone,
    another_account_starts_without_the_data_of_the_one_before,
    a_deleted_datasource_takes_along_what_it_read,
    a_new_secret_is_tested_before_it_is_kept_and_has_read_nothing_yet,
}

/// A host with a stand-in, used by two people.
struct Fixture {
    running: RunningHost,
    host: Host,
    database: Database,
    sim: Sim,
    ann: String,
    bob: String,
    _library: Library,
}

/// A gadget on a dashboard of its own.
struct Tile {
    path: String,
    dashboard: String,
    settings: Value,
}

impl Fixture {
    fn on_sqlite() -> Self {
        Self::new(None)
    }

    fn on_postgres() -> Option<Self> {
        Some(Self::new(Some(Server::get()?.new_database())))
    }

    fn new(address: Option<String>) -> Self {
        let library = library("app-users-gadget", &[]);
        let host = Host::new(library.directory());
        let options = small_vendor();
        let mut command = host.command(&["serve", "--listen", "127.0.0.1:0"]);
        command
            .arg("--allow-insecure-datasource")
            .env("GADGETS_KEY", KEY);
        let database = match address {
            None => Database::in_directory(host.data()),
            Some(address) => {
                command.args(["--database", &address]);
                Database::parse(&address).expect("it is an address")
            }
        };
        let mut running = RunningHost::start(&mut command);
        for name in ["Ann", "Bob"] {
            let user = json!({"name": name, "role": "editor", "password": PASSWORD});
            made(&running.call("POST", "/api/users", &user));
        }
        let mut cookie_of = |name| {
            running.log_in(name, PASSWORD);
            running.cookie.clone()
        };
        let (ann, bob) = (cookie_of("Ann"), cookie_of("Bob"));
        Self {
            running,
            host,
            database,
            sim: Sim::start(options).expect("the stand-in starts on loopback"),
            ann,
            bob,
            _library: library,
        }
    }

    fn as_ann(&mut self) -> &RunningHost {
        self.running.cookie.clone_from(&self.ann);
        &self.running
    }

    fn as_bob(&mut self) -> &RunningHost {
        self.running.cookie.clone_from(&self.bob);
        &self.running
    }

    fn settings(&self, email: &str) -> Value {
        json!({"base_url": self.sim.base_url(), "vendors": [VENDOR], "email": email})
    }

    fn new_datasource(&self, token: &str) -> Value {
        json!({
            "kind": "atlassian-marketplace", "name": "Acme", "settings": self.settings(EMAIL),
            "secrets": {"/token": token}, "permission": private(),
        })
    }

    /// Returns Ann's datasource, whose token is right, and a tile that shows its data.
    fn read_by_ann(&mut self) -> (Value, Tile) {
        let body = self.new_datasource(TOKEN);
        let ann = self.as_ann();
        let datasource = made(&ann.call("POST", "/api/datasources", &body));
        let tile = Tile::new(ann, &datasource);
        tile.shown(ann);
        (datasource, tile)
    }

    /// Ends the host and returns the scopes of the blobs in its database.
    fn kept_scopes(mut self) -> Vec<String> {
        self.running.end();
        let options = OpenOptions {
            database: self.database,
            key: KeySource::Text(KEY.into()),
        };
        let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
        let scopes = runtime.block_on(async {
            let store = Store::open(&options)
                .await
                .expect("the store can be opened");
            let scopes = store.blob_scopes().await.expect("it can be read");
            store.close().await;
            scopes
        });
        drop(self.host);
        scopes
    }
}

impl Tile {
    fn new(running: &RunningHost, datasource: &Value) -> Self {
        let board = made(&running.call("POST", "/api/dashboards", &json!({"title": "Board"})));
        let dashboard = format!("/api/dashboards/{}", text(&board["id"]));
        let change = json!({"revision": board["revision"], "change": {"kind": "add_tile", "gadget": "vendor-users"}});
        let added = made(&running.call("POST", &format!("{dashboard}/changes"), &change));
        let tile = Self {
            path: format!("{dashboard}/tiles/{}", text(&added["tile"])),
            settings: json!({"datasource": datasource["id"], "vendor": VENDOR}),
            dashboard,
        };
        tile.configure(running, &tile.settings);
        tile
    }

    fn configure(&self, running: &RunningHost, settings: &Value) {
        let (_, board) = running.json("GET", &self.dashboard, &Value::Null);
        let save = json!({"revision": board["revision"], "settings": settings});
        made(&running.call("POST", &format!("{}/settings", self.path), &save));
    }

    fn get(&self, running: &RunningHost, what: &str) -> Reply {
        running.get(&format!("{}/{what}", self.path))
    }

    /// Waits until the gadget shows data, and returns its view.
    fn shown(&self, running: &RunningHost) -> Value {
        let reply = until(
            "the gadget shows data",
            || self.get(running, "view.json"),
            |reply| reply.status == 200,
        );
        reply.json()
    }

    /// Waits until the gadget says something in place of its data, or shows data after all.
    fn said(&self, running: &RunningHost, words: &str) -> Reply {
        until(
            "the gadget says why it shows nothing",
            || self.get(running, "tile.html"),
            |page| page.body.contains(words) || self.get(running, "view.json").status == 200,
        )
    }

    /// Asserts that nothing can be had from the gadget, in whichever form.
    fn shows_nothing(&self, running: &RunningHost, private: &[String]) {
        for what in [
            "view.json",
            "tile.svg",
            "tile.png",
            "table.csv",
            "table.csv?id=apps",
        ] {
            let reply = self.get(running, what);
            assert_eq!(reply.status, 409, "{what}: {reply:?}");
        }
        let rows = self.get(running, "details.csv?figure=users_now");
        assert!(rows.status >= 400, "{rows:?}");
        let form = running.call("POST", &format!("{}/form", self.path), &json!({}));
        let page = running.get(&self.dashboard.replace("/api/dashboards", "/d"));
        let tile = self.get(running, "tile.html");
        let set_up = json!({"settings": self.settings});
        let template = running.call(
            "POST",
            "/api/templates/atlassian-marketplace-partner/form",
            &set_up,
        );
        for reply in [&rows, &form, &page, &tile, &template] {
            for name in private {
                assert!(!reply.body.contains(name.as_str()), "`{name}`: {reply:?}");
            }
        }
    }
}

fn private() -> Value {
    json!({"kind": "only_named", "users": [], "editors": []})
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn made(reply: &Reply) -> Value {
    assert!((200..300).contains(&reply.status), "{reply:?}");
    reply.json()
}

/// Asks until the answer is as it should be.
fn until<T>(what: &str, mut ask: impl FnMut() -> T, is_so: impl Fn(&T) -> bool) -> T {
    let begin = Instant::now();
    loop {
        let answer = ask();
        if is_so(&answer) {
            return answer;
        }
        assert!(begin.elapsed() < PATIENCE, "{what}: waited too long");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Returns names of apps and companies that a gadget shows.
fn names_in(running: &RunningHost, tile: &Tile) -> Vec<String> {
    let rows = tile.get(running, "details.csv?figure=users_now");
    assert_eq!(rows.status, 200, "{rows:?}");
    let lines = rows.body.lines().skip(1).take(20);
    let cells = lines.flat_map(|line| line.split(','));
    let is_name = |cell: &&str| cell.len() > 6 && cell.chars().any(char::is_alphabetic);
    let mut names: Vec<_> = cells.filter(is_name).map(str::to_owned).collect();
    names.retain(|name| !["Cloud", "Data Center", "Server"].contains(&name.as_str()));
    names.sort();
    names.dedup();
    assert!(names.len() > 5, "{names:?}");
    names
}

fn states(view: &Value) -> Vec<&str> {
    let sources = view["sources"].as_array().into_iter().flatten();
    sources.map(|source| text(&source["state"])).collect()
}

fn a_datasource_shows_nothing_that_another_one_read(mut fixture: Fixture) {
    let (_, first) = fixture.read_by_ann();
    let names = names_in(fixture.as_ann(), &first);

    let body = fixture.new_datasource(WRONG);
    let bob = fixture.as_bob();
    let datasource = made(&bob.call("POST", "/api/datasources", &body));
    let second = Tile::new(bob, &datasource);
    second.said(bob, REFUSED);
    second.shows_nothing(bob, &names);
}

fn a_refusal_marks_the_tiles_of_its_own_datasource_alone(mut fixture: Fixture) {
    let (datasource, first) = fixture.read_by_ann();
    let body = fixture.new_datasource(WRONG);
    let bob = fixture.as_bob();
    let second = Tile::new(bob, &made(&bob.call("POST", "/api/datasources", &body)));
    second.said(bob, REFUSED);
    made(&bob.call("POST", &format!("{}/refresh", second.path), &json!({})));
    second.said(bob, REFUSED);

    // A gadget of Ann's that is made now shows what is stored now.
    let ann = fixture.as_ann();
    let third = Tile::new(ann, &datasource);
    for view in [third.shown(ann), first.shown(ann)] {
        assert!(
            states(&view).iter().all(|state| *state == "fresh"),
            "{view}"
        );
    }

    // The first one's refresh gives the second one nothing either.
    made(&ann.call("POST", &format!("{}/refresh", first.path), &json!({})));
    let names = names_in(ann, &first);
    second.shows_nothing(fixture.as_bob(), &names);
}

fn another_account_starts_without_the_data_of_the_one_before(mut fixture: Fixture) {
    let (datasource, tile) = fixture.read_by_ann();
    let names = names_in(fixture.as_ann(), &tile);
    let body = json!({
        "revision": datasource["revision"], "name": "Acme", "permission": private(),
        "settings": fixture.settings("someone@else.example"), "secrets": {"/token": WRONG},
    });
    let path = format!("/api/datasources/{}", text(&datasource["id"]));
    let ann = fixture.as_ann();
    made(&ann.call("PUT", &path, &body));
    until(
        "the gadget is refused",
        || tile.get(ann, "tile.html"),
        |page| page.body.contains(REFUSED),
    );
    tile.shows_nothing(ann, &names);

    // Other vendors are of the same account: nothing is lost.
    let settings = fixture.settings(EMAIL);
    let back = json!({"revision": 1, "name": "Acme", "permission": private(), "settings": settings, "secrets": {"/token": TOKEN}});
    let ann = fixture.as_ann();
    made(&ann.call("PUT", &path, &back));
    tile.shown(ann);
    let mut more = settings;
    more["vendors"] = json!([VENDOR, "4711"]);
    made(&ann.call(
        "PUT",
        &path,
        &json!({"revision": 2, "name": "Acme", "permission": private(), "settings": more}),
    ));
    tile.shown(ann);
    assert_eq!(names_in(ann, &tile), names);
}

fn a_deleted_datasource_takes_along_what_it_read(mut fixture: Fixture) {
    let (datasource, tile) = fixture.read_by_ann();
    let names = names_in(fixture.as_ann(), &tile);
    let path = format!("/api/datasources/{}", text(&datasource["id"]));
    let ann = fixture.as_ann();
    let removed = ann.call("DELETE", &format!("{path}?revision=0"), &Value::Null);
    assert_eq!(removed.status, 204, "{removed:?}");
    until(
        "the gadget shows nothing",
        || tile.get(ann, "view.json"),
        |view| view.status == 409,
    );
    tile.shows_nothing(ann, &names);
    assert_eq!(fixture.kept_scopes(), Vec::<String>::new());
}

fn a_new_secret_is_tested_before_it_is_kept_and_has_read_nothing_yet(mut fixture: Fixture) {
    let (datasource, tile) = fixture.read_by_ann();
    let path = format!("/api/datasources/{}", text(&datasource["id"]));
    let settings = fixture.settings(EMAIL);
    let ann = fixture.as_ann();
    let state = || ann.get("/datasources").body;
    until("it is read", state, |page| page.contains("Up to date"));

    // Another name is no other connection.
    let mut saved =
        json!({"revision": 0, "name": "Acme 2", "permission": private(), "settings": settings});
    made(&ann.call("PUT", &path, &saved));
    assert!(state().contains("Up to date"), "{}", state());

    // A test tells what becomes of it, and keeps nothing.
    let tested =
        json!({"settings": settings, "secrets": {"/token": WRONG}, "datasource": datasource["id"]});
    let test = "/api/datasource-kinds/atlassian-marketplace/test";
    let (_, result) = ann.events(test, &tested).last().expect("it ends");
    assert_eq!(result["is_ok"], false, "{result}");
    assert!(
        text(&result["error"]["message"]).contains(REFUSED),
        "{result}"
    );
    let (_, kept) = ann.json("GET", &path, &Value::Null);
    assert_eq!(kept["revision"], 1, "{kept}");
    assert!(state().contains("Up to date"), "{}", state());

    // It can be kept all the same; then nothing was read with it.
    saved["revision"] = json!(1);
    saved["secrets"] = json!({"/token": WRONG});
    made(&ann.call("PUT", &path, &saved));
    let page = state();
    assert!(page.contains("Not read yet"), "{page}");
    made(&ann.call("POST", &format!("{}/refresh", tile.path), &json!({})));
    until("the refusal is told", state, |page| page.contains(REFUSED));

    saved["revision"] = json!(2);
    saved["secrets"] = json!({"/token": TOKEN});
    made(&ann.call("PUT", &path, &saved));
    made(&ann.call("POST", &format!("{}/refresh", tile.path), &json!({})));
    until("it is read again", state, |page| {
        page.contains("Up to date")
    });
}

/// Types into the field of this label, in place of what is there.
fn enter(page: &mut Page, label: &str, text: &str) {
    let find = format!(
        "[...document.querySelectorAll('.connect .field')].find(field => field.textContent.startsWith({label:?})).querySelector('input')"
    );
    page.wait_for(&find);
    page.eval(&format!("{find}.focus(), {find}.select()"));
    page.type_text(text);
}

#[test]
fn the_page_of_a_datasource_tests_another_secret_before_it_saves() {
    let Some((served, mut page)) = FreshHost::in_browser() else {
        return;
    };
    let sim = Sim::start(Options::new().vendor(VENDOR).account(EMAIL, TOKEN));
    let sim = sim.expect("the stand-in starts");
    let settings = json!({"base_url": sim.base_url(), "vendors": [VENDOR], "email": EMAIL});
    let body = json!({"kind": "atlassian-marketplace", "name": "Acme", "settings": settings, "secrets": {"/token": TOKEN}});
    let kept = made(&served.call("POST", "/api/datasources", &body));
    let path = format!("/datasources/{}", text(&kept["id"]));
    let revision =
        || served.json("GET", &format!("/api{path}"), &Value::Null).1["revision"].clone();

    served.open(&mut page, &path);
    page.wait_for("document.querySelector('[data-fields] input[type=password]')");
    enter(&mut page, "API token", WRONG);
    page.activate("[data-do=save]:not([hidden])");
    page.wait_for("document.querySelector('[data-result] .strip--error')");
    page.wait_for("document.querySelector('[data-do=save]').textContent === 'Save anyway'");
    assert_eq!(revision(), 0);
    page.activate("[data-do=save]:not([hidden])");
    page.wait_for("location.pathname === '/datasources'");
    assert_eq!(revision(), 1);

    // Another name alone is saved without a test, which would fail.
    served.open(&mut page, &path);
    page.wait_for("document.querySelector('[data-fields] input[type=password]')");
    enter(&mut page, "Name", "Acme 2");
    page.activate("[data-do=save]:not([hidden])");
    page.wait_for("document.querySelector('.sources a')?.textContent === 'Acme 2'");
}
