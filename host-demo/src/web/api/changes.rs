//! Changes of a dashboard: what a person does with its gadgets, what happened so far, and undoing it.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::Method,
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use dashboards::{
    domain::{Action, ChangeRecord, Dashboard, Name, TileId, User, UserId},
    store::SavedChange,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::json::Body;
use crate::{
    app::{App, Caller, ChangeCommand},
    web::{
        endpoint::{Access, Endpoint, Resource},
        problem::Problem,
    },
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/changes",
            Access::May(Action::Edit, Resource::Dashboard),
            (
                "changeDashboard",
                "Changes a dashboard, which makes one new revision",
            ),
            post(change),
        )
        .takes::<ChangeRequest>()
        .answers::<ChangeAnswer>(),
        Endpoint::api(
            Method::GET,
            "/api/dashboards/{dashboard}/changes",
            Access::May(Action::View, Resource::Dashboard),
            (
                "listChanges",
                "Lists the changes of a dashboard, newest first",
            ),
            get(history),
        )
        .answers::<Vec<RecordAnswer>>(),
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/undo",
            Access::May(Action::Edit, Resource::Dashboard),
            (
                "undoChange",
                "Undoes a change, which makes a new revision, unless a later change conflicts",
            ),
            post(undo),
        )
        .takes::<UndoRequest>()
        .answers::<ChangeAnswer>(),
    ]
}

/// A change, and the revision of the dashboard that it is meant for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChangeRequest {
    /// The revision that the caller looked at.
    revision: u64,
    /// What to change.
    change: ChangeCommand,
}

/// Which change to undo.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UndoRequest {
    /// The revision that it made.
    revision: u64,
}

/// What a change made.
#[derive(JsonSchema, Serialize)]
pub(super) struct ChangeAnswer {
    /// The revision of the dashboard now.
    revision: u64,
    /// What happened, in a few words; nothing if all was so already.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    /// The revision to name for undoing this.
    #[serde(skip_serializing_if = "Option::is_none")]
    undo: Option<u64>,
    /// The gadget that was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    tile: Option<TileId>,
    /// The gadgets that kept their settings, because their library is absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    skipped: Vec<TileId>,
}

/// What happened to a dashboard.
#[derive(JsonSchema, Serialize)]
struct RecordAnswer {
    revision: u64,
    summary: String,
    at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<UserId>,
    /// What the one who did it is called now.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<Name>,
    /// The revision that it undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    undoes: Option<u64>,
}

impl ChangeAnswer {
    pub(super) fn of(changed: &SavedChange) -> Self {
        Self {
            revision: changed.dashboard.revision(),
            summary: changed.record.as_ref().map(|record| record.summary.clone()),
            undo: changed.record.as_ref().map(|record| record.revision),
            tile: None,
            skipped: Vec::new(),
        }
    }
}

impl RecordAnswer {
    fn of((record, by): (ChangeRecord, Option<User>)) -> Self {
        Self {
            revision: record.revision,
            summary: record.summary,
            at: record.at,
            by_name: by.map(|user| user.name),
            by: record.by,
            undoes: record.undoes,
        }
    }
}

async fn change(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Body(request): Body<ChangeRequest>,
) -> Result<Json<ChangeAnswer>, Problem> {
    let ChangeRequest { revision, change } = request;
    let outcome = app.dashboards.change(&caller, &dashboard, revision, change);
    let outcome = outcome.await?;
    Ok(Json(ChangeAnswer {
        tile: outcome.added,
        ..ChangeAnswer::of(&outcome.changed)
    }))
}

async fn history(
    State(app): State<Arc<App>>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> Result<Json<Vec<RecordAnswer>>, Problem> {
    let history = app.dashboards.history(&dashboard).await?;
    Ok(Json(history.into_iter().map(RecordAnswer::of).collect()))
}

async fn undo(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Body(request): Body<UndoRequest>,
) -> Result<Json<ChangeAnswer>, Problem> {
    let undone = app.dashboards.undo(&caller, &dashboard, request.revision);
    let undone = undone.await?;
    Ok(Json(ChangeAnswer {
        skipped: undone.skipped,
        ..ChangeAnswer::of(&undone.changed)
    }))
}
