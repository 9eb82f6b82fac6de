//! `backup`, `restore`, `migrate`, `rotate-key`: maintenance of the store.

use std::path::Path;

use dashboards::store::{Database, IfExists, KeyProblem, KeySource, OpenError, Store, StoreError};
use tokio::runtime;

use super::{
    arguments::{
        BackupOptions, CommonOptions, MigrateOptions, RestoreOptions, RotateKeyOptions,
        StoreOptions,
    },
    exit::Exit,
    output::answer,
};
use crate::app::{DataDirectory, Failure, FailureKind};

/// Copies the database into a file.
pub(super) fn backup(common: &CommonOptions, options: &BackupOptions) -> Result<Exit, Failure> {
    let directory = DataDirectory::below(&common.data_directory()?)?;
    let database = directory.database(options.store.database.as_deref())?;
    if let Database::Sqlite(path) = &database
        && !path.exists()
    {
        let message = format!("there is no database `{}` yet", path.display());
        return Err(Failure::usage(message).with_remedy("Choose it with `--database` or `--data`."));
    }
    let if_exists = if options.replace {
        IfExists::ReplaceBackup
    } else {
        IfExists::Refuse
    };
    let store = directory.store_options(options.store.database.as_deref())?;
    finish(Store::backup_of(&store, &options.file, if_exists))?.map_err(cannot_open)?;
    let key = match store.key {
        KeySource::File(path) => format!("the key file `{}`", path.display()),
        KeySource::Text(_) => "the key in `GADGETS_KEY`".to_owned(),
    };
    answer(&format!(
        "{} was backed up to {}\nback up {key} too: it encrypts the secrets of datasources and is not part of the copy\n",
        database,
        options.file.display()
    ))?;
    Ok(Exit::Fresh)
}

/// Brings a backup back.
pub(super) fn restore(common: &CommonOptions, options: &RestoreOptions) -> Result<Exit, Failure> {
    let directory = DataDirectory::below(&common.data_directory()?)?;
    let database = directory.database(options.store.database.as_deref())?;
    let Database::Sqlite(path) = &database else {
        return Err(cannot_open(OpenError::NoFile));
    };
    let was_there = path.exists();
    finish(Store::restore(&options.file, path))?.map_err(cannot_open)?;
    let before = if was_there {
        format!("the previous database is in {}.replaced\n", path.display())
    } else {
        String::new()
    };
    answer(&format!(
        "{} was restored to {}\n{before}",
        options.file.display(),
        path.display()
    ))?;
    Ok(Exit::Fresh)
}

/// Brings the schema up to date.
pub(super) fn migrate(common: &CommonOptions, options: &MigrateOptions) -> Result<Exit, Failure> {
    let directory = DataDirectory::below(&common.data_directory()?)?;
    let name = options.store.database.as_deref();
    let database = directory.database(name)?;
    finish(async {
        let store = if options.new_database {
            directory.open_anew(name).await
        } else {
            directory.open(name).await
        };
        store?.close().await;
        Ok::<_, Failure>(())
    })??;
    answer(&format!("{database} is up to date\n"))?;
    Ok(Exit::Fresh)
}

/// Seals the secrets with a new key.
pub(super) fn rotate_key(
    common: &CommonOptions,
    options: &RotateKeyOptions,
) -> Result<Exit, Failure> {
    let directory = DataDirectory::below(&common.data_directory()?)?;
    let KeySource::File(path) = directory.key() else {
        return Err(Failure::usage(
            "the key comes from `GADGETS_KEY`, which this command cannot change",
        )
        .with_remedy("Put the key into the key file, unset the variable, and try again."));
    };
    with_store(&directory, &options.store, async |store| {
        if options.forget_secrets {
            store.forget_secrets(&path).await
        } else {
            store.rotate_key(&path).await
        }
        .map_err(|error| rotation_failed(&path, error))
    })?;
    let what = if options.forget_secrets {
        "the secrets were deleted; enter them again"
    } else {
        "the secrets were encrypted with a new key"
    };
    answer(&format!(
        "{what}\nthe key is in `{}`; other hosts of the same database need it too\n",
        path.display()
    ))?;
    Ok(Exit::Fresh)
}

fn rotation_failed(path: &Path, error: StoreError) -> Failure {
    let is_lost = matches!(
        error,
        StoreError::Locked(KeyProblem::Missing { .. } | KeyProblem::Wrong { .. })
    );
    let failure = failed(error);
    if is_lost {
        let path = path.display();
        return failure.with_remedy(format!(
            "If the key of `{path}` is lost, `--forget-secrets` deletes all secrets and creates a new key."
        ));
    }
    failure
}

/// Runs something with the store, which is closed then.
pub(super) fn with_store<T>(
    directory: &DataDirectory,
    options: &StoreOptions,
    work: impl AsyncFnOnce(&Store) -> Result<T, Failure>,
) -> Result<T, Failure> {
    finish(async {
        let store = directory.open(options.database.as_deref()).await?;
        let done = work(&store).await;
        store.close().await;
        done
    })?
}

fn finish<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FailureKind::Other, format!("failed to start: {error}")))?;
    Ok(runtime.block_on(work))
}

pub(super) fn failed(error: StoreError) -> Failure {
    let kind = match error {
        StoreError::NotFound { .. } | StoreError::Taken { .. } | StoreError::LastAdministrator => {
            FailureKind::Usage
        }
        _ => FailureKind::Other,
    };
    Failure::new(kind, error)
}

fn cannot_open(error: OpenError) -> Failure {
    let kind = match error {
        OpenError::NoFile | OpenError::Target { .. } => FailureKind::Usage,
        _ => FailureKind::Other,
    };
    Failure::new(kind, error)
}
