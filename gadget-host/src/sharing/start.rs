//! The start values of a new tile: what the other tiles of its dashboard have in common.

use std::collections::{BTreeMap, BTreeSet};

use gadget_api::{FieldPath, GadgetDescription};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    compatibility::{Compatibility, OtherType, SharedField, compatibility},
    field,
    offers::{Candidate, Offers},
    outcome::{Completeness, outcome_of},
    tile::{ReceiverForm, Setup},
};

/// A tile of the dashboard that is set up and whose library is loaded.
#[derive(Clone, Copy, Debug)]
pub struct SetUpTile<'a> {
    /// What its gadget says about itself.
    pub gadget: &'a GadgetDescription,
    /// Its settings.
    pub settings: &'a Value,
}

/// The values that the form of a new tile starts with.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct StartValues {
    /// The settings: an object that need not be complete.
    pub settings: Value,
    /// The fields that come from the dashboard.
    pub fields: Vec<FieldPath>,
}

/// Returns the values that a new tile of `gadget` is offered: for each semantic, the value of more than
/// half of the compatible tiles that have one, where the gadget takes it and its form offers it.
///
/// Values that cannot be determined are left out.
#[must_use]
pub fn start_values(
    gadget: &GadgetDescription,
    form: &dyn ReceiverForm,
    tiles: &[SetUpTile<'_>],
) -> StartValues {
    let nothing = Value::Object(Map::new());
    let (compatibility, shared) = shared(gadget, tiles);
    let candidate = Candidate {
        gadget,
        form,
        own: &nothing,
        setup: Setup::NotYet,
    };
    let Ok(offers) = Offers::new(&candidate, &compatibility, &shared) else {
        return StartValues {
            settings: nothing,
            fields: Vec::new(),
        };
    };
    let all: BTreeSet<String> = shared.into_keys().collect();
    let outcome = outcome_of(&offers, &all, Completeness::NotNeeded, &|_| Vec::new());
    let fields = offers.fields.iter();
    StartValues {
        fields: fields
            .filter(|field| outcome.taken.contains(&field.semantic))
            .map(|field| field::path(&field.member))
            .collect(),
        settings: outcome.settings,
    }
}

/// Returns the values that most tiles agree on, by semantic, and the fields that take them.
fn shared(
    gadget: &GadgetDescription,
    tiles: &[SetUpTile<'_>],
) -> (Compatibility, BTreeMap<String, Value>) {
    let mut votes: BTreeMap<String, (SharedField, Vec<&Value>)> = BTreeMap::new();
    for tile in tiles {
        let Ok(compatibility) = compatibility(tile.gadget, gadget) else {
            continue;
        };
        for shared in compatibility.fields {
            let Some(value) = field::member(&shared.from)
                .and_then(|member| field::effective(&tile.gadget.schema, tile.settings, &member))
            else {
                continue;
            };
            votes
                .entry(shared.semantic.clone())
                .or_insert_with(|| (shared, Vec::new()))
                .1
                .push(value);
        }
    }
    let mut fields = Vec::new();
    let mut values = BTreeMap::new();
    for (semantic, (shared, of_tiles)) in votes {
        if let Some(value) = majority(&of_tiles) {
            values.insert(semantic, value.clone());
            fields.push(shared);
        }
    }
    let other_types: Vec<OtherType> = Vec::new();
    (
        Compatibility {
            fields,
            other_types,
        },
        values,
    )
}

/// Returns the value that more than half of all are equal to.
fn majority<'a>(values: &[&'a Value]) -> Option<&'a Value> {
    let count = |value: &Value| values.iter().filter(|other| **other == value).count();
    values
        .iter()
        .copied()
        .find(|value| count(value) * 2 > values.len())
}
