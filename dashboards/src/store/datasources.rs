//! Stores datasources and their encrypted secrets.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use gadget_api::FieldPath;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    domain::{
        DashboardId, Datasource, DatasourceDraft, DatasourceId, Name, SecretPlan, TileId,
        contains_string,
    },
    store::{
        Event, KeyProblem, Store, StoreError,
        handle::{reading, transaction},
        keys::key_id_locked,
        secrets::{SealedSecret, damaged, location},
        sql::{Row, Tx, to_json},
    },
};

/// A tile that uses a datasource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TileUse {
    /// The dashboard.
    pub dashboard: DashboardId,
    /// The title of the dashboard.
    pub title: Name,
    /// The tile.
    pub tile: TileId,
    /// The label of the tile.
    pub label: String,
}

impl Store {
    /// Stores a new datasource and its secrets.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Taken`] when the id is already used.
    /// - [`StoreError::Locked`] when there are secrets and the key is missing.
    pub async fn create_datasource(
        &self,
        datasource: &Datasource,
        plan: &SecretPlan,
        now: DateTime<Utc>,
    ) -> Result<Datasource, StoreError> {
        transaction!(self, tx, {
            let done = tx
                .execute(
                    "INSERT INTO datasources (id, kind, name, owner, permission, settings, revision,
                         created_at, updated_at)
                     VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7) ON CONFLICT (id) DO NOTHING",
                    &[
                        datasource.id.as_str().into(),
                        (&datasource.kind).into(),
                        datasource.name.as_str().into(),
                        datasource.owner.as_str().into(),
                        (&to_json(&datasource.permission)).into(),
                        (&to_json(&datasource.settings)).into(),
                        now.into(),
                    ],
                )
                .await?;
            if done == 0 {
                return Err(StoreError::Taken { what: "datasource" });
            }
            self.write_secrets(&mut tx, &datasource.id, 0, plan).await?;
            tx.notify(event(&datasource.id));
            existing(&mut tx, &datasource.id).await
        })
    }

    /// Saves a datasource if it still has the revision `expected`.
    ///
    /// `origin` is the field that holds the base address; `secret_fields` are the fields that the
    /// kind declares as secret. A stored secret is never sent to another host.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when the datasource does not exist.
    /// - [`StoreError::StaleDatasource`] when it has another revision.
    /// - [`StoreError::Datasource`] when a secret has to be entered again.
    /// - [`StoreError::Locked`] when a secret was entered and the key is missing.
    pub async fn save_datasource(
        &self,
        id: &DatasourceId,
        expected: u64,
        draft: &DatasourceDraft,
        origin: &FieldPath,
        secret_fields: &[FieldPath],
        now: DateTime<Utc>,
    ) -> Result<Datasource, StoreError> {
        // Without the key, every entered secret counts as a new one.
        let known_secrets = self.datasource_secrets(id).await.unwrap_or_default();
        transaction!(self, tx, {
            let current = locked(&mut tx, id, expected).await?;
            let plan = current.secret_plan(draft, origin, secret_fields)?;
            let is_known = |(field, secret): (&FieldPath, &SecretString)| {
                let kept = known_secrets.get(field);
                kept.is_some_and(|kept| kept.expose_secret() == secret.expose_secret())
            };
            let is_same_connection = current.settings == draft.settings
                && plan.remove.is_empty()
                && plan.set.iter().all(is_known);
            let revision = current.revision + 1;
            tx.execute(
                "UPDATE datasources SET name = $2, permission = $3, settings = $4, revision = $5,
                     updated_at = $6 WHERE id = $1",
                &[
                    id.as_str().into(),
                    draft.name.as_str().into(),
                    (&to_json(&draft.permission)).into(),
                    (&to_json(&draft.settings)).into(),
                    revision.into(),
                    now.into(),
                ],
            )
            .await?;
            if !is_same_connection {
                tx.execute(
                    "UPDATE datasources SET read_at = NULL WHERE id = $1",
                    &[id.as_str().into()],
                )
                .await?;
            }
            self.write_secrets(&mut tx, id, revision, &plan).await?;
            tx.notify(event(id));
            existing(&mut tx, id).await
        })
    }

    /// Records that a datasource was read, unless its revision has changed since.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails.
    pub async fn note_datasource_read(
        &self,
        id: &DatasourceId,
        revision: u64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        transaction!(self, tx, {
            tx.execute(
                "UPDATE datasources SET read_at = $3 WHERE id = $1 AND revision = $2",
                &[id.as_str().into(), revision.into(), now.into()],
            )
            .await?;
            Ok(())
        })
    }

    /// Returns the datasources that were read since their settings and secrets last changed.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn read_datasources(&self) -> Result<BTreeSet<DatasourceId>, StoreError> {
        reading!(self, tx, {
            let rows = tx
                .rows("SELECT id FROM datasources WHERE read_at IS NOT NULL", &[])
                .await?;
            rows.iter()
                .map(|row| row.parsed("datasource", "id"))
                .collect()
        })
    }

    /// Deletes a datasource, its secrets and its data; tiles that use it will report that it is
    /// missing.
    ///
    /// Its data are the blobs and leases in scopes that start with `scopes`.
    ///
    /// # Errors
    ///
    /// - [`StoreError::NotFound`] when the datasource does not exist.
    /// - [`StoreError::StaleDatasource`] when it has another revision.
    pub async fn delete_datasource(
        &self,
        id: &DatasourceId,
        expected: u64,
        scopes: &str,
    ) -> Result<(), StoreError> {
        transaction!(self, tx, {
            locked(&mut tx, id, expected).await?;
            for delete in [
                "DELETE FROM blobs WHERE substr(scope, 1, length($1)) = $1",
                "DELETE FROM leases WHERE substr(scope, 1, length($1)) = $1",
            ] {
                tx.execute(delete, &[scopes.into()]).await?;
            }
            tx.execute(
                "DELETE FROM datasources WHERE id = $1",
                &[id.as_str().into()],
            )
            .await?;
            tx.notify(event(id));
            Ok(())
        })
    }

    /// Returns a datasource without its secrets.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn datasource(&self, id: &DatasourceId) -> Result<Option<Datasource>, StoreError> {
        reading!(self, tx, find(&mut tx, id).await)
    }

    /// Returns all datasources sorted by name, without their secrets.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn datasources(&self) -> Result<Vec<Datasource>, StoreError> {
        reading!(self, tx, {
            let mut fields: BTreeMap<String, BTreeSet<FieldPath>> = BTreeMap::new();
            let rows = tx
                .rows("SELECT datasource, field FROM datasource_secrets", &[])
                .await?;
            for row in rows {
                fields
                    .entry(row.text("datasource")?)
                    .or_default()
                    .insert(row.parsed("datasource", "field")?);
            }
            let rows = tx
                .rows("SELECT * FROM datasources ORDER BY name, id", &[])
                .await?;
            rows.iter()
                .map(|row| read(row, fields.remove(&row.text("id")?).unwrap_or_default()))
                .collect()
        })
    }

    /// Returns the secrets of a datasource, for use and never for display.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Locked`] when the key is missing or wrong.
    /// - [`StoreError::DamagedSecret`] when one was damaged or moved from another row or field.
    pub async fn datasource_secrets(
        &self,
        id: &DatasourceId,
    ) -> Result<BTreeMap<FieldPath, SecretString>, StoreError> {
        let rows = reading!(self, tx, {
            tx.rows(
                "SELECT * FROM datasource_secrets WHERE datasource = $1",
                &[id.as_str().into()],
            )
            .await
        })?;
        if rows.is_empty() {
            return Ok(BTreeMap::new());
        }
        let key = self.key()?;
        let mut secrets = BTreeMap::new();
        for row in rows {
            let field = row.text("field")?;
            let sealed = SealedSecret {
                key_id: row.text("key_id")?,
                wrapped_key: row.bytes("wrapped_key")?,
                bytes: row.bytes("sealed")?,
            };
            if sealed.key_id != key.id() {
                return Err(StoreError::Locked(KeyProblem::Wrong {
                    found: key.id().to_owned(),
                    expected: sealed.key_id,
                }));
            }
            let secret = key
                .open(
                    &location(id.as_str(), &field, row.count("version")?),
                    &sealed,
                )
                .map_err(|_| damaged(id.as_str(), &field))?;
            secrets.insert(row.parsed("datasource", "field")?, secret);
        }
        Ok(secrets)
    }

    /// Returns the tiles whose settings name a datasource, without those of deleted dashboards.
    ///
    /// # Errors
    ///
    /// Returns an error when the database fails or what it holds cannot be read.
    pub async fn tiles_using(&self, id: &DatasourceId) -> Result<Vec<TileUse>, StoreError> {
        let dashboards = self.dashboards().await?;
        let uses = dashboards
            .iter()
            .map(|listed| &listed.dashboard)
            .filter(|dashboard| !dashboard.is_deleted())
            .flat_map(|dashboard| {
                let tiles = dashboard.tiles().iter();
                tiles
                    .filter(|tile| contains_string(&tile.settings.to_value(), id.as_str()))
                    .map(|tile| TileUse {
                        dashboard: dashboard.id().clone(),
                        title: dashboard.title().clone(),
                        tile: tile.id.clone(),
                        label: tile.label().to_owned(),
                    })
            });
        Ok(uses.collect())
    }

    /// Applies a plan to the stored secrets.
    async fn write_secrets(
        &self,
        tx: &mut Tx,
        id: &DatasourceId,
        version: u64,
        plan: &SecretPlan,
    ) -> Result<(), StoreError> {
        for field in &plan.remove {
            tx.execute(
                "DELETE FROM datasource_secrets WHERE datasource = $1 AND field = $2",
                &[id.as_str().into(), field.as_str().into()],
            )
            .await?;
        }
        if plan.set.is_empty() {
            return Ok(());
        }
        let key = self.key()?;
        // Another host may have changed the key; a secret sealed with the old one would be lost.
        let expected = key_id_locked(tx).await?;
        if expected.as_deref() != Some(key.id()) {
            return Err(StoreError::Locked(KeyProblem::Wrong {
                found: key.id().to_owned(),
                expected: expected.unwrap_or_default(),
            }));
        }
        for (field, secret) in &plan.set {
            let sealed = key.seal(
                &location(id.as_str(), field.as_str(), version),
                secret.expose_secret(),
            );
            tx.execute(
                "INSERT INTO datasource_secrets
                     (datasource, field, version, key_id, wrapped_key, sealed)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (datasource, field) DO UPDATE SET version = EXCLUDED.version,
                     key_id = EXCLUDED.key_id, wrapped_key = EXCLUDED.wrapped_key,
                     sealed = EXCLUDED.sealed",
                &[
                    id.as_str().into(),
                    field.as_str().into(),
                    version.into(),
                    (&sealed.key_id).into(),
                    sealed.wrapped_key.as_slice().into(),
                    sealed.bytes.as_slice().into(),
                ],
            )
            .await?;
        }
        Ok(())
    }
}

