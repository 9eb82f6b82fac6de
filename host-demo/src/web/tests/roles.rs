//! Every endpoint, asked for by everybody, with what is theirs and with what is not.

use std::collections::BTreeMap;

use axum::http::Method;
use chrono::Utc;
use dashboards::domain::{
    ApiToken, DashboardId, LinkId, Name, Permission, PublicLink, Role, Scope, TokenHash, TokenId,
    User,
};

use super::{
    bed::{Server, status},
    roles_table::{BEHIND, COLUMNS, TABLE},
};
use crate::web::{api, endpoint::Endpoint, pages};

/// What the columns of the table are made of: the header that says who asks, and the things of the path.
struct Column {
    identity: String,
    things: BTreeMap<&'static str, String>,
}

/// Everything that can be asked for.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let all = api::endpoints().into_iter().chain(pages::endpoints());
    all.collect()
}

pub(super) fn name_of(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.path)
}

fn takes_json(endpoint: &Endpoint) -> bool {
    let spec = endpoint.spec.as_ref();
    spec.is_some_and(|spec| spec.takes.is_some())
}

/// Returns the row of an endpoint, a letter for each column.
fn row(name: &str) -> Vec<char> {
    let row = TABLE.iter().find(|(endpoint, _)| *endpoint == name);
    let (_, letters) = row.unwrap_or_else(|| panic!("`{name}` has no row in the table of roles"));
    letters.chars().filter(|letter| *letter != ' ').collect()
}

/// People and things, and every column of the table made of them.
struct Scene {
    server: Server,
    columns: Vec<Column>,
}

impl Scene {
    fn new() -> Self {
        let server = Server::start();
        let viewer = server.user("viewer", Role::Viewer);
        let editor = server.user("editor", Role::Editor);
        let owner = server.user("owner", Role::Editor);
        let administrator = server.user("boss", Role::Administrator);
        let everybody = Permission::AnyoneEdits;
        let nobody = Permission::OnlyNamed {
            users: [].into(),
            editors: [].into(),
        };
        server.keep("shared", &owner.0.id, everybody.clone());
        server.keep("private", &owner.0.id, nobody.clone());
        server.keep_source("open", "kind", &owner.0, everybody);
        server.keep_source("closed", "kind", &owner.0, nobody);
        let mut links = BTreeMap::new();
        for (user, _) in [&viewer, &editor, &owner, &administrator] {
            let id = user.id.to_string();
            keep_token(&server, &id, user, &Scope::ALL);
            links.insert(id.clone(), keep_link(&server, &id, user, "shared"));
        }
        let foreign_link = keep_link(&server, "gone", &owner.0, "private");
        server.wait(async {
            let gone = LinkId::parse("gone").unwrap();
            let revoked = server.app.store.revoke_link(&gone, Utc::now());
            revoked.await.unwrap();
        });
        let shared = |user: &User| {
            things([
                ("dashboard", "shared"),
                ("datasource", "open"),
                ("user", user.id.as_str()),
                ("link", user.id.as_str()),
                ("token", user.id.as_str()),
                ("secret", &links["owner"]),
            ])
        };
        let foreign = things([
            ("dashboard", "private"),
            ("datasource", "closed"),
            ("user", "owner"),
            ("link", "owner"),
            ("token", "owner"),
            ("secret", &foreign_link),
        ]);
        let own = things([
            ("dashboard", "private"),
            ("datasource", "closed"),
            ("user", "owner"),
            ("link", "owner"),
            ("token", "owner"),
            ("secret", &links["owner"]),
        ]);
        let unknown = things(
            ["dashboard", "datasource", "user", "link", "token", "secret"]
                .map(|name| (name, "none")),
        );
        let column = |identity: &str, things: &BTreeMap<_, _>| Column {
            identity: identity.to_owned(),
            things: things.clone(),
        };
        let mut columns = vec![column("", &foreign)];
        for (user, cookie) in [&viewer, &editor] {
            let cookie = format!("Cookie: {cookie}\n");
            columns.push(column(&cookie, &shared(user)));
            columns.push(column(&cookie, &foreign));
        }
        let cookie_of = |(_, cookie): &(User, String)| format!("Cookie: {cookie}\n");
        columns.push(column(&cookie_of(&owner), &own));
        columns.push(column(&cookie_of(&administrator), &foreign));
        for scope in Scope::ALL {
            let id = format!("only-{}", scope.as_str().replace(':', "-"));
            let secret = keep_token(&server, &id, &administrator.0, &[scope]);
            let bearer = format!("Authorization: Bearer {secret}\n");
            columns.push(column(&bearer, &foreign));
        }
        columns.push(column("", &shared(&owner.0)));
        columns.push(column(&cookie_of(&administrator), &unknown));
        assert_eq!(columns.len(), COLUMNS.len());
        Self { server, columns }
    }

