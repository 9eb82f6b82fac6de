//! A database that is empty or gone is not replaced by an empty one without being told so.

use std::fs;

use super::{
    fixture::Fixture,
    sqlite_file::{files, used},
    *,
};
use crate::store::{OpenError, Store};

/// What is left of an earlier database.
type Remains = fn(&Fixture);

#[tokio::test]
async fn a_lost_database_is_refused_until_a_new_one_is_wanted() {
    let remains: [(&str, Remains); 4] = [
        ("host.key", |_| ()),
        ("dashboards.sqlite-wal", |fixture| {
            fs::remove_file(fixture.key_path()).unwrap();
            fs::write(fixture.path().join("dashboards.sqlite-wal"), [7; 5000]).unwrap();
        }),
        ("dashboards.sqlite.before-2", |fixture| {
            fs::remove_file(fixture.key_path()).unwrap();
            fs::write(fixture.path().join("dashboards.sqlite.before-2"), "x").unwrap();
        }),
        ("dashboards.sqlite.replaced", |fixture| {
            fs::remove_file(fixture.key_path()).unwrap();
            fs::write(fixture.path().join("dashboards.sqlite.replaced"), "x").unwrap();
        }),
    ];
    for (found, prepare) in remains {
        for is_empty in [false, true] {
            let fixture = used().await;
            let database = fixture.database_path();
            fs::remove_file(&database).unwrap();
            if is_empty {
                fs::write(&database, "").unwrap();
            }
            prepare(&fixture);
            let before = files(fixture.path());
            let error = Store::open(&fixture.options).await.unwrap_err();
            assert!(matches!(error, OpenError::Lost { .. }), "{found}: {error}");
            let error = error.to_string();
            for text in [found, "`host-demo restore`", "--new-database"] {
                assert!(error.contains(text), "{found}: {error}");
            }
            assert!(files(fixture.path()) == before, "{found}");

            let store = Store::open_anew(&fixture.options).await.unwrap();
            assert_eq!(store.key_problem(), None);
            assert_eq!(store.dashboard(&board_id()).await.unwrap(), None);
            store.close().await;
            Store::open(&fixture.options).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_lost_database_can_be_restored() {
    let mut fixture = Fixture::sqlite().await;
    fixture
        .store
        .create_dashboard(&board(3), now())
        .await
        .unwrap();
    let copy = fixture.path().join("copy.sqlite");
    fixture.store.backup(&copy).await.unwrap();
    fixture.store.close().await;
    fs::remove_file(fixture.database_path()).unwrap();
    Store::restore(&copy, &fixture.database_path())
        .await
        .unwrap();
    fixture.reopen().await;
    let read = fixture.store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(read, board(3));
}

#[tokio::test]
async fn a_first_start_that_was_interrupted_begins_again() {
    let fixture = used().await;
    fs::remove_file(fixture.database_path()).unwrap();
    fs::remove_file(fixture.key_path()).unwrap();
    fs::write(fixture.database_path(), "").unwrap();
    Store::open(&fixture.options).await.unwrap();
}
