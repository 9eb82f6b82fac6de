//! Connecting datasources, changing them and deleting them.

use std::collections::BTreeSet;

use chrono::Utc;
use dashboards::{
    domain::{
        Action, DashboardId, Datasource, DatasourceId, Denied, Name, Object, Permission, Settings,
        Tile,
    },
    store::{StoreError, new_id_bytes},
};
use gadget_api::{FieldError, FieldPath};
use gadget_host::{CatalogKind, Datasource as Opened};
use serde_json::Value;

use super::{
    Datasources, SecretEdits,
    input::{draft, first_settings},
    secret_fields,
};
use crate::app::{AppError, Caller};

/// A datasource to keep.
pub(crate) struct NewDatasource {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) permission: Permission,
    pub(crate) settings: Settings,
    pub(crate) secrets: SecretEdits,
}

/// A datasource to save.
pub(crate) struct SavedDatasource {
    /// The revision that the caller looked at.
    pub(crate) revision: u64,
    pub(crate) name: String,
    pub(crate) permission: Permission,
    pub(crate) settings: Settings,
    pub(crate) secrets: SecretEdits,
}

/// What the form of a datasource is drawn from.
pub(crate) struct DatasourceForm {
    pub(crate) schema: Value,
    /// The settings with defaults, without secrets.
    pub(crate) settings: Settings,
    pub(crate) problems: Vec<FieldError>,
    /// The fields whose secrets are kept.
    pub(crate) kept: BTreeSet<FieldPath>,
}

/// The gadgets that read a datasource.
pub(crate) struct Uses {
    pub(crate) tiles: Vec<Use>,
    /// How many more are on dashboards that the caller may not see.
    pub(crate) others: usize,
}

/// A gadget that reads a datasource.
pub(crate) struct Use {
    pub(crate) dashboard: DashboardId,
    pub(crate) title: Name,
    pub(crate) tile: Tile,
}

impl Datasources {
    /// Returns the datasources that the caller may use.
    pub(crate) async fn usable(&self, caller: &Caller) -> Result<Vec<Datasource>, StoreError> {
        Ok(self.usable_and_others(caller).await?.0)
    }

    /// Returns the datasources that the caller may use, and the others.
    pub(in crate::app) async fn usable_and_others(
        &self,
        caller: &Caller,
    ) -> Result<(Vec<Datasource>, Vec<Datasource>), StoreError> {
        let all = self.store.datasources().await?;
        let may_use = |each: &Datasource| caller.may(Action::View, Object::Datasource(each));
        Ok(all.into_iter().partition(may_use))
    }

    /// Returns a kind of datasource.
    pub(crate) fn kind(&self, kind: &str) -> Result<&CatalogKind, AppError> {
        let found = self.engine.catalog().datasource_kind(kind);
        found.map_err(|unknown| AppError::Unknown {
            unknown,
            remedy: Some("Restore the library that provides it and restart the host."),
        })
    }

    /// Returns the kind of datasource, where the libraries bring one only.
    pub(crate) fn only_kind(&self) -> Option<&CatalogKind> {
        let mut all = self.engine.catalog().datasource_kinds();
        let first = all.next()?;
        all.next().is_none().then_some(first)
    }

    /// Keeps a new datasource.
    pub(crate) async fn create(
        &self,
        caller: &Caller,
        new: NewDatasource,
    ) -> Result<Datasource, AppError> {
        let owner = caller.user_id().ok_or(Denied::LogIn)?.clone();
        let kind = self.kind(&new.kind)?;
        let name = parsed(&new.name)?;
        self.people.check_named(&new.permission).await?;
        let draft = draft(name, new.permission, new.settings, new.secrets);
        let checked = self.checked(kind, draft, None)?;
        let datasource = Datasource {
            id: DatasourceId::from_bytes(new_id_bytes()),
            kind: new.kind,
            name: checked.draft.name,
            owner,
            permission: checked.draft.permission,
            settings: checked.draft.settings,
            secrets: BTreeSet::new(),
            revision: 0,
        };
        let kept = self
            .store
            .create_datasource(&datasource, &checked.plan, Utc::now());
        Ok(kept.await?)
    }

