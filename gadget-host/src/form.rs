//! Forms: the schema of settings with the current choices filled in, so that any form generator can
//! draw it.

use std::collections::{BTreeMap, BTreeSet};

use gadget_api::{Choice, Choices, FieldError, FieldPath, schema};
use serde_json::{Map, Value, json};

pub use self::answer::{ChoiceCache, ChoiceQuestion, ChoiceSource, NoCache};
use crate::{settings::accepted, text::one_line};

mod answer;

/// The most choices of one field.
const MAX_CHOICES: usize = 10_000;
/// The member of `x-choices` that names the fields which the choices depend on.
const DEPENDS_ON: &str = "dependsOn";
const NOTHING: &str = "There is nothing to choose from.";

/// Everything that a form is drawn from.
#[derive(Clone, Debug)]
pub struct Form {
    /// The schema with the choices in it; it needs no `x-` word to be drawn.
    pub schema: Value,
    /// The choices of each dynamic field.
    pub choices: BTreeMap<FieldPath, Choices>,
    /// The settings with the defaults of what was not set.
    pub settings: Value,
    /// What is wrong with them, each problem at its field; they can be saved if there is none.
    pub problems: Vec<FieldError>,
    /// Of each dynamic field: the fields that decide what it offers.
    pub depends_on: BTreeMap<FieldPath, Vec<FieldPath>>,
}

impl Form {
    /// Returns the answer for a page: `schema`, `choices`, `settings` and `errors`.
    ///
    /// The schema holds the choices themselves. For each dynamic field, `choices` names the fields that
    /// it depends on (`dependsOn`) and says what it is waiting for, if anything (`waiting`).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use gadget_api::{Choices, FieldError, FieldPath};
    /// use gadget_host::Form;
    /// use serde_json::json;
    ///
    /// let field = |name| FieldPath::root().child(name);
    /// let form = Form {
    ///     schema: json!({"type": "object"}),
    ///     choices: BTreeMap::from([(field("app"), Choices::Waiting("Choose a vendor first.".into()))]),
    ///     settings: json!({}),
    ///     problems: vec![FieldError::new(field("app"), "it is required")],
    ///     depends_on: BTreeMap::from([(field("app"), vec![field("vendor")])]),
    /// };
    /// assert_eq!(form.to_json(), json!({
    ///     "schema": {"type": "object"},
    ///     "choices": {"/app": {"dependsOn": ["/vendor"], "waiting": "Choose a vendor first."}},
    ///     "settings": {},
    ///     "errors": [{"path": "/app", "message": "it is required"}],
    /// }));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Value {
        let choices: Map<String, Value> = self
            .choices
            .iter()
            .map(|(path, choices)| {
                let depends_on = self.depends_on.get(path).map_or(&[][..], Vec::as_slice);
                let mut state = json!({ "dependsOn": depends_on });
                if let Choices::Waiting(reason) = choices {
                    state["waiting"] = one_line(reason).into();
                }
                (path.to_string(), state)
            })
            .collect();
        json!({"schema": self.schema, "choices": choices, "settings": self.settings, "errors": self.problems})
    }
}

/// Returns the fields with dynamic choices, each after the ones that it depends on.
///
/// # Examples
///
/// ```
/// use serde_json::json;
///
/// let schema = json!({"type": "object", "properties": {
///     "app": {"type": "string", "x-choices": {"source": "apps", "dependsOn": ["/vendor"]}},
///     "vendor": {"type": "string", "x-choices": {"source": "vendors"}},
/// }});
/// let fields = gadget_host::dynamic_fields(&schema);
/// let fields: Vec<_> = fields.iter().map(|field| field.as_str()).collect();
/// assert_eq!(fields, ["/vendor", "/app"]);
/// ```
#[must_use]
pub fn dynamic_fields(schema: &Value) -> Vec<FieldPath> {
    let mut found = dependencies(schema);
    let mut ordered: Vec<FieldPath> = Vec::new();
    while !found.is_empty() {
        let waiting: BTreeSet<&FieldPath> = found.iter().map(|(path, _)| path).collect();
        let next = found
            .iter()
            .position(|(_, others)| others.iter().all(|other| !waiting.contains(other)));
        // The lint refuses cycles; fields in one would come in the order of the schema.
        let (path, _) = found.remove(next.unwrap_or_default());
        if !ordered.contains(&path) {
            ordered.push(path);
        }
    }
    ordered
}

