//! Concurrent editors.

use std::path::Path;

use gadget_api::Version;
use serde_json::json;

use super::{
    fixture::{Fixture, on_both},
    *,
};
use crate::{
    domain::{Change, TileSettings},
    store::{Store, StoreError},
};

on_both!(
    of_two_changes_to_one_revision_one_succeeds,
    fifty_editors_lose_no_update,
);

async fn of_two_changes_to_one_revision_one_succeeds(fixture: Fixture) {
    fixture
        .store
        .create_dashboard(&board(1), now())
        .await
        .unwrap();
    let rename = |title: &str| Change::Rename { title: name(title) };
    let (one, other) = (rename("One"), rename("Other"));
    let id = board_id();
    let (first, second) = tokio::join!(
        fixture.store.change_dashboard(&id, 0, &one, None, now()),
        fixture.store.change_dashboard(&id, 0, &other, None, now()),
    );
    let (won, lost) = match (first, second) {
        (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
        other => panic!("{other:?}"),
    };
    let StoreError::Stale { current, .. } = lost else {
        panic!("{lost}");
    };
    assert_eq!(*current, won.dashboard);
}

/// Adds one to `n` of the first tiles, retrying until no other change comes first.
async fn add_one(store: Store, tiles: usize) {
    let mut seen = store.dashboard(&board_id()).await.unwrap().unwrap();
    loop {
        let added = values(&seen).into_iter().take(tiles).enumerate();
        let mut added: Vec<_> = added
            .map(|(tile, value)| TileSettings {
                tile: tile_id(tile),
                gadget_version: Version::new(1, 0, 0),
                settings: settings(json!({"n": value + 1})),
            })
            .collect();
        let change = match tiles {
            1 => Change::Configure {
                tile: added.remove(0),
            },
            _ => Change::Share { tiles: added },
        };
        let outcome = store
            .change_dashboard(&board_id(), seen.revision(), &change, None, now())
            .await;
        match outcome {
            Ok(_) => return,
            Err(StoreError::Stale { current, .. }) => seen = *current,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn fifty_editors_lose_no_update(fixture: Fixture) {
    fixture
        .store
        .create_dashboard(&board(3), now())
        .await
        .unwrap();
    // Every second editor shares settings with all tiles.
    let editors: Vec<_> = (0..50)
        .map(|editor| tokio::spawn(add_one(fixture.store.clone(), 1 + editor % 2 * 2)))
        .collect();
    for editor in editors {
        editor.await.unwrap();
    }
    let read = fixture.store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(values(&read), [50, 25, 25]);
    assert_eq!(read.revision(), 50);
    let history = fixture.store.history(&board_id(), 0).await.unwrap();
    let revisions: Vec<_> = history.iter().map(|record| record.revision).collect();
    assert_eq!(revisions, (1..=50).collect::<Vec<u64>>());
}

#[tokio::test]
async fn the_futures_of_a_store_are_send() {
    fn moves<T: Send>(_work: T) {}

    let Fixture { store, .. } = &Fixture::sqlite().await;
    let (id, change) = (board_id(), share(1, 1));
    let gadgets = ["users".to_owned()];
    moves(store.change_dashboard(&id, 0, &change, None, now()));
    moves(store.undo(&id, 1, |tile| gadgets.contains(&tile.gadget), None, now()));
    moves(store.dashboards());
    moves(store.put_blob("shop", "a", b"", 0));
    moves(store.rotate_key(Path::new("host.key")));
    moves(Store::restore(Path::new("a"), Path::new("b")));
}
