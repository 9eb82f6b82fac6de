//! Stores dashboards and applies their changes, each in one transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        AppliedChange, Change, ChangeRecord, Dashboard, DashboardId, DashboardParts, Tile, TileId,
        UserId, undo,
    },
    store::{
        Event, Store, StoreError,
        handle::{reading, transaction},
        history,
        sql::{Row, Tx, to_json},
        tiles,
    },
};

/// The result of a saved change.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedChange {
    /// The dashboard after the change.
    pub dashboard: Dashboard,
    /// The new entry of the history; absent if nothing changed.
    pub record: Option<ChangeRecord>,
}

/// The result of a saved undo.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedUndo {
    /// The change that the undo made.
    pub changed: SavedChange,
    /// The tiles that kept their settings because their library is missing.
    pub skipped: Vec<TileId>,
}

/// A dashboard in a list, with its times.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The dashboard.
    pub dashboard: Dashboard,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Store {
    /// Stores a new dashboard.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Taken`] when the id is already used.
    pub async fn create_dashboard(
        &self,
        dashboard: &Dashboard,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        transaction!(self, tx, {
            let done = tx
                .execute(
                    "INSERT INTO dashboards
                         (id, title, owner, permission, revision, deleted_at, created_at, updated_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (id) DO NOTHING",
                    &[
                        dashboard.id().as_str().into(),
                        dashboard.title().as_str().into(),
                        dashboard.owner().as_str().into(),
                        (&to_json(dashboard.permission())).into(),
                        dashboard.revision().into(),
                        dashboard.is_deleted().then_some(now).into(),
                        now.into(),
                    ],
                )
                .await?;
            if done == 0 {
                return Err(StoreError::Taken { what: "dashboard" });
            }
            tiles::write(&mut tx, dashboard.id(), &[], dashboard.tiles()).await?;
            tx.notify(event(dashboard));
            Ok(())
        })
    }

    /// Returns a dashboard, deleted or not.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn dashboard(&self, id: &DashboardId) -> Result<Option<Dashboard>, StoreError> {
        reading!(self, tx, {
            let head = tx
                .row(
                    "SELECT * FROM dashboards WHERE id = $1",
                    &[id.as_str().into()],
                )
                .await?;
            match head {
                Some(head) => Ok(Some(complete(&mut tx, &head).await?)),
                None => Ok(None),
            }
        })
    }

    /// Returns all dashboards sorted by title, including deleted ones.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn dashboards(&self) -> Result<Vec<Listed>, StoreError> {
        reading!(self, tx, {
            let heads = tx
                .rows("SELECT * FROM dashboards ORDER BY title, id", &[])
                .await?;
            let mut tiles: BTreeMap<String, Vec<Tile>> = BTreeMap::new();
            let rows = tx
                .rows("SELECT * FROM tiles ORDER BY dashboard, position", &[])
                .await?;
            for row in rows {
                tiles
                    .entry(row.text("dashboard")?)
                    .or_default()
                    .push(tiles::read(&row)?);
            }
            heads
                .iter()
                .map(|head| {
                    let tiles = tiles.remove(&head.text("id")?).unwrap_or_default();
                    Ok(Listed {
                        dashboard: read_dashboard(head, tiles)?,
                        created_at: head.time("created_at")?,
                        updated_at: head.time("updated_at")?,
                    })
                })
                .collect()
        })
    }

    /// Changes a dashboard if it still has the revision `expected`.
    ///
    /// The change is applied completely or not at all, in one transaction, and makes one new
    /// revision.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when the dashboard does not exist.
    /// - [`StoreError::Stale`] when it has another revision, with what changed in the meantime.
    /// - [`StoreError::Refused`] when the change cannot be applied.
    pub async fn change_dashboard(
        &self,
        id: &DashboardId,
        expected: u64,
        change: &Change,
        by: Option<&UserId>,
        now: DateTime<Utc>,
    ) -> Result<SavedChange, StoreError> {
        transaction!(self, tx, {
            let current = locked(&mut tx, id).await?;
            if current.revision() != expected {
                let records = history::since(&mut tx, id, expected).await?;
                return Err(StoreError::Stale {
                    current: Box::new(current),
                    records,
                });
            }
            let applied = current.apply(change)?;
            write(
                &mut tx,
                &current,
                applied,
                AuthoredChange { change, by, now },
                None,
            )
            .await
        })
    }

    /// Undoes the change of a revision, which makes a new revision.
    ///
    /// `is_present` tells whether the library of a tile's gadget is installed; tiles without their
    /// library keep their settings.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when the dashboard does not exist.
    /// - [`StoreError::Refused`] when a later change set the same fields; nothing changed then.
    pub async fn undo(
        &self,
        id: &DashboardId,
        revision: u64,
        is_present: impl Fn(&Tile) -> bool + Send + Sync,
        by: Option<&UserId>,
        now: DateTime<Utc>,
    ) -> Result<SavedUndo, StoreError> {
        transaction!(self, tx, {
            let current = locked(&mut tx, id).await?;
            let records = history::since(&mut tx, id, revision.saturating_sub(1)).await?;
            let step = undo(&current, &records, revision, &is_present)?;
            let applied = current.apply(&step.change)?;
            let authored = AuthoredChange {
                change: &step.change,
                by,
                now,
            };
            let changed = write(&mut tx, &current, applied, authored, Some(revision)).await?;
            Ok(SavedUndo {
                changed,
                skipped: step.skipped,
            })
        })
    }

    /// Permanently removes dashboards that were deleted before a time; returns their number.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn purge_dashboards(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        transaction!(self, tx, {
            tx.execute(
                "DELETE FROM dashboards WHERE deleted_at < $1",
                &[before.into()],
            )
            .await
        })
    }
}

