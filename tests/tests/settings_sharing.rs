//! "Use these settings for all compatible gadgets" over HTTP, with gadgets of several libraries and a Marketplace behind them.

use marketplace_sim::{Data, Fault, Sim};
use serde_json::{Value, json};
use workspace_tests::{
    EMAIL, TOKEN, VENDOR, fresh_host::FreshHost, running_host::Reply, small_vendor,
};

const TIMEBOARD: &str = "com.acme.timeboard";
const PLANBOARD: &str = "com.acme.planboard";

/// A dashboard of a host that knows three libraries, and a datasource for some of its gadgets.
struct Board {
    host: FreshHost,
    sim: Sim,
    datasource: Value,
    path: String,
}

impl Board {
    fn new() -> Self {
        let host = FreshHost::with_libraries(&["every-field-gadget", "hello-gadget"]);
        let options = small_vendor();
        let sim = Sim::start(options).expect("the stand-in starts on loopback");
        let settings = json!({"base_url": sim.base_url(), "vendors": [VENDOR], "email": EMAIL});
        let body = json!({"kind": "atlassian-marketplace", "name": "Acme", "settings": settings, "secrets": {"/token": TOKEN}});
        let datasource = made(&host.call("POST", "/api/datasources", &body));
        let board = made(&host.call("POST", "/api/dashboards", &json!({"title": "Board"})));
        let path = format!(
            "/api/dashboards/{}",
            board["id"].as_str().unwrap_or_default()
        );
        Self {
            host,
            sim,
            datasource,
            path,
        }
    }

    fn post(&self, rest: &str, body: &Value) -> Reply {
        self.host
            .call("POST", &format!("{}{rest}", self.path), body)
    }

    fn now(&self) -> Value {
        self.host.get(&self.path).json()
    }

    fn revision(&self) -> u64 {
        self.now()["revision"].as_u64().unwrap_or_default()
    }

    /// Returns the settings of all gadgets, in reading order.
    fn settings(&self) -> Vec<Value> {
        let now = self.now();
        let tiles = now["tiles"].as_array().cloned().unwrap_or_default();
        tiles.iter().map(|tile| tile["settings"].clone()).collect()
    }

    /// Returns the history of the dashboard, the newest change first.
    fn history(&self) -> Vec<String> {
        let changes = self.host.get(&format!("{}/changes", self.path)).json();
        let changes = changes.as_array().cloned().unwrap_or_default();
        let summary = |change: &Value| change["summary"].as_str().unwrap_or_default().to_owned();
        changes.iter().map(summary).collect()
    }

    fn change(&self, change: &Value) -> Value {
        let body = json!({"revision": self.revision(), "change": change});
        made(&self.post("/changes", &body))
    }

    fn add(&self, gadget: &str) -> String {
        let added = self.change(&json!({"kind": "add_tile", "gadget": gadget}));
        added["tile"].as_str().unwrap_or_default().to_owned()
    }

    fn save(&self, tile: &str, settings: &Value) {
        let body = json!({"revision": self.revision(), "settings": settings});
        made(&self.post(&format!("/tiles/{tile}/settings"), &body));
    }

    /// Saves the datasource again, under another name.
    fn edit_datasource(&self, permission: &Value) {
        let id = self.datasource["id"].as_str().unwrap_or_default();
        let body = json!({"revision": self.datasource["revision"], "name": "Acme again",
            "permission": permission, "settings": self.datasource["settings"]});
        made(
            &self
                .host
                .call("PUT", &format!("/api/datasources/{id}"), &body),
        );
    }

    fn of_app(&self, app: &str) -> Value {
        json!({"datasource": self.datasource["id"], "vendor": VENDOR, "app": app})
    }

    /// Adds a gadget of each library: two apps, the vendor, one of another kind and two of none.
    fn fill(&self) -> [String; 6] {
        let gadgets = [
            "app-users",
            "app-users",
            "vendor-users",
            "every-field",
            "other-kind",
            "hello",
        ];
        let tiles = gadgets.map(|gadget| self.add(gadget));
        self.save(&tiles[0], &self.of_app(TIMEBOARD));
        self.save(&tiles[1], &self.of_app(PLANBOARD));
        self.save(
            &tiles[2],
            &json!({"datasource": self.datasource["id"], "vendor": VENDOR}),
        );
        self.save(&tiles[5], &json!({"name": "World"}));
        tiles
    }

