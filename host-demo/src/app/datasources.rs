//! Datasources that are kept in the store, as gadgets use them.

mod connection_test;
mod edit;
mod fields;
mod input;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::Utc;
use dashboards::{
    domain::{self, Action, DatasourceId, Object},
    store::{Store, StoreError},
};
use gadget_api::{
    Choice, Choices, Error, ErrorKind, FieldPath, GadgetDescription, schema::DATASOURCE,
};
use gadget_host::Datasource;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

pub(crate) use self::{
    connection_test::{ConnectionTest, TestMessage, TestedConnection},
    edit::{NewDatasource, SavedDatasource},
    fields::{named, secret_fields, secret_fields_in, split},
    input::SecretEdits,
};
use super::{Caller, Engine, People, error::store_message, settings_edit::set_at};

/// The opened datasources, each for one revision of what is stored.
#[derive(Default)]
struct Opened(Mutex<HashMap<DatasourceId, (u64, Arc<Datasource>)>>);

impl Opened {
    fn newest(&self, id: &DatasourceId, revision: u64) -> Option<Arc<Datasource>> {
        let opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, datasource) = opened.get(id)?;
        (*of == revision).then(|| Arc::clone(datasource))
    }

    fn keep(&self, id: &DatasourceId, revision: u64, datasource: &Arc<Datasource>) {
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        opened.insert(id.clone(), (revision, Arc::clone(datasource)));
    }

    fn forget(&self, id: &DatasourceId) {
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        opened.remove(id);
    }

    /// Returns the revision that an opened datasource is of, if it is the newest.
    fn revision_of(&self, id: &DatasourceId, datasource: &Datasource) -> Option<u64> {
        let opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (revision, newest) = opened.get(id)?;
        std::ptr::eq(newest.as_ref(), datasource).then_some(*revision)
    }
}

/// The datasources of a host.
pub(crate) struct Datasources {
    store: Store,
    engine: Arc<Engine>,
    people: Arc<People>,
    opened: Opened,
}

impl Datasources {
    pub(super) fn new(store: Store, engine: Arc<Engine>, people: Arc<People>) -> Self {
        Self {
            store,
            engine,
            people,
            opened: Opened::default(),
        }
    }