/// A change to save, with its author and time.
struct AuthoredChange<'a> {
    change: &'a Change,
    by: Option<&'a UserId>,
    now: DateTime<Utc>,
}

fn event(dashboard: &Dashboard) -> Event {
    Event::Dashboard {
        id: dashboard.id().clone(),
        revision: dashboard.revision(),
    }
}

/// Reads a dashboard and locks it until the transaction ends.
async fn locked(tx: &mut Tx, id: &DashboardId) -> Result<Dashboard, StoreError> {
    let head = tx
        .row(
            "SELECT * FROM dashboards WHERE id = $1 {lock}",
            &[id.as_str().into()],
        )
        .await?
        .ok_or_else(|| StoreError::not_found("dashboard", id))?;
    complete(tx, &head).await
}

/// Writes the result of a change.
async fn write(
    tx: &mut Tx,
    old: &Dashboard,
    applied: AppliedChange,
    authored: AuthoredChange<'_>,
    undoes: Option<u64>,
) -> Result<SavedChange, StoreError> {
    if !applied.is_change() {
        return Ok(SavedChange {
            dashboard: applied.dashboard,
            record: None,
        });
    }
    let new = applied.dashboard;
    let record = ChangeRecord {
        revision: new.revision(),
        by: authored.by.cloned(),
        at: authored.now,
        summary: match undoes {
            Some(revision) => format!("undid change {revision}: {}", applied.summary),
            None => applied.summary,
        },
        change: authored.change.clone(),
        touched: applied.touched,
        inverse: applied.inverse,
        undoes,
    };
    tx.execute(
        "UPDATE dashboards SET title = $2, permission = $3, revision = $4, deleted_at = $5,
             updated_at = $6 WHERE id = $1",
        &[
            new.id().as_str().into(),
            new.title().as_str().into(),
            (&to_json(new.permission())).into(),
            new.revision().into(),
            new.is_deleted().then_some(authored.now).into(),
            authored.now.into(),
        ],
    )
    .await?;
    tiles::write(tx, new.id(), old.tiles(), new.tiles()).await?;
    history::write(tx, new.id(), &record).await?;
    tx.notify(event(&new));
    Ok(SavedChange {
        dashboard: new,
        record: Some(record),
    })
}

/// Reads the tiles of a dashboard's row, and returns the dashboard.
async fn complete(tx: &mut Tx, head: &Row) -> Result<Dashboard, StoreError> {
    let rows = tx
        .rows(
            "SELECT * FROM tiles WHERE dashboard = $1 ORDER BY position",
            &[(&head.text("id")?).into()],
        )
        .await?;
    let tiles = rows.iter().map(tiles::read).collect::<Result<_, _>>()?;
    read_dashboard(head, tiles)
}

fn read_dashboard(head: &Row, tiles: Vec<Tile>) -> Result<Dashboard, StoreError> {
    Dashboard::from_parts(DashboardParts {
        id: head.parsed("dashboard", "id")?,
        title: head.parsed("dashboard", "title")?,
        owner: head.parsed("dashboard", "owner")?,
        permission: head.json("dashboard", "permission")?,
        revision: head.count("revision")?,
        tiles,
        is_deleted: head.integer_or_none("deleted_at")?.is_some(),
    })
    .map_err(|error| StoreError::unreadable("dashboard", error))
}
