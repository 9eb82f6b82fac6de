//! Changes of a dashboard: what a person does with its gadgets, what happened so far, and undoing it.

use std::sync::Arc;

use chrono::Utc;
use dashboards::{
    domain::{
        Change, ChangeRecord, Dashboard, Name, Object, Permission, RefreshMinutes, Settings, Tile,
        TileId, User,
    },
    store::{SavedChange, SavedUndo, StoreError, new_id_bytes},
};
use gadget_api::TileSize;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Dashboards;
use crate::app::{AppError, Caller, Engine, PlacedTile, Share};

/// How often a new gadget reads its source by itself.
const FIRST_REFRESH_MINUTES: u32 = 60;

/// What to change.
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(rename = "Wish")]
pub(crate) enum ChangeCommand {
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

/// What was done to a dashboard, and the gadget that it added.
pub(crate) struct CommandOutcome {
    pub(crate) changed: SavedChange,
    pub(crate) added: Option<TileId>,
}

impl Dashboards {
    /// Changes a dashboard, which makes one new revision.
    pub(crate) async fn change(
        &self,
        caller: &Caller,
        dashboard: &Arc<Dashboard>,
        revision: u64,
        command: ChangeCommand,
    ) -> Result<CommandOutcome, AppError> {
        let mut change = self.change_of(command, dashboard)?;
        if let Change::AddTile { tile, .. } = &mut change {
            tile.settings = self
                .sharing
                .start_settings(caller, dashboard, &tile.gadget)
                .await;
        }
        // Some changes need more than the right to edit.
        caller.check(change.action(), Object::Dashboard(dashboard))?;
        let changed = self.apply(caller, dashboard, revision, &change).await?;
        let added = match change {
            Change::AddTile { tile, .. } => Some(tile.id),
            Change::DuplicateTile { copy, .. } => Some(copy),
            _ => None,
        };
        Ok(CommandOutcome { changed, added })
    }

    /// Saves the settings of a gadget, and what others take of them, in one change.
    pub(crate) async fn configure(
        &self,
        caller: &Caller,
        dashboard: &Arc<Dashboard>,
        tile: &str,
        revision: u64,
        settings: Settings,
        share: Option<Share>,
    ) -> Result<SavedChange, AppError> {
        // What others changed is worth knowing before what is wrong with the settings.
        self.check_revision(dashboard, revision).await?;
        let PlacedTile { tile, .. } = PlacedTile::on(dashboard, tile)?;
        let settings = settings.to_value();
        let new = self.forms.checked(caller, &tile, settings).await?;
        let change = match share {
            None => Change::Configure { tile: new },
            Some(share) => {
                let mut tiles = self
                    .sharing
                    .shared(caller, dashboard, &new, share, revision)
                    .await?;
                tiles.push(new);
                Change::Share { tiles }
            }
        };
        Ok(self.apply(caller, dashboard, revision, &change).await?)
    }

    /// Deletes a dashboard; undoing the change brings it back.
    pub(crate) async fn delete(
        &self,
        caller: &Caller,
        dashboard: &Dashboard,
    ) -> Result<(), StoreError> {
        let revision = dashboard.revision();
        self.apply(caller, dashboard, revision, &Change::Delete)
            .await?;
        Ok(())
    }

    /// Brings a deleted dashboard back.
    pub(crate) async fn restore(
        &self,
        caller: &Caller,
        dashboard: &Dashboard,
    ) -> Result<(), StoreError> {
        let revision = dashboard.revision();
        self.apply(caller, dashboard, revision, &Change::Restore)
            .await?;
        Ok(())
    }

    /// Returns what happened to a dashboard, the newest first, each with who did it.
    pub(crate) async fn history(
        &self,
        dashboard: &Dashboard,
    ) -> Result<Vec<(ChangeRecord, Option<User>)>, StoreError> {
        let records = self.store.history(dashboard.id(), 0).await?;
        let users = self.store.users().await?;
        let newest_first = records.into_iter().rev();
        let with_user = newest_first.map(|record| {
            let mut users = users.iter();
            let by = users.find(|user| Some(&user.id) == record.by.as_ref());
            (record, by.cloned())
        });
        Ok(with_user.collect())
    }

