//! Public links: what they open, to whom, and for how long.

use chrono::{TimeDelta, Utc};
use dashboards::domain::{LinkId, Permission, PublicLink, Role, TokenHash, User};
use serde_json::{Value, json};

use super::bed::{Server, json_of, status};

const LINKS: &str = "/api/dashboards/d1/links";

/// Keeps a link whose secret is `token`.
fn keep(server: &Server, token: &str, owner: &User, change: impl FnOnce(&mut PublicLink)) {
    let now = Utc::now();
    let mut link = PublicLink {
        id: LinkId::parse(token).unwrap(),
        dashboard: dashboards::domain::DashboardId::parse("d1").unwrap(),
        created_by: owner.id.clone(),
        token: TokenHash::of(token),
        password: None,
        created_at: now,
        expires_at: None,
        revoked_at: None,
    };
    change(&mut link);
    let kept = server.app.store.create_link(&link);
    server.runtime.block_on(kept).unwrap();
}

fn made(server: &Server, cookie: &str, wanted: &Value) -> Value {
    let answer = server.ask(cookie, &format!("POST {LINKS}"), wanted);
    assert_eq!(status(&answer), 200, "{answer}");
    json_of(&answer)
}

fn look(server: &Server, path: &str) -> String {
    server.ask("", &format!("GET {path}"), &Value::Null)
}

/// Sends the form for a password.
fn enter(server: &Server, path: &str, password: &str) -> String {
    let body = format!("password={password}");
    let length = body.len();
    server.send(&format!(
        "POST {path}/password HTTP/1.1\nHOST\nSec-Fetch-Site: same-origin\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {length}\nConnection: close\n\n{body}"
    ))
}

fn head(answer: &str) -> String {
    answer.split("\r\n\r\n").next().unwrap().to_lowercase()
}

#[test]
fn whoever_has_an_open_link_sees_one_dashboard_and_nothing_behind_it() {
    let server = Server::filled();
    let (ann, cookie) = server.user("ann", Role::Editor);
    server.keep("d2", &ann.id, Permission::default());
    let link = made(&server, &cookie, &json!({}));
    let path = link["path"].as_str().unwrap();
    let page = look(&server, path);
    assert_eq!(status(&page), 200, "{page}");
    assert!(page.contains("<h1><bdi>Board</bdi></h1>"), "{page}");
    // Nothing on it leads anywhere else, and nothing can be done.
    for absent in [
        "/api/",
        "href=\"/\"",
        "/d/d1",
        "details?",
        "data-menu",
        "data-do=",
        "Log out",
    ] {
        assert!(!page.contains(absent), "{absent}: {page}");
    }
    assert!(
        page.contains(&format!("data-events=\"{path}/events\"")),
        "{page}"
    );
    let head = head(&page);
    for header in [
        "referrer-policy: no-referrer",
        "x-robots-tag: noindex",
        "x-frame-options: deny",
    ] {
        assert!(head.contains(header), "{head}");
    }
    for (below, expected) in [
        ("/tiles/t1/tile.html", 200),
        ("/tiles/t9/tile.html", 404),
        ("/wall", 200),
        ("/tiles/t1/view.json", 404),
        ("/t/t1/details?figure=lost", 404),
    ] {
        let answer = look(&server, &format!("{path}{below}"));
        assert_eq!(status(&answer), expected, "{below}: {answer}");
    }
    // The address opens nothing of the API.
    for path in ["/api/dashboards/d1", "/api/dashboards/d2", "/d/d1"] {
        assert_ne!(status(&look(&server, path)), 200, "{path}");
    }
}

#[test]
fn a_link_that_is_not_open_is_no_page_at_all() {
    let server = Server::filled();
    let (ann, cookie) = server.user("ann", Role::Editor);
    let second = TimeDelta::seconds(1);
    keep(&server, "open", &ann, |_| {});
    keep(&server, "expired", &ann, |link| {
        link.expires_at = Some(Utc::now() - second)
    });
    keep(&server, "revoked", &ann, |link| {
        link.revoked_at = Some(Utc::now())
    });
    let never = look(&server, "/public/never")
        .split_once("\r\n\r\n")
        .unwrap()
        .1
        .to_owned();
    for (token, expected) in [
        ("open", 200),
        ("expired", 404),
        ("revoked", 404),
        ("never", 404),
    ] {
        for path in ["", "/password", "/wall", "/tiles/t1/tile.html", "/events"] {
            if token == "open" && !path.is_empty() {
                continue;
            }
            let answer = look(&server, &format!("/public/{token}{path}"));
            assert_eq!(status(&answer), expected, "{token}{path}: {answer}");
            if expected == 404 {
                // One cannot tell from another.
                assert_eq!(answer.split_once("\r\n\r\n").unwrap().1, never);
            }
        }
        let embedded = look(&server, &format!("/embed/{token}"));
        assert_eq!(status(&embedded), expected, "{token}: {embedded}");
    }
    let revoked = server.ask(&cookie, "DELETE /api/links/open", &Value::Null);
    assert_eq!(status(&revoked), 204, "{revoked}");
    assert_eq!(status(&look(&server, "/public/open")), 404);
}

