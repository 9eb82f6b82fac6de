//! Undo: allowed until the same fields change again, in any order, and undoable itself.

use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use super::{
    changes::{any_change, any_dashboard},
    *,
};
use crate::domain::{Change, ChangeRefusal, undo};

/// A dashboard with everything that happened to it.
struct Editing {
    now: Dashboard,
    history: Vec<ChangeRecord>,
}

impl Editing {
    fn new(now: Dashboard) -> Self {
        Self {
            now,
            history: Vec::new(),
        }
    }

    fn make(&mut self, change: &Change) -> u64 {
        self.write(change, None).unwrap()
    }

    fn write(&mut self, change: &Change, undoes: Option<u64>) -> Result<u64, ChangeRefusal> {
        let applied = self.now.apply(change)?;
        if applied.is_change() {
            self.history.push(record(&applied, change, undoes));
        }
        self.now = applied.dashboard;
        Ok(self.now.revision())
    }

    fn undo(&mut self, revision: u64) -> Result<u64, ChangeRefusal> {
        let step = undo(&self.now, &self.history, revision, |_| true)?;
        self.write(&step.change, Some(revision))
    }

    fn value(&self, id: &str) -> Value {
        self.now.tile(&tile_id(id)).unwrap().settings.to_value()
    }
}

fn share(values: &[(&str, Value)]) -> Change {
    Change::Share {
        tiles: values
            .iter()
            .map(|(id, value)| tile_settings(id, value.clone()))
            .collect(),
    }
}

fn configure(id: &str, value: Value) -> Change {
    Change::Configure {
        tile: tile_settings(id, value),
    }
}

fn rename(text: &str) -> Change {
    Change::Rename { title: name(text) }
}

#[test]
fn sharing_is_undone_in_one_step() {
    let mut editing = Editing::new(dashboard(&[
        tile("a", json!({"app": "x", "period": "month"})),
        tile("b", json!({"app": "y"})),
    ]));
    let shared = editing.make(&share(&[
        ("a", json!({"app": "x", "period": "week"})),
        ("b", json!({"app": "y", "period": "week"})),
    ]));
    assert_eq!(editing.undo(shared), Ok(2));
    assert_eq!(editing.value("a"), json!({"app": "x", "period": "month"}));
    assert_eq!(editing.value("b"), json!({"app": "y"}));
}

#[test]
fn an_undo_keeps_later_changes_of_other_fields() {
    let mut editing = Editing::new(dashboard(&[tile("a", json!({"app": "x", "period": "m"}))]));
    let shared = editing.make(&share(&[("a", json!({"app": "x", "period": "w"}))]));
    editing.make(&configure("a", json!({"app": "z", "period": "w"})));
    editing.undo(shared).unwrap();
    assert_eq!(editing.value("a"), json!({"app": "z", "period": "m"}));
}

#[test]
fn an_undo_is_refused_when_one_of_its_fields_changed_later() {
    let mut editing = Editing::new(dashboard(&[
        tile("a", json!({"period": "m"})),
        tile("b", json!({"period": "m"})),
    ]));
    let shared = editing.make(&share(&[
        ("a", json!({"period": "w"})),
        ("b", json!({"period": "w"})),
    ]));
    editing.make(&configure("b", json!({"period": "d"})));
    let before = editing.now.clone();
    let refusal = editing.undo(shared).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "change 1 cannot be undone: `period` of “users” changed later, in change 2; undo that one first"
    );
    assert_eq!(editing.now, before);
}

#[test]
fn a_removed_tile_or_a_changed_version_prevents_an_undo() {
    let upgraded = Change::Configure {
        tile: TileSettings {
            gadget_version: Version::new(2, 0, 0),
            ..tile_settings("a", json!({"period": "w", "new": 1}))
        },
    };
    for (later, expected) in [
        (
            Change::RemoveTile { tile: tile_id("a") },
            "a removed gadget",
        ),
        (upgraded, "the gadget version of “users”"),
    ] {
        let mut editing = Editing::new(dashboard(&[tile("a", json!({"period": "m"}))]));
        let changed = editing.make(&configure("a", json!({"period": "w"})));
        editing.make(&later);
        let Err(ChangeRefusal::ChangedLater { fields, .. }) = editing.undo(changed) else {
            panic!("the undo was not refused");
        };
        assert_eq!(fields, [expected]);
    }
}

#[test]
fn changes_are_undone_in_turn_and_redone() {
    let mut editing = Editing::new(dashboard(&[]));
    let first = editing.make(&rename("One"));
    let second = editing.make(&rename("Two"));
    assert!(matches!(
        editing.undo(first),
        Err(ChangeRefusal::ChangedLater { later: 2, .. })
    ));
    let back = editing.undo(second).unwrap();
    assert_eq!(editing.now.title().as_str(), "One");
    let start = editing.undo(first).unwrap();
    assert_eq!(editing.now.title().as_str(), "Board");
    assert_eq!(
        editing.undo(first),
        Err(ChangeRefusal::AlreadyUndone {
            revision: 1,
            by: start
        })
    );
    // The undo of the second change is older than the undo of the first.
    assert!(matches!(
        editing.undo(back),
        Err(ChangeRefusal::ChangedLater { later: 4, .. })
    ));
    editing.undo(start).unwrap();
    assert_eq!(editing.now.title().as_str(), "One");
    editing.undo(back).unwrap();
    assert_eq!(editing.now.title().as_str(), "Two");
    editing.undo(second).unwrap();
    editing.undo(first).unwrap();
    assert_eq!(editing.now.title().as_str(), "Board");
}

