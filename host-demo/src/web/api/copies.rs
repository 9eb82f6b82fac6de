//! Copies of dashboards: clones, and files that are written here and read here or elsewhere.

use std::{collections::BTreeMap, slice, sync::Arc};

use axum::{
    Extension, Json,
    extract::State,
    http::Method,
    response::Response,
    routing::{get, post},
};
use chrono::Utc;
use dashboards::{
    domain::{
        Action, Dashboard, DashboardExport, DashboardId, DashboardParts, Datasource, Name, Object,
        Settings, Tile, TileId,
    },
    store::new_id_bytes,
};
use gadget_api::{FieldError, FieldPath};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{dashboards::DashboardAnswer, json::Body};
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Resource},
    pages,
    problem::Problem,
    sources::{named, secret_fields_in},
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
                "Makes a dashboard with the same gadgets; it belongs to the caller",
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
                "Answers with a dashboard as a file, without secrets, people and rights",
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
                "Makes a dashboard of a file that was exported",
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
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Body(request): Body<CloneRequest>,
) -> Result<Json<DashboardAnswer>, Problem> {
    caller.check(Action::Create, Object::Dashboards)?;
    if dashboard.is_deleted() {
        return Err(Problem::not_found("dashboard"));
    }
    let owner = caller.user_id().ok_or_else(|| Problem::not_found("user"))?;
    let id = DashboardId::from_bytes(new_id_bytes());
    let copy = dashboard.cloned_as(id, request.title, owner.clone(), new_tile_id);
    site.keep_copy(&caller, copy).await
}