    /// Creates another dashboard with a compatible gadget, and returns its path and the gadget.
    fn another(&self) -> (String, String) {
        let title = json!({"title": "Another"});
        let other = made(&self.host.call("POST", "/api/dashboards", &title));
        let path = format!(
            "/api/dashboards/{}",
            other["id"].as_str().unwrap_or_default()
        );
        let change = json!({"kind": "add_tile", "gadget": "app-users"});
        let body = json!({"revision": 0, "change": change});
        let added = made(&self.host.call("POST", &format!("{path}/changes"), &body));
        (path, added["tile"].as_str().unwrap_or_default().to_owned())
    }

    fn preview(&self, tile: &str, settings: &Value) -> Value {
        made(&self.post(
            &format!("/tiles/{tile}/sharing"),
            &json!({"settings": settings}),
        ))
    }

    fn apply(&self, tile: &str, revision: u64, settings: &Value, share: &Value) -> Reply {
        let body = json!({"revision": revision, "settings": settings, "share": share});
        self.post(&format!("/tiles/{tile}/settings"), &body)
    }
}

fn made(reply: &Reply) -> Value {
    assert!((200..300).contains(&reply.status), "{reply:?}");
    reply.json()
}

/// Returns settings with another period.
fn of_last_90_days(mut settings: Value) -> Value {
    settings["period"] = json!({"kind": "last_90_days"});
    settings
}

/// Returns for each gadget of a preview what it takes, what it keeps and why, or why it takes nothing.
fn told(preview: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |tile: &Value| {
        let fields = tile["fields"].as_array().cloned().unwrap_or_default();
        let fields = fields
            .iter()
            .filter(|field| field["why"]["kind"] != "already_equal");
        let fields: Vec<String> = fields
            .map(|field| {
                let change = format!(
                    "{} {} -> {}",
                    text(&field["semantic"]),
                    text(&field["old"]["text"]),
                    text(&field["new"]["text"])
                );
                match field["why"]["kind"].as_str() {
                    None => change,
                    Some(why) => format!("{change} ({why})"),
                }
            })
            .collect();
        let nothing = tile["nothing"]["kind"].as_str().unwrap_or_default();
        format!("{}: {}{nothing}", text(&tile["gadget"]), fields.join(", "))
    };
    let tiles = preview["preview"]["tiles"].as_array().cloned();
    tiles.unwrap_or_default().iter().map(line).collect()
}

#[test]
fn a_preview_tells_what_each_gadget_takes_or_why_it_takes_nothing() {
    let board = Board::new();
    let tiles = board.fill();
    let before = (board.revision(), board.settings());
    let preview = board.preview(&tiles[0], &of_last_90_days(board.of_app(TIMEBOARD)));
    assert_eq!(
        told(&preview),
        [
            "App Users: app Planboard for Jira -> Timeboard for Jira (has_own_value), period Last 30 days -> Last 90 days",
            "Vendor Users: period Last 30 days -> Last 90 days",
            "Every field: other_datasource_kind",
            "Other kind: other_datasource_kind",
            "Hello: other_datasource_kind",
        ]
    );
    let ticks = json!({(&tiles[1]): ["period"], (&tiles[2]): ["period"]});
    assert_eq!(preview["ticks"], ticks);
    let counts =
        ["scope", "compatible", "not_set_up", "changes"].map(|name| &preview["preview"][name]);
    assert_eq!(
        counts,
        [&json!("all_compatible"), &json!(2), &json!(0), &json!(2)]
    );

    // Another tick is applied to the same preview, without asking the gadgets again.
    let more = json!({(&tiles[1]): ["app", "period"]});
    let body = json!({"settings": of_last_90_days(board.of_app(TIMEBOARD)), "proposal": preview["proposal"], "ticks": more});
    let again = made(&board.post(&format!("/tiles/{}/sharing", tiles[0]), &body));
    assert_eq!(
        (&again["proposal"], &again["preview"]["changes"]),
        (&preview["proposal"], &json!(1))
    );
    assert_eq!(
        (board.revision(), board.settings()),
        before,
        "nothing has changed"
    );
}

