//! The settings of a gadget: their form, in one answer, and saving them.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::Method,
    routing::post,
};
use chrono::Utc;
use dashboards::{
    domain::{Action, Change, Dashboard, Object, Settings, Tile, TileSettings},
    store::StoreError,
};
use gadget_api::{Choices, Error, FieldError, FieldPath, GadgetDescription, Version};
use gadget_host::{Form, no_longer_offered, sharing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::{
    changes::ChangeAnswer,
    json::Body,
    sharing::Share,
    tiles::{Named, TilePath},
};
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Resource},
    problem::{FieldProblem, Problem},
    sources::named,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let edit = Access::May(Action::Edit, Resource::Dashboard);
    vec![
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/tiles/{tile}/form",
            edit,
            ("answerForm", "Answers a whole form: the schema with today's choices, the settings with defaults, and what is wrong with them"),
            post(form),
        )
        .takes::<FormRequest>()
        .answers::<TileFormAnswer>(),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/tiles/{tile}/settings",
            edit,
            ("saveSettings", "Saves the settings of a gadget"),
            post(save),
        )
        .takes::<SaveRequest>()
        .answers::<ChangeAnswer>(),
    ]
}

/// The settings so far; without them those that are saved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FormRequest {
    #[serde(default)]
    settings: Option<Settings>,
}

/// What a form is drawn from.
#[derive(JsonSchema, Serialize)]
pub(in crate::web) struct FormAnswer {
    /// The JSON Schema, with a plain list in place of each dynamic choice.
    schema: Value,
    /// By the JSON Pointer of each dynamic field: on which fields it depends (`dependsOn`), and what
    /// it waits for, if it does (`waiting`).
    choices: Value,
    /// The settings with the defaults of what was not set.
    settings: Value,
    /// What is wrong with them; nothing means that they can be saved.
    errors: Vec<FieldProblem>,
    /// Fields whose saved value is no longer offered, by JSON Pointer.
    gone: Vec<String>,
    /// Whether other gadgets can take settings of this one.
    can_share: bool,
}

/// The form of a gadget on a dashboard.
#[derive(JsonSchema, Serialize)]
struct TileFormAnswer {
    #[serde(flatten)]
    form: FormAnswer,
    /// The title of the gadget in the catalog.
    gadget: String,
    /// The version of the gadget.
    #[schemars(with = "String")]
    version: Version,
}

/// Settings to save.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SaveRequest {
    /// The revision of the dashboard that the caller looked at.
    revision: u64,
    settings: Settings,
    /// What other gadgets take of them, in the same change.
    #[serde(default)]
    share: Option<Share>,
}

impl FormAnswer {
    pub(in crate::web) fn of(form: Form, can_share: bool) -> Self {
        let gone = no_longer_offered(&form.settings, &form.choices);
        Self {
            gone: gone.iter().map(ToString::to_string).collect(),
            errors: form.problems.iter().map(FieldProblem::from).collect(),
            choices: form.to_json()["choices"].clone(),
            schema: form.schema,
            settings: form.settings,
            can_share,
        }
    }
}

async fn form(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<TilePath>,
    Body(request): Body<FormRequest>,
) -> Result<Json<TileFormAnswer>, Problem> {
    let Named { tile, .. } = Named::on(&dashboard, &path.tile)?;
    let settings = request.settings.unwrap_or_else(|| tile.settings.clone());
    let description = site.description(&tile.gadget)?;
    let form = site.form(&caller, &tile, settings.to_value()).await?;
    Ok(Json(TileFormAnswer {
        form: FormAnswer::of(form, sharing::can_share(description)),
        gadget: description.manifest.title.clone(),
        version: description.manifest.version,
    }))
}

