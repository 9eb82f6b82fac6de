//! Templates of libraries: what one asks, as a form, and a dashboard that is filled from it.

mod fill;
mod form;

use std::{collections::BTreeMap, sync::Arc};

use gadget_api::Template;
use serde_json::Value;

use super::{AppError, AsyncBridge, Datasources, Engine};

/// Answers to the questions of a template, by semantic. What is missing is chosen.
pub(crate) type TemplateAnswers = BTreeMap<String, Vec<Value>>;

/// The templates of a host.
pub(crate) struct Templates {
    engine: Arc<Engine>,
    datasources: Arc<Datasources>,
    bridge: AsyncBridge,
}

impl Templates {
    pub(super) fn new(
        engine: Arc<Engine>,
        datasources: Arc<Datasources>,
        bridge: AsyncBridge,
    ) -> Self {
        Self {
            engine,
            datasources,
            bridge,
        }
    }

    /// Returns a template of a library.
    pub(crate) fn find(&self, id: &str) -> Result<&Template, AppError> {
        let mut all = self
            .engine
            .catalog()
            .templates()
            .map(|each| each.template());
        all.find(|template| template.id == id)
            .ok_or_else(|| AppError::not_found("template"))
    }

    /// Returns the first template with a gadget that reads a kind of datasource.
    pub(crate) fn reading(&self, kind: &str) -> Option<&Template> {
        let catalog = self.engine.catalog();
        let reads = |gadget: &str| {
            let description = self.engine.description(gadget).ok();
            description.is_some_and(|gadget| {
                let kinds = &gadget.manifest.datasource_kinds;
                kinds.iter().any(|each| each == kind)
            })
        };
        let mut templates = catalog.templates().map(|each| each.template());
        templates.find(|each| each.tiles.iter().any(|tile| reads(&tile.gadget)))
    }
}
