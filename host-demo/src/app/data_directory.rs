//! The directory with the database, the key of the secrets and the copies of libraries: the
//! commands for maintenance and the server use the same one.

use std::{
    env, fs,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use dashboards::store::{Database, KeySource, OpenError, OpenOptions, Store};

use super::{Failure, FailureKind};

/// The environment variable with the key of the secrets, in place of the file.
const KEY: &str = "GADGETS_KEY";

/// The directory where a host keeps its data.
pub(crate) struct DataDirectory {
    path: PathBuf,
    keeps: Keeps,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Keeps {
    Everything,
    /// What a demonstration leaves is of no use to the next one.
    Nothing,
}

impl DataDirectory {
    /// Returns the directory of the host, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// Returns an error when it cannot be made.
    pub(crate) fn below(parent: &Path) -> Result<Self, Failure> {
        Self::made(parent.join("serve"), Keeps::Everything)
    }

    /// Returns an empty directory for a demonstration: nobody else has its port.
    ///
    /// # Errors
    ///
    /// Returns an error when it cannot be made.
    pub(crate) fn of_demonstration(parent: &Path, address: SocketAddr) -> Result<Self, Failure> {
        let name = format!("demo-{}", address.port());
        Self::made(parent.join(name), Keeps::Nothing)
    }

    fn made(path: PathBuf, keeps: Keeps) -> Result<Self, Failure> {
        let directory = Self { path, keeps };
        directory.remove_if_temporary();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory.path)
            .map_err(|error| {
                let path = directory.path.display();
                Failure::new(
                    FailureKind::Other,
                    format!("failed to make the directory `{path}`: {error}"),
                )
            })?;
        Ok(directory)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns which database to use.
    ///
    /// # Errors
    ///
    /// Returns an error when the option names none.
    pub(crate) fn database(&self, database: Option<&str>) -> Result<Database, Failure> {
        match database {
            Some(text) => Database::parse(text)
                .map_err(|error| Failure::usage(error).with_remedy("Correct `--database`.")),
            None => Ok(Database::in_directory(&self.path)),
        }
    }

    /// Returns where the key of the secrets is.
    pub(crate) fn key(&self) -> KeySource {
        match env::var(KEY) {
            Ok(key) if !key.is_empty() => KeySource::Text(key.into()),
            _ => KeySource::File(self.path.join("key")),
        }
    }

    /// Opens the store.
    ///
    /// # Errors
    ///
    /// Returns an error when it cannot be opened, as while another process uses the file.
    pub(crate) async fn open(&self, database: Option<&str>) -> Result<Store, Failure> {
        opened(Store::open(&self.store_options(database)?).await)
    }

    /// Opens the store, with an empty database in place of one that is lost.
    ///
    /// # Errors
    ///
    /// Returns an error when it cannot be opened.
    pub(crate) async fn open_anew(&self, database: Option<&str>) -> Result<Store, Failure> {
        opened(Store::open_anew(&self.store_options(database)?).await)
    }

    /// Returns which database and which key to use.
    ///
    /// # Errors
    ///
    /// Returns an error when the option names no database.
    pub(crate) fn store_options(&self, database: Option<&str>) -> Result<OpenOptions, Failure> {
        Ok(OpenOptions {
            database: self.database(database)?,
            key: self.key(),
        })
    }

    /// Removes what a demonstration left.
    pub(crate) fn remove_if_temporary(&self) {
        if self.keeps == Keeps::Nothing {
            // It may not be there; what stays is in nobody's way.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn opened(outcome: Result<Store, OpenError>) -> Result<Store, Failure> {
    let store = outcome.map_err(|error| Failure::new(FailureKind::Other, error))?;
    if let Some(problem) = store.key_problem() {
        tracing::warn!(%problem, "the secrets of datasources are locked");
    }
    Ok(store)
}
