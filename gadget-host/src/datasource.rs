//! A configured datasource: its public settings, where it is, and credentials that nobody can read.

use std::{collections::BTreeSet, fmt, sync::Arc};

use gadget_api::{
    Authentication, DatasourceDeclaration, DatasourceRef, Error, ErrorKind, FieldError, FieldPath,
};
use secrecy::SecretString;
use serde_json::Value;

use crate::{CatalogKind, OriginPolicy, origin::BaseAddress, services::RequestLimiter, settings};

/// How many requests to one datasource run at once.
const MAX_REQUESTS: usize = 4;

/// A datasource that requests can be sent to.
pub struct Datasource {
    id: String,
    declaration: Arc<DatasourceDeclaration>,
    settings: Value,
    base: BaseAddress,
    pub(crate) credentials: Credentials,
    pub(crate) request_limiter: RequestLimiter,
}

/// What the host adds to each request.
pub(crate) enum Credentials {
    None,
    Basic {
        user: String,
        password: SecretString,
    },
    Bearer {
        token: SecretString,
    },
}

impl Datasource {
    /// Creates a datasource of its settings, secrets among them; a member `kind` is passed over.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the settings, each at its field, or with the address.
    pub fn new(
        kind: &CatalogKind,
        id: impl Into<String>,
        content: Value,
        origins: &OriginPolicy,
    ) -> Result<Self, Error> {
        Self::declared(Arc::clone(kind.declaration()), id.into(), content, origins)
    }

    /// Returns what is wrong with the settings of a datasource, each at its field.
    ///
    /// The secrets of the fields `kept` are with the host already: they may be missing here.
    #[must_use]
    pub fn problems(
        kind: &CatalogKind,
        content: &Value,
        kept: &BTreeSet<FieldPath>,
        origins: &OriginPolicy,
    ) -> Vec<FieldError> {
        let declaration = kind.declaration();
        let content = settings::with_defaults(&declaration.schema, content);
        let mut problems = settings::problems(&declaration.schema, &content);
        let is_kept = |path: &FieldPath| kept.contains(path) && path.value_in(&content).is_none();
        problems.retain(|problem| !is_kept(problem.path()));
        let origin = &declaration.origin;
        let is_reported = problems.iter().any(|problem| problem.path() == origin);
        if let (false, Some(address)) = (
            is_reported,
            origin.value_in(&content).and_then(Value::as_str),
        ) && let Err(why) = origins.base(address, &declaration.known_origins)
        {
            problems.push(FieldError::new(origin.clone(), why));
        }
        problems
    }

    pub(crate) fn declared(
        declaration: Arc<DatasourceDeclaration>,
        id: String,
        mut content: Value,
        origins: &OriginPolicy,
    ) -> Result<Self, Error> {
        if let Some(members) = content.as_object_mut() {
            members.shift_remove("kind");
        }
        let content = settings::with_defaults(&declaration.schema, &content);
        let problems = settings::problems(&declaration.schema, &content);
        if !problems.is_empty() {
            return Err(Error::of_fields(problems));
        }
        let text = |path: &FieldPath| {
            path.value_in(&content)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let base = origins
            .base(text(&declaration.origin), &declaration.known_origins)
            .map_err(|why| {
                Error::of_fields(vec![FieldError::new(declaration.origin.clone(), why)])
            })?;
        let secret = |path: &FieldPath| match text(path) {
            "" => Err(Error::of_fields(vec![FieldError::new(
                path.clone(),
                "it is required",
            )])),
            secret => Ok(SecretString::from(secret)),
        };
        let credentials = match &declaration.authentication {
            Authentication::None => Credentials::None,
            Authentication::Basic { user, password } => Credentials::Basic {
                user: text(user).to_owned(),
                password: secret(password)?,
            },
            Authentication::Bearer { token } => Credentials::Bearer {
                token: secret(token)?,
            },
            _ => {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    format!(
                        "this host does not know how `{}` authenticates",
                        declaration.id
                    ),
                ));
            }
        };
        let public = without_secrets(&declaration.schema, &content);
        Ok(Self {
            id,
            settings: public,
            base,
            credentials,
            declaration,
            request_limiter: RequestLimiter::new(MAX_REQUESTS),
        })
    }

    /// Returns the host's id of it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the id of its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.declaration.id
    }

    /// Returns the settings without the secrets.
    #[must_use]
    pub fn settings(&self) -> &Value {
        &self.settings
    }

    #[cfg(test)]
    pub(crate) fn declaration(&self) -> Arc<DatasourceDeclaration> {
        Arc::clone(&self.declaration)
    }

    pub(crate) fn base(&self) -> &BaseAddress {
        &self.base
    }

    pub(crate) fn as_ref(&self) -> DatasourceRef {
        DatasourceRef {
            id: self.id.clone(),
            kind: self.kind().to_owned(),
            settings: self.settings.clone(),
        }
    }
}

/// Returns the settings without the fields that are `writeOnly`, at any depth.
fn without_secrets(schema: &Value, settings: &Value) -> Value {
    let (Some(members), Some(properties)) = (
        settings.as_object(),
        schema.get("properties").and_then(Value::as_object),
    ) else {
        return settings.clone();
    };
    members
        .iter()
        .filter_map(|(name, member)| {
            let field = properties.get(name)?;
            let is_secret = field.get("writeOnly") == Some(&Value::Bool(true));
            (!is_secret).then(|| (name.clone(), without_secrets(field, member)))
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

impl fmt::Debug for Datasource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Datasource")
            .field("id", &self.id)
            .field("kind", &self.kind())
            .field("origin", &self.base.origin())
            .finish_non_exhaustive()
    }
}
