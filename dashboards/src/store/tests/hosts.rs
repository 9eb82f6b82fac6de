//! Several hosts on one PostgreSQL: they see each other's changes, and survive lost connections.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, PgConnection};
use tokio::{sync::Barrier, time::timeout};

use super::{bed::Bed, *};
use crate::{
    domain::{Change, Role, User},
    store::{Changes, Database, Event, Store, StoreError, handle::transaction},
};

/// How soon a page of another host is told.
const SOON: Duration = Duration::from_secs(2);

async fn next(changes: &mut Changes) -> Event {
    timeout(SOON, changes.next()).await.unwrap().unwrap()
}

async fn two_hosts() -> Option<(Bed, Store)> {
    let bed = Bed::postgres().await?;
    let other = Store::open(&bed.options).await.unwrap();
    Some((bed, other))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_on_one_host_is_told_on_the_other() {
    let Some((bed, other)) = two_hosts().await else {
        return;
    };
    let (mut here, mut there) = (bed.store.changes(), other.changes());
    bed.store.create_dashboard(&board(1), now()).await.unwrap();
    bed.store.put_blob("shop", "a", b"x", 0).await.unwrap();
    for changes in [&mut here, &mut there] {
        assert_eq!(
            next(changes).await,
            Event::Dashboard {
                id: board_id(),
                revision: 0
            }
        );
        assert_eq!(
            next(changes).await,
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
async fn a_lease_is_held_against_the_other_host() {
    let Some((bed, other)) = two_hosts().await else {
        return;
    };
    let long = Duration::from_secs(60);
    let lease = bed.store.take_lease("shop", "sync", long).await.unwrap();
    assert_eq!(other.take_lease("shop", "sync", long).await.unwrap(), None);
    bed.store.release_lease(lease.unwrap()).await.unwrap();
    let taken = other.take_lease("shop", "sync", long).await.unwrap();
    assert!(taken.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_made_no_key_uses_the_first_hosts_or_is_locked() {
    let Some((bed, other)) = two_hosts().await else {
        return;
    };
    assert_eq!(other.key_problem(), None);
    let mut options = bed.options.clone();
    options.key = crate::store::KeySource::File(bed.path().join("elsewhere/host.key"));
    let third = Store::open(&options).await.unwrap();
    let problem = third.key_problem().unwrap().to_string();
    assert!(problem.contains("is missing"), "{problem}");
    assert!(!bed.path().join("elsewhere/host.key").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_is_not_undermined_by_a_host_with_the_old_one() {
    let Some((bed, other)) = two_hosts().await else {
        return;
    };
    let source = datasources::create(&bed.store).await;
    bed.store.rotate_key(&bed.key_path()).await.unwrap();
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
    let token = datasources::secret(&bed.store, "/token").await;
    assert_eq!(token.as_deref(), Some("canary-4711"));
}

/// Ends all connections to the database but the one that does it.
async fn end_connections(bed: &Bed) {
    let Database::Postgres(address) = &bed.options.database else {
        panic!("this is no PostgreSQL");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_host_goes_on_after_its_connections_were_ended() {
    let Some((bed, other)) = two_hosts().await else {
        return;
    };
    let mut changes = other.changes();
    bed.store.create_dashboard(&board(1), now()).await.unwrap();
    next(&mut changes).await;
    for revision in 0..5 {
        end_connections(&bed).await;
        let title = name(&format!("Title {revision}"));
        bed.store
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
        // The other host may have missed the change, but then it knows that.
        let told = next(&mut changes).await;
        let change = Event::Dashboard {
            id: board_id(),
            revision: revision + 1,
        };
        assert!(told == Event::Everything || told == change, "{told:?}");
        while timeout(Duration::from_millis(600), changes.next())
            .await
            .is_ok()
        {}
    }
}

/// Locks two rows one after the other, at the first attempt together with somebody else.
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
async fn a_deadlock_is_tried_again_as_a_whole() {
    let Some((bed, other)) = two_hosts().await else {
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
        bed.store.create_user(&user).await.unwrap();
    }
    let (meeting, attempts) = (Barrier::new(2), AtomicU32::new(0));
    let (one, two) = tokio::join!(
        lock_both(&bed.store, ["a", "b"], &meeting, &attempts),
        lock_both(&other, ["b", "a"], &meeting, &attempts),
    );
    one.unwrap();
    two.unwrap();
    assert_eq!(attempts.into_inner(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_ends_its_streams_and_answers_no_more() {
    let Some(bed) = Bed::postgres().await else {
        return;
    };
    let mut changes = bed.store.changes();
    bed.store.close().await;
    assert_eq!(changes.next().await, None);
    assert_eq!(bed.store.changes().next().await, None);
    let read = bed.store.dashboard(&board_id()).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))));
}
