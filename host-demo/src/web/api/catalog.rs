//! What the gadget libraries of the host bring.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::{Method, StatusCode},
    routing::{get, post},
};
use dashboards::domain::{Action, Object};
use gadget_api::Version;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    app::{App, AppError, Caller},
    web::{
        endpoint::{Access, Endpoint, Resource},
        problem::Problem,
    },
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::GET,
            "/api/catalog",
            Access::May(Action::View, Resource::Catalog),
            ("catalog", "Lists gadgets, datasource kinds and templates, and for administrators also refused libraries"),
            get(catalog),
        )
        .answers::<CatalogAnswer>(),
        Endpoint::api(
            Method::GET,
            "/api/host",
            Access::May(Action::View, Resource::Host),
            ("host", "Returns the state of the host"),
            get(host),
        )
        .answers::<HostAnswer>(),
        Endpoint::api(
            Method::POST,
            "/api/gadgets/{gadget}/resume",
            Access::May(Action::Manage, Resource::Host),
            (
                "resumeGadget",
                "Resumes a gadget that is suspended because its calls have not returned, or its whole library",
            ),
            post(resume),
        ),
    ]
}

/// What the gadget libraries of the host bring.
#[derive(JsonSchema, Serialize)]
struct CatalogAnswer {
    gadgets: Vec<GadgetAnswer>,
    datasource_kinds: Vec<KindAnswer>,
    templates: Vec<TemplateAnswer>,
    /// Libraries that were not loaded; empty for who may not know.
    refused: Vec<RefusedAnswer>,
}

/// A gadget.
#[derive(JsonSchema, Serialize)]
struct GadgetAnswer {
    id: String,
    title: String,
    summary: String,
    version: Version,
    datasource_kinds: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// A kind of datasource.
#[derive(JsonSchema, Serialize)]
struct KindAnswer {
    id: String,
    title: String,
    summary: String,
}

/// A template of dashboards.
#[derive(JsonSchema, Serialize)]
struct TemplateAnswer {
    id: String,
    name: String,
    summary: String,
    /// The semantics that it asks for.
    ask: Vec<String>,
}

/// A library that was not loaded.
#[derive(JsonSchema, Serialize)]
struct RefusedAnswer {
    file: String,
    reason: String,
    remedy: String,
}

async fn catalog(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Json<CatalogAnswer> {
    let catalog = app.engine.catalog();
    let gadgets = catalog.gadgets().map(|gadget| {
        let manifest = &gadget.description().manifest;
        GadgetAnswer {
            id: manifest.id.clone(),
            title: manifest.title.clone(),
            summary: manifest.summary.clone(),
            version: manifest.version,
            datasource_kinds: manifest.datasource_kinds.clone(),
            help: manifest.help.clone(),
        }
    });
    let kinds = catalog.datasource_kinds().map(|kind| KindAnswer {
        id: kind.id().to_owned(),
        title: kind.declaration().title.clone(),
        summary: kind.declaration().summary.clone(),
    });
    let templates = catalog.templates().map(|template| {
        let template = template.template();
        TemplateAnswer {
            id: template.id.clone(),
            name: template.name.clone(),
            summary: template.summary.clone(),
            ask: template.ask.clone(),
        }
    });
    let refused = if caller.may(Action::View, Object::Host) {
        catalog.refused()
    } else {
        &[]
    };
    let refused = refused.iter().map(|refused| RefusedAnswer {
        file: refused.path().display().to_string(),
        reason: refused.error().to_string(),
        remedy: refused.error().remedy().to_owned(),
    });
    Json(CatalogAnswer {
        gadgets: gadgets.collect(),
        datasource_kinds: kinds.collect(),
        templates: templates.collect(),
        refused: refused.collect(),
    })
}

async fn resume(
    State(app): State<Arc<App>>,
    Path(gadget): Path<String>,
) -> Result<StatusCode, Problem> {
    app.engine.resume(&gadget).map_err(AppError::from)?;
    Ok(StatusCode::NO_CONTENT)
}

/// How the host is.
#[derive(JsonSchema, Serialize)]
struct HostAnswer {
    version: &'static str,
    /// Whether the database answers.
    database: bool,
    /// Why the secrets of datasources are locked, if they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_problem: Option<String>,
    /// Calls of gadgets that have not come back.
    stragglers: usize,
}

async fn host(State(app): State<Arc<App>>) -> Json<HostAnswer> {
    Json(HostAnswer {
        version: env!("CARGO_PKG_VERSION"),
        database: app.store.check().await.is_ok(),
        key_problem: app.store.key_problem().map(|problem| problem.to_string()),
        stragglers: app.engine.hung_calls(),
    })
}
