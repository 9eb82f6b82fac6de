//! One way to speak to both databases: statements, their arguments and rows.
//!
//! Statements are written once. `{lock}` stands for what locks the rows that are read, `{now}` for
//! the database's clock in microseconds since 1970.

use chrono::{DateTime, Utc};
use sqlx::{
    AssertSqlSafe, Postgres, Row as _, Sqlite, Transaction, postgres::PgRow, sqlite::SqliteRow,
};

use crate::store::{Event, StoreError};

/// The channel on which the hosts of one PostgreSQL tell each other what changed.
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

/// Makes a number fit: none that is counted here comes near the bound.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// One row of an answer; columns are read by name.
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

    /// Reads a number that counts something.
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

    /// Reads a text that is JSON.
    pub(super) fn json<T: serde::de::DeserializeOwned>(
        &self,
        what: &'static str,
        column: &str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?)
            .map_err(|error| StoreError::unreadable(what, error))
    }

    /// Reads a text whose type says what it may be.
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

/// A transaction on one of the databases; dropped without an end it is rolled back.
pub(super) struct Tx {
    link: Link,
    events: Vec<Event>,
    #[cfg(test)]
    pub(super) faults: crate::store::faults::Faults,
}

/// The connection of a transaction.
pub(super) enum Link {
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
    pub(super) fn new(link: Link) -> Self {
        Self {
            link,
            events: Vec::new(),
            #[cfg(test)]
            faults: crate::store::faults::Faults::default(),
        }
    }

    /// Runs a statement and returns how many rows it changed.
    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        args: &[Arg<'_>],
    ) -> Result<u64, StoreError> {
        #[cfg(test)]
        self.faults.pass()?;
        match &mut self.link {
            Link::Sqlite(tx) => {
                let done = bound!(Sqlite, for_sqlite(sql), args)
                    .execute(&mut **tx)
                    .await?;
                Ok(done.rows_affected())
            }
            Link::Postgres(tx) => {
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
        self.faults.pass()?;
        match &mut self.link {
            Link::Sqlite(tx) => {
                let rows = bound!(Sqlite, for_sqlite(sql), args)
                    .fetch_all(&mut **tx)
                    .await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            Link::Postgres(tx) => {
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

    /// Tells everybody about something once the transaction is on the disk.
    pub(super) fn notify(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Writes the transaction to the disk and returns what this host still has to tell its own
    /// listeners: PostgreSQL tells all hosts by itself.
    pub(super) async fn commit(mut self) -> Result<Vec<Event>, CommitError> {
        let events = std::mem::take(&mut self.events);
        if matches!(self.link, Link::Postgres(_)) {
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
        self.faults.pass().map_err(CommitError::Before)?;
        match self.link {
            Link::Sqlite(tx) => {
                tx.commit()
                    .await
                    .map_err(|error| CommitError::During(error.into()))?;
                Ok(events)
            }
            Link::Postgres(tx) => {
                tx.commit()
                    .await
                    .map_err(|error| CommitError::During(error.into()))?;
                Ok(Vec::new())
            }
        }
    }

    /// Takes everything back.
    pub(super) async fn rollback(self) {
        let outcome = match self.link {
            Link::Sqlite(tx) => tx.rollback().await,
            Link::Postgres(tx) => tx.rollback().await,
        };
        if let Err(error) = outcome {
            // The connection is gone, and with it the transaction.
            tracing::debug!(%error, "could not roll a transaction back");
        }
    }
}

/// A transaction was not acknowledged.
pub(super) enum CommitError {
    /// Nothing was written.
    Before(StoreError),
    /// Everything was written or nothing.
    During(StoreError),
}

/// Writes a statement for SQLite, where the one who writes has the whole file anyway.
fn for_sqlite(sql: &'static str) -> String {
    sql.replace("{lock}", "")
        .replace("{now}", "CAST(unixepoch('subsec') * 1000000 AS INTEGER)")
}

/// Writes a statement for PostgreSQL.
fn for_postgres(sql: &'static str) -> String {
    sql.replace("{lock}", "FOR UPDATE").replace(
        "{now}",
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
    )
}
