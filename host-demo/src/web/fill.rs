//! Filling a dashboard from a template of a library: what it asks for comes from the datasource.

use gadget_api::{
    Choice, Choices, Error, ErrorKind, FieldPath, GadgetDescription, Template, TileSize,
};
use serde_json::{Map, Value};

use super::board::Tile;
use crate::settings::set;

/// How many values a repeated tile is made for; more than these would be no overview.
const MOST_REPEATS: usize = 4;

/// What a filled dashboard is made of.
pub(super) struct Filled {
    pub(super) name: String,
    pub(super) tiles: Vec<Tile>,
}

/// Who answers what a field offers, given what is set so far.
pub(super) trait Offers {
    fn description(&self, gadget: &str) -> Result<GadgetDescription, Error>;
    fn choices(&self, gadget: &str, field: &FieldPath, settings: &Value) -> Result<Choices, Error>;
}

/// Makes the tiles of a template.
///
/// A field of a semantic that the template asks for takes the first value that is offered; a tile
/// that is repeated comes once for each of the first values, those that are preferred before others.
pub(super) fn fill(
    template: &Template,
    datasource: &str,
    preferred: &[&str],
    offers: &dyn Offers,
) -> Result<Filled, Error> {
    let mut tiles = Vec::new();
    for tile in &template.tiles {
        let description = offers.description(&tile.gadget)?;
        let mut settings = tile
            .settings
            .clone()
            .unwrap_or_else(|| Value::Object(Map::new()));
        set(
            &mut settings,
            &description,
            "datasource",
            &Value::from(datasource),
        );
        for semantic in template
            .ask
            .iter()
            .filter(|semantic| Some(*semantic) != tile.repeat.as_ref())
        {
            if let Some(choice) = offered(&description, semantic, &settings, offers)?.first() {
                set(&mut settings, &description, semantic, &choice.value);
            }
        }
        let repeats = match &tile.repeat {
            None => vec![(description.manifest.title.clone(), settings)],
            Some(semantic) => sorted(
                offered(&description, semantic, &settings, offers)?,
                preferred,
            )
            .into_iter()
            .take(MOST_REPEATS)
            .map(|choice| {
                let mut settings = settings.clone();
                set(&mut settings, &description, semantic, &choice.value);
                (choice.title, settings)
            })
            .collect(),
        };
        let count = repeats.len();
        for (place, (title, settings)) in repeats.into_iter().enumerate() {
            let size = size_of(tile.size, place, count);
            let id = format!("t{}", tiles.len() + 1);
            tiles.push(Tile::new(id, tile.gadget.clone(), title, size, settings));
        }
    }
    if tiles.is_empty() {
        let message = format!(
            "the template `{}` makes no tile: the datasource offers nothing",
            template.id
        );
        return Err(Error::new(ErrorKind::Datasource, message));
    }
    Ok(Filled {
        name: template.name.clone(),
        tiles,
    })
}

/// Puts the preferred values first, in their order.
fn sorted(mut choices: Vec<Choice>, preferred: &[&str]) -> Vec<Choice> {
    let rank = |choice: &Choice| {
        let value = choice.value.as_str().unwrap_or_default();
        preferred
            .iter()
            .position(|preferred| *preferred == value)
            .unwrap_or(preferred.len())
    };
    choices.sort_by_key(rank);
    choices
}

/// The first of several leads the page; three of a third of the width fill a row below it.
fn size_of(size: TileSize, place: usize, count: usize) -> TileSize {
    if size == TileSize::M && place == 0 && count > 1 {
        TileSize::XL
    } else {
        size
    }
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
    fn a_repeated_tile_comes_once_for_each_of_the_first_values_the_preferred_one_leading() {
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
        let filled = fill(&template, "demo", &["c"], &Canned).unwrap();
        let tiles: Vec<_> = filled
            .tiles
            .iter()
            .map(|tile| (tile.id.as_str(), tile.title.as_str(), tile.size))
            .collect();
        assert_eq!(
            tiles,
            [
                ("t1", "C", TileSize::XL),
                ("t2", "A", TileSize::M),
                ("t3", "B", TileSize::M),
                ("t4", "D", TileSize::M)
            ]
        );
        assert_eq!(
            filled.tiles[1].settings,
            json!({"datasource": "demo", "vendor": "7", "what": {"app": "a"}})
        );
    }
}
