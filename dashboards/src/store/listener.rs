//! Listens for changes made by other hosts of the same PostgreSQL database.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgListener};
use tokio::{sync::broadcast, time};

use crate::store::{Event, sql::CHANNEL};

/// How long the connection may be idle before it is probed.
const IDLE_BEFORE_PROBE: Duration = Duration::from_secs(30);

/// How long a probe may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum pause between two attempts to connect.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// Starts listening; later changes are not missed.
pub(super) async fn connect(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Forwards notifications until the pool is closed, and reconnects when needed.
pub(super) async fn run(pool: PgPool, mut listener: PgListener, events: broadcast::Sender<Event>) {
    let mut pause = Duration::from_millis(100);
    loop {
        let ended = forward(&mut listener, &events).await;
        if pool.is_closed() {
            return;
        }
        tracing::warn!(error = %ended, "lost the connection that listens for changes");
        drop(listener);
        listener = loop {
            time::sleep(pause).await;
            match connect(&pool).await {
                Ok(listener) => break listener,
                Err(_) if pool.is_closed() => return,
                Err(error) => {
                    tracing::debug!(%error, "cannot listen for changes yet");
                    pause = (pause * 2).min(MAX_PAUSE);
                }
            }
        };
        pause = Duration::from_millis(100);
        // Notifications may have been missed.
        let _no_receivers = events.send(Event::Everything);
    }
}

/// Forwards notifications until the connection is lost.
async fn forward(listener: &mut PgListener, events: &broadcast::Sender<Event>) -> sqlx::Error {
    loop {
        let received = match time::timeout(IDLE_BEFORE_PROBE, listener.try_recv()).await {
            Ok(received) => received,
            Err(_) => {
                let answer = sqlx::query("SELECT 1").execute(&mut *listener);
                match time::timeout(PROBE_TIMEOUT, answer).await {
                    Ok(Ok(_)) => continue,
                    Ok(Err(error)) => return error,
                    Err(_) => return sqlx::Error::PoolTimedOut,
                }
            }
        };
        let event = match received {
            Ok(Some(notification)) => parse(notification.payload()),
            // The connection was re-established, so notifications may have been missed.
            Ok(None) => Event::Everything,
            Err(error) => return error,
        };
        let _no_receivers = events.send(event);
    }
}

/// Parses an event; an unknown one of a later version may mean anything.
fn parse(payload: &str) -> Event {
    serde_json::from_str(payload).unwrap_or(Event::Everything)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_event_means_everything() {
        let blob = Event::Blob {
            scope: "shop".to_owned(),
            name: "a/b".to_owned(),
        };
        for (payload, expected) in [
            (r#"{"event":"blob","scope":"shop","name":"a/b"}"#, blob),
            (r#"{"event":"everything"}"#, Event::Everything),
            (r#"{"event":"later"}"#, Event::Everything),
            ("nonsense", Event::Everything),
        ] {
            assert_eq!(parse(payload), expected);
        }
    }
}
