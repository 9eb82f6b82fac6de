//! Hears what other hosts of the same PostgreSQL change.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgListener};
use tokio::{sync::broadcast, time};

use crate::store::{Event, sql::CHANNEL};

/// How long silence is believed before the connection is tried.
const SILENCE: Duration = Duration::from_secs(30);

/// How long an answer may take then.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest pause between two attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Starts to listen; what changes after this is heard.
pub(super) async fn connect(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Passes on what is heard until the pool is closed, over lost connections.
pub(super) async fn run(pool: PgPool, mut listener: PgListener, events: broadcast::Sender<Event>) {
    let mut pause = Duration::from_millis(100);
    loop {
        let ended = pass_on(&mut listener, &events).await;
        if pool.is_closed() {
            return;
        }
        tracing::warn!(error = %ended, "lost the connection that hears of changes");
        drop(listener);
        listener = loop {
            time::sleep(pause).await;
            match connect(&pool).await {
                Ok(listener) => break listener,
                Err(_) if pool.is_closed() => return,
                Err(error) => {
                    tracing::debug!(%error, "cannot listen for changes yet");
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        };
        pause = Duration::from_millis(100);
        // Nobody knows what was said in between.
        let _unheard = events.send(Event::Everything);
    }
}

/// Passes on what is heard until the connection is lost.
async fn pass_on(listener: &mut PgListener, events: &broadcast::Sender<Event>) -> sqlx::Error {
    loop {
        let heard = match time::timeout(SILENCE, listener.try_recv()).await {
            Ok(heard) => heard,
            Err(_) => {
                let answer = sqlx::query("SELECT 1").execute(&mut *listener);
                match time::timeout(PATIENCE, answer).await {
                    Ok(Ok(_)) => continue,
                    Ok(Err(error)) => return error,
                    Err(_) => return sqlx::Error::PoolTimedOut,
                }
            }
        };
        let event = match heard {
            Ok(Some(notice)) => read(notice.payload()),
            // The connection was lost and is back: something may have been said in between.
            Ok(None) => Event::Everything,
            Err(error) => return error,
        };
        let _unheard = events.send(event);
    }
}

/// Reads an event; one of a later version may mean anything.
fn read(payload: &str) -> Event {
    serde_json::from_str(payload).unwrap_or(Event::Everything)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_is_not_understood_means_everything() {
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
            assert_eq!(read(payload), expected);
        }
    }
}
