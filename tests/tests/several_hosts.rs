//! Several hosts on one PostgreSQL, as processes: they share what was read, see each other's
//! changes, and lose nothing that was acknowledged when one of them is killed.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use marketplace_sim::Sim;
use serde_json::{Value, json};
use workspace_tests::{
    Host, browser::Page, datasource, library, postgres::Server, running_host::RunningHost,
    small_vendor, wait_until,
};

/// The key for the secrets, which all hosts of a database share.
const KEY: &str = "5d1e0cf5a7b1493fb4a8f3a5e5b2c1d07788990011223344aabbccddeeff0011";

/// A host of its own on the database at `address`.
struct HostOnDatabase {
    host: Host,
    address: String,
}

impl HostOnDatabase {
    fn new(gadgets: &Path, address: &str) -> Self {
        Self {
            host: Host::new(gadgets),
            address: address.to_owned(),
        }
    }

    fn start(&self, more: &[&str]) -> RunningHost {
        let mut command = self.host.command(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--allow-insecure-datasource",
        ]);
        command.args(["--database", &self.address]).args(more);
        RunningHost::start(command.env("GADGETS_KEY", KEY))
    }
}

fn only_dashboard(host: &RunningHost) -> Value {
    let (status, all) = host.json("GET", "/api/dashboards", &Value::Null);
    assert_eq!(status, 200);
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
    all[0].clone()
}

fn revision(of: &Value) -> u64 {
    of["revision"].as_u64().expect("it has a revision")
}

#[test]
fn two_hosts_read_a_source_once_and_tell_each_other_of_changes() {
    let Some(server) = Server::get() else { return };
    let library = library("app-users-gadget", &[]);
    let options = small_vendor();
    let sim = Sim::start(options).expect("the stand-in starts on loopback");
    let address = server.new_database();
    let here = HostOnDatabase::new(library.directory(), &address);
    let there = HostOnDatabase::new(library.directory(), &address);
    let file = here
        .host
        .file("marketplace.json", &datasource(&sim.base_url()));
    let first = here.start(&["--datasource", &file.to_string_lossy()]);
    let second = there.start(&[]);

    // Both hosts fill the dashboard at the same time.
    thread::scope(|scope| {
        for host in [&first, &second] {
            scope.spawn(|| host.wait_until_filled());
        }
    });
    let requests = sim.requests();
    let mut exports: Vec<_> = requests
        .iter()
        .filter(|request| request.path.ends_with("/async/export"))
        .map(|request| (&request.path, &request.query))
        .collect();
    let begun = exports.len();
    assert!(begun > 0, "nothing was read");
    exports.sort();
    exports.dedup();
    assert_eq!(
        exports.len(),
        begun,
        "an export was begun twice: {requests:#?}"
    );

    let dashboard = only_dashboard(&first);
    let at = format!(
        "/api/dashboards/{}",
        dashboard["id"].as_str().expect("it has an id")
    );
    let mut events = second.follow(&format!("{at}/events"));
    let mut now = revision(&dashboard);
    for title in ["One", "Two", "Three", "Four", "Five"] {
        let change = json!({"revision": now, "change": {"kind": "rename", "title": title}});
        let (status, changed) = first.json("POST", &format!("{at}/changes"), &change);
        assert_eq!(status, 200, "{changed}");
        now = revision(&changed);
        let told = |line: &str| {
            let data = line.strip_prefix("data: ")?;
            let revisions: Value = serde_json::from_str(data).ok()?;
            revisions["whole"].as_u64()
        };
        let is_told = events
            .by_ref()
            .map_while(Result::ok)
            .any(|line| told(&line) == Some(now));
        assert!(is_told, "nothing was told of `{title}`");
        assert_eq!(only_dashboard(&second)["title"], title);
    }
}

#[test]
fn another_host_begins_the_sync_of_one_that_was_killed() {
    let Some(server) = Server::get() else { return };
    let library = library("app-users-gadget", &[]);
    let options = small_vendor()
        // Only a sync that is killed ends within the test.
        .export_time(Duration::from_secs(3600));
    let sim = Sim::start(options).expect("the stand-in starts on loopback");
    let address = server.new_database();
    let here = HostOnDatabase::new(library.directory(), &address);
    let there = HostOnDatabase::new(library.directory(), &address);
    let file = here
        .host
        .file("marketplace.json", &datasource(&sim.base_url()));
    let is_begun = || {
        let mut requests = sim.requests().into_iter();
        requests.find(|request| request.path.ends_with("/async/export"))
    };
    let mut first = here.start(&["--datasource", &file.to_string_lossy()]);
    wait_until("a sync begins", is_begun);
    let second = there.start(&[]);
    let dashboard = second.dashboard();
    second.wait_for_page(&dashboard, "Waiting for another sync");

    first.kill();
    first.end();
    sim.clear_requests();
    let killed = Instant::now();
    wait_until("the other host begins the sync", is_begun);
    println!("it began after {:?}", killed.elapsed());
}