#[test]
fn a_password_is_asked_for_once_and_guesses_wait() {
    let server = Server::filled();
    let (_, cookie) = server.user("ann", Role::Editor);
    let link = made(&server, &cookie, &json!({"password": "secret"}));
    assert_eq!(link["embed_path"], Value::Null);
    let path = link["path"].as_str().unwrap();
    let asked = look(&server, path);
    assert_eq!(status(&asked), 303, "{asked}");
    assert!(
        head(&asked).contains(&format!("location: {path}/password")),
        "{asked}"
    );
    let tile = look(&server, &format!("{path}/tiles/t1/tile.html"));
    assert_eq!(status(&tile), 303, "{tile}");
    let door = look(&server, &format!("{path}/password"));
    assert_eq!(status(&door), 200, "{door}");
    // Without it a browser would not say whose form it sends.
    for header in ["referrer-policy: same-origin", "x-robots-tag: noindex"] {
        assert!(head(&door).contains(header), "{door}");
    }
    // A frame asks for nothing.
    let token = path.rsplit('/').next().unwrap();
    let embedded = look(&server, &format!("/embed/{token}"));
    assert_eq!(status(&embedded), 403, "{embedded}");
    assert!(!embedded.contains("<form"), "{embedded}");

    let wrong = enter(&server, path, "guess");
    assert_eq!(status(&wrong), 401, "{wrong}");
    assert!(!wrong.contains("set-cookie"), "{wrong}");
    let right = enter(&server, path, "secret");
    assert_eq!(status(&right), 303, "{right}");
    let set = right
        .split("set-cookie: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    assert!(
        set.contains(&format!("Path={path}; HttpOnly; SameSite=Lax")),
        "{set}"
    );
    let proof = set.split(';').next().unwrap();
    for (path, expected) in [
        (path.to_owned(), 200),
        (format!("{path}/tiles/t1/tile.html"), 200),
        (format!("/embed/{token}"), 200),
    ] {
        let answer = server.ask(proof, &format!("GET {path}"), &Value::Null);
        assert_eq!(status(&answer), expected, "{path}: {answer}");
    }
    let forged = proof.split('=').next().unwrap().to_owned() + "=00";
    assert_eq!(
        status(&server.ask(&forged, &format!("GET {path}"), &Value::Null)),
        303
    );

    let answers: Vec<u16> = (0..7)
        .map(|_| status(&enter(&server, path, "guess")))
        .collect();
    assert_eq!(answers.first(), Some(&401));
    assert!(answers.contains(&429), "{answers:?}");
}

#[test]
fn a_frame_of_any_page_may_show_a_link_and_nothing_else() {
    let server = Server::filled();
    let (_, cookie) = server.user("ann", Role::Editor);
    let link = made(&server, &cookie, &json!({}));
    let page = look(
        &server,
        &format!("{}?theme=dark", link["embed_path"].as_str().unwrap()),
    );
    assert_eq!(status(&page), 200, "{page}");
    assert!(
        page.contains("data-theme=\"dark\"") && !page.contains("class=\"top\""),
        "{page}"
    );
    let framed = head(&page);
    assert!(framed.contains("frame-ancestors *;"), "{framed}");
    assert!(!framed.contains("x-frame-options"), "{framed}");
    assert!(
        framed.contains("script-src 'self'") && framed.contains("form-action 'none'"),
        "{framed}"
    );
    for path in ["/", "/d/d1", "/login", link["path"].as_str().unwrap()] {
        let head = head(&server.get(path));
        assert!(head.contains("frame-ancestors 'none'"), "{path}: {head}");
        assert!(head.contains("x-frame-options: deny"), "{path}: {head}");
    }
}

