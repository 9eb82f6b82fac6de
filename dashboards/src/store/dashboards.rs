//! Dashboards, their tiles, and changes of them: each one transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        Applied, Change, Dashboard, DashboardId, DashboardParts, Record, RefreshMinutes, Tile,
        TileId, UserId, undo,
    },
    store::{
        Event, Store, StoreError,
        handle::{reading, transaction},
        history,
        sql::{Row, Tx, to_json},
    },
};

/// What a change made.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The dashboard after it.
    pub dashboard: Dashboard,
    /// What was written down; nothing if everything was so already.
    pub record: Option<Record>,
}

/// What an undo made.
#[derive(Clone, Debug, PartialEq)]
pub struct Undone {
    /// The dashboard after it, and what was written down.
    pub changed: Changed,
    /// The tiles that kept their settings because their library is absent.
    pub skipped: Vec<TileId>,
}

/// A dashboard in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The dashboard.
    pub dashboard: Dashboard,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Store {
    /// Keeps a new dashboard.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Taken`] when there is one of this id.
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
            write_tiles(&mut tx, dashboard.id(), &[], dashboard.tiles()).await?;
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

    /// Returns all dashboards, deleted ones too, by title.
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
                    .push(read_tile(&row)?);
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

    /// Changes a dashboard, if it still has the revision that `by` looked at.
    ///
    /// It is one transaction with one new revision: all of the change, or nothing.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when there is no such dashboard.
    /// - [`StoreError::Stale`] when it has another revision, with what changed meanwhile.
    /// - [`StoreError::Refused`] when the change does not fit.
    pub async fn change_dashboard(
        &self,
        id: &DashboardId,
        expected: u64,
        change: &Change,
        by: Option<&UserId>,
        now: DateTime<Utc>,
    ) -> Result<Changed, StoreError> {
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
            write(&mut tx, &current, applied, Author { change, by, now }, None).await
        })
    }

    /// Undoes the change of a revision, as a new one.
    ///
    /// `is_present` tells whether the library of a tile's gadget is there; the settings of others
    /// stay as they are.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when there is no such dashboard.
    /// - [`StoreError::Refused`] when a later change touched the same fields, and nothing changed.
    pub async fn undo(
        &self,
        id: &DashboardId,
        revision: u64,
        is_present: impl Fn(&Tile) -> bool + Send + Sync,
        by: Option<&UserId>,
        now: DateTime<Utc>,
    ) -> Result<Undone, StoreError> {
        transaction!(self, tx, {
            let current = locked(&mut tx, id).await?;
            let records = history::since(&mut tx, id, revision.saturating_sub(1)).await?;
            let step = undo(&current, &records, revision, &is_present)?;
            let applied = current.apply(&step.change)?;
            let author = Author {
                change: &step.change,
                by,
                now,
            };
            let changed = write(&mut tx, &current, applied, author, Some(revision)).await?;
            Ok(Undone {
                changed,
                skipped: step.skipped,
            })
        })
    }

    /// Forgets the dashboards that were deleted before a time; returns how many.
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

/// Who makes which change, and when.
struct Author<'a> {
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

/// Reads a dashboard that nobody else can change until the transaction ends.
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

/// Writes what a change made of a dashboard.
async fn write(
    tx: &mut Tx,
    old: &Dashboard,
    applied: Applied,
    author: Author<'_>,
    undoes: Option<u64>,
) -> Result<Changed, StoreError> {
    if !applied.is_change() {
        return Ok(Changed {
            dashboard: applied.dashboard,
            record: None,
        });
    }
    let new = applied.dashboard;
    let record = Record {
        revision: new.revision(),
        by: author.by.cloned(),
        at: author.now,
        summary: match undoes {
            Some(revision) => format!("undid change {revision}: {}", applied.summary),
            None => applied.summary,
        },
        change: author.change.clone(),
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
            new.is_deleted().then_some(author.now).into(),
            author.now.into(),
        ],
    )
    .await?;
    write_tiles(tx, new.id(), old.tiles(), new.tiles()).await?;
    history::write(tx, new.id(), &record).await?;
    tx.notify(event(&new));
    Ok(Changed {
        dashboard: new,
        record: Some(record),
    })
}

/// Writes the tiles that are different, and removes those that went.
async fn write_tiles(
    tx: &mut Tx,
    dashboard: &DashboardId,
    old: &[Tile],
    new: &[Tile],
) -> Result<(), StoreError> {
    for gone in old
        .iter()
        .filter(|tile| !new.iter().any(|kept| kept.id == tile.id))
    {
        tx.execute(
            "DELETE FROM tiles WHERE dashboard = $1 AND id = $2",
            &[dashboard.as_str().into(), gone.id.as_str().into()],
        )
        .await?;
    }
    for (position, tile) in (0_u64..).zip(new) {
        let is_same = old
            .get(usize::try_from(position).unwrap_or(usize::MAX))
            .is_some_and(|before| before == tile);
        if !is_same {
            write_tile(tx, dashboard, position, tile).await?;
        }
    }
    Ok(())
}

async fn write_tile(
    tx: &mut Tx,
    dashboard: &DashboardId,
    position: u64,
    tile: &Tile,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO tiles (dashboard, id, position, gadget, gadget_version, name, size, settings,
             refresh_minutes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (dashboard, id) DO UPDATE SET position = EXCLUDED.position,
             gadget = EXCLUDED.gadget, gadget_version = EXCLUDED.gadget_version,
             name = EXCLUDED.name, size = EXCLUDED.size, settings = EXCLUDED.settings,
             refresh_minutes = EXCLUDED.refresh_minutes",
        &[
            dashboard.as_str().into(),
            tile.id.as_str().into(),
            position.into(),
            (&tile.gadget).into(),
            (&tile.gadget_version.to_string()).into(),
            tile.name.as_ref().map(crate::domain::Name::as_str).into(),
            (&format!("{:?}", tile.size)).into(),
            (&to_json(&tile.settings)).into(),
            tile.refresh
                .map(|refresh| u64::from(refresh.minutes()))
                .into(),
        ],
    )
    .await?;
    Ok(())
}

/// Reads the tiles that belong to a row of a dashboard.
async fn complete(tx: &mut Tx, head: &Row) -> Result<Dashboard, StoreError> {
    let rows = tx
        .rows(
            "SELECT * FROM tiles WHERE dashboard = $1 ORDER BY position",
            &[(&head.text("id")?).into()],
        )
        .await?;
    let tiles = rows.iter().map(read_tile).collect::<Result<_, _>>()?;
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

fn read_tile(row: &Row) -> Result<Tile, StoreError> {
    let unreadable = |error: &dyn std::fmt::Display| StoreError::unreadable("tile", error);
    let refresh = match row.integer_or_none("refresh_minutes")? {
        None => None,
        Some(minutes) => {
            let minutes = u32::try_from(minutes).map_err(|error| unreadable(&error))?;
            Some(RefreshMinutes::new(minutes).map_err(|error| unreadable(&error))?)
        }
    };
    let name = row
        .text_or_none("name")?
        .map(crate::domain::Name::try_from)
        .transpose()
        .map_err(|error| unreadable(&error))?;
    let size =
        serde_json::from_value(row.text("size")?.into()).map_err(|error| unreadable(&error))?;
    Ok(Tile {
        id: row.parsed("tile", "id")?,
        gadget: row.text("gadget")?,
        gadget_version: row
            .text("gadget_version")?
            .parse()
            .map_err(|error| unreadable(&error))?,
        name,
        size,
        settings: row.json("tile", "settings")?,
        refresh,
    })
}
