//! Why a tile, or a field of it, takes nothing.

use gadget_api::FieldPath;
use serde::{Deserialize, Serialize};

use crate::text::one_line;

/// Why a tile, or a field of it, takes nothing, as far as a program acts on it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// The library of the gadget is missing.
    LibraryAbsent,
    /// The gadget reads another kind of datasource, or none.
    OtherDatasourceKind,
    /// No setting of the gadget means the same as a shared one.
    NoSharedSemantic,
    /// The setting means the same, but is of another type.
    OtherType,
    /// The user may not edit the tile.
    NotEditable,
    /// The values are the same already.
    AlreadyEqual,
    /// The gadget refuses the value.
    Refused,
    /// The field does not offer the value.
    NotOffered,
    /// The schema or the gadget does not accept the value.
    NotAccepted,
    /// A field that depends on this one would have a value that is no longer accepted.
    Dependent,
    /// The tile is not set up, and needs values that are not shared.
    Incomplete,
    /// What a field offers, or what the gadget takes, could not be determined.
    Unknown,
    /// The field has another value and is shared only when it is not set, so it is not ticked at first.
    HasOwnValue,
}

/// Why a tile, or a field of it, takes nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Reason {
    /// The reason for a program.
    pub kind: ReasonKind,
    /// The reason for a person: a clause without a full stop.
    pub text: String,
    /// The field that prevents it, if it is not the field that takes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldPath>,
}

impl Reason {
    pub(crate) fn new(kind: ReasonKind, text: impl AsRef<str>) -> Self {
        Self {
            kind,
            text: one_line(text.as_ref()),
            field: None,
        }
    }

    pub(crate) fn at(mut self, field: FieldPath) -> Self {
        self.field = Some(field);
        self
    }
}
