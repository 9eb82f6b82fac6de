//! What sharing would do with each tile of a dashboard, and everything needed to do it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    compatibility::{Compatibility, compatibility},
    field,
    offers::{Candidate, Offers},
    outcome::{Completeness, GadgetCheck, Outcome, outcome_of},
    reason::{Reason, ReasonKind},
    ticks::{Scope, Ticks},
    tile::{Editing, Exposure, Receiver, ReceiverGadget, Setup, Sharer},
};

/// What sharing would do with every other tile of a dashboard.
///
/// It holds the schemas that were resolved for it, so previewing and applying it send no requests. It is
/// a plain value for one revision of the dashboard, which a host can keep.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Proposal {
    pub(crate) revision: u64,
    pub(crate) warning: Option<String>,
    default_scope: Scope,
    pub(crate) tiles: Vec<ProposedTile>,
}

/// What one tile may take, or why it takes nothing.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct ProposedTile {
    pub(crate) tile: String,
    pub(crate) title: String,
    pub(crate) gadget: String,
    pub(crate) setup: Setup,
    pub(crate) is_compatible: bool,
    pub(crate) plan: Plan,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Plan {
    Nothing(Reason),
    Offers(Box<Offers>),
}

impl Proposal {
    /// Creates the proposal to share the settings of one tile with the other tiles of its dashboard.
    ///
    /// The receivers are all other tiles of the same dashboard at `revision`, in reading order. Their
    /// gadgets are asked now and not again, and only where the user may edit the tile.
    #[must_use]
    pub fn new(revision: u64, sharer: &Sharer<'_>, receivers: &[Receiver<'_>]) -> Self {
        let others = receivers.iter().filter(|other| other.tile != sharer.tile);
        let is_first = sharer.setup_before == Setup::NotYet
            && others.clone().all(|other| other.setup == Setup::NotYet);
        Self {
            revision,
            warning: warning(sharer),
            default_scope: if is_first {
                Scope::NotSetUp
            } else {
                Scope::AllCompatible
            },
            tiles: others.map(|other| propose(sharer, other)).collect(),
        }
    }

    /// Returns the revision of the dashboard that the proposal is for.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns the scope that a preview starts with: the tiles that are not set up if this is the first
    /// tile of the dashboard to be set up, else all.
    #[must_use]
    pub fn default_scope(&self) -> Scope {
        self.default_scope
    }

    /// Returns the ticks that a preview starts with: all except fields that have a different value and are
    /// shared only when unset (`x-share`).
    #[must_use]
    pub fn first_ticks(&self, scope: Scope) -> Ticks {
        let mut ticks = Ticks::default();
        for tile in self.tiles.iter().filter(|tile| tile.is_in(scope)) {
            for field in tile.offers().map_or(&[][..], |offers| &offers.fields) {
                if field.is_open() && !field.differs_on_purpose() {
                    ticks.set(&tile.tile, &field.semantic);
                }
            }
        }
        ticks
    }
}

impl ProposedTile {
    /// Returns what the tile may take, if it may take anything.
    pub(crate) fn offers(&self) -> Option<&Offers> {
        match &self.plan {
            Plan::Offers(offers) => Some(offers),
            Plan::Nothing(_) => None,
        }
    }

    /// Tells whether a preview of this scope shows the tile; one whose library is missing is always shown.
    pub(crate) fn is_in(&self, scope: Scope) -> bool {
        let is_absent =
            matches!(&self.plan, Plan::Nothing(reason) if reason.kind == ReasonKind::LibraryAbsent);
        scope == Scope::AllCompatible || self.setup == Setup::NotYet || is_absent
    }

    /// Returns what the tile takes when these semantics are ticked.
    pub(crate) fn outcome_of(
        &self,
        offers: &Offers,
        ticked: &BTreeSet<String>,
        check: GadgetCheck<'_>,
    ) -> Outcome {
        let check = |settings: &Value| check(&self.tile, settings);
        outcome_of(offers, ticked, Completeness::Needed, &check)
    }
}

/// Returns the warning that others would see data of a private datasource, if so.
fn warning(sharer: &Sharer<'_>) -> Option<String> {
    match &sharer.exposure {
        Exposure::Nothing => None,
        Exposure::PrivateDatasource { title } => Some(format!(
            "the datasource “{}” is private; everyone who can see this dashboard will see its data in the gadgets",
            crate::text::one_line(title)
        )),
    }
}

fn propose(sharer: &Sharer<'_>, receiver: &Receiver<'_>) -> ProposedTile {
    let (gadget, is_compatible, plan) = match &receiver.gadget {
        ReceiverGadget::Absent { id } => {
            let reason = Reason::new(
                ReasonKind::LibraryAbsent,
                "the library of its gadget is missing",
            );
            ((*id).to_owned(), false, Plan::Nothing(reason))
        }
        ReceiverGadget::Present { description, form } => {
            let candidate = Candidate {
                gadget: description,
                form: *form,
                own: receiver.settings,
                setup: receiver.setup,
            };
            let title = description.manifest.title.clone();
            match compatibility(sharer.gadget, description) {
                Err(incompatible) => (title, false, Plan::Nothing(incompatible.into())),
                Ok(compatibility) => {
                    let plan = plan(sharer, &candidate, &compatibility, &receiver.editing);
                    (title, true, plan.unwrap_or_else(Plan::Nothing))
                }
            }
        }
    };
    ProposedTile {
        tile: receiver.tile.to_owned(),
        title: receiver.title.to_owned(),
        gadget,
        setup: receiver.setup,
        is_compatible,
        plan,
    }
}

fn plan(
    sharer: &Sharer<'_>,
    candidate: &Candidate<'_>,
    compatibility: &Compatibility,
    editing: &Editing,
) -> Result<Plan, Reason> {
    if let Editing::Refused { why } = editing {
        return Err(Reason::new(ReasonKind::NotEditable, why));
    }
    let offers = Offers::new(candidate, compatibility, &shared(sharer, compatibility))?;
    let is_equal = |reason: &Reason| reason.kind == ReasonKind::AlreadyEqual;
    let all_equal = offers
        .fields
        .iter()
        .all(|field| field.closed.as_ref().is_some_and(is_equal));
    if all_equal {
        let text = "it already has these settings";
        return Err(Reason::new(ReasonKind::AlreadyEqual, text));
    }
    Ok(Plan::Offers(Box::new(offers)))
}

/// Returns the sharer's values by semantic, including defaults.
fn shared(sharer: &Sharer<'_>, compatibility: &Compatibility) -> BTreeMap<String, Value> {
    let of_other_types = compatibility.other_types.iter().map(|other| &other.field);
    compatibility
        .fields
        .iter()
        .chain(of_other_types)
        .filter_map(|shared| {
            let member = field::member(&shared.from)?;
            let value = field::effective(&sharer.gadget.schema, sharer.settings, &member)?;
            Some((shared.semantic.clone(), value.clone()))
        })
        .collect()
}
