//! When a source is read again, and a host that is stopped while it reads one.

use marketplace_sim::{Data, Fault, Faults, Options, Scope, Sim};
use serde_json::{Value, json};
use workspace_tests::{EMAIL, TOKEN, VENDOR, fresh_host::FreshHost, wait_until};

fn sim(faults: Faults) -> Sim {
    let options = Options::new()
        .data(Data::sample(40, 7))
        .vendor(VENDOR)
        .account(EMAIL, TOKEN)
        .faults(faults);
    Sim::start(options).expect("the stand-in starts on loopback")
}

fn made(host: &FreshHost, path: &str, body: &Value) -> Value {
    let reply = host.call("POST", path, body);
    assert!(reply.status < 300, "{path}: {reply:?}");
    reply.json()
}

/// Adds a datasource of this name on the stand-in, and returns its id.
fn add_datasource(host: &FreshHost, sim: &Sim, name: &str) -> String {
    let settings = json!({"base_url": sim.base_url(), "vendors": [VENDOR], "email": EMAIL});
    let datasource = json!({"kind": "atlassian-marketplace", "name": name, "settings": settings, "secrets": {"/token": TOKEN}});
    let datasource = made(host, "/api/datasources", &datasource);
    datasource["id"].as_str().expect("it has an id").to_owned()
}

/// Adds a gadget that reads a datasource, and returns the path of its tile.
fn add_gadget(host: &FreshHost, board: &str, datasource: &str) -> String {
    let board = format!("/api/dashboards/{board}");
    let revision = host.get(&board).json()["revision"].clone();
    let change = json!({"kind": "add_tile", "gadget": "vendor-users"});
    let added = made(
        host,
        &format!("{board}/changes"),
        &json!({"revision": revision, "change": change}),
    );
    let settings = json!({"datasource": datasource, "vendor": VENDOR});
    let tile = added["tile"].as_str().expect("it has a tile");
    let tile = format!("{board}/tiles/{tile}");
    made(
        host,
        &format!("{tile}/settings"),
        &json!({"revision": added["revision"], "settings": settings}),
    );
    tile
}

/// Makes a dashboard and returns its id.
fn add_dashboard(host: &FreshHost, title: &str) -> String {
    let board = made(host, "/api/dashboards", &json!({"title": title}));
    board["id"].as_str().expect("it has an id").to_owned()
}

/// Waits until the figures of a tile are other ones, and returns them.
fn wait_for_other_figures(host: &FreshHost, tile: &str, before: &Value) -> Value {
    wait_until(format!("other figures of {tile}"), || {
        let view = host.get(&format!("{tile}/view.json")).json();
        let figures = view["figures"].clone();
        (figures.is_array() && figures != *before).then_some(figures)
    })
}

#[test]
fn a_source_that_refused_the_account_is_not_asked_again_when_another_one_was_read() {
    let host = FreshHost::start();
    // What the form asks for is answered; the rows are not.
    let rows = [Scope::Licenses, Scope::Export];
    let refusing = sim(rows.into_iter().fold(Faults::none(), |faults, rows| {
        faults.with_scope(Fault::Unauthorized, rows)
    }));
    // A gadget beside it would begin with the same datasource.
    let (board, other) = (add_dashboard(&host, "Board"), add_dashboard(&host, "Other"));
    let page = format!("/d/{board}");
    let refused = add_datasource(&host, &refusing, "Refusing");
    add_gadget(&host, &board, &refused);
    let way_out = format!(r#"<a href="/datasources/{refused}">Edit the datasource</a>"#);
    let shown = host.wait_for_page(&page, &way_out).body;
    assert!(shown.contains("the token is expired or wrong"), "{shown}");
    refusing.clear_requests();

    let answering = sim(Faults::none());
    let read = add_datasource(&host, &answering, "Answering");
    let [tile, beside] = [(); 2].map(|()| add_gadget(&host, &other, &read));
    let mut figures = wait_for_other_figures(&host, &beside, &Value::Null);
    // The gadget beside it is not refreshed: it shows new figures because the host looks at its
    // tiles again when something was read. That has happened once when it happens for a second time.
    for licenses in [60, 80] {
        answering.replace_data(&Data::sample(licenses, 7));
        let refreshed = host.call("POST", &format!("{tile}/refresh"), &Value::Null);
        assert_eq!(refreshed.status, 204, "{refreshed:?}");
        figures = wait_for_other_figures(&host, &beside, &figures);
    }
    // Naming another datasource in a form may ask for its vendors; nobody asks for its rows.
    let rows: Vec<_> = refusing
        .requests()
        .into_iter()
        .filter(|request| request.path.contains("reporting"))
        .collect();
    assert!(rows.is_empty(), "{rows:?}");
    assert!(host.get(&page).body.contains(&way_out));
}

#[test]
fn a_host_that_is_stopped_during_a_sync_logs_no_error() {
    let mut host = FreshHost::start();
    let stuck = Faults::none().with_scope(Fault::ExportStuck, Scope::Transactions);
    let sim = sim(stuck);
    let board = add_dashboard(&host, "Board");
    let datasource = add_datasource(&host, &sim, "Stuck");
    add_gadget(&host, &board, &datasource);
    host.wait_for_page(&format!("/d/{board}"), "First sync");
    wait_until("transactions are asked for", || {
        let requests = sim.requests();
        let mut paths = requests.iter().map(|request| &request.path);
        paths
            .any(|path| path.contains("transactions"))
            .then_some(())
    });
    host.end();
    let log = host.log();
    let logged: Vec<_> = log
        .lines()
        .filter(|line| line.contains(" ERROR ") || line.contains(" WARN "))
        .collect();
    assert!(logged.is_empty(), "{logged:#?}");
}
