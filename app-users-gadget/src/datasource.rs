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
#[schemars(title = "Atlassian Marketplace")]
struct MarketplaceSettings {
    /// Where the Marketplace API answers. Leave it as it is, unless all requests go through a gateway of yours.
    #[serde(default = "base_url")]
    #[schemars(title = "Base address", extend("format" = "uri"))]
    base_url: String,
    /// The ids of your vendors: the number in the address of the partner console, marketplace.atlassian.com/manage/vendors/….
    #[serde(default)]
    #[schemars(title = "Vendors", inner(regex(pattern = "^[0-9]{1,12}$")), extend("uniqueItems" = true, "examples" = [["1212980"]]))]
    vendors: Vec<String>,
    /// The e-mail address of the Atlassian account that the token belongs to.
    #[schemars(title = "E-mail", length(min = 1, max = 254), extend("format" = "email"))]
    email: String,
    /// An API token of that account, from id.atlassian.com. It expires after a year at most. Nobody can read it again here.
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
            title: "Atlassian Marketplace".to_owned(),
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
