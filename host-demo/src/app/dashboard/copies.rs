//! Copies of dashboards: clones, and files that are written here and read here or elsewhere.

use std::{collections::BTreeMap, slice};

use chrono::Utc;
use dashboards::{
    domain::{
        Action, Dashboard, DashboardExport, DashboardId, DashboardParts, Datasource, Name, Object,
        Settings, Tile, TileId,
    },
    store::new_id_bytes,
};
use gadget_api::{FieldError, FieldPath, schema::DATASOURCE};
use serde_json::Value;

use super::Dashboards;
use crate::app::{
    AppError, Caller,
    datasources::{named, secret_fields_in},
};

/// A dashboard as a file.
pub(crate) struct ExportFile {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Dashboards {
    /// Clones a dashboard; the caller owns the copy.
    pub(crate) async fn clone_of(
        &self,
        caller: &Caller,
        dashboard: &Dashboard,
        title: Name,
    ) -> Result<Dashboard, AppError> {
        caller.check(Action::Create, Object::Dashboards)?;
        if dashboard.is_deleted() {
            return Err(AppError::not_found("dashboard"));
        }
        let owner = caller.user_id().ok_or(AppError::not_found("user"))?;
        let id = DashboardId::from_bytes(new_id_bytes());
        let copy = dashboard.cloned_as(id, title, owner.clone(), new_tile_id);
        self.keep_copy(caller, copy).await
    }

    /// Writes a dashboard as a file, without secrets, people and rights.
    pub(crate) async fn export(
        &self,
        caller: &Caller,
        dashboard: &Dashboard,
    ) -> Result<ExportFile, AppError> {
        let usable = self.datasources.usable(caller).await?;
        let secrets = |tile: &Tile| match self.engine.description(&tile.gadget) {
            Ok(description) => secret_fields_in(&description.schema),
            Err(_) => Vec::new(),
        };
        let file = DashboardExport::of(dashboard, &usable, secrets);
        let text = serde_json::to_string_pretty(&file).map_err(|error| {
            AppError::invalid(format!("the dashboard cannot be exported: {error}"))
        })?;
        Ok(ExportFile {
            name: format!("{}.json", file_name(dashboard.title())),
            text: text + "\n",
        })
    }

    /// Makes a dashboard of a file; `datasources` are to be taken in place of those that it names.
    pub(crate) async fn import(
        &self,
        caller: &Caller,
        file: &Value,
        datasources: &BTreeMap<String, String>,
    ) -> Result<Dashboard, AppError> {
        let mut file = DashboardExport::parse(&file.to_string())?;
        let usable = self.datasources.usable(caller).await?;
        let mut errors = Vec::new();
        for (from, to) in datasources {
            let field = FieldPath::root().child("datasources").child(from);
            let kind = file.datasources.iter().find(|source| source.id == *from);
            match usable.iter().find(|source| source.id.as_str() == to) {
                None => errors.push(FieldError::new(
                    field,
                    "choose a datasource that you can use",
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
            return Err(AppError::Fields(errors));
        }
        replace_all(&mut file, datasources);
        let owner = caller.user_id().ok_or(AppError::not_found("user"))?;
        let id = DashboardId::from_bytes(new_id_bytes());
        let dashboard = file.into_dashboard(id, owner.clone(), new_tile_id)?;
        self.keep_copy(caller, dashboard).await
    }

    /// Keeps a copy; what it has of datasources that its new owner may not use stays behind.
    async fn keep_copy(&self, caller: &Caller, copy: Dashboard) -> Result<Dashboard, AppError> {
        let (_, foreign) = self.datasources.usable_and_others(caller).await?;
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
        })?;
        self.store.create_dashboard(&copy, Utc::now()).await?;
        Ok(copy)
    }

    /// Returns the settings of a tile without a datasource that somebody may not use.
    fn without_foreign(&self, tile: &Tile, foreign: &[Datasource]) -> Settings {
        let settings = tile.settings.to_value();
        match self.engine.description(&tile.gadget) {
            Ok(description) => {
                let named = named(description, &settings);
                let is_foreign = foreign
                    .iter()
                    .any(|source| Some(&source.id) == named.as_ref());
                match description.semantics.get(DATASOURCE) {
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
