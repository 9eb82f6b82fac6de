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
    domain::{
        Action, Change, ChangeRecord, Dashboard, Name, Object, Permission, RefreshMinutes,
        Settings, Tile, TileId, User, UserId,
    },
    store::{SavedChange, new_id_bytes},
};
use gadget_api::TileSize;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::json::Body;
use crate::web::{
    Site,
    caller::Caller,
    endpoint::{Access, Endpoint, Resource},
    problem::Problem,
};

/// How often a new gadget reads its source by itself.
const FIRST_REFRESH_MINUTES: u32 = 60;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::api(
            Method::POST,
            "/api/dashboards/{dashboard}/changes",
            Access::May(Action::Edit, Resource::Dashboard),
            (
                "changeDashboard",
                "Changes a dashboard: one new revision, or nothing",
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
                "Lists what happened to a dashboard, the newest first",
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
                "Undoes a change, as a new revision, unless a later one touched the same",
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
    change: Wish,
}

/// What to change.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Wish {
    /// Gives the dashboard another title.
    Rename { title: Name },
    /// Adds a gadget, at the end unless a place is named; it is set up afterwards.
    AddTile {
        gadget: String,
        #[serde(default)]
        size: Option<TileSize>,
        #[serde(default)]
        at: Option<usize>,
    },
    /// Removes a gadget.
    RemoveTile { tile: TileId },
    /// Adds a copy of a gadget directly after it.
    DuplicateTile { tile: TileId },
    /// Gives a gadget another name, or none of its own.
    NameTile {
        tile: TileId,
        #[serde(default)]
        name: Option<Name>,
    },
    /// Gives a gadget another size.
    Resize { tile: TileId, size: TileSize },
    /// Sets how often a gadget reads its source by itself; without minutes only when somebody asks.
    SetRefresh {
        tile: TileId,
        #[serde(default)]
        minutes: Option<RefreshMinutes>,
    },
    /// Moves a gadget to another place, counted from 0 in reading order.
    MoveTile { tile: TileId, to: usize },
    /// Says who may use and edit the dashboard.
    SetPermission { permission: Permission },
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
    fn of(record: ChangeRecord, users: &[User]) -> Self {
        let by = users
            .iter()
            .find(|user| Some(&user.id) == record.by.as_ref());
        Self {
            revision: record.revision,
            summary: record.summary,
            at: record.at,
            by_name: by.map(|user| user.name.clone()),
            by: record.by,
            undoes: record.undoes,
        }
    }
}

async fn change(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Body(request): Body<ChangeRequest>,
) -> Result<Json<ChangeAnswer>, Problem> {
    let mut change = site.change_of(request.change, &dashboard)?;
    if let Change::AddTile { tile, .. } = &mut change {
        tile.settings = site.start_settings(&caller, &dashboard, &tile.gadget).await;
    }
    // Some changes need more than the right to edit.
    caller.check(change.action(), Object::Dashboard(&dashboard))?;
    let changed = site
        .store
        .change_dashboard(
            dashboard.id(),
            request.revision,
            &change,
            caller.user_id(),
            Utc::now(),
        )
        .await?;
    let mut answer = ChangeAnswer::of(&changed);
    answer.tile = match change {
        Change::AddTile { tile, .. } => Some(tile.id),
        Change::DuplicateTile { copy, .. } => Some(copy),
        _ => None,
    };
    Ok(Json(answer))
}

impl Site {
    fn change_of(&self, wish: Wish, dashboard: &Dashboard) -> Result<Change, Problem> {
        Ok(match wish {
            Wish::Rename { title } => Change::Rename { title },
            Wish::AddTile { gadget, size, at } => Change::AddTile {
                tile: self.new_tile(&gadget, size.unwrap_or(TileSize::M))?,
                at: at.unwrap_or(dashboard.tiles().len()),
            },
            Wish::RemoveTile { tile } => Change::RemoveTile { tile },
            Wish::DuplicateTile { tile } => Change::DuplicateTile {
                tile,
                copy: TileId::from_bytes(new_id_bytes()),
            },
            Wish::NameTile { tile, name } => Change::NameTile { tile, name },
            Wish::Resize { tile, size } => Change::Resize { tile, size },
            Wish::SetRefresh { tile, minutes } => Change::SetRefresh {
                tile,
                refresh: minutes,
            },
            Wish::MoveTile { tile, to } => Change::MoveTile { tile, to },
            Wish::SetPermission { permission } => Change::SetPermission { permission },
        })
    }

    /// Makes a tile of a gadget, not yet set up.
    pub(in crate::web) fn new_tile(&self, gadget: &str, size: TileSize) -> Result<Tile, Problem> {
        let manifest = &self.engine.catalog().gadget(gadget)?.description().manifest;
        let id = TileId::from_bytes(new_id_bytes());
        let mut tile = Tile::new(id, gadget, manifest.version, size);
        tile.settings = Settings::default();
        tile.refresh = RefreshMinutes::new(FIRST_REFRESH_MINUTES).ok();
        Ok(tile)
    }
}

async fn history(
    State(site): State<Arc<Site>>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
) -> Result<Json<Vec<RecordAnswer>>, Problem> {
    let records = site.store.history(dashboard.id(), 0).await?;
    let users = site.store.users().await?;
    let newest_first = records.into_iter().rev();
    let answers = newest_first.map(|record| RecordAnswer::of(record, &users));
    Ok(Json(answers.collect()))
}

async fn undo(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Extension(dashboard): Extension<Arc<Dashboard>>,
    Body(request): Body<UndoRequest>,
) -> Result<Json<ChangeAnswer>, Problem> {
    let history = site
        .store
        .history(dashboard.id(), request.revision.saturating_sub(1))
        .await?;
    let record = history
        .iter()
        .find(|record| record.revision == request.revision);
    // Undoing takes the same right as the change itself.
    if let Some(record) = record {
        caller.check(record.change.action(), Object::Dashboard(&dashboard))?;
    }
    let catalog = site.engine.catalog();
    let undone = site
        .store
        .undo(
            dashboard.id(),
            request.revision,
            |tile| catalog.gadget(&tile.gadget).is_ok(),
            caller.user_id(),
            Utc::now(),
        )
        .await?;
    Ok(Json(ChangeAnswer {
        skipped: undone.skipped,
        ..ChangeAnswer::of(&undone.changed)
    }))
}
