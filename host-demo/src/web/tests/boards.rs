//! Copies of dashboards over the API: who may make them, and what they keep.

use chrono::Utc;
use dashboards::domain::{
    Dashboard, DashboardId, DashboardParts, Name, Permission, Role, Settings, Tile, TileId, User,
};
use gadget_api::{TileSize, Version};
use serde_json::{Value, json};

use super::bed::{Server, json_of, status};

fn only_owner() -> Permission {
    Permission::OnlyNamed {
        users: [].into(),
        editors: [].into(),
    }
}

/// Keeps a dashboard of tiles that read these datasources.
fn keep_board(server: &Server, id: &str, owner: &User, permission: Permission, sources: &[&str]) {
    let tiles = sources.iter().enumerate().map(|(at, source)| {
        let tile = TileId::parse(&format!("t{at}")).unwrap();
        let mut tile = Tile::new(tile, "absent", Version::new(1, 2, 3), TileSize::L);
        tile.settings = Settings::parse(json!({"from": source, "more": [1, {"a": "b"}]})).unwrap();
        tile.name = Name::parse("<b>Named</b>").ok();
        tile
    });
    let parts = DashboardParts {
        id: DashboardId::parse(id).unwrap(),
        title: Name::parse("Board \"one\"").unwrap(),
        owner: owner.id.clone(),
        permission,
        revision: 0,
        tiles: tiles.collect(),
        is_deleted: false,
    };
    let dashboard = Dashboard::from_parts(parts).unwrap();
    let kept = server.app.store.create_dashboard(&dashboard, Utc::now());
    server.runtime.block_on(kept).unwrap();
}

fn exported(server: &Server, cookie: &str, dashboard: &str) -> Value {
    let request = format!("GET /api/dashboards/{dashboard}/export");
    json_of(&server.ask(cookie, &request, &Value::Null))
}

#[test]
fn a_clone_and_an_import_of_an_export_are_what_they_are_copies_of() {
    let server = Server::start();
    let (ann, cookie) = server.user("ann", Role::Editor);
    server.keep_source("s1", "shop", &ann, Permission::AnyoneEdits);
    keep_board(&server, "d1", &ann, Permission::AnyoneEdits, &["s1", "s1"]);
    let file = exported(&server, &cookie, "d1");
    assert_eq!(
        file["datasources"],
        json!([{"id": "s1", "kind": "shop", "name": "Source s1"}])
    );
    assert_eq!(file["tiles"].as_array().unwrap().len(), 2);

    let clone = server.ask(
        &cookie,
        "POST /api/dashboards/d1/clone",
        &json!({"title": "Board \"one\""}),
    );
    let import = server.ask(
        &cookie,
        "POST /api/dashboards/import",
        &json!({"file": file}),
    );
    for answer in [clone, import] {
        assert_eq!(status(&answer), 200, "{answer}");
        let copy = json_of(&answer);
        let id = copy["id"].as_str().unwrap();
        assert_ne!(id, "d1");
        assert_eq!(
            (&copy["owner"], &copy["revision"]),
            (&json!("ann"), &json!(0))
        );
        assert_eq!(exported(&server, &cookie, id), file);
        // What happens to the copy happens to it alone.
        assert_ne!(copy["tiles"][0]["id"], "t0");
    }
}

#[test]
fn who_may_not_use_a_datasource_has_no_copy_that_reads_it() {
    let server = Server::start();
    let (ann, _) = server.user("ann", Role::Editor);
    let (_, cookie) = server.user("bob", Role::Editor);
    server.keep_source("s1", "shop", &ann, only_owner());
    server.keep_source("s2", "shop", &ann, Permission::AnyoneEdits);
    keep_board(&server, "d1", &ann, Permission::AnyoneEdits, &["s1", "s2"]);
    // The file names what bob may use, and says nothing of the rest.
    let file = exported(&server, &cookie, "d1");
    let named = file["datasources"].as_array().unwrap();
    assert_eq!(named.len(), 1);
    assert_eq!(named[0]["id"], "s2");
    let clone = json!({"title": "Mine"});
    for (path, body) in [
        ("/api/dashboards/d1/clone", clone),
        ("/api/dashboards/import", json!({"file": file})),
    ] {
        let copy = json_of(&server.ask(&cookie, &format!("POST {path}"), &body));
        assert_eq!(copy["tiles"][0]["settings"], json!({}), "{path}");
        assert_eq!(copy["tiles"][1]["settings"]["from"], "s2", "{path}");
    }
}

