//! Finds, creates and rotates the key that protects the secrets of a database.

use std::{io, path::Path, sync::Arc};

use crate::store::{
    Event, HostKey, KeyProblem, KeySource, Store, StoreError,
    handle::{KeyState, reading, transaction},
    key_file,
    secrets::{SealedSecret, damaged, location},
    sql::Tx,
};

/// The name under which the database stores the id of the key that protects its secrets.
const KEY_ID: &str = "key_id";

impl Store {
    /// Finds the key of the database, or creates one for a new database.
    pub(super) async fn read_key(&self, source: &KeySource) -> Result<KeyState, StoreError> {
        let expected = reading!(self, tx, key_id(&mut tx).await)?;
        let path = match source {
            KeySource::Text(text) => {
                let Ok(key) = HostKey::parse(secrecy::ExposeSecret::expose_secret(text)) else {
                    return Ok(KeyState::Locked(KeyProblem::Malformed));
                };
                let expected = match expected {
                    Some(expected) => expected,
                    None => self.claim_key_id(&key).await?,
                };
                return Ok(check_id(key, &expected));
            }
            KeySource::File(path) => path,
        };
        match expected {
            Some(expected) => Ok(find(path, &expected)),
            None => self.create_key(path).await,
        }
    }

    /// Takes the key of a file, or creates one, for a database that has none yet.
    async fn create_key(&self, path: &Path) -> Result<KeyState, StoreError> {
        let (key, is_new) = match key_file::read(path) {
            Ok(Some(key)) => (key, false),
            Ok(None) => (HostKey::generate(), true),
            Err(problem) => return Ok(KeyState::Locked(problem)),
        };
        // The key is on disk before anything depends on it.
        if is_new && let Err(error) = key_file::write_next(path, &key) {
            return Ok(KeyState::Locked(unreadable(path, &error)));
        }
        let expected = self.claim_key_id(&key).await?;
        if is_new {
            if expected != key.id() {
                // Another host was first, so its key is the one to use.
                return Ok(find(path, &expected));
            }
            if let Err(error) = key_file::activate_next(path) {
                return Ok(KeyState::Locked(unreadable(path, &error)));
            }
        }
        Ok(check_id(key, &expected))
    }

    /// Stores the id of a key unless the database already has one; returns the stored id.
    async fn claim_key_id(&self, key: &HostKey) -> Result<String, StoreError> {
        transaction!(self, tx, {
            tx.execute(
                "INSERT INTO host (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                &[KEY_ID.into(), key.id().into()],
            )
            .await?;
            key_id(&mut tx)
                .await?
                .ok_or_else(|| StoreError::unreadable("key id", "it is missing"))
        })
    }

    /// Replaces the key in the file with a new one, and rewraps the data keys of all secrets.
    ///
    /// The encrypted secrets do not change. After a crash at any point, the next start finds the
    /// right key. Other hosts of the same database need the new file and a restart.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Locked`] when the present key is missing, or the file cannot be written.
    /// - [`StoreError::DamagedSecret`] when a secret cannot be decrypted; nothing changed then.
    pub async fn rotate_key(&self, path: &Path) -> Result<(), StoreError> {
        let old = self.key()?;
        let new = new_key(path)?;
        transaction!(self, tx, {
            set_key_id(&mut tx, new.id()).await?;
            let rows = tx
                .rows("SELECT * FROM datasource_secrets {lock}", &[])
                .await?;
            for row in rows {
                let (datasource, field) = (row.text("datasource")?, row.text("field")?);
                let version = row.count("version")?;
                let sealed = SealedSecret {
                    key_id: row.text("key_id")?,
                    wrapped_key: row.bytes("wrapped_key")?,
                    bytes: row.bytes("sealed")?,
                };
                let rewrapped = new
                    .rewrap(&old, &location(&datasource, &field, version), &sealed)
                    .map_err(|_| damaged(&datasource, &field))?;
                tx.execute(
                    "UPDATE datasource_secrets SET key_id = $3, wrapped_key = $4
                     WHERE datasource = $1 AND field = $2",
                    &[
                        (&datasource).into(),
                        (&field).into(),
                        (&rewrapped.key_id).into(),
                        rewrapped.wrapped_key.as_slice().into(),
                    ],
                )
                .await?;
            }
            Ok(())
        })?;
        self.use_new_key(path, new)
    }

    /// Deletes all secrets and creates a new key: the last resort when the old key is lost.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Locked`] when the file cannot be written; nothing changed then.
    pub async fn forget_secrets(&self, path: &Path) -> Result<(), StoreError> {
        let new = new_key(path)?;
        transaction!(self, tx, {
            set_key_id(&mut tx, new.id()).await?;
            tx.execute("DELETE FROM datasource_secrets", &[]).await?;
            tx.execute("UPDATE datasources SET revision = revision + 1", &[])
                .await?;
            tx.notify(Event::Everything);
            Ok(())
        })?;
        self.use_new_key(path, new)
    }

    /// Uses a key on which the database now depends.
    fn use_new_key(&self, path: &Path, key: Arc<HostKey>) -> Result<(), StoreError> {
        self.set_key_state(KeyState::Unlocked(key));
        key_file::activate_next(path).map_err(|error| StoreError::Locked(unreadable(path, &error)))
    }
}

/// Creates a key and writes it as the next one, which no secret depends on yet.
fn new_key(path: &Path) -> Result<Arc<HostKey>, StoreError> {
    let key = HostKey::generate();
    key_file::write_next(path, &key)
        .map_err(|error| StoreError::Locked(unreadable(path, &error)))?;
    Ok(Arc::new(key))
}

fn unreadable(path: &Path, error: &io::Error) -> KeyProblem {
    KeyProblem::Unreadable {
        path: path.to_owned(),
        details: error.to_string(),
    }
}

/// Returns the id of the key that the secrets depend on.
async fn key_id(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    tx.row("SELECT value FROM host WHERE name = $1", &[KEY_ID.into()])
        .await?
        .map(|row| row.text("value"))
        .transpose()
}

/// Returns the id of the key that the secrets depend on, and locks it until the transaction ends.
pub(super) async fn key_id_locked(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    tx.row(
        "SELECT value FROM host WHERE name = $1 {lock}",
        &[KEY_ID.into()],
    )
    .await?
    .map(|row| row.text("value"))
    .transpose()
}

async fn set_key_id(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO host (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value",
        &[KEY_ID.into(), id.into()],
    )
    .await?;
    Ok(())
}

/// Finds the key with an id: in the file, or in the next file if a rotation was interrupted.
fn find(path: &Path, expected: &str) -> KeyState {
    let found = match key_file::read(path) {
        Ok(Some(key)) if key.id() == expected => return KeyState::Unlocked(Arc::new(key)),
        Ok(found) => found,
        Err(problem) => return KeyState::Locked(problem),
    };
    if let Ok(Some(next)) = key_file::read(&key_file::next(path))
        && next.id() == expected
    {
        if let Err(error) = key_file::activate_next(path) {
            tracing::warn!(%error, "failed to replace the key file with the new one");
        }
        return KeyState::Unlocked(Arc::new(next));
    }
    match found {
        Some(key) => check_id(key, expected),
        None => KeyState::Locked(KeyProblem::Missing {
            path: path.to_owned(),
        }),
    }
}

fn check_id(key: HostKey, expected: &str) -> KeyState {
    if key.id() == expected {
        return KeyState::Unlocked(Arc::new(key));
    }
    KeyState::Locked(KeyProblem::Wrong {
        found: key.id().to_owned(),
        expected: expected.to_owned(),
    })
}
