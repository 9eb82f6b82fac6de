//! A store to test with, on either database.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use tempfile::TempDir;
use workspace_tests::postgres::Server;

use crate::store::{Database, KeySource, OpenOptions, Store};

/// A store, what it takes to open it again, and the directory of its files.
pub(super) struct Bed {
    pub(super) store: Store,
    pub(super) options: OpenOptions,
    directory: TempDir,
}

impl Bed {
    pub(super) async fn sqlite() -> Self {
        let directory = TempDir::new().unwrap();
        let database = Database::in_directory(directory.path());
        Self::open(directory, database).await
    }

    /// Returns nothing where PostgreSQL is not installed.
    pub(super) async fn postgres() -> Option<Self> {
        let address = Server::get()?.new_database();
        let database = Database::Postgres(SecretString::from(address));
        Some(Self::open(TempDir::new().unwrap(), database).await)
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

    /// The directory of the data.
    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The file of the key.
    pub(super) fn key_path(&self) -> PathBuf {
        self.path().join("host.key")
    }

    /// The database file, on SQLite.
    pub(super) fn database_path(&self) -> PathBuf {
        self.path().join("dashboards.sqlite")
    }

    /// Closes the store and opens it again.
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
                    super::$test(crate::store::tests::bed::Bed::sqlite().await).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    if let Some(bed) = crate::store::tests::bed::Bed::postgres().await {
                        super::$test(bed).await;
                    }
                }
            )+
        }
    };
}

pub(super) use on_both;
