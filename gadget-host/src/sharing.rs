//! Sharing: "use these settings for all compatible gadgets" of a dashboard.
//!
//! Values are matched by their meaning (`x-semantic`) between the tile that was set up and the other
//! tiles of the same dashboard. Nothing here fetches, stores or draws. A host proceeds like this:
//!
//! 1. [`Proposal::new`] looks at every tile once. This is the only step that asks gadgets, through
//!    [`ReceiverForm`]: what they take, and what their fields then offer. The proposal keeps the answers.
//! 2. [`Proposal::preview`] says, for some [`Ticks`], what each tile would take, or why it takes
//!    nothing. This is shown to the user, as JSON.
//! 3. [`Proposal::apply`] returns the new settings of all ticked tiles, or names the tiles and fields
//!    that prevent it. It sends no requests, so a host can write the result in one transaction.
//!
//! [`start_values`] does the same for a tile that is added later.

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
