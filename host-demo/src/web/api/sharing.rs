//! "Use these settings for all compatible gadgets": the preview, and what applying it comes to.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::Method,
    routing::post,
};
use dashboards::domain::{Action, Dashboard, Settings};
use gadget_host::sharing::{Preview, Scope, Ticks};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{json::Body, tiles::TilePath};
use crate::{
    app::{self, App, Caller, PlacedTile, Share},
    web::{
        endpoint::{Access, Endpoint, Resource},
        problem::Problem,
    },
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/tiles/{tile}/sharing",
            Access::May(Action::Edit, Resource::Dashboard),
            ("previewSharing", "Previews how sharing these settings would change each other gadget; changes nothing"),
            post(preview),
        )
        .takes::<PreviewRequest>()
        .answers::<PreviewAnswer>(),
    ]
}

/// The settings to share, and what is ticked so far.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PreviewRequest {
    settings: Settings,
    /// The preview to look at again, with other ticks.
    #[serde(default)]
    proposal: Option<String>,
    /// `not_set_up` or `all_compatible`; the usual one without it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    scope: Option<Scope>,
    /// By gadget, the semantics that it takes; those that are ticked at first without it.
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, Vec<String>>>")]
    ticks: Option<Ticks>,
}

/// What would be taken.
#[derive(JsonSchema, Serialize)]
struct PreviewAnswer {
    /// Names the preview for applying it, for a quarter of an hour.
    proposal: String,
    /// By gadget, the semantics that are ticked.
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    ticks: Ticks,
    /// Each other gadget with each field's old and new value, or why it takes nothing.
    #[schemars(with = "Value")]
    preview: Preview,
}

/// A preview to apply together with the settings that are saved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Share")]
pub(super) struct ShareRequest {
    /// The preview.
    proposal: String,
    /// By gadget, the semantics that it takes.
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    ticks: Ticks,
}

impl ShareRequest {
    pub(super) fn into_share(self) -> Share {
        Share {
            proposal: self.proposal,
            ticks: self.ticks,
        }
    }
}

async fn preview(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Path(path): Path<TilePath>,
    Body(request): Body<PreviewRequest>,
) -> Result<Json<PreviewAnswer>, Problem> {
    let PlacedTile { tile, .. } = PlacedTile::on(&dashboard, &path.tile)?;
    let request = app::PreviewRequest {
        settings: request.settings,
        proposal: request.proposal,
        scope: request.scope,
        ticks: request.ticks,
    };
    let named = app.sharing.preview(&caller, &dashboard, &tile, request);
    let named = named.await?;
    Ok(Json(PreviewAnswer {
        proposal: named.proposal,
        ticks: named.preview.ticks(),
        preview: named.preview,
    }))
}
