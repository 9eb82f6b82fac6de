//! A configured connection, and what saving it does to its secrets.

use std::collections::{BTreeMap, BTreeSet};

use gadget_api::FieldPath;
use secrecy::SecretString;
use url::Url;

use crate::domain::{DatasourceId, Name, Permission, Settings, UserId};

/// A configured connection without its secrets, which leave the store only to be used.
#[derive(Clone, Debug, PartialEq)]
pub struct Datasource {
    /// The id.
    pub id: DatasourceId,
    /// The id of the datasource kind.
    pub kind: String,
    /// The name that users see.
    pub name: Name,
    /// The owner.
    pub owner: UserId,
    /// Who else may use and edit it.
    pub permission: Permission,
    /// The settings that are not secret.
    pub settings: Settings,
    /// The fields that have a stored secret.
    pub secrets: BTreeSet<FieldPath>,
    /// The number of its last change; 0 when it was created.
    pub revision: u64,
}

/// What a user does to one secret.
#[derive(Clone, Debug)]
pub enum SecretEdit {
    /// The field was left empty: the stored secret stays.
    Keep,
    /// A new secret was entered.
    Set(SecretString),
    /// The secret is removed.
    Remove,
}

/// A datasource as a user saves it.
#[derive(Clone, Debug)]
pub struct DatasourceDraft {
    /// The name that users see.
    pub name: Name,
    /// Who may use and edit it.
    pub permission: Permission,
    /// The settings that are not secret.
    pub settings: Settings,
    /// What happens to each secret; a field that is not listed keeps its secret.
    pub secrets: BTreeMap<FieldPath, SecretEdit>,
}

/// What saving does to the secrets.
#[derive(Clone, Debug, Default)]
pub struct SecretPlan {
    /// The secrets to store, replacing older ones.
    pub set: BTreeMap<FieldPath, SecretString>,
    /// The fields whose secrets are removed.
    pub remove: BTreeSet<FieldPath>,
}

/// Why a datasource cannot be saved.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DatasourceRefusal {
    /// The address changed, and stored secrets would be sent to another host.
    #[error(
        "the address now points to another host: enter {} again for the new host",
        list(fields)
    )]
    SecretNeeded {
        /// The fields to enter again.
        fields: Vec<FieldPath>,
    },
    /// The plain settings contain a secret.
    #[error("`{field}` is a secret and cannot be part of the plain settings")]
    SecretInSettings {
        /// The field.
        field: FieldPath,
    },
}

impl Datasource {
    /// Decides what saving does to the secrets.
    ///
    /// `origin` is the field that holds the base address; `secret_fields` are the fields that the
    /// kind declares as secret.
    ///
    /// # Errors
    ///
    /// - [`DatasourceRefusal::SecretNeeded`] when the origin changed and a stored secret was not
    ///   entered again.
    /// - [`DatasourceRefusal::SecretInSettings`] when the plain settings contain a secret.
    pub fn secret_plan(
        &self,
        draft: &DatasourceDraft,
        origin: &FieldPath,
        secret_fields: &[FieldPath],
    ) -> Result<SecretPlan, DatasourceRefusal> {
        let address = |settings: &Settings| {
            let value = settings.to_value();
            let text = value
                .pointer(origin.as_str())
                .and_then(|text| text.as_str());
            text.unwrap_or_default().to_owned()
        };
        let old = address(&self.settings);
        let new = address(&draft.settings);
        let plan = draft.secret_plan(secret_fields)?;
        if old != new && !same_origin(&old, &new) {
            let fields: Vec<_> = self
                .secrets
                .iter()
                .filter(|field| !plan.set.contains_key(*field) && !plan.remove.contains(*field))
                .cloned()
                .collect();
            if !fields.is_empty() {
                return Err(DatasourceRefusal::SecretNeeded { fields });
            }
        }
        Ok(plan)
    }
}

impl DatasourceDraft {
    /// Decides which secrets a new datasource gets.
    ///
    /// # Errors
    ///
    /// - [`DatasourceRefusal::SecretInSettings`] when the plain settings contain a secret.
    pub fn secret_plan(
        &self,
        secret_fields: &[FieldPath],
    ) -> Result<SecretPlan, DatasourceRefusal> {
        let settings = self.settings.to_value();
        if let Some(field) = secret_fields
            .iter()
            .find(|field| settings.pointer(field.as_str()).is_some())
        {
            return Err(DatasourceRefusal::SecretInSettings {
                field: field.clone(),
            });
        }
        let mut plan = SecretPlan::default();
        for (field, edit) in &self.secrets {
            match edit {
                SecretEdit::Keep => {}
                SecretEdit::Set(secret) => {
                    plan.set.insert(field.clone(), secret.clone());
                }
                SecretEdit::Remove => {
                    plan.remove.insert(field.clone());
                }
            }
        }
        Ok(plan)
    }
}

