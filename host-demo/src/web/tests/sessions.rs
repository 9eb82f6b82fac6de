//! Signing in and out, as a client sees it.

use dashboards::domain::{MIN_PASSWORD_CHARS, Permission, Role, User};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::bed::{Server, status};
use crate::{
    app::{SetupToken, Validity},
    web::{client::TrustedProxies, connections::Limits},
};

const PASSWORD: &str = "correct horse battery";
const OTHER: &str = "another long password";

impl Server {
    /// Sends JSON from a page of this host, with more headers.
    fn json(&self, method: &str, path: &str, headers: &str, body: &Value) -> String {
        let body = body.to_string();
        let length = body.len();
        self.send(&format!(
            "{method} {path} HTTP/1.1\nHOST\n{headers}Sec-Fetch-Site: same-origin\nContent-Type: application/json\nContent-Length: {length}\nConnection: close\n\n{body}"
        ))
    }

    fn log_in(&self, name: &str, password: &str) -> String {
        let body = json!({"name": name, "password": password});
        self.json("POST", "/api/session", "", &body)
    }

    /// Adds somebody with [`PASSWORD`], and returns it with the header of a session.
    fn person(&self, name: &str, role: Role) -> (User, String) {
        let (user, cookie) = self.user(name, role);
        self.wait(async {
            let proof = self
                .app
                .passwords
                .hash(PASSWORD.into(), MIN_PASSWORD_CHARS)
                .await
                .unwrap();
            let store = &self.app.store;
            store.set_password(&user.id, Some(&proof)).await.unwrap();
        });
        // The new password ended the session.
        assert_eq!(self.who(&header(&cookie)), 401);
        (user, header(&cookie_of(&self.log_in(name, PASSWORD))))
    }

    /// Returns what somebody hears who asks who they are.
    fn who(&self, headers: &str) -> u16 {
        status(&self.send(&format!(
            "GET /api/session HTTP/1.1\nHOST\n{headers}Connection: close\n\n"
        )))
    }
}

fn header(cookie: &str) -> String {
    format!("Cookie: {cookie}\n")
}

/// Returns the cookie that an answer sets.
fn cookie_of(answer: &str) -> String {
    let set = answer.split("set-cookie: ").nth(1);
    let set = set.unwrap_or_else(|| panic!("no cookie: {answer}"));
    set.split(';').next().unwrap_or_default().to_owned()
}

fn body_of(answer: &str) -> &str {
    answer.split("\r\n\r\n").nth(1).unwrap_or_default()
}

