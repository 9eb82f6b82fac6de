//! Copies of dashboards: clones, and files that are written here and read here or elsewhere.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Json,
    extract::State,
    http::Method,
    response::Response,
    routing::{get, post},
};
use dashboards::domain::{Action, Dashboard, Name};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{dashboards::DashboardAnswer, json::Body};
use crate::{
    app::{App, Caller},
    web::{
        endpoint::{Access, Endpoint, Resource},
        pages,
        problem::Problem,
    },
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let see = Access::May(Action::View, Resource::Dashboard);
    vec![
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/clone",
            see,
            (
                "cloneDashboard",
                "Clones a dashboard; the caller owns the copy",
            ),
            post(clone),
        )
        .takes::<CloneRequest>()
        .answers::<DashboardAnswer>(),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/export",
            see,
            (
                "exportDashboard",
                "Exports a dashboard as a file, without secrets, users and permissions",
            ),
            get(export),
        )
        .sends("application/json"),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/import",
            Access::May(Action::Create, Resource::Dashboards),
            (
                "importDashboard",
                "Creates a dashboard from an exported file",
            ),
            post(import),
        )
        .takes::<ImportRequest>()
        .answers::<DashboardAnswer>(),
    ]
}

/// A clone to make.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CloneRequest {
    title: Name,
}

/// A file to make a dashboard of.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ImportRequest {
    /// What was exported.
    file: Value,
    /// The datasource to take in place of each that the file names; the others stay.
    #[serde(default)]
    datasources: BTreeMap<String, String>,
}

async fn clone(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Body(request): Body<CloneRequest>,
) -> Result<Json<DashboardAnswer>, Problem> {
    let clone = app.dashboards.clone_of(&caller, &dashboard, request.title);
    Ok(Json(DashboardAnswer::of(&app, &caller, &clone.await?)))
}

async fn export(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> Result<Response, Problem> {
    let file = app.dashboards.export(&caller, &dashboard).await?;
    Ok(pages::file("application/json", &file.name, file.text))
}

async fn import(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<ImportRequest>,
) -> Result<Json<DashboardAnswer>, Problem> {
    let ImportRequest { file, datasources } = request;
    let imported = app.dashboards.import(&caller, &file, &datasources);
    Ok(Json(DashboardAnswer::of(&app, &caller, &imported.await?)))
}