async fn save(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<TilePath>,
    Body(request): Body<SaveRequest>,
) -> Result<Json<ChangeAnswer>, Problem> {
    // What others changed is worth knowing before what is wrong with the settings.
    site.check_revision(&dashboard, request.revision).await?;
    let Named { tile, .. } = Named::on(&dashboard, &path.tile)?;
    let new = site
        .checked_settings(&caller, &tile, request.settings.to_value())
        .await?;
    let change = match request.share {
        None => Change::Configure { tile: new },
        Some(share) => {
            let mut tiles = site
                .shared(&caller, &dashboard, &new, share, request.revision)
                .await?;
            tiles.push(new);
            Change::Share { tiles }
        }
    };
    let changed = site
        .store
        .change_dashboard(
            dashboard.id(),
            request.revision,
            &change,
            caller.user_id(),
            Utc::now(),
        )
        .await?;
    Ok(Json(ChangeAnswer::of(&changed)))
}

impl Site {
    /// Refuses a revision that is not the one of the dashboard, with what was changed since.
    async fn check_revision(&self, dashboard: &Dashboard, seen: u64) -> Result<(), StoreError> {
        if dashboard.revision() == seen {
            return Ok(());
        }
        Err(StoreError::Stale {
            records: self.store.history(dashboard.id(), seen).await?,
            current: Box::new(dashboard.clone()),
        })
    }

    pub(in crate::web) fn description(&self, gadget: &str) -> Result<&GadgetDescription, Error> {
        Ok(self.engine.catalog().gadget(gadget)?.description())
    }

    /// Answers the form of a tile for these settings.
    pub(in crate::web) async fn form(
        self: &Arc<Self>,
        caller: &Caller,
        tile: &Tile,
        settings: Value,
    ) -> Result<Form, Problem> {
        let description = self.description(&tile.gadget)?;
        let own: BTreeMap<FieldPath, Choices> = self
            .own_choices(description, caller)
            .await?
            .into_iter()
            .collect();
        // A datasource that is gone, or that the caller may not use, is told at its field.
        let call = match self.usable(caller, tile, description, &settings).await? {
            Usable::Yes => self.call_with(&tile.gadget, settings).await,
            Usable::No => Ok(gadget_host::Call::new(
                &tile.gadget,
                settings,
                crate::web::worker::today(),
            )),
        };
        let call = call?;
        let site = Arc::clone(self);
        let form = spawn_blocking(move || site.engine.form(&call, &own, &site.answers));
        Ok(form.await??)
    }

    /// Tells whether the caller may use the datasource that settings name; the one that the tile has stays.
    async fn usable(
        &self,
        caller: &Caller,
        tile: &Tile,
        description: &GadgetDescription,
        settings: &Value,
    ) -> Result<Usable, Problem> {
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
    pub(in crate::web) async fn checked_settings(
        self: &Arc<Self>,
        caller: &Caller,
        tile: &Tile,
        settings: Value,
    ) -> Result<TileSettings, Problem> {
        let form = self.form(caller, tile, settings).await?;
        if !form.problems.is_empty() {
            return Err(Problem::of_fields(&form.problems));
        }
        let version = self.description(&tile.gadget)?.manifest.version;
        Ok(TileSettings {
            tile: tile.id.clone(),
            gadget_version: version,
            settings: Settings::parse(form.settings)?,
        })
    }

    /// Returns what is missing or wrong in the settings of a tile, as far as its schema says.
    pub(in crate::web) fn settings_problems(&self, tile: &Tile) -> Option<Vec<FieldError>> {
        let description = self.description(&tile.gadget).ok()?;
        let settings = gadget_host::with_defaults(&description.schema, &tile.settings.to_value());
        Some(gadget_host::problems(&description.schema, &settings))
    }

    /// Tells whether all settings that a gadget needs are there.
    pub(in crate::web) fn setup_of(&self, tile: &Tile) -> sharing::Setup {
        match self.settings_problems(tile) {
            Some(problems) if !problems.is_empty() => sharing::Setup::NotYet,
            // Nobody can say of a gadget whose library is absent.
            _ => sharing::Setup::Done,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Usable {
    Yes,
    No,
}
