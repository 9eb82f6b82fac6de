//! Dashboards: reading and writing, stale changes, history and undo.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use gadget_api::{TileSize, Version};
use serde_json::json;

use super::{
    fixture::{Fixture, on_both},
    *,
};
use crate::{
    domain::{Change, ChangeRefusal, Permission, RefreshMinutes, Tile},
    store::{Event, StoreError},
};

on_both!(
    a_dashboard_is_read_back_as_written,
    a_dashboard_id_is_used_once,
    a_stale_change_is_refused_with_what_changed,
    a_change_without_effect_writes_nothing,
    a_refused_change_writes_nothing,
    each_change_is_written_as_the_domain_applies_it,
    undo_and_redo_are_changes,
    an_undo_that_conflicts_with_later_changes_is_refused,
    old_records_are_deleted,
    dashboards_are_purged_some_time_after_deletion,
    titles_sort_by_code_point,
    an_event_follows_each_saved_change,
    a_missing_dashboard_is_an_error,
);

fn rename(title: &str) -> Change {
    Change::Rename { title: name(title) }
}

async fn a_dashboard_is_read_back_as_written(mut fixture: Fixture) {
    let odd = Tile {
        name: Some(name("<b>Ünïcode \u{202e}名 🚀</b>")),
        settings: settings(json!({
            "z": null, "a": [1.5, -0.0, 1e300, 9_007_199_254_740_993_i64],
            "nested": {"text": "line\nbreak \"quoted\" \\ \u{0}", "empty": {}},
        })),
        refresh: Some(RefreshMinutes::new(15).unwrap()),
        ..Tile::new(tile_id(9), "users", Version::new(1, 2, 3), TileSize::XL)
    };
    let dashboard = board(2)
        .apply(&Change::AddTile { tile: odd, at: 1 })
        .unwrap()
        .dashboard
        .apply(&Change::SetPermission {
            permission: Permission::OnlyNamed {
                users: [user_id("a")].into(),
                editors: [user_id("b")].into(),
            },
        })
        .unwrap()
        .dashboard;
    fixture
        .store
        .create_dashboard(&dashboard, now())
        .await
        .unwrap();
    let read = fixture.store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(read, dashboard);
    // Forms show members in this order.
    let keys: Vec<_> = read.tiles()[1].settings.members().keys().collect();
    assert_eq!(keys, ["z", "a", "nested"]);
    fixture.reopen().await;
    let listed = fixture.store.dashboards().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].dashboard, dashboard);
    assert_eq!(listed[0].created_at, now());
}

async fn a_dashboard_id_is_used_once(fixture: Fixture) {
    fixture
        .store
        .create_dashboard(&board(1), now())
        .await
        .unwrap();
    let again = fixture.store.create_dashboard(&board(3), now()).await;
    assert!(matches!(
        again,
        Err(StoreError::Taken { what: "dashboard" })
    ));
    let read = fixture.store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(read, board(1));
}

async fn a_stale_change_is_refused_with_what_changed(fixture: Fixture) {
    let store = &fixture.store;
    store.create_dashboard(&board(1), now()).await.unwrap();
    let by = user_id("ann");
    for (revision, title) in [(0, "One"), (1, "Two")] {
        store
            .change_dashboard(&board_id(), revision, &rename(title), Some(&by), now())
            .await
            .unwrap();
    }
    let refused = store
        .change_dashboard(&board_id(), 1, &rename("Mine"), None, now())
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the dashboard was changed in the meantime: renamed the dashboard to “Two”"
    );
    let StoreError::Stale { current, records } = refused else {
        panic!("it was not stale");
    };
    assert_eq!(current.title().as_str(), "Two");
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].by, Some(by));
    assert_eq!(records[0].at, now());
    // A future revision is as stale as an old one.
    let ahead = store
        .change_dashboard(&board_id(), 9, &rename("Mine"), None, now())
        .await;
    assert!(matches!(ahead, Err(StoreError::Stale { records, .. }) if records.is_empty()));
}

