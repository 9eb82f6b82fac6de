//! Sharing settings, and undoing it, is all or nothing when a call fails.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    fixture::{Fixture, on_both},
    *,
};
use crate::{domain::ChangeRefusal, store::StoreError};

on_both!(
    a_fault_at_any_call_changes_nothing,
    a_fault_at_any_call_of_an_undo_changes_nothing,
    changes_are_undone_in_any_order,
    a_fault_at_any_call_changes_neither_a_datasource_nor_its_secrets,
);

const TILES: usize = 5;

async fn a_fault_at_any_call_changes_nothing(fixture: Fixture) {
    let store = &fixture.store;
    store.create_dashboard(&board(TILES), now()).await.unwrap();
    let mut call = 0;
    loop {
        call += 1;
        store.fail_at(call);
        let outcome = store
            .change_dashboard(&board_id(), 0, &share(TILES, 7), None, now())
            .await;
        store.stop_failing();
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

async fn a_fault_at_any_call_of_an_undo_changes_nothing(fixture: Fixture) {
    let store = &fixture.store;
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
        store.stop_failing();
        let read = store.dashboard(&board_id()).await.unwrap().unwrap();
        let history = store.history(&board_id(), 0).await.unwrap();
        match outcome {
            Err(StoreError::Fault { .. }) => {
                assert_eq!(read, shared.dashboard, "call {call}");
                assert_eq!(history.len(), 1, "call {call}");
            }
            Ok(_) => {
                assert_eq!(values(&read), [0; TILES]);
                assert_eq!(read.revision(), 2);
                assert_eq!(history.len(), 2);
                break;
            }
            Err(error) => panic!("call {call}: {error}"),
        }
    }
    assert!(call > TILES as u64 + 6, "{call}");
}

async fn a_fault_at_any_call_changes_neither_a_datasource_nor_its_secrets(fixture: Fixture) {
    let store = &fixture.store;
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
        store.stop_failing();
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

/// What each change sets: a member of a tile, and its value.
const CHANGES: [&[(usize, &str, u64)]; 4] = [
    &[(0, "n", 1), (1, "n", 1), (2, "n", 1)],
    &[(1, "y", 5), (2, "n", 4)],
    &[(1, "y", 6), (2, "y", 6)],
    &[(0, "n", 2), (2, "z", 7)],
];

/// Returns the settings of the three tiles when only these changes were made.
fn expected_settings(changes: impl Iterator<Item = usize>) -> Vec<Value> {
    let mut tiles = vec![json!({"n": 0}); 3];
    for (tile, member, value) in changes.flat_map(|change| CHANGES[change]) {
        tiles[*tile][*member] = json!(value);
    }
    tiles
}

fn orders() -> Vec<[usize; 4]> {
    let all = (0..256).map(|number| [64, 16, 4, 1].map(|place| number / place % 4));
    all.filter(|order| BTreeSet::from(*order).len() == 4)
        .collect()
}

async fn changes_are_undone_in_any_order(fixture: Fixture) {
    let store = &fixture.store;
    let orders = orders();
    assert_eq!(orders.len(), 24);
    for order in orders {
        let id = DashboardId::parse(&format!("board-{order:?}").replace(['[', ']', ',', ' '], ""));
        let id = id.unwrap();
        let mut numbers = 0..;
        let new_tile_id = || tile_id(numbers.next().unwrap());
        let start = board(3).cloned_as(id.clone(), name("Board"), user_id("owner"), new_tile_id);
        store.create_dashboard(&start, now()).await.unwrap();
        for (change, sets) in CHANGES.iter().enumerate() {
            let after = expected_settings(0..=change);
            let touched: BTreeSet<usize> = sets.iter().map(|(tile, ..)| *tile).collect();
            let tiles = touched.into_iter().map(|tile| TileSettings {
                tile: tile_id(tile),
                gadget_version: Version::new(1, 0, 0),
                settings: settings(after[tile].clone()),
            });
            let shared = Change::Share {
                tiles: tiles.collect(),
            };
            let seen = change as u64;
            let made = store.change_dashboard(&id, seen, &shared, None, now());
            made.await.unwrap();
        }
        let mut in_effect = BTreeSet::from([0, 1, 2, 3]);
        let mut revision = 4;
        for change in order {
            let mine = |(tile, member)| {
                CHANGES[change]
                    .iter()
                    .any(|own| (own.0, own.1) == (tile, member))
            };
            let conflicts: BTreeMap<(usize, &str), usize> = in_effect
                .iter()
                .filter(|later| **later > change)
                .flat_map(|later| CHANGES[*later].iter().map(|set| ((set.0, set.1), *later)))
                .filter(|(place, _)| mine(*place))
                .collect();
            let undone = store
                .undo(&id, change as u64 + 1, |_| true, None, now())
                .await;
            match undone {
                Ok(_) => {
                    assert!(conflicts.is_empty(), "{order:?}: {change}");
                    in_effect.remove(&change);
                    revision += 1;
                }
                Err(StoreError::Refused(ChangeRefusal::ChangedLater { fields, .. })) => {
                    let named = conflicts.keys();
                    let named: Vec<_> = named
                        .map(|(_, member)| format!("`{member}` of “users”"))
                        .collect();
                    assert_eq!(fields, named, "{order:?}: {change}");
                    assert_ne!(fields, [""; 0]);
                }
                Err(error) => panic!("{order:?}: {change}: {error}"),
            }
            let read = store.dashboard(&id).await.unwrap().unwrap();
            let found: Vec<_> = read
                .tiles()
                .iter()
                .map(|tile| tile.settings.to_value())
                .collect();
            assert_eq!(
                found,
                expected_settings(in_effect.iter().copied()),
                "{order:?}: {change}"
            );
            assert_eq!(read.revision(), revision, "{order:?}: {change}");
        }
    }
}