    /// Opens the datasource that settings name, if they name one.
    ///
    /// # Errors
    ///
    /// Returns an error when it is gone, or when it cannot be opened.
    pub(crate) async fn source_of(
        &self,
        named: Option<DatasourceId>,
    ) -> Result<Option<Arc<Datasource>>, Error> {
        match named {
            Some(id) => self.source(&id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Opens a stored datasource.
    pub(crate) async fn source(&self, id: &DatasourceId) -> Result<Arc<Datasource>, Error> {
        let (stored, secrets) = loop {
            let stored = self.store.datasource(id).await.map_err(of_store)?;
            let Some(stored) = stored else {
                self.opened.forget(id);
                return Err(Error::new(
                    ErrorKind::NotFound,
                    "the datasource of this gadget was deleted",
                )
                .with_remedy("Choose another datasource in the settings."));
            };
            if let Some(opened) = self.opened.newest(id, stored.revision) {
                return Ok(opened);
            }
            match self.secrets_of(&stored).await {
                Ok(secrets) => break (stored, secrets),
                Err(StoreError::StaleDatasource { .. }) => {}
                Err(error) => return Err(of_store(error)),
            }
        };
        let mut content = stored.settings.to_value();
        for (field, secret) in &secrets {
            set_at(&mut content, field, secret.expose_secret().into());
        }
        let opened = Arc::new(self.opened_of(&stored.kind, id.as_str(), content)?);
        self.opened.keep(id, stored.revision, &opened);
        Ok(opened)
    }

    /// Notes that a datasource was read, as it is now.
    pub(super) async fn note_read(&self, id: &DatasourceId, read: &Datasource) {
        let Some(revision) = self.opened.revision_of(id, read) else {
            return;
        };
        let noted = self.store.note_datasource_read(id, revision, Utc::now());
        if let Err(error) = noted.await {
            tracing::warn!(%error, "failed to record that a datasource was read");
        }
    }

    /// Removes what was read with a datasource if that was deleted meanwhile.
    pub(super) async fn forget_if_gone(&self, id: &DatasourceId, space: &str) {
        let removed = async {
            match self.store.datasource(id).await? {
                Some(_) => Ok(()),
                None => self.store.remove_scope(space).await,
            }
        };
        if let Err(error) = removed.await {
            tracing::warn!(%error, "failed to remove the data of a deleted datasource");
        }
    }

    /// Removes what was read with datasources that are gone.
    pub(super) async fn purge_reads(&self) -> Result<(), StoreError> {
        // In this order: a datasource is there before anything is read with it.
        let mut scopes = self.store.blob_scopes().await?;
        let all = self.store.datasources().await?;
        let known: Vec<_> = all
            .iter()
            .map(|each| Datasource::space_prefix(each.id.as_str()))
            .collect();
        let every = Datasource::every_space_prefix();
        scopes.retain(|scope| {
            scope.starts_with(every) && !known.iter().any(|prefix| scope.starts_with(prefix))
        });
        for scope in scopes {
            self.store.remove_scope(&scope).await?;
        }
        Ok(())
    }

    /// Returns the secrets that belong to this revision of a datasource.
    ///
    /// One that was saved since may have another address, and secrets that are for that address alone.
    ///
    /// # Errors
    ///
    /// Returns that it has another revision by now, or is gone.
    pub(crate) async fn secrets_of(
        &self,
        stored: &domain::Datasource,
    ) -> Result<BTreeMap<FieldPath, SecretString>, StoreError> {
        let secrets = self.store.datasource_secrets(&stored.id).await?;
        match self.store.datasource(&stored.id).await? {
            Some(now) if now.revision == stored.revision => Ok(secrets),
            Some(now) => Err(StoreError::StaleDatasource {
                current: Box::new(now),
            }),
            None => Err(StoreError::NotFound {
                what: "datasource",
                id: stored.id.to_string(),
            }),
        }
    }

    /// Opens a datasource of its settings, secrets among them.
    pub(crate) fn opened_of(
        &self,
        kind: &str,
        id: &str,
        content: Value,
    ) -> Result<Datasource, Error> {
        let kind = self.engine.catalog().datasource_kind(kind)?;
        Datasource::new(kind, id, content, self.engine.origins())
    }

    /// Returns what the host itself offers in the form of a gadget: the datasources that somebody
    /// may use, of the kinds that the gadget reads.
    pub(crate) async fn own_choices(
        &self,
        gadget: &GadgetDescription,
        caller: &Caller,
    ) -> Result<Vec<(FieldPath, Choices)>, StoreError> {
        let Some(field) = gadget.semantics.get(DATASOURCE) else {
            return Ok(Vec::new());
        };
        let kinds = &gadget.manifest.datasource_kinds;
        let all = self.store.datasources().await?;
        let offered = all.iter().filter(|datasource| {
            kinds.contains(&datasource.kind)
                && caller.may(Action::View, Object::Datasource(datasource))
        });
        let offered: Vec<_> = offered
            .map(|datasource| Choice::new(datasource.id.as_str(), datasource.name.as_str()))
            .collect();
        let choices = if offered.is_empty() {
            Choices::Waiting("Add a datasource first.".to_owned())
        } else {
            Choices::Offered(offered)
        };
        Ok(vec![(field.clone(), choices)])
    }
}

/// Tells of a failure of the store as gadgets' failures are told.
pub(super) fn of_store(error: StoreError) -> Error {
    let kind = match &error {
        StoreError::Locked(_) | StoreError::DamagedSecret { .. } => ErrorKind::Credentials,
        StoreError::NotFound { .. } => ErrorKind::NotFound,
        _ => ErrorKind::Internal,
    };
    Error::new(kind, store_message(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_database_says_of_itself_is_told_to_no_gadget() {
        let error = of_store(StoreError::Unreadable {
            what: "tile",
            details: "the row of the table `tiles`".to_owned(),
        });
        let expected = "the host failed to read or save data; see its log";
        assert_eq!(error.message(), expected);
    }
}
