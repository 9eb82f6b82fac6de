//! What a library says about itself, and a gadget about itself.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{DatasourceDeclaration, FieldPath, Template, Version, View};

/// What an author says about a gadget.
///
/// # Examples
///
/// ```
/// use gadget_api::Manifest;
///
/// let manifest = Manifest::new("hello", "Hello", "Greets the reader.")
///     .with_description("An example of the smallest gadget.");
/// assert_eq!(manifest.id, "hello");
/// ```
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Manifest {
    /// A stable name: a lower-case letter, then 1 to 63 of `a-z`, `0-9`, `-`.
    pub id: String,
    /// What a person reads.
    pub title: String,
    /// One line for the catalog.
    pub summary: String,
    /// A few sentences; empty if the line says it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The version of the gadget's settings and views.
    pub version: Version,
    /// The datasource kinds that it reads; none for a gadget that needs none.
    #[serde(default)]
    pub datasource_kinds: Vec<String>,
    /// An `https` address with help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// A view with sample data, for the miniature in the catalog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Box<View>>,
}

impl Manifest {
    /// Creates the manifest of a gadget of version 1.0.0 that reads no datasource.
    pub fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        summary: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            summary: summary.into(),
            description: String::new(),
            version: Version::new(1, 0, 0),
            datasource_kinds: Vec::new(),
            help: None,
            sample: None,
        }
    }

    /// Sets the version.
    #[must_use]
    pub fn with_version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Sets the description.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Adds a datasource kind that the gadget reads.
    #[must_use]
    pub fn with_datasource_kind(mut self, kind: impl Into<String>) -> Self {
        self.datasource_kinds.push(kind.into());
        self
    }

    /// Sets the address of the help.
    #[must_use]
    pub fn with_help(mut self, address: impl Into<String>) -> Self {
        self.help = Some(address.into());
        self
    }

    /// Sets the sample view.
    #[must_use]
    pub fn with_sample(mut self, sample: View) -> Self {
        self.sample = Some(Box::new(sample));
        self
    }
}

/// A gadget as a library describes it: the manifest, and what is derived from the author's types.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct GadgetDescription {
    /// What the author says.
    pub manifest: Manifest,
    /// The JSON Schema of the settings.
    pub schema: Value,
    /// The semantics that the settings have, each with the field that has it: what can be shared.
    #[schemars(with = "BTreeMap<String, String>")]
    pub semantics: BTreeMap<String, FieldPath>,
}

/// A library as it describes itself.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LibraryDescription {
    /// Its name: the author's package.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The version of `gadget-api` that it was built with.
    pub api_version: String,
    /// The datasource kinds that it can read.
    #[serde(default)]
    pub datasources: Vec<DatasourceDeclaration>,
    /// The dashboard templates that it brings.
    #[serde(default)]
    pub templates: Vec<Template>,
}
