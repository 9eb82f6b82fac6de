//! What every users gadget does: reading a vendor, counting what it is asked for, and showing it.

use std::sync::Arc;

use chrono::NaiveDate;
use gadget_api::{
    Choice, Choices, Error, ErrorKind, FieldError, FieldPath, RefreshContext, Refreshed,
    RenderContext, Selection, Services, Table, View,
};
use marketplace::{App, Cache, Day, Ledger, LoadedSnapshot, Period, PeriodError, list_apps, sync};
use serde_json::Value;

use crate::{
    asked::Asked,
    datasource::vendors,
    details,
    settings::PeriodSetting,
    view::{Picture, report},
};

/// Reads, counts and shows the users of an app, or of all apps of a vendor.
#[derive(Default)]
pub(crate) struct Users {
    cache: Cache,
}

/// What a view is made from.
pub(crate) struct Counted {
    pub(crate) loaded: LoadedSnapshot,
    /// The apps that the vendor lists, and those that have rows.
    pub(crate) apps: Vec<App>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) period: Period,
}

impl Counted {
    /// Returns what people call an app: its key if nobody knows a name.
    pub(crate) fn name_of<'a>(&'a self, key: &'a str) -> &'a str {
        let place = self.apps.binary_search_by(|app| app.key.as_str().cmp(key));
        place.map_or(key, |place| &self.apps[place].name)
    }
}

impl Users {
    /// Reads the vendor anew.
    pub(crate) fn refresh(
        &self,
        asked: &Asked<'_>,
        context: &RefreshContext<'_>,
    ) -> Result<Refreshed, Error> {
        check_vendor(context.services(), asked.vendor)?;
        sync(
            context.services(),
            &self.cache,
            asked.vendor,
            context.today(),
            context.now(),
        )
    }

    /// Makes the view.
    pub(crate) fn render(
        &self,
        asked: &Asked<'_>,
        context: &RenderContext<'_>,
    ) -> Result<View, Error> {
        let counted = self.counted(asked, context)?;
        let total = report(&counted.ledger, asked, counted.period);
        let before = asked.compare.compare().map(|compare| {
            let compared = asked.period.kind().compared(counted.period, compare);
            report(&counted.ledger, asked, compared)
        });
        Picture {
            asked,
            counted: &counted,
            report: &total,
            before: before.as_ref(),
        }
        .view()
    }

    /// Returns the rows behind a part of the view.
    pub(crate) fn details(
        &self,
        asked: &Asked<'_>,
        selection: &Selection,
        context: &RenderContext<'_>,
    ) -> Result<Table, Error> {
        details::table(&self.counted(asked, context)?, asked, selection)
    }

    /// Returns the apps that the form offers.
    pub(crate) fn apps(&self, settings: &Value, services: &dyn Services) -> Result<Choices, Error> {
        let Some(vendor) = settings
            .get("vendor")
            .and_then(Value::as_str)
            .filter(|vendor| !vendor.is_empty())
        else {
            return Ok(Choices::Waiting("Choose the vendor first.".to_owned()));
        };
        let apps = match self.cache.load(services, vendor, None) {
            Ok(loaded) => loaded.snapshot.apps(),
            Err(_) => list_apps(services, vendor)?,
        };
        let offered = apps.into_iter().map(|app| Choice::new(app.key, app.name));
        Ok(Choices::Offered(offered.collect()))
    }

    fn counted(&self, asked: &Asked<'_>, context: &RenderContext<'_>) -> Result<Counted, Error> {
        check_vendor(context.services(), asked.vendor)?;
        let loaded = self
            .cache
            .load(context.services(), asked.vendor, context.snapshot())?;
        let apps = loaded.snapshot.apps();
        let (today, rules) = (Day::from(context.today()), asked.rules()?);
        let ledger = match asked.app {
            None => self.cache.ledger_of_all_apps(&loaded, &rules, today),
            Some(app) => {
                if loaded.snapshot.has_listing() {
                    check_app(&apps, asked.vendor, app)?;
                }
                self.cache.ledger(&loaded, app, &rules, today)
            }
        };
        let kind = asked.period.kind();
        let period = kind
            .period(today, ledger.first_day_with_users())
            .map_err(|error| Error::of_fields(vec![refused(&error)]))?;
        Ok(Counted {
            loaded,
            apps,
            ledger,
            period,
        })
    }
}

/// Returns what the form offers in the fields that every users gadget has.
pub(crate) fn choices(path: &FieldPath, services: &dyn Services) -> Result<Choices, Error> {
    match path.as_str() {
        "/vendor" => {
            let offered = vendors(services)?
                .into_iter()
                .map(|vendor| Choice::new(vendor.clone(), vendor));
            Ok(Choices::Offered(offered.collect()))
        }
        _ => Err(Error::new(
            ErrorKind::Unsupported,
            format!("the field `{path}` has no dynamic choices"),
        )),
    }
}

/// Returns what the schema cannot say about a period.
pub(crate) fn check_period(period: &PeriodSetting, today: NaiveDate) -> Vec<FieldError> {
    match period {
        PeriodSetting::Custom { .. } => {
            let period = period.kind().period(Day::from(today), None);
            period.err().iter().map(refused).collect()
        }
        _ => Vec::new(),
    }
}

fn refused(error: &PeriodError) -> FieldError {
    FieldError::new(field("period").child("to"), error.to_string())
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

/// Refuses an app that the vendor does not have.
fn check_app(apps: &[App], vendor: &str, app: &str) -> Result<(), Error> {
    if apps.iter().any(|each| each.key == app) {
        return Ok(());
    }
    let known: Vec<&str> = apps.iter().map(|app| app.key.as_str()).take(50).collect();
    let known = known.join(", ");
    let text = format!("vendor {vendor} has no app `{app}`; it has {known}");
    Err(of_field(field("app"), text))
}

fn field(name: &str) -> FieldPath {
    FieldPath::root().child(name)
}

fn of_field(path: FieldPath, message: impl Into<String>) -> Error {
    Error::of_fields(vec![FieldError::new(path, message)])
}
