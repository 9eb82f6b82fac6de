//! What both users gadgets do: read a vendor, count what the settings ask for, and show it.

use std::sync::Arc;

use chrono::NaiveDate;
use gadget_api::{
    Choice, Choices, Error, ErrorKind, FieldError, FieldPath, RefreshContext, Refreshed,
    RenderContext, Selection, Services, Table, View,
};
use marketplace::{App, Bucket, Cache, Day, PeriodError, Totals, grouped, list_apps, sync};
use serde_json::Value;

use crate::{
    counted::{Counted, report},
    datasource::vendors,
    details,
    query::CountQuery,
    settings::{BucketSetting, PeriodSetting},
    view::ViewBuilder,
};

/// Reads, counts and shows the users of an app, or of all apps of a vendor.
#[derive(Default)]
pub(crate) struct Users {
    cache: Cache,
}

impl Users {
    /// Reads the vendor.
    pub(crate) fn refresh(
        &self,
        query: &CountQuery<'_>,
        context: &RefreshContext<'_>,
    ) -> Result<Refreshed, Error> {
        check_vendor(context.services(), query.vendor)?;
        sync(
            context.services(),
            &self.cache,
            query.vendor,
            context.today(),
            context.now(),
        )
    }

    /// Makes the view.
    pub(crate) fn render(
        &self,
        query: &CountQuery<'_>,
        context: &RenderContext<'_>,
    ) -> Result<View, Error> {
        let counted = self.counted(query, context)?;
        let total = report(&counted.totals, query, counted.period)?;
        let before = query.compare.compare().map(|compare| {
            let compared = query.period.kind().compared(counted.period, compare);
            // No bars of it are shown, so the fewest will do.
            counted.totals.report(compared, Bucket::Month)
        });
        let before = before
            .transpose()
            .map_err(|error| Error::of_fields(vec![refused_period(&error)]))?;
        ViewBuilder {
            query,
            counted: &counted,
            report: &total,
            before: before.as_ref(),
        }
        .view()
    }

    /// Returns the rows behind a part of the view.
    pub(crate) fn details(
        &self,
        query: &CountQuery<'_>,
        selection: &Selection,
        context: &RenderContext<'_>,
    ) -> Result<Table, Error> {
        let counted = self.counted(query, context)?;
        let (rules, today) = (query.rules()?, Day::from(context.today()));
        details::table(&counted, query, selection, |app, rows| {
            let services = context.services();
            self.cache
                .details(services, &counted.loaded, app, (&rules, today), rows)
        })
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

    fn counted(
        &self,
        query: &CountQuery<'_>,
        context: &RenderContext<'_>,
    ) -> Result<Counted, Error> {
        check_vendor(context.services(), query.vendor)?;
        let loaded = self
            .cache
            .load(context.services(), query.vendor, context.snapshot())?;
        let apps = loaded.snapshot.apps();
        let (today, rules) = (Day::from(context.today()), query.rules()?);
        let totals = self
            .cache
            .totals(context.services(), &loaded, &rules, today)?;
        let totals = match query.app {
            None => totals,
            Some(app) => {
                if loaded.snapshot.has_listing() {
                    check_app(&apps, query.vendor, app)?;
                }
                Arc::new(totals.of_app(app).unwrap_or_else(|| Totals::new(today)))
            }
        };
        let kind = query.period.kind();
        let period = kind
            .period(today, totals.first_day_with_users())
            .map_err(|error| Error::of_fields(vec![refused_period(&error)]))?;
        Ok(Counted {
            loaded,
            apps,
            totals,
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
pub(crate) fn check_period(
    period: &PeriodSetting,
    bucket: BucketSetting,
    today: NaiveDate,
) -> Vec<FieldError> {
    let checked = period
        .kind()
        .period(Day::from(today), None)
        .and_then(|period| bucket.bucket_of(period).check(period));
    checked.err().iter().map(refused_period).collect()
}

/// Returns why a period is refused, at the field that has to change.
pub(crate) fn refused_period(error: &PeriodError) -> FieldError {
    match error {
        PeriodError::BeginsBeforeHistory { .. } => {
            FieldError::new(field("period").child("from"), error.to_string())
        }
        PeriodError::TooManyBuckets { bucket, buckets } => FieldError::new(
            field("bucket"),
            format!(
                "the period has {} {}s, but at most 10,000 bars can be shown: choose longer bars or a shorter period",
                grouped(*buckets),
                bucket.name()
            ),
        ),
        _ => FieldError::new(field("period").child("to"), error.to_string()),
    }
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