async fn a_change_without_effect_writes_nothing(fixture: Fixture) {
    let store = &fixture.store;
    store.create_dashboard(&board(1), now()).await.unwrap();
    let changed = store
        .change_dashboard(&board_id(), 0, &rename("Board"), None, now())
        .await
        .unwrap();
    assert_eq!(changed.record, None);
    assert_eq!(changed.dashboard.revision(), 0);
    assert_eq!(store.history(&board_id(), 0).await.unwrap(), []);
}

async fn a_refused_change_writes_nothing(fixture: Fixture) {
    let store = &fixture.store;
    store.create_dashboard(&board(2), now()).await.unwrap();
    let refused = store
        .change_dashboard(&board_id(), 0, &share(3, 1), None, now())
        .await;
    assert!(matches!(
        refused,
        Err(StoreError::Refused(ChangeRefusal::UnknownTile { .. }))
    ));
    let read = store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(read, board(2));
}

async fn each_change_is_written_as_the_domain_applies_it(fixture: Fixture) {
    let store = &fixture.store;
    store.create_dashboard(&board(4), now()).await.unwrap();
    let tile = |number| tile_id(number);
    let changes = [
        rename("Sales"),
        Change::MoveTile {
            tile: tile(0),
            to: 3,
        },
        Change::DuplicateTile {
            tile: tile(1),
            copy: tile(10),
        },
        Change::RemoveTile { tile: tile(2) },
        Change::Resize {
            tile: tile(3),
            size: TileSize::S,
        },
        Change::NameTile {
            tile: tile(3),
            name: Some(name("Three")),
        },
        Change::NameTile {
            tile: tile(3),
            name: None,
        },
        Change::SetRefresh {
            tile: tile(3),
            refresh: Some(RefreshMinutes::new(5).unwrap()),
        },
        Change::SetPermission {
            permission: Permission::SomeEdit {
                editors: BTreeSet::from([user_id("ann")]),
            },
        },
        Change::Delete,
        Change::Restore,
    ];
    let mut expected = board(4);
    for change in &changes {
        let revision = expected.revision();
        let changed = store
            .change_dashboard(&board_id(), revision, change, None, now())
            .await
            .unwrap();
        expected = expected.apply(change).unwrap().dashboard;
        assert_eq!(changed.dashboard, expected);
        let read = store.dashboard(&board_id()).await.unwrap().unwrap();
        assert_eq!(read, expected, "{change:?}");
    }
    let history = store.history(&board_id(), 0).await.unwrap();
    let made: Vec<_> = history.iter().map(|record| &record.change).collect();
    assert_eq!(made, changes.iter().collect::<Vec<_>>());
    let later = store.history(&board_id(), 9).await.unwrap();
    assert_eq!(later, history[9..]);
}

async fn undo_and_redo_are_changes(fixture: Fixture) {
    let store = &fixture.store;
    store.create_dashboard(&board(5), now()).await.unwrap();
    store
        .change_dashboard(&board_id(), 0, &share(5, 7), None, now())
        .await
        .unwrap();
    let undone = store
        .undo(&board_id(), 1, |_| true, None, now())
        .await
        .unwrap();
    assert_eq!(undone.changed.dashboard.revision(), 2);
    assert_eq!(values(&undone.changed.dashboard), [0; 5]);
    let record = undone.changed.record.unwrap();
    assert_eq!(record.undoes, Some(1));
    assert_eq!(
        record.summary,
        "undid change 1: restored settings of 5 gadgets"
    );
    let again = store.undo(&board_id(), 1, |_| true, None, now()).await;
    assert!(matches!(
        again,
        Err(StoreError::Refused(ChangeRefusal::AlreadyUndone {
            by: 2,
            ..
        }))
    ));
    let is_present = |tile: &Tile| tile.id != tile_id(3);
    let redone = store
        .undo(&board_id(), 2, is_present, None, now())
        .await
        .unwrap();
    assert_eq!(redone.skipped, [tile_id(3)]);
    let read = store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(values(&read), [7, 7, 7, 0, 7]);
    assert_eq!(read.revision(), 3);
}

