//! The preview: what the user sees before anything changes.

use std::collections::BTreeSet;

use gadget_api::FieldPath;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    offers::{OfferedField, Offers},
    outcome::{GadgetCheck, Outcome},
    proposal::{Plan, Proposal, ProposedTile},
    reason::{Reason, ReasonKind},
    ticks::{Scope, Ticks},
    tile::Setup,
};

/// What sharing would do, for some ticks.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Preview {
    /// The revision of the dashboard that it is for.
    pub revision: u64,
    /// Which tiles it shows.
    pub scope: Scope,
    /// How many compatible tiles are not set up.
    pub not_set_up: usize,
    /// How many tiles are compatible, set up or not.
    pub compatible: usize,
    /// How many tiles would change.
    pub changes: usize,
    /// A warning to show before anything is applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// The tiles, in reading order.
    pub tiles: Vec<TilePreview>,
}

/// What one tile would take, or why it takes nothing.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TilePreview {
    /// The id of the tile.
    pub tile: String,
    /// What a person calls it.
    pub title: String,
    /// The title of its gadget; its id where the library is absent.
    pub gadget: String,
    /// Whether it is set up.
    pub setup: Setup,
    /// Whether its gadget is compatible.
    pub is_compatible: bool,
    /// Whether it would change.
    pub changes: bool,
    /// Why it takes nothing at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nothing: Option<Reason>,
    /// The fields that mean the same as shared ones, in the order of its form.
    #[serde(default)]
    pub fields: Vec<FieldPreview>,
}

/// What one field of a tile would take, or why it takes nothing.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct FieldPreview {
    /// What it means.
    pub semantic: String,
    /// Where it is in the settings of the tile.
    pub field: FieldPath,
    /// What a person calls it.
    pub title: String,
    /// The value now; nothing where none is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<DisplayValue>,
    /// The value that it would take.
    pub new: DisplayValue,
    /// The value as it is shared, where the gadget converts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converted_from: Option<DisplayValue>,
    /// Whether it can be ticked at all.
    pub can_tick: bool,
    /// Whether it is ticked.
    pub ticked: bool,
    /// Whether it would take the value: where it is ticked and nothing stands in the way.
    pub takes: bool,
    /// Why it keeps its value, or is not ticked at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Reason>,
}

/// A value, and how it reads.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DisplayValue {
    /// The value as it stands in the settings.
    pub value: Value,
    /// How it reads in the words of the form.
    pub text: String,
}

impl Preview {
    /// Returns the ticks of the fields that would take their values: what to apply.
    #[must_use]
    pub fn takes(&self) -> Ticks {
        self.ticks_where(|field| field.takes)
    }

    /// Returns all ticks, also of fields that something stands in the way of: what to change and
    /// preview again.
    #[must_use]
    pub fn ticks(&self) -> Ticks {
        self.ticks_where(|field| field.ticked)
    }

    fn ticks_where(&self, holds: impl Fn(&FieldPreview) -> bool) -> Ticks {
        let mut ticks = Ticks::default();
        for tile in &self.tiles {
            for field in tile.fields.iter().filter(|field| holds(field)) {
                ticks.set(&tile.tile, &field.semantic);
            }
        }
        ticks
    }
}

impl Proposal {
    /// Says what sharing would do with the tiles of `scope`, for these ticks.
    ///
    /// A tick that cannot be applied is not an error: the field says why it keeps its value, and takes the
    /// new one as soon as other ticks allow it.
    #[must_use]
    pub fn preview(&self, scope: Scope, ticks: &Ticks, check: GadgetCheck<'_>) -> Preview {
        let tiles: Vec<TilePreview> = self
            .tiles
            .iter()
            .filter(|tile| tile.is_in(scope))
            .map(|tile| tile.preview(&ticks.of(&tile.tile), check))
            .collect();
        let compatible = || self.tiles.iter().filter(|tile| tile.is_compatible);
        Preview {
            revision: self.revision,
            scope,
            not_set_up: compatible()
                .filter(|tile| tile.setup == Setup::NotYet)
                .count(),
            compatible: compatible().count(),
            changes: tiles.iter().filter(|tile| tile.changes).count(),
            warning: self.warning.clone(),
            tiles,
        }
    }
}

impl ProposedTile {
    fn preview(&self, ticked: &BTreeSet<String>, check: GadgetCheck<'_>) -> TilePreview {
        let mut preview = TilePreview {
            tile: self.tile.clone(),
            title: self.title.clone(),
            gadget: self.gadget.clone(),
            setup: self.setup,
            is_compatible: self.is_compatible,
            changes: false,
            nothing: None,
            fields: Vec::new(),
        };
        match &self.plan {
            Plan::Nothing(reason) => preview.nothing = Some(reason.clone()),
            Plan::Offers(offers) => {
                let outcome = self.outcome_of(offers, ticked, check);
                preview.changes = !outcome.taken.is_empty();
                preview.fields = offers
                    .fields
                    .iter()
                    .map(|field| show(offers, field, ticked, &outcome))
                    .collect();
                preview.nothing = outcome.nothing;
            }
        }
        preview
    }
}

fn show(
    offers: &Offers,
    field: &OfferedField,
    ticked: &BTreeSet<String>,
    outcome: &Outcome,
) -> FieldPreview {
    let shown = |value: &Value| DisplayValue {
        value: value.clone(),
        text: offers.text(&field.member, value),
    };
    let is_ticked = field.is_open() && ticked.contains(&field.semantic);
    let not_ticked = || {
        (!is_ticked && field.differs_on_purpose())
            .then(|| Reason::new(ReasonKind::HasOwnValue, "it has a different value"))
    };
    let why = field
        .closed
        .clone()
        .or_else(|| outcome.kept.get(&field.semantic).cloned())
        .or_else(not_ticked);
    FieldPreview {
        semantic: field.semantic.clone(),
        field: super::field::path(&field.member),
        title: offers.title(&field.member),
        old: field.old.as_ref().map(shown),
        new: shown(&field.new),
        converted_from: field.shared.as_ref().map(shown),
        can_tick: field.is_open(),
        ticked: is_ticked,
        takes: outcome.taken.contains(&field.semantic),
        why,
    }
}
