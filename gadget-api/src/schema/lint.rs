//! The lint of settings schemas, for the tests of gadgets and for hosts at load.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{CHOICES, SEMANTIC, SHARE, SHARE_NEVER, SHARE_WHEN_UNSET};
use crate::FieldPath;

/// How deeply settings may be nested.
const MAX_DEPTH: usize = 3;
/// The size of a schema as JSON, in bytes.
const MAX_SCHEMA_BYTES: usize = 256 * 1024;
/// Keywords that a form cannot be drawn from.
const REFUSED: [&str; 13] = [
    "anyOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "prefixItems",
    "$ref",
    "$dynamicRef",
    "$defs",
    "dependentSchemas",
    "contains",
];
/// The keyword of a field that is never sent back.
const SECRET: &str = "writeOnly";
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// One thing that is wrong with a schema.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}: {what}", if path.as_str().is_empty() { "the schema" } else { path.as_str() })]
pub struct Finding {
    /// The field of the settings.
    pub path: FieldPath,
    /// What is wrong, as a sentence without a full stop.
    pub what: String,
}

/// Returns everything in the schema of a gadget's settings that does not follow the profile.
///
/// An empty list means that it does.
///
/// The profile: an object of titled fields; optional ones have a valid default; every object refuses
/// members that it does not name; no combining keywords except `oneOf`; no references; a depth of at most 3;
/// dynamic choices depend on fields that exist, without a cycle; `x-share` is `when-unset` or `never`
/// and stands beside an `x-semantic`; nothing is secret.
///
/// Secrets (`writeOnly`) belong to a datasource, whose schema [`lint_datasource`] checks: a host stores
/// and exports the settings of a gadget as plain text.
///
/// # Examples
///
/// ```
/// use gadget_api::schema::{lint, lint_datasource};
/// use serde_json::json;
///
/// let schema = json!({"type": "object", "additionalProperties": false, "required": ["token"], "properties": {
///     "token": {"type": "string", "title": "Token", "writeOnly": true},
/// }});
/// assert_eq!(lint_datasource(&schema), []);
/// assert_eq!(
///     lint(&schema)[0].to_string(),
///     "/token: it is secret (`writeOnly`), but settings of a gadget are stored as plain text; \
///      declare it in the datasource kind"
/// );
/// ```
#[must_use]
pub fn lint(schema: &Value) -> Vec<Finding> {
    lint_with(schema, Secrets::Refused)
}

/// Returns everything in the schema of a datasource kind that does not follow the profile.
///
/// The profile is that of [`lint`], but secrets are allowed.
#[must_use]
pub fn lint_datasource(schema: &Value) -> Vec<Finding> {
    lint_with(schema, Secrets::Allowed)
}

/// Whether fields may be secret.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Secrets {
    Allowed,
    Refused,
}

fn lint_with(schema: &Value, secrets: Secrets) -> Vec<Finding> {
    let mut found = Lint {
        secrets,
        findings: Vec::new(),
        dependencies: BTreeMap::new(),
    };
    let root = FieldPath::root();
    // A gadget's schema is foreign data, so its size is checked before anything else.
    if schema.to_string().len() > MAX_SCHEMA_BYTES {
        found.report(&root, format!("it is larger than {MAX_SCHEMA_BYTES} bytes"));
        return found.findings;
    }
    match schema.as_object() {
        Some(members) if is_object(members) => found.object(&root, members, 0),
        _ => found.report(&root, "it does not describe an object"),
    }
    found.dependencies_hold(schema);
    found.findings
}

struct Lint {
    secrets: Secrets,
    findings: Vec<Finding>,
    /// Of each field with dynamic choices: the fields that they depend on.
    dependencies: BTreeMap<String, Vec<String>>,
}

impl Lint {
    fn report(&mut self, path: &FieldPath, what: impl Into<String>) {
        self.findings.push(Finding {
            path: path.clone(),
            what: what.into(),
        });
    }