#[test]
fn an_import_takes_only_datasources_that_fit_and_may_be_used() {
    let server = Server::start();
    let (ann, ann_cookie) = server.user("ann", Role::Editor);
    let (bob, cookie) = server.user("bob", Role::Editor);
    server.keep_source("s1", "shop", &ann, only_owner());
    server.keep_source("s2", "shop", &bob, only_owner());
    server.keep_source("s3", "weather", &bob, only_owner());
    keep_board(&server, "d1", &ann, Permission::AnyoneEdits, &["s1"]);
    let file = exported(&server, &ann_cookie, "d1");
    for (to, expected) in [
        ("s2", 200),
        ("s3", 422),
        ("s1", 422),
        ("none", 422),
        ("", 422),
    ] {
        let body = json!({"file": file, "datasources": {"s1": to}});
        let answer = server.ask(&cookie, "POST /api/dashboards/import", &body);
        assert_eq!(status(&answer), expected, "{to}: {answer}");
        let answer = json_of(&answer);
        if expected == 200 {
            assert_eq!(answer["tiles"][0]["settings"]["from"], "s2");
        } else {
            assert!(answer.to_string().contains("/datasources/s1"), "{answer}");
        }
    }
    for (file, says) in [
        (json!({}), "not an exported dashboard"),
        (json!({"export": 9, "title": "x", "tiles": []}), "version 9"),
        (json!([1]), "not an exported dashboard"),
        (
            json!({"export": 1, "title": "", "tiles": []}),
            "name is empty",
        ),
    ] {
        let answer = server.ask(
            &cookie,
            "POST /api/dashboards/import",
            &json!({"file": file}),
        );
        assert_eq!(status(&answer), 422, "{answer}");
        assert!(answer.contains(says), "{says}: {answer}");
    }
}

#[test]
fn copies_take_the_right_to_see_and_to_make_dashboards() {
    let server = Server::start();
    let (ann, ann_cookie) = server.user("ann", Role::Editor);
    let (_, bob) = server.user("bob", Role::Editor);
    let (_, eve) = server.user("eve", Role::Viewer);
    keep_board(&server, "open", &ann, Permission::AnyoneEdits, &[]);
    keep_board(&server, "closed", &ann, only_owner(), &[]);
    let file = exported(&server, &ann_cookie, "open");
    let clone = json!({"title": "Copy"});
    let import = json!({"file": file});
    let template = json!({"settings": {}});
    for (cookie, request, body, expected) in [
        (&bob, "POST /api/dashboards/open/clone", &clone, 200),
        (&bob, "POST /api/dashboards/closed/clone", &clone, 404),
        (&bob, "GET /api/dashboards/closed/export", &Value::Null, 404),
        (&bob, "POST /api/dashboards/import", &import, 200),
        (&bob, "POST /api/templates/none/form", &template, 404),
        (&eve, "POST /api/dashboards/open/clone", &clone, 403),
        (&eve, "GET /api/dashboards/open/export", &Value::Null, 200),
        (&eve, "POST /api/dashboards/import", &import, 403),
        (&eve, "POST /api/templates/none/form", &template, 403),
        (&eve, "GET /dashboards/new", &Value::Null, 403),
        (
            &String::new(),
            "POST /api/dashboards/open/clone",
            &clone,
            401,
        ),
    ] {
        let answer = server.ask(cookie, request, body);
        assert_eq!(status(&answer), expected, "{request}: {answer}");
    }
}

