//! What holds for all dashboards of the small world, and all ticks.

use gadget_api::GadgetDescription;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use super::fixtures::*;
use crate::sharing::{Proposal, Scope, Setup, Ticks};

const SEMANTICS: [&str; 7] = [
    "datasource",
    "vendor",
    "app",
    "period",
    "bucket",
    "include",
    "name",
];

#[derive(Clone, Copy, Debug)]
enum Kind {
    App,
    Vendor,
    Tracker,
    Clock,
}

impl Kind {
    fn gadget(self) -> GadgetDescription {
        match self {
            Self::App => app_users(),
            Self::Vendor => vendor_users(),
            Self::Tracker => tracker_users(),
            Self::Clock => clock(),
        }
    }
}

/// Values of the world, also such as do not fit together.
fn any_settings(kind: Kind) -> impl Strategy<Value = Value> {
    let datasources = match kind {
        Kind::Tracker => vec!["t1"],
        _ => vec!["d1", "d2"],
    };
    let vendors = select(vec!["v1", "v2", "v3"]);
    let apps = select(vec!["timeboard", "docflow", "signoff", "pager", "retired"]);
    let period = select(vec![
        json!({"kind": "last_30_days"}),
        json!({"kind": "custom", "from": "2026-09-01", "to": "2026-10-31"}),
    ]);
    let bucket = proptest::option::of(select(vec!["auto", "day", "week"]));
    let include = select(vec![json!([]), json!(["free"])]);
    (
        select(datasources),
        vendors,
        apps,
        period,
        bucket,
        include,
        "[a-z]{0,3}",
    )
        .prop_map(
            move |(datasource, vendor, app, period, bucket, include, name)| {
                let mut settings = json!({"period": period});
                let has_source = !matches!(kind, Kind::Clock);
                let has_extras = matches!(kind, Kind::App | Kind::Vendor);
                if has_source {
                    settings = with(
                        settings,
                        json!({"datasource": datasource, "vendor": vendor}),
                    );
                }
                if matches!(kind, Kind::App | Kind::Tracker) {
                    settings = with(settings, json!({"app": app}));
                }
                if has_extras {
                    settings = with(settings, json!({"include": include, "name": name}));
                }
                if let (true, Some(bucket)) = (has_extras, bucket) {
                    settings = with(settings, json!({"bucket": bucket}));
                }
                settings
            },
        )
}

fn any_kind() -> impl Strategy<Value = Kind> {
    select(vec![
        Kind::App,
        Kind::App,
        Kind::Vendor,
        Kind::Tracker,
        Kind::Clock,
    ])
}

type Plan = (Kind, Option<Value>);

/// A tile by its kind and its settings; without settings it is not set up.
fn any_tile() -> impl Strategy<Value = Plan> {
    any_kind().prop_flat_map(|kind| {
        proptest::option::weighted(0.8, any_settings(kind))
            .prop_map(move |settings| (kind, settings))
    })
}

fn tiles(plans: &[Plan]) -> Vec<Tile> {
    let tile = |(at, (kind, settings)): (usize, &Plan)| {
        let id = format!("t{at}");
        match settings {
            Some(settings) => Tile::of(&id, kind.gadget(), settings.clone()),
            None => Tile::new(&id, kind.gadget()),
        }
    };
    plans.iter().enumerate().map(tile).collect()
}

fn any_sharer() -> impl Strategy<Value = (Kind, Value)> {
    select(vec![Kind::App, Kind::App, Kind::Vendor, Kind::Tracker])
        .prop_flat_map(|kind| any_settings(kind).prop_map(move |settings| (kind, settings)))
}

fn any_ticks() -> impl Strategy<Value = Ticks> {
    vec((0..4_usize, select(SEMANTICS.to_vec())), 0..20).prop_map(|ticks| {
        ticks
            .into_iter()
            .map(|(tile, of)| (format!("t{tile}"), of))
            .collect()
    })
}

fn kind_of(datasource: &Value) -> Option<&'static str> {
    DATASOURCES
        .iter()
        .find(|(id, ..)| datasource == id)
        .map(|(.., kind)| *kind)
}