    fn object(&mut self, path: &FieldPath, schema: &Map<String, Value>, depth: usize) {
        self.words(path, schema);
        if depth > MAX_DEPTH {
            self.report(path, format!("it is nested deeper than {MAX_DEPTH} levels"));
            return;
        }
        if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            self.report(
                path,
                "it does not refuse unknown members (`additionalProperties: false`)",
            );
        }
        let required: Vec<&str> = strings(schema.get("required")).collect();
        for (name, field) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let path = path.child(name);
            let Some(field) = field.as_object() else {
                self.report(&path, "its schema is not an object");
                continue;
            };
            if field
                .get("title")
                .and_then(Value::as_str)
                .is_none_or(str::is_empty)
                && !field.contains_key("const")
            {
                self.report(&path, "it has no `title`");
            }
            self.default(&path, field, required.contains(&name.as_str()));
            self.field(&path, field, depth + 1);
        }
    }

    fn default(&mut self, path: &FieldPath, field: &Map<String, Value>, is_required: bool) {
        match field.get("default") {
            None if !is_required && !field.contains_key("const") => {
                self.report(path, "it is optional and has no `default`")
            }
            Some(default) if !fits(field, default) => {
                self.report(path, "its `default` is not accepted by its own schema")
            }
            _ => {}
        }
    }

    fn field(&mut self, path: &FieldPath, field: &Map<String, Value>, depth: usize) {
        if let Some(choices) = field.get(CHOICES) {
            if choices.get("source").and_then(Value::as_str).is_none() {
                self.report(path, "its `x-choices` names no `source`");
            }
            let depends_on = strings(choices.get("dependsOn"))
                .map(str::to_owned)
                .collect();
            self.dependencies
                .insert(path.as_str().to_owned(), depends_on);
        }
        if let Some(share) = field.get(SHARE) {
            if share != SHARE_WHEN_UNSET && share != SHARE_NEVER {
                self.report(path, "its `x-share` is neither `when-unset` nor `never`");
            }
            if !field.contains_key(SEMANTIC) {
                self.report(
                    path,
                    "it has `x-share` but no `x-semantic`, so it is never shared",
                );
            }
        }
        if is_object(field) && !field.contains_key("oneOf") {
            return self.object(path, field, depth);
        }
        self.words(path, field);
        if let Some(branches) = field.get("oneOf") {
            return self.branches(path, branches, depth);
        }
        match field.get("type") {
            Some(Value::String(name)) if TYPES.contains(&name.as_str()) => {}
            None if field.contains_key("const") => {}
            Some(Value::Array(_)) => self.report(
                path,
                "it has several types; leave the field out instead of using `null`",
            ),
            _ => self.report(path, "it has no `type` that a form supports"),
        }
        if field.get("type").and_then(Value::as_str) == Some("array") {
            self.items(path, field, depth);
        }
    }

    fn items(&mut self, path: &FieldPath, field: &Map<String, Value>, depth: usize) {
        if field.get("uniqueItems") != Some(&Value::Bool(true)) {
            self.report(path, "its items may repeat (add `uniqueItems: true`)");
        }
        match field.get("items").and_then(Value::as_object) {
            Some(items)
                if is_object(items)
                    || items.get("type").and_then(Value::as_str) == Some("array") =>
            {
                self.report(path, "its items are not texts, numbers or choices");
            }
            Some(items) => self.field(path, items, depth),
            None => self.report(path, "its `items` are not described"),
        }
    }

    fn branches(&mut self, path: &FieldPath, branches: &Value, depth: usize) {
        let branches = branches.as_array().map(Vec::as_slice).unwrap_or_default();
        if branches.is_empty() {
            self.report(path, "its `oneOf` is empty");
        }
        for branch in branches {
            let Some(branch) = branch.as_object() else {
                self.report(path, "a branch of its `oneOf` is not an object");
                continue;
            };
            if branch
                .get("title")
                .and_then(Value::as_str)
                .is_none_or(str::is_empty)
            {
                self.report(path, "a branch of its `oneOf` has no `title`");
            }
            if branch.contains_key("const") {
                self.words(path, branch);
                continue;
            }
            let tags = branch
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten();
            if tags
                .filter(|(_, field)| field.get("const").is_some())
                .count()
                != 1
            {
                self.report(path, "a branch of its `oneOf` is neither a constant nor an object with one constant tag");
            }
            self.object(path, branch, depth);
        }
    }

    fn words(&mut self, path: &FieldPath, schema: &Map<String, Value>) {
        for word in REFUSED.iter().filter(|word| schema.contains_key(**word)) {
            self.report(path, format!("`{word}` cannot be drawn as a form"));
        }
        let is_secret = schema.get(SECRET) == Some(&Value::Bool(true));
        if is_secret && self.secrets == Secrets::Refused {
            self.report(path, "it is secret (`writeOnly`), but settings of a gadget are stored as plain text; declare it in the datasource kind");
        }
    }

    fn dependencies_hold(&mut self, schema: &Value) {
        let dependencies = self.dependencies.clone();
        for (field, depends_on) in &dependencies {
            let path = FieldPath::parse(field).unwrap_or_else(|_| FieldPath::root());
            for other in depends_on {
                if !exists(schema, other) {
                    self.report(
                        &path,
                        format!("its choices depend on `{other}`, which is not a field"),
                    );
                }
            }
            if reaches(&dependencies, field, field) {
                self.report(&path, "its choices depend on themselves");
            }
        }
    }
}

