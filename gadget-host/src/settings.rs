//! Validates settings against their schema and fills in defaults.

use gadget_api::{FieldError, FieldPath};
use jsonschema::{
    PatternOptions, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;

use crate::text::{listed, one_line};

const AT_LEAST_ONE: &str = "choose at least one";

/// Returns the settings with the default of every optional field that they do not set.
#[must_use]
pub fn with_defaults(schema: &Value, settings: &Value) -> Value {
    let mut settings = settings.clone();
    let Some(members) = settings.as_object_mut() else {
        return settings;
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, field) in properties.into_iter().flatten() {
        if let (false, Some(default)) = (members.contains_key(name), field.get("default")) {
            members.insert(name.clone(), default.clone());
        }
    }
    settings
}

/// Returns what a schema finds wrong with settings, each problem at its field; none if it accepts them.
#[must_use]
pub fn problems(schema: &Value, settings: &Value) -> Vec<FieldError> {
    let mut problems = Vec::new();
    collect(schema, settings, &FieldPath::root(), &mut problems);
    problems
}

/// Checks that a field's schema accepts a value.
///
/// # Errors
///
/// Returns the first problem.
pub fn accepted(schema: &Value, value: &Value) -> Result<(), FieldError> {
    match problems(schema, value).into_iter().next() {
        None => Ok(()),
        Some(problem) => Err(problem),
    }
}

fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| one_line(&error.to_string()))
}

fn collect(schema: &Value, value: &Value, base: &FieldPath, problems: &mut Vec<FieldError>) {
    let validator = match validator(schema) {
        Ok(validator) => validator,
        Err(error) => {
            let message = format!("its schema cannot be used: {error}");
            return problems.push(FieldError::new(base.clone(), message));
        }
    };
    for error in validator.iter_errors(value) {
        let pointer = format!("{base}{}", error.instance_path().as_str());
        let path = FieldPath::parse(&pointer).unwrap_or_else(|_| base.clone());
        let at = error.instance();
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let object = error.schema_path().as_str().strip_suffix("/required");
                let object = object.and_then(|object| schema.pointer(object));
                let kind =
                    object.and_then(|object| object.get("properties")?.get(name)?.get("type"));
                let message = match kind.and_then(Value::as_str) {
                    Some("array") => AT_LEAST_ONE,
                    _ => "it is required",
                };
                problems.push(FieldError::new(path.child(name), message));
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                for name in unexpected {
                    problems.push(FieldError::new(
                        path.child(name),
                        "there is no such setting",
                    ));
                }
            }
            ValidationErrorKind::OneOfNotValid { .. } => {
                let choice = error.schema_path().as_str();
                let field = choice
                    .strip_suffix("/oneOf")
                    .and_then(|at| schema.pointer(at));
                one_of(field.unwrap_or(schema), at, &path, problems);
            }
            kind => problems.push(FieldError::new(path, sentence(kind))),
        }
    }
}

