//! Writing into settings by path and by meaning.

use gadget_api::{FieldPath, GadgetDescription};
use serde_json::{Map, Value};

/// Sets the field of a semantic, where the gadget has one.
pub(crate) fn set(
    settings: &mut Value,
    description: &GadgetDescription,
    semantic: &str,
    value: &Value,
) {
    if let Some(field) = description.semantics.get(semantic) {
        set_at(settings, field, value.clone());
    }
}

/// Sets the field at a path; objects on the way are made where they are missing.
pub(crate) fn set_at(settings: &mut Value, field: &FieldPath, value: Value) {
    let mut place = settings;
    for part in field.parts() {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[part.as_ref()];
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_set_wherever_it_lies() {
        for (path, before, after) in [
            ("/a", json!({"b": 1}), json!({"b": 1, "a": 7})),
            ("/a/b", json!({}), json!({"a": {"b": 7}})),
            ("/a/b", json!({"a": 3}), json!({"a": {"b": 7}})),
            ("/a~1b", json!({"a": 3}), json!({"a": 3, "a/b": 7})),
        ] {
            let mut settings = before;
            set_at(&mut settings, &FieldPath::parse(path).unwrap(), json!(7));
            assert_eq!(settings, after, "{path}");
        }
    }
}
