//! What a host does as it starts: it takes in a datasource, fills a first dashboard, and removes
//! what is over.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use dashboards::{
    domain::{Datasource, DatasourceDraft, DatasourceId, Name, Permission, SecretEdit},
    store::{StoreError, new_id_bytes},
};
use gadget_api::schema::DATASOURCE;

use super::{
    App, AppError, Failure, FailureKind, TemplateAnswers,
    datasource_file::{NamedContent, kind_in},
    datasources::{secret_fields, split},
};

/// How long a deleted dashboard can be brought back.
const KEEP_DELETED: TimeDelta = TimeDelta::days(30);

impl App {
    /// Keeps the datasource that the command line names, and fills a dashboard where there is none,
    /// with these answers to the questions of its template.
    pub(crate) async fn take_in(
        &self,
        named: NamedContent,
        mut answers: TemplateAnswers,
    ) -> Result<(), Failure> {
        let id = self.keep(named).await?;
        let failed = |error: AppError| Failure::new(FailureKind::Other, error);
        let known = self.store.dashboards().await;
        let known = known.map_err(|error| failed(error.into()))?;
        let templates = self.engine.catalog().templates();
        let Some(template) = templates.map(|each| each.template()).next() else {
            return Ok(());
        };
        if !known.is_empty() {
            return Ok(());
        }
        let title = Name::parse(&template.name)
            .map_err(|error| Failure::new(FailureKind::Library, error.to_string()))?;
        let owner = self.people.administrator().await;
        let owner = owner.map_err(|error| failed(error.into()))?.id;
        answers.insert(DATASOURCE.to_owned(), vec![id.as_str().into()]);
        match self.templates.fill(template, title, owner, answers).await {
            Ok(dashboard) => {
                let kept = self.store.create_dashboard(&dashboard, Utc::now()).await;
                kept.map_err(|error| failed(error.into()))
            }
            // The host is of use without it: the page says how to go on.
            Err(error) => {
                tracing::warn!(%error, "failed to fill a dashboard");
                Ok(())
            }
        }
    }

    /// Keeps a datasource under an id that is made of its name, in place of what was kept before.
    async fn keep(&self, named: NamedContent) -> Result<DatasourceId, Failure> {
        let kind = kind_in(&self.engine, &named.content)?;
        let declaration = Arc::clone(kind.declaration());
        // What cannot be opened is told now, not when a gadget needs it.
        self.datasources
            .opened_of(kind.id(), &named.name, named.content.clone())?;
        let mut content = named.content;
        if let Some(members) = content.as_object_mut() {
            members.shift_remove("kind");
        }
        let (settings, plan) = split(&declaration, content)?;
        let id = id_of(&named.name);
        let name = Name::parse(&named.name).map_err(|error| Failure::usage(error.to_string()))?;
        let failed = |error: StoreError| Failure::new(FailureKind::Other, error.to_string());
        if let Some(known) = self.store.datasource(&id).await.map_err(failed)? {
            let secrets = plan
                .set
                .into_iter()
                .map(|(field, secret)| (field, SecretEdit::Set(secret)));
            let draft = DatasourceDraft {
                name: known.name,
                permission: known.permission,
                settings,
                secrets: secrets.collect(),
            };
            let fields = secret_fields(&declaration);
            let origin = &declaration.origin;
            self.store
                .save_datasource(&id, known.revision, &draft, origin, &fields, Utc::now())
                .await
                .map_err(failed)?;
            return Ok(id);
        }
        let owner = self.people.administrator().await.map_err(failed)?.id;
        let datasource = Datasource {
            id: id.clone(),
            kind: declaration.id.clone(),
            name,
            owner,
            permission: Permission::default(),
            settings,
            secrets: Default::default(),
            revision: 0,
        };
        self.store
            .create_datasource(&datasource, &plan, Utc::now())
            .await
            .map_err(failed)?;
        Ok(id)
    }

    /// Removes what is over for good.
    pub(crate) async fn purge(&self) {
        let now = Utc::now();
        let purged = async {
            self.store.purge_dashboards(now - KEEP_DELETED).await?;
            self.store.purge_sessions(now).await?;
            self.datasources.purge_reads().await
        };
        if let Err(error) = purged.await {
            tracing::warn!(%error, "failed to remove expired data");
        }
    }

    /// Waits until every tile of every dashboard shows something.
    pub(crate) async fn wait_until_filled(&self) {
        self.refresher.ask_for_all().await;
        let mut changes = self.states.changes();
        loop {
            let mut known = self.states.known().into_iter();
            if known.all(|key| self.states.status(&key).has_ended_once()) {
                return;
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

/// Makes an id that a person recognises.
fn id_of(name: &str) -> DatasourceId {
    let plain: String = name
        .to_lowercase()
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .take(40)
        .collect();
    DatasourceId::parse(&plain).unwrap_or_else(|_| DatasourceId::from_bytes(new_id_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_of_the_name() {
        assert_eq!(id_of("Sample Marketplace").as_str(), "sample-marketplace");
        assert_eq!(id_of("").as_str().len(), 32);
    }
}
