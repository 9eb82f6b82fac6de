//! The tiles of a dashboard as sharing sees them: the one whose settings are shared, and the others.

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
    /// Nobody has set it up yet.
    NotYet,
}

/// Whether the user may edit a tile.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Editing {
    /// The user may.
    Allowed,
    /// The user may not.
    Refused {
        /// What a person reads: a clause without a full stop, which may say who may.
        why: String,
    },
}

/// Whether sharing would show something that is private to somebody.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Exposure {
    /// It would not.
    Nothing,
    /// The datasource is private, and others see the dashboard.
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
    /// Its settings, brought to the version of its gadget.
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
    /// Its library is here.
    Present {
        /// What it says about itself.
        description: &'a GadgetDescription,
        /// What it answers about its settings.
        form: &'a dyn ReceiverForm,
    },
    /// Its library is absent.
    Absent {
        /// The id of the gadget.
        id: &'a str,
    },
}

/// What a gadget answers about its settings while a proposal is made; a host may go to the network for it.
pub trait ReceiverForm {
    /// Returns the schema of the settings with what its dynamic fields offer, given `settings`.
    ///
    /// It offers only what can be chosen now: a value that is set and no longer offered is not in it.
    ///
    /// # Errors
    ///
    /// Returns why the choices could not be read.
    fn resolve(&self, settings: &Value) -> Result<Value, Error>;

    /// Returns what the gadget takes of shared values, by semantic: see [`gadget_api::Gadget::adopt`].
    ///
    /// # Errors
    ///
    /// Returns why the gadget could not be asked.
    fn adopt(&self, own: &Value, shared: &BTreeMap<String, Value>) -> Result<Adoption, Error>;
}
