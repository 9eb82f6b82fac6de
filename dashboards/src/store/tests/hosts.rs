//! Several hosts on one PostgreSQL database: events between them, and lost connections.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, PgConnection};
use tokio::{sync::Barrier, time::timeout};

use super::{fixture::Fixture, *};
use crate::{
    domain::{Change, Role, User},
    store::{
        Database, Event, EventStream, Store, StoreError,
        handle::{reading, transaction},
    },
};

/// How long a test waits for an event: only a hang takes this long.
const HANG: Duration = Duration::from_secs(60);

async fn next(events: &mut EventStream) -> Event {
    timeout(HANG, events.next()).await.unwrap().unwrap()
}

async fn two_hosts() -> Option<(Fixture, Store)> {
    let fixture = Fixture::postgres().await?;
    let other = Store::open(&fixture.options).await.unwrap();
    Some((fixture, other))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_on_one_host_sends_events_on_both() {
    let Some((fixture, other)) = two_hosts().await else {
        return;
    };
    let (mut here, mut there) = (fixture.store.events(), other.events());
    fixture
        .store
        .create_dashboard(&board(1), now())
        .await
        .unwrap();
    fixture.store.put_blob("shop", "a", b"x", 0).await.unwrap();
    for events in [&mut here, &mut there] {
        assert_eq!(
            next(events).await,
            Event::Dashboard {
                id: board_id(),
                revision: 0
            }
        );
        assert_eq!(
            next(events).await,
            Event::Blob {
                scope: "shop".to_owned(),
                name: "a".to_owned()
            }
        );
    }
    let read = other.dashboard(&board_id()).await.unwrap();
    assert_eq!(read, Some(board(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_excludes_the_other_host() {
    let Some((fixture, other)) = two_hosts().await else {
        return;
    };
    let long = Duration::from_secs(60);
    let lease = fixture
        .store
        .take_lease("shop", "sync", long)
        .await
        .unwrap();
    assert_eq!(other.take_lease("shop", "sync", long).await.unwrap(), None);
    fixture.store.release_lease(lease.unwrap()).await.unwrap();
    let taken = other.take_lease("shop", "sync", long).await.unwrap();
    assert!(taken.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_host_shares_the_first_hosts_key_or_is_locked() {
    let Some((fixture, other)) = two_hosts().await else {
        return;
    };
    assert_eq!(other.key_problem(), None);
    let mut options = fixture.options.clone();
    options.key = crate::store::KeySource::File(fixture.path().join("elsewhere/host.key"));
    let third = Store::open(&options).await.unwrap();
    let problem = third.key_problem().unwrap().to_string();
    assert!(problem.contains("is missing"), "{problem}");
    assert!(!fixture.path().join("elsewhere/host.key").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_with_the_old_key_cannot_save_secrets_after_a_rotation() {
    let Some((fixture, other)) = two_hosts().await else {
        return;
    };
    let source = datasources::create(&fixture.store).await;
    fixture.store.rotate_key(&fixture.key_path()).await.unwrap();
    let draft = datasources::draft("https://a.example", &[("/token", "new")]);
    let saved = other
        .save_datasource(
            &source.id,
            0,
            &draft,
            &field("/base"),
            &[field("/token")],
            now(),
        )
        .await;
    assert!(matches!(saved, Err(StoreError::Locked(_))));
    let token = datasources::secret(&fixture.store, "/token").await;
    assert_eq!(token.as_deref(), Some("canary-4711"));
}

/// Terminates all other connections to the database.
async fn end_connections(fixture: &Fixture) {
    let Database::Postgres(address) = &fixture.options.database else {
        panic!("the database is not PostgreSQL");
    };
    let mut connection = PgConnection::connect(address.expose_secret())
        .await
        .unwrap();
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
}

/// Waits until `events` delivers what `store` sends again, and skips everything before.
async fn catch_up(store: &Store, events: &mut EventStream, round: u64) {
    for number in 0.. {
        let name = format!("marker-{round}-{number}");
        store.put_blob("catch-up", &name, b"", 0).await.unwrap();
        let marker =
            |event: &Event| matches!(event, Event::Blob { name: found, .. } if *found == name);
        // A marker that is sent before the listener has reconnected is lost: send another one.
        let arrives = async { while !marker(&next(events).await) {} };
        if timeout(Duration::from_secs(1), arrives).await.is_ok() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_recovers_from_terminated_connections() {
    let Some((fixture, other)) = two_hosts().await else {
        return;
    };
    let mut events = other.events();
    fixture
        .store
        .create_dashboard(&board(1), now())
        .await
        .unwrap();
    next(&mut events).await;
    for revision in 0..5 {
        end_connections(&fixture).await;
        let title = name(&format!("Title {revision}"));
        fixture
            .store
            .change_dashboard(
                &board_id(),
                revision,
                &Change::Rename { title },
                None,
                now(),
            )
            .await
            .unwrap();
        let read = other.dashboard(&board_id()).await.unwrap().unwrap();
        assert_eq!(read.revision(), revision + 1);
        // The other host may have missed the event, but then it knows that.
        let event = next(&mut events).await;
        let change = Event::Dashboard {
            id: board_id(),
            revision: revision + 1,
        };
        assert!(event == Event::Everything || event == change, "{event:?}");
        catch_up(&fixture.store, &mut events, revision).await;
    }
}

/// Locks two rows in turn, and waits for the other transaction in between at the first attempt.
async fn lock_both(
    store: &Store,
    rows: [&str; 2],
    meeting: &Barrier,
    attempts: &AtomicU32,
) -> Result<(), StoreError> {
    let mut is_first = true;
    transaction!(store, tx, {
        attempts.fetch_add(1, Ordering::Relaxed);
        for row in rows {
            tx.execute(
                "UPDATE users SET role = 'editor' WHERE id = $1",
                &[row.into()],
            )
            .await?;
            if std::mem::take(&mut is_first) {
                meeting.wait().await;
            }
        }
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlocked_transaction_is_retried_completely() {
    let Some((fixture, other)) = two_hosts().await else {
        return;
    };
    for id in ["a", "b"] {
        let user = User {
            id: user_id(id),
            name: name(id),
            role: Role::Viewer,
            password: None,
            created_at: now(),
        };
        fixture.store.create_user(&user).await.unwrap();
    }
    let (meeting, attempts) = (Barrier::new(2), AtomicU32::new(0));
    let (one, two) = tokio::join!(
        lock_both(&fixture.store, ["a", "b"], &meeting, &attempts),
        lock_both(&other, ["b", "a"], &meeting, &attempts),
    );
    one.unwrap();
    two.unwrap();
    assert_eq!(attempts.into_inner(), 3);
}

/// What PostgreSQL says where transactions could not run one after the other.
const REFUSED: &str = "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$";

/// Writes a row, with two attempts that are refused after that; returns how many there were.
async fn write_at_third_attempt(store: &Store) -> Result<u32, StoreError> {
    let mut attempts = 0;
    transaction!(store, tx, {
        attempts += 1;
        tx.execute("INSERT INTO host (name, value) VALUES ('x', 'y')", &[])
            .await?;
        if attempts < 3 {
            tx.execute(REFUSED, &[]).await?;
        }
        Ok(())
    })?;
    Ok(attempts)
}

/// Reads that row, with two attempts that are refused; returns how many there were.
async fn read_at_third_attempt(store: &Store) -> Result<(u32, String), StoreError> {
    let mut attempts = 0;
    let value = reading!(store, tx, {
        attempts += 1;
        if attempts < 3 {
            tx.execute(REFUSED, &[]).await?;
        }
        let row = tx.row("SELECT value FROM host WHERE name = 'x'", &[]);
        row.await?.unwrap().text("value")
    })?;
    Ok((attempts, value))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_could_not_be_serialized_is_retried_completely() {
    let Some(fixture) = Fixture::postgres().await else {
        return;
    };
    assert_eq!(write_at_third_attempt(&fixture.store).await.unwrap(), 3);
    let read = read_at_third_attempt(&fixture.store).await.unwrap();
    assert_eq!(read, (3, "y".to_owned()));
}

/// Makes the database read-only for connections from now on, or writable again.
async fn set_read_only(fixture: &Fixture, setting: &str) {
    let Database::Postgres(address) = &fixture.options.database else {
        panic!("the database is not PostgreSQL");
    };
    let mut connection = PgConnection::connect(address.expose_secret())
        .await
        .unwrap();
    let set = format!(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {setting}',
         current_database()); END $$"
    );
    for sql in ["SET default_transaction_read_only = off", &set] {
        sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_database_is_reported_and_changed_again_as_soon_as_it_is_writable() {
    let Some(fixture) = Fixture::postgres().await else {
        return;
    };
    let store = &fixture.store;
    store.create_dashboard(&board(1), now()).await.unwrap();
    set_read_only(&fixture, "on").await;
    end_connections(&fixture).await;
    for _ in 0..15 {
        let written = store.put_blob("shop", "a", b"x", 0).await;
        assert!(
            matches!(written, Err(StoreError::ReadOnly(_))),
            "{written:?}"
        );
        let is_writable = store.check_writable().await;
        assert!(matches!(is_writable, Err(StoreError::ReadOnly(_))));
        let read = store.dashboard(&board_id()).await.unwrap();
        assert_eq!(read, Some(board(1)));
    }
    set_read_only(&fixture, "off").await;
    store.put_blob("shop", "a", b"x", 0).await.unwrap();
    store.check_writable().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_a_store_ends_its_streams_and_connections() {
    let Some(fixture) = Fixture::postgres().await else {
        return;
    };
    let mut events = fixture.store.events();
    fixture.store.close().await;
    assert_eq!(events.next().await, None);
    assert_eq!(fixture.store.events().next().await, None);
    let read = fixture.store.dashboard(&board_id()).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))));
}
