//! Datasources: secrets go in, and never come out.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode},
    routing::{delete, get, post, put},
};
use chrono::Utc;
use dashboards::{
    domain::{
        Action, DashboardId, Datasource, DatasourceId, Denied, Name, Object, Permission, Settings,
        TileId, UserId,
    },
    store::new_id_bytes,
};
use gadget_host::Datasource as Opened;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    json::{Asked, SecretBody},
    tiles::label,
};
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Resource},
    entered::{SecretEdits, draft},
    problem::Problem,
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
                "Lists the datasources that the caller may use",
            ),
            get(list),
        )
        .answers::<Vec<DatasourceAnswer>>(),
        Endpoint::api(
            Method::POST,
            "/api/datasources",
            Access::May(Action::Create, Resource::Datasources),
            ("createDatasource", "Keeps a new datasource"),
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
                "Answers with a datasource, without its secrets",
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
                "Saves a datasource; a secret that is not sent stays, unless the address changes to another host",
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
                "Deletes a datasource, its secrets and what was read with it",
            ),
            delete(remove),
        )
        .asks::<Looked>(),
        Endpoint::api(
            Method::GET,
            "/api/datasources/{datasource}/uses",
            see,
            (
                "usesOfDatasource",
                "Lists the gadgets that read a datasource, on dashboards that the caller may see",
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
                "Lists who can be named in a permission: ids and names alone",
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
struct Looked {
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

async fn create(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    SecretBody(new): SecretBody<NewDatasource>,
) -> Result<Json<DatasourceAnswer>, Problem> {
    let owner = caller.user_id().ok_or(Denied::LogIn)?.clone();
    let kind = site.datasource_kind(&new.kind)?;
    let name = named(&new.name)?;
    site.check_people(&new.permission).await?;
    let draft = draft(name, new.permission, new.settings, new.secrets);
    let checked = site.checked(kind, draft, None)?;
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
    let kept = site
        .store
        .create_datasource(&datasource, &checked.plan, Utc::now())
        .await?;
    Ok(Json(DatasourceAnswer::from(&kept)))
}

async fn save(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(stored): Extension<Arc<Datasource>>,
    SecretBody(saved): SecretBody<SavedDatasource>,
) -> Result<Json<DatasourceAnswer>, Problem> {
    let is_shared_otherwise = saved.permission != stored.permission;
    if is_shared_otherwise {
        caller.check(Action::Manage, Object::Datasource(&stored))?;
        site.check_people(&saved.permission).await?;
    }
    let kind = site.datasource_kind(&stored.kind)?;
    let draft = draft(
        named(&saved.name)?,
        saved.permission,
        saved.settings,
        saved.secrets,
    );
    let checked = site.checked(kind, draft, Some(&stored))?;
    let kept = site
        .store
        .save_datasource(
            &stored.id,
            saved.revision,
            &checked.draft,
            &checked.origin,
            &checked.secret_fields,
            Utc::now(),
        )
        .await?;
    Ok(Json(DatasourceAnswer::from(&kept)))
}

async fn remove(
    State(site): State<Arc<Site>>,
    Extension(datasource): Extension<Arc<Datasource>>,
    Asked(looked): Asked<Looked>,
) -> Result<StatusCode, Problem> {
    let Some(revision) = looked.revision else {
        let message = "say with `?revision=` which revision of the datasource is deleted";
        return Err(Problem::bad(message));
    };
    let scopes = Opened::space_prefix(datasource.id.as_str());
    site.store
        .delete_datasource(&datasource.id, revision, &scopes)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn uses(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(datasource): Extension<Arc<Datasource>>,
) -> Result<Json<UsesAnswer>, Problem> {
    let boards = site.store.dashboards().await?;
    let (mut tiles, mut others) = (Vec::new(), 0);
    for each in site.store.tiles_using(&datasource.id).await? {
        let mut board = boards.iter().map(|listed| &listed.dashboard);
        let board = board.find(|board| *board.id() == each.dashboard);
        let board = board.filter(|board| caller.may(Action::View, Object::Dashboard(board)));
        match board.and_then(|board| board.tile(&each.tile)) {
            None => others += 1,
            Some(tile) => tiles.push(UseAnswer {
                label: label(&site, &each.dashboard, tile),
                dashboard: each.dashboard,
                title: each.title,
                tile: each.tile,
            }),
        }
    }
    Ok(Json(UsesAnswer { tiles, others }))
}

async fn people(State(site): State<Arc<Site>>) -> Result<Json<Vec<PersonAnswer>>, Problem> {
    let users = site.store.users().await?;
    let people = users.into_iter().map(|user| PersonAnswer {
        id: user.id,
        name: user.name,
    });
    Ok(Json(people.collect()))
}

fn named(text: &str) -> Result<Name, Problem> {
    Name::parse(text).map_err(|error| Problem::bad(format!("the name of the datasource: {error}")))
}

impl Site {
    /// Checks that everybody whom a permission names is there.
    async fn check_people(&self, permission: &Permission) -> Result<(), Problem> {
        let none = BTreeSet::new();
        let (users, editors) = match permission {
            Permission::AnyoneEdits => (&none, &none),
            Permission::SomeEdit { editors } => (&none, editors),
            Permission::OnlyNamed { users, editors } => (users, editors),
        };
        if users.is_empty() && editors.is_empty() {
            return Ok(());
        }
        let known: BTreeSet<UserId> = self
            .store
            .users()
            .await?
            .into_iter()
            .map(|user| user.id)
            .collect();
        match users.iter().chain(editors).find(|id| !known.contains(*id)) {
            None => Ok(()),
            Some(id) => Err(Problem::bad(format!("there is no user `{id}`"))
                .with_remedy("Choose people who have a user here.")),
        }
    }
}
