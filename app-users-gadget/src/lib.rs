//! Gadgets that tell how many users Marketplace apps gained, lost and have.
//!
//! The library is thin: settings and views live here, reading and counting in `marketplace`.

mod app_users;
mod datasource;
mod details;
mod notices;
mod settings;
mod view;

use gadget_api::{Template, TemplateTile, TileSize};

pub use self::{
    app_users::AppUsers,
    datasource::Marketplace,
    settings::{
        AppUsersSettings, BucketSetting, CompareSetting, HostingSetting, IncludeSetting,
        PeriodSetting,
    },
};

/// Returns the template "Atlassian Marketplace Partner".
fn partner_template() -> Template {
    Template {
        id: "atlassian-marketplace-partner".to_owned(),
        name: "Atlassian Marketplace Partner".to_owned(),
        summary: "The users of your apps on the Atlassian Marketplace.".to_owned(),
        ask: ["datasource", "vendor", "app"].map(str::to_owned).to_vec(),
        tiles: vec![TemplateTile::new("app-users", TileSize::M).repeated_for("app")],
    }
}

gadget_api::export_gadgets!(gadgets: [AppUsers], datasources: [Marketplace], templates: [partner_template]);