#[test]
fn a_removed_tile_is_restored_at_its_position() {
    let tiles = [
        tile("a", json!({})),
        tile("b", json!({"app": "x"})),
        tile("c", json!({})),
    ];
    let mut editing = Editing::new(dashboard(&tiles));
    let removed = editing.make(&Change::RemoveTile { tile: tile_id("b") });
    editing.make(&rename("Other"));
    editing.undo(removed).unwrap();
    assert_eq!(editing.now.tiles(), tiles);
}

#[test]
fn a_deleted_dashboard_is_restored_by_undo() {
    let mut editing = Editing::new(dashboard(&[tile("a", json!({}))]));
    let deleted = editing.make(&Change::Delete);
    editing.undo(deleted).unwrap();
    assert!(!editing.now.is_deleted());
}

#[test]
fn tiles_of_a_missing_library_are_listed_and_skipped() {
    let mut absent = tile("b", json!({"period": "m"}));
    absent.gadget = "absent".to_owned();
    let mut editing = Editing::new(dashboard(&[tile("a", json!({"period": "m"})), absent]));
    let shared = editing.make(&share(&[
        ("a", json!({"period": "w"})),
        ("b", json!({"period": "w"})),
    ]));
    let is_present = |tile: &Tile| tile.gadget != "absent";
    let step = undo(&editing.now, &editing.history, shared, is_present).unwrap();
    assert_eq!(step.skipped, [tile_id("b")]);
    editing.write(&step.change, Some(shared)).unwrap();
    assert_eq!(editing.value("a"), json!({"period": "m"}));
    assert_eq!(editing.value("b"), json!({"period": "w"}));
    assert_eq!(
        undo(&editing.now, &editing.history[..1], shared, |_| false),
        Err(ChangeRefusal::LibrariesMissing { revision: 1 })
    );
}

#[test]
fn a_field_that_an_undo_skipped_prevents_an_earlier_undo() {
    let mut editing = Editing::new(dashboard(&[
        tile("a", json!({"period": "m"})),
        tile("b", json!({"period": "m"})),
    ]));
    let first = editing.make(&configure("b", json!({"period": "q"})));
    let shared = editing.make(&share(&[
        ("a", json!({"period": "w"})),
        ("b", json!({"period": "w"})),
    ]));
    let is_present = |tile: &Tile| tile.id == tile_id("a");
    let step = undo(&editing.now, &editing.history, shared, is_present).unwrap();
    editing.write(&step.change, Some(shared)).unwrap();
    assert!(matches!(
        editing.undo(first),
        Err(ChangeRefusal::ChangedLater { later: 2, .. })
    ));
}

#[test]
fn a_change_outside_the_history_cannot_be_undone() {
    let mut editing = Editing::new(dashboard(&[]));
    assert_eq!(
        editing.undo(7),
        Err(ChangeRefusal::UnknownChange { revision: 7 })
    );
}

proptest! {
    #[test]
    fn undoing_all_changes_from_the_last_restores_the_dashboard(
        before in any_dashboard(),
        changes in vec(any_change(), 0..12),
    ) {
        let mut editing = Editing::new(before.clone());
        for change in &changes {
            let _refused = editing.write(change, None);
        }
        let made: Vec<_> = editing.history.iter().map(|record| record.revision).collect();
        for revision in made.into_iter().rev() {
            editing.undo(revision).unwrap();
        }
        prop_assert_eq!(content(&editing.now), content(&before));
    }

    #[test]
    fn changes_and_undos_keep_tile_ids_unique_and_the_history_without_gaps(
        before in any_dashboard(),
        steps in vec((any_change(), proptest::option::of(0..20_u64)), 0..30),
    ) {
        let mut editing = Editing::new(before);
        for (change, undone) in &steps {
            let _refused = match undone {
                Some(revision) => editing.undo(*revision),
                None => editing.write(change, None),
            };
            let ids: std::collections::BTreeSet<_> =
                editing.now.tiles().iter().map(|tile| &tile.id).collect();
            prop_assert_eq!(ids.len(), editing.now.tiles().len());
        }
        let revisions: Vec<_> = editing.history.iter().map(|record| record.revision).collect();
        let dense: Vec<_> = (1..=editing.now.revision()).collect();
        prop_assert_eq!(revisions, dense);
    }

    #[test]
    fn an_accepted_undo_sets_only_what_the_change_set(
        before in any_dashboard(),
        changes in vec(any_change(), 1..12),
        undone in 1..12_u64,
    ) {
        let mut editing = Editing::new(before);
        for change in &changes {
            let _refused = editing.write(change, None);
        }
        let is_undone = editing.undo(undone).is_ok();
        if let Some(last) = editing.history.last()
            && is_undone
            && last.undoes == Some(undone)
        {
            let target = &editing.history[usize::try_from(undone).unwrap() - 1];
            prop_assert!(last.touched.is_subset(&target.touched));
        }
    }
}