async fn an_undo_that_conflicts_with_later_changes_is_refused(fixture: Fixture) {
    let store = &fixture.store;
    store.create_dashboard(&board(2), now()).await.unwrap();
    for (revision, title) in [(0, "One"), (1, "Two")] {
        store
            .change_dashboard(&board_id(), revision, &rename(title), None, now())
            .await
            .unwrap();
    }
    let refused = store
        .undo(&board_id(), 1, |_| true, None, now())
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "change 1 cannot be undone: the title changed later, in change 2; undo that one first"
    );
    let read = store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(read.revision(), 2);
}

async fn old_records_are_deleted(fixture: Fixture) {
    let store = &fixture.store;
    store.create_dashboard(&board(0), now()).await.unwrap();
    for revision in 0..505 {
        let change = rename(&format!("Title {revision}"));
        store
            .change_dashboard(&board_id(), revision, &change, None, now())
            .await
            .unwrap();
    }
    let history = store.history(&board_id(), 0).await.unwrap();
    assert_eq!(history.len(), 500);
    assert_eq!(history[0].revision, 6);
    let gone = store.undo(&board_id(), 5, |_| true, None, now()).await;
    assert!(matches!(
        gone,
        Err(StoreError::Refused(ChangeRefusal::UnknownChange {
            revision: 5
        }))
    ));
}

async fn dashboards_are_purged_some_time_after_deletion(fixture: Fixture) {
    let store = &fixture.store;
    store.create_dashboard(&board(2), now()).await.unwrap();
    store
        .change_dashboard(&board_id(), 0, &Change::Delete, None, now())
        .await
        .unwrap();
    assert_eq!(store.purge_dashboards(now()).await.unwrap(), 0);
    assert!(store.dashboard(&board_id()).await.unwrap().is_some());
    let later = now() + TimeDelta::microseconds(1);
    assert_eq!(store.purge_dashboards(later).await.unwrap(), 1);
    assert_eq!(store.dashboard(&board_id()).await.unwrap(), None);
    assert_eq!(store.history(&board_id(), 0).await.unwrap(), []);
}

async fn titles_sort_by_code_point(fixture: Fixture) {
    let titles = ["a b", "B", "ab", "Ä", "a", "1", "_", "A", "é", "🚀", "z"];
    for (number, title) in titles.iter().enumerate() {
        let id = DashboardId::parse(&format!("d{number}")).unwrap();
        let dashboard = Dashboard::new(id, name(title), user_id("owner"));
        fixture
            .store
            .create_dashboard(&dashboard, now())
            .await
            .unwrap();
    }
    let listed = fixture.store.dashboards().await.unwrap();
    let found: Vec<_> = listed
        .iter()
        .map(|listed| listed.dashboard.title().as_str())
        .collect();
    assert_eq!(
        found,
        ["1", "A", "B", "_", "a", "a b", "ab", "z", "Ä", "é", "🚀"]
    );
}

async fn an_event_follows_each_saved_change(fixture: Fixture) {
    let mut events = fixture.store.events();
    fixture
        .store
        .create_dashboard(&board(1), now())
        .await
        .unwrap();
    let event = |revision| {
        Some(Event::Dashboard {
            id: board_id(),
            revision,
        })
    };
    assert_eq!(events.next().await, event(0));
    fixture
        .store
        .change_dashboard(&board_id(), 0, &rename("x"), None, now())
        .await
        .unwrap();
    assert_eq!(events.next().await, event(1));
    let read = fixture.store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(read.revision(), 1);
}

async fn a_missing_dashboard_is_an_error(fixture: Fixture) {
    let store = &fixture.store;
    store.check().await.unwrap();
    assert_eq!(store.dashboard(&board_id()).await.unwrap(), None);
    let change = store
        .change_dashboard(&board_id(), 0, &rename("x"), None, now())
        .await
        .unwrap_err();
    assert_eq!(change.to_string(), "there is no dashboard `board`");
    let undo = store.undo(&board_id(), 1, |_| true, None, now()).await;
    assert!(matches!(undo, Err(StoreError::NotFound { .. })));
}
