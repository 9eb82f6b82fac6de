//! One stream for each page: it says which tiles changed.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::stream::{self, Stream};

use super::Site;

/// Changes that come sooner after one another are told together.
const PAUSE: Duration = Duration::from_millis(250);
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Tells the revisions of all tiles now, and again after each change; it ends when the host does.
pub(super) async fn events(
    State(site): State<Arc<Site>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = site.board.changes();
    let ending = site.ending.clone();
    let stream = stream::unfold(
        (site, changes, ending, IsFirst::Yes),
        |(site, mut changes, mut ending, first)| async move {
            if first == IsFirst::No {
                tokio::select! {
                    changed = changes.changed() => changed.ok()?,
                    _ = ending.wait_for(|is_ending| *is_ending) => return None,
                }
                tokio::time::sleep(PAUSE).await;
            }
            changes.mark_unchanged();
            let event = Event::default()
                .event("tiles")
                .json_data(site.board.revisions())
                .unwrap_or_else(|_| Event::default().comment("no state"));
            Some((Ok(event), (site, changes, ending, IsFirst::No)))
        },
    );
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum IsFirst {
    Yes,
    No,
}