#[test]
fn applying_makes_one_revision_with_one_undo() {
    let board = Board::new();
    let tiles = board.fill();
    let (before, revision) = (board.settings(), board.revision());
    let settings = of_last_90_days(board.of_app(TIMEBOARD));
    let preview = board.preview(&tiles[0], &settings);
    let share = json!({"proposal": preview["proposal"], "ticks": preview["ticks"]});
    let changed = made(&board.apply(&tiles[0], revision, &settings, &share));
    assert_eq!(changed["revision"], revision + 1);
    let after = board.settings();
    let period = json!({"kind": "last_90_days"});
    for (place, (old, new)) in before.iter().zip(&after).enumerate() {
        let takes = place < 3;
        assert_eq!(new["period"] == period, takes, "{place}: {new}");
        assert_eq!(old == new, !takes, "{place}");
    }
    assert_eq!(after[1]["app"], PLANBOARD, "the app was not ticked");

    // A later change of another field keeps the undo; one of the same field ends it.
    board.change(&json!({"kind": "resize", "tile": tiles[1], "size": "L"}));
    made(&board.post("/undo", &json!({"revision": changed["undo"]})));
    assert_eq!(board.settings(), before);
    let applied = made(&board.apply(
        &tiles[0],
        board.revision(),
        &settings,
        &json!({
        "proposal": board.preview(&tiles[0], &settings)["proposal"], "ticks": preview["ticks"]}),
    ));
    let mut other = after[1].clone();
    other["period"] = json!({"kind": "last_12_months"});
    board.save(&tiles[1], &other);
    let now = board.settings();
    let refused = board.post("/undo", &json!({"revision": applied["undo"]}));
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (409, &json!("refused"))
    );
    assert!(
        refused.body.contains("period"),
        "it names the field: {}",
        refused.body
    );
    assert_eq!(board.settings(), now, "none of it is undone");
}

#[test]
fn a_stale_save_is_refused_with_the_changes_and_a_preview_holds_for_its_own_settings_only() {
    let board = Board::new();
    let tiles = board.fill();
    let settings = of_last_90_days(board.of_app(TIMEBOARD));
    let preview = board.preview(&tiles[0], &settings);
    let seen = board.revision();
    let share = json!({"proposal": preview["proposal"], "ticks": preview["ticks"]});
    let before = board.settings();

    let other = json!({"datasource": board.datasource["id"], "vendor": VENDOR, "app": PLANBOARD});
    let unknown = json!({"proposal": "none", "ticks": preview["ticks"]});
    let elsewhere = board.another();
    let foreign = json!({"proposal": preview["proposal"], "ticks": {(&elsewhere.1): ["period"]}});
    let impossible = json!({"proposal": preview["proposal"], "ticks": {(&tiles[1]): ["period"], (&tiles[3]): ["bucket"]}});
    for (settings, share, status, code, says) in [
        (&other, &share, 409, "preview_over", "settings have changed"),
        (&settings, &unknown, 409, "preview_over", "expired"),
        (&settings, &foreign, 422, "invalid", elsewhere.1.as_str()),
        (
            &settings,
            &impossible,
            409,
            "refused",
            "nothing was changed: “Every field”, bucket: it reads no datasource",
        ),
    ] {
        let refused = board.apply(&tiles[0], seen, settings, share);
        let told = refused.json();
        assert_eq!(
            (refused.status, told["code"].as_str()),
            (status, Some(code)),
            "{told}"
        );
        assert!(
            told["message"]
                .as_str()
                .is_some_and(|message| message.contains(says)),
            "{told}"
        );
    }
    assert_eq!((board.revision(), board.settings()), (seen, before.clone()));
    let other_board = board.host.get(&elsewhere.0).json();
    assert_eq!(other_board["revision"], 1, "another dashboard is as it was");

    board.change(&json!({"kind": "rename", "title": "Renamed meanwhile"}));
    for share in [&share, &Value::Null] {
        let refused = board.apply(&tiles[0], seen, &settings, share);
        let told = refused.json();
        assert_eq!(
            (refused.status, &told["code"]),
            (409, &json!("stale")),
            "{told}"
        );
        assert_eq!(told["meanwhile"].as_array().map(Vec::len), Some(1));
        assert_eq!(
            told["meanwhile"][0]["summary"],
            "renamed the dashboard to “Renamed meanwhile”"
        );
    }
    // An earlier preview has expired, even for the newest revision, and is computed again.
    let body = json!({"settings": settings, "proposal": preview["proposal"]});
    let again = made(&board.post(&format!("/tiles/{}/sharing", tiles[0]), &body));
    assert_ne!(again["proposal"], preview["proposal"]);
    assert_eq!(again["preview"]["revision"], seen + 1);
    let refused = board.apply(&tiles[0], seen + 1, &settings, &share);
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (409, &json!("stale"))
    );
    assert_eq!(board.settings(), before);
    assert_eq!(
        board.history()[0],
        "renamed the dashboard to “Renamed meanwhile”"
    );
}