/// Returns each field with dynamic choices, and the fields that they depend on.
fn dependencies(schema: &Value) -> Vec<(FieldPath, Vec<FieldPath>)> {
    let declared = declared_dependencies(schema).into_iter();
    declared
        .map(|(path, depends_on)| (path, depends_on.unwrap_or_default()))
        .collect()
}

/// Returns each field with dynamic choices, and the fields that they depend on, if its schema says so.
fn declared_dependencies(schema: &Value) -> Vec<(FieldPath, Option<Vec<FieldPath>>)> {
    let mut found = Vec::new();
    walk(schema, &FieldPath::root(), &mut |path, field| {
        if let Some(choices) = field.get(schema::CHOICES) {
            let depends_on = choices.get(DEPENDS_ON).and_then(Value::as_array);
            let depends_on = depends_on.map(|others| {
                let others = others.iter();
                others
                    .filter_map(|other| FieldPath::parse(other.as_str()?).ok())
                    .collect()
            });
            found.push((path.clone(), depends_on));
        }
    });
    found
}

/// Calls `visit` for each field, at any depth and in every branch.
fn walk(schema: &Value, path: &FieldPath, visit: &mut impl FnMut(&FieldPath, &Map<String, Value>)) {
    let fields = schema.get("properties").and_then(Value::as_object);
    for (name, field) in fields.into_iter().flatten() {
        let path = path.child(name);
        if let Some(members) = field.as_object() {
            visit(&path, members);
        }
        walk(field, &path, visit);
    }
    let branches = schema.get("oneOf").and_then(Value::as_array);
    for branch in branches.into_iter().flatten() {
        walk(branch, path, visit);
    }
}

/// Returns the schema with a list of choices in place of each `x-choices`.
///
/// A field without choices yet accepts nothing and says what to set first. An optional field keeps its
/// default as a choice. Choices are also set for fields without `x-choices`, because only the host
/// knows some of them, such as its datasources.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
///
/// use gadget_api::{Choice, Choices, FieldPath};
/// use serde_json::json;
///
/// let schema = json!({"type": "object", "required": ["app"], "properties": {
///     "app": {"type": "string", "title": "App", "x-choices": {"source": "apps"}},
/// }});
/// let app = FieldPath::root().child("app");
/// let offered = Choices::Offered(vec![Choice::new("com.acme", "Acme")]);
/// assert_eq!(
///     gadget_host::resolve(&schema, &BTreeMap::from([(app, offered)]))["properties"]["app"],
///     json!({"type": "string", "title": "App", "oneOf": [{"const": "com.acme", "title": "Acme"}]})
/// );
/// ```
#[must_use]
pub fn resolve(schema: &Value, choices: &BTreeMap<FieldPath, Choices>) -> Value {
    let mut resolved = schema.clone();
    resolve_at(&mut resolved, &FieldPath::root(), choices);
    resolved
}

fn resolve_at(schema: &mut Value, path: &FieldPath, choices: &BTreeMap<FieldPath, Choices>) {
    let required: BTreeSet<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| Some(name.as_str()?.to_owned()))
        .collect();
    if let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, field) in fields {
            let path = path.child(name);
            if let Some(members) = field.as_object_mut()
                && (members.remove(schema::CHOICES).is_some() || choices.contains_key(&path))
            {
                let need = if required.contains(name) {
                    Need::Required
                } else {
                    Need::Optional
                };
                list(members, need, choices.get(&path));
            }
            resolve_at(field, &path, choices);
        }
    }
    if let Some(branches) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        for branch in branches {
            resolve_at(branch, path, choices);
        }
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Need {
    Required,
    Optional,
}

