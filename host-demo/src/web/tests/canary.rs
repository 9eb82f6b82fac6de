//! No answer holds a secret, whatever is asked for and however wrong it is.

use axum::http::Method;
use chrono::Utc;
use dashboards::domain::{
    Datasource, DatasourceId, MIN_PASSWORD_CHARS, Name, Permission, Role, Scope, SecretPlan,
    Settings,
};
use schemars::SchemaGenerator;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use workspace_tests::secret_scan::{PlantedSecret, assert_no_secrets, url_encoded};

use super::{
    bed::{Server, json_of, status},
    roles::{endpoints, keep_token, name_of, path, things},
};
use crate::{
    app::{SetupToken, Validity},
    web::{connections::Limits, endpoint::Endpoint},
};

const PASSWORD: &str = "canary: horse+battery/staple";
const LINK_PASSWORD: &str = "canary: look&see";
const DATASOURCE_SECRET: &str = "canary-of-a-datasource";

/// A host with one secret of each kind, and the things that they belong to.
struct House {
    server: Server,
    cookie: String,
    token: String,
    link: String,
    first: String,
}

impl House {
    fn new() -> Self {
        let (first, secret) = SetupToken::new(Validity::Once);
        let server = Server::start_with(first, Limits::default());
        let (user, _) = server.user("boss", Role::Administrator);
        server.wait(async {
            let proof = server
                .app
                .passwords
                .hash(PASSWORD.into(), MIN_PASSWORD_CHARS)
                .await
                .unwrap();
            let set = server.app.store.set_password(&user.id, Some(&proof));
            set.await.unwrap();
        });
        let entered = json!({"name": "boss", "password": PASSWORD});
        let answer = server.ask("", "POST /api/session", &entered);
        let cookie = answer.split("set-cookie: ").nth(1).unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        server.keep("board", &user.id, Permission::default());
        let datasource = Datasource {
            id: DatasourceId::parse("source").unwrap(),
            kind: "kind".to_owned(),
            name: Name::parse("Source").unwrap(),
            owner: user.id.clone(),
            permission: Permission::default(),
            settings: Settings::default(),
            secrets: [].into(),
            revision: 0,
        };
        let mut plan = SecretPlan::default();
        let field = gadget_api::FieldPath::parse("/token").unwrap();
        plan.set
            .insert(field, SecretString::from(DATASOURCE_SECRET));
        let store = &server.app.store;
        server
            .wait(store.create_datasource(&datasource, &plan, Utc::now()))
            .unwrap();
        let token = keep_token(&server, "token", &user, &Scope::ALL);
        let wanted = json!({"password": LINK_PASSWORD});
        let made = server.ask(&cookie, "POST /api/dashboards/board/links", &wanted);
        let link = json_of(&made)["path"].as_str().unwrap().to_owned();
        Self {
            cookie,
            token,
            link: link.rsplit('/').next().unwrap().to_owned(),
            first: secret.expose_secret().to_owned(),
            server,
        }
    }

