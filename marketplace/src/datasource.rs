//! What this crate needs to know of the datasource of a call.

use gadget_api::{Error, Services};

/// Where a datasource connects to, and as whom.
pub(crate) struct Connection {
    /// The host's id of the datasource.
    pub(crate) id: String,
    /// The base address.
    pub(crate) address: String,
    /// The e-mail address of the account.
    pub(crate) account: String,
}

impl Connection {
    /// Returns the connection of the datasource of the call.
    pub(crate) fn of(services: &dyn Services) -> Result<Self, Error> {
        let datasource = services.datasource()?;
        let setting = |name: &str| {
            let text = datasource.settings.get(name).and_then(|text| text.as_str());
            text.unwrap_or_default().trim().to_owned()
        };
        Ok(Self {
            address: setting("base_url"),
            account: setting("email"),
            id: datasource.id,
        })
    }

    /// Returns the host of the base address.
    pub(crate) fn host(&self) -> &str {
        let address = self.address.as_str();
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }
}
