//! Dashboards as wholes: which there are, new ones, and what is done to one.

mod changes;
mod copies;

use std::sync::Arc;

use chrono::Utc;
use dashboards::{
    domain::{Action, Dashboard, DashboardId, Name, Object},
    store::{Listed, Store, StoreError, new_id_bytes},
};
use serde_json::Value;

pub(crate) use self::changes::ChangeCommand;
pub(in crate::app) use self::changes::new_tile;
use super::{AppError, Caller, Datasources, Engine, Forms, Sharing, Templates};

/// The dashboards of a host.
pub(crate) struct Dashboards {
    store: Store,
    engine: Arc<Engine>,
    datasources: Arc<Datasources>,
    forms: Arc<Forms>,
    sharing: Arc<Sharing>,
    templates: Arc<Templates>,
}

/// A template to fill a dashboard from, with answers to its questions.
pub(crate) struct FromTemplate {
    pub(crate) id: String,
    pub(crate) settings: Value,
}

impl Dashboards {
    pub(super) fn new(
        store: Store,
        engine: Arc<Engine>,
        datasources: Arc<Datasources>,
        forms: Arc<Forms>,
        sharing: Arc<Sharing>,
        templates: Arc<Templates>,
    ) -> Self {
        Self {
            store,
            engine,
            datasources,
            forms,
            sharing,
            templates,
        }
    }

    /// Returns the dashboards with which the caller may do something.
    pub(crate) async fn list(
        &self,
        caller: &Caller,
        action: Action,
    ) -> Result<Vec<Listed>, StoreError> {
        let mut all = self.store.dashboards().await?;
        all.retain(|listed| caller.may(action, Object::Dashboard(&listed.dashboard)));
        Ok(all)
    }

    /// Makes a dashboard of the caller, empty or from a template.
    pub(crate) async fn create(
        &self,
        caller: &Caller,
        title: Name,
        template: Option<FromTemplate>,
    ) -> Result<Dashboard, AppError> {
        let owner = caller.user_id().ok_or(AppError::not_found("user"))?;
        let dashboard = match template {
            None => {
                let id = DashboardId::from_bytes(new_id_bytes());
                Dashboard::new(id, title, owner.clone())
            }
            Some(from) => {
                let template = self.templates.find(&from.id)?;
                let filled =
                    self.templates
                        .fill_for(caller, template, title, owner.clone(), from.settings);
                filled.await?
            }
        };
        self.store.create_dashboard(&dashboard, Utc::now()).await?;
        Ok(dashboard)
    }
}