#[test]
fn a_deleted_dashboard_is_not_cloned() {
    let server = Server::start();
    let (ann, cookie) = server.user("ann", Role::Editor);
    keep_board(&server, "d1", &ann, Permission::AnyoneEdits, &[]);
    let gone = server.ask(&cookie, "DELETE /api/dashboards/d1", &Value::Null);
    assert_eq!(status(&gone), 204, "{gone}");
    let clone = json!({"title": "Copy"});
    let answer = server.ask(&cookie, "POST /api/dashboards/d1/clone", &clone);
    assert_eq!(status(&answer), 404, "{answer}");
}

#[test]
fn the_head_offers_what_somebody_may_do() {
    let server = Server::start();
    let (ann, ann_cookie) = server.user("ann", Role::Editor);
    let (_, bob) = server.user("bob", Role::Editor);
    let (_, eve) = server.user("eve", Role::Viewer);
    keep_board(&server, "d1", &ann, Permission::AnyoneEdits, &[]);
    let all = [
        "share", "rename", "people", "history", "clone", "print", "delete",
    ];
    for (cookie, offered) in [
        (&ann_cookie, &all[..]),
        (&bob, &["share", "rename", "history", "clone", "print"]),
        (&eve, &["history", "print"]),
    ] {
        let page = server.ask(cookie, "GET /d/d1", &Value::Null);
        let is_there = |what: &&&str| page.contains(&format!("data-board=\"{what}\""));
        let found: Vec<_> = all.iter().filter(is_there).copied().collect();
        assert_eq!(found, offered);
        assert!(page.contains("href=\"/d/d1/wall\""), "{page}");
    }
}

#[test]
fn a_gadget_alone_is_followed_and_changed_as_on_its_dashboard() {
    let server = Server::filled();
    let page = server.get("/d/d1/t/t1");
    for part in [
        r#"data-events="/api/dashboards/d1/events""#,
        r#"data-tile-query="?among=alone""#,
        r#"<article class="tile tile--xl""#,
        r#"data-do="configure""#,
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let tile = server.get("/api/dashboards/d1/tiles/t1/tile.html?among=alone");
    assert!(tile.contains(r#"<article class="tile tile--xl""#), "{tile}");
    // Nobody has asked for it since the start, so it is made now.
    let (ann, cookie) = server.user("ann", Role::Editor);
    keep_board(&server, "d2", &ann, Permission::AnyoneEdits, &["s"]);
    server.ask(&cookie, "GET /d/d2/t/t0", &Value::Null);
    let key = (
        DashboardId::parse("d2").unwrap(),
        TileId::parse("t0").unwrap(),
    );
    let status = server.app.states.status(&key);
    assert!(status.is_busy || status.has_ended_once());
}

#[test]
fn a_page_that_is_not_there_says_so_as_a_page() {
    let server = Server::filled();
    for path in [
        "/d/d1/t/none",
        "/d/d1/t/none/details?figure=lost",
        "/dashboards/new?template=none",
    ] {
        let answer = server.get(path);
        assert_eq!(status(&answer), 404, "{path}: {answer}");
        assert!(
            answer.contains("<h1>Page not found</h1>"),
            "{path}: {answer}"
        );
    }
}

#[test]
fn the_wallboard_has_a_slide_for_each_gadget_whatever_it_shows() {
    let server = Server::filled();
    let page = server.get("/d/d1/wall?seconds=1");
    assert_eq!(status(&page), 200, "{page}");
    assert!(page.contains("data-seconds=\"3\""), "{page}");
    for unread in ["", "?seconds=", "?seconds=soon", "?seconds=-1"] {
        let page = server.get(&format!("/d/d1/wall{unread}"));
        assert!(page.contains("data-seconds=\"20\""), "{unread}: {page}");
    }
    for tile in ["t1", "t2"] {
        assert!(page.contains(&format!("data-tile=\"{tile}\"")), "{page}");
    }
    assert!(
        page.contains("The gadget &lt;b&gt;panicked&lt;/b&gt;."),
        "{page}"
    );
    assert!(
        !page.contains("<script>alert") && !page.contains(" style="),
        "{page}"
    );
}
