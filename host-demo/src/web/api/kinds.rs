//! Kinds of datasources: the form of one, and a test whose steps are told while they run.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::Method,
    response::sse::{Event, KeepAlive, Sse},
    routing::post,
};
use dashboards::domain::{Action, DatasourceId, Settings};
use futures_util::stream::{self, Stream};
use gadget_api::{Error, Step, TestReport};
use gadget_host::CallError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::json::SecretBody;
use crate::{
    app::{App, Caller, ConnectionTest, SecretEdits, TestMessage, TestedConnection},
    web::{
        endpoint::{Access, Endpoint, Resource},
        problem::{FieldProblem, Problem},
    },
};

const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) fn endpoints() -> Vec<Endpoint> {
    // Whoever may edit a datasource may also make one; for one that is there it is checked in here.
    let access = Access::May(Action::Create, Resource::Datasources);
    vec![
        Endpoint::api(
            Method::POST,
            "/api/datasource-kinds/{kind}/form",
            access,
            (
                "answerDatasourceForm",
                "Resolves the form of a datasource kind: its schema, the settings with defaults, and their errors",
            ),
            post(form),
        )
        .takes::<FormRequest>()
        .answers::<FormAnswer>(),
        Endpoint::api(
            Method::POST,
            "/api/datasource-kinds/{kind}/test",
            access,
            (
                "testDatasource",
                "Tests a datasource, and streams a `progress` event with all steps after each change and a final `result` event",
            ),
            post(test),
        )
        .takes::<TestRequest>()
        .sends("text/event-stream"),
    ]
}

/// A kind in a path.
#[derive(Deserialize)]
struct KindPath {
    kind: String,
}

/// Which form is asked for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FormRequest {
    /// The settings so far, without secrets; without them those that are saved, or those that a kind starts with.
    #[serde(default)]
    settings: Option<Settings>,
    /// The datasource that is edited; without it a new one is made.
    #[serde(default)]
    datasource: Option<DatasourceId>,
}

/// What a form is drawn from.
#[derive(JsonSchema, Serialize)]
struct FormAnswer {
    /// The JSON Schema; fields that are `writeOnly` never have a value here.
    schema: Value,
    /// The settings with the defaults of what was not set.
    settings: Settings,
    /// What is wrong with them; secrets that are kept are not missing.
    errors: Vec<FieldProblem>,
    /// The JSON Pointers of the secrets that are kept.
    secrets_set: Vec<String>,
}

/// What is tested.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TestRequest {
    settings: Settings,
    /// The secrets that were entered, by JSON Pointer.
    #[serde(default)]
    #[schemars(with = "std::collections::BTreeMap<String, Option<String>>")]
    secrets: SecretEdits,
    /// The datasource whose secrets are used where none are entered, if the address is on the same host.
    #[serde(default)]
    datasource: Option<DatasourceId>,
}

/// What a test found.
#[derive(Serialize)]
struct TestAnswer {
    is_ok: bool,
    steps: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<TestError>,
}

/// Why a test did not succeed.
#[derive(Serialize)]
struct TestError {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

async fn form(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<KindPath>,
    SecretBody(request): SecretBody<FormRequest>,
) -> Result<Json<FormAnswer>, Problem> {
    let FormRequest {
        settings,
        datasource,
    } = request;
    let form = app
        .datasources
        .form(&caller, &path.kind, datasource.as_ref(), settings);
    let form = form.await?;
    Ok(Json(FormAnswer {
        schema: form.schema,
        settings: form.settings,
        errors: form.problems.iter().map(FieldProblem::from).collect(),
        secrets_set: form.kept.iter().map(ToString::to_string).collect(),
    }))
}

/// A test that a page follows until the host ends.
struct FollowedTest {
    test: ConnectionTest,
    shutdown: CancellationToken,
    steps: Vec<Step>,
}

async fn test(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<KindPath>,
    SecretBody(request): SecretBody<TestRequest>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let tested = TestedConnection {
        settings: request.settings,
        secrets: request.secrets,
        datasource: request.datasource,
    };
    let followed = FollowedTest {
        test: app.datasources.test(&caller, &path.kind, tested).await?,
        shutdown: app.shutdown.clone(),
        steps: Vec::new(),
    };
    let stream = stream::unfold(followed, |mut followed| async move {
        let message = tokio::select! {
            message = followed.test.next() => message?,
            () = followed.shutdown.cancelled() => return None,
        };
        let event = match message {
            TestMessage::Steps(steps) => {
                followed.steps.clone_from(&steps);
                Event::default()
                    .event("progress")
                    .json_data(serde_json::json!({ "steps": steps }))
            }
            TestMessage::End(report) => {
                let steps = std::mem::take(&mut followed.steps);
                Event::default()
                    .event("result")
                    .json_data(TestAnswer::of(report, steps))
            }
        };
        // Texts and states are always JSON.
        Some((Ok(event.unwrap_or_default()), followed))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl TestAnswer {
    fn of(report: Result<TestReport, CallError>, steps: Vec<Step>) -> Self {
        match report {
            Ok(report) => Self {
                is_ok: report.error.is_none(),
                steps: report.steps,
                error: report.error.as_ref().map(TestError::of),
            },
            Err(error) => Self {
                is_ok: false,
                steps,
                error: Some(TestError::of(&error.into())),
            },
        }
    }
}

impl TestError {
    fn of(error: &Error) -> Self {
        Self {
            message: error.message().to_owned(),
            remedy: error.remedy().map(str::to_owned),
        }
    }
}
