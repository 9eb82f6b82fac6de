//! The OpenAPI document: made of the table of endpoints, so that the two cannot differ.

use axum::{Json, http::Method, routing::get};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::web::{
    endpoint::{Access, Answers, Endpoint, Spec},
    problem::Problem,
};

/// Answers with the document itself.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::api(
        Method::GET,
        "/api/openapi.json",
        Access::Anyone,
        ("openapi", "Returns this document"),
        get(async || Json(document())),
    )
    .sends("application/json")
}

/// Returns the document.
pub(crate) fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>();
    let mut paths = Map::new();
    for endpoint in &super::endpoints() {
        let Some(spec) = &endpoint.spec else { continue };
        let operation = operation(endpoint, spec, &problem, &mut generator);
        let path = paths
            .entry(endpoint.path)
            .or_insert_with(|| Value::Object(Map::new()));
        path[endpoint.method.as_str().to_lowercase()] = operation;
    }
    let definitions: Map<String, Value> = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "host-demo",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Dashboards, their gadgets and datasources. Programs send an API token as a bearer token; pages of this host send a session cookie.",
        },
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "session", "description": "The name ends with the port of the host, or is `__Host-session` behind a proxy."},
            },
        },
    })
}

fn operation(
    endpoint: &Endpoint,
    spec: &Spec,
    problem: &schemars::Schema,
    generator: &mut SchemaGenerator,
) -> Value {
    let mut operation = json!({"operationId": spec.id, "summary": spec.summary});
    let in_path = parameters(endpoint.path).map(
        |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
    );
    let in_query = spec
        .query
        .map(|query| of_query(query(generator).as_value()))
        .unwrap_or_default();
    let parameters: Vec<Value> = in_path.chain(in_query).collect();
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(takes) = spec.takes {
        operation["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": takes(generator)}},
        });
    }
    let done = match spec.answers {
        Answers::Nothing => json!({"204": {"description": "It is done"}}),
        Answers::Json(schema) => json!({"200": {
            "description": "The response",
            "content": {"application/json": {"schema": schema(generator)}},
        }}),
        Answers::File(media_type) => json!({"200": {
            "description": "The response",
            "content": {media_type: {"schema": {}}},
        }}),
    };
    operation["responses"] = done;
    operation["responses"]["default"] = json!({
        "description": "Why the request failed; nothing was changed",
        "content": {"application/problem+json": {"schema": problem}},
    });
    operation["security"] = match endpoint.access {
        Access::Anyone | Access::Link => json!([]),
        Access::SignedIn => json!([{"session": []}]),
        Access::May(..) => json!([{"session": []}, {"token": []}]),
    };
    operation
}

/// Returns the parameters that an object describes, each a property of it.
fn of_query(schema: &Value) -> Vec<Value> {
    let is_required = |name: &str| {
        let required = schema["required"].as_array();
        required.is_some_and(|required| required.iter().any(|each| each == name))
    };
    let properties = schema["properties"].as_object().into_iter().flatten();
    let parameters = properties.map(|(name, schema)| {
        json!({"name": name, "in": "query", "required": is_required(name), "schema": schema})
    });
    parameters.collect()
}

/// Returns the names of the parameters of a path.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own_and_every_path_is_below_api() {
        let document = document();
        let mut names = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            assert!(path.starts_with("/api/"), "{path}");
            for operation in operations.as_object().unwrap().values() {
                let name = operation["operationId"].as_str().unwrap();
                assert!(names.insert(name.to_owned()), "{name} is there twice");
            }
        }
        assert!(names.contains("openapi"));
    }
}
