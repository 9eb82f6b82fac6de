//! Undo: until somebody else touched the same fields, in every order, and again.

use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use super::{
    changes::{any_change, any_dashboard},
    *,
};
use crate::domain::{Change, Refusal, undo};

/// A dashboard with everything that happened to it.
struct Story {
    now: Dashboard,
    history: Vec<Record>,
}

impl Story {
    fn new(now: Dashboard) -> Self {
        Self {
            now,
            history: Vec::new(),
        }
    }

    fn make(&mut self, change: &Change) -> u64 {
        self.write(change, None).unwrap()
    }

    fn write(&mut self, change: &Change, undoes: Option<u64>) -> Result<u64, Refusal> {
        let applied = self.now.apply(change)?;
        if applied.is_change() {
            self.history.push(record(&applied, change, undoes));
        }
        self.now = applied.dashboard;
        Ok(self.now.revision())
    }

    fn undo(&mut self, revision: u64) -> Result<u64, Refusal> {
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
    let mut story = Story::new(dashboard(&[
        tile("a", json!({"app": "x", "period": "month"})),
        tile("b", json!({"app": "y"})),
    ]));
    let shared = story.make(&share(&[
        ("a", json!({"app": "x", "period": "week"})),
        ("b", json!({"app": "y", "period": "week"})),
    ]));
    assert_eq!(story.undo(shared), Ok(2));
    assert_eq!(story.value("a"), json!({"app": "x", "period": "month"}));
    assert_eq!(story.value("b"), json!({"app": "y"}));
}

#[test]
fn an_undo_leaves_other_fields_as_they_became_since() {
    let mut story = Story::new(dashboard(&[tile("a", json!({"app": "x", "period": "m"}))]));
    let shared = story.make(&share(&[("a", json!({"app": "x", "period": "w"}))]));
    story.make(&configure("a", json!({"app": "z", "period": "w"})));
    story.undo(shared).unwrap();
    assert_eq!(story.value("a"), json!({"app": "z", "period": "m"}));
}

#[test]
fn the_whole_undo_is_refused_when_one_field_was_touched_later() {
    let mut story = Story::new(dashboard(&[
        tile("a", json!({"period": "m"})),
        tile("b", json!({"period": "m"})),
    ]));
    let shared = story.make(&share(&[
        ("a", json!({"period": "w"})),
        ("b", json!({"period": "w"})),
    ]));
    story.make(&configure("b", json!({"period": "d"})));
    let before = story.now.clone();
    let refusal = story.undo(shared).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "change 1 cannot be undone: `period` of “users” changed later, in change 2"
    );
    assert_eq!(story.now, before);
}

#[test]
fn a_tile_that_went_or_a_version_that_changed_is_in_the_way() {
    let upgraded = Change::Configure {
        tile: TileSettings {
            gadget_version: Version::new(2, 0, 0),
            ..tile_settings("a", json!({"period": "w", "new": 1}))
        },
    };
    for (later, expected) in [
        (
            Change::RemoveTile { tile: tile_id("a") },
            "a tile that is gone",
        ),
        (upgraded, "the gadget version of “users”"),
    ] {
        let mut story = Story::new(dashboard(&[tile("a", json!({"period": "m"}))]));
        let changed = story.make(&configure("a", json!({"period": "w"})));
        story.make(&later);
        let Err(Refusal::TouchedLater { fields, .. }) = story.undo(changed) else {
            panic!("the undo was not refused");
        };
        assert_eq!(fields, [expected]);
    }
}

#[test]
fn changes_are_undone_one_after_the_other_and_redone() {
    let mut story = Story::new(dashboard(&[]));
    let first = story.make(&rename("One"));
    let second = story.make(&rename("Two"));
    assert!(matches!(
        story.undo(first),
        Err(Refusal::TouchedLater { later: 2, .. })
    ));
    let back = story.undo(second).unwrap();
    assert_eq!(story.now.title().as_str(), "One");
    let start = story.undo(first).unwrap();
    assert_eq!(story.now.title().as_str(), "Board");
    assert_eq!(
        story.undo(first),
        Err(Refusal::UndoneAlready {
            revision: 1,
            by: start
        })
    );
    // The undo of the second change is older than the undo of the first.
    assert!(matches!(
        story.undo(back),
        Err(Refusal::TouchedLater { later: 4, .. })
    ));
    story.undo(start).unwrap();
    assert_eq!(story.now.title().as_str(), "One");
    story.undo(back).unwrap();
    assert_eq!(story.now.title().as_str(), "Two");
    story.undo(second).unwrap();
    story.undo(first).unwrap();
    assert_eq!(story.now.title().as_str(), "Board");
}

