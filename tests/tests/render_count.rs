//! How often the host renders a gadget, counted in its log: one that was refreshed once, and one of
//! another datasource not at all.

use marketplace_sim::{Data, Options, Sim};
use serde_json::{Value, json};
use workspace_tests::{EMAIL, TOKEN, VENDOR, fresh_host::FreshHost, wait_until};

fn made(host: &FreshHost, path: &str, body: &Value) -> Value {
    let reply = host.call("POST", path, body);
    assert!(reply.status < 300, "{path}: {reply:?}");
    reply.json()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn add_datasource(host: &FreshHost, sim: &Sim) -> String {
    let settings = json!({"base_url": sim.base_url(), "vendors": [VENDOR], "email": EMAIL});
    let datasource = json!({"kind": "atlassian-marketplace", "name": "Acme", "settings": settings, "secrets": {"/token": TOKEN}});
    text(&made(host, "/api/datasources", &datasource)["id"]).to_owned()
}

/// Adds a gadget that reads a datasource, waits until it shows figures, and returns its path.
fn add_gadget(host: &FreshHost, board: &str, gadget: &str, datasource: &str) -> String {
    let revision = host.get(board).json()["revision"].clone();
    let change = json!({"kind": "add_tile", "gadget": gadget});
    let change = json!({"revision": revision, "change": change});
    let added = made(host, &format!("{board}/changes"), &change);
    let tile = format!("{board}/tiles/{}", text(&added["tile"]));
    let mut settings = json!({"datasource": datasource, "vendor": VENDOR});
    if gadget == "app-users" {
        let asked = json!({"settings": settings});
        let form = made(host, &format!("{tile}/form"), &asked);
        settings["app"] = form["schema"]["properties"]["app"]["oneOf"][0]["const"].clone();
    }
    let save = json!({"revision": added["revision"], "settings": settings});
    made(host, &format!("{tile}/settings"), &save);
    wait_for_other_figures(host, &tile, &Value::Null);
    tile
}

/// Waits until the figures of a gadget are other ones, and returns them.
fn wait_for_other_figures(host: &FreshHost, tile: &str, before: &Value) -> Value {
    wait_until(format!("other figures of {tile}"), || {
        let figures = host.get(&format!("{tile}/view.json")).json()["figures"].clone();
        (figures.is_array() && figures != *before).then_some(figures)
    })
}

/// Counts the renders of a gadget with a datasource so far.
fn renders(host: &FreshHost, gadget: &str, datasource: &str) -> usize {
    let log = host.log();
    let is_one = |line: &&str| {
        line.contains("rendering a view")
            && [gadget, datasource]
                .iter()
                .all(|name| line.contains(&format!("{name:?}")))
    };
    log.lines().filter(is_one).count()
}

#[test]
fn a_refresh_renders_its_gadget_once_and_none_of_another_datasource() {
    let host = FreshHost::start();
    let options = Options::new().data(Data::sample(40, 7));
    let sim = Sim::start(options.vendor(VENDOR).account(EMAIL, TOKEN));
    let sim = sim.expect("the stand-in starts on loopback");
    let board = made(&host, "/api/dashboards", &json!({"title": "Board"}));
    let board = format!("/api/dashboards/{}", text(&board["id"]));
    let [read, other] = [(); 2].map(|()| add_datasource(&host, &sim));
    let tile = add_gadget(&host, &board, "vendor-users", &read);
    let beside = add_gadget(&host, &board, "app-users", &read);
    add_gadget(&host, &board, "vendor-users", &other);

    // The gadget beside it is shown anew when stored data has come to rest; by then whatever the
    // refresh before brought about has happened.
    let mut shown = wait_for_other_figures(&host, &beside, &Value::Null);
    let mut refresh = |licenses| {
        sim.replace_data(&Data::sample(licenses, 7));
        let refreshed = host.call("POST", &format!("{tile}/refresh"), &Value::Null);
        assert_eq!(refreshed.status, 204, "{refreshed:?}");
        shown = wait_for_other_figures(&host, &beside, &shown);
        [&read, &other].map(|datasource| renders(&host, "vendor-users", datasource))
    };
    let [begun, begun_of_other] = refresh(300);
    let counts = [500, 700, 900].map(&mut refresh);
    assert_eq!(
        counts,
        [1, 2, 3].map(|count| [begun + count, begun_of_other]),
        "from {begun}"
    );
}
