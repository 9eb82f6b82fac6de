//! The last steps: what a library and its parts say about themselves.

use std::collections::BTreeSet;

use gadget_api::{
    __abi::{Exported, guarded},
    Authentication, DatasourceDeclaration, FieldPath, GadgetDescription, LibraryDescription,
    Manifest, Part,
    schema::{self, Finding, lint, lint_datasource},
};
use serde_json::Value;
use url::Url;

use super::{LoadError, Loaded};
use crate::text::one_line;

/// The longest title, in characters.
const MAX_TITLE_CHARS: usize = 80;
/// The longest line of a catalog, in characters.
const MAX_SUMMARY_CHARS: usize = 300;
/// The longest description, in characters.
const MAX_DESCRIPTION_CHARS: usize = 4_000;

type Checked = Result<(), LoadError>;

fn refuse(what: String) -> Checked {
    Err(LoadError::Description { what })
}

/// Reads the description of a part of a library and checks it.
pub(super) fn part(exported: &Exported) -> Result<Part, LoadError> {
    let part = guarded("the description", || exported.describe()).map_err(|error| {
        LoadError::Description {
            what: format!(
                "one of its parts cannot be described: {}",
                one_line(error.message())
            ),
        }
    })?;
    match &part {
        Part::Gadget(description) => gadget(description)?,
        Part::Datasource(declaration) => datasource(declaration)?,
        _ => {}
    }
    Ok(part)
}

/// Checks what a library says about itself as a whole.
pub(super) fn library(description: &LibraryDescription) -> Checked {
    text("the library", "name", &description.name, 1, MAX_TITLE_CHARS)?;
    text(
        "the library",
        "version of gadget-api",
        &description.api_version,
        1,
        MAX_TITLE_CHARS,
    )?;
    for template in &description.templates {
        id("the template", &template.id)?;
        let place = format!("the template `{}`", template.id);
        text(&place, "name", &template.name, 1, MAX_TITLE_CHARS)?;
        text(&place, "summary", &template.summary, 0, MAX_SUMMARY_CHARS)?;
        if template.tiles.is_empty() {
            refuse(format!("{place} has no tile"))?;
        }
        for tile in &template.tiles {
            id(&format!("a tile of {place}"), &tile.gadget)?;
        }
    }
    Ok(())
}

/// Checks what depends on all parts of a library.
pub(super) fn whole(loaded: &Loaded) -> Checked {
    if loaded.gadgets.is_empty() && loaded.datasources.is_empty() {
        refuse("it has neither a gadget nor a datasource kind".to_owned())?;
    }
    let gadgets = loaded.gadgets.iter().map(|(gadget, _)| &gadget.manifest.id);
    let kinds = loaded.datasources.iter().map(|(kind, _)| &kind.id);
    once("gadget", gadgets)?;
    once("datasource kind", kinds)?;
    once(
        "template",
        loaded
            .library
            .description()
            .templates
            .iter()
            .map(|template| &template.id),
    )
}

fn once<'a>(what: &str, ids: impl Iterator<Item = &'a String>) -> Checked {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            refuse(format!("it has the {what} `{id}` twice"))?;
        }
    }
    Ok(())
}

fn gadget(description: &GadgetDescription) -> Checked {
    let GadgetDescription {
        manifest,
        schema,
        semantics,
    } = description;
    id("the gadget", &manifest.id)?;
    let place = format!("the gadget `{}`", manifest.id);
    manifest_texts(&place, manifest)?;
    for kind in &manifest.datasource_kinds {
        id(&format!("a datasource kind of {place}"), kind)?;
    }
    if let Some(sample) = &manifest.sample {
        let bounded = sample.as_ref().clone().bounded();
        bounded
            .map(drop)
            .or_else(|error| refuse(format!("the sample of {place} is refused: {error}")))?;
    }
    settings_schema(&manifest.id, &lint(schema))?;
    if *semantics != schema::semantics(schema) {
        refuse(format!(
            "{place} names other semantics than its settings schema has"
        ))?;
    }
    Ok(())
}

fn manifest_texts(place: &str, manifest: &Manifest) -> Checked {
    text(place, "title", &manifest.title, 1, MAX_TITLE_CHARS)?;
    text(place, "summary", &manifest.summary, 1, MAX_SUMMARY_CHARS)?;
    text(
        place,
        "description",
        &manifest.description,
        0,
        MAX_DESCRIPTION_CHARS,
    )?;
    match manifest.help.as_deref().map(Url::parse) {
        Some(Ok(address)) if address.scheme() == "https" && address.username().is_empty() => Ok(()),
        Some(_) => refuse(format!("the help of {place} is not an `https` address")),
        None => Ok(()),
    }
}