    /// Saves a datasource; only who manages it may share it otherwise.
    pub(crate) async fn save(
        &self,
        caller: &Caller,
        stored: &Datasource,
        saved: SavedDatasource,
    ) -> Result<Datasource, AppError> {
        if saved.permission != stored.permission {
            caller.check(Action::Manage, Object::Datasource(stored))?;
            self.people.check_named(&saved.permission).await?;
        }
        let kind = self.kind(&stored.kind)?;
        let name = parsed(&saved.name)?;
        let draft = draft(name, saved.permission, saved.settings, saved.secrets);
        let checked = self.checked(kind, draft, Some(stored))?;
        let kept = self.store.save_datasource(
            &stored.id,
            saved.revision,
            &checked.draft,
            &checked.origin,
            &checked.secret_fields,
            Utc::now(),
        );
        Ok(kept.await?)
    }

    /// Deletes a datasource as the caller has seen it.
    pub(crate) async fn remove(
        &self,
        datasource: &Datasource,
        revision: u64,
    ) -> Result<(), AppError> {
        let scopes = Opened::space_prefix(datasource.id.as_str());
        let deleted = self
            .store
            .delete_datasource(&datasource.id, revision, &scopes);
        Ok(deleted.await?)
    }

    /// Answers the form of a kind; `id` is the datasource that is edited, if it is not new.
    pub(crate) async fn form(
        &self,
        caller: &Caller,
        kind: &str,
        id: Option<&DatasourceId>,
        settings: Option<Settings>,
    ) -> Result<DatasourceForm, AppError> {
        let kind = self.kind(kind)?;
        let stored = self.edited(caller, kind, id).await?;
        let declaration = kind.declaration();
        let settings = match (settings, &stored) {
            (Some(settings), _) => settings,
            (None, Some(stored)) => stored.settings.clone(),
            (None, None) => first_settings(declaration)?,
        };
        let secrets = secret_fields(declaration);
        let settings = Settings::parse(gadget_host::with_defaults(
            &declaration.schema,
            &settings.without(&secrets).to_value(),
        ))?;
        let kept = stored.map(|stored| stored.secrets).unwrap_or_default();
        let origins = self.engine.origins();
        Ok(DatasourceForm {
            schema: declaration.schema.clone(),
            problems: Opened::problems(kind, &settings.to_value(), &kept, origins),
            settings,
            kept,
        })
    }

    /// Returns the gadgets that read a datasource.
    pub(crate) async fn uses(
        &self,
        caller: &Caller,
        datasource: &DatasourceId,
    ) -> Result<Uses, StoreError> {
        let all = self.store.dashboards().await?;
        let (mut tiles, mut others) = (Vec::new(), 0);
        for each in self.store.tiles_using(datasource).await? {
            let mut seen = all.iter().map(|listed| &listed.dashboard);
            let dashboard = seen.find(|dashboard| *dashboard.id() == each.dashboard);
            let dashboard = dashboard
                .filter(|dashboard| caller.may(Action::View, Object::Dashboard(dashboard)));
            match dashboard.and_then(|dashboard| dashboard.tile(&each.tile)) {
                None => others += 1,
                Some(tile) => tiles.push(Use {
                    dashboard: each.dashboard,
                    title: each.title,
                    tile: tile.clone(),
                }),
            }
        }
        Ok(Uses { tiles, others })
    }

    /// Returns the datasource that the caller edits and must be allowed to.
    pub(super) async fn edited(
        &self,
        caller: &Caller,
        kind: &CatalogKind,
        id: Option<&DatasourceId>,
    ) -> Result<Option<Datasource>, AppError> {
        let Some(id) = id else { return Ok(None) };
        let found = self.store.datasource(id).await?.ok_or(Denied::NotFound)?;
        caller.check(Action::Edit, Object::Datasource(&found))?;
        if found.kind != kind.id() {
            return Err(AppError::invalid("the datasource has another kind"));
        }
        Ok(Some(found))
    }
}

fn parsed(name: &str) -> Result<Name, AppError> {
    Name::parse(name)
        .map_err(|error| AppError::invalid(format!("the name of the datasource: {error}")))
}
