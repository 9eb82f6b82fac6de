//! Datasources: secrets go in, and never come out.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode},
    routing::{delete, get, post, put},
};
use dashboards::domain::{
    Action, DashboardId, Datasource, DatasourceId, Name, Permission, Settings, TileId, UserId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::json::{InQuery, SecretBody};
use crate::{
    app::{self, App, Caller, SecretEdits},
    web::{
        endpoint::{Access, Endpoint, Resource},
        problem::Problem,
    },
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    let edit = Access::May(Action::Edit, Resource::Datasource);
    let see = Access::May(Action::View, Resource::Datasource);
    vec![
        Endpoint::api(
            Method::GET,
            "/api/datasources",
            Access::May(Action::View, Resource::Datasources),
            (
                "listDatasources",
                "Lists the datasources that the caller can use",
            ),
            get(list),
        )
        .answers::<Vec<DatasourceAnswer>>(),
        Endpoint::api(
            Method::POST,
            "/api/datasources",
            Access::May(Action::Create, Resource::Datasources),
            ("createDatasource", "Creates a datasource"),
            post(create),
        )
        .takes::<NewDatasource>()
        .answers::<DatasourceAnswer>(),
        Endpoint::api(
            Method::GET,
            "/api/datasources/{datasource}",
            see,
            (
                "readDatasource",
                "Returns a datasource, without its secrets",
            ),
            get(read),
        )
        .answers::<DatasourceAnswer>(),
        Endpoint::api(
            Method::PUT,
            "/api/datasources/{datasource}",
            edit,
            (
                "saveDatasource",
                "Saves a datasource; omitted secrets are kept unless the address changes to another host",
            ),
            put(save),
        )
        .takes::<SavedDatasource>()
        .answers::<DatasourceAnswer>(),
        Endpoint::api(
            Method::DELETE,
            "/api/datasources/{datasource}",
            Access::May(Action::Manage, Resource::Datasource),
            (
                "deleteDatasource",
                "Deletes a datasource with its secrets and its data",
            ),
            delete(remove),
        )
        .asks::<RevisionQuery>(),
        Endpoint::api(
            Method::GET,
            "/api/datasources/{datasource}/uses",
            see,
            (
                "usesOfDatasource",
                "Lists the gadgets that use a datasource, on dashboards that the caller can see",
            ),
            get(uses),
        )
        .answers::<UsesAnswer>(),
        Endpoint::api(
            Method::GET,
            "/api/people",
            Access::May(Action::View, Resource::Datasources),
            (
                "people",
                "Lists the ids and names of users who can be named in a permission",
            ),
            get(people),
        )
        .answers::<Vec<PersonAnswer>>(),
    ]
}

/// A datasource, without its secrets.
#[derive(JsonSchema, Serialize)]
struct DatasourceAnswer {
    id: DatasourceId,
    kind: String,
    name: Name,
    owner: UserId,
    permission: Permission,
    settings: Settings,
    /// The JSON Pointers of the secrets that are kept.
    secrets: Vec<String>,
    revision: u64,
}

/// A datasource to keep.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewDatasource {
    kind: String,
    name: String,
    #[serde(default)]
    permission: Permission,
    settings: Settings,
    /// The secrets, by JSON Pointer.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    secrets: SecretEdits,
}

/// A datasource to save.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SavedDatasource {
    /// The revision that the caller looked at.
    revision: u64,
    name: String,
    permission: Permission,
    settings: Settings,
    /// What becomes of the secrets, by JSON Pointer: text is a new one, `null` removes it.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, Option<String>>")]
    secrets: SecretEdits,
}

/// Which datasource is deleted.
#[derive(Deserialize, JsonSchema)]
struct RevisionQuery {
    /// The revision that whoever deletes it has seen.
    #[schemars(required)]
    revision: Option<u64>,
}

/// The gadgets that read a datasource.
#[derive(JsonSchema, Serialize)]
struct UsesAnswer {
    tiles: Vec<UseAnswer>,
    /// How many more are on dashboards that the caller may not see.
    others: usize,
}

/// A gadget that reads a datasource.
#[derive(JsonSchema, Serialize)]
struct UseAnswer {
    dashboard: DashboardId,
    title: Name,
    tile: TileId,
    label: String,
}

/// Somebody who can be named.
#[derive(JsonSchema, Serialize)]
struct PersonAnswer {
    id: UserId,
    name: Name,
}

impl From<&Datasource> for DatasourceAnswer {
    fn from(datasource: &Datasource) -> Self {
        Self {
            id: datasource.id.clone(),
            kind: datasource.kind.clone(),
            name: datasource.name.clone(),
            owner: datasource.owner.clone(),
            permission: datasource.permission.clone(),
            settings: datasource.settings.clone(),
            secrets: datasource.secrets.iter().map(ToString::to_string).collect(),
            revision: datasource.revision,
        }
    }
}

async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<DatasourceAnswer>>, Problem> {
    let usable = app.datasources.usable(&caller).await?;
    Ok(Json(usable.iter().map(DatasourceAnswer::from).collect()))
}

async fn read(Extension(datasource): Extension<Arc<Datasource>>) -> Json<DatasourceAnswer> {
    Json(DatasourceAnswer::from(datasource.as_ref()))
}

async fn create(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    SecretBody(new): SecretBody<NewDatasource>,
) -> Result<Json<DatasourceAnswer>, Problem> {
    let new = app::NewDatasource {
        kind: new.kind,
        name: new.name,
        permission: new.permission,
        settings: new.settings,
        secrets: new.secrets,
    };
    let kept = app.datasources.create(&caller, new).await?;
    Ok(Json(DatasourceAnswer::from(&kept)))
}

async fn save(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(stored): Extension<Arc<Datasource>>,
    SecretBody(saved): SecretBody<SavedDatasource>,
) -> Result<Json<DatasourceAnswer>, Problem> {
    let saved = app::SavedDatasource {
        revision: saved.revision,
        name: saved.name,
        permission: saved.permission,
        settings: saved.settings,
        secrets: saved.secrets,
    };
    let kept = app.datasources.save(&caller, &stored, saved).await?;
    Ok(Json(DatasourceAnswer::from(&kept)))
}

async fn remove(
    State(app): State<Arc<App>>,
    Extension(datasource): Extension<Arc<Datasource>>,
    InQuery(query): InQuery<RevisionQuery>,
) -> Result<StatusCode, Problem> {
    let Some(revision) = query.revision else {
        let message = "the query `?revision=` must name the revision to delete";
        return Err(Problem::bad(message));
    };
    app.datasources.remove(&datasource, revision).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn uses(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(datasource): Extension<Arc<Datasource>>,
) -> Result<Json<UsesAnswer>, Problem> {
    let uses = app.datasources.uses(&caller, &datasource.id).await?;
    let tiles = uses.tiles.into_iter().map(|each| UseAnswer {
        label: app.tiles.label(&each.dashboard, &each.tile),
        dashboard: each.dashboard,
        title: each.title,
        tile: each.tile.id,
    });
    Ok(Json(UsesAnswer {
        tiles: tiles.collect(),
        others: uses.others,
    }))
}

async fn people(State(app): State<Arc<App>>) -> Result<Json<Vec<PersonAnswer>>, Problem> {
    let users = app.people.all().await?;
    let people = users.into_iter().map(|user| PersonAnswer {
        id: user.id,
        name: user.name,
    });
    Ok(Json(people.collect()))
}
