//! Datasources: what a library declares about a kind of them, and how it tests one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Error, FieldPath, Services, Step};

/// A configured datasource as a gadget sees it: everything but the secrets.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DatasourceRef {
    /// The host's id of it.
    pub id: String,
    /// The id of its kind.
    pub kind: String,
    /// Its settings without the `writeOnly` ones.
    pub settings: Value,
}

/// What a library says about a kind of datasource.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct DatasourceDeclaration {
    /// A stable name, such as `atlassian-marketplace`.
    pub id: String,
    /// What a person reads.
    pub title: String,
    /// One line about it.
    pub summary: String,
    /// The JSON Schema of its settings; secrets are `writeOnly`.
    pub schema: Value,
    /// The field that holds the base address; the host sends nothing anywhere else.
    #[schemars(with = "String")]
    pub origin: FieldPath,
    /// The origins, as `https://host`, that are allowed without asking an administrator.
    pub known_origins: Vec<String>,
    /// How the host authenticates.
    pub authentication: Authentication,
}

/// How a host authenticates requests to a datasource.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "scheme", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Authentication {
    /// Nothing is added.
    None,
    /// HTTP Basic from two fields.
    Basic {
        /// The field that holds the user.
        #[schemars(with = "String")]
        user: FieldPath,
        /// The field that holds the password.
        #[schemars(with = "String")]
        password: FieldPath,
    },
    /// A bearer token from one field.
    Bearer {
        /// The field that holds the token.
        #[schemars(with = "String")]
        token: FieldPath,
    },
    /// A scheme that this version does not know: the host refuses the datasource kind.
    #[serde(other)]
    Unknown,
}

/// A kind of datasource that a library can read.
pub trait DatasourceKind: Send + Sync + 'static {
    /// Declares the kind.
    fn declaration() -> DatasourceDeclaration;

    /// Tests whether the datasource of the call works, in steps that a person understands.
    ///
    /// It reports the steps so far through [`Services::progress`] as they run.
    ///
    /// # Errors
    ///
    /// Returns an error only when the test itself could not run (cancelled, out of time); a
    /// datasource that does not work is a report with a failed step.
    fn test(services: &dyn Services) -> Result<TestReport, Error>;
}

/// What the test of a datasource found.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct TestReport {
    /// The steps in order.
    pub steps: Vec<Step>,
    /// The error of the step that failed, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}