fn settings_schema(id: &str, findings: &[Finding]) -> Checked {
    let Some(first) = findings.first() else {
        return Ok(());
    };
    let lines: Vec<_> = findings
        .iter()
        .map(|finding| one_line(&finding.to_string()))
        .collect();
    Err(LoadError::Schema {
        id: id.to_owned(),
        finding: one_line(&first.to_string()),
        detail: lines.join("\n"),
    })
}

fn datasource(declaration: &DatasourceDeclaration) -> Checked {
    id("the datasource kind", &declaration.id)?;
    let place = format!("the datasource kind `{}`", declaration.id);
    text(&place, "title", &declaration.title, 1, MAX_TITLE_CHARS)?;
    text(
        &place,
        "summary",
        &declaration.summary,
        0,
        MAX_SUMMARY_CHARS,
    )?;
    settings_schema(&declaration.id, &lint_datasource(&declaration.schema))?;
    let origin = text_field(&place, "the origin", declaration, &declaration.origin)?;
    if is_secret(origin) {
        refuse(format!("{place} keeps its origin secret"))?;
    }
    for known in &declaration.known_origins {
        let is_origin = Url::parse(known).is_ok_and(|url| {
            url.scheme() == "https" && url.origin().ascii_serialization() == *known
        });
        if !is_origin {
            refuse(format!(
                "{place} lists the known origin `{}`, which is not an origin such as `https://api.example.com`",
                one_line(known)
            ))?;
        }
    }
    let secret = match &declaration.authentication {
        Authentication::None => return Ok(()),
        Authentication::Basic { user, password } => {
            text_field(&place, "the user", declaration, user)?;
            password
        }
        Authentication::Bearer { token } => token,
        _ => {
            return refuse(format!(
                "{place} uses an authentication scheme that this host does not support"
            ));
        }
    };
    let field = text_field(&place, "the secret", declaration, secret)?;
    if !is_secret(field) {
        refuse(format!(
            "the secret `{secret}` of {place} is not `writeOnly`"
        ))?;
    }
    Ok(())
}

fn is_secret(field: &Value) -> bool {
    field.get("writeOnly") == Some(&Value::Bool(true))
}

/// Returns the schema of a text field of the declaration's settings: one of the first level.
fn text_field<'a>(
    place: &str,
    what: &str,
    declaration: &'a DatasourceDeclaration,
    path: &FieldPath,
) -> Result<&'a Value, LoadError> {
    let names: Vec<_> = path.parts().collect();
    let field = match names.as_slice() {
        [name] => declaration
            .schema
            .get("properties")
            .and_then(|fields| fields.get(name.as_ref())),
        _ => None,
    };
    field
        .filter(|field| field.get("type").is_some_and(|name| name == "string"))
        .ok_or_else(|| LoadError::Description {
            what: format!(
                "{place} names `{}` as {what}, which is not a text field of its settings",
                one_line(path.as_str())
            ),
        })
}

/// Checks an id: a lower-case letter, then 1 to 63 of `a-z`, `0-9`, `-`.
fn id(what: &str, id: &str) -> Checked {
    if is_id(id) {
        return Ok(());
    }
    refuse(format!(
        "the id `{}` of {what} is invalid: use a lower-case letter, then 1 to 63 of a-z, 0-9 and -",
        one_line(id)
    ))
}

/// Tells whether a text can be the id of a gadget, a datasource kind or a template.
pub(crate) fn is_id(id: &str) -> bool {
    let bytes = id.as_bytes();
    (2..=64).contains(&bytes.len())
        && bytes[0].is_ascii_lowercase()
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
}

