//! Every page and dialog: wide and narrow, light and dark, and as assistive technology reads it.
//!
//! Signing in, accounts and users are checked in `accounts.rs`, datasources in `datasource_pages.rs`, and
//! whole dashboards in `dashboards.rs`.

use marketplace_sim::{Fault, Faults, Options, Sim};
use serde_json::{Value, json};
use workspace_tests::{
    EMAIL, TOKEN, VENDOR,
    axe::{self, Axe},
    browser::Page,
    fresh_host::FreshHost,
    wait_until,
};

const GRID: &str = "[data-live] > article";

/// A host with a dashboard, and the page under check.
struct Visit {
    axe: Option<Axe>,
    page: Page,
    host: FreshHost,
}

impl Visit {
    fn open(&mut self, path: &str, ready: &str) {
        self.page
            .goto(&format!("http://{}{path}", self.host.address));
        self.page.wait_for(ready);
    }

    fn check(&mut self, what: &str) {
        axe::check_page(self.axe.as_ref(), &mut self.page, what);
        self.page.expect_no_complaints(what);
    }

    /// Checks a page that is a refusal, whose status the browser complains about.
    fn check_refusal(&mut self, what: &str, status: &str) {
        self.page.expect_complaints(status);
        self.check(what);
    }

    /// Sends JSON and returns the answer.
    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let reply = self.host.call(method, path, body);
        assert!(reply.status < 300, "{method} {path}: {reply:?}");
        reply.json()
    }

    /// Connects a stand-in and returns the id of the datasource.
    fn connect(&self, name: &str, sim: &Sim) -> Value {
        let settings = json!({"base_url": sim.base_url(), "vendors": [VENDOR], "email": EMAIL});
        let body = json!({"kind": "atlassian-marketplace", "name": name, "settings": settings, "secrets": {"/token": TOKEN}});
        self.call("POST", "/api/datasources", &body)["id"].clone()
    }

    /// Creates a dashboard with a gadget for the vendor and for each app, and returns its id.
    fn begin(&self, title: &str, datasource: &Value, apps: &[&str]) -> String {
        let catalog = self.host.get("/api/catalog").json();
        let template = &catalog["templates"][0]["id"];
        let settings = json!({"datasource": datasource, "vendor": VENDOR, "app": apps});
        let new = json!({"title": title, "template": {"id": template, "settings": settings}});
        let made = self.call("POST", "/api/dashboards", &new);
        made["id"].as_str().expect("it has an id").to_owned()
    }

    /// Creates a dashboard with a gadget for the vendor, whatever its datasource answers, and returns its id.
    fn of_vendor(&self, title: &str, datasource: &Value) -> String {
        let made = self.call("POST", "/api/dashboards", &json!({"title": title}));
        let id = made["id"].as_str().expect("it has an id").to_owned();
        let path = format!("/api/dashboards/{id}");
        let change = json!({"kind": "add_tile", "gadget": "vendor-users"});
        let change = json!({"revision": 0, "change": change});
        let added = self.call("POST", &format!("{path}/changes"), &change);
        let tile = added["tile"].as_str().expect("it has a tile");
        let settings = json!({"datasource": datasource, "vendor": VENDOR});
        let save = json!({"revision": added["revision"], "settings": settings});
        self.call("POST", &format!("{path}/tiles/{tile}/settings"), &save);
        id
    }

    /// Waits until the page of the dashboard, without scripts, contains `part` this many times.
    fn wait(&self, dashboard: &str, part: &str, times: usize) {
        wait_until(format!("{times} times `{part}`"), || {
            let page = self.host.get(&format!("/d/{dashboard}")).body;
            (page.matches(part).count() >= times).then_some(())
        });
    }
}

/// A script that tells whether a selector finds something.
fn there(selector: &str) -> String {
    format!("document.querySelector({selector:?})")
}

fn stand_in(faults: impl Into<Faults>) -> Sim {
    let options = Options::new().vendor(VENDOR).account(EMAIL, TOKEN);
    Sim::start(options.faults(faults)).expect("the stand-in starts")
}

