//! The tiles that take part in sharing: the one whose settings are shared, and the others.

use std::collections::BTreeMap;

use gadget_api::{Adoption, Error, GadgetDescription};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whether a tile has been set up.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setup {
    /// It has settings that were accepted once.
    Done,
    /// It has not been set up yet.
    NotYet,
}

/// Whether the user may edit a tile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Editing {
    /// The user may edit it.
    Allowed,
    /// The user may not edit it.
    Refused {
        /// The reason for a person: a clause without a full stop, which may say who may edit it.
        why: String,
    },
}

/// Whether sharing would show private data to others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Exposure {
    /// It would not.
    Nothing,
    /// The datasource is private, but others can see the dashboard.
    PrivateDatasource {
        /// What a person calls the datasource.
        title: String,
    },
}

/// The tile whose settings are shared.
#[derive(Clone, Debug)]
pub struct Sharer<'a> {
    /// The id of the tile.
    pub tile: &'a str,
    /// Its gadget.
    pub gadget: &'a GadgetDescription,
    /// Its settings as the form has them: accepted, but maybe not saved yet.
    pub settings: &'a Value,
    /// Whether it was set up before this form.
    pub setup_before: Setup,
    /// Whether its datasource is private on a dashboard that others see.
    pub exposure: Exposure,
}

/// Another tile of the same dashboard.
#[derive(Clone)]
pub struct Receiver<'a> {
    /// The id of the tile.
    pub tile: &'a str,
    /// What a person calls the tile.
    pub title: &'a str,
    /// Its settings, migrated to the version of its gadget.
    pub settings: &'a Value,
    /// Whether it is set up.
    pub setup: Setup,
    /// Whether the user may edit it.
    pub editing: Editing,
    /// Its gadget.
    pub gadget: ReceiverGadget<'a>,
}

/// The gadget of a tile that may take shared settings.
#[derive(Clone)]
pub enum ReceiverGadget<'a> {
    /// Its library is loaded.
    Present {
        /// Its description.
        description: &'a GadgetDescription,
        /// Answers questions about its settings.
        form: &'a dyn ReceiverForm,
    },
    /// Its library is missing.
    Absent {
        /// The id of the gadget.
        id: &'a str,
    },
}

/// Answers questions about the settings of a gadget while a proposal is made; a host may use the network.
pub trait ReceiverForm {
    /// Returns the settings schema with the choices that its dynamic fields offer for `settings`.
    ///
    /// It holds only what can be chosen now, not a saved value that is no longer offered.
    ///
    /// # Errors
    ///
    /// Returns an error when the choices cannot be read.
    fn resolve(&self, settings: &Value) -> Result<Value, Error>;

    /// Returns which shared values the gadget takes, by semantic; see [`gadget_api::Gadget::adopt`].
    ///
    /// # Errors
    ///
    /// Returns an error when the gadget cannot be asked.
    fn adopt(&self, own: &Value, shared: &BTreeMap<String, Value>) -> Result<Adoption, Error>;
}
