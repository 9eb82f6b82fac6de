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

use crate::{
    app::{App, Caller},
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
    let follower = Follower {
        app,
        cookies,
        dashboard,
        caller,
        link: link.map(|Extension(link)| link),
        headers,
    };
    let stream = stream::unfold(
        (follower, changes, IsFirst::Yes),
        |(follower, mut changes, first)| async move {
            if first == IsFirst::No {
                tokio::select! {
                    changed = changes.changed() => changed.ok()?,
                    () = follower.app.shutdown.cancelled() => return None,
                }
                tokio::time::sleep(PAUSE).await;
                if !follower.may_still_look().await {
                    return None;
                }
            }
            changes.mark_unchanged();
            let event = Event::default()
                .event("tiles")
                .json_data(follower.revisions())
                .unwrap_or_else(|_| Event::default().comment("no state"));
            Some((Ok(event), (follower, changes, IsFirst::No)))
        },
    );
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

struct Follower {
    app: Arc<App>,
    cookies: SessionCookie,
    dashboard: Arc<Dashboard>,
    caller: Caller,
    /// The public link by which a visitor looks.
    link: Option<Arc<PublicLink>>,
    headers: HeaderMap,
}

impl Follower {
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

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum IsFirst {
    Yes,
    No,
}
