//! The host's key and the database: which key its secrets depend on, and how that changes.

use std::{path::Path, sync::Arc};

use crate::store::{
    Event, HostKey, KeyProblem, KeySource, Store, StoreError,
    datasources::place,
    handle::{KeyState, reading, transaction},
    key_file,
    secrets::Sealed,
    sql::Tx,
};

/// Under this name the database keeps the id of the key that its secrets depend on.
const KEY_ID: &str = "key_id";

impl Store {
    /// Finds the key that fits the database, or makes one for a database that has none yet.
    pub(super) async fn read_key(&self, source: &KeySource) -> Result<KeyState, StoreError> {
        let expected = reading!(self, tx, key_id(&mut tx).await)?;
        let path = match source {
            KeySource::Text(text) => {
                let Ok(key) = HostKey::parse(secrecy::ExposeSecret::expose_secret(text)) else {
                    return Ok(KeyState::Locked(KeyProblem::NoKey));
                };
                let expected = match expected {
                    Some(expected) => expected,
                    None => self.claim(&key).await?,
                };
                return Ok(judge(key, &expected));
            }
            KeySource::File(path) => path,
        };
        match expected {
            Some(expected) => Ok(find(path, &expected)),
            None => self.make_key(path).await,
        }
    }

    /// Uses the key of a file for a database that has none yet, or makes one.
    async fn make_key(&self, path: &Path) -> Result<KeyState, StoreError> {
        let unreadable = |error: std::io::Error| KeyProblem::Unreadable {
            path: path.to_owned(),
            details: error.to_string(),
        };
        let (key, is_new) = match key_file::read(path) {
            Ok(Some(key)) => (key, false),
            Ok(None) => (HostKey::generate(), true),
            Err(problem) => return Ok(KeyState::Locked(problem)),
        };
        // The key is on the disk before anything depends on it.
        if is_new && let Err(error) = key_file::write_next(path, &key) {
            return Ok(KeyState::Locked(unreadable(error)));
        }
        let expected = self.claim(&key).await?;
        if is_new {
            if expected != key.id() {
                // Another host was first, and its key is the one that counts.
                return Ok(find(path, &expected));
            }
            if let Err(error) = key_file::take_next(path) {
                return Ok(KeyState::Locked(unreadable(error)));
            }
        }
        Ok(judge(key, &expected))
    }

    /// Makes a key the one that the database depends on, unless it has one; returns which.
    async fn claim(&self, key: &HostKey) -> Result<String, StoreError> {
        transaction!(self, tx, {
            tx.execute(
                "INSERT INTO host (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                &[KEY_ID.into(), key.id().into()],
            )
            .await?;
            key_id(&mut tx)
                .await?
                .ok_or_else(|| StoreError::unreadable("key id", "it is not there"))
        })
    }

    /// Wraps the keys of all secrets with a new key, which then is in the file.
    ///
    /// The secrets themselves are not touched. After a crash at any point the next start finds
    /// the key that fits. Other hosts of the same database need the new file and a restart.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Locked`] when the present key is missing, or the file cannot be written.
    /// - [`StoreError::DamagedSecret`] when a secret cannot be opened; nothing changed then.
    pub async fn rotate_key(&self, path: &Path) -> Result<(), StoreError> {
        let old = self.key()?;
        let new = Arc::new(HostKey::generate());
        let unreadable = |error: std::io::Error| {
            StoreError::Locked(KeyProblem::Unreadable {
                path: path.to_owned(),
                details: error.to_string(),
            })
        };
        key_file::write_next(path, &new).map_err(unreadable)?;
        transaction!(self, tx, {
            set_key_id(&mut tx, new.id()).await?;
            let rows = tx
                .rows("SELECT * FROM datasource_secrets {lock}", &[])
                .await?;
            for row in rows {
                let (datasource, field) = (row.text("datasource")?, row.text("field")?);
                let version = row.count("version")?;
                let sealed = Sealed {
                    key_id: row.text("key_id")?,
                    wrapped_key: row.bytes("wrapped_key")?,
                    bytes: row.bytes("sealed")?,
                };
                let again = new
                    .rewrap(&old, &place(&datasource, &field, version), &sealed)
                    .map_err(|_| crate::store::datasources::damaged(&datasource, &field))?;
                tx.execute(
                    "UPDATE datasource_secrets SET key_id = $3, wrapped_key = $4
                     WHERE datasource = $1 AND field = $2",
                    &[
                        (&datasource).into(),
                        (&field).into(),
                        (&again.key_id).into(),
                        again.wrapped_key.as_slice().into(),
                    ],
                )
                .await?;
            }
            Ok(())
        })?;
        self.set_key_state(KeyState::Open(new));
        key_file::take_next(path).map_err(unreadable)
    }

    /// Forgets all secrets and begins with a new key: what is left when the old one is lost.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Locked`] when the file cannot be written; nothing changed then.
    pub async fn forget_secrets(&self, path: &Path) -> Result<(), StoreError> {
        let new = Arc::new(HostKey::generate());
        let unreadable = |error: std::io::Error| {
            StoreError::Locked(KeyProblem::Unreadable {
                path: path.to_owned(),
                details: error.to_string(),
            })
        };
        key_file::write_next(path, &new).map_err(unreadable)?;
        transaction!(self, tx, {
            set_key_id(&mut tx, new.id()).await?;
            tx.execute("DELETE FROM datasource_secrets", &[]).await?;
            tx.execute("UPDATE datasources SET revision = revision + 1", &[])
                .await?;
            tx.notify(Event::Everything);
            Ok(())
        })?;
        self.set_key_state(KeyState::Open(new));
        key_file::take_next(path).map_err(unreadable)
    }
}

/// Returns the id of the key that the secrets depend on.
async fn key_id(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    tx.row("SELECT value FROM host WHERE name = $1", &[KEY_ID.into()])
        .await?
        .map(|row| row.text("value"))
        .transpose()
}

/// Returns the id of the key that the secrets depend on; no host changes it until the transaction
/// ends.
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

/// Finds the key of this id: in the file, or beside it if the host ended while the key changed.
fn find(path: &Path, expected: &str) -> KeyState {
    let found = match key_file::read(path) {
        Ok(Some(key)) if key.id() == expected => return KeyState::Open(Arc::new(key)),
        Ok(found) => found,
        Err(problem) => return KeyState::Locked(problem),
    };
    if let Ok(Some(next)) = key_file::read(&key_file::next(path))
        && next.id() == expected
    {
        if let Err(error) = key_file::take_next(path) {
            tracing::warn!(%error, "cannot put the new key file in its place");
        }
        return KeyState::Open(Arc::new(next));
    }
    match found {
        Some(key) => judge(key, expected),
        None => KeyState::Locked(KeyProblem::Missing {
            path: path.to_owned(),
        }),
    }
}

fn judge(key: HostKey, expected: &str) -> KeyState {
    if key.id() == expected {
        return KeyState::Open(Arc::new(key));
    }
    KeyState::Locked(KeyProblem::Wrong {
        found: key.id().to_owned(),
        expected: expected.to_owned(),
    })
}