    fn secrets(&self) -> [(&'static str, &str); 7] {
        let session = self.cookie.split_once('=').unwrap().1;
        [
            ("a password", PASSWORD),
            ("the password of a link", LINK_PASSWORD),
            ("the secret of a datasource", DATASOURCE_SECRET),
            ("the cookie of a session", session),
            ("an API token", &self.token),
            ("the address of a link", &self.link),
            ("the token of the first start", &self.first),
        ]
    }

    /// Returns all secrets but those that a request named itself.
    fn planted(&self, request: &str) -> Vec<PlantedSecret> {
        let hidden = self.secrets().into_iter();
        let hidden = hidden.filter(|(_, secret)| !request.contains(secret));
        hidden
            .map(|(name, secret)| PlantedSecret::new(name, secret.as_bytes()))
            .collect()
    }

    fn path(&self, endpoint: &Endpoint) -> String {
        let things = things([
            ("dashboard", "board"),
            ("datasource", "source"),
            ("user", "boss"),
            ("link", "none"),
            ("token", "none"),
            ("secret", &self.link),
        ]);
        path(endpoint.path, &things)
    }
}

/// Tells whether a body for this endpoint may hold a secret.
fn takes_secrets(endpoint: &Endpoint) -> bool {
    let takes = endpoint.spec.as_ref().and_then(|spec| spec.takes);
    takes.is_some_and(|schema_of| {
        let mut generator = SchemaGenerator::default();
        let schema = schema_of(&mut generator);
        let all = json!([schema, generator.definitions()]).to_string();
        let words = [r#"password":"#, r#""secrets":"#, r#""token":"#];
        // Somebody may take a secret for a plain setting of a datasource.
        let is_source = endpoint.path.contains("/datasource-kinds/");
        is_source || words.iter().any(|word| all.contains(word))
    })
}

#[test]
fn no_answer_to_looking_holds_a_secret() {
    let house = House::new();
    let bearer = format!("Authorization: Bearer {}\n", house.token);
    let identities = [format!("Cookie: {}\n", house.cookie), bearer, String::new()];
    let mut seen = 0;
    let looking = endpoints();
    let looking = looking.iter().filter(|each| each.method == Method::GET);
    for endpoint in looking {
        for identity in &identities {
            let path = house.path(endpoint);
            let answer = house.server.send_head(&format!(
                "GET {path} HTTP/1.1\nHOST\n{identity}Connection: close\n\n"
            ));
            seen += usize::from(status(&answer) == 200);
            let name = format!("{} for `{identity}`", name_of(endpoint));
            assert_no_secrets(&name, answer.as_bytes(), &house.planted(&path));
            assert!(!answer.contains("argon2"), "{name}: {answer}");
        }
    }
    assert!(seen > 50, "{seen} answers were seen");
}

#[test]
fn no_answer_to_a_bad_body_holds_what_may_be_a_secret() {
    let house = House::new();
    let secret = "canary-in-a-body";
    let number = 471_147_114_711_471_u64;
    let secrets = [
        PlantedSecret::new("a secret text", secret.as_bytes()),
        PlantedSecret::new("a secret number", number.to_string().as_bytes()),
    ];
    let mut bodies = vec![
        secret.to_owned(),
        format!(r#"{{"password": "{secret}"#),
        format!("password={secret}"),
        json!(secret).to_string(),
        json!([secret]).to_string(),
        json!(number).to_string(),
        json!({secret: 1}).to_string(),
    ];
    for field in [
        "name",
        "role",
        "password",
        "old_password",
        "token",
        "expires_at",
        "settings",
        "secrets",
        "kind",
        "permission",
        "datasource",
    ] {
        for value in [
            json!(secret),
            json!([secret]),
            json!({secret: secret}),
            json!(number),
        ] {
            bodies.push(json!({field: value}).to_string());
        }
    }
    let all = endpoints();
    let taking: Vec<_> = all.iter().filter(|each| takes_secrets(each)).collect();
    let names: Vec<_> = taking.iter().map(|each| name_of(each)).collect();
    assert!(names.len() > 8, "{names:?}");
    let cookie = format!("Cookie: {}\n", house.cookie);
    for endpoint in taking {
        let (method, path) = (&endpoint.method, house.path(endpoint));
        for body in &bodies {
            let length = body.len();
            let answer = house.server.send_head(&format!(
                "{method} {path} HTTP/1.1\nHOST\n{cookie}Sec-Fetch-Site: same-origin\nContent-Type: application/json\nContent-Length: {length}\nConnection: close\n\n{body}"
            ));
            assert!(status(&answer) < 500, "{path} {body}: {answer}");
            let what = format!("{} to {body}", name_of(endpoint));
            assert_no_secrets(&what, answer.as_bytes(), &secrets);
        }
    }
}

#[test]
fn no_form_is_answered_with_its_password() {
    let house = House::new();
    let secret = "canary in a form";
    let secrets = [PlantedSecret::new("what was entered", secret.as_bytes())];
    let entered = url_encoded(secret.as_bytes(), "+");
    let link = format!("/public/{}/password", house.link);
    for (path, form) in [
        ("/login", format!("name=boss&password={entered}")),
        ("/login", format!("password={entered}")),
        (
            "/login",
            format!("name=a&password={entered}&password={entered}"),
        ),
        ("/start", format!("token={entered}")),
        ("/start", format!("token={entered}&token={entered}")),
        (&link, format!("password={entered}")),
        (&link, format!("secret={entered}")),
    ] {
        let length = form.len();
        let answer = house.server.send(&format!(
            "POST {path} HTTP/1.1\nHOST\nSec-Fetch-Site: same-origin\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {length}\nConnection: close\n\n{form}"
        ));
        assert!(
            (400..500).contains(&status(&answer)),
            "{path} {form}: {answer}"
        );
        assert_no_secrets(path, answer.as_bytes(), &secrets);
    }
    let answer = house.server.get(&format!("/start?token={entered}"));
    assert_no_secrets("/start", answer.as_bytes(), &secrets);
}

/// What a token or link is made of is answered once, and only then.
#[test]
fn what_opens_something_is_answered_once() {
    let house = House::new();
    for (request, body, field) in [
        (
            "POST /api/tokens",
            json!({"name": "n", "scopes": ["dashboards:read"]}),
            "secret",
        ),
        ("POST /api/dashboards/board/links", json!({}), "path"),
    ] {
        let made = json_of(&house.server.ask(&house.cookie, request, &body));
        let secret = made[field].as_str().unwrap().rsplit('/').next().unwrap();
        let secrets = [PlantedSecret::new(request, secret.as_bytes())];
        for path in [
            "/api/tokens",
            "/api/dashboards/board/links",
            "/api/dashboards/board/changes",
            "/account",
            "/d/board",
        ] {
            let answer = house
                .server
                .ask(&house.cookie, &format!("GET {path}"), &Value::Null);
            assert_eq!(status(&answer), 200, "{path}");
            assert_no_secrets(path, answer.as_bytes(), &secrets);
        }
    }
}
