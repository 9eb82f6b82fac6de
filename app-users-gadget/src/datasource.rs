//! The Atlassian Marketplace as a kind of datasource.

use gadget_api::{
    Authentication, DatasourceDeclaration, DatasourceKind, Error, FieldPath, Services, TestReport,
    schema,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The id of the kind.
pub(crate) const KIND: &str = "atlassian-marketplace";

/// How to reach the Marketplace.
#[derive(Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
struct MarketplaceSettings {
    /// The base address of the Marketplace.
    #[serde(default = "base_url")]
    #[schemars(title = "Base address", extend("format" = "uri"))]
    base_url: String,
    /// The numbers of your vendors, as in the address of the partner console.
    #[serde(default)]
    #[schemars(title = "Vendors", extend("uniqueItems" = true))]
    vendors: Vec<String>,
    /// The e-mail address of the Atlassian account that the token belongs to.
    #[schemars(title = "E-mail", length(min = 1))]
    email: String,
    /// An API token of that account. It is kept secret: nobody can read it again.
    #[schemars(title = "API token", length(min = 1), extend("writeOnly" = true))]
    token: String,
}

fn base_url() -> String {
    "https://api.atlassian.com/marketplace".to_owned()
}

/// The Atlassian Marketplace.
pub struct Marketplace;

impl DatasourceKind for Marketplace {
    fn declaration() -> DatasourceDeclaration {
        let field = |name| FieldPath::root().child(name);
        DatasourceDeclaration {
            id: KIND.to_owned(),
            title: "Marketplace".to_owned(),
            summary: "Licenses and transactions of your apps, from the Atlassian Marketplace."
                .to_owned(),
            schema: schema::schema_of::<MarketplaceSettings>(),
            origin: field("base_url"),
            known_origins: vec!["https://api.atlassian.com".to_owned()],
            authentication: Authentication::Basic {
                user: field("email"),
                password: field("token"),
            },
        }
    }

    fn test(services: &dyn Services) -> Result<TestReport, Error> {
        marketplace::check_access(services, &vendors(services)?)
    }
}

/// Returns the vendors of the datasource.
pub(crate) fn vendors(services: &dyn Services) -> Result<Vec<String>, Error> {
    let settings = services.datasource()?.settings;
    let vendors = settings
        .get("vendors")
        .and_then(|vendors| vendors.as_array());
    Ok(vendors
        .into_iter()
        .flatten()
        .filter_map(|vendor| vendor.as_str().map(str::to_owned))
        .collect())
}
