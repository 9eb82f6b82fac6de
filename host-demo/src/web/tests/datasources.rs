//! Who may do what with datasources, where no library brings their kind.

use std::collections::BTreeSet;

use chrono::Utc;
use dashboards::domain::{
    Dashboard, DashboardId, DashboardParts, Datasource, DatasourceId, Name, Permission, Role,
    SecretPlan, Settings, Tile, TileId, User,
};
use gadget_api::{FieldPath, TileSize, Version};
use serde_json::{Value, json};

use super::bed::{Server, status};

const CANARY: &str = "canary-5c1e";

fn keep(server: &Server, id: &str, owner: &User, permission: Permission) {
    let mut plan = SecretPlan::default();
    plan.set
        .insert(FieldPath::root().child("token"), CANARY.into());
    let datasource = Datasource {
        id: DatasourceId::parse(id).unwrap(),
        kind: "shop".to_owned(),
        name: Name::parse("Shop").unwrap(),
        owner: owner.id.clone(),
        permission,
        settings: Settings::parse(json!({"base": "https://a.example"})).unwrap(),
        secrets: BTreeSet::new(),
        revision: 0,
    };
    let kept = server
        .app
        .store
        .create_datasource(&datasource, &plan, Utc::now());
    server.runtime.block_on(kept).unwrap();
}

/// Keeps a dashboard whose only tile reads the datasource `s1`.
fn keep_reader(server: &Server, id: &str, owner: &User, permission: Permission) {
    let tile = TileId::parse("t1").unwrap();
    let mut tile = Tile::new(tile, "g", Version::new(1, 0, 0), TileSize::M);
    tile.settings = Settings::parse(json!({"source": "s1"})).unwrap();
    let parts = DashboardParts {
        id: DashboardId::parse(id).unwrap(),
        title: Name::parse(&format!("Board {id}")).unwrap(),
        owner: owner.id.clone(),
        permission,
        revision: 0,
        tiles: vec![tile],
        is_deleted: false,
    };
    let dashboard = Dashboard::from_parts(parts).unwrap();
    let kept = server.app.store.create_dashboard(&dashboard, Utc::now());
    server.runtime.block_on(kept).unwrap();
}

/// Sends JSON with a cookie.
fn ask(server: &Server, cookie: &str, request: &str, body: &Value) -> String {
    let body = body.to_string();
    let length = body.len();
    server.send(&format!(
        "{request} HTTP/1.1\nHOST\nCookie: {cookie}\nSec-Fetch-Site: same-origin\nContent-Type: application/json\nContent-Length: {length}\nConnection: close\n\n{body}"
    ))
}

fn json_of(answer: &str) -> Value {
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str(body).unwrap_or_default()
}

fn named(users: &[&User], editors: &[&User]) -> Permission {
    let ids = |users: &[&User]| users.iter().map(|user| user.id.clone()).collect();
    Permission::OnlyNamed {
        users: ids(users),
        editors: ids(editors),
    }
}

#[test]
fn each_role_does_what_it_may_with_a_datasource() {
    let server = Server::start();
    let [
        (owner, own),
        (friend, friends),
        (_, strangers),
        (_, viewers),
    ] = [
        ("owner", Role::Editor),
        ("friend", Role::Editor),
        ("stranger", Role::Editor),
        ("viewer", Role::Viewer),
    ]
    .map(|(name, role)| server.user(name, role));
    keep(&server, "s1", &owner, named(&[&friend], &[]));
    keep(
        &server,
        "s2",
        &owner,
        Permission::SomeEdit {
            editors: [friend.id.clone()].into(),
        },
    );
    keep(&server, "s3", &owner, Permission::AnyoneEdits);
    let form = "POST /api/datasource-kinds/shop/form";
    for (request, expected) in [
        // Each for: the owner, somebody named, another editor, a viewer.
        ("GET /api/datasources", [200, 200, 200, 403]),
        ("GET /api/people", [200, 200, 200, 403]),
        ("GET /datasources", [200, 200, 200, 403]),
        ("GET /datasources/new", [200, 200, 200, 403]),
        ("GET /api/datasources/s1", [200, 200, 404, 404]),
        ("GET /api/datasources/s1/uses", [200, 200, 404, 404]),
        ("GET /datasources/s1", [200, 403, 404, 404]),
        ("PUT /api/datasources/s1", [422, 403, 404, 404]),
        ("GET /datasources/s2", [200, 200, 403, 404]),
        ("PUT /api/datasources/s2", [422, 422, 403, 404]),
        ("GET /datasources/s3", [200, 200, 200, 404]),
        (
            "DELETE /api/datasources/s3?revision=7",
            [409, 403, 403, 404],
        ),
        ("DELETE /api/datasources/s3", [422, 403, 403, 404]),
        ("POST /api/datasources", [422, 422, 422, 403]),
        (form, [404, 404, 404, 403]),
        ("POST /api/datasource-kinds/shop/test", [422, 422, 422, 403]),
        (
            "DELETE /api/datasources/s9?revision=0",
            [404, 404, 404, 404],
        ),
    ] {
        let found = [&own, &friends, &strangers, &viewers].map(|cookie| {
            let answer = ask(&server, cookie, request, &json!({}));
            assert!(!answer.contains(CANARY), "{request}: {answer}");
            status(&answer)
        });
        assert_eq!(found, expected, "{request}");
    }
}

#[test]
fn what_reads_a_datasource_is_told_as_far_as_one_may_see() {
    let server = Server::start();
    let (owner, own) = server.user("owner", Role::Editor);
    let (other, others) = server.user("other", Role::Editor);
    keep(&server, "s1", &owner, Permission::AnyoneEdits);
    keep_reader(&server, "d1", &owner, Permission::AnyoneEdits);
    keep_reader(&server, "d2", &owner, named(&[], &[]));
    let open = json!({"dashboard": "d1", "title": "Board d1", "tile": "t1", "label": "g"});
    let closed = json!({"dashboard": "d2", "title": "Board d2", "tile": "t1", "label": "g"});
    for (cookie, expected) in [
        (&own, json!({"tiles": [open, closed], "others": 0})),
        (&others, json!({"tiles": [open], "others": 1})),
    ] {
        let answer = ask(&server, cookie, "GET /api/datasources/s1/uses", &json!({}));
        assert_eq!(json_of(&answer), expected);
    }
    let people = json_of(&ask(&server, &others, "GET /api/people", &json!({})));
    let known = json!({"id": other.id, "name": "other"});
    assert!(people.as_array().unwrap().contains(&known), "{people}");
}

#[test]
fn a_datasource_without_its_library_can_be_deleted_but_not_saved() {
    let server = Server::start();
    let (owner, own) = server.user("owner", Role::Editor);
    keep(&server, "s1", &owner, Permission::AnyoneEdits);
    let page = ask(&server, &own, "GET /datasources/s1", &json!({}));
    assert!(page.contains("Its library is missing") && page.contains(r#"data-do="delete""#));
    let body = json!({"revision": 0, "name": "Shop", "permission": {"kind": "anyone_edits"}, "settings": {}});
    let saved = ask(&server, &own, "PUT /api/datasources/s1", &body);
    assert_eq!(
        (status(&saved), &json_of(&saved)["code"]),
        (404, &json!("not_found"))
    );
    let removed = ask(
        &server,
        &own,
        "DELETE /api/datasources/s1?revision=0",
        &json!({}),
    );
    assert_eq!(status(&removed), 204);
    assert_eq!(
        json_of(&ask(&server, &own, "GET /api/datasources", &json!({}))),
        json!([])
    );
}
