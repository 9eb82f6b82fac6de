//! One stream for each page: it says what changed on a dashboard.

use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, Method},
    response::sse::{Event, KeepAlive, Sse},
    routing::get,
};
use chrono::Utc;
use dashboards::domain::{Action, Dashboard, Object, PublicLink};
use futures_util::stream::{self, Stream};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use crate::{
    app::{App, Caller, Counted},
    web::{
        WebState,
        credentials::{SessionCookie, credential},
        endpoint::{Access, Endpoint, Resource},
    },
};

/// What the dashboard as a whole is called among the revisions; no tile has this id.
const WHOLE: &str = "whole";
/// Changes that come sooner after one another are told together.
const PAUSE: Duration = Duration::from_millis(250);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// After how long a page is asked again whether it may look, even if nothing says that this has changed.
const CHECK_EVERY: Duration = Duration::from_secs(60);

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/events",
            Access::May(Action::View, Resource::Dashboard),
            ("followDashboard", "Streams changes: each `tiles` event has the revisions of the dashboard and of each gadget"),
            get(events),
        )
        .sends("text/event-stream"),
    ]
}

/// Tells the revisions now, and again after each change; it ends when the host does, or when the
/// caller may not look any more.
pub(in crate::web) async fn events(
    State(state): State<WebState>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Extension(caller): Extension<Caller>,
    link: Option<Extension<Arc<PublicLink>>>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let WebState { app, cookies } = state;
    let changes = app.states.changes();
    let counted = app.engine.metrics().stream();
    let follower = Follower {
        app,
        cookies,
        dashboard,
        caller,
        link: link.map(|Extension(link)| link),
        headers,
        _counted: counted,
    };
    let stream = stream::unfold(
        (follower, changes, None),
        |(follower, mut changes, told)| async move {
            let news = follower.news(&mut changes, told.as_ref()).await?;
            let event = Event::default()
                .event("tiles")
                .json_data(&news.revisions)
                .unwrap_or_else(|_| Event::default().comment("no state"));
            Some((Ok(event), (follower, changes, Some(news))))
        },
    );
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// No revision of who may look.
const NEVER: u64 = u64::MAX;

/// What a page was told, and when it was known that it may be told.
#[derive(Clone)]
struct News {
    revisions: BTreeMap<String, u64>,
    access: u64,
    checked: Instant,
}

struct Follower {
    app: Arc<App>,
    cookies: SessionCookie,
    dashboard: Arc<Dashboard>,
    caller: Caller,
    /// The public link by which a visitor looks.
    link: Option<Arc<PublicLink>>,
    headers: HeaderMap,
    _counted: Counted,
}

impl Follower {
    /// Returns the revisions now, or once they are others than what was told; nothing when the host
    /// ends, or the caller may not look any more.
    ///
    /// Thousands of pages wake up at each change of any dashboard; only those that have news, or whose
    /// right to look may have changed, ask the database.
    async fn news(&self, changes: &mut watch::Receiver<u64>, told: Option<&News>) -> Option<News> {
        let Some(told) = told else {
            changes.mark_unchanged();
            let now = self.now(Instant::now());
            // The right may have gone since the request was let in; the next change asks for it again.
            return Some(News {
                access: NEVER,
                ..now
            });
        };
        let mut checked = (
            told.access,
            told.revisions.get(WHOLE).copied(),
            told.checked,
        );
        loop {
            tokio::select! {
                changed = changes.changed() => changed.ok()?,
                () = self.app.shutdown.cancelled() => return None,
            }
            sleep(PAUSE).await;
            changes.mark_unchanged();
            let now = self.now(checked.2);
            let (access, whole) = (now.access, now.revisions.get(WHOLE).copied());
            if (access, whole) != (checked.0, checked.1) || checked.2.elapsed() >= CHECK_EVERY {
                if !self.may_still_look().await {
                    return None;
                }
                checked = (access, whole, Instant::now());
            }
            if now.revisions != told.revisions {
                let checked = checked.2;
                return Some(News { checked, ..now });
            }
        }
    }

    fn now(&self, checked: Instant) -> News {
        // Who loses the right to look after this is told of nothing that was there before.
        let access = self.app.states.access_revision();
        News {
            revisions: self.revisions(),
            access,
            checked,
        }
    }

    fn revisions(&self) -> BTreeMap<String, u64> {
        let id = self.dashboard.id();
        let mut revisions = self.app.states.revisions(id);
        let heard = self.app.states.heard_revision(id);
        let whole = heard.unwrap_or_default().max(self.dashboard.revision());
        revisions.insert(WHOLE.to_owned(), whole);
        revisions
    }

    /// Tells whether the session, or the link, still opens the dashboard as it is now.
    async fn may_still_look(&self) -> bool {
        let store = &self.app.store;
        // A database that does not answer for a moment ends nothing.
        let Ok(dashboard) = store.dashboard(self.dashboard.id()).await else {
            return true;
        };
        let Some(dashboard) = dashboard else {
            return false;
        };
        let now = match &self.link {
            Some(link) => match self.app.links.is_still_open(&link.id).await {
                Ok(true) => self.caller.clone(),
                Ok(false) => return false,
                Err(_) => return true,
            },
            None => {
                let shown = credential(&self.headers, &self.cookies);
                match self.app.sessions.caller(shown, Utc::now()).await {
                    Ok(now) => now,
                    Err(_) => return true,
                }
            }
        };
        now.may(Action::View, Object::Dashboard(&dashboard))
    }
}
