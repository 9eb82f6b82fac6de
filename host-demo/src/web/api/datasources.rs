//! Datasources, without their secrets.

use std::sync::Arc;

use axum::{Extension, Json, extract::State, http::Method, routing::get};
use host_demo::domain::{
    Action, Datasource, DatasourceId, Name, Object, Permission, Settings, UserId,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Thing},
    problem::Problem,
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::GET,
            "/api/datasources",
            Access::May(Action::View, Thing::Datasources),
            (
                "listDatasources",
                "Lists the datasources that the caller may use",
            ),
            get(list),
        )
        .answers::<Vec<DatasourceAnswer>>(),
        Endpoint::api(
            Method::GET,
            "/api/datasources/{datasource}",
            Access::May(Action::View, Thing::Datasource),
            (
                "readDatasource",
                "Answers with a datasource, without its secrets",
            ),
            get(read),
        )
        .answers::<DatasourceAnswer>(),
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
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<DatasourceAnswer>>, Problem> {
    let all = site.store.datasources().await?;
    let usable = all
        .iter()
        .filter(|each| caller.may(Action::View, Object::Datasource(each)));
    Ok(Json(usable.map(DatasourceAnswer::from).collect()))
}

async fn read(Extension(datasource): Extension<Arc<Datasource>>) -> Json<DatasourceAnswer> {
    Json(DatasourceAnswer::from(datasource.as_ref()))
}