#[test]
fn a_page_shows_changes_made_on_another_host() {
    // A page in the background does not update, so each has its own browser.
    let (Some(server), Some(left), Some(right)) = (Server::get(), Page::open(), Page::open())
    else {
        return;
    };
    let nothing = tempfile::tempdir().expect("a temporary directory can be made");
    let address = server.new_database();
    let here = HostOnDatabase::new(nothing.path(), &address);
    let there = HostOnDatabase::new(nothing.path(), &address);
    let (first, second) = (here.start(&[]), there.start(&[]));
    let (status, made) = first.json("POST", "/api/dashboards", &json!({"title": "Board"}));
    assert_eq!(status, 200, "{made}");
    let id = made["id"].as_str().expect("it has an id");
    let mut pages = [(&first, left), (&second, right)].map(|(host, mut page)| {
        host.open(&mut page, &format!("/d/{id}"));
        page.wait_for("document.querySelector('h1')?.textContent === 'Board'");
        page
    });

    for (title, host) in [
        ("One", &first),
        ("Two", &second),
        ("Three", &first),
        ("Four", &second),
    ] {
        let now = revision(&only_dashboard(host));
        let change = json!({"revision": now, "change": {"kind": "rename", "title": title}});
        let (status, changed) =
            host.json("POST", &format!("/api/dashboards/{id}/changes"), &change);
        assert_eq!(status, 200, "{changed}");
        for page in &mut pages {
            page.wait_for(&format!(
                "document.querySelector('h1')?.textContent === {title:?}"
            ));
        }
    }
}

#[test]
fn a_killed_host_loses_no_acknowledged_change() {
    let Some(server) = Server::get() else { return };
    let nothing = tempfile::tempdir().expect("a temporary directory can be made");
    let address = server.new_database();
    let here = HostOnDatabase::new(nothing.path(), &address);
    let there = HostOnDatabase::new(nothing.path(), &address);
    let watching = there.start(&[]);
    let (status, made) = watching.json("POST", "/api/dashboards", &json!({"title": "Board"}));
    assert_eq!(status, 200, "{made}");
    let at = format!(
        "/api/dashboards/{}",
        made["id"].as_str().expect("it has an id")
    );

    for round in 0..6_u64 {
        let host = here.start(&[]);
        let acknowledged = AtomicU64::new(revision(&only_dashboard(&watching)));
        let begun = acknowledged.load(Ordering::SeqCst);
        // The host is killed during a change, at another point in each round.
        let until = begun + 3 + round * 5 % 7;
        let pause = Duration::from_micros(round * 977 % 4000);
        thread::scope(|scope| {
            let host = &host;
            let (at, acknowledged) = (&at, &acknowledged);
            let editing = scope.spawn(move || {
                loop {
                    let now = acknowledged.load(Ordering::SeqCst);
                    let change = json!({"revision": now, "change": {"kind": "rename", "title": format!("Revision {}", now + 1)}});
                    match host.try_json("POST", &format!("{at}/changes"), &change) {
                        Some((200, changed)) => acknowledged.store(revision(&changed), Ordering::SeqCst),
                        Some((status, problem)) => panic!("{status}: {problem}"),
                        None => return,
                    }
                }
            });
            while acknowledged.load(Ordering::SeqCst) < until {
                assert!(!editing.is_finished(), "the host ended by itself");
                thread::sleep(Duration::from_micros(200));
            }
            thread::sleep(pause);
            host.kill();
        });
        let acknowledged = acknowledged.into_inner();
        let kept = only_dashboard(&watching);
        // The last change may have been stored without being acknowledged.
        let found = revision(&kept);
        assert!(
            (acknowledged..=acknowledged + 1).contains(&found),
            "{acknowledged} became {found}"
        );
        assert_eq!(kept["title"], format!("Revision {found}"));
        let (_, records) = watching.json("GET", &format!("{at}/changes"), &Value::Null);
        let mut revisions: Vec<u64> = records
            .as_array()
            .into_iter()
            .flatten()
            .map(revision)
            .collect();
        revisions.sort_unstable();
        revisions.retain(|each| (begun + 1..=found).contains(each));
        assert_eq!(revisions, (begun + 1..=found).collect::<Vec<_>>());
    }
}
