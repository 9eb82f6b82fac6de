//! A store for tests, on either database.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use tempfile::TempDir;
use workspace_tests::postgres::Server;

use crate::store::{Database, KeySource, OpenOptions, Store};

/// A store, the options for reopening it, and the directory of its files.
pub(super) struct Fixture {
    pub(super) store: Store,
    pub(super) options: OpenOptions,
    directory: TempDir,
}

impl Fixture {
    pub(super) async fn sqlite() -> Self {
        Self::sqlite_in(TempDir::new().unwrap()).await
    }

    /// Returns `None` if PostgreSQL is not installed.
    pub(super) async fn postgres() -> Option<Self> {
        Some(Self::postgres_at(Server::get()?.new_database()).await)
    }

    /// Returns a store in the database at `address`.
    pub(super) async fn postgres_at(address: String) -> Self {
        let database = Database::Postgres(SecretString::from(address));
        Self::open(TempDir::new().unwrap(), database).await
    }

    /// Returns a store whose files are in `directory`.
    pub(super) async fn sqlite_in(directory: TempDir) -> Self {
        let database = Database::in_directory(directory.path());
        Self::open(directory, database).await
    }

    async fn open(directory: TempDir, database: Database) -> Self {
        let options = OpenOptions {
            database,
            key: KeySource::File(directory.path().join("host.key")),
        };
        Self {
            store: Store::open(&options).await.unwrap(),
            options,
            directory,
        }
    }

    /// The data directory.
    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The key file.
    pub(super) fn key_path(&self) -> PathBuf {
        self.path().join("host.key")
    }

    /// The database file of SQLite.
    pub(super) fn database_path(&self) -> PathBuf {
        self.path().join("dashboards.sqlite")
    }

    /// Closes the store and reopens it.
    pub(super) async fn reopen(&mut self) {
        self.store.close().await;
        self.store = Store::open(&self.options).await.unwrap();
    }
}

/// Runs each of these functions as a test on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($($test:ident,)+) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test(crate::store::tests::fixture::Fixture::sqlite().await).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    if let Some(fixture) = crate::store::tests::fixture::Fixture::postgres().await {
                        super::$test(fixture).await;
                    }
                }
            )+
        }
    };
}

pub(super) use on_both;