#[test]
fn what_is_wrong_with_a_wanted_link_is_said_at_its_field() {
    let server = Server::filled();
    let (_, cookie) = server.user("ann", Role::Editor);
    for (wanted, at) in [
        (json!({"password": "five5"}), "/password"),
        (json!({"password": ""}), "/password"),
        (json!({"password": "x".repeat(1025)}), "/password"),
        (
            json!({"expires_at": Utc::now() - TimeDelta::seconds(1)}),
            "/expires_at",
        ),
    ] {
        let answer = server.ask(&cookie, &format!("POST {LINKS}"), &wanted);
        assert_eq!(status(&answer), 422, "{answer}");
        assert!(
            json_of(&answer)["errors"].to_string().contains(at),
            "{answer}"
        );
    }
    let listed = server.ask(&cookie, &format!("GET {LINKS}"), &Value::Null);
    assert_eq!(json_of(&listed), json!([]));
}

#[test]
fn only_who_made_a_link_and_administrators_see_and_revoke_it() {
    let server = Server::filled();
    let (ann, ann_cookie) = server.user("ann", Role::Editor);
    let (_, bob) = server.user("bob", Role::Editor);
    let (_, eve) = server.user("eve", Role::Viewer);
    let (_, root) = server.user("root", Role::Administrator);
    keep(&server, "l1", &ann, |_| {});
    for (cookie, listing, seen, revoking) in [
        (&eve, 403, 0, 404),
        (&bob, 200, 0, 404),
        (&ann_cookie, 200, 1, 204),
        (&root, 200, 1, 204),
    ] {
        let answer = server.ask(cookie, &format!("GET {LINKS}"), &Value::Null);
        assert_eq!(status(&answer), listing, "{answer}");
        let listed = json_of(&answer);
        assert_eq!(listed.as_array().map_or(0, Vec::len), seen);
        // Nothing in it opens anything.
        assert!(
            !answer.contains("token") && !answer.contains("argon2"),
            "{answer}"
        );
        let answer = server.ask(cookie, "DELETE /api/links/l1", &Value::Null);
        assert_eq!(status(&answer), revoking, "{answer}");
    }
    let refused = server.ask(&eve, &format!("POST {LINKS}"), &json!({}));
    assert_eq!(status(&refused), 403, "{refused}");
}

#[test]
fn the_stream_of_a_link_ends_when_the_link_does() {
    let server = Server::filled();
    let (ann, _) = server.user("ann", Role::Editor);
    keep(&server, "l1", &ann, |_| {});
    server.send_then(
        "GET /public/l1/events HTTP/1.1\nHOST\nConnection: close\n\n",
        r#"{"t1":1,"t2":1,"whole":0}"#,
        || {
            let id = LinkId::parse("l1").unwrap();
            server
                .wait(server.app.store.revoke_link(&id, Utc::now()))
                .unwrap();
            server.app.states.wake();
        },
    );
    assert_eq!(status(&look(&server, "/public/l1/events")), 404);
}

#[test]
fn a_link_ends_when_who_made_it_may_no_longer_share_the_dashboard_and_administrators_see_that() {
    let server = Server::filled();
    let (_, root) = server.user("root", Role::Administrator);
    let (ann, _) = server.user("ann", Role::Editor);
    let (bob, _) = server.user("bob", Role::Editor);
    let (eve, _) = server.user("eve", Role::Editor);
    for (token, owner) in [("demoted", &ann), ("deleted", &bob), ("excluded", &eve)] {
        keep(&server, token, owner, |_| {});
        assert_eq!(status(&look(&server, &format!("/public/{token}"))), 200);
    }
    let stream = server.send_then(
        "GET /public/demoted/events HTTP/1.1\nHOST\nConnection: close\n\n",
        r#"{"t1":1,"t2":1,"whole":0}"#,
        || {
            let demoted = server.ask(&root, "PATCH /api/users/ann", &json!({"role": "viewer"}));
            assert_eq!(status(&demoted), 200, "{demoted}");
            server.app.states.wake();
        },
    );
    assert_eq!(status(&stream), 200);
    let deleted = server.ask(&root, "DELETE /api/users/bob", &Value::Null);
    assert_eq!(status(&deleted), 204, "{deleted}");
    let some_edit = json!({"kind": "some_edit", "editors": []});
    let change = json!({"kind": "set_permission", "permission": some_edit});
    let change = json!({"revision": 0, "change": change});
    let excluded = server.ask(&root, "POST /api/dashboards/d1/changes", &change);
    assert_eq!(status(&excluded), 200, "{excluded}");
    for token in ["demoted", "deleted", "excluded"] {
        for path in ["", "/tiles/t1/tile.html", "/events"] {
            let answer = look(&server, &format!("/public/{token}{path}"));
            assert_eq!(status(&answer), 404, "{token}{path}: {answer}");
        }
    }
    let listed = json_of(&server.ask(&root, &format!("GET {LINKS}"), &Value::Null));
    let states: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|link| &link["state"])
        .collect();
    assert_eq!(states, ["creator_lost_right"; 3]);
}
