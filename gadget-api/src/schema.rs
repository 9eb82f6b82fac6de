//! The schema profile: how settings become the JSON Schema that forms are drawn from.
//!
//! A schema is complete and valid with every `x-` word removed; those words only improve the form.
//! Secrets (`writeOnly`) are only for datasource kinds: a host stores and exports the settings of a
//! gadget as plain text.

use std::collections::BTreeMap;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

pub use self::lint::{Finding, lint, lint_datasource};
use crate::FieldPath;

mod lint;

/// The word that names the meaning a field shares across gadgets.
pub const SEMANTIC: &str = "x-semantic";
/// The word that says where the choices of a field come from.
pub const CHOICES: &str = "x-choices";
/// The word that says when sharing ticks a field at first; without it, always.
pub const SHARE: &str = "x-share";
/// A value of [`SHARE`]: only while the field is not set. For fields that usually differ between the
/// gadgets of a dashboard.
pub const SHARE_WHEN_UNSET: &str = "when-unset";
/// A value of [`SHARE`]: not at all, although the field has a semantic.
pub const SHARE_NEVER: &str = "never";
/// The semantic that every host knows: the field holds the id of a datasource, and the host offers its choices.
pub const DATASOURCE: &str = "datasource";
/// The semantic, and the member, of what a person calls a gadget on a dashboard: it is never shared.
pub const NAME: &str = "name";
/// The word of the field that holds the id of a datasource: the kind of that datasource.
pub const DATASOURCE_KIND: &str = "x-datasource-kind";

/// Returns the JSON Schema (2020-12) of a settings type, brought into the profile.
///
/// Subschemas are inlined, a list of constants has its type, the tag of a branch has a default, and
/// Rust-only formats are removed.
#[must_use]
pub fn schema_of<T: JsonSchema>() -> Value {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value();
    transform(&mut schema);
    schema
}

/// Brings a schema and its subschemas into the profile.
fn transform(schema: &mut Value) {
    let Value::Object(members) = schema else {
        return;
    };
    if let Some(format) = members.get("format").and_then(Value::as_str) {
        let is_rusts_own = ["int", "uint", "float", "double"]
            .iter()
            .any(|own| format.starts_with(own));
        if is_rusts_own {
            members.remove("format");
        }
    }
    constants_to_one_of(members);
    type_of_constants(members);
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        properties.values_mut().for_each(transform);
    }
    if let Some(items) = members.get_mut("items") {
        transform(items);
    }
    if let Some(Value::Array(branches)) = members.get_mut("oneOf") {
        for branch in branches {
            transform(branch);
            default_of_tag(branch);
        }
    }
}

/// Turns `enum` into `oneOf` with `const`, which can have titles.
fn constants_to_one_of(members: &mut Map<String, Value>) {
    if let Some(Value::Array(values)) = members.remove("enum") {
        let branches = values
            .into_iter()
            .map(|value| json!({ "const": value }))
            .collect();
        members.insert("oneOf".into(), Value::Array(branches));
    }
}

/// Moves the common type of the constants of a `oneOf` to their parent.
fn type_of_constants(members: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = members.get_mut("oneOf") else {
        return;
    };
    if branches.is_empty() || !branches.iter().all(|branch| branch.get("const").is_some()) {
        return;
    }
    let is_text = branches.iter().all(|branch| branch["const"].is_string());
    let is_integer = branches.iter().all(|branch| branch["const"].is_i64());
    for branch in branches {
        if let Value::Object(branch) = branch {
            branch.remove("type");
        }
    }
    match (is_text, is_integer) {
        (true, _) => members.insert("type".into(), json!("string")),
        (_, true) => members.insert("type".into(), json!("integer")),
        _ => None,
    };
}

/// Gives the one constant property of a branch its value as default, so that a form starts with it.
fn default_of_tag(branch: &mut Value) {
    let Some(Value::Object(properties)) = branch.get_mut("properties") else {
        return;
    };
    for property in properties.values_mut() {
        if let (Some(constant), Value::Object(property)) =
            (property.get("const").cloned(), property)
        {
            property.insert("default".into(), constant);
        }
    }
}

/// Returns the semantics of a schema's top-level fields, each with the field that has it.
#[must_use]
pub fn semantics(schema: &Value) -> BTreeMap<String, FieldPath> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .filter_map(|(name, field)| {
            let semantic = field.get(SEMANTIC)?.as_str()?;
            Some((semantic.to_owned(), FieldPath::root().child(name)))
        })
        .collect()
}

/// Returns the schema without its `x-` words: what a form generator sees that knows none of them.
#[must_use]
pub fn without_extensions(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !name.starts_with("x-"))
            .map(|(name, member)| (name.clone(), without_extensions(member)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items
            .iter()
            .map(without_extensions)
            .collect::<Vec<_>>()
            .into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Deserialize, JsonSchema, Serialize)]
    #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
    enum Span {
        /// A month.
        #[schemars(title = "Month")]
        Month,
        /// Some days.
        #[schemars(title = "Days")]
        Days {
            /// How many.
            #[schemars(title = "Days", range(min = 1, max = 90))]
            count: u8,
        },
    }

    #[derive(Default, Deserialize, JsonSchema, Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Size {
        /// Not large.
        #[default]
        #[schemars(title = "Small")]
        Small,
        /// Not small.
        #[schemars(title = "Large")]
        Large,
    }

    #[derive(Deserialize, JsonSchema, Serialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        /// The app.
        #[schemars(title = "App", extend("x-semantic" = "app"))]
        app: String,
        /// The size.
        #[serde(default)]
        #[schemars(title = "Size")]
        size: Size,
        /// The span.
        #[serde(default = "month")]
        #[schemars(title = "Span", extend("x-semantic" = "period"))]
        span: Span,
    }

    fn month() -> Span {
        Span::Month
    }

    #[test]
    fn the_schema_of_a_settings_type_keeps_to_the_profile() {
        let schema = schema_of::<Sample>();
        assert_eq!(lint(&schema), []);
        insta::assert_json_snapshot!(schema);
    }

    #[test]
    fn semantics_are_read_from_the_fields() {
        let found = semantics(&schema_of::<Sample>());
        let found: Vec<_> = found
            .iter()
            .map(|(name, path)| (name.as_str(), path.as_str()))
            .collect();
        assert_eq!(found, [("app", "/app"), ("period", "/span")]);
    }

    #[test]
    fn without_extensions_no_x_word_is_left_at_any_depth() {
        let bare = without_extensions(&schema_of::<Sample>());
        assert!(!bare.to_string().contains("\"x-"));
        assert!(bare.to_string().contains("\"App\""));
    }
}