fn text(place: &str, what: &str, text: &str, min: usize, max: usize) -> Checked {
    let chars = text.chars().count();
    if text.trim().chars().count() < min {
        return refuse(format!("{place} has no {what}"));
    }
    if chars > max {
        return refuse(format!(
            "the {what} of {place} has {chars} characters; at most {max} are allowed"
        ));
    }
    if text.chars().any(|each| each.is_control() && each != '\n') {
        return refuse(format!("the {what} of {place} contains control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use gadget_api::{Figure, View};
    use serde_json::json;

    use super::*;

    fn schema(fields: Value) -> Value {
        json!({"type": "object", "additionalProperties": false, "properties": fields})
    }

    fn description(manifest: Manifest) -> GadgetDescription {
        GadgetDescription {
            manifest,
            schema: schema(json!({})),
            semantics: Default::default(),
        }
    }

    fn declaration() -> DatasourceDeclaration {
        DatasourceDeclaration {
            id: "numbers".to_owned(),
            title: "Numbers".to_owned(),
            summary: "Numbers over HTTP.".to_owned(),
            schema: schema(json!({
                "address": {"type": "string", "title": "Address", "default": ""},
                "user": {"type": "string", "title": "User", "default": ""},
                "token": {"type": "string", "title": "Token", "default": "", "writeOnly": true},
            })),
            origin: FieldPath::parse("/address").unwrap(),
            known_origins: vec!["https://api.example.com".to_owned()],
            authentication: Authentication::Basic {
                user: FieldPath::parse("/user").unwrap(),
                password: FieldPath::parse("/token").unwrap(),
            },
        }
    }

    #[test]
    fn only_valid_ids_are_accepted() {
        let long = "a".repeat(65);
        for (text, holds) in [
            ("app-users", true),
            ("a1", true),
            (&long[1..], true),
            ("a", false),
            ("", false),
            ("1a", false),
            ("A", false),
            ("a/b", false),
            ("../../etc/x", false),
            (".hidden", false),
            ("a\0", false),
            (&long, false),
        ] {
            assert_eq!(is_id(text), holds, "{text}");
        }
    }

    #[test]
    fn a_gadget_that_cannot_be_shown_is_refused() {
        let good = || Manifest::new("good-one", "Good", "A line.");
        assert!(gadget(&description(good())).is_ok());
        let too_much = View::new("x").with_figure(Figure::new("a", "b", "c", f64::NAN));
        for (manifest, expected) in [
            (
                Manifest::new("Bad", "Good", "A line."),
                "the id `Bad` of the gadget is invalid: use a lower-case letter, then 1 to 63 of a-z, 0-9 and -",
            ),
            (
                Manifest::new("good-one", " ", "A line."),
                "the gadget `good-one` has no title",
            ),
            (
                Manifest::new("good-one", "G\u{1b}[2J", "A line."),
                "the title of the gadget `good-one` contains control characters",
            ),
            (
                good().with_description("x".repeat(4_001)),
                "the description of the gadget `good-one` has 4001 characters; at most 4000 are allowed",
            ),
            (
                good().with_help("javascript:alert(1)"),
                "the help of the gadget `good-one` is not an `https` address",
            ),
        ] {
            let error = gadget(&description(manifest)).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        let error = gadget(&description(good().with_sample(too_much))).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the sample of the gadget `good-one` is refused: "),
            "{error}"
        );
        let mut bare = description(good());
        bare.schema = schema(json!({"x": {"type": "string", "title": "X"}}));
        assert_eq!(
            gadget(&bare).unwrap_err().to_string(),
            "the settings schema of `good-one` does not follow the profile: /x: it is optional and has no `default`"
        );
        bare.schema["properties"]["x"]["default"] = "".into();
        bare.schema["properties"]["x"]["writeOnly"] = true.into();
        assert_eq!(
            gadget(&bare).unwrap_err().to_string(),
            "the settings schema of `good-one` does not follow the profile: /x: it is secret (`writeOnly`), but settings of a gadget are stored as plain text; declare it in the datasource kind"
        );
    }

    #[test]
    fn a_datasource_kind_that_cannot_be_kept_safe_is_refused() {
        assert!(datasource(&declaration()).is_ok());
        type Change = fn(&mut DatasourceDeclaration);
        let table: [(Change, &str); 5] = [
            (
                |kind| kind.origin = FieldPath::parse("/nowhere").unwrap(),
                "the datasource kind `numbers` names `/nowhere` as the origin, which is not a text field of its settings",
            ),
            (
                |kind| kind.origin = FieldPath::parse("/token").unwrap(),
                "the datasource kind `numbers` keeps its origin secret",
            ),
            (
                |kind| kind.known_origins = vec!["https://api.example.com/x".to_owned()],
                "the datasource kind `numbers` lists the known origin `https://api.example.com/x`, which is not an origin such as `https://api.example.com`",
            ),
            (
                |kind| kind.authentication = Authentication::Unknown,
                "the datasource kind `numbers` uses an authentication scheme that this host does not support",
            ),
            (
                |kind| {
                    kind.authentication = Authentication::Bearer {
                        token: FieldPath::parse("/user").unwrap(),
                    }
                },
                "the secret `/user` of the datasource kind `numbers` is not `writeOnly`",
            ),
        ];
        for (change, expected) in table {
            let mut changed = declaration();
            change(&mut changed);
            assert_eq!(datasource(&changed).unwrap_err().to_string(), expected);
        }
    }
}
