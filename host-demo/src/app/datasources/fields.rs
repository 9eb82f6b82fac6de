//! Which fields of settings name a datasource, and which hold secrets.

use dashboards::domain::{DatasourceId, SecretPlan, Settings};
use gadget_api::{
    DatasourceDeclaration, Error, ErrorKind, FieldPath, GadgetDescription, schema::DATASOURCE,
};
use serde_json::Value;

/// Returns the datasource that settings name.
pub(crate) fn named(gadget: &GadgetDescription, settings: &Value) -> Option<DatasourceId> {
    let field = gadget.semantics.get(DATASOURCE)?;
    DatasourceId::parse(field.value_in(settings)?.as_str()?).ok()
}

/// Returns the fields of a kind that are secret.
pub(crate) fn secret_fields(declaration: &DatasourceDeclaration) -> Vec<FieldPath> {
    secret_fields_in(&declaration.schema)
}

/// Returns the fields of a schema that are secret.
pub(crate) fn secret_fields_in(schema: &Value) -> Vec<FieldPath> {
    let properties = schema["properties"].as_object();
    let is_secret = |(_, field): &(&String, &Value)| field["writeOnly"] == Value::Bool(true);
    let fields = properties.into_iter().flatten().filter(is_secret);
    fields
        .map(|(name, _)| FieldPath::root().child(name))
        .collect()
}

/// Takes the secrets out of the settings of a datasource.
pub(crate) fn split(
    declaration: &DatasourceDeclaration,
    content: Value,
) -> Result<(Settings, SecretPlan), Error> {
    let mut plan = SecretPlan::default();
    let fields = secret_fields(declaration);
    for field in &fields {
        if let Some(secret) = field.value_in(&content).and_then(Value::as_str) {
            plan.set.insert(field.clone(), secret.into());
        }
    }
    let settings = Settings::parse(content)
        .map_err(|error| Error::new(ErrorKind::Settings, error.to_string()))?;
    Ok((settings.without(&fields), plan))
}