fn is_object(schema: &Map<String, Value>) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn exists(schema: &Value, pointer: &str) -> bool {
    let Ok(path) = FieldPath::parse(pointer) else {
        return false;
    };
    let mut at = schema;
    for part in path.parts() {
        match at
            .get("properties")
            .and_then(|properties| properties.get(part.as_ref()))
        {
            Some(field) => at = field,
            None => return false,
        }
    }
    !pointer.is_empty()
}

/// Tells whether `target` can be reached from `start` in at least one step.
fn reaches(dependencies: &BTreeMap<String, Vec<String>>, start: &str, target: &str) -> bool {
    let mut open: Vec<&str> = dependencies
        .get(start)
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let mut seen: Vec<&str> = Vec::new();
    while let Some(at) = open.pop() {
        if at == target {
            return true;
        }
        if !seen.contains(&at) {
            seen.push(at);
            open.extend(
                dependencies
                    .get(at)
                    .into_iter()
                    .flatten()
                    .map(String::as_str),
            );
        }
    }
    false
}

/// Tells whether a default fits its field, as far as the keywords of the profile go.
fn fits(field: &Map<String, Value>, value: &Value) -> bool {
    if let Some(constant) = field.get("const") {
        return constant == value;
    }
    if let Some(branches) = field.get("oneOf").and_then(Value::as_array) {
        return branches
            .iter()
            .filter_map(Value::as_object)
            .any(|branch| fits(branch, value));
    }
    let number_fits = |number: f64| {
        let bound = |word: &str| field.get(word).and_then(Value::as_f64);
        bound("minimum").is_none_or(|least| number >= least)
            && bound("maximum").is_none_or(|most| number <= most)
    };
    match (field.get("type").and_then(Value::as_str), value) {
        (Some("string"), Value::String(text)) => {
            let count = text.chars().count() as u64;
            let bound = |word: &str| field.get(word).and_then(Value::as_u64);
            bound("minLength").is_none_or(|least| count >= least)
                && bound("maxLength").is_none_or(|most| count <= most)
        }
        (Some("integer"), Value::Number(number)) => {
            !number.is_f64() && number.as_f64().is_some_and(number_fits)
        }
        (Some("number"), Value::Number(number)) => number.as_f64().is_some_and(number_fits),
        (Some("boolean"), Value::Bool(_)) => true,
        (Some("array"), Value::Array(items)) => {
            let of = field.get("items").and_then(Value::as_object);
            of.is_some_and(|of| items.iter().all(|item| fits(of, item)))
        }
        (Some("object"), Value::Object(members)) => {
            let Some(properties) = field.get("properties").and_then(Value::as_object) else {
                return members.is_empty();
            };
            strings(field.get("required")).all(|name| members.contains_key(name))
                && members.iter().all(|(name, member)| {
                    properties
                        .get(name)
                        .and_then(Value::as_object)
                        .is_some_and(|property| fits(property, member))
                })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn findings(field: Value, required: bool) -> Vec<String> {
        let required = if required {
            json!(["f", "g"])
        } else {
            json!(["g"])
        };
        let schema = json!({"type": "object", "additionalProperties": false, "required": required,
            "properties": {"f": field, "g": {"type": "string", "title": "G"}}});
        lint(&schema).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_rule_of_the_profile_has_its_finding() {
        let text = |more: Value| {
            let mut field = json!({"type": "string", "title": "F"});
            field
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().cloned().unwrap());
            field
        };
        let cases = [
            (text(json!({})), true, None),
            (text(json!({"default": ""})), false, None),
            (
                text(json!({"title": ""})),
                true,
                Some("/f: it has no `title`"),
            ),
            (
                text(json!({})),
                false,
                Some("/f: it is optional and has no `default`"),
            ),
            (
                text(json!({"default": 3})),
                false,
                Some("/f: its `default` is not accepted by its own schema"),
            ),
            (
                text(json!({"default": "abc", "maxLength": 2})),
                false,
                Some("/f: its `default` is not accepted by its own schema"),
            ),
            (
                text(json!({"type": ["string", "null"]})),
                true,
                Some("/f: it has several types; leave the field out instead of using `null`"),
            ),
            (
                text(json!({"anyOf": []})),
                true,
                Some("/f: `anyOf` cannot be drawn as a form"),
            ),
            (
                text(json!({"$ref": "http://example.com/s"})),
                true,
                Some("/f: `$ref` cannot be drawn as a form"),
            ),
            (
                text(json!({"x-choices": {"source": "s", "dependsOn": ["/h"]}})),
                true,
                Some("/f: its choices depend on `/h`, which is not a field"),
            ),
            (
                text(json!({"x-choices": {"source": "s", "dependsOn": ["/f"]}})),
                true,
                Some("/f: its choices depend on themselves"),
            ),
            (
                text(json!({"x-choices": {"dependsOn": ["/g"]}})),
                true,
                Some("/f: its `x-choices` names no `source`"),
            ),
            (
                text(json!({"x-semantic": "f", "x-share": "when-unset"})),
                true,
                None,
            ),
            (
                text(json!({"x-semantic": "f", "x-share": "always"})),
                true,
                Some("/f: its `x-share` is neither `when-unset` nor `never`"),
            ),
            (
                text(json!({"x-share": "when-unset"})),
                true,
                Some("/f: it has `x-share` but no `x-semantic`, so it is never shared"),
            ),
            (
                json!({"title": "F", "type": "object", "properties": {}}),
                true,
                Some("/f: it does not refuse unknown members (`additionalProperties: false`)"),
            ),
            (
                json!({"title": "F", "type": "array", "items": {"type": "string"}}),
                true,
                Some("/f: its items may repeat (add `uniqueItems: true`)"),
            ),
            (
                json!({"title": "F", "oneOf": [{"const": 1}]}),
                true,
                Some("/f: a branch of its `oneOf` has no `title`"),
            ),
            (
                json!({"title": "F", "oneOf": [{"title": "B", "type": "object", "additionalProperties": false, "properties": {}}]}),
                true,
                Some(
                    "/f: a branch of its `oneOf` is neither a constant nor an object with one constant tag",
                ),
            ),
        ];
        for (field, required, finding) in cases {
            assert_eq!(
                findings(field.clone(), required),
                finding.map(str::to_owned).into_iter().collect::<Vec<_>>(),
                "{field}"
            );
        }
    }

    #[test]
    fn only_a_datasource_has_secrets_at_any_depth() {
        let secret = json!({"type": "string", "title": "F", "writeOnly": true});
        let object = |field: &Value| json!({"type": "object", "title": "F", "additionalProperties": false, "required": ["f"], "properties": {"f": field}});
        let of_tag = json!({"title": "F", "oneOf": [{"type": "object", "title": "B", "additionalProperties": false,
            "required": ["kind", "f"], "properties": {"kind": {"const": "b", "default": "b"}, "f": secret}}]});
        let list =
            json!({"type": "array", "title": "F", "uniqueItems": true, "items": secret.clone()});
        for (field, at) in [
            (secret.clone(), "/f"),
            (object(&secret), "/f/f"),
            (of_tag, "/f/f"),
            (list, "/f"),
        ] {
            let schema = object(&field);
            assert_eq!(lint_datasource(&schema), [], "{field}");
            let found = lint(&schema);
            assert_eq!(found.len(), 1, "{field}");
            assert_eq!(found[0].path.as_str(), at);
            assert!(found[0].what.starts_with("it is secret"), "{}", found[0]);
        }
        let open = json!({"type": "string", "title": "F", "writeOnly": false});
        assert_eq!(lint(&object(&open)), []);
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let mut field = json!({"type": "string", "title": "F"});
        for _ in 0..5 {
            field = json!({"type": "object", "title": "F", "additionalProperties": false, "required": ["f"], "properties": {"f": field}});
        }
        assert_eq!(lint(&field).len(), 1);
        let large = json!({"type": "object", "description": "x".repeat(300_000)});
        assert!(lint(&large)[0].what.starts_with("it is larger"));
        assert_eq!(lint(&json!([])).len(), 1);
    }
}
