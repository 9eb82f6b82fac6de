//! Stores the history of dashboards.

use crate::{
    domain::{ChangeRecord, DashboardId, UserId},
    store::{
        Store, StoreError,
        handle::reading,
        sql::{Row, Tx, to_json},
    },
};

/// How many changes of each dashboard are kept.
const RECORDS_KEPT: u64 = 500;

impl Store {
    /// Returns the changes of a dashboard after a revision, oldest first.
    ///
    /// The last 500 changes of each dashboard are kept.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn history(
        &self,
        dashboard: &DashboardId,
        after: u64,
    ) -> Result<Vec<ChangeRecord>, StoreError> {
        reading!(self, tx, since(&mut tx, dashboard, after).await)
    }
}

/// Reads the records after a revision, oldest first.
pub(super) async fn since(
    tx: &mut Tx,
    dashboard: &DashboardId,
    after: u64,
) -> Result<Vec<ChangeRecord>, StoreError> {
    let rows = tx
        .rows(
            "SELECT * FROM changes WHERE dashboard = $1 AND revision > $2 ORDER BY revision",
            &[dashboard.as_str().into(), after.into()],
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Writes a record, and deletes those that are too old.
pub(super) async fn write(
    tx: &mut Tx,
    dashboard: &DashboardId,
    record: &ChangeRecord,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO changes
             (dashboard, revision, by_user, made_at, summary, change, touched, inverse, undoes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            dashboard.as_str().into(),
            record.revision.into(),
            record.by.as_ref().map(UserId::as_str).into(),
            record.at.into(),
            (&record.summary).into(),
            (&to_json(&record.change)).into(),
            (&to_json(&record.touched)).into(),
            (&to_json(&record.inverse)).into(),
            record.undoes.into(),
        ],
    )
    .await?;
    tx.execute(
        "DELETE FROM changes WHERE dashboard = $1 AND revision <= $2",
        &[
            dashboard.as_str().into(),
            record.revision.saturating_sub(RECORDS_KEPT).into(),
        ],
    )
    .await?;
    Ok(())
}

fn read(row: &Row) -> Result<ChangeRecord, StoreError> {
    let by = row
        .text_or_none("by_user")?
        .map(UserId::try_from)
        .transpose()
        .map_err(|error| StoreError::unreadable("change", error))?;
    let undoes = row
        .integer_or_none("undoes")?
        .map(u64::try_from)
        .transpose()
        .map_err(|error| StoreError::unreadable("change", error))?;
    Ok(ChangeRecord {
        revision: row.count("revision")?,
        by,
        at: row.time("made_at")?,
        summary: row.text("summary")?,
        change: row.json("change", "change")?,
        touched: row.json("change", "touched")?,
        inverse: row.json("change", "inverse")?,
        undoes,
    })
}
