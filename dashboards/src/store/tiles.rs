//! Stores the tiles of dashboards.

use crate::{
    domain::{DashboardId, Name, RefreshMinutes, Tile},
    store::{
        StoreError,
        sql::{Row, Tx, to_json},
    },
};

/// Writes tiles that changed or moved, and deletes tiles that were removed.
pub(super) async fn write(
    tx: &mut Tx,
    dashboard: &DashboardId,
    old: &[Tile],
    new: &[Tile],
) -> Result<(), StoreError> {
    for removed in old
        .iter()
        .filter(|tile| !new.iter().any(|kept| kept.id == tile.id))
    {
        tx.execute(
            "DELETE FROM tiles WHERE dashboard = $1 AND id = $2",
            &[dashboard.as_str().into(), removed.id.as_str().into()],
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
            tile.name.as_ref().map(Name::as_str).into(),
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

/// Reads a tile from a row of the table.
pub(super) fn read(row: &Row) -> Result<Tile, StoreError> {
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
        .map(Name::try_from)
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