/// Says what is wrong with a value that no branch of a `oneOf` accepts, by the branch it was meant for.
fn one_of(field: &Value, value: &Value, path: &FieldPath, problems: &mut Vec<FieldError>) {
    let branches = field.get("oneOf").and_then(Value::as_array);
    let branches = branches.map(Vec::as_slice).unwrap_or_default();
    let constants: Vec<String> = branches
        .iter()
        .filter_map(|branch| branch.get("const"))
        .map(plain)
        .collect();
    if !constants.is_empty() {
        let known = listed(constants.iter().map(String::as_str));
        return problems.push(FieldError::new(
            path.clone(),
            format!("it must be one of {known}"),
        ));
    }
    let mut tags = Vec::new();
    for branch in branches {
        for (name, property) in branch
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let Some(tag) = property.get("const") else {
                continue;
            };
            if value.get(name) == Some(tag) {
                return collect(branch, value, path, problems);
            }
            tags.push((name.clone(), plain(tag)));
        }
    }
    let path = tags
        .first()
        .map_or_else(|| path.clone(), |(name, _)| path.child(name));
    let known = listed(tags.iter().map(|(_, tag)| tag.as_str()));
    problems.push(FieldError::new(path, format!("it must be one of {known}")));
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Says what is wrong without repeating the value, which can be a secret.
fn sentence(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Type { kind } => {
            let wanted = match kind {
                TypeKind::Single(wanted) => wanted.to_string(),
                TypeKind::Multiple(_) => String::new(),
            };
            match wanted.as_str() {
                "integer" => "enter a whole number",
                "number" => "enter a number",
                "string" => "enter text",
                "boolean" => "it must be yes or no",
                "array" => "it must be a list",
                "object" => "it must be an object",
                _ => "it has the wrong type",
            }
            .to_owned()
        }
        ValidationErrorKind::Minimum { limit } => format!("it must be at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("it must be at most {limit}"),
        ValidationErrorKind::MinLength { limit } => {
            format!("it must have at least {limit} characters")
        }
        ValidationErrorKind::MaxLength { limit } => {
            format!("it must have at most {limit} characters")
        }
        ValidationErrorKind::MinItems { limit: 1 } => AT_LEAST_ONE.to_owned(),
        ValidationErrorKind::MinItems { limit } => format!("it must have at least {limit} items"),
        ValidationErrorKind::MaxItems { limit } => format!("it must have at most {limit} items"),
        ValidationErrorKind::Pattern { pattern } => {
            format!("it does not match `{}`", one_line(pattern))
        }
        ValidationErrorKind::Format { format } => match format.as_str() {
            "date" => "enter a date".to_owned(),
            "date-time" => "enter a date and time".to_owned(),
            "email" => "enter an email address".to_owned(),
            "uri" => "enter an address, such as `https://example.com`".to_owned(),
            other => format!("it is not a valid {}", one_line(other)),
        },
        ValidationErrorKind::UniqueItems => "an item is listed twice".to_owned(),
        ValidationErrorKind::Constant { expected_value } => {
            format!("it must be `{}`", plain(expected_value))
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<String> = options
                .as_array()
                .into_iter()
                .flatten()
                .map(plain)
                .collect();
            match options.as_slice() {
                [] => "there is nothing to choose from yet".to_owned(),
                _ => format!(
                    "it must be one of {}",
                    listed(options.iter().map(String::as_str))
                ),
            }
        }
        _ => "it is not accepted".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({"type": "object", "additionalProperties": false, "required": ["app"], "properties": {
            "shops": {"type": "array", "title": "Shops", "uniqueItems": true, "minItems": 1, "default": ["a"], "items": {"type": "string"}},
            "app": {"type": "string", "title": "App"},
            "days": {"type": "integer", "title": "Days", "maximum": 90, "default": 7},
            "hosting": {"type": "array", "uniqueItems": true, "default": [], "items": {"type": "string", "oneOf": [{"const": "Cloud"}, {"const": "Server"}]}},
            "period": {"default": {"kind": "month"}, "oneOf": [
                {"type": "object", "additionalProperties": false, "required": ["kind"], "properties": {"kind": {"const": "month"}}},
                {"type": "object", "additionalProperties": false, "required": ["kind", "from"], "properties": {
                    "kind": {"const": "custom"}, "from": {"type": "string", "format": "date"}}}]}
        }})
    }

    #[test]
    fn each_problem_is_reported_at_its_field() {
        for (settings, expected) in [
            (json!({"app": "a"}), vec![]),
            (json!({}), vec!["/app: it is required"]),
            (
                json!({"app": "a", "shops": []}),
                vec!["/shops: choose at least one"],
            ),
            (
                json!({"app": "a", "ap/p": 1}),
                vec!["/ap~1p: there is no such setting"],
            ),
            (json!({"app": 3}), vec!["/app: enter text"]),
            (
                json!({"app": "a", "days": 1.5}),
                vec!["/days: enter a whole number"],
            ),
            (
                json!({"app": "a", "days": 91}),
                vec!["/days: it must be at most 90"],
            ),
            (
                json!({"app": "a", "hosting": ["Moon"]}),
                vec!["/hosting/0: it must be one of `Cloud`, `Server`"],
            ),
            (
                json!({"app": "a", "period": {"kind": "custom"}}),
                vec!["/period/from: it is required"],
            ),
            (
                json!({"app": "a", "period": {"kind": "custom", "from": "soon"}}),
                vec!["/period/from: enter a date"],
            ),
            (
                json!({"app": "a", "period": {"kind": "month", "from": "2026-01-01"}}),
                vec!["/period/from: there is no such setting"],
            ),
            (
                json!({"app": "a", "period": {"kind": "year"}}),
                vec!["/period/kind: it must be one of `month`, `custom`"],
            ),
            (json!([]), vec!["it must be an object"]),
        ] {
            let found: Vec<String> = problems(&schema(), &settings)
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(found, expected, "{settings}");
        }
    }

    #[test]
    fn a_list_that_is_missing_asks_for_one_value_at_least() {
        let schema = json!({"type": "object", "required": ["shops"], "properties": {
            "shops": {"type": "array", "items": {"type": "string"}}}});
        let found = problems(&schema, &json!({}));
        assert_eq!(found[0].to_string(), "/shops: choose at least one");
    }

    #[test]
    fn defaults_are_filled_in_and_what_is_set_stays() {
        let filled = with_defaults(&schema(), &json!({"app": "a", "days": 3}));
        assert_eq!(
            filled,
            json!({"app": "a", "days": 3, "shops": ["a"], "hosting": [], "period": {"kind": "month"}})
        );
    }
}