/// Returns the ticks that take something, as a preview of `wished` says.
fn takes(proposal: &Proposal, wished: &Ticks) -> Ticks {
    proposal
        .preview(Scope::AllCompatible, wished, &fine)
        .takes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_a_tick_nothing_changes((kind, settings) in any_sharer(), plans in vec(any_tile(), 0..4)) {
        let proposal = propose(&kind.gadget(), &settings, &tiles(&plans));
        let applied = proposal.apply(&Ticks::default(), REVISION, &fine).unwrap();
        prop_assert_eq!(applied.tiles, []);
        prop_assert_eq!(takes(&proposal, &Ticks::default()), Ticks::default());
    }

    #[test]
    fn what_a_preview_says_is_what_is_applied(
        (kind, settings) in any_sharer(), plans in vec(any_tile(), 1..4), wished in any_ticks(),
    ) {
        let proposal = propose(&kind.gadget(), &settings, &tiles(&plans));
        let preview = proposal.preview(Scope::AllCompatible, &wished, &fine);
        let applied = proposal.apply(&preview.takes(), REVISION, &fine).unwrap();
        for tile in &preview.tiles {
            let now = applied.tiles.iter().find(|now| now.tile == tile.tile);
            prop_assert_eq!(now.is_some(), tile.changes);
            for field in tile.fields.iter().filter(|field| field.takes) {
                prop_assert_eq!(field.field.value_in(&now.unwrap().settings), Some(&field.new.value));
            }
        }
        // A tick that cannot be kept is refused; else all of them are taken.
        match proposal.apply(&wished, REVISION, &fine) {
            Ok(all) => prop_assert_eq!(all, applied),
            Err(_) => prop_assert_ne!(wished, preview.takes()),
        }
    }

    #[test]
    fn fields_without_a_tick_and_names_keep_their_values(
        (kind, settings) in any_sharer(), plans in vec(any_tile(), 1..4), wished in any_ticks(),
    ) {
        let tiles = tiles(&plans);
        let proposal = propose(&kind.gadget(), &settings, &tiles);
        let applied = proposal.apply(&takes(&proposal, &wished), REVISION, &fine).unwrap();
        for now in &applied.tiles {
            let before = tiles.iter().find(|tile| tile.id == now.tile).unwrap();
            for semantic in SEMANTICS {
                if semantic == "name" || !wished.has(&now.tile, semantic) {
                    prop_assert_eq!(now.settings.get(semantic), before.settings.get(semantic));
                }
            }
        }
    }

    #[test]
    fn what_is_applied_validates_or_keeps_only_faults_that_it_had(
        (kind, settings) in any_sharer(), plans in vec(any_tile(), 1..4), wished in any_ticks(),
    ) {
        let tiles = tiles(&plans);
        let proposal = propose(&kind.gadget(), &settings, &tiles);
        for ticks in [wished, proposal.first_ticks(Scope::AllCompatible)] {
            let applied = proposal.apply(&takes(&proposal, &ticks), REVISION, &fine).unwrap();
            for now in &applied.tiles {
                let before = tiles.iter().find(|tile| tile.id == now.tile).unwrap();
                let faults = before.problems(&now.settings);
                match before.setup {
                    Setup::NotYet => prop_assert_eq!(faults, []),
                    Setup::Done => {
                        let known = before.problems(&before.settings);
                        prop_assert!(faults.iter().all(|fault| known.contains(fault)), "{faults:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_datasource_of_another_kind_is_never_taken(
        (kind, settings) in any_sharer(), plans in vec(any_tile(), 1..4), wished in any_ticks(),
    ) {
        let tiles = tiles(&plans);
        let proposal = propose(&kind.gadget(), &settings, &tiles);
        let applied = proposal.apply(&takes(&proposal, &wished), REVISION, &fine).unwrap();
        for now in &applied.tiles {
            let at = tiles.iter().position(|tile| tile.id == now.tile).unwrap();
            let own = if matches!(plans[at].0, Kind::Tracker) { TRACKER } else { MARKET };
            let shared = if matches!(kind, Kind::Tracker) { TRACKER } else { MARKET };
            prop_assert_eq!(kind_of(&now.settings["datasource"]), Some(own));
            prop_assert_eq!(own, shared);
            prop_assert!(!matches!(plans[at].0, Kind::Clock));
        }
    }

    #[test]
    fn applying_a_second_time_changes_nothing(
        (kind, settings) in any_sharer(), plans in vec(any_tile(), 1..4), wished in any_ticks(),
    ) {
        let mut tiles = tiles(&plans);
        for ticks in [Some(wished), None] {
            let proposal = propose(&kind.gadget(), &settings, &tiles);
            let ticks = ticks.unwrap_or_else(|| proposal.first_ticks(Scope::AllCompatible));
            let taken = takes(&proposal, &ticks);
            for now in proposal.apply(&taken, REVISION, &fine).unwrap().tiles {
                let tile = tiles.iter_mut().find(|tile| tile.id == now.tile).unwrap();
                tile.settings = now.settings;
                tile.setup = Setup::Done;
            }
            let again = propose(&kind.gadget(), &settings, &tiles);
            prop_assert_eq!(takes(&again, &taken), Ticks::default());
            if ticks == proposal.first_ticks(Scope::AllCompatible) {
                prop_assert_eq!(takes(&again, &ticks), Ticks::default());
            }
        }
    }
}
