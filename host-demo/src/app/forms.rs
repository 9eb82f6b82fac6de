//! The settings of gadgets: their forms, and whether they can be saved.

use std::{collections::BTreeMap, sync::Arc};

use dashboards::{
    domain::{Action, Object, Settings, Tile, TileSettings},
    store::Store,
};
use gadget_api::{Choices, Error, FieldError, FieldPath, GadgetDescription};
use gadget_host::{Call, CallError, Form, sharing::Setup};
use serde_json::Value;

use super::{
    AppError, AsyncBridge, Caller, Datasources, Engine, blocking, choice_answers::ChoiceAnswers,
    datasources::named, refresh::today,
};

/// The forms of gadgets.
pub(crate) struct Forms {
    store: Store,
    engine: Arc<Engine>,
    datasources: Arc<Datasources>,
    answers: ChoiceAnswers,
    bridge: AsyncBridge,
}

impl Forms {
    pub(super) fn new(
        store: Store,
        engine: Arc<Engine>,
        datasources: Arc<Datasources>,
        bridge: AsyncBridge,
    ) -> Self {
        Self {
            store,
            engine,
            datasources,
            answers: ChoiceAnswers::default(),
            bridge,
        }
    }

    /// Answers the form of a tile for these settings.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        caller: &Caller,
        tile: &Tile,
        settings: Value,
    ) -> Result<Form, AppError> {
        let description = self.engine.description(&tile.gadget)?;
        let own: BTreeMap<FieldPath, Choices> = self
            .datasources
            .own_choices(description, caller)
            .await?
            .into_iter()
            .collect();
        // A datasource that is gone, or that the caller may not use, is told at its field.
        let call = match self.usable(caller, tile, description, &settings).await? {
            Usable::Yes => self.call_with(&tile.gadget, settings).await?,
            Usable::No => Call::new(&tile.gadget, settings, today()),
        };
        let forms = Arc::clone(self);
        let form = blocking::run(move || forms.answer_now(&call, &own));
        Ok(form.await??)
    }

    /// Answers a form on a thread that may block.
    pub(super) fn answer_now(
        &self,
        call: &Call,
        own: &BTreeMap<FieldPath, Choices>,
    ) -> Result<Form, CallError> {
        self.engine.form(call, own, &self.answers)
    }

    /// Forgets what gadgets offered: what it came from has changed.
    pub(super) fn forget_answers(&self) {
        self.answers.forget();
    }

    /// Tells whether the caller may use the datasource that settings name; the one that the tile has stays.
    async fn usable(
        &self,
        caller: &Caller,
        tile: &Tile,
        description: &GadgetDescription,
        settings: &Value,
    ) -> Result<Usable, AppError> {
        let Some(id) = named(description, settings) else {
            return Ok(Usable::No);
        };
        let Some(datasource) = self.store.datasource(&id).await? else {
            return Ok(Usable::No);
        };
        let is_kept = named(description, &tile.settings.to_value()).as_ref() == Some(&id);
        let may_use = is_kept || caller.may(Action::View, Object::Datasource(&datasource));
        Ok(if may_use { Usable::Yes } else { Usable::No })
    }

    /// Returns the settings to save, with their defaults, if the gadget accepts them today.
    pub(super) async fn checked(
        self: &Arc<Self>,
        caller: &Caller,
        tile: &Tile,
        settings: Value,
    ) -> Result<TileSettings, AppError> {
        let form = self.answer(caller, tile, settings).await?;
        if !form.problems.is_empty() {
            return Err(AppError::Fields(form.problems));
        }
        let version = self.engine.description(&tile.gadget)?.manifest.version;
        Ok(TileSettings {
            tile: tile.id.clone(),
            gadget_version: version,
            settings: Settings::parse(form.settings)?,
        })
    }

    /// Returns what is missing or wrong in the settings of a tile, as far as its schema says.
    pub(crate) fn problems(&self, tile: &Tile) -> Option<Vec<FieldError>> {
        let description = self.engine.description(&tile.gadget).ok()?;
        let settings = gadget_host::with_defaults(&description.schema, &tile.settings.to_value());
        Some(gadget_host::problems(&description.schema, &settings))
    }

    /// Tells whether all settings that a gadget needs are there.
    pub(crate) fn setup_of(&self, tile: &Tile) -> Setup {
        match self.problems(tile) {
            Some(problems) if !problems.is_empty() => Setup::NotYet,
            // Nobody can say of a gadget whose library is absent.
            _ => Setup::Done,
        }
    }

    /// Returns a call of the gadget of a tile as of today.
    pub(super) async fn call_of(&self, tile: &Tile) -> Result<Call, Error> {
        self.call_with(&tile.gadget, tile.settings.to_value()).await
    }

    /// Returns a call of a gadget with these settings, and with the datasource that they name.
    async fn call_with(&self, gadget: &str, settings: Value) -> Result<Call, Error> {
        let description = self.engine.description(gadget)?;
        let source = self
            .datasources
            .source_of(named(description, &settings))
            .await?;
        let call = Call::new(gadget, settings, today());
        Ok(match source {
            Some(source) => call.with_datasource(source),
            None => call,
        })
    }

    /// Returns the same on a thread that may block.
    pub(super) fn call_now(&self, gadget: &str, settings: &Value) -> Result<Call, Error> {
        self.bridge.wait(self.call_with(gadget, settings.clone()))
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Usable {
    Yes,
    No,
}
