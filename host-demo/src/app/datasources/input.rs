//! A datasource as somebody enters it: checked against its kind, with the secrets that are kept.

use std::collections::{BTreeMap, BTreeSet};

use dashboards::{
    domain::{
        Datasource, DatasourceDraft, DatasourceId, DatasourceRefusal, Name, Permission, SecretEdit,
        SecretPlan, Settings,
    },
    store::{StoreError, new_id_bytes},
};
use gadget_api::{DatasourceDeclaration, FieldError, FieldPath};
use gadget_host::{CatalogKind, Datasource as Opened};
use secrecy::{ExposeSecret, SecretString};

use super::{Datasources, secret_fields};
use crate::app::{AppError, settings_edit::set_at};

/// What becomes of each secret: text is new, `null` removes, and what is not named stays.
pub(crate) type SecretEdits = BTreeMap<FieldPath, Option<SecretString>>;

/// What a connection that is only tested is called.
const UNNAMED: &str = "New datasource";

/// A datasource that can be saved: nothing is wrong with it by its kind.
pub(super) struct Checked {
    pub(super) draft: DatasourceDraft,
    pub(super) plan: SecretPlan,
    pub(super) origin: FieldPath,
    pub(super) secret_fields: Vec<FieldPath>,
    kind: String,
    /// The fields whose secrets are those that the host has.
    kept: BTreeSet<FieldPath>,
}

impl Datasources {
    /// Checks what was entered; `stored` is the datasource that it is for, if it is not new.
    ///
    /// # Errors
    ///
    /// Returns what is wrong, each at its field: no message holds a secret.
    pub(super) fn checked(
        &self,
        kind: &CatalogKind,
        draft: DatasourceDraft,
        stored: Option<&Datasource>,
    ) -> Result<Checked, AppError> {
        let declaration = kind.declaration();
        let secret_fields = secret_fields(declaration);
        let strangers = draft
            .secrets
            .keys()
            .filter(|field| !secret_fields.contains(field));
        let strangers: Vec<_> = strangers
            .map(|field| {
                FieldError::new(field.clone(), "this kind of datasource has no such secret")
            })
            .collect();
        if !strangers.is_empty() {
            return Err(AppError::Fields(strangers));
        }
        let plan = match stored {
            Some(stored) => stored.secret_plan(&draft, &declaration.origin, &secret_fields),
            None => draft.secret_plan(&secret_fields),
        };
        let plan = plan.map_err(|refusal| match refusal {
            DatasourceRefusal::SecretInSettings { field } => {
                let message = "it is a secret and cannot be part of the plain settings";
                AppError::of_field(FieldError::new(field, message))
            }
            refusal => StoreError::Datasource(refusal).into(),
        })?;
        let kept: BTreeSet<_> = stored
            .into_iter()
            .flat_map(|stored| &stored.secrets)
            .filter(|field| !plan.set.contains_key(*field) && !plan.remove.contains(*field))
            .cloned()
            .collect();
        let mut content = draft.settings.to_value();
        for (field, secret) in &plan.set {
            set_at(&mut content, field, secret.expose_secret().into());
        }
        let problems = Opened::problems(kind, &content, &kept, self.engine.origins());
        if !problems.is_empty() {
            return Err(AppError::Fields(problems));
        }
        Ok(Checked {
            origin: declaration.origin.clone(),
            kind: declaration.id.clone(),
            draft,
            plan,
            secret_fields,
            kept,
        })
    }

    /// Opens what was entered, with the secrets that are kept, to test it.
    pub(super) async fn opened_to_test(
        &self,
        checked: Checked,
        stored: Option<&Datasource>,
    ) -> Result<Opened, AppError> {
        let mut content = checked.draft.settings.to_value();
        if let (Some(stored), false) = (stored, checked.kept.is_empty()) {
            for (field, secret) in self.secrets_of(stored).await? {
                if checked.kept.contains(&field) {
                    set_at(&mut content, &field, secret.expose_secret().into());
                }
            }
        }
        for (field, secret) in &checked.plan.set {
            set_at(&mut content, field, secret.expose_secret().into());
        }
        // What a test reads is nobody else's, also where nothing is kept yet.
        let id = stored.map_or_else(
            || DatasourceId::from_bytes(new_id_bytes()),
            |stored| stored.id.clone(),
        );
        Ok(self.opened_of(&checked.kind, id.as_str(), content)?)
    }
}

/// Puts together what was sent; an empty secret is one that was not entered.
pub(super) fn draft(
    name: Name,
    permission: Permission,
    settings: Settings,
    secrets: SecretEdits,
) -> DatasourceDraft {
    let edits = secrets.into_iter().map(|(field, secret)| {
        let edit = match secret {
            None => SecretEdit::Remove,
            Some(secret) if secret.expose_secret().is_empty() => SecretEdit::Keep,
            Some(secret) => SecretEdit::Set(secret),
        };
        (field, edit)
    });
    DatasourceDraft {
        name,
        permission,
        settings,
        secrets: edits.collect(),
    }
}

/// Puts together what is only tested.
pub(super) fn draft_to_test(
    settings: Settings,
    secrets: SecretEdits,
) -> Result<DatasourceDraft, AppError> {
    Ok(draft(
        Name::parse(UNNAMED)?,
        Permission::default(),
        settings,
        secrets,
    ))
}

/// Returns the settings that a kind starts with.
pub(super) fn first_settings(declaration: &DatasourceDeclaration) -> Result<Settings, AppError> {
    let nothing = serde_json::Value::Object(serde_json::Map::new());
    Ok(Settings::parse(gadget_host::with_defaults(
        &declaration.schema,
        &nothing,
    ))?)
}
