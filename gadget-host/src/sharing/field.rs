//! What the schema of a settings field says about it, and how its values read.

use gadget_api::{
    FieldPath,
    schema::{CHOICES, SHARE, SHARE_WHEN_UNSET},
};
use serde_json::{Map, Value};

use crate::text::one_line;

/// Returns the name of a field that lies directly in the settings.
///
/// Semantics of deeper fields are not shared: a branch that is not chosen has no place for a value.
pub(crate) fn member(path: &FieldPath) -> Option<String> {
    let mut parts = path.parts();
    match (parts.next(), parts.next()) {
        (Some(name), None) => Some(name.into_owned()),
        _ => None,
    }
}

/// Returns the member of the settings that a path leads into; none for the settings as a whole.
pub(crate) fn first_member(path: &FieldPath) -> Option<String> {
    path.parts().next().map(|name| name.into_owned())
}

/// Returns the path of a field that lies directly in the settings.
pub(crate) fn path(member: &str) -> FieldPath {
    FieldPath::root().child(member)
}

/// Returns the fields of a settings schema, in the order in which they are shown.
pub(crate) fn all(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// Returns the schema of one field.
pub(crate) fn schema<'a>(settings_schema: &'a Value, member: &str) -> Option<&'a Value> {
    settings_schema.get("properties")?.get(member)
}

/// Returns what a person calls a field.
pub(crate) fn title(settings_schema: &Value, member: &str) -> String {
    schema(settings_schema, member)
        .and_then(|field| field.get("title"))
        .and_then(Value::as_str)
        .map_or_else(|| one_line(member), one_line)
}

/// Returns the value that holds for a field: the one that is set, or its default.
pub(crate) fn effective<'a>(
    settings_schema: &'a Value,
    settings: &'a Value,
    member: &str,
) -> Option<&'a Value> {
    settings
        .get(member)
        .or_else(|| schema(settings_schema, member)?.get("default"))
}

/// Tells whether a field, or its items, has dynamic choices.
pub(crate) fn is_dynamic(field: &Value) -> bool {
    field.get(CHOICES).is_some()
        || field
            .get("items")
            .is_some_and(|items| items.get(CHOICES).is_some())
}

/// Tells whether a field takes a shared value without being asked only while it is not set.
pub(crate) fn is_shared_when_unset(settings_schema: &Value, member: &str) -> bool {
    let share = schema(settings_schema, member).and_then(|field| field.get(SHARE));
    share.is_some_and(|share| share == SHARE_WHEN_UNSET)
}

/// Returns how a value of a field reads, or nothing where its schema has no words for it.
pub(crate) fn words(field: &Value, value: &Value) -> Option<String> {
    if let (Value::Array(items), Some(of)) = (value, field.get("items")) {
        let all: Option<Vec<String>> = items.iter().map(|item| words(of, item)).collect();
        return all.filter(|all| !all.is_empty()).map(|all| all.join(", "));
    }
    let branches = field.get("oneOf").and_then(Value::as_array)?;
    branches
        .iter()
        .find_map(|branch| match branch.get("const") {
            Some(constant) if constant == value => title_of(branch),
            Some(_) => None,
            None => branch_words(branch, value),
        })
}

/// Returns how a value of a field reads; as it stands where its schema has no words for it.
pub(crate) fn text(field: &Value, value: &Value) -> String {
    if let Some(words) = words(field, value) {
        return words;
    }
    match value {
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => {
            let of = field.get("items").unwrap_or(&Value::Null);
            let texts: Vec<_> = items.iter().map(|item| text(of, item)).collect();
            texts.join(", ")
        }
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => one_line(text),
        other => one_line(&other.to_string()),
    }
}

fn title_of(schema: &Value) -> Option<String> {
    schema.get("title").and_then(Value::as_str).map(one_line)
}

/// Reads a choice with fields of its own: its title, then the fields.
fn branch_words(branch: &Value, value: &Value) -> Option<String> {
    let members = value.as_object()?;
    let properties = branch.get("properties").and_then(Value::as_object)?;
    let is_meant = properties
        .iter()
        .filter_map(|(name, property)| Some((name, property.get("const")?)))
        .all(|(name, constant)| members.get(name) == Some(constant));
    if !is_meant {
        return None;
    }
    let title = title_of(branch)?;
    let fields = branch_fields(properties, members);
    Some(match fields.as_slice() {
        [] => title,
        fields => format!("{title} ({})", fields.join(", ")),
    })
}

fn branch_fields(properties: &Map<String, Value>, members: &Map<String, Value>) -> Vec<String> {
    properties
        .iter()
        .filter(|(_, property)| property.get("const").is_none())
        .filter_map(|(name, property)| {
            let value = text(property, members.get(name)?);
            let title = title_of(property).unwrap_or_else(|| one_line(name));
            Some(format!("{title} {value}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read_in_the_words_of_their_schema() {
        let plain = json!({"type": "string"});
        let choice = json!({"type": "string", "oneOf": [{"const": "w", "title": "Week"}]});
        let list = json!({"type": "array", "items": choice});
        let branches = json!({"oneOf": [
            {"title": "Last month", "properties": {"kind": {"const": "last_month"}}},
            {"title": "Custom", "properties": {"kind": {"const": "custom"},
                "from": {"type": "string", "title": "From"}, "to": {"type": "string", "title": "To"}}}]});
        for (field, value, expected) in [
            (&plain, json!("x"), "x"),
            (&plain, json!(""), "empty"),
            (&plain, json!(3), "3"),
            (&plain, json!(true), "yes"),
            (&plain, json!(false), "no"),
            (&plain, json!("a\nb"), "a b"),
            (&choice, json!("w"), "Week"),
            (&choice, json!("d"), "d"),
            (&list, json!([]), "none"),
            (&list, json!(["w", "d"]), "Week, d"),
            (&branches, json!({"kind": "last_month"}), "Last month"),
            (
                &branches,
                json!({"kind": "custom", "from": "2026-09-01", "to": "2026-10-31"}),
                "Custom (From 2026-09-01, To 2026-10-31)",
            ),
            (&branches, json!({"kind": "moon"}), r#"{"kind":"moon"}"#),
        ] {
            assert_eq!(text(field, &value), expected, "{field} {value}");
        }
    }
}