fn event(id: &DatasourceId) -> Event {
    Event::Datasource { id: id.clone() }
}

/// Reads a datasource and locks it until the transaction ends.
async fn locked(tx: &mut Tx, id: &DatasourceId, expected: u64) -> Result<Datasource, StoreError> {
    tx.row(
        "SELECT id FROM datasources WHERE id = $1 {lock}",
        &[id.as_str().into()],
    )
    .await?;
    let current = existing(tx, id).await?;
    if current.revision == expected {
        return Ok(current);
    }
    Err(StoreError::StaleDatasource {
        current: Box::new(current),
    })
}

async fn existing(tx: &mut Tx, id: &DatasourceId) -> Result<Datasource, StoreError> {
    find(tx, id)
        .await?
        .ok_or_else(|| StoreError::not_found("datasource", id))
}

async fn find(tx: &mut Tx, id: &DatasourceId) -> Result<Option<Datasource>, StoreError> {
    let id = [id.as_str().into()];
    let Some(row) = tx
        .row("SELECT * FROM datasources WHERE id = $1", &id)
        .await?
    else {
        return Ok(None);
    };
    let fields = tx
        .rows(
            "SELECT field FROM datasource_secrets WHERE datasource = $1",
            &id,
        )
        .await?;
    let fields = fields
        .iter()
        .map(|row| row.parsed("datasource", "field"))
        .collect::<Result<_, _>>()?;
    read(&row, fields).map(Some)
}

fn read(row: &Row, secrets: BTreeSet<FieldPath>) -> Result<Datasource, StoreError> {
    Ok(Datasource {
        id: row.parsed("datasource", "id")?,
        kind: row.text("kind")?,
        name: row.parsed("datasource", "name")?,
        owner: row.parsed("datasource", "owner")?,
        permission: row.json("datasource", "permission")?,
        settings: row.json("datasource", "settings")?,
        secrets,
        revision: row.count("revision")?,
    })
}
