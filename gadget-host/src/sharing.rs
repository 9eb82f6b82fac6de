//! Sharing: "use these settings for all compatible gadgets" of a dashboard.
//!
//! Values go by their meaning (`x-semantic`) from the tile that was set up to the other tiles of the
//! same dashboard. Nothing here fetches, stores or draws; a host goes this way:
//!
//! 1. [`Proposal::new`] looks at every tile once. Only now does it ask gadgets, through [`ReceiverForm`]: what
//!    they take, and what their fields offer then. The proposal keeps those answers.
//! 2. [`Proposal::preview`] says, for some [`Ticks`], what each tile would take, or why it takes
//!    nothing. It is what a person sees, and goes to a page as JSON.
//! 3. [`Proposal::apply`] makes the new settings of all ticked tiles, or names the tile and the field
//!    that stand in the way. It asks nobody, so a host can write its answer in one transaction.
//!
//! [`start_values`] is the same for a tile that is added later.

mod apply;
mod compatibility;
mod dependencies;
mod field;
mod offers;
mod outcome;
mod preview;
mod proposal;
mod reason;
mod start;
mod ticks;
mod tile;

pub use self::{
    apply::{ApplyError, NewSettings, Refusal, SharedSettings},
    compatibility::{
        Compatibility, Incompatible, OtherType, SharedField, can_share, compatibility,
    },
    outcome::GadgetCheck,
    preview::{DisplayValue, FieldPreview, Preview, TilePreview},
    proposal::Proposal,
    reason::{Reason, ReasonKind},
    start::{SetUpTile, StartValues, start_values},
    ticks::{Scope, Ticks},
    tile::{Editing, Exposure, Receiver, ReceiverForm, ReceiverGadget, Setup, Sharer},
};

#[cfg(test)]
mod tests;
