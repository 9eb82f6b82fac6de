//! Dashboards as wholes: which there are, one of them, a new one, and its end.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode},
    routing::{delete, get, post},
};
use chrono::{DateTime, Utc};
use dashboards::domain::{
    Action, Dashboard, DashboardId, Name, Object, Permission, RefreshMinutes, Settings, Tile,
    TileId, UserId,
};
use gadget_api::{TileSize, Version};
use gadget_host::sharing::Setup;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::json::Body;
use crate::{
    app::{self, App, Caller},
    web::{
        endpoint::{Access, Endpoint, Resource},
        problem::Problem,
    },
};

const ALL: &str = "/api/dashboards";
const ONE: &str = "/api/dashboards/{dashboard}";

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::GET,
            ALL,
            Access::May(Action::View, Resource::Dashboards),
            (
                "listDashboards",
                "Lists the dashboards that the caller can see",
            ),
            get(list),
        )
        .answers::<Vec<ListedAnswer>>(),
        Endpoint::api(
            Method::POST,
            ALL,
            Access::May(Action::Create, Resource::Dashboards),
            (
                "createDashboard",
                "Creates a dashboard, empty or from a template",
            ),
            post(create),
        )
        .takes::<NewDashboard>()
        .answers::<DashboardAnswer>(),
        Endpoint::api(
            Method::GET,
            ONE,
            Access::May(Action::View, Resource::Dashboard),
            ("readDashboard", "Returns a dashboard and its gadgets"),
            get(read),
        )
        .answers::<DashboardAnswer>(),
        Endpoint::api(
            Method::DELETE,
            ONE,
            Access::May(Action::Manage, Resource::Dashboard),
            (
                "deleteDashboard",
                "Deletes a dashboard, which can be restored",
            ),
            delete(remove),
        ),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/restore",
            Access::May(Action::Manage, Resource::Dashboard),
            ("restoreDashboard", "Restores a deleted dashboard"),
            post(restore),
        ),
    ]
}

/// A dashboard in a list.
#[derive(JsonSchema, Serialize)]
struct ListedAnswer {
    id: DashboardId,
    title: Name,
    owner: UserId,
    /// How many gadgets are on it.
    tiles: usize,
    revision: u64,
    updated_at: DateTime<Utc>,
    is_deleted: bool,
}

/// A dashboard to make.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewDashboard {
    title: Name,
    /// What it is filled from; without it the dashboard is empty.
    #[serde(default)]
    template: Option<FromTemplate>,
}

/// A template, and what is answered to its questions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FromTemplate {
    id: String,
    #[serde(default)]
    settings: Settings,
}

/// A dashboard.
#[derive(JsonSchema, Serialize)]
pub(super) struct DashboardAnswer {
    id: DashboardId,
    title: Name,
    owner: UserId,
    permission: Permission,
    /// The number of its last change; a change has to name it.
    revision: u64,
    /// Whether the caller may change it.
    can_edit: bool,
    /// The gadgets in reading order.
    tiles: Vec<TileAnswer>,
}

/// A gadget on a dashboard.
#[derive(JsonSchema, Serialize)]
pub(super) struct TileAnswer {
    id: TileId,
    gadget: String,
    gadget_version: Version,
    /// What people read as its name.
    title: String,
    size: TileSize,
    settings: Settings,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_minutes: Option<RefreshMinutes>,
    /// Whether all settings that the gadget needs are there.
    is_set_up: bool,
}

impl DashboardAnswer {
    pub(super) fn of(app: &App, caller: &Caller, dashboard: &Dashboard) -> Self {
        Self {
            id: dashboard.id().clone(),
            title: dashboard.title().clone(),
            owner: dashboard.owner().clone(),
            permission: dashboard.permission().clone(),
            revision: dashboard.revision(),
            can_edit: caller.may(Action::Edit, Object::Dashboard(dashboard)),
            tiles: dashboard
                .tiles()
                .iter()
                .map(|tile| TileAnswer::of(app, dashboard, tile))
                .collect(),
        }
    }
}

impl TileAnswer {
    fn of(app: &App, dashboard: &Dashboard, tile: &Tile) -> Self {
        Self {
            id: tile.id.clone(),
            gadget: tile.gadget.clone(),
            gadget_version: tile.gadget_version,
            title: app.tiles.label(dashboard.id(), tile),
            size: tile.size,
            settings: tile.settings.clone(),
            refresh_minutes: tile.refresh,
            is_set_up: app.forms.setup_of(tile) == Setup::Done,
        }
    }
}

async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<ListedAnswer>>, Problem> {
    let seen = app.dashboards.list(&caller, Action::View).await?;
    let answers = seen.into_iter().map(|listed| ListedAnswer {
        id: listed.dashboard.id().clone(),
        title: listed.dashboard.title().clone(),
        owner: listed.dashboard.owner().clone(),
        tiles: listed.dashboard.tiles().len(),
        revision: listed.dashboard.revision(),
        updated_at: listed.updated_at,
        is_deleted: listed.dashboard.is_deleted(),
    });
    Ok(Json(answers.collect()))
}

async fn create(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<NewDashboard>,
) -> Result<Json<DashboardAnswer>, Problem> {
    let template = new.template.map(|from| app::FromTemplate {
        id: from.id,
        settings: from.settings.to_value(),
    });
    let created = app.dashboards.create(&caller, new.title, template);
    Ok(Json(DashboardAnswer::of(&app, &caller, &created.await?)))
}

async fn read(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> Json<DashboardAnswer> {
    Json(DashboardAnswer::of(&app, &caller, &dashboard))
}

async fn remove(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> Result<StatusCode, Problem> {
    app.dashboards.delete(&caller, &dashboard).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn restore(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> Result<StatusCode, Problem> {
    app.dashboards.restore(&caller, &dashboard).await?;
    Ok(StatusCode::NO_CONTENT)
}
