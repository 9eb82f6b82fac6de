//! A server with a store of its own, which runs until it is dropped.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use chrono::Utc;
use dashboards::{
    domain::{
        Dashboard, DashboardId, DashboardParts, Datasource, DatasourceId, Name, Permission, Role,
        SecretPlan, Settings, Tile, TileId, User, UserId,
    },
    store::{Database, KeySource, OpenOptions, Store},
};
use gadget_api::{Error, ErrorKind, TileSize, Version, View};
use gadget_host::Catalog;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, Engine, SetupToken, TilePhase},
    web::{
        WebState,
        client::TrustedProxies,
        connections::{self, Limits},
        credentials::{Lasts, SessionCookie},
        guard::Hosts,
        routes,
    },
};

/// A server that runs until this value is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) app: Arc<App>,
    cookies: SessionCookie,
    /// The cookie of an administrator.
    pub(super) cookie: String,
    pub(super) runtime: Runtime,
    _data: tempfile::TempDir,
}

impl Server {
    /// Starts with an administrator and nothing else.
    pub(super) fn start() -> Self {
        Self::start_with(SetupToken::closed(), Limits::default())
    }

    /// Starts with an administrator, and what opens the host for somebody without a password.
    pub(super) fn start_with(setup: SetupToken, limits: Limits) -> Self {
        Self::start_behind(TrustedProxies::default(), setup, limits)
    }

    /// Starts behind proxies that say whom a request comes from.
    pub(super) fn start_behind(proxies: TrustedProxies, setup: SetupToken, limits: Limits) -> Self {
        let data = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let ended = shutdown.clone().cancelled_owned();
        let (state, cookie) = runtime.block_on(async {
            let options = OpenOptions {
                database: Database::in_directory(data.path()),
                key: KeySource::File(data.path().join("key")),
            };
            let store = Store::open(&options).await.unwrap();
            let engine = Engine::for_test(Catalog::default(), data.path());
            let cookies = SessionCookie::on_loopback(address.port());
            let app = Arc::new(App::new(engine, store, setup, shutdown));
            let administrator = app.people.administrator().await.unwrap();
            let session = app.sessions.begin(&administrator.id).await.unwrap();
            let cookie = cookies.set(&session, Lasts::Days);
            (WebState { app, cookies }, cookie)
        });
        let router = routes(&state, Hosts::of(address), limits);
        let WebState { app, cookies } = state;
        runtime.spawn(connections::serve(listener, router, limits, proxies, ended));
        Self {
            address,
            app,
            cookies,
            cookie: sent(&cookie),
            runtime,
            _data: data,
        }
    }

    /// Starts with the dashboard `d1`: the tile `t1` shows something, `t2` has failed.
    pub(super) fn filled() -> Self {
        let server = Self::start();
        let owner = server
            .runtime
            .block_on(server.app.people.administrator())
            .unwrap();
        server.keep("d1", &owner.id, Permission::default());
        let key = |tile: &str| (id("d1"), TileId::parse(tile).unwrap());
        server.app.states.change(&key("t1"), |status| {
            status.view = Some(Arc::new(View::new("<script>alert(1)</script>")));
            status.state = TilePhase::Done;
        });
        server.app.states.change(&key("t2"), |status| {
            let error = Error::new(ErrorKind::Panicked, "the gadget <b>panicked</b>");
            status.state = TilePhase::Failed(error);
        });
        server
    }

    /// Keeps a dashboard with two tiles, `t1` and `t2`.
    pub(super) fn keep(&self, dashboard: &str, owner: &UserId, permission: Permission) {
        let tile = |tile: &str| {
            let id = TileId::parse(tile).unwrap();
            Tile::new(id, "g", Version::new(1, 0, 0), TileSize::M)
        };
        let parts = DashboardParts {
            id: id(dashboard),
            title: Name::parse("Board").unwrap(),
            owner: owner.clone(),
            permission,
            revision: 0,
            tiles: vec![tile("t1"), tile("t2")],
            is_deleted: false,
        };
        let dashboard = Dashboard::from_parts(parts).unwrap();
        let kept = self.app.store.create_dashboard(&dashboard, Utc::now());
        self.runtime.block_on(kept).unwrap();
    }

