//! A common interface to both databases: statements, arguments and rows.
//!
//! Each statement is written once. `{lock}` stands for the clause that locks the rows, `{now}` for
//! the database's clock in microseconds since 1970.

use chrono::{DateTime, Utc};
use sqlx::{
    AssertSqlSafe, Postgres, Row as _, Sqlite, Transaction, postgres::PgRow, sqlite::SqliteRow,
};

use crate::store::{Event, StoreError};

/// The PostgreSQL channel on which hosts notify each other of changes.
pub(super) const CHANNEL: &str = "dashboard_host";

/// An argument of a statement.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arg<'a> {
    Integer(Option<i64>),
    Text(Option<&'a str>),
    Bytes(Option<&'a [u8]>),
}

impl From<i64> for Arg<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(Some(value))
    }
}

impl From<u64> for Arg<'_> {
    fn from(value: u64) -> Self {
        Self::Integer(Some(signed(value)))
    }
}

impl From<Option<u64>> for Arg<'_> {
    fn from(value: Option<u64>) -> Self {
        Self::Integer(value.map(signed))
    }
}

impl From<DateTime<Utc>> for Arg<'_> {
    fn from(value: DateTime<Utc>) -> Self {
        Self::Integer(Some(value.timestamp_micros()))
    }
}

impl From<Option<DateTime<Utc>>> for Arg<'_> {
    fn from(value: Option<DateTime<Utc>>) -> Self {
        Self::Integer(value.map(|value| value.timestamp_micros()))
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Some(value))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Some(value))
    }
}

impl<'a> From<Option<&'a str>> for Arg<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Arg<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(Some(value))
    }
}

/// Converts a number; none that is stored comes near the limit.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A row of a result; columns are read by name.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(super) fn integer(&self, column: &str) -> Result<i64, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn integer_or_none(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn text_or_none(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn bytes_or_none(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    /// Reads a number that is not negative.
    pub(super) fn count(&self, column: &str) -> Result<u64, StoreError> {
        let number = self.integer(column)?;
        u64::try_from(number).map_err(|_| StoreError::unreadable("number", column))
    }

    pub(super) fn time(&self, column: &str) -> Result<DateTime<Utc>, StoreError> {
        let micros = self.integer(column)?;
        DateTime::from_timestamp_micros(micros)
            .ok_or_else(|| StoreError::unreadable("time", column))
    }

    pub(super) fn time_or_none(&self, column: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let Some(micros) = self.integer_or_none(column)? else {
            return Ok(None);
        };
        match DateTime::from_timestamp_micros(micros) {
            Some(time) => Ok(Some(time)),
            None => Err(StoreError::unreadable("time", column)),
        }
    }

    /// Reads a JSON column.
    pub(super) fn json<T: serde::de::DeserializeOwned>(
        &self,
        what: &'static str,
        column: &str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?)
            .map_err(|error| StoreError::unreadable(what, error))
    }

    /// Reads a text column as a type that validates it.
    pub(super) fn parsed<T>(&self, what: &'static str, column: &str) -> Result<T, StoreError>
    where
        T: TryFrom<String, Error: ToString>,
    {
        T::try_from(self.text(column)?).map_err(|error| StoreError::unreadable(what, error))
    }
}

/// Writes a value as JSON text.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("the values of the domain are plain data")
}

/// A transaction on one of the databases; rolled back when dropped.
pub(super) struct Tx {
    inner: DatabaseTransaction,
    events: Vec<Event>,
    #[cfg(test)]
    pub(super) faults: crate::store::faults::Faults,
}

/// A transaction of the driver.
pub(super) enum DatabaseTransaction {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Binds arguments to a statement of one database.
macro_rules! bound {
    ($database:ty, $sql:expr, $args:expr) => {{
        let mut query = sqlx::query::<$database>(AssertSqlSafe($sql));
        for arg in $args {
            query = match *arg {
                Arg::Integer(value) => query.bind(value),
                Arg::Text(value) => query.bind(value),
                Arg::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

impl Tx {
    pub(super) fn new(inner: DatabaseTransaction) -> Self {
        Self {
            inner,
            events: Vec::new(),
            #[cfg(test)]
            faults: crate::store::faults::Faults::default(),
        }
    }

    /// Runs a statement and returns the number of affected rows.
    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, StoreError> {
        #[cfg(test)]
        self.faults.check()?;
        match &mut self.inner {
            DatabaseTransaction::Sqlite(tx) => {
                let done = bound!(Sqlite, for_sqlite(sql), args)
                    .execute(&mut **tx)
                    .await?;
                Ok(done.rows_affected())
            }
            DatabaseTransaction::Postgres(tx) => {
                let done = bound!(Postgres, for_postgres(sql), args)
                    .execute(&mut **tx)
                    .await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// Runs a statement and returns all its rows.
    pub(super) async fn rows(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        #[cfg(test)]
        self.faults.check()?;
        match &mut self.inner {
            DatabaseTransaction::Sqlite(tx) => {
                let rows = bound!(Sqlite, for_sqlite(sql), args)
                    .fetch_all(&mut **tx)
                    .await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            DatabaseTransaction::Postgres(tx) => {
                let rows = bound!(Postgres, for_postgres(sql), args)
                    .fetch_all(&mut **tx)
                    .await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Runs a statement and returns its first row, if it has one.
    pub(super) async fn row(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// Publishes an event once the transaction is committed.
    pub(super) fn notify(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Commits the transaction and returns the events that this host still has to publish itself:
    /// PostgreSQL notifies all hosts, including this one.
    pub(super) async fn commit(mut self) -> Result<Vec<Event>, CommitError> {
        let events = std::mem::take(&mut self.events);
        if matches!(self.inner, DatabaseTransaction::Postgres(_)) {
            for event in &events {
                let message = to_json(event);
                self.execute(
                    "SELECT pg_notify($1, $2)",
                    &[CHANNEL.into(), (&message).into()],
                )
                .await
                .map_err(CommitError::Before)?;
            }
        }
        #[cfg(test)]
        self.faults.check().map_err(CommitError::Before)?;
        match self.inner {
            DatabaseTransaction::Sqlite(tx) => {
                tx.commit()
                    .await
                    .map_err(|error| CommitError::During(error.into()))?;
                Ok(events)
            }
            DatabaseTransaction::Postgres(tx) => {
                tx.commit()
                    .await
                    .map_err(|error| CommitError::During(error.into()))?;
                Ok(Vec::new())
            }
        }
    }

    /// Rolls the transaction back.
    pub(super) async fn rollback(self) {
        let outcome = match self.inner {
            DatabaseTransaction::Sqlite(tx) => tx.rollback().await,
            DatabaseTransaction::Postgres(tx) => tx.rollback().await,
        };
        if let Err(error) = outcome {
            // The connection is lost, and the transaction with it.
            tracing::debug!(%error, "failed to roll back a transaction");
        }
    }
}

/// A commit failed.
pub(super) enum CommitError {
    /// Nothing was written.
    Before(StoreError),
    /// Either everything was written or nothing.
    During(StoreError),
}

/// Adapts a statement to SQLite, where a writer locks the whole file anyway.
fn for_sqlite(sql: &'static str) -> String {
    sql.replace("{lock}", "")
        .replace("{now}", "CAST(unixepoch('subsec') * 1000000 AS INTEGER)")
}

/// Adapts a statement to PostgreSQL.
fn for_postgres(sql: &'static str) -> String {
    sql.replace("{lock}", "FOR UPDATE").replace(
        "{now}",
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
    )
}