#[test]
fn every_page_and_dialog_fits_its_screen_and_is_accessible() {
    let Some((host, page)) = FreshHost::in_browser() else {
        return;
    };
    let mut visit = Visit {
        axe: Axe::install(),
        page,
        host,
    };
    let sim = stand_in(Faults::none());
    let source = visit.connect("Acme", &sim);
    let apps = [
        "com.acme.timeboard",
        "com.acme.planboard",
        "com.acme.retronotes",
    ];
    let whole = visit.begin("Partner", &source, &apps);
    // The checker is slow on gadgets, so most of the pages have only a few.
    let small = visit.begin("One app", &source, &apps[2..]);
    visit.wait(&whole, "Licensed users now", 4);
    visit.wait(&small, "Licensed users now", 2);

    strangers_see(&mut visit, &small);
    visit.host.open(&mut visit.page, &format!("/d/{whole}"));
    visit
        .page
        .wait_for(&there("[data-do=configure]:not([hidden])"));
    visit.check("dashboard");
    let path = format!("/d/{small}");
    a_dashboard(&mut visit, &path);
    the_settings(&mut visit, &path);
    other_pages(&mut visit);

    // Gadgets that have failed, have no figures yet, or show old ones.
    let (broken, silent) = (stand_in(Fault::Unauthorized), stand_in(Fault::Hang));
    let [failed, begun] = [("Broken", &broken), ("Silent", &silent)].map(|(name, sim)| {
        let source = visit.connect(name, sim);
        visit.of_vendor(name, &source)
    });
    sim.set_faults(Fault::Unavailable);
    let refresh = format!("/api/dashboards/{small}/refresh");
    visit.call("POST", &refresh, &Value::Null);
    for (what, dashboard, sign) in [
        ("failed gadget", &failed, "state-of__sign--error"),
        ("first sync", &begun, "class=\"sync\""),
        ("stale gadgets", &small, "state--stale"),
    ] {
        visit.wait(dashboard, sign, 1);
        visit.open(&format!("/d/{dashboard}"), &there(GRID));
        visit.check(what);
        visit.open(
            &format!("/d/{dashboard}/wall"),
            &there("nav.turns:not([hidden])"),
        );
        visit.check(&format!("wallboard of {what}"));
    }
}

/// Checks what a visitor sees without signing in: the sign-in page and public links.
fn strangers_see(visit: &mut Visit, dashboard: &str) {
    let links = format!("/api/dashboards/{dashboard}/links");
    let path = |link: &Value, name: &str| {
        let path = link[name].as_str();
        path.expect("a link has an address").to_owned()
    };
    let link = visit.call("POST", &links, &json!({}));
    let locked = visit.call("POST", &links, &json!({"password": "open sesame"}));
    let public = path(&link, "path");
    for (what, path, ready) in [
        ("sign in", "/login".to_owned(), "#password"),
        ("public page", public.clone(), GRID),
        (
            "public wallboard",
            format!("{public}/wall"),
            "nav.turns:not([hidden])",
        ),
        ("embedded page", path(&link, "embed_path"), GRID),
        (
            "password of a link",
            path(&locked, "path"),
            "input[type=password]",
        ),
    ] {
        visit.open(&path, &there(ready));
        visit.check(what);
    }
    visit.page.move_focus("Tab", "input[type=password]");
    visit.page.type_text("open, please");
    visit.page.key("Enter");
    visit
        .page
        .wait_for(&there("form [aria-invalid], [role=alert]"));
    visit.check_refusal("wrong password of a link", "401");
    let framed = path(&locked, "path").replace("/public/", "/embed/");
    visit.open(&framed, &there("h1"));
    visit.check_refusal("embedded page with a password", "403");
}

