//! A gadget of a datasource kind that no other library has.

use gadget_api::{
    Authentication, CreateContext, DatasourceDeclaration, DatasourceKind, Error, FieldPath, Gadget,
    Manifest, RenderContext, Services, TestReport, View, schema,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{every_field::Bucket, shown};

const KIND: &str = "tiny-kind";

/// Settings that mean the same as those of gadgets of other kinds.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// What the tile is called.
    #[serde(default)]
    #[schemars(title = "Name")]
    name: String,
    /// Where the numbers come from.
    #[schemars(title = "Datasource", extend("x-semantic" = "datasource", "x-datasource-kind" = "tiny-kind"))]
    datasource: String,
    /// What a bar covers.
    #[serde(default)]
    #[schemars(title = "Bars", extend("x-semantic" = "bucket"))]
    bucket: Bucket,
}

/// Shows its settings.
pub(crate) struct OtherKind;

impl Gadget for OtherKind {
    type Settings = Settings;

    fn manifest() -> Manifest {
        Manifest::new(
            "other-kind",
            "Other kind",
            "Has a datasource of another kind.",
        )
        .with_datasource_kind(KIND)
    }

    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn render(&self, settings: &Settings, _: &RenderContext<'_>) -> Result<View, Error> {
        shown::view("Other kind", settings)
    }
}

/// How to reach the numbers.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
struct TinySettings {
    /// Where the numbers are served.
    #[serde(default = "address")]
    #[schemars(title = "Address", extend("format" = "uri"))]
    address: String,
    /// What the numbers are served for.
    #[schemars(title = "Token", length(min = 1), extend("writeOnly" = true))]
    token: String,
}

fn address() -> String {
    "https://tiny.example.com".to_owned()
}

/// A kind of datasource with a secret and nothing behind it.
pub(crate) struct TinyKind;

impl DatasourceKind for TinyKind {
    fn declaration() -> DatasourceDeclaration {
        let field = |name| FieldPath::root().child(name);
        DatasourceDeclaration {
            id: KIND.to_owned(),
            title: "Tiny".to_owned(),
            summary: "Numbers that nobody needs.".to_owned(),
            schema: schema::schema_of::<TinySettings>(),
            origin: field("address"),
            known_origins: vec![address()],
            authentication: Authentication::Bearer {
                token: field("token"),
            },
        }
    }

    fn test(_: &dyn Services) -> Result<TestReport, Error> {
        Ok(TestReport::default())
    }
}
