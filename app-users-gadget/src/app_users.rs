//! The gadget App Users.

use std::sync::Arc;

use chrono::NaiveDate;
use gadget_api::{
    Choice, Choices, CreateContext, Error, ErrorKind, FieldError, FieldPath, Gadget, Manifest,
    RefreshContext, Refreshed, RenderContext, Selection, Services, Table, View,
};
use marketplace::{Cache, Day, Ledger, Period, PeriodError, Shown, list_apps, sync};
use serde_json::Value;

use crate::{
    datasource::{KIND, vendors},
    details,
    settings::{AppUsersSettings, PeriodSetting},
    view::{Picture, report},
};

/// What the gadget makes of a small made-up business, for the miniature in the catalog.
const SAMPLE: &str = include_str!("sample.json");

/// Users that an app gained and lost in a period, and how many it has now.
pub struct AppUsers {
    cache: Cache,
}

/// What a view is made from.
pub(crate) struct Counted {
    pub(crate) shown: Shown,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) period: Period,
}

fn field(name: &str) -> FieldPath {
    FieldPath::root().child(name)
}

fn of_field(path: FieldPath, message: impl Into<String>) -> Error {
    Error::of_fields(vec![FieldError::new(path, message)])
}

/// Refuses a vendor that the datasource does not have.
fn check_vendor(services: &dyn Services, vendor: &str) -> Result<(), Error> {
    let known = vendors(services)?;
    if known.is_empty() || known.iter().any(|each| each == vendor) {
        return Ok(());
    }
    Err(of_field(
        field("vendor"),
        format!(
            "the datasource has no vendor `{vendor}`; it has {}",
            known.join(", ")
        ),
    ))
}

fn refused(error: &PeriodError) -> FieldError {
    FieldError::new(field("period").child("to"), error.to_string())
}

impl AppUsers {
    fn counted(
        &self,
        settings: &AppUsersSettings,
        context: &RenderContext<'_>,
    ) -> Result<Counted, Error> {
        check_vendor(context.services(), &settings.vendor)?;
        let shown = self
            .cache
            .shown(context.services(), &settings.vendor, context.snapshot())?;
        let apps = shown.snapshot.apps();
        if shown.snapshot.has_listing() && !apps.iter().any(|app| app.key == settings.app) {
            let known: Vec<&str> = apps.iter().map(|app| app.key.as_str()).take(50).collect();
            let text = format!(
                "vendor {} has no app `{}`; it has {}",
                settings.vendor,
                settings.app,
                known.join(", ")
            );
            return Err(of_field(field("app"), text));
        }
        let today = Day::from(context.today());
        let ledger = self
            .cache
            .ledger(&shown, &settings.app, &settings.rules()?, today);
        let period = settings
            .period
            .kind()
            .period(today, ledger.first_day_with_users());
        let period = period.map_err(|error| Error::of_fields(vec![refused(&error)]))?;
        Ok(Counted {
            shown,
            ledger,
            period,
        })
    }
}

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
        Ok(Self {
            cache: Cache::default(),
        })
    }

    fn choices(
        &self,
        path: &FieldPath,
        settings: &Value,
        services: &dyn Services,
    ) -> Result<Choices, Error> {
        match path.as_str() {
            "/vendor" => {
                let offered = vendors(services)?
                    .into_iter()
                    .map(|vendor| Choice::new(vendor.clone(), vendor));
                Ok(Choices::Offered(offered.collect()))
            }
            "/app" => {
                let Some(vendor) = settings
                    .get("vendor")
                    .and_then(Value::as_str)
                    .filter(|vendor| !vendor.is_empty())
                else {
                    return Ok(Choices::Waiting("Choose the vendor first.".to_owned()));
                };
                let apps = match self.cache.shown(services, vendor, None) {
                    Ok(shown) => shown.snapshot.apps(),
                    Err(_) => list_apps(services, vendor)?,
                };
                Ok(Choices::Offered(
                    apps.into_iter()
                        .map(|app| Choice::new(app.key, app.name))
                        .collect(),
                ))
            }
            _ => Err(Error::new(
                ErrorKind::Unsupported,
                format!("the field `{path}` has no dynamic choices"),
            )),
        }
    }

    fn check(settings: &AppUsersSettings, today: NaiveDate) -> Vec<FieldError> {
        match settings.period {
            PeriodSetting::Custom { .. } => {
                let period = settings.period.kind().period(Day::from(today), None);
                period.err().iter().map(refused).collect()
            }
            _ => Vec::new(),
        }
    }

    fn refresh(
        &self,
        settings: &AppUsersSettings,
        context: &RefreshContext<'_>,
    ) -> Result<Refreshed, Error> {
        check_vendor(context.services(), &settings.vendor)?;
        sync(
            context.services(),
            &settings.vendor,
            context.today(),
            context.now(),
        )
    }

    fn render(
        &self,
        settings: &AppUsersSettings,
        context: &RenderContext<'_>,
    ) -> Result<View, Error> {
        let Counted {
            shown,
            ledger,
            period,
        } = self.counted(settings, context)?;
        let total = report(&ledger, settings, period);
        let before = settings.compare.compare().map(|compare| {
            report(
                &ledger,
                settings,
                settings.period.kind().compared(period, compare),
            )
        });
        let apps = shown.snapshot.apps();
        let name = apps
            .iter()
            .find(|app| app.key == settings.app)
            .map_or(settings.app.as_str(), |app| app.name.as_str());
        Picture {
            settings,
            app_name: name,
            shown: &shown,
            report: &total,
            before: before.as_ref(),
        }
        .view()
    }

    fn details(
        &self,
        settings: &AppUsersSettings,
        selection: &Selection,
        context: &RenderContext<'_>,
    ) -> Result<Table, Error> {
        details::table(&self.counted(settings, context)?, settings, selection)
    }
}