#[test]
fn every_session_has_an_id_of_its_own_and_ends_alone() {
    let server = Server::start();
    let (_, first) = server.person("ann", Role::Viewer);
    // A cookie that somebody else put there is not taken over.
    let planted = first.split('=').next().unwrap().to_owned() + "=planted\n";
    let body = json!({"name": "Ann", "password": PASSWORD});
    let answer = server.json("POST", "/api/session", &planted, &body);
    assert_eq!(status(&answer), 204);
    let second = header(&cookie_of(&answer));
    assert!(second != first && second != planted);
    assert!(answer.contains("HttpOnly; SameSite=Lax"), "{answer}");
    assert_eq!(
        [&first, &second, &planted].map(|each| server.who(each)),
        [200, 200, 401]
    );

    let out = server.json("DELETE", "/api/session", &first, &Value::Null);
    assert_eq!(status(&out), 204);
    assert!(out.contains("Max-Age=0"), "{out}");
    assert_eq!([&first, &second].map(|each| server.who(each)), [401, 200]);

    let third = header(&cookie_of(&server.log_in("ann", PASSWORD)));
    let ended = server.json("POST", "/api/session/end-others", &third, &Value::Null);
    assert_eq!(body_of(&ended), r#"{"sessions":1}"#);
    assert_eq!([&second, &third].map(|each| server.who(each)), [401, 200]);
}

#[test]
fn a_new_password_needs_the_old_one_and_ends_what_was_open() {
    let server = Server::start();
    let (ann, session) = server.person("ann", Role::Viewer);
    let (_, boss) = server.person("boss", Role::Administrator);
    let path = format!("/api/users/{}/password", ann.id);
    for (who, body, expected, says) in [
        (&session, json!({"password": OTHER}), 422, "/old_password"),
        (
            &session,
            json!({"password": OTHER, "old_password": "x"}),
            422,
            "/old_password",
        ),
        (
            &session,
            json!({"password": "short", "old_password": PASSWORD}),
            422,
            "at least 12",
        ),
        (
            &session,
            json!({"password": OTHER, "old_password": PASSWORD}),
            204,
            "",
        ),
    ] {
        let answer = server.json("PUT", &path, who, &body);
        assert_eq!(status(&answer), expected, "{body}");
        assert!(answer.contains(says), "{answer}");
        if expected == 204 {
            assert_eq!(server.who(who), 401);
            assert_eq!(server.who(&header(&cookie_of(&answer))), 200);
        } else {
            assert_eq!(server.who(who), 200);
        }
    }
    assert_eq!(status(&server.log_in("ann", PASSWORD)), 401);
    let session = header(&cookie_of(&server.log_in("ann", OTHER)));

    // An administrator needs not know it, and stays signed in.
    let answer = server.json("PUT", &path, &boss, &json!({"password": PASSWORD}));
    assert_eq!(status(&answer), 204);
    assert!(!answer.contains("set-cookie"), "{answer}");
    assert_eq!([&session, &boss].map(|each| server.who(each)), [401, 200]);
}

#[test]
fn who_guesses_learns_nothing_and_waits() {
    let server = Server::start();
    server.person("ann", Role::Viewer);
    let wrong = server.log_in("ann", OTHER);
    let unknown = server.log_in("nobody", OTHER);
    assert_eq!((status(&wrong), status(&unknown)), (401, 401));
    assert_eq!(body_of(&wrong), body_of(&unknown));
    for name in ["ann", "nobody"] {
        server.app.passwords.exhaust("127.0.0.1", name);
        // The right one does not open either while one has to wait.
        let answer = server.log_in(name, PASSWORD);
        assert_eq!(status(&answer), 429, "{name}");
        assert!(answer.contains("try again in"), "{answer}");
    }
    assert_eq!(status(&server.get("/health")), 200);
}

#[test]
fn who_guesses_keeps_neither_the_owner_of_a_name_nor_the_readers_of_a_link_out() {
    let proxies = TrustedProxies::new(&["127.0.0.1/32".parse().unwrap()]);
    let server = Server::start_behind(proxies, SetupToken::closed(), Limits::default());
    let (ann, _) = server.person("ann", Role::Editor);
    server.keep("d1", &ann.id, Permission::default());
    let from = |address: &str| format!("X-Forwarded-For: 203.0.113.1, {address}\n");
    let sign_in = |headers: &str, password: &str| {
        let body = json!({"name": "ann", "password": password});
        server.json("POST", "/api/session", headers, &body)
    };
    let attacker = from("192.0.2.66");
    assert_eq!(status(&sign_in(&attacker, OTHER)), 401);
    server.app.passwords.exhaust("192.0.2.66", "ann");
    assert_eq!(status(&sign_in(&attacker, OTHER)), 429);
    let known = sign_in(&from("198.51.100.1"), PASSWORD);
    assert_eq!(status(&known), 204, "the owner elsewhere");

    // Behind the same address as the guesses, a browser that signed in before is known.
    let device = known.split("set-cookie: device-").nth(1).unwrap();
    let device = device.split(';').next().unwrap();
    assert_eq!(status(&sign_in(&attacker, PASSWORD)), 429);
    let headers = format!("{attacker}Cookie: device-{device}\n");
    assert_eq!(status(&sign_in(&headers, PASSWORD)), 204);
    // It has an allowance of its own, not more.
    let number = device.split(['=', '.']).nth(1).unwrap();
    server.app.passwords.exhaust(number, "ann");
    assert_eq!(status(&sign_in(&headers, PASSWORD)), 429);
    assert_eq!(status(&sign_in(&from("198.51.100.1"), PASSWORD)), 204);
    let forged = format!("{attacker}Cookie: device-{device}0\n");
    assert_eq!(status(&sign_in(&forged, PASSWORD)), 429);

    // The same for the password of a link.
    let session = header(&cookie_of(&known));
    let link = json!({"password": "secret"});
    let link = server.json("POST", "/api/dashboards/d1/links", &session, &link);
    let link: Value = serde_json::from_str(body_of(&link)).unwrap();
    let path = link["path"].as_str().unwrap();
    let enter = |headers: &str, password: &str| {
        let body = format!("password={password}");
        let length = body.len();
        status(&server.send(&format!(
            "POST {path}/password HTTP/1.1\nHOST\n{headers}Sec-Fetch-Site: same-origin\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {length}\nConnection: close\n\n{body}"
        )))
    };
    assert_eq!(enter(&attacker, "guess"), 401);
    let of = format!("link\n{}", link["link"]["id"].as_str().unwrap());
    server.app.passwords.exhaust("192.0.2.66", &of);
    assert_eq!(enter(&attacker, "secret"), 429);
    assert_eq!(enter(&from("198.51.100.1"), "secret"), 303);
}

#[test]
fn the_token_of_the_first_start_opens_once_and_only_at_a_press() {
    let (first, secret) = SetupToken::new(Validity::Once);
    let server = Server::start_with(first, Limits::default());
    let secret = secret.expose_secret();
    // Something that looks at addresses ahead spends nothing.
    for _ in 0..2 {
        let page = server.get(&format!("/start?token={secret}"));
        assert_eq!(status(&page), 200);
        assert!(page.contains("Continue as administrator") && !page.contains("set-cookie"));
    }
    let form = format!("token={secret}");
    let press = || {
        let length = form.len();
        server.send(&format!(
            "POST /start HTTP/1.1\nHOST\nSec-Fetch-Site: same-origin\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {length}\nConnection: close\n\n{form}"
        ))
    };
    let opened = press();
    assert_eq!(status(&opened), 303);
    assert!(opened.contains("location: /\r\n"), "{opened}");
    let session = header(&cookie_of(&opened));
    assert_eq!(server.who(&session), 200);
    assert_eq!(status(&press()), 401);
    assert_eq!(status(&server.get(&format!("/start?token={secret}"))), 401);
    let again = server.json("POST", "/api/first-start", "", &json!({"token": secret}));
    assert_eq!(status(&again), 401);

    let page = server.send(&format!(
        "GET /dashboards HTTP/1.1\nHOST\n{session}Connection: close\n\n"
    ));
    assert!(page.contains("You have no password yet"), "{page}");
}

#[test]
fn no_answer_leads_to_another_host() {
    let server = Server::start();
    for path in [
        "/login?next=//evil.test",
        "/login?redirect=https://evil.test",
        "/start?token=x&next=//evil.test",
        "//evil.test",
        "/%5Cevil.test",
        "/\\evil.test",
        "/public/..%2F%5cevil.test",
        "/public/%2f%2fevil.test/password",
        "/?next=//evil.test",
    ] {
        for cookie in ["", "COOKIE\n"] {
            let answer = server.send(&format!(
                "GET {path} HTTP/1.1\nHOST\n{cookie}Connection: close\n\n"
            ));
            let led = answer.split("\r\nlocation: ").nth(1);
            let led = led.and_then(|rest| rest.lines().next());
            assert!(
                matches!(led, None | Some("/login" | "/dashboards")),
                "{path}: {led:?}"
            );
        }
    }
}

#[test]
fn a_token_is_shown_once_and_opens_what_its_scopes_say() {
    let server = Server::start();
    let (_, session) = server.person("ann", Role::Editor);
    for (body, says) in [
        (json!({"name": "script", "scopes": []}), "/scopes"),
        (
            json!({"name": "script", "scopes": ["dashboards:read"], "expires_at": "2001-01-01T00:00:00Z"}),
            "/expires_at",
        ),
        (
            json!({"name": "script", "scopes": ["everything"]}),
            "everything",
        ),
        (
            json!({"name": "", "scopes": ["dashboards:read"]}),
            "the name is empty",
        ),
    ] {
        let answer = server.json("POST", "/api/tokens", &session, &body);
        assert_eq!(status(&answer), 422, "{body}");
        assert!(answer.contains(says), "{answer}");
    }
    let body = json!({"name": "script", "scopes": ["dashboards:read"]});
    let made = server.json("POST", "/api/tokens", &session, &body);
    let made: Value = serde_json::from_str(body_of(&made)).unwrap();
    let secret = made["secret"].as_str().unwrap();
    let ask = |path: &str, identity: &str| {
        server.send(&format!(
            "GET {path} HTTP/1.1\nHOST\n{identity}Connection: close\n\n"
        ))
    };
    let bearer = format!("Authorization: Bearer {secret}\n");
    assert_eq!(status(&ask("/api/dashboards", &bearer)), 200);
    assert_eq!(status(&ask("/api/datasources", &bearer)), 403);
    // A token makes no token, and a wrong one does not fall back to the cookie.
    assert_eq!(status(&ask("/api/tokens", &bearer)), 401);
    let wrong = format!("Authorization: Bearer x\n{session}");
    assert_eq!(status(&ask("/api/dashboards", &wrong)), 401);
    for path in ["/api/tokens", "/account"] {
        let page = ask(path, &session);
        assert!(page.contains("script") && !page.contains(secret), "{page}");
    }
    // A new password ends the tokens that are named with it, and no other.
    let kept = json!({"name": "kept", "scopes": ["dashboards:read"]});
    let kept = server.json("POST", "/api/tokens", &session, &kept);
    let kept: Value = serde_json::from_str(body_of(&kept)).unwrap();
    let kept = format!(
        "Authorization: Bearer {}\n",
        kept["secret"].as_str().unwrap()
    );
    let page = ask("/account", &session);
    assert!(page.contains("API tokens to revoke"), "{page}");
    let revoked = json!({"name": "leaked", "scopes": ["dashboards:read"]});
    let revoked = server.json("POST", "/api/tokens", &session, &revoked);
    let revoked: Value = serde_json::from_str(body_of(&revoked)).unwrap();
    let leaked = format!(
        "Authorization: Bearer {}\n",
        revoked["secret"].as_str().unwrap()
    );
    let body =
        json!({"password": OTHER, "old_password": PASSWORD, "revoke_tokens": [revoked["id"]]});
    let changed = server.json("PUT", "/api/users/ann/password", &session, &body);
    assert_eq!(status(&changed), 204, "{changed}");
    let session = header(&cookie_of(&changed));
    assert_eq!(status(&ask("/api/dashboards", &leaked)), 401);
    assert_eq!(status(&ask("/api/dashboards", &kept)), 200);

    let one = format!("/api/tokens/{}", made["id"].as_str().unwrap());
    let revoked = server.json("DELETE", &one, &session, &Value::Null);
    assert_eq!(status(&revoked), 204);
    assert_eq!(status(&ask("/api/dashboards", &bearer)), 401);
}