    /// Keeps a datasource of a kind that no library here has.
    pub(super) fn keep_source(&self, id: &str, kind: &str, owner: &User, permission: Permission) {
        let datasource = Datasource {
            id: DatasourceId::parse(id).unwrap(),
            kind: kind.to_owned(),
            name: Name::parse(&format!("Source {id}")).unwrap(),
            owner: owner.id.clone(),
            permission,
            settings: Settings::default(),
            secrets: [].into(),
            revision: 0,
        };
        let plan = SecretPlan::default();
        let store = &self.app.store;
        let kept = store.create_datasource(&datasource, &plan, Utc::now());
        self.wait(kept).unwrap();
    }

    /// Makes a user and returns it with the cookie of a session.
    pub(super) fn user(&self, name: &str, role: Role) -> (User, String) {
        let user = User {
            id: UserId::parse(name).unwrap(),
            name: Name::parse(name).unwrap(),
            role,
            password: None,
            created_at: Utc::now(),
        };
        let session = self.runtime.block_on(async {
            self.app.store.create_user(&user).await.unwrap();
            self.app.sessions.begin(&user.id).await.unwrap()
        });
        (user, sent(&self.cookies.set(&session, Lasts::Days)))
    }

    /// Waits for something that the store does.
    pub(super) fn wait<T>(&self, done: impl Future<Output = T>) -> T {
        self.runtime.block_on(done)
    }

    /// Sends a request as it is written, with the right header in place of `HOST` and of `COOKIE`, and returns the answer.
    pub(super) fn send(&self, request: &str) -> String {
        let mut answer = Vec::new();
        self.sent(request).read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The same, but of an answer that says yes only the head: it may go on for ever.
    pub(super) fn send_head(&self, request: &str) -> String {
        let mut stream = self.sent(request);
        let mut answer = Vec::new();
        let mut part = [0; 4096];
        loop {
            let text = String::from_utf8_lossy(&answer);
            if text.contains("\r\n\r\n") && status(&text) < 300 {
                return text.into_owned();
            }
            match stream.read(&mut part).unwrap() {
                0 => return text.into_owned(),
                length => answer.extend_from_slice(&part[..length]),
            }
        }
    }

    /// Sends a request whose answer goes on, does something once the answer contains `text`, and
    /// returns all of it when it has ended.
    pub(super) fn send_then(&self, request: &str, text: &str, then: impl FnOnce()) -> String {
        let mut stream = self.sent(request);
        let mut answer = Vec::new();
        let mut part = [0; 4096];
        while !String::from_utf8_lossy(&answer).contains(text) {
            let length = stream.read(&mut part).unwrap();
            let so_far = String::from_utf8_lossy(&answer);
            assert!(length > 0, "no {text} in {so_far}");
            answer.extend_from_slice(&part[..length]);
        }
        then();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn sent(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let host = format!("Host: {}", self.address);
        let cookie = format!("Cookie: {}", self.cookie);
        let request = request
            .replace("HOST", &host)
            .replace("COOKIE", &cookie)
            .replace('\n', "\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// Sends JSON as a page of whoever has this cookie does; `null` is no body at all.
    pub(super) fn ask(&self, cookie: &str, request: &str, body: &Value) -> String {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let length = body.len();
        let cookie = match cookie {
            "" => String::new(),
            cookie => format!("Cookie: {cookie}\n"),
        };
        self.send(&format!(
            "{request} HTTP/1.1\nHOST\n{cookie}Sec-Fetch-Site: same-origin\nContent-Type: application/json\nContent-Length: {length}\nConnection: close\n\n{body}"
        ))
    }

    /// Asks as the administrator.
    pub(super) fn get(&self, path: &str) -> String {
        self.send(&format!(
            "GET {path} HTTP/1.1\nHOST\nCOOKIE\nConnection: close\n\n"
        ))
    }
}

fn id(dashboard: &str) -> DashboardId {
    DashboardId::parse(dashboard).unwrap()
}

/// Returns what a browser sends of a cookie that was set.
fn sent(set: &str) -> String {
    set.split(';').next().unwrap_or_default().to_owned()
}

/// Returns the JSON of an answer.
pub(super) fn json_of(answer: &str) -> Value {
    let body = answer.split_once("\r\n\r\n").unwrap_or_default().1;
    serde_json::from_str(body).unwrap_or_default()
}

pub(super) fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default()
}
