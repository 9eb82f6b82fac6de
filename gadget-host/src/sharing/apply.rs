//! Applies a proposal: the new settings of all ticked tiles, or why there are none.

use gadget_api::{FieldPath, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    offers::Offers,
    outcome::{GadgetCheck, Outcome},
    proposal::{Plan, Proposal, ProposedTile},
    ticks::Ticks,
};

/// The new settings of all ticked tiles: one change of one revision of the dashboard.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct SharedSettings {
    /// The revision that the dashboard must still have.
    pub revision: u64,
    /// The tiles that change, in reading order.
    pub tiles: Vec<NewSettings>,
}

/// The new settings of one tile.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct NewSettings {
    /// The id of the tile.
    pub tile: String,
    /// The version of the gadget that they are for.
    pub gadget_version: Version,
    /// The settings, as a whole.
    pub settings: Value,
    /// The fields in which they differ from the ones before.
    pub fields: Vec<FieldPath>,
}

/// Why nothing was applied.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "not_applied", rename_all = "snake_case")]
pub enum ApplyError {
    /// The dashboard has changed since the proposal was made.
    #[error(
        "the dashboard is at revision {now} and the preview was made for revision {seen}; look at a new preview"
    )]
    Stale {
        /// The revision of the proposal.
        seen: u64,
        /// The revision of the dashboard.
        now: u64,
    },
    /// A tick is for a tile that is not one of the other tiles of this dashboard.
    #[error("the tile `{tile}` is not among the other tiles of this dashboard")]
    UnknownTile {
        /// The id.
        tile: String,
    },
    /// Some ticked fields cannot take their values, so no tile changes.
    #[error("nothing was changed: {}", refusals(refused))]
    Refused {
        /// Those fields, in reading order.
        refused: Vec<Refusal>,
    },
}

/// A ticked field that cannot take its value.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Refusal {
    /// The id of the tile.
    pub tile: String,
    /// What a person calls the tile.
    pub title: String,
    /// The semantic that was ticked.
    pub semantic: String,
    /// The path of the field, if the tile has one with this semantic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldPath>,
    /// What a person calls the field.
    pub field_title: String,
    /// Why it cannot take the value.
    pub why: String,
}

fn refusals(refused: &[Refusal]) -> String {
    let sentences = refused.iter().map(|refusal| {
        let Refusal {
            title,
            field_title,
            why,
            ..
        } = refusal;
        format!("“{title}”, {field_title}: {why}")
    });
    sentences.collect::<Vec<_>>().join("; ")
}

impl Proposal {
    /// Returns the new settings of all ticked tiles; `revision` is the current one of the dashboard.
    ///
    /// It takes the ticks of [`Preview::takes`](super::Preview::takes) and checks them again with the
    /// schemas that were resolved for the proposal. A field without a tick keeps its value.
    ///
    /// # Errors
    ///
    /// - [`ApplyError::Stale`] when the dashboard has another revision than the proposal.
    /// - [`ApplyError::UnknownTile`] when a tick is for no other tile of the dashboard.
    /// - [`ApplyError::Refused`] when a ticked field cannot take its value: it names all tiles and fields.
    pub fn apply(
        &self,
        ticks: &Ticks,
        revision: u64,
        check: GadgetCheck<'_>,
    ) -> Result<SharedSettings, ApplyError> {
        if revision != self.revision {
            return Err(ApplyError::Stale {
                seen: self.revision,
                now: revision,
            });
        }
        for (id, _) in ticks.iter() {
            if !self.tiles.iter().any(|tile| tile.tile == id) {
                return Err(ApplyError::UnknownTile {
                    tile: id.to_owned(),
                });
            }
        }
        let mut tiles = Vec::new();
        let mut refused = Vec::new();
        for tile in &self.tiles {
            match tile.apply(ticks, check) {
                Ok(settings) => tiles.extend(settings),
                Err(mut of_tile) => refused.append(&mut of_tile),
            }
        }
        if refused.is_empty() {
            return Ok(SharedSettings { revision, tiles });
        }
        Err(ApplyError::Refused { refused })
    }
}

impl ProposedTile {
    /// Returns the new settings of the tile, or `None` if it has no tick.
    fn apply(
        &self,
        ticks: &Ticks,
        check: GadgetCheck<'_>,
    ) -> Result<Option<NewSettings>, Vec<Refusal>> {
        let ticked = ticks.of(&self.tile);
        if ticked.is_empty() {
            return Ok(None);
        }
        let offers = match &self.plan {
            Plan::Offers(offers) => offers,
            Plan::Nothing(reason) => {
                let refusal = |semantic: &String| self.refusal(semantic, None, &reason.text);
                return Err(ticked.iter().map(refusal).collect());
            }
        };
        let outcome = self.outcome_of(offers, &ticked, check);
        let refused: Vec<Refusal> = ticked
            .iter()
            .filter(|semantic| !outcome.taken.contains(*semantic))
            .map(|semantic| self.refusal(semantic, Some(offers), &why(offers, &outcome, semantic)))
            .collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        let fields = offers.fields.iter();
        Ok(Some(NewSettings {
            tile: self.tile.clone(),
            gadget_version: offers.version,
            fields: fields
                .filter(|field| outcome.taken.contains(&field.semantic))
                .map(|field| super::field::path(&field.member))
                .collect(),
            settings: outcome.settings,
        }))
    }

    fn refusal(&self, semantic: &str, offers: Option<&Offers>, why: &str) -> Refusal {
        let field = offers.and_then(|offers| offers.field(semantic));
        Refusal {
            tile: self.tile.clone(),
            title: self.title.clone(),
            semantic: semantic.to_owned(),
            field: field.map(|field| super::field::path(&field.member)),
            field_title: match (offers, field) {
                (Some(offers), Some(field)) => offers.title(&field.member),
                _ => semantic.to_owned(),
            },
            why: why.to_owned(),
        }
    }
}

fn why(offers: &Offers, outcome: &Outcome, semantic: &str) -> String {
    let Some(field) = offers.field(semantic) else {
        return "it has no such field".to_owned();
    };
    field
        .closed
        .as_ref()
        .or_else(|| outcome.kept.get(semantic))
        .or(outcome.nothing.as_ref())
        .map_or_else(
            || "it is not accepted".to_owned(),
            |reason| reason.text.clone(),
        )
}