#[test]
fn a_preview_is_applied_even_when_the_source_no_longer_answers() {
    let board = Board::new();
    let tiles = board.fill();
    let settings = of_last_90_days(board.of_app(TIMEBOARD));
    let preview = board.preview(&tiles[0], &settings);
    board.sim.set_faults(Fault::Unauthorized);
    let share = json!({"proposal": preview["proposal"], "ticks": preview["ticks"]});
    made(&board.apply(&tiles[0], board.revision(), &settings, &share));
    for tile in &board.settings()[..3] {
        assert_eq!(tile["period"], settings["period"]);
    }
}

#[test]
fn a_gadget_whose_library_is_absent_is_listed_and_skipped() {
    let mut board = Board::new();
    board.fill();
    let mut file = board.host.get(&format!("{}/export", board.path)).json();
    file["tiles"][1]["gadget"] = json!("of-no-library");
    let imported = made(
        &board
            .host
            .call("POST", "/api/dashboards/import", &json!({"file": file})),
    );
    board.path = format!(
        "/api/dashboards/{}",
        imported["id"].as_str().unwrap_or_default()
    );
    let now = board.now();
    let id = |place: usize| now["tiles"][place]["id"].as_str().unwrap_or_default();
    let before = board.settings();
    let settings = of_last_90_days(board.of_app(TIMEBOARD));
    let preview = board.preview(id(0), &settings);
    let told = told(&preview);
    assert_eq!(told[0], "of-no-library: library_absent");
    assert!(
        told[1].contains("period Last 30 days -> Last 90 days"),
        "{told:?}"
    );

    let ticked = json!({(id(1)): ["period"]});
    let share = |ticks: &Value| json!({"proposal": preview["proposal"], "ticks": ticks});
    let refused = board.apply(id(0), board.revision(), &settings, &share(&ticked));
    assert_eq!(refused.json()["code"], "refused");
    assert!(
        refused
            .body
            .contains("the library of its gadget is missing"),
        "{refused:?}"
    );
    let applied = made(&board.apply(
        id(0),
        board.revision(),
        &settings,
        &share(&preview["ticks"]),
    ));
    assert_eq!(board.settings()[1], before[1]);
    made(&board.post("/undo", &json!({"revision": applied["undo"]})));
    assert_eq!(board.settings(), before);
}

#[test]
fn the_first_gadget_that_is_set_up_offers_its_settings_to_those_that_are_not() {
    let board = Board::new();
    let first = board.add("app-users");
    let second = board.add("vendor-users");
    let preview = board.preview(&first, &board.of_app(TIMEBOARD));
    assert_eq!(
        (
            &preview["preview"]["scope"],
            &preview["preview"]["not_set_up"]
        ),
        (&json!("not_set_up"), &json!(1))
    );
    let share = json!({"proposal": preview["proposal"], "ticks": preview["ticks"]});
    made(&board.apply(&first, board.revision(), &board.of_app(TIMEBOARD), &share));
    let now = board.now();
    assert_eq!(now["tiles"][1]["id"], second);
    assert_eq!(now["tiles"][1]["is_set_up"], true, "{now}");

    // A gadget that is added later starts with what the others share, except for the app.
    board.add("app-users");
    let added = board.settings().pop().unwrap_or_default();
    assert_eq!(
        (&added["datasource"], &added["vendor"]),
        (&board.datasource["id"], &json!(VENDOR)),
        "{added}"
    );
    // Choices that cannot be read are left out without an error.
    board.sim.replace_data(&Data::nothing());
    board.add("hello");
    assert_eq!(board.settings().pop(), Some(json!({})));
}

