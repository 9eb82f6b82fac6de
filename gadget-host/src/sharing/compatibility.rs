//! Which settings one gadget can take from another: same datasource kind, same meaning, same type.

use gadget_api::{
    FieldPath, GadgetDescription,
    schema::{DATASOURCE, DATASOURCE_KIND, NAME, SHARE, SHARE_NEVER},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    field,
    reason::{Reason, ReasonKind},
};
use crate::text::listed;

/// Two fields of two gadgets with the same meaning.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SharedField {
    /// What both mean.
    pub semantic: String,
    /// The field of the gadget that shares.
    pub from: FieldPath,
    /// The field of the gadget that receives.
    pub to: FieldPath,
}

/// Two fields with the same meaning and different types.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OtherType {
    /// The two fields.
    #[serde(flatten)]
    pub field: SharedField,
    /// The type of the field that shares, in words.
    pub shared_type: String,
    /// The type of the field that receives, in words.
    pub own_type: String,
}

/// What one gadget can take from another: at least one field.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Compatibility {
    /// The fields, in the order in which the receiver shows them.
    pub fields: Vec<SharedField>,
    /// The fields that mean the same but are of other types, in the same order.
    pub other_types: Vec<OtherType>,
}

/// Why a gadget cannot take anything from another.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "incompatible", rename_all = "snake_case")]
pub enum Incompatible {
    /// They declare no datasource kind in common.
    #[error("{}", other_kind(shared, own))]
    OtherDatasourceKind {
        /// The kinds of the gadget that shares.
        shared: Vec<String>,
        /// The kinds of the gadget that receives.
        own: Vec<String>,
    },
    /// No field means the same.
    #[error("none of its settings has the same meaning")]
    NoSharedSemantic,
    /// The fields that mean the same are all of other types.
    #[error("its settings with the same meaning have a different type: {}", listed(fields.iter().map(|field| field.field.semantic.as_str())))]
    OtherTypes {
        /// Those fields.
        fields: Vec<OtherType>,
    },
}

fn other_kind(shared: &[String], own: &[String]) -> String {
    match (shared, own) {
        (_, []) => "it reads no datasource".to_owned(),
        ([], _) => "it reads a datasource, but the shared settings do not belong to one".to_owned(),
        (_, own) => format!(
            "it reads a different kind of datasource: {}",
            listed(own.iter().map(String::as_str))
        ),
    }
}

impl From<Incompatible> for Reason {
    fn from(incompatible: Incompatible) -> Self {
        let kind = match incompatible {
            Incompatible::OtherDatasourceKind { .. } => ReasonKind::OtherDatasourceKind,
            Incompatible::NoSharedSemantic => ReasonKind::NoSharedSemantic,
            Incompatible::OtherTypes { .. } => ReasonKind::OtherType,
        };
        Self::new(kind, incompatible.to_string())
    }
}

/// Returns what `receiver` can take from `sharer`.
///
/// Names, secrets (`writeOnly`), fields whose `x-share` is `never`, and fields below the top level of
/// the settings are never shared.
///
/// # Errors
///
/// - [`Incompatible::OtherDatasourceKind`] when they declare no datasource kind in common.
/// - [`Incompatible::NoSharedSemantic`] when no field means the same.
/// - [`Incompatible::OtherTypes`] when all that mean the same are of other types.
pub fn compatibility(
    sharer: &GadgetDescription,
    receiver: &GadgetDescription,
) -> Result<Compatibility, Incompatible> {
    let kinds = |gadget: &GadgetDescription| gadget.manifest.datasource_kinds.clone();
    let (shared, own) = (kinds(sharer), kinds(receiver));
    if !shared.iter().any(|kind| own.contains(kind)) {
        return Err(Incompatible::OtherDatasourceKind { shared, own });
    }
    let mut fields = Vec::new();
    let mut other_types = Vec::new();
    for (member, to) in field::all(&receiver.schema) {
        let Some(semantic) = semantic_of(receiver, member) else {
            continue;
        };
        let Some((from_member, from)) = field_of(sharer, semantic) else {
            continue;
        };
        let shared_field = SharedField {
            semantic: semantic.to_owned(),
            from: field::path(&from_member),
            to: field::path(member),
        };
        let (shared_type, own_type) = (
            type_of(sharer, semantic, from),
            type_of(receiver, semantic, to),
        );
        if shared_type == own_type {
            fields.push(shared_field);
        } else {
            other_types.push(OtherType {
                field: shared_field,
                shared_type,
                own_type,
            });
        }
    }
    match (fields.is_empty(), other_types.is_empty()) {
        (false, _) => Ok(Compatibility {
            fields,
            other_types,
        }),
        (true, true) => Err(Incompatible::NoSharedSemantic),
        (true, false) => Err(Incompatible::OtherTypes {
            fields: other_types,
        }),
    }
}

/// Tells whether the form of a gadget ends with sharing: whether any of its settings has a meaning that
/// can be shared.
#[must_use]
pub fn can_share(gadget: &GadgetDescription) -> bool {
    field::all(&gadget.schema).any(|(member, _)| semantic_of(gadget, member).is_some())
}

/// Returns what a member of the settings means, if that may be shared.
fn semantic_of<'a>(gadget: &'a GadgetDescription, member: &str) -> Option<&'a str> {
    let (semantic, _) = gadget
        .semantics
        .iter()
        .find(|(_, path)| field::member(path).as_deref() == Some(member))?;
    let field = field::schema(&gadget.schema, member)?;
    let is_secret = field.get("writeOnly") == Some(&Value::Bool(true));
    let is_never = field.get(SHARE).is_some_and(|share| share == SHARE_NEVER);
    let is_name = semantic == NAME || member == NAME;
    (!is_secret && !is_never && !is_name).then_some(semantic.as_str())
}

fn field_of<'a>(gadget: &'a GadgetDescription, semantic: &str) -> Option<(String, &'a Value)> {
    let member = field::member(gadget.semantics.get(semantic)?)?;
    semantic_of(gadget, &member)?;
    let field = field::schema(&gadget.schema, &member)?;
    Some((member, field))
}

/// Returns the type of a field in words; two fields with the same words take each other's values.
fn type_of(gadget: &GadgetDescription, semantic: &str, field: &Value) -> String {
    let named = field.get(DATASOURCE_KIND).and_then(Value::as_str);
    if semantic != DATASOURCE && named.is_none() {
        return shape_of(field);
    }
    match (named, gadget.manifest.datasource_kinds.as_slice()) {
        (Some(kind), _) => format!("{} of the datasource kind `{kind}`", shape_of(field)),
        (None, [kind]) => format!("{} of the datasource kind `{kind}`", shape_of(field)),
        // The gadget reads several kinds and does not say which the field is for, so none can match.
        (None, _) => format!(
            "{} of a datasource kind that `{}` does not name",
            shape_of(field),
            gadget.manifest.id
        ),
    }
}

fn shape_of(field: &Value) -> String {
    let branches = field.get("oneOf").and_then(Value::as_array);
    let tag = branches
        .into_iter()
        .flatten()
        .filter_map(|branch| branch.get("properties")?.as_object())
        .flat_map(|properties| properties.iter())
        .find(|(_, property)| property.get("const").is_some());
    if let Some((tag, _)) = tag {
        return format!("choice by `{tag}`");
    }
    match field.get("type").and_then(Value::as_str) {
        Some("array") => format!("list of {}", shape_of(&field["items"])),
        Some("string") => "text".to_owned(),
        Some("object") => "group of fields".to_owned(),
        Some(other) => other.to_owned(),
        None => "anything".to_owned(),
    }
}