/// Tells whether two addresses have the same scheme, host and port.
///
/// An address that cannot be parsed has no origin and is never the same as another.
#[must_use]
pub fn same_origin(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (Url::parse(one), Url::parse(other)) else {
        return false;
    };
    one.origin().is_tuple() && one.origin() == other.origin()
}

/// Lists fields for a message.
fn list(fields: &[FieldPath]) -> String {
    let names: Vec<_> = fields
        .iter()
        .map(|field| format!("`{}`", field.as_str().trim_start_matches('/')))
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    fn field(text: &str) -> FieldPath {
        FieldPath::parse(text).unwrap()
    }

    fn datasource() -> Datasource {
        Datasource {
            id: DatasourceId::parse("d").unwrap(),
            kind: "shop".to_owned(),
            name: Name::parse("Shop").unwrap(),
            owner: UserId::parse("u").unwrap(),
            permission: Permission::AnyoneEdits,
            settings: Settings::parse(json!({"base": "https://a.example/x"})).unwrap(),
            secrets: [field("/token")].into(),
            revision: 0,
        }
    }

    fn draft(base: &str, edit: SecretEdit) -> DatasourceDraft {
        DatasourceDraft {
            name: Name::parse("Shop").unwrap(),
            permission: Permission::AnyoneEdits,
            settings: Settings::parse(json!({"base": base})).unwrap(),
            secrets: [(field("/token"), edit)].into(),
        }
    }

    #[test]
    fn a_secret_is_entered_again_when_the_origin_changes() {
        let entered = || SecretEdit::Set("new".into());
        let again = Err(DatasourceRefusal::SecretNeeded {
            fields: vec![field("/token")],
        });
        for (base, edit, expected) in [
            ("https://a.example/x", SecretEdit::Keep, Ok(None)),
            ("https://a.example/y?z", SecretEdit::Keep, Ok(None)),
            ("https://A.example:443/x", SecretEdit::Keep, Ok(None)),
            ("https://b.example/x", SecretEdit::Keep, again.clone()),
            ("https://a.example:8443/x", SecretEdit::Keep, again.clone()),
            ("http://a.example/x", SecretEdit::Keep, again.clone()),
            (
                "https://a.example@b.example/x",
                SecretEdit::Keep,
                again.clone(),
            ),
            ("nonsense", SecretEdit::Keep, again.clone()),
            ("https://b.example/x", entered(), Ok(Some("new"))),
            ("https://b.example/x", SecretEdit::Remove, Ok(None)),
            ("https://a.example/x", entered(), Ok(Some("new"))),
        ] {
            let plan =
                datasource().secret_plan(&draft(base, edit), &field("/base"), &[field("/token")]);
            let set = plan.map(|plan| {
                plan.set
                    .get(&field("/token"))
                    .map(|secret| secret.expose_secret().to_owned())
            });
            assert_eq!(set, expected.map(|text| text.map(str::to_owned)), "{base}");
        }
    }

    #[test]
    fn an_unlisted_field_keeps_its_secret_but_not_for_another_host() {
        let mut draft = draft("https://b.example", SecretEdit::Keep);
        draft.secrets.clear();
        let error = datasource()
            .secret_plan(&draft, &field("/base"), &[field("/token")])
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the address now points to another host: enter `token` again for the new host"
        );
    }

    #[test]
    fn a_secret_among_the_plain_settings_is_refused() {
        let mut draft = draft("https://a.example/x", SecretEdit::Keep);
        draft.settings = Settings::parse(json!({"token": "oops"})).unwrap();
        let error = draft.secret_plan(&[field("/token")]).unwrap_err();
        assert!(!error.to_string().contains("oops"));
        assert_eq!(
            error,
            DatasourceRefusal::SecretInSettings {
                field: field("/token")
            }
        );
    }

    #[test]
    fn a_draft_does_not_show_its_secrets() {
        let draft = draft("https://a.example", SecretEdit::Set("canary-4711".into()));
        assert!(!format!("{draft:?}").contains("canary"));
    }
}