#[test]
fn a_removed_tile_comes_back_where_it_was() {
    let tiles = [
        tile("a", json!({})),
        tile("b", json!({"app": "x"})),
        tile("c", json!({})),
    ];
    let mut story = Story::new(dashboard(&tiles));
    let removed = story.make(&Change::RemoveTile { tile: tile_id("b") });
    story.make(&rename("Other"));
    story.undo(removed).unwrap();
    assert_eq!(story.now.tiles(), tiles);
}

#[test]
fn a_deleted_dashboard_is_restored_by_undo() {
    let mut story = Story::new(dashboard(&[tile("a", json!({}))]));
    let deleted = story.make(&Change::Delete);
    story.undo(deleted).unwrap();
    assert!(!story.now.is_deleted());
}

#[test]
fn tiles_of_an_absent_library_are_listed_and_skipped() {
    let mut absent = tile("b", json!({"period": "m"}));
    absent.gadget = "absent".to_owned();
    let mut story = Story::new(dashboard(&[tile("a", json!({"period": "m"})), absent]));
    let shared = story.make(&share(&[
        ("a", json!({"period": "w"})),
        ("b", json!({"period": "w"})),
    ]));
    let is_present = |tile: &Tile| tile.gadget != "absent";
    let step = undo(&story.now, &story.history, shared, is_present).unwrap();
    assert_eq!(step.skipped, [tile_id("b")]);
    story.write(&step.change, Some(shared)).unwrap();
    assert_eq!(story.value("a"), json!({"period": "m"}));
    assert_eq!(story.value("b"), json!({"period": "w"}));
    assert_eq!(
        undo(&story.now, &story.history[..1], shared, |_| false),
        Err(Refusal::AllAbsent { revision: 1 })
    );
}

#[test]
fn what_an_undo_skipped_still_stands_in_the_way_of_an_earlier_one() {
    let mut story = Story::new(dashboard(&[
        tile("a", json!({"period": "m"})),
        tile("b", json!({"period": "m"})),
    ]));
    let first = story.make(&configure("b", json!({"period": "q"})));
    let shared = story.make(&share(&[
        ("a", json!({"period": "w"})),
        ("b", json!({"period": "w"})),
    ]));
    let is_present = |tile: &Tile| tile.id == tile_id("a");
    let step = undo(&story.now, &story.history, shared, is_present).unwrap();
    story.write(&step.change, Some(shared)).unwrap();
    assert!(matches!(
        story.undo(first),
        Err(Refusal::TouchedLater { later: 2, .. })
    ));
}

#[test]
fn a_change_that_is_not_kept_cannot_be_undone() {
    let mut story = Story::new(dashboard(&[]));
    assert_eq!(story.undo(7), Err(Refusal::NoRecord { revision: 7 }));
}

proptest! {
    #[test]
    fn undoing_everything_from_the_last_gives_the_first_dashboard(
        before in any_dashboard(),
        changes in vec(any_change(), 0..12),
    ) {
        let mut story = Story::new(before.clone());
        for change in &changes {
            let _refused = story.write(change, None);
        }
        let made: Vec<_> = story.history.iter().map(|record| record.revision).collect();
        for revision in made.into_iter().rev() {
            story.undo(revision).unwrap();
        }
        prop_assert_eq!(content(&story.now), content(&before));
    }

    #[test]
    fn any_changes_and_undos_keep_tile_ids_unique_and_history_dense(
        before in any_dashboard(),
        steps in vec((any_change(), proptest::option::of(0..20_u64)), 0..30),
    ) {
        let mut story = Story::new(before);
        for (change, undone) in &steps {
            let _refused = match undone {
                Some(revision) => story.undo(*revision),
                None => story.write(change, None),
            };
            let ids: std::collections::BTreeSet<_> =
                story.now.tiles().iter().map(|tile| &tile.id).collect();
            prop_assert_eq!(ids.len(), story.now.tiles().len());
        }
        let revisions: Vec<_> = story.history.iter().map(|record| record.revision).collect();
        let dense: Vec<_> = (1..=story.now.revision()).collect();
        prop_assert_eq!(revisions, dense);
    }

    #[test]
    fn an_accepted_undo_sets_only_what_the_change_set(
        before in any_dashboard(),
        changes in vec(any_change(), 1..12),
        undone in 1..12_u64,
    ) {
        let mut story = Story::new(before);
        for change in &changes {
            let _refused = story.write(change, None);
        }
        let is_undone = story.undo(undone).is_ok();
        if let Some(last) = story.history.last()
            && is_undone
            && last.undoes == Some(undone)
        {
            let target = &story.history[usize::try_from(undone).unwrap() - 1];
            prop_assert!(last.touched.is_subset(&target.touched));
        }
    }
}