    /// Sends a request of a column, from a page of this host.
    fn ask(&self, column: &Column, endpoint: &Endpoint) -> String {
        let body = match &endpoint.spec {
            // Whoever may ask hears that this is no JSON, and nothing is changed.
            Some(spec) if spec.takes.is_some() => "?",
            Some(_) => "",
            None => "password=wrong",
        };
        self.send(column, endpoint, body)
    }

    fn send(&self, column: &Column, endpoint: &Endpoint, body: &str) -> String {
        let path = path(endpoint.path, &column.things);
        let identity = &column.identity;
        let length = body.len();
        let media_type = match &endpoint.spec {
            Some(_) => "application/json",
            None => "application/x-www-form-urlencoded",
        };
        let body = format!("Content-Type: {media_type}\nContent-Length: {length}\n\n{body}");
        let method = &endpoint.method;
        self.server.send_head(&format!(
            "{method} {path} HTTP/1.1\nHOST\n{identity}Sec-Fetch-Site: same-origin\nConnection: close\n{body}"
        ))
    }
}

/// Reads what somebody heard as a letter of the table.
fn heard(answer: &str, endpoint: &Endpoint) -> char {
    let is_page = endpoint.spec.is_none();
    let head = answer.to_lowercase();
    match status(answer) {
        401 => 'l',
        // Who has signed out is led there too, but then a cookie goes.
        303 if head.contains("\r\nlocation: /login\r\n") && !head.contains("\r\nset-cookie:") => {
            'l'
        }
        403 => 'f',
        404 if is_page || answer.contains("nothing was found here") => 'n',
        0 => panic!("no answer"),
        _ => '+',
    }
}

/// Tells whether it ends something that other requests need.
fn destroys(endpoint: &Endpoint) -> bool {
    endpoint.method == Method::DELETE || endpoint.path == "/logout"
}

