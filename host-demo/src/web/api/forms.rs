//! The settings of a gadget: their form, in one answer, and saving them.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::Method,
    routing::post,
};
use dashboards::domain::{Action, Dashboard, Settings};
use gadget_api::Version;
use gadget_host::{Form, no_longer_offered, sharing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{changes::ChangeAnswer, json::Body, sharing::ShareRequest, tiles::TilePath};
use crate::{
    app::{App, Caller, PlacedTile},
    web::{
        endpoint::{Access, Endpoint, Resource},
        problem::{FieldProblem, Problem},
    },
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let edit = Access::May(Action::Edit, Resource::Dashboard);
    vec![
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/tiles/{tile}/form",
            edit,
            ("answerForm", "Resolves a form: its schema with current choices, the settings with defaults, and their errors"),
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
    share: Option<ShareRequest>,
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
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<TilePath>,
    Body(request): Body<FormRequest>,
) -> Result<Json<TileFormAnswer>, Problem> {
    let PlacedTile { tile, .. } = PlacedTile::on(&dashboard, &path.tile)?;
    let settings = request.settings.unwrap_or_else(|| tile.settings.clone());
    let description = app.engine.description(&tile.gadget)?;
    let form = app.forms.answer(&caller, &tile, settings.to_value());
    Ok(Json(TileFormAnswer {
        form: FormAnswer::of(form.await?, sharing::can_share(description)),
        gadget: description.manifest.title.clone(),
        version: description.manifest.version,
    }))
}

async fn save(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<TilePath>,
    Body(request): Body<SaveRequest>,
) -> Result<Json<ChangeAnswer>, Problem> {
    let SaveRequest {
        revision,
        settings,
        share,
    } = request;
    let share = share.map(ShareRequest::into_share);
    let changed = app
        .dashboards
        .configure(&caller, &dashboard, &path.tile, revision, settings, share);
    Ok(Json(ChangeAnswer::of(&changed.await?)))
}
