//! What a dashboard looks like when something is missing, late, old, refused or broken.

use marketplace_sim::{Data, Fault, Faults, Options, Scope, Sim};
use serde_json::{Value, json};
use workspace_tests::{EMAIL, TOKEN, VENDOR, browser::Page, fresh_host::FreshHost};

/// A host, and the stand-ins that its datasources are on.
struct Scene {
    host: FreshHost,
    board: String,
}

impl Scene {
    fn call(&self, path: &str, body: &Value) -> Value {
        let reply = self.host.call("POST", path, body);
        assert!(reply.status < 300, "{path}: {reply:?}");
        reply.json()
    }

    /// Creates a datasource and returns its id.
    fn datasource(&self, name: &str, sim: &Sim) -> Value {
        let settings = json!({"base_url": sim.base_url(), "vendors": [VENDOR], "email": EMAIL});
        let body = json!({
            "kind": "atlassian-marketplace",
            "name": name,
            "settings": settings,
            "secrets": {"/token": TOKEN},
        });
        self.call("/api/datasources", &body)["id"].clone()
    }

    /// Adds a gadget, with settings or without, and returns the id of its tile.
    fn add(&self, gadget: &str, name: &str, settings: &Value) -> String {
        let board = format!("/api/dashboards/{}", self.board);
        let revision = || self.host.get(&board).json()["revision"].clone();
        let change = json!({"kind": "add_tile", "gadget": gadget});
        let added = self.call(
            &format!("{board}/changes"),
            &json!({"revision": revision(), "change": change}),
        );
        let tile = added["tile"].as_str().expect("a tile has an id");
        if !settings.is_null() {
            self.call(
                &format!("{board}/tiles/{tile}/settings"),
                &json!({"revision": revision(), "settings": settings}),
            );
        }
        let rename = json!({"kind": "name_tile", "tile": tile, "name": name});
        self.call(
            &format!("{board}/changes"),
            &json!({"revision": revision(), "change": rename}),
        );
        tile.to_owned()
    }
}

fn stand_in(data: u32, faults: Faults) -> Sim {
    let options = Options::new()
        .data(Data::sample(data, 7))
        .vendor(VENDOR)
        .account(EMAIL, TOKEN)
        .faults(faults);
    Sim::start(options).expect("the stand-in starts on loopback")
}

/// Takes pictures of every state of a gadget on one dashboard, and of empty pages.
pub(super) fn pictures(page: &mut Page, everywhere: &dyn Fn(&mut Page, &str, u32)) {
    let host = FreshHost::with_libraries(&["fragile-gadget", "hello-gadget", "hello-again-gadget"]);
    host.open(page, "/");
    page.wait_for("document.querySelector('[data-fields] input')");
    everywhere(page, "connect", 0);
    host.open(page, "/catalog");
    everywhere(page, "catalog-refused", 0);
    let board = host.call(
        "POST",
        "/api/dashboards",
        &json!({"title": "Product board"}),
    );
    let board = board.json()["id"]
        .as_str()
        .expect("it has an id")
        .to_owned();
    let path = format!("/d/{board}");
    host.open(page, &path);
    everywhere(page, "empty", 0);
    let scene = Scene { host, board };

    let reached = stand_in(400, Faults::none());
    // The choices of the form are answered, the rows are not.
    let rows = [Scope::Licenses, Scope::Export];
    let refusing = rows.into_iter().fold(Faults::none(), |faults, rows| {
        faults.with_scope(Fault::Unauthorized, rows)
    });
    let refusing = stand_in(40, refusing);
    let waiting = Faults::none().with_scope(Fault::ExportStuck, Scope::Transactions);
    let slow = stand_in(400, waiting);
    let of = |datasource: &Value, app: &str| json!({"datasource": datasource, "vendor": VENDOR, "app": app});
    let acme = scene.datasource("Acme", &reached);
    let stale = scene.add(
        "app-users",
        "Timeboard users",
        &of(&acme, "com.acme.timeboard"),
    );
    page.wait_for(&format!(
        "document.querySelector('[id=\"{stale}\"] .figure, [id=\"{stale}\"] .figures')"
    ));
    reached.set_faults(Faults::none().with(Fault::Unauthorized));
    scene.call(
        &format!("/api/dashboards/{}/tiles/{stale}/refresh", scene.board),
        &json!({}),
    );
    page.wait_for(&format!(
        "document.querySelector('[id=\"{stale}\"]').textContent.includes('stale')"
    ));
    let refused = scene.datasource("Docflow GmbH", &refusing);
    scene.add(
        "app-users",
        "Docflow users",
        &of(&refused, "com.acme.docflow"),
    );
    let late = scene.datasource("Signoff Ltd", &slow);
    scene.add("app-users", "Signoff users", &of(&late, "com.acme.signoff"));
    scene.add("app-users", "Checklists users", &Value::Null);
    scene.add("fragile", "Broken", &json!({"harm": "too_large"}));
    scene.host.open(page, &path);
    page.wait_for("document.querySelectorAll('.state--failed').length === 2");
    everywhere(page, "states", 0);
}