    /// Returns the last thing that happened to a dashboard, and the name of who did it.
    pub(crate) async fn last_change(
        &self,
        dashboard: &Dashboard,
    ) -> Result<Option<(ChangeRecord, Option<Name>)>, StoreError> {
        let before = dashboard.revision().saturating_sub(1);
        let last = self.store.history(dashboard.id(), before).await?.pop();
        let Some(last) = last else { return Ok(None) };
        let by = match &last.by {
            Some(by) => self.store.user(by).await?.map(|user| user.name),
            None => None,
        };
        Ok(Some((last, by)))
    }

    /// Undoes the change that made a revision, unless a later one touched the same.
    pub(crate) async fn undo(
        &self,
        caller: &Caller,
        dashboard: &Dashboard,
        revision: u64,
    ) -> Result<SavedUndo, AppError> {
        let history = self
            .store
            .history(dashboard.id(), revision.saturating_sub(1))
            .await?;
        let record = history.iter().find(|record| record.revision == revision);
        // Undoing takes the same right as the change itself.
        if let Some(record) = record {
            caller.check(record.change.action(), Object::Dashboard(dashboard))?;
        }
        let undone = self.store.undo(
            dashboard.id(),
            revision,
            |tile| self.engine.description(&tile.gadget).is_ok(),
            caller.user_id(),
            Utc::now(),
        );
        Ok(undone.await?)
    }

    async fn apply(
        &self,
        caller: &Caller,
        dashboard: &Dashboard,
        revision: u64,
        change: &Change,
    ) -> Result<SavedChange, StoreError> {
        let (id, user) = (dashboard.id(), caller.user_id());
        self.store
            .change_dashboard(id, revision, change, user, Utc::now())
            .await
    }

    /// Refuses a revision that is not the one of the dashboard, with what was changed since.
    async fn check_revision(&self, dashboard: &Dashboard, seen: u64) -> Result<(), StoreError> {
        if dashboard.revision() == seen {
            return Ok(());
        }
        Err(StoreError::Stale {
            records: self.store.history(dashboard.id(), seen).await?,
            current: Box::new(dashboard.clone()),
        })
    }

    fn change_of(&self, command: ChangeCommand, dashboard: &Dashboard) -> Result<Change, AppError> {
        use ChangeCommand as C;
        Ok(match command {
            C::Rename { title } => Change::Rename { title },
            C::AddTile { gadget, size, at } => Change::AddTile {
                tile: new_tile(&self.engine, &gadget, size.unwrap_or(TileSize::M))?,
                at: at.unwrap_or(dashboard.tiles().len()),
            },
            C::RemoveTile { tile } => Change::RemoveTile { tile },
            C::DuplicateTile { tile } => Change::DuplicateTile {
                tile,
                copy: TileId::from_bytes(new_id_bytes()),
            },
            C::NameTile { tile, name } => Change::NameTile { tile, name },
            C::Resize { tile, size } => Change::Resize { tile, size },
            C::SetRefresh { tile, minutes } => Change::SetRefresh {
                tile,
                refresh: minutes,
            },
            C::MoveTile { tile, to } => Change::MoveTile { tile, to },
            C::SetPermission { permission } => Change::SetPermission { permission },
        })
    }
}

/// Makes a tile of a gadget, not yet set up.
pub(in crate::app) fn new_tile(
    engine: &Engine,
    gadget: &str,
    size: TileSize,
) -> Result<Tile, AppError> {
    let manifest = &engine.catalog().gadget(gadget)?.description().manifest;
    let id = TileId::from_bytes(new_id_bytes());
    let mut tile = Tile::new(id, gadget, manifest.version, size);
    tile.settings = Settings::default();
    tile.refresh = RefreshMinutes::new(FIRST_REFRESH_MINUTES).ok();
    Ok(tile)
}