async fn export(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> Result<Response, Problem> {
    let (usable, _) = site.datasources_for(&caller).await?;
    let secrets = |tile: &Tile| match site.description(&tile.gadget) {
        Ok(description) => secret_fields_in(&description.schema),
        Err(_) => Vec::new(),
    };
    let file = DashboardExport::of(&dashboard, &usable, secrets);
    let text = serde_json::to_string_pretty(&file)
        .map_err(|error| Problem::bad(format!("the dashboard cannot be written: {error}")))?;
    let name = format!("{}.json", file_name(dashboard.title()));
    Ok(pages::file("application/json", &name, text + "\n"))
}

async fn import(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Body(request): Body<ImportRequest>,
) -> Result<Json<DashboardAnswer>, Problem> {
    let mut file = DashboardExport::parse(&request.file.to_string())
        .map_err(|refusal| Problem::bad(refusal.to_string()))?;
    let (usable, _) = site.datasources_for(&caller).await?;
    let mut errors = Vec::new();
    for (from, to) in &request.datasources {
        let field = FieldPath::root().child("datasources").child(from);
        let kind = file.datasources.iter().find(|source| source.id == *from);
        match usable.iter().find(|source| source.id.as_str() == to) {
            None => errors.push(FieldError::new(
                field,
                "choose a datasource that you may use",
            )),
            Some(source) if kind.is_some_and(|asked| asked.kind != source.kind) => {
                let kind = kind.map_or("another", |asked| asked.kind.as_str());
                let message = format!("choose a datasource of the kind `{kind}`");
                errors.push(FieldError::new(field, message));
            }
            Some(_) => {}
        }
    }
    if !errors.is_empty() {
        return Err(Problem::of_fields(&errors));
    }
    replace_all(&mut file, &request.datasources);
    let owner = caller.user_id().ok_or_else(|| Problem::not_found("user"))?;
    let id = DashboardId::from_bytes(new_id_bytes());
    let dashboard = file
        .into_dashboard(id, owner.clone(), new_tile_id)
        .map_err(|refusal| Problem::bad(refusal.to_string()))?;
    site.keep_copy(&caller, dashboard).await
}

/// Replaces all at once: one that takes the place of another may have been named itself.
fn replace_all(file: &mut DashboardExport, datasources: &BTreeMap<String, String>) {
    let between = |place: usize| format!("\u{0}{place}");
    for (place, from) in datasources.keys().enumerate() {
        file.replace_datasource(from, &between(place));
    }
    for (place, to) in datasources.values().enumerate() {
        file.replace_datasource(&between(place), to);
    }
}

fn new_tile_id() -> TileId {
    TileId::from_bytes(new_id_bytes())
}

/// Makes the name of a file of a title.
fn file_name(title: &Name) -> String {
    let plain: String = title
        .folded()
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    if plain.is_empty() {
        "dashboard".to_owned()
    } else {
        plain.chars().take(60).collect()
    }
}

impl Site {
    /// Returns the datasources that somebody may use, and the others.
    async fn datasources_for(
        &self,
        caller: &Caller,
    ) -> Result<(Vec<Datasource>, Vec<Datasource>), Problem> {
        let all = self.store.datasources().await?;
        let may_use =
            |datasource: &Datasource| caller.may(Action::View, Object::Datasource(datasource));
        Ok(all.into_iter().partition(may_use))
    }

    /// Keeps a copy; what it has of datasources that its new owner may not use stays behind.
    async fn keep_copy(
        &self,
        caller: &Caller,
        copy: Dashboard,
    ) -> Result<Json<DashboardAnswer>, Problem> {
        let (_, foreign) = self.datasources_for(caller).await?;
        let tiles = copy.tiles().iter().map(|tile| Tile {
            settings: self.without_foreign(tile, &foreign),
            ..tile.clone()
        });
        let copy = Dashboard::from_parts(DashboardParts {
            id: copy.id().clone(),
            title: copy.title().clone(),
            owner: copy.owner().clone(),
            permission: copy.permission().clone(),
            revision: copy.revision(),
            tiles: tiles.collect(),
            is_deleted: false,
        })
        .map_err(|refusal| Problem::bad(refusal.to_string()))?;
        self.store.create_dashboard(&copy, Utc::now()).await?;
        Ok(Json(DashboardAnswer::of(self, caller, &copy)))
    }

    /// Returns the settings of a tile without a datasource that somebody may not use.
    fn without_foreign(&self, tile: &Tile, foreign: &[Datasource]) -> Settings {
        let settings = tile.settings.to_value();
        match self.description(&tile.gadget) {
            Ok(description) => {
                let named = named(description, &settings);
                let is_foreign = foreign
                    .iter()
                    .any(|source| Some(&source.id) == named.as_ref());
                match description.semantics.get(crate::web::sources::SEMANTIC) {
                    Some(field) if is_foreign => tile.settings.without(slice::from_ref(field)),
                    _ => tile.settings.clone(),
                }
            }
            // Nobody knows where a gadget whose library is absent has its datasource.
            Err(_) => {
                let text = settings.to_string();
                let is_held = |source: &Datasource| text.contains(&format!("\"{}\"", source.id));
                match foreign.iter().any(is_held) {
                    true => Settings::default(),
                    false => tile.settings.clone(),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn datasources_are_replaced_all_at_once() {
        let tile = |source: &str| json!({"gadget": "g", "gadget_version": "1.0.0", "size": "M", "settings": {"datasource": source}});
        let file =
            json!({"export": 1, "title": "Board", "tiles": [tile("a"), tile("b"), tile("c")]});
        let mut file = DashboardExport::parse(&file.to_string()).unwrap();
        let swap = [("a", "b"), ("b", "a")];
        replace_all(
            &mut file,
            &swap
                .map(|(from, to)| (from.to_owned(), to.to_owned()))
                .into(),
        );
        let named = file
            .tiles
            .iter()
            .map(|tile| tile.settings.to_value()["datasource"].clone());
        assert_eq!(named.collect::<Vec<_>>(), ["b", "a", "c"]);
    }

    #[test]
    fn a_file_is_named_after_the_title() {
        for (title, expected) in [
            (
                "Atlassian Marketplace Partner",
                "atlassian-marketplace-partner",
            ),
            ("../../etc/passwd\"; x", "etc-passwd-x"),
            ("日本", "dashboard"),
        ] {
            assert_eq!(file_name(&Name::parse(title).unwrap()), expected);
        }
    }
}
