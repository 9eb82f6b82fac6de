//! Sharing settings is all or nothing, whatever fails in between.

use super::{
    bed::{Bed, on_both},
    *,
};
use crate::store::StoreError;

on_both!(
    a_fault_at_any_call_changes_nothing,
    a_fault_at_any_call_of_an_undo_changes_nothing,
    a_fault_at_any_call_keeps_a_datasource_and_its_secrets,
);

const TILES: usize = 5;

async fn a_fault_at_any_call_changes_nothing(bed: Bed) {
    let store = &bed.store;
    store.create_dashboard(&board(TILES), now()).await.unwrap();
    let mut call = 0;
    loop {
        call += 1;
        store.fail_at(call);
        let outcome = store
            .change_dashboard(&board_id(), 0, &share(TILES, 7), None, now())
            .await;
        store.fail_never();
        let read = store.dashboard(&board_id()).await.unwrap().unwrap();
        let history = store.history(&board_id(), 0).await.unwrap();
        match outcome {
            Err(StoreError::Fault { .. }) => {
                assert_eq!(read, board(TILES), "call {call}");
                assert_eq!(history, [], "call {call}");
            }
            Ok(changed) => {
                assert_eq!(read, changed.dashboard);
                assert_eq!(values(&read), [7; TILES]);
                assert_eq!(history.len(), 1);
                break;
            }
            Err(error) => panic!("call {call}: {error}"),
        }
    }
    // Two reads, the dashboard, the tiles, two for the record, and the end.
    assert!(call > TILES as u64 + 6, "{call}");
}

async fn a_fault_at_any_call_of_an_undo_changes_nothing(bed: Bed) {
    let store = &bed.store;
    store.create_dashboard(&board(TILES), now()).await.unwrap();
    let shared = store
        .change_dashboard(&board_id(), 0, &share(TILES, 7), None, now())
        .await
        .unwrap();
    let mut call = 0;
    loop {
        call += 1;
        store.fail_at(call);
        let outcome = store.undo(&board_id(), 1, |_| true, None, now()).await;
        store.fail_never();
        let read = store.dashboard(&board_id()).await.unwrap().unwrap();
        match outcome {
            Err(StoreError::Fault { .. }) => assert_eq!(read, shared.dashboard, "call {call}"),
            Ok(_) => {
                assert_eq!(values(&read), [0; TILES]);
                assert_eq!(read.revision(), 2);
                break;
            }
            Err(error) => panic!("call {call}: {error}"),
        }
    }
    assert!(call > TILES as u64 + 6, "{call}");
}

async fn a_fault_at_any_call_keeps_a_datasource_and_its_secrets(bed: Bed) {
    let store = &bed.store;
    let before = datasources::create(store).await;
    let draft = datasources::draft(
        "https://b.example",
        &[("/user", "new-user"), ("/token", "new-token")],
    );
    let fields = [field("/user"), field("/token")];
    let mut call = 0;
    loop {
        call += 1;
        store.fail_at(call);
        let outcome = store
            .save_datasource(&before.id, 0, &draft, &field("/base"), &fields, now())
            .await;
        store.fail_never();
        let read = store.datasource(&before.id).await.unwrap().unwrap();
        let token = datasources::secret(store, "/token").await;
        let user = datasources::secret(store, "/user").await;
        match outcome {
            Err(StoreError::Fault { .. }) => {
                assert_eq!(read, before, "call {call}");
                assert_eq!(token.as_deref(), Some("canary-4711"));
                assert_eq!(user, None);
            }
            Ok(_) => {
                assert_eq!(token.as_deref(), Some("new-token"));
                assert_eq!(user.as_deref(), Some("new-user"));
                break;
            }
            Err(error) => panic!("call {call}: {error}"),
        }
    }
    assert!(call > 6, "{call}");
}