/// Checks a dashboard, its menus, and the details behind its gadgets.
fn a_dashboard(visit: &mut Visit, path: &str) {
    visit
        .page
        .wait_for(&there("[data-do=configure]:not([hidden])"));
    visit.check("dashboard");
    visit.page.eval(
        "document.querySelectorAll('article details').forEach((each) => { each.open = true; })",
    );
    visit.check("data tables");
    visit.open(path, &there(".plot a, .plot [tabindex]"));
    visit.page.move_focus("Tab", ".plot a, .plot [tabindex]");
    visit.check("bar with its figures");
    for (button, what) in [
        (format!("{GRID}:last-child [data-menu]"), "menu of a gadget"),
        (
            "[popovertarget=board-menu]".to_owned(),
            "menu of a dashboard",
        ),
    ] {
        visit.page.activate(&button);
        visit.page.wait_for(&there(":popover-open [role=menuitem]"));
        visit.check(what);
        visit.page.key("Escape");
        // The focus returns once the menu has closed.
        visit
            .page
            .wait_for("!document.querySelector(':popover-open')");
    }
    visit.page.activate("[popovertarget=board-menu]");
    visit.page.move_focus("ArrowDown", "[data-board=clone]");
    visit.page.key("Enter");
    visit.page.wait_for(&there("dialog.about[open]"));
    visit.check("clone");
    visit.page.key("Escape");
    // The focus returns once the dialog has closed.
    visit.page.wait_for("!document.querySelector('dialog')");

    // The details of one app are shorter than those of the vendor.
    let link = format!("{GRID}:last-child .plot a[href*='/details?']");
    let details = visit
        .page
        .wait_for(&format!("{}.getAttribute('href')", there(&link)));
    let details = details.as_str().expect("a link has an address").to_owned();
    visit.page.activate(&link);
    visit.page.wait_for(&there("dialog[open] table"));
    visit.check("details in place");
    visit.open(&details, &there("main table"));
    visit.check("details");
    let tile = details.split("/details").next().unwrap_or_default();
    visit.open(tile, &there("article .plot"));
    visit.check("one gadget");
}

/// Checks the panel with the settings of a gadget.
fn the_settings(visit: &mut Visit, path: &str) {
    visit.open(path, &there("[data-do=configure]:not([hidden])"));
    visit
        .page
        .activate(&format!("{GRID}:last-child [data-do=configure]"));
    visit.page.wait_for(&there("dialog.panel .form input"));
    visit.check("settings");
    visit.page.activate("dialog.panel .advanced > summary");
    visit.check("more settings");
    visit
        .page
        .wait_for(&there("dialog.panel .share__head input"));
    visit
        .page
        .move_focus("Tab", "dialog.panel .share__head [type=checkbox]");
    visit.page.key("Space");
    visit.page.wait_for(&there("dialog.panel .share__tile"));
    visit.check("preview of sharing");
    visit.page.key("Escape");
    visit.page.wait_for(&there(".panel__ask"));
    visit.check("question before settings are lost");
    visit.page.activate(".panel__ask .button--first");
    visit
        .page
        .wait_for("!document.querySelector('dialog.panel')");
    visit
        .page
        .activate(&format!("{GRID}:last-child [data-menu]"));
    visit
        .page
        .move_focus("ArrowDown", ":popover-open [data-do=rename]");
    visit.page.key("Enter");
    visit.page.wait_for(&there("input.rename"));
    visit.check("another name");
    visit.page.type_text("Mine");
    visit.page.key("Enter");
    visit.page.wait_for(&there(".toast__undo"));
    visit.check("message with undo");
}

/// Checks the remaining pages.
fn other_pages(visit: &mut Visit) {
    visit.open("/catalog", &there("form[data-filters]:not([hidden])"));
    visit.check("catalog");
    visit
        .page
        .move_focus("Tab", "form[data-filters] [name=text]");
    visit.page.type_text("nothing like it");
    visit.page.wait_for(&there("[data-none]:not([hidden])"));
    visit.check("catalog without a match");
    visit.open("/dashboards", &there("[data-board=import]:not([hidden])"));
    visit.check("dashboards");
    visit.page.activate(".boards [data-menu]");
    visit.page.wait_for(&there(":popover-open"));
    visit.check("menu in the list");
    visit.open("/dashboards/new", &there("form[data-new]:not([hidden])"));
    visit.check("new dashboard");
    visit.open("/datasources/new", &there("[data-fields] input"));
    visit.check("new datasource");
    let empty = visit.call("POST", "/api/dashboards", &json!({"title": "Empty"}));
    let empty = empty["id"].as_str().expect("it has an id");
    visit.open(&format!("/d/{empty}"), &there(".start"));
    visit.check("empty dashboard");
    visit.open(&format!("/d/{empty}/wall"), &there(".wall"));
    visit.check("empty wallboard");

    for missing in ["/nothing", "/d/nothing", "/public/nothing"] {
        visit
            .page
            .goto(&format!("http://{}{missing}", visit.host.address));
        visit.check_refusal("missing page", "404");
    }
}
