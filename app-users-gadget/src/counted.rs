//! What was read and counted for a view.

use std::sync::Arc;

use gadget_api::Error;
use marketplace::{App, LoadedSnapshot, Period, Report, Totals, WeeklyUsers};

use crate::{query::CountQuery, users::refused_period};

/// What was read and counted: everything that a view shows.
pub(crate) struct Counted {
    pub(crate) loaded: LoadedSnapshot,
    /// The apps that the vendor lists, and those that have rows.
    pub(crate) apps: Vec<App>,
    /// The count of the app, or of all apps.
    pub(crate) totals: Arc<Totals>,
    pub(crate) period: Period,
}

impl Counted {
    /// Returns the name of an app, or its key if the name is not known.
    pub(crate) fn name_of<'a>(&'a self, key: &'a str) -> &'a str {
        let place = self.apps.binary_search_by(|app| app.key.as_str().cmp(key));
        place.map_or(key, |place| &self.apps[place].name)
    }

    /// Returns Atlassian's own count of the last week and of the one before, or why there is none.
    pub(crate) fn atlassian(
        &self,
        app: Option<&str>,
    ) -> Result<(WeeklyUsers, Option<WeeklyUsers>), &str> {
        let snapshot = &self.loaded.snapshot;
        match app {
            None => snapshot.weekly_users_of_all_apps(),
            Some(app) => snapshot
                .weekly_users(app)
                .map(|(last, before)| (last.clone(), before.cloned())),
        }
    }
}

/// Returns the report of a period in the buckets of the query; an error names the field that asks for too many.
pub(crate) fn report(
    totals: &Totals,
    query: &CountQuery<'_>,
    period: Period,
) -> Result<Report, Error> {
    totals
        .report(period, query.bucket.bucket_of(period))
        .map_err(|error| Error::of_fields(vec![refused_period(&error)]))
}