#[test]
fn a_missing_app_is_kept_and_marked_and_blocks_saving_but_no_other_change() {
    let board = Board::new();
    let tiles = board.fill();
    board.sim.replace_data(&Data::nothing());
    // After an edit of the datasource its choices are read again.
    board.edit_datasource(&board.datasource["permission"]);
    let form = made(&board.post(&format!("/tiles/{}/form", tiles[0]), &json!({})));
    assert_eq!(form["settings"]["app"], TIMEBOARD, "the value is kept");
    let wrong: Vec<&Value> = form["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| &error["path"])
        .collect();
    assert_eq!(wrong, [&json!("/app")], "{form}");

    let before = board.settings();
    let body = json!({"revision": board.revision(), "settings": form["settings"]});
    let refused = board.post(&format!("/tiles/{}/settings", tiles[0]), &body);
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["path"]),
        (422, &json!("/app"))
    );
    let shared = board.post(
        &format!("/tiles/{}/sharing", tiles[0]),
        &json!({"settings": form["settings"]}),
    );
    assert_eq!(shared.status, 422, "what cannot be saved cannot be shared");
    for change in [
        json!({"kind": "name_tile", "tile": tiles[0], "name": "Kept"}),
        json!({"kind": "resize", "tile": tiles[0], "size": "S"}),
        json!({"kind": "move_tile", "tile": tiles[0], "to": 3}),
    ] {
        board.change(&change);
    }
    let mut after = board.settings();
    let moved = after.remove(3);
    after.insert(0, moved);
    assert_eq!(after, before);
}

#[test]
fn sharing_a_private_datasource_on_a_dashboard_that_others_see_warns_first() {
    let board = Board::new();
    let tiles = board.fill();
    let settings = of_last_90_days(board.of_app(TIMEBOARD));
    let warning = || board.preview(&tiles[0], &settings)["preview"]["warning"].clone();
    assert_eq!(warning(), Value::Null);
    let private = json!({"kind": "only_named", "users": [], "editors": []});
    board.edit_datasource(&private);
    let said = warning();
    assert!(
        said.as_str()
            .is_some_and(|said| said.contains("“Acme again”") && said.contains("private")),
        "{said}"
    );
    let may_see = |permission: &Value| {
        board.change(&json!({"kind": "set_permission", "permission": permission}));
    };
    may_see(&private);
    assert_eq!(warning(), Value::Null, "nobody else sees the dashboard");
    let bob = json!({"name": "Bob", "role": "viewer", "password": "correct horse battery"});
    let bob = made(&board.host.call("POST", "/api/users", &bob));
    let of_bob = json!({"kind": "only_named", "users": [bob["id"]], "editors": []});
    may_see(&of_bob);
    assert_eq!(
        warning(),
        said,
        "one who may not use the datasource sees it"
    );
    may_see(&private);
    let link = made(&board.post("/links", &json!({})));
    assert_eq!(warning(), said, "whoever has the link sees it");
    let link = format!(
        "/api/links/{}",
        link["link"]["id"].as_str().unwrap_or_default()
    );
    assert_eq!(board.host.call("DELETE", &link, &Value::Null).status, 204);
    assert_eq!(warning(), Value::Null, "the link is revoked");
}

#[test]
fn somebody_who_may_not_use_a_datasource_does_not_see_its_choices() {
    let mut board = Board::new();
    let tile = board.add("app-users");
    let set_up = board.add("app-users");
    board.save(&set_up, &board.of_app(PLANBOARD));
    let private = json!({"kind": "only_named", "users": [], "editors": []});
    board.edit_datasource(&private);
    let password = "correct horse battery";
    let eve = json!({"name": "Eve", "role": "editor", "password": password});
    made(&board.host.call("POST", "/api/users", &eve));
    let form = |board: &Board, settings: &Value| {
        let body = json!({"settings": settings});
        made(&board.post(&format!("/tiles/{tile}/form"), &body))
    };
    let mut asked = board.of_app(TIMEBOARD);
    let offered = form(&board, &asked);
    assert!(offered.to_string().contains(PLANBOARD), "{offered}");
    // Cached choices are not for everybody.
    board.host.log_in("Eve", password);
    let told = form(&board, &asked);
    assert!(!told.to_string().contains(PLANBOARD), "{told}");
    asked["app"] = json!("none");
    let told = form(&board, &asked);
    assert!(!told.to_string().contains(TIMEBOARD), "{told}");
    // Nor may she share it from a gadget that uses it.
    let shared = json!({"settings": board.of_app(PLANBOARD)});
    let refused = board.post(&format!("/tiles/{set_up}/sharing"), &shared);
    assert_eq!(refused.status, 422, "{refused:?}");
    assert_eq!(refused.json()["errors"][0]["path"], "/datasource");
    board.add("vendor-users");
    let start = board.settings().pop().unwrap_or_default();
    assert_eq!([&start["datasource"], &start["vendor"]], [&Value::Null; 2]);
}