/// Puts the choices into the schema of a field, or of its items if it is a list.
fn list(field: &mut Map<String, Value>, need: Need, choices: Option<&Choices>) {
    let bare = Value::Object(field.clone());
    let (mut offered, reason) = match choices {
        Some(Choices::Offered(offered)) => (offered_of(&bare, offered), NOTHING),
        Some(Choices::Waiting(reason)) => (Vec::new(), reason.as_str()),
        _ => (Vec::new(), NOTHING),
    };
    let is_list = field.get("type").is_some_and(|name| name == "array");
    if let (Need::Optional, false, Some(default)) = (need, is_list, field.get("default"))
        && !offered.iter().any(|choice| choice["const"] == *default)
    {
        let title = match default.as_str() {
            Some("") => "Not set".to_owned(),
            _ => text_of(default),
        };
        offered.insert(0, json!({ "const": default, "title": title }));
    }
    let place = match field.get_mut("items").and_then(Value::as_object_mut) {
        Some(items) if is_list => items,
        _ => field,
    };
    if offered.is_empty() {
        place.insert("enum".to_owned(), json!([]));
        place.insert("description".to_owned(), one_line(reason).into());
    } else {
        place.insert("oneOf".to_owned(), Value::Array(offered));
    }
}

/// Returns the choices that the field accepts, without duplicates, which `oneOf` would reject.
fn offered_of(field: &Value, offered: &[Choice]) -> Vec<Value> {
    let field = match field.get("items") {
        Some(items) if field.get("type").is_some_and(|name| name == "array") => items,
        _ => field,
    };
    let mut seen = BTreeSet::new();
    let fitting = offered.iter().filter(|choice| {
        seen.insert(choice.value.to_string()) && accepted(field, &choice.value).is_ok()
    });
    fitting
        .take(MAX_CHOICES)
        .map(|choice| {
            let title = match one_line(&choice.title) {
                title if title.trim().is_empty() => text_of(&choice.value),
                title => title,
            };
            let mut drawn = json!({ "const": choice.value, "title": title });
            if !choice.description.is_empty() {
                drawn["description"] = one_line(&choice.description).into();
            }
            drawn
        })
        .collect()
}

fn text_of(value: &Value) -> String {
    one_line(
        &value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned),
    )
}

