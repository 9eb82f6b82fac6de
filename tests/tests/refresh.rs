//! Sources that refuse or do not come to an end: nobody is asked in vain, and a host can be ended.

use std::{
    thread,
    time::{Duration, Instant},
};

use marketplace_sim::{Data, Fault, Faults, Options, Scope, Sim};
use serde_json::{Value, json};
use workspace_tests::{EMAIL, TOKEN, VENDOR, fresh_host::FreshHost};

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

/// Adds a gadget that reads a datasource of this name on the stand-in.
fn add(host: &FreshHost, board: &str, sim: &Sim, name: &str) -> String {
    let settings = json!({"base_url": sim.base_url(), "vendors": [VENDOR], "email": EMAIL});
    let datasource = json!({"kind": "atlassian-marketplace", "name": name, "settings": settings, "secrets": {"/token": TOKEN}});
    let datasource = made(host, "/api/datasources", &datasource);
    let board = format!("/api/dashboards/{board}");
    let revision = host.get(&board).json()["revision"].clone();
    let change = json!({"kind": "add_tile", "gadget": "vendor-users"});
    let added = made(
        host,
        &format!("{board}/changes"),
        &json!({"revision": revision, "change": change}),
    );
    let settings = json!({"datasource": datasource["id"], "vendor": VENDOR});
    let tile = added["tile"].as_str().expect("it has a tile");
    made(
        host,
        &format!("{board}/tiles/{tile}/settings"),
        &json!({"revision": added["revision"], "settings": settings}),
    );
    datasource["id"].as_str().expect("it has an id").to_owned()
}

fn wait_for(host: &FreshHost, path: &str, text: &str) -> String {
    let begin = Instant::now();
    loop {
        let page = host.get(path).body;
        if page.contains(text) {
            return page;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "no `{text}`");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn what_others_read_is_no_reason_to_ask_again_where_the_account_is_refused() {
    let host = FreshHost::start();
    // What the form asks for is answered; the rows are not.
    let rows = [Scope::Licenses, Scope::Export];
    let refusing = sim(rows.into_iter().fold(Faults::none(), |faults, rows| {
        faults.with_scope(Fault::Unauthorized, rows)
    }));
    let board = |title: &str| {
        let board = made(&host, "/api/dashboards", &json!({"title": title}));
        board["id"].as_str().expect("it has an id").to_owned()
    };
    // A gadget beside it would begin with the same datasource.
    let (board, other) = (board("Board"), board("Other"));
    let page = format!("/d/{board}");
    let refused = add(&host, &board, &refusing, "Refusing");
    let shown = wait_for(&host, &page, "the token is expired or wrong");
    let way_out = format!(r#"<a href="/datasources/{refused}">Change the datasource</a>"#);
    assert!(shown.contains(&way_out), "{shown}");
    refusing.clear_requests();

    let answering = sim(Faults::none());
    add(&host, &other, &answering, "Answering");
    wait_for(&host, &format!("/d/{other}"), "Licensed users now");
    // Tiles are looked at once more when what was stored has come to rest.
    thread::sleep(Duration::from_secs(2));
    let asked = refusing.requests();
    // Naming another datasource in a form may ask for its vendors; nobody asks for its rows.
    let rows: Vec<_> = asked
        .iter()
        .filter(|request| request.path.contains("reporting"))
        .collect();
    assert!(rows.is_empty(), "{rows:?}");
    assert!(host.get(&page).body.contains(&way_out));
}

#[test]
fn a_host_that_is_ended_in_the_middle_of_a_sync_has_no_error_to_tell() {
    let mut host = FreshHost::start();
    let stuck = Faults::none().with_scope(Fault::ExportStuck, Scope::Transactions);
    let sim = sim(stuck);
    let board = made(&host, "/api/dashboards", &json!({"title": "Board"}));
    let board = board["id"].as_str().expect("it has an id");
    add(&host, board, &sim, "Stuck");
    wait_for(&host, &format!("/d/{board}"), "First sync");
    let begin = Instant::now();
    while !sim
        .requests()
        .iter()
        .any(|asked| asked.path.contains("transactions"))
    {
        assert!(begin.elapsed() < Duration::from_secs(60), "no sync");
        thread::sleep(Duration::from_millis(100));
    }
    host.end();
    let log = host.log();
    let told: Vec<_> = log
        .lines()
        .filter(|line| line.contains(" ERROR ") || line.contains(" WARN "))
        .collect();
    assert!(told.is_empty(), "{told:#?}");
}
