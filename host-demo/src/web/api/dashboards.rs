//! Dashboards as wholes: which there are, one of them, a new one, and its end.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode},
    routing::{delete, get, post},
};
use chrono::{DateTime, Utc};
use dashboards::{
    domain::{
        Action, Change, Dashboard, DashboardId, Name, Object, Permission, RefreshMinutes, Settings,
        Tile, TileId, UserId,
    },
    store::new_id_bytes,
};
use gadget_api::{TileSize, Version};
use gadget_host::sharing::Setup;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{json::Body, tiles::label};
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Resource},
    problem::Problem,
    questions::given,
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
                "Lists the dashboards that the caller may see",
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
                "Makes a dashboard, empty or from a template",
            ),
            post(create),
        )
        .takes::<NewDashboard>()
        .answers::<DashboardAnswer>(),
        Endpoint::api(
            Method::GET,
            ONE,
            Access::May(Action::View, Resource::Dashboard),
            ("readDashboard", "Answers with a dashboard and its gadgets"),
            get(read),
        )
        .answers::<DashboardAnswer>(),
        Endpoint::api(
            Method::DELETE,
            ONE,
            Access::May(Action::Manage, Resource::Dashboard),
            (
                "deleteDashboard",
                "Deletes a dashboard; undoing the change brings it back",
            ),
            delete(remove),
        ),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/restore",
            Access::May(Action::Manage, Resource::Dashboard),
            ("restoreDashboard", "Brings a deleted dashboard back"),
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
    pub(super) fn of(site: &Site, caller: &Caller, dashboard: &Dashboard) -> Self {
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
                .map(|tile| TileAnswer::of(site, dashboard, tile))
                .collect(),
        }
    }
}

impl TileAnswer {
    fn of(site: &Site, dashboard: &Dashboard, tile: &Tile) -> Self {
        Self {
            id: tile.id.clone(),
            gadget: tile.gadget.clone(),
            gadget_version: tile.gadget_version,
            title: label(site, dashboard.id(), tile),
            size: tile.size,
            settings: tile.settings.clone(),
            refresh_minutes: tile.refresh,
            is_set_up: site.setup_of(tile) == Setup::Done,
        }
    }
}

async fn list(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<ListedAnswer>>, Problem> {
    let all = site.store.dashboards().await?;
    let seen = all
        .into_iter()
        .filter(|listed| caller.may(Action::View, Object::Dashboard(&listed.dashboard)));
    let answers = seen.map(|listed| ListedAnswer {
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
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Body(new): Body<NewDashboard>,
) -> Result<Json<DashboardAnswer>, Problem> {
    let owner = caller.user_id().ok_or_else(|| Problem::not_found("user"))?;
    let dashboard = match new.template {
        None => {
            let id = DashboardId::from_bytes(new_id_bytes());
            Dashboard::new(id, new.title, owner.clone())
        }
        Some(from) => {
            let template = site.template(&from.id)?;
            let answers = from.settings.to_value();
            let form = site.questions(&caller, template, answers).await?;
            if !form.problems.is_empty() {
                return Err(Problem::of_fields(&form.problems));
            }
            let given = given(&form.settings);
            site.filled(template, new.title, owner.clone(), given)
                .await?
        }
    };
    site.store.create_dashboard(&dashboard, Utc::now()).await?;
    Ok(Json(DashboardAnswer::of(&site, &caller, &dashboard)))
}

async fn read(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> Json<DashboardAnswer> {
    Json(DashboardAnswer::of(&site, &caller, &dashboard))
}

async fn remove(
    site: State<Arc<Site>>,
    caller: Extension<Caller>,
    dashboard: Extension<Arc<Dashboard>>,
) -> Result<StatusCode, Problem> {
    change_whole(site, caller, dashboard, Change::Delete).await
}

async fn restore(
    site: State<Arc<Site>>,
    caller: Extension<Caller>,
    dashboard: Extension<Arc<Dashboard>>,
) -> Result<StatusCode, Problem> {
    change_whole(site, caller, dashboard, Change::Restore).await
}

async fn change_whole(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    change: Change,
) -> Result<StatusCode, Problem> {
    let (id, revision) = (dashboard.id(), dashboard.revision());
    site.store
        .change_dashboard(id, revision, &change, caller.user_id(), Utc::now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
