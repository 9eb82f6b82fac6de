//! Gadgets that tell how many users Marketplace apps gained, lost and have.
//!
//! The library is thin: settings and views live here, reading and counting in `marketplace`.

mod app_users;
mod counted;
mod datasource;
mod details;
mod notices;
mod query;
mod settings;
mod tables;
mod users;
mod vendor_users;
mod view;
mod words;

use gadget_api::{Template, TemplateTile, TileSize};
use serde_json::json;

pub use self::{
    app_users::AppUsers,
    datasource::Marketplace,
    settings::{
        AppUsersSettings, BucketSetting, CompareSetting, HostingSetting, IncludeSetting,
        PeriodSetting, VendorUsersSettings,
    },
    vendor_users::VendorUsers,
};

/// Returns the template "Atlassian Marketplace Partner".
fn partner_template() -> Template {
    // Weeks of a quarter show how a small app moves; days of a month are mostly empty bars.
    let tile = |gadget: &str, size| TemplateTile {
        settings: Some(json!({"period": {"kind": "last_90_days"}})),
        ..TemplateTile::new(gadget, size)
    };
    let all = tile("vendor-users", TileSize::XL);
    let each = tile("app-users", TileSize::M).repeated_for("app");
    Template {
        id: "atlassian-marketplace-partner".to_owned(),
        name: "Atlassian Marketplace Partner".to_owned(),
        summary: "The users of your apps on the Atlassian Marketplace.".to_owned(),
        ask: ["datasource", "vendor", "app"].map(str::to_owned).to_vec(),
        tiles: vec![all, each],
    }
}

gadget_api::export_gadgets!(gadgets: [AppUsers, VendorUsers], datasources: [Marketplace], templates: [partner_template]);
