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
use futures_util::stream::{self, Stream};
use host_demo::domain::{Action, Dashboard, Object};

use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Thing},
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
            Access::May(Action::View, Thing::Dashboard),
            ("followDashboard", "Tells what changes: an event `tiles` with the revisions of the dashboard and of each gadget"),
            get(events),
        )
        .sends("text/event-stream"),
    ]
}

/// Tells the revisions now, and again after each change; it ends when the host does, or when the
/// caller may not look any more.
pub(in crate::web) async fn events(
    State(site): State<Arc<Site>>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = site.live.changes();
    let follower = Follower {
        site,
        dashboard,
        caller,
        headers,
    };
    let stream = stream::unfold(
        (follower, changes, IsFirst::Yes),
        |(follower, mut changes, first)| async move {
            if first == IsFirst::No {
                tokio::select! {
                    changed = changes.changed() => changed.ok()?,
                    () = follower.site.ended() => return None,
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
    site: Arc<Site>,
    dashboard: Arc<Dashboard>,
    caller: Caller,
    headers: HeaderMap,
}

impl Follower {
    fn revisions(&self) -> BTreeMap<String, u64> {
        let id = self.dashboard.id();
        let mut revisions = self.site.live.revisions(id);
        let heard = self.site.live.heard_revision(id);
        let whole = heard.unwrap_or_default().max(self.dashboard.revision());
        revisions.insert(WHOLE.to_owned(), whole);
        revisions
    }

    /// Tells whether the session still lasts; a public link is looked at by the page itself.
    async fn may_still_look(&self) -> bool {
        if matches!(self.caller, Caller::Visitor(_)) {
            return true;
        }
        let site = &self.site;
        let Ok(now) = Caller::of(&self.headers, &site.cookie, &site.store, Utc::now()).await else {
            return true;
        };
        now.may(Action::View, Object::Dashboard(&self.dashboard))
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum IsFirst {
    Yes,
    No,
}