/// Returns the fields whose value is no longer offered, as far as their choices are known.
///
/// Such a value is kept until it, or a field that it depends on, is changed; it cannot be saved again.
#[must_use]
pub fn no_longer_offered(
    settings: &Value,
    choices: &BTreeMap<FieldPath, Choices>,
) -> Vec<FieldPath> {
    let is_gone = |(path, choices): &(&FieldPath, &Choices)| {
        let (Some(value), Choices::Offered(offered)) = (path.value_in(settings), choices) else {
            return false;
        };
        let is_offered = |value: &Value| offered.iter().any(|choice| choice.value == *value);
        match value {
            Value::Array(items) => !items.iter().all(is_offered),
            Value::String(text) if text.is_empty() => false,
            value => !is_offered(value),
        }
    };
    let gone = choices.iter().filter(is_gone);
    gone.map(|(path, _)| path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::problems;

    fn path(text: &str) -> FieldPath {
        FieldPath::parse(text).unwrap()
    }

    fn sample() -> Value {
        json!({
            "type": "object", "additionalProperties": false, "required": ["vendor", "app"],
            "properties": {
                "app": {"type": "string", "title": "App", "description": "Which one.", "x-choices": {"source": "apps", "dependsOn": ["/vendor"]}},
                "vendor": {"type": "string", "title": "Vendor", "x-semantic": "vendor", "x-choices": {"source": "vendors"}},
                "region": {"type": "string", "title": "Region", "default": "", "x-choices": {"source": "regions"}},
                "tags": {"type": "array", "title": "Tags", "default": [], "uniqueItems": true, "items": {"type": "string"}, "x-choices": {"source": "tags"}},
                "place": {"type": "string", "title": "Place", "default": "here"},
                "kind": {"title": "Kind", "default": {"kind": "one"}, "oneOf": [
                    {"type": "object", "title": "One", "additionalProperties": false, "properties": {"kind": {"const": "one"}, "sub": {"type": "integer", "title": "Sub", "default": 0, "x-choices": {"source": "subs"}}}},
                ]},
            },
        })
    }

    fn offered(choices: Vec<Choice>) -> Choices {
        Choices::Offered(choices)
    }

    #[test]
    fn fields_are_asked_after_the_ones_that_they_depend_on() {
        let fields: Vec<String> = dynamic_fields(&sample())
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(fields, ["/vendor", "/app", "/region", "/tags", "/kind/sub"]);
    }

    #[test]
    fn every_dynamic_field_becomes_a_plain_list_or_says_what_to_set_first() {
        let choices = BTreeMap::from([
            (
                path("/vendor"),
                offered(vec![
                    Choice::new("1", "One"),
                    Choice {
                        description: "The second.".to_owned(),
                        ..Choice::new("2", "")
                    },
                    Choice::new("1", "One again"),
                    Choice::new(3, "Not a text"),
                ]),
            ),
            (
                path("/app"),
                Choices::Waiting("Choose a vendor first.".to_owned()),
            ),
            (path("/tags"), offered(vec![Choice::new("a", "A")])),
            (path("/kind/sub"), offered(vec![Choice::new(7, "Seven")])),
            (path("/place"), offered(vec![Choice::new("here", "Here")])),
        ]);
        let resolved = resolve(&sample(), &choices);
        assert!(!resolved.to_string().contains("x-choices"));
        let fields = &resolved["properties"];
        assert_eq!(
            fields["vendor"]["oneOf"],
            json!([{"const": "1", "title": "One"}, {"const": "2", "title": "2", "description": "The second."}])
        );
        assert_eq!(
            fields["app"],
            json!({"type": "string", "title": "App", "description": "Choose a vendor first.", "enum": []})
        );
        assert_eq!(
            fields["region"]["oneOf"],
            json!([{"const": "", "title": "Not set"}])
        );
        assert_eq!(
            fields["tags"]["items"]["oneOf"],
            json!([{"const": "a", "title": "A"}])
        );
        assert_eq!(
            fields["place"]["oneOf"],
            json!([{"const": "here", "title": "Here"}])
        );
        assert_eq!(
            fields["kind"]["oneOf"][0]["properties"]["sub"]["oneOf"],
            json!([{"const": 0, "title": "0"}, {"const": 7, "title": "Seven"}])
        );
        for (settings, expected) in [
            (
                json!({"vendor": "1", "app": "x", "tags": ["a"]}),
                vec!["/app"],
            ),
            (
                json!({"vendor": "9", "app": "x", "tags": ["b"]}),
                vec!["/vendor", "/app", "/tags/0"],
            ),
        ] {
            let mut found: Vec<String> = problems(&resolved, &settings)
                .iter()
                .map(|problem| problem.path().to_string())
                .collect();
            found.sort();
            let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            expected.sort();
            assert_eq!(found, expected, "{settings}");
        }
    }

    #[test]
    fn a_value_that_is_no_longer_offered_is_named_where_that_is_known() {
        let choices = BTreeMap::from([
            (path("/vendor"), offered(vec![Choice::new("1", "One")])),
            (path("/app"), Choices::Waiting("Later.".to_owned())),
            (path("/tags"), offered(vec![Choice::new("a", "A")])),
            (path("/region"), offered(Vec::new())),
        ]);
        for (settings, expected) in [
            (
                json!({"vendor": "1", "app": "x", "tags": ["a"], "region": ""}),
                vec![],
            ),
            (
                json!({"vendor": "2", "tags": ["a", "b"], "region": "eu"}),
                vec!["/region", "/tags", "/vendor"],
            ),
        ] {
            let gone: Vec<String> = no_longer_offered(&settings, &choices)
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(gone, expected, "{settings}");
        }
    }
}