#[test]
fn everybody_hears_what_the_table_says() {
    let scene = Scene::new();
    let mut wrong = Vec::new();
    for endpoint in &endpoints() {
        let name = name_of(endpoint);
        let expected = row(&name);
        assert_eq!(expected.len(), COLUMNS.len(), "{name}");
        for ((who, column), expected) in COLUMNS.iter().zip(&scene.columns).zip(expected) {
            let answer = if expected == '+' && destroys(endpoint) {
                let fresh = Scene::new();
                let place = COLUMNS.iter().position(|each| each == who).unwrap();
                fresh.ask(&fresh.columns[place], endpoint)
            } else {
                scene.ask(column, endpoint)
            };
            let heard = heard(&answer, endpoint);
            if heard != expected {
                let status = status(&answer);
                wrong.push(format!(
                    "{name} | {who}: `{heard}` ({status}) for `{expected}`"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_only_the_body_says_is_looked_at_too() {
    let all = endpoints();
    for (name, body, who, expected) in BEHIND {
        let scene = Scene::new();
        let endpoint = all.iter().find(|each| name_of(each) == *name).unwrap();
        let place = COLUMNS.iter().position(|each| each == who).unwrap();
        let answer = scene.send(&scene.columns[place], endpoint, body);
        let found = (heard(&answer, endpoint), status(&answer) < 300);
        assert_eq!(
            found,
            (*expected, *expected == '+'),
            "{name} {body} {who}: {answer}"
        );
    }
}

#[test]
fn the_table_has_a_row_for_every_endpoint_and_no_other() {
    let mut of_table: Vec<&str> = TABLE.iter().map(|(name, _)| *name).collect();
    let all: Vec<String> = endpoints().iter().map(name_of).collect();
    let mut of_host: Vec<&str> = all.iter().map(String::as_str).collect();
    of_table.sort_unstable();
    of_host.sort_unstable();
    assert_eq!(of_table, of_host);
}

#[test]
fn the_name_of_a_parameter_names_nothing() {
    let scene = Scene::new();
    let administrator = &scene.columns[6];
    for literal in [":id", "%7Bdashboard%7D", "..", "%2e%2e%2f", "%00"] {
        let names = ["dashboard", "datasource", "user", "link", "token", "secret"];
        let things = things(names.map(|name| (name, literal)));
        let column = Column {
            identity: administrator.identity.clone(),
            things,
        };
        for endpoint in &endpoints() {
            if path(endpoint.path, &column.things).contains(literal) {
                let answer = scene.ask(&column, endpoint);
                assert_eq!(status(&answer), 404, "{literal} in {}", name_of(endpoint));
            }
        }
    }
}

#[test]
fn only_pages_of_this_host_change_something_and_only_with_json() {
    let scene = Scene::new();
    let Column { identity, things } = &scene.columns[5];
    for endpoint in &endpoints() {
        if endpoint.method == Method::GET {
            continue;
        }
        let (method, path) = (&endpoint.method, path(endpoint.path, things));
        let ask = |more: &str| {
            let request =
                format!("{method} {path} HTTP/1.1\nHOST\n{identity}Connection: close\n{more}");
            scene.server.send_head(&request)
        };
        for foreign in [
            "Origin: http://evil.test\n",
            "Origin: null\n",
            "Sec-Fetch-Site: cross-site\n",
            "Sec-Fetch-Site: same-site\nOrigin: http://evil.test\n",
            "",
        ] {
            let json = "Content-Type: application/json\nContent-Length: 2\n\n{}";
            let answer = ask(&format!("{foreign}{json}"));
            assert_eq!(status(&answer), 403, "{} {foreign}", name_of(endpoint));
            assert!(
                answer.contains("changes are allowed only from pages of this host"),
                "{answer}"
            );
        }
        if takes_json(endpoint) {
            let text =
                "Sec-Fetch-Site: same-origin\nContent-Type: text/plain\nContent-Length: 2\n\n{}";
            let answer = ask(text);
            let expected = if row(&name_of(endpoint))[5] == '+' {
                415
            } else {
                403
            };
            assert_eq!(status(&answer), expected, "{}", name_of(endpoint));
        }
    }
}

/// Fills the parameters of a path.
pub(super) fn path(pattern: &str, things: &BTreeMap<&'static str, String>) -> String {
    let filled = pattern.split('/').map(|part| {
        let name = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        match name {
            // Without saying of what, details would not be found in any case.
            None if part == "details" => "details?wat=x",
            None => part,
            Some("tile") => "t1",
            Some(name @ ("gadget" | "kind" | "template")) => name,
            Some("name") => "app.css",
            Some("token") if !pattern.starts_with("/api/") => &things["secret"],
            Some(name) => things
                .get(name)
                .unwrap_or_else(|| panic!("`{pattern}` names a thing that the test has not")),
        }
    });
    filled.collect::<Vec<_>>().join("/")
}

pub(super) fn things<const COUNT: usize>(
    pairs: [(&'static str, &str); COUNT],
) -> BTreeMap<&'static str, String> {
    let pairs = pairs.into_iter();
    pairs
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

/// Keeps a token, and returns its secret.
pub(super) fn keep_token(server: &Server, id: &str, user: &User, scopes: &[Scope]) -> String {
    let secret = format!("secret-of-{id}");
    let token = ApiToken {
        id: TokenId::parse(id).unwrap(),
        user: user.id.clone(),
        name: Name::parse(id).unwrap(),
        token: TokenHash::of(&secret),
        scopes: scopes.iter().copied().collect(),
        created_at: Utc::now(),
        expires_at: None,
    };
    server.wait(async { server.app.store.create_api_token(&token).await.unwrap() });
    secret
}

/// Keeps a public link of somebody to a dashboard, and returns its secret.
pub(super) fn keep_link(server: &Server, id: &str, user: &User, dashboard: &str) -> String {
    let secret = format!("link-of-{id}");
    let link = PublicLink {
        id: LinkId::parse(id).unwrap(),
        dashboard: DashboardId::parse(dashboard).unwrap(),
        created_by: user.id.clone(),
        token: TokenHash::of(&secret),
        password: None,
        created_at: Utc::now(),
        expires_at: None,
        revoked_at: None,
    };
    server.wait(async { server.app.store.create_link(&link).await.unwrap() });
    secret
}
