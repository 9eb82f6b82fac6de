//! The gadget App Users.

use chrono::NaiveDate;
use gadget_api::{
    Choices, CreateContext, Error, FieldError, FieldPath, Gadget, Manifest, RefreshContext,
    Refreshed, RenderContext, Selection, Services, Table, View,
};
use serde_json::Value;

use crate::{
    datasource::KIND,
    settings::AppUsersSettings,
    users::{Users, check_period, choices},
};

/// What the gadget makes of a small made-up business, for the miniature in the catalog.
const SAMPLE: &str = include_str!("samples/app-users.json");

/// Users that an app gained and lost in a period, and how many it has now.
pub struct AppUsers(Users);

impl Gadget for AppUsers {
    type Settings = AppUsersSettings;

    fn manifest() -> Manifest {
        let manifest = Manifest::new("app-users", "App Users", "Users that an app gained and lost in a period, and how many it has now.")
            .with_description(
                "Counts licensed users from the licenses and transactions of the Marketplace. A tier is an upper bound: \
                 50 users of a server license are between 25 and 50. What is left out, and why, stands beside the numbers.",
            )
            .with_datasource_kind(KIND);
        match serde_json::from_str(SAMPLE) {
            Ok(sample) => manifest.with_sample(sample),
            // A test holds the sample against what the gadget makes, so this is for a broken build alone.
            Err(_) => manifest,
        }
    }

    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self(Users::default()))
    }

    fn choices(
        &self,
        path: &FieldPath,
        settings: &Value,
        services: &dyn Services,
    ) -> Result<Choices, Error> {
        match path.as_str() {
            "/app" => self.0.apps(settings, services),
            _ => choices(path, services),
        }
    }

    fn check(settings: &AppUsersSettings, today: NaiveDate) -> Vec<FieldError> {
        check_period(&settings.period, settings.bucket, today)
    }

    fn refresh(
        &self,
        settings: &AppUsersSettings,
        context: &RefreshContext<'_>,
    ) -> Result<Refreshed, Error> {
        self.0.refresh(&settings.into(), context)
    }

    fn render(
        &self,
        settings: &AppUsersSettings,
        context: &RenderContext<'_>,
    ) -> Result<View, Error> {
        self.0.render(&settings.into(), context)
    }

    fn details(
        &self,
        settings: &AppUsersSettings,
        selection: &Selection,
        context: &RenderContext<'_>,
    ) -> Result<Table, Error> {
        self.0.details(&settings.into(), selection, context)
    }
}
