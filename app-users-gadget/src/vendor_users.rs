//! The gadget Vendor Users.

use chrono::NaiveDate;
use gadget_api::{
    Choices, CreateContext, Error, FieldError, FieldPath, Gadget, Manifest, RefreshContext,
    Refreshed, RenderContext, Selection, Services, Table, View,
};
use serde_json::Value;

use crate::{
    datasource::KIND,
    settings::VendorUsersSettings,
    users::{Users, check_period, choices},
};

/// What the gadget makes of a small made-up business, for the miniature in the catalog.
const SAMPLE: &str = include_str!("samples/vendor-users.json");

/// Users that all apps of a vendor gained and lost in a period, and how many they have now.
pub struct VendorUsers(Users);

impl Gadget for VendorUsers {
    type Settings = VendorUsersSettings;

    fn manifest() -> Manifest {
        let manifest = Manifest::new("vendor-users", "Vendor Users", "Users that all apps of a vendor gained and lost in a period, and how many they have now.")
            .with_description(
                "Counts every app of the vendor by itself, as App Users does, and adds the apps up: who uses two of them counts \
                 twice. The apps stand below each other, those with the most change first. What is left out, and why, stands \
                 beside the numbers.",
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
        _: &Value,
        services: &dyn Services,
    ) -> Result<Choices, Error> {
        choices(path, services)
    }

    fn check(settings: &VendorUsersSettings, today: NaiveDate) -> Vec<FieldError> {
        check_period(&settings.period, settings.bucket, today)
    }

    fn refresh(
        &self,
        settings: &VendorUsersSettings,
        context: &RefreshContext<'_>,
    ) -> Result<Refreshed, Error> {
        self.0.refresh(&settings.into(), context)
    }

    fn render(
        &self,
        settings: &VendorUsersSettings,
        context: &RenderContext<'_>,
    ) -> Result<View, Error> {
        self.0.render(&settings.into(), context)
    }

    fn details(
        &self,
        settings: &VendorUsersSettings,
        selection: &Selection,
        context: &RenderContext<'_>,
    ) -> Result<Table, Error> {
        self.0.details(&settings.into(), selection, context)
    }
}
