//! The settings of a tile or a datasource: a JSON object of bounded size.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The maximum size of settings as JSON text, in bytes.
pub const MAX_SETTINGS_BYTES: usize = 256 * 1024;

/// Settings: a JSON object of at most [`MAX_SETTINGS_BYTES`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(try_from = "Value")]
pub struct Settings(Map<String, Value>);

/// A JSON value is not valid as settings.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadSettings {
    /// It is not an object.
    #[error("the settings are not a JSON object")]
    NotAnObject,
    /// It is too large.
    #[error("the settings have {bytes} bytes as JSON; the limit is {MAX_SETTINGS_BYTES}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
}

impl Settings {
    /// Reads settings.
    ///
    /// # Errors
    ///
    /// Returns an error when `value` is not an object or is larger than [`MAX_SETTINGS_BYTES`].
    pub fn parse(value: Value) -> Result<Self, BadSettings> {
        let bytes = value.to_string().len();
        let Value::Object(members) = value else {
            return Err(BadSettings::NotAnObject);
        };
        if bytes > MAX_SETTINGS_BYTES {
            return Err(BadSettings::TooLarge { bytes });
        }
        Ok(Self(members))
    }

    /// Returns the members.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Returns the settings as a JSON value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// Returns the sorted names of the members in which `self` and `other` differ.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut names: Vec<String> = self
            .0
            .iter()
            .filter(|(name, value)| other.0.get(*name) != Some(value))
            .map(|(name, _)| name.clone())
            .chain(
                other
                    .0
                    .keys()
                    .filter(|name| !self.0.contains_key(*name))
                    .cloned(),
            )
            .collect();
        names.sort_unstable();
        names
    }

    /// Returns the settings with one member set or removed.
    ///
    /// # Errors
    ///
    /// Returns an error when they would become too large.
    pub fn with_member(&self, name: &str, value: Option<&Value>) -> Result<Self, BadSettings> {
        let mut members = self.0.clone();
        match value {
            Some(value) => members.insert(name.to_owned(), value.clone()),
            None => members.shift_remove(name),
        };
        Self::parse(Value::Object(members))
    }

    /// Returns the settings without these fields.
    #[must_use]
    pub fn without(&self, fields: &[gadget_api::FieldPath]) -> Self {
        let mut value = self.to_value();
        for field in fields {
            remove(&mut value, field.as_str());
        }
        match value {
            Value::Object(members) => Self(members),
            // The field was the root, so everything is removed.
            _ => Self::default(),
        }
    }
}

/// Removes the value at a JSON Pointer, if there is one.
fn remove(value: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        *value = Value::Null;
        return;
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.shift_remove(&name);
        }
        Some(Value::Array(items)) => {
            if let Ok(index) = name.parse::<usize>()
                && index < items.len()
            {
                items.remove(index);
            }
        }
        _ => {}
    }
}

impl TryFrom<Value> for Settings {
    type Error = BadSettings;

    fn try_from(value: Value) -> Result<Self, BadSettings> {
        Self::parse(value)
    }
}

#[cfg(test)]
mod tests {
    use gadget_api::FieldPath;
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_an_object_of_bounded_size() {
        let large = json!({"text": "a".repeat(MAX_SETTINGS_BYTES)});
        for (value, expected) in [
            (json!({}), Ok(())),
            (json!({"a": null}), Ok(())),
            (json!([]), Err(BadSettings::NotAnObject)),
            (json!(null), Err(BadSettings::NotAnObject)),
            (
                large,
                Err(BadSettings::TooLarge {
                    bytes: MAX_SETTINGS_BYTES + 11,
                }),
            ),
        ] {
            assert_eq!(Settings::parse(value).map(|_| ()), expected);
        }
    }

    #[test]
    fn differences_are_named_once_and_in_order() {
        let settings = |value| Settings::parse(value).unwrap();
        let old = settings(json!({"same": 1, "changed": {"x": 1}, "gone": true}));
        let new = settings(json!({"added": 0, "changed": {"x": 2}, "same": 1}));
        assert_eq!(old.differences(&new), ["added", "changed", "gone"]);
        assert_eq!(old.differences(&old), [""; 0]);
    }

    #[test]
    fn a_field_is_removed_at_any_depth() {
        let settings =
            Settings::parse(json!({"a": {"b/c": 1, "d": 2}, "e": [1, 2], "f": 3})).unwrap();
        for (pointer, expected) in [
            ("/a/b~1c", json!({"a": {"d": 2}, "e": [1, 2], "f": 3})),
            ("/e/0", json!({"a": {"b/c": 1, "d": 2}, "e": [2], "f": 3})),
            ("/f", json!({"a": {"b/c": 1, "d": 2}, "e": [1, 2]})),
            (
                "/x/y",
                json!({"a": {"b/c": 1, "d": 2}, "e": [1, 2], "f": 3}),
            ),
            ("", json!({})),
        ] {
            let field = FieldPath::parse(pointer).unwrap();
            assert_eq!(settings.without(&[field]).to_value(), expected, "{pointer}");
        }
    }
}
