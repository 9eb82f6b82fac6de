//! What a template of dashboards asks.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::Method,
    routing::post,
};
use dashboards::domain::{Action, Settings};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{forms::FormAnswer, json::Body};
use crate::{
    app::{App, Caller},
    web::{
        endpoint::{Access, Endpoint, Resource},
        problem::Problem,
    },
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::POST,
            "/api/templates/{template}/form",
            Access::May(Action::Create, Resource::Dashboards),
            (
                "answerTemplate",
                "Resolves the form of the questions that a template asks once for all its gadgets",
            ),
            post(form),
        )
        .takes::<TemplateRequest>()
        .answers::<FormAnswer>(),
    ]
}

/// What is answered so far, by question.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TemplateRequest {
    #[serde(default)]
    settings: Option<Settings>,
}

#[derive(Deserialize)]
struct TemplatePath {
    template: String,
}

async fn form(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<TemplatePath>,
    Body(request): Body<TemplateRequest>,
) -> Result<Json<FormAnswer>, Problem> {
    let template = app.templates.find(&path.template)?;
    let settings = request.settings.unwrap_or_default().to_value();
    let form = app.templates.form(&caller, template, settings).await?;
    Ok(Json(FormAnswer::of(form, false)))
}
