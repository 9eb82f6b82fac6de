//! A configured datasource: its public settings, its address, and its credentials, which stay private.

use std::{collections::BTreeSet, fmt, sync::Arc};

use gadget_api::{
    Authentication, DatasourceDeclaration, DatasourceRef, Error, ErrorKind, FieldError, FieldPath,
};
use secrecy::SecretString;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{CatalogKind, OriginPolicy, origin::BaseAddress, services::RequestLimiter, settings};

/// How many requests to one datasource may run at once.
const MAX_REQUESTS: usize = 4;
/// How the spaces of all datasources begin.
const SPACE: &str = "datasource-";

/// A datasource that requests can be sent to.
pub struct Datasource {
    id: String,
    declaration: Arc<DatasourceDeclaration>,
    settings: Value,
    space: String,
    base: BaseAddress,
    pub(crate) credentials: Credentials,
    pub(crate) request_limiter: RequestLimiter,
}

/// The credentials that the host adds to each request.
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
    /// Creates a datasource from its settings, including secrets; a member `kind` is ignored.
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
    /// The host already has the secrets of the fields `kept`; they may be missing here.
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
        let user = match &credentials {
            Credentials::Basic { user, .. } => user.as_str(),
            Credentials::None | Credentials::Bearer { .. } => "",
        };
        let space = space_of(&id, [&declaration.id, base.as_str(), user]);
        let public = without_secrets(&declaration.schema, &content);
        Ok(Self {
            id,
            settings: public,
            space,
            base,
            credentials,
            declaration,
            request_limiter: RequestLimiter::new(MAX_REQUESTS),
        })
    }

    /// Returns the id that the host gave it.
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

    /// Returns the space of the stores that holds what is read with it.
    ///
    /// It names the datasource and what its data depends on: the kind, the address, and the user of
    /// its authentication. Another secret or other settings leave it as it is.
    #[must_use]
    pub fn space(&self) -> &str {
        &self.space
    }

    /// Returns how the spaces of a datasource begin, and those of no other.
    #[must_use]
    pub fn space_prefix(id: &str) -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let id: String = id
            .bytes()
            .map(|byte| match plain(byte) {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02x}"),
            })
            .collect();
        format!("{SPACE}{id}.")
    }

    /// Returns how the spaces of all datasources begin, and no other space.
    #[must_use]
    pub fn every_space_prefix() -> &'static str {
        SPACE
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

/// Names the space of a datasource by its id and what its data depends on.
fn space_of(id: &str, depends_on: [&str; 3]) -> String {
    let mut digest = Sha256::new();
    for part in depends_on {
        let part = part.trim();
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    let digest = digest.finalize();
    let digest: String = digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Datasource::space_prefix(id) + &digest
}

/// Returns the settings without the `writeOnly` fields, at any depth.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn datasource(id: &str, content: Value) -> Datasource {
        let field = |name| FieldPath::root().child(name);
        let text = || json!({"type": "string"});
        let declaration = DatasourceDeclaration {
            id: "shop".to_owned(),
            title: "Shop".to_owned(),
            summary: String::new(),
            schema: json!({"type": "object", "properties": {
                "base": text(), "user": text(), "shelves": text(), "token": {"type": "string", "writeOnly": true},
            }}),
            origin: field("base"),
            known_origins: vec![
                "https://a.example".to_owned(),
                "https://b.example".to_owned(),
            ],
            authentication: Authentication::Basic {
                user: field("user"),
                password: field("token"),
            },
        };
        Datasource::declared(
            Arc::new(declaration),
            id.to_owned(),
            content,
            &OriginPolicy::new(),
        )
        .unwrap()
    }

    #[test]
    fn a_space_is_of_one_datasource_and_of_the_address_and_account_that_it_reads() {
        let content =
            json!({"base": "https://a.example/x", "user": "ann", "token": "1", "shelves": "one"});
        let changed = |name: &str, value: &str| {
            let mut content = content.clone();
            content[name] = value.into();
            content
        };
        let first = datasource("s1", content.clone());
        for (id, content, is_same) in [
            ("s1", content.clone(), true),
            ("s1", changed("token", "2"), true),
            ("s1", changed("shelves", "two"), true),
            ("s1", changed("base", "https://A.example:443/x/"), true),
            ("s1", changed("base", "https://a.example/y"), false),
            ("s1", changed("base", "https://b.example/x"), false),
            ("s1", changed("user", "bob"), false),
            ("s2", content.clone(), false),
        ] {
            let other = datasource(id, content.clone());
            assert_eq!(other.space() == first.space(), is_same, "{id} {content}");
        }
    }

    #[test]
    fn the_spaces_of_a_datasource_begin_as_those_of_no_other() {
        let content = json!({"base": "https://a.example", "user": "ann", "token": "1"});
        let ids = ["s1", "s12", "s1.", "S1", "../s1", "a/b", "%2e"];
        for id in ids {
            let space = datasource(id, content.clone()).space;
            assert!(!space.contains('/') && !space.contains(".."), "{space}");
            for other in ids {
                let prefix = Datasource::space_prefix(other);
                assert_eq!(space.starts_with(&prefix), id == other, "{space} {prefix}");
            }
        }
    }
}
