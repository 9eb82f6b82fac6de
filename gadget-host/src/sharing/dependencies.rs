//! Which fields decide what others offer (`x-choices`, `dependsOn`), and which fields so belong together.

use std::collections::{BTreeMap, BTreeSet};

use gadget_api::{FieldPath, schema::CHOICES};
use serde_json::Value;

use super::field;

/// Of each member of the settings with dynamic choices: the members that decide what it offers.
#[derive(Debug, Default)]
pub(crate) struct Dependencies(BTreeMap<String, Vec<String>>);

impl Dependencies {
    /// Reads the dependencies of a settings schema; a field counts for the member that it lies in.
    pub(crate) fn read(schema: &Value) -> Self {
        let mut all = BTreeMap::new();
        for (member, field) in field::all(schema) {
            let mut on = Vec::new();
            collect(field, &mut on);
            on.retain(|other| other != member);
            if !on.is_empty() {
                all.insert(member.clone(), on);
            }
        }
        Self(all)
    }

    /// Returns all members that decide what some other member offers.
    pub(crate) fn deciding(&self) -> BTreeSet<&str> {
        self.0.values().flatten().map(String::as_str).collect()
    }

    /// Returns the members that decide directly what `member` offers, in the order of the schema.
    pub(crate) fn of(&self, member: &str) -> &[String] {
        self.0.get(member).map_or(&[], Vec::as_slice)
    }

    /// Tells whether `member` depends on one of `others`, directly or through other members.
    pub(crate) fn depends(&self, member: &str, others: &BTreeSet<String>) -> bool {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = self.of(member).iter().map(String::as_str).collect();
        while let Some(at) = open.pop() {
            if others.contains(at) {
                return true;
            }
            if seen.insert(at) {
                open.extend(self.of(at).iter().map(String::as_str));
            }
        }
        false
    }

    /// Returns the members that are connected with `member` by dependencies, itself included.
    pub(crate) fn group(&self, member: &str) -> BTreeSet<String> {
        let mut group = BTreeSet::from([member.to_owned()]);
        loop {
            let before = group.len();
            for (dependent, on) in &self.0 {
                if group.contains(dependent) || on.iter().any(|other| group.contains(other)) {
                    group.insert(dependent.clone());
                    group.extend(on.iter().cloned());
                }
            }
            if group.len() == before {
                return group;
            }
        }
    }
}

/// Collects what the dynamic choices of a field depend on, at any depth.
fn collect(schema: &Value, on: &mut Vec<String>) {
    if let Some(choices) = schema.get(CHOICES) {
        let pointers = choices.get("dependsOn").and_then(Value::as_array);
        let members = pointers
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .filter_map(|pointer| field::first_member(&FieldPath::parse(pointer).ok()?));
        for member in members {
            if !on.contains(&member) {
                on.push(member);
            }
        }
    }
    for (_, inner) in field::all(schema) {
        collect(inner, on);
    }
    if let Some(items) = schema.get("items") {
        collect(items, on);
    }
    for branch in schema
        .get("oneOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        collect(branch, on);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(members: &[&str]) -> BTreeSet<String> {
        members.iter().map(|member| (*member).to_owned()).collect()
    }

    #[test]
    fn fields_that_depend_on_each_other_are_one_group() {
        let on = |pointers: Value| json!({"x-choices": {"source": "s", "dependsOn": pointers}});
        let dependencies = Dependencies::read(&json!({"properties": {
            "a": {}, "b": on(json!(["/a"])), "c": on(json!(["/b", "/a"])),
            "d": {"items": on(json!(["/e/deep"]))}, "e": {}, "f": {},
            "g": {"properties": {"x": {}, "y": on(json!(["/g/x"]))}}
        }}));
        for (member, group) in [
            ("a", set(&["a", "b", "c"])),
            ("c", set(&["a", "b", "c"])),
            ("e", set(&["d", "e"])),
            ("f", set(&["f"])),
        ] {
            assert_eq!(dependencies.group(member), group, "{member}");
        }
        assert_eq!(dependencies.deciding(), BTreeSet::from(["a", "b", "e"]));
        for (member, other, expected) in [
            ("c", "a", true),
            ("b", "a", true),
            ("a", "b", false),
            ("d", "e", true),
            ("f", "e", false),
        ] {
            assert_eq!(
                dependencies.depends(member, &set(&[other])),
                expected,
                "{member} {other}"
            );
        }
        assert_eq!(dependencies.of("c"), ["b", "a"]);
        assert_eq!(dependencies.of("g"), [""; 0]);
    }
}
