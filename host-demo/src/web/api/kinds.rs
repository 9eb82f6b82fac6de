//! Kinds of datasources: the form of one, and a test whose steps are told while they run.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::Method,
    response::sse::{Event, KeepAlive, Sse},
    routing::post,
};
use dashboards::domain::{Action, Datasource, DatasourceId, Denied, Object, Settings};
use futures_util::stream::{self, Stream};
use gadget_api::{Error, Step, TestReport};
use gadget_host::{Call, CallError, Cancellation, CatalogKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{sync::mpsc, task::spawn_blocking};

use super::json::SecretBody;
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Resource},
    entered::{SecretEdits, draft_to_test, first_settings},
    problem::{FieldProblem, Problem},
    worker::today,
};

/// How long a test may take.
const TEST_TIMEOUT: Duration = Duration::from_secs(90);
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
                "Answers the form of a kind of datasource: its schema, the settings with defaults, and what is wrong with them",
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
                "Tests a datasource: an event `progress` with all steps after each change, and an event `result` at the end",
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

/// What a test says while it runs.
enum Told {
    Steps(Vec<Step>),
    End(Result<TestReport, CallError>),
}

/// Ends the test when nobody listens any more.
struct Listening {
    told: mpsc::UnboundedReceiver<Told>,
    cancellation: Cancellation,
    site: Arc<Site>,
    steps: Vec<Step>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.cancellation.cancel();
    }
}

async fn form(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<KindPath>,
    SecretBody(request): SecretBody<FormRequest>,
) -> Result<Json<FormAnswer>, Problem> {
    let kind = site.datasource_kind(&path.kind)?;
    let stored = site
        .edited(&caller, kind, request.datasource.as_ref())
        .await?;
    let declaration = kind.declaration();
    let settings = match (request.settings, &stored) {
        (Some(settings), _) => settings,
        (None, Some(stored)) => stored.settings.clone(),
        (None, None) => first_settings(declaration)?,
    };
    let secrets = crate::web::sources::secret_fields(declaration);
    let settings = Settings::parse(gadget_host::with_defaults(
        &declaration.schema,
        &settings.without(&secrets).to_value(),
    ))?;
    let kept = stored.map(|stored| stored.secrets).unwrap_or_default();
    let problems =
        gadget_host::Datasource::problems(kind, &settings.to_value(), &kept, site.engine.origins());
    Ok(Json(FormAnswer {
        schema: declaration.schema.clone(),
        settings,
        errors: problems.iter().map(FieldProblem::from).collect(),
        secrets_set: kept.iter().map(ToString::to_string).collect(),
    }))
}

async fn test(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<KindPath>,
    SecretBody(request): SecretBody<TestRequest>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let kind = site.datasource_kind(&path.kind)?;
    let stored = site
        .edited(&caller, kind, request.datasource.as_ref())
        .await?;
    let draft = draft_to_test(request.settings, request.secrets)?;
    let checked = site.checked(kind, draft, stored.as_ref())?;
    let opened = site.opened_to_test(checked, stored.as_ref()).await?;
    let cancellation = Cancellation::new();
    let call = Call::new(kind.id(), Value::Null, today())
        .with_datasource(Arc::new(opened))
        .within(TEST_TIMEOUT)
        .cancelled_by(&cancellation);
    let (tell, told) = mpsc::unbounded_channel();
    let testing = Arc::clone(&site);
    spawn_blocking(move || {
        let report = testing.engine.test(&call, &|progress| {
            // Who does not listen any more has cancelled.
            let _ = tell.send(Told::Steps(progress.steps.clone()));
        });
        let _ = tell.send(Told::End(report));
    });
    let listening = Listening {
        told,
        cancellation,
        site,
        steps: Vec::new(),
    };
    let stream = stream::unfold(listening, |mut listening| async move {
        let told = tokio::select! {
            told = listening.told.recv() => told?,
            () = listening.site.ended() => return None,
        };
        let event = match told {
            Told::Steps(steps) => {
                listening.steps.clone_from(&steps);
                Event::default()
                    .event("progress")
                    .json_data(serde_json::json!({ "steps": steps }))
            }
            Told::End(report) => {
                let steps = std::mem::take(&mut listening.steps);
                Event::default()
                    .event("result")
                    .json_data(TestAnswer::of(report, steps))
            }
        };
        // Texts and states are always JSON.
        Some((Ok(event.unwrap_or_default()), listening))
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

impl Site {
    /// Returns the datasource that somebody edits, who must be allowed to.
    async fn edited(
        &self,
        caller: &Caller,
        kind: &CatalogKind,
        id: Option<&DatasourceId>,
    ) -> Result<Option<Datasource>, Problem> {
        let Some(id) = id else { return Ok(None) };
        let found = self.store.datasource(id).await?.ok_or(Denied::NotFound)?;
        caller.check(Action::Edit, Object::Datasource(&found))?;
        if found.kind != kind.id() {
            return Err(Problem::bad("the datasource is of another kind"));
        }
        Ok(Some(found))
    }
}
