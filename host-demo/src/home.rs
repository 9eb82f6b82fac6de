//! Where a host keeps its things: a directory with the database, the key of the secrets and the
//! copies of libraries. What cares for the store and what serves it find them in the same place.

use std::{
    env, fs,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use dashboards::store::{Database, KeySource, OpenOptions, Store};

use crate::program::{CommonOptions, Exit, Failure, StoreOptions};

/// The environment variable with the key of the secrets, in place of the file.
const KEY: &str = "GADGETS_KEY";

/// The directory of a host.
pub(crate) struct Home {
    directory: PathBuf,
    keeps: Keeps,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Keeps {
    Everything,
    /// What a demonstration leaves is of no use to the next one.
    Nothing,
}

impl Home {
    /// Returns the directory of the host, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// Returns an error when it cannot be made.
    pub(crate) fn of(common: &CommonOptions) -> Result<Self, Failure> {
        Self::made(common.data_directory()?.join("serve"), Keeps::Everything)
    }

    /// Returns an empty directory for a demonstration: nobody else has its port.
    ///
    /// # Errors
    ///
    /// Returns an error when it cannot be made.
    pub(crate) fn of_demonstration(
        common: &CommonOptions,
        address: SocketAddr,
    ) -> Result<Self, Failure> {
        let name = format!("demo-{}", address.port());
        Self::made(common.data_directory()?.join(name), Keeps::Nothing)
    }

    fn made(directory: PathBuf, keeps: Keeps) -> Result<Self, Failure> {
        let home = Self { directory, keeps };
        home.leave();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&home.directory)
            .map_err(|error| {
                let path = home.directory.display();
                Failure::new(
                    Exit::Other,
                    format!("failed to make the directory `{path}`: {error}"),
                )
            })?;
        Ok(home)
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns which database to use.
    ///
    /// # Errors
    ///
    /// Returns an error when the option names none.
    pub(crate) fn database(&self, options: &StoreOptions) -> Result<Database, Failure> {
        match &options.database {
            Some(text) => Database::parse(text)
                .map_err(|error| Failure::usage(error).with_remedy("Correct `--database`.")),
            None => Ok(Database::in_directory(&self.directory)),
        }
    }

    /// Returns where the key of the secrets is.
    pub(crate) fn key(&self) -> KeySource {
        match env::var(KEY) {
            Ok(key) if !key.is_empty() => KeySource::Text(key.into()),
            _ => KeySource::File(self.directory.join("key")),
        }
    }

    /// Opens the store.
    ///
    /// # Errors
    ///
    /// Returns an error when it cannot be opened, as while another process uses the file.
    pub(crate) async fn open(&self, options: &StoreOptions) -> Result<Store, Failure> {
        let options = OpenOptions {
            database: self.database(options)?,
            key: self.key(),
        };
        let store = Store::open(&options)
            .await
            .map_err(|error| Failure::new(Exit::Other, error))?;
        if let Some(problem) = store.key_problem() {
            tracing::warn!(%problem, "the secrets of datasources are locked");
        }
        Ok(store)
    }

    /// Removes what a demonstration left.
    pub(crate) fn leave(&self) {
        if self.keeps == Keeps::Nothing {
            // It may not be there; what stays is in nobody's way.
            let _ = fs::remove_dir_all(&self.directory);
        }
    }
}
