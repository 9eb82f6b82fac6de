//! Filling a dashboard from a template of a library: what it asks for is answered, or comes from the datasource.

use std::sync::Arc;

use dashboards::{
    domain::{
        Dashboard, DashboardId, DashboardParts, DatasourceId, Name, Permission, Settings, Tile,
        UserId,
    },
    store::new_id_bytes,
};
use gadget_api::{
    Choice, Choices, Error, ErrorKind, FieldPath, GadgetDescription, Template, TileSize,
    schema::DATASOURCE,
};
use gadget_host::Call;
use serde_json::{Map, Value};

use super::{TemplateAnswers, Templates};
use crate::app::{
    AppError, Engine, blocking, dashboard::new_tile, refresh::today, settings_edit::set,
};

/// How many values a repeated tile is made for where nobody chose them; more would be no overview.
const MOST_REPEATS: usize = 3;

/// A tile of a template with its settings.
#[derive(Debug, PartialEq)]
struct FilledTile {
    gadget: String,
    size: TileSize,
    settings: Value,
}

/// Who answers what a field offers, given what is set so far.
trait Offers {
    fn description(&self, gadget: &str) -> Result<GadgetDescription, Error>;
    fn choices(&self, gadget: &str, field: &FieldPath, settings: &Value) -> Result<Choices, Error>;
}

/// Makes the tiles of a template.
///
/// A field of a semantic that the template asks for takes the answer, else the first
/// that is offered; a tile that is repeated comes once for each answer, else for each
/// of the first that are offered.
fn fill(
    template: &Template,
    answers: &TemplateAnswers,
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
            let value = match answers.get(semantic).and_then(|values| values.first()) {
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
                let values = match answers.get(semantic) {
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
            "the template `{}` creates no gadgets: the datasource offers no choices",
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
struct GadgetOffers {
    engine: Arc<Engine>,
    source: Option<Arc<gadget_host::Datasource>>,
}

impl Offers for GadgetOffers {
    fn description(&self, gadget: &str) -> Result<GadgetDescription, Error> {
        self.engine.description(gadget).cloned()
    }

    fn choices(&self, gadget: &str, field: &FieldPath, settings: &Value) -> Result<Choices, Error> {
        let call = Call::new(gadget, settings.clone(), today());
        let call = match &self.source {
            Some(source) => call.with_datasource(Arc::clone(source)),
            None => call,
        };
        Ok(self.engine.choices(&call, field)?)
    }
}

impl Templates {
    /// Makes the tiles of a template, in a new dashboard that is not kept yet.
    ///
    /// The caller has been found to be allowed to use the datasource among the answers.
    pub(in crate::app) async fn fill(
        &self,
        template: &Template,
        title: Name,
        owner: UserId,
        answers: TemplateAnswers,
    ) -> Result<Dashboard, AppError> {
        let named = answers
            .get(DATASOURCE)
            .and_then(|values| values.first()?.as_str());
        let source = match named.map(DatasourceId::parse) {
            Some(Ok(id)) => Some(self.datasources.source(&id).await?),
            Some(Err(_)) => return Err(AppError::not_found("datasource")),
            None => None,
        };
        let offers = GadgetOffers {
            engine: Arc::clone(&self.engine),
            source,
        };
        let owned = template.clone();
        let filled = blocking::run(move || fill(&owned, &answers, &offers)).await??;
        let mut tiles = Vec::new();
        for filled in filled {
            let mut tile = new_tile(&self.engine, &filled.gadget, filled.size)?;
            tile.settings = Settings::parse(filled.settings)?;
            tiles.push(tile);
        }
        dashboard_of(title, owner, tiles)
    }
}

/// Makes a new dashboard of tiles.
fn dashboard_of(title: Name, owner: UserId, tiles: Vec<Tile>) -> Result<Dashboard, AppError> {
    let parts = DashboardParts {
        id: DashboardId::from_bytes(new_id_bytes()),
        title,
        owner,
        permission: Permission::default(),
        revision: 0,
        tiles,
        is_deleted: false,
    };
    Ok(Dashboard::from_parts(parts)?)
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
        let answers = TemplateAnswers::from([("datasource".to_owned(), vec!["demo".into()])]);
        let filled = fill(&template, &answers, &Canned).unwrap();
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
        let answers = TemplateAnswers::from([
            ("app".to_owned(), chosen),
            ("vendor".to_owned(), vec!["8".into()]),
        ]);
        let filled = fill(&template, &answers, &Canned).unwrap();
        assert_eq!(apps(&filled), ["e", "d"]);
        assert_eq!(filled[0].settings["vendor"], "8");
    }
}
