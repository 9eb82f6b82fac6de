//! Filling a dashboard from a template of a library: what it asks for is given, or comes from the datasource.

use std::{collections::BTreeMap, sync::Arc};

use chrono::Utc;
use dashboards::{
    domain::{
        Dashboard, DashboardId, DashboardParts, Datasource, DatasourceDraft, DatasourceId, Name,
        Permission, SecretEdit, Settings, Tile, UserId,
    },
    store::new_id_bytes,
};
use gadget_api::{
    Choice, Choices, Error, ErrorKind, FieldPath, GadgetDescription, Template, TileSize,
};
use gadget_host::Call;
use serde_json::{Map, Value};
use tokio::task::spawn_blocking;

use super::{
    Site,
    problem::Problem,
    sources::{SEMANTIC, secret_fields, split},
    worker::today,
};
use crate::app::{
    Failure, FailureKind,
    datasource_file::{NamedContent, kind_in},
    settings_edit::set,
};

/// How many values a repeated tile is made for where nobody chose them; more would be no overview.
const MOST_REPEATS: usize = 3;

/// What somebody answered to the questions of a template, by semantic. What is missing is chosen.
pub(super) type Given = BTreeMap<String, Vec<Value>>;

/// A tile of a template with its settings.
#[derive(Debug, PartialEq)]
pub(super) struct FilledTile {
    pub(super) gadget: String,
    pub(super) size: TileSize,
    pub(super) settings: Value,
}

/// Who answers what a field offers, given what is set so far.
pub(super) trait Offers {
    fn description(&self, gadget: &str) -> Result<GadgetDescription, Error>;
    fn choices(&self, gadget: &str, field: &FieldPath, settings: &Value) -> Result<Choices, Error>;
}

/// Makes the tiles of a template.
///
/// A field of a semantic that the template asks for takes the value that is given, else the first
/// that is offered; a tile that is repeated comes once for each value that is given, else for each
/// of the first that are offered.
pub(super) fn fill(
    template: &Template,
    given: &Given,
    offers: &dyn Offers,
) -> Result<Vec<FilledTile>, Error> {
    let mut tiles = Vec::new();
    for tile in &template.tiles {
        let description = offers.description(&tile.gadget)?;
        let mut settings = tile
            .settings
            .clone()
            .unwrap_or_else(|| Value::Object(Map::new()));
        let is_repeated = |semantic: &String| Some(semantic) == tile.repeat.as_ref();
        for semantic in template.ask.iter().filter(|asked| !is_repeated(asked)) {
            let value = match given.get(semantic).and_then(|values| values.first()) {
                Some(value) => Some(value.clone()),
                None => offered(&description, semantic, &settings, offers)?
                    .into_iter()
                    .next()
                    .map(|choice| choice.value),
            };
            if let Some(value) = value {
                set(&mut settings, &description, semantic, &value);
            }
        }
        let repeats = match &tile.repeat {
            None => vec![settings],
            Some(semantic) => {
                let values = match given.get(semantic) {
                    Some(values) => values.clone(),
                    None => first_of(offered(&description, semantic, &settings, offers)?),
                };
                let with = |value: Value| {
                    let mut settings = settings.clone();
                    set(&mut settings, &description, semantic, &value);
                    settings
                };
                values.into_iter().map(with).collect()
            }
        };
        tiles.extend(repeats.into_iter().map(|settings| FilledTile {
            gadget: tile.gadget.clone(),
            size: tile.size,
            settings,
        }));
    }
    if tiles.is_empty() {
        let message = format!(
            "the template `{}` makes no tile: the datasource offers nothing",
            template.id
        );
        return Err(Error::new(ErrorKind::Datasource, message));
    }
    Ok(tiles)
}

/// Returns the values of the first choices.
fn first_of(choices: Vec<Choice>) -> Vec<Value> {
    let first = choices.into_iter().take(MOST_REPEATS);
    first.map(|choice| choice.value).collect()
}

fn offered(
    description: &GadgetDescription,
    semantic: &str,
    settings: &Value,
    offers: &dyn Offers,
) -> Result<Vec<Choice>, Error> {
    let Some(field) = description.semantics.get(semantic) else {
        return Ok(Vec::new());
    };
    match offers.choices(&description.manifest.id, field, settings) {
        Ok(Choices::Offered(choices)) => Ok(choices),
        Ok(_) => Ok(Vec::new()),
        // A field without dynamic choices keeps its default.
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Asks the gadgets of this host, with a datasource if there is one.
struct Asking {
    site: Arc<Site>,
    source: Option<Arc<gadget_host::Datasource>>,
}

impl Offers for Asking {
    fn description(&self, gadget: &str) -> Result<GadgetDescription, Error> {
        self.site.description(gadget).cloned()
    }

    fn choices(&self, gadget: &str, field: &FieldPath, settings: &Value) -> Result<Choices, Error> {
        let call = Call::new(gadget, settings.clone(), today());
        let call = match &self.source {
            Some(source) => call.with_datasource(Arc::clone(source)),
            None => call,
        };
        Ok(self.site.engine.choices(&call, field)?)
    }
}

impl Site {
    /// Makes the tiles of a template, in a new dashboard that is not kept yet.
    ///
    /// The datasource is the one that is given; who asks has been found to be allowed to use it.
    pub(super) async fn filled(
        self: &Arc<Self>,
        template: &Template,
        title: Name,
        owner: UserId,
        given: Given,
    ) -> Result<Dashboard, Problem> {
        let named = given
            .get(SEMANTIC)
            .and_then(|values| values.first()?.as_str());
        let source = match named.map(DatasourceId::parse) {
            Some(Ok(id)) => Some(self.source(&id).await?),
            Some(Err(_)) => return Err(Problem::not_found("datasource")),
            None => None,
        };
        let asking = Asking {
            site: Arc::clone(self),
            source,
        };
        let owned = template.clone();
        let filled = spawn_blocking(move || fill(&owned, &given, &asking)).await??;
        let mut tiles = Vec::new();
        for filled in filled {
            let mut tile = self.new_tile(&filled.gadget, filled.size)?;
            tile.settings = Settings::parse(filled.settings)?;
            tiles.push(tile);
        }
        dashboard_of(title, owner, tiles)
    }

    /// Keeps the datasource that the command line names, and fills a dashboard where there is none,
    /// with these answers to the questions of its template.
    pub(super) async fn take_in(
        self: &Arc<Self>,
        named: NamedContent,
        mut answers: Given,
    ) -> Result<(), Failure> {
        let id = self.keep(named).await?;
        let failed = |problem: &Problem| Failure::new(FailureKind::Other, problem.message());
        let known = self.store.dashboards().await;
        let known = known.map_err(|error| failed(&error.into()))?;
        let templates = self.engine.catalog().templates();
        let Some(template) = templates.map(|each| each.template()).next() else {
            return Ok(());
        };
        if !known.is_empty() {
            return Ok(());
        }
        let title = Name::parse(&template.name)
            .map_err(|error| Failure::new(FailureKind::Library, error.to_string()))?;
        let owner = self.app.people.administrator().await;
        let owner = owner.map_err(|error| failed(&error.into()))?.id;
        answers.insert(SEMANTIC.to_owned(), vec![id.as_str().into()]);
        let filled = self.filled(template, title, owner, answers).await;
        match filled {
            Ok(dashboard) => {
                let kept = self.store.create_dashboard(&dashboard, Utc::now()).await;
                kept.map_err(|error| failed(&error.into()))
            }
            // The host is of use without it: the page says how to go on.
            Err(problem) => {
                tracing::warn!(problem = problem.message(), "no dashboard was filled");
                Ok(())
            }
        }
    }

    /// Keeps a datasource under an id that is made of its name, in place of what was kept before.
    async fn keep(&self, named: NamedContent) -> Result<DatasourceId, Failure> {
        let kind = kind_in(&self.engine, &named.content)?;
        let declaration = Arc::clone(kind.declaration());
        // What cannot be opened is told now, not when a gadget needs it.
        self.opened_of(kind.id(), &named.name, named.content.clone())?;
        let mut content = named.content;
        if let Some(members) = content.as_object_mut() {
            members.shift_remove("kind");
        }
        let (settings, plan) = split(&declaration, content)?;
        let id = id_of(&named.name);
        let name = Name::parse(&named.name).map_err(|error| Failure::usage(error.to_string()))?;
        let failed = |error: dashboards::store::StoreError| {
            Failure::new(FailureKind::Other, error.to_string())
        };
        if let Some(known) = self.store.datasource(&id).await.map_err(failed)? {
            let secrets = plan
                .set
                .into_iter()
                .map(|(field, secret)| (field, SecretEdit::Set(secret)));
            let draft = DatasourceDraft {
                name: known.name,
                permission: known.permission,
                settings,
                secrets: secrets.collect(),
            };
            let fields = secret_fields(&declaration);
            let origin = &declaration.origin;
            self.store
                .save_datasource(&id, known.revision, &draft, origin, &fields, Utc::now())
                .await
                .map_err(failed)?;
            return Ok(id);
        }
        let owner = self.app.people.administrator().await.map_err(failed)?.id;
        let datasource = Datasource {
            id: id.clone(),
            kind: declaration.id.clone(),
            name,
            owner,
            permission: Permission::default(),
            settings,
            secrets: Default::default(),
            revision: 0,
        };
        self.store
            .create_datasource(&datasource, &plan, Utc::now())
            .await
            .map_err(failed)?;
        Ok(id)
    }
}

/// Makes a new dashboard of tiles.
pub(super) fn dashboard_of(
    title: Name,
    owner: UserId,
    tiles: Vec<Tile>,
) -> Result<Dashboard, Problem> {
    let parts = DashboardParts {
        id: DashboardId::from_bytes(new_id_bytes()),
        title,
        owner,
        permission: Permission::default(),
        revision: 0,
        tiles,
        is_deleted: false,
    };
    Dashboard::from_parts(parts).map_err(|refusal| Problem::bad(refusal.to_string()))
}

/// Makes an id that a person recognises.
fn id_of(name: &str) -> DatasourceId {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .take(40)
        .collect();
    DatasourceId::parse(&plain).unwrap_or_else(|_| DatasourceId::from_bytes(new_id_bytes()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use gadget_api::{Manifest, TemplateTile};
    use serde_json::json;

    use super::*;

    struct Canned;

    impl Offers for Canned {
        fn description(&self, gadget: &str) -> Result<GadgetDescription, Error> {
            let path = |text| FieldPath::parse(text).unwrap();
            Ok(GadgetDescription {
                manifest: Manifest::new(gadget, "Users", "Counts."),
                schema: json!({}),
                semantics: BTreeMap::from([
                    ("datasource".into(), path("/datasource")),
                    ("vendor".into(), path("/vendor")),
                    ("app".into(), path("/what/app")),
                    ("period".into(), path("/period")),
                ]),
            })
        }

        fn choices(&self, _: &str, field: &FieldPath, settings: &Value) -> Result<Choices, Error> {
            Ok(Choices::Offered(match field.as_str() {
                "/vendor" => vec![Choice::new("7", "Acme"), Choice::new("8", "Other")],
                "/what/app" if settings["vendor"] == "7" => ["a", "b", "c", "d", "e"]
                    .map(|app| Choice::new(app, app.to_uppercase()))
                    .into(),
                _ => return Err(Error::new(ErrorKind::Unsupported, "no choices")),
            }))
        }
    }

    #[test]
    fn a_repeated_tile_comes_once_for_each_value_that_is_given_or_each_of_the_first() {
        let template = Template {
            id: "partner".into(),
            name: "Partner".into(),
            summary: String::new(),
            ask: vec![
                "datasource".into(),
                "vendor".into(),
                "app".into(),
                "period".into(),
            ],
            tiles: vec![TemplateTile::new("app-users", TileSize::M).repeated_for("app")],
        };
        let given = Given::from([("datasource".to_owned(), vec!["demo".into()])]);
        let filled = fill(&template, &given, &Canned).unwrap();
        let apps = |filled: &[FilledTile]| {
            let apps = filled
                .iter()
                .map(|tile| tile.settings["what"]["app"].clone());
            apps.collect::<Vec<_>>()
        };
        assert_eq!(apps(&filled), ["a", "b", "c"]);
        assert_eq!(
            filled[0].settings,
            json!({"datasource": "demo", "vendor": "7", "what": {"app": "a"}})
        );
        let chosen = vec!["e".into(), "d".into()];
        let given = Given::from([
            ("app".to_owned(), chosen),
            ("vendor".to_owned(), vec!["8".into()]),
        ]);
        let filled = fill(&template, &given, &Canned).unwrap();
        assert_eq!(apps(&filled), ["e", "d"]);
        assert_eq!(filled[0].settings["vendor"], "8");
    }

    #[test]
    fn an_id_is_made_of_the_name() {
        assert_eq!(id_of("Sample Marketplace").as_str(), "sample-marketplace");
        assert_eq!(id_of("").as_str().len(), 32);
    }
}
