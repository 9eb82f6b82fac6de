//! Gadgets at work: the catalog, the runner that calls them, and where they keep their data.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use gadget_api::{
    Adoption, Choices, Error, ErrorKind, FieldError, FieldPath, GadgetDescription, Progress,
    Selection, SnapshotName, Table, TestReport, View,
};
use gadget_host::{
    BlobStore, Call, CallError, Catalog, ChoiceCache, Form, LeaseStore, OriginPolicy, Runner,
    UnknownId,
};
use serde_json::Value;

use super::{Failure, GadgetOptions, Metrics, stale::marked_stale};

/// How long earlier data may take to be shown, also where the time for fresh data is over.
const STAND_IN_TIMEOUT: Duration = Duration::from_secs(20);

/// The gadgets of this process.
pub(crate) struct Engine {
    runner: Runner,
    origins: OriginPolicy,
    metrics: Arc<Metrics>,
}

/// A view, and the snapshot that it was made from.
#[derive(Clone, Debug)]
pub(crate) struct RenderedView {
    pub(crate) view: View,
    pub(crate) snapshot: Option<SnapshotName>,
    /// Why the data is not newer, if it could not be brought up to date.
    pub(crate) stale: Option<ErrorKind>,
}

impl Engine {
    /// Loads the libraries; they and what gadgets keep lie in `directory`.
    pub(crate) fn start(options: &GadgetOptions, directory: &Path) -> Result<Self, Failure> {
        let catalog = options.catalog(directory);
        Self::with_catalog(catalog, directory, options.origins.clone())
    }

    /// Puts gadgets that were loaded to work.
    pub(crate) fn with_catalog(
        catalog: Catalog,
        directory: &Path,
        origins: OriginPolicy,
    ) -> Result<Self, Failure> {
        let runner = Runner::new(catalog, directory.join("blobs"))?;
        Ok(Self {
            runner,
            origins,
            metrics: Arc::new(Metrics::new()),
        })
    }

    /// Puts gadgets that were loaded to work, which keep their data in a store of the host.
    pub(crate) fn with_stores(
        catalog: Catalog,
        blobs: Arc<dyn BlobStore>,
        leases: Arc<dyn LeaseStore>,
        origins: OriginPolicy,
    ) -> Self {
        let runner = Runner::with_stores(catalog, blobs, leases);
        Self {
            runner,
            origins,
            metrics: Arc::new(Metrics::new()),
        }
    }

    /// Answers a whole form; `own` are the choices that the host itself offers.
    pub(crate) fn form(
        &self,
        call: &Call,
        own: &BTreeMap<FieldPath, Choices>,
        cache: &dyn ChoiceCache,
    ) -> Result<Form, CallError> {
        self.runner.form(call, own, cache)
    }

    /// Puts the gadgets of a catalog to work for a test.
    #[cfg(test)]
    pub(crate) fn for_test(catalog: Catalog, directory: &Path) -> Self {
        let runner = Runner::new(catalog, directory).unwrap();
        Self {
            runner,
            origins: OriginPolicy::new(),
            metrics: Arc::new(Metrics::new()),
        }
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        self.runner.catalog()
    }

    /// Returns the description of a gadget.
    ///
    /// # Errors
    ///
    /// Returns an error when no library has it.
    pub(crate) fn description(&self, gadget: &str) -> Result<&GadgetDescription, Error> {
        Ok(self.catalog().gadget(gadget)?.description())
    }

    /// Returns what the gadget finds wrong with the settings of a call.
    pub(crate) fn check(&self, call: &Call) -> Result<Vec<FieldError>, CallError> {
        self.runner.check(call)
    }

    /// Returns what a gadget takes of settings that are shared.
    pub(crate) fn adopt(
        &self,
        call: &Call,
        shared: &BTreeMap<String, Value>,
    ) -> Result<Adoption, CallError> {
        self.runner.adopt(call, shared)
    }

    /// Returns how many calls of gadgets have not come back.
    pub(crate) fn hung_calls(&self) -> usize {
        self.runner.hung_calls()
    }

    /// Checks that a gadget is not suspended because its calls have not come back.
    pub(crate) fn check_suspension(&self, gadget: &str) -> Result<(), CallError> {
        self.runner.check_suspension(gadget)
    }

    /// Lets a suspended gadget be called again.
    pub(crate) fn resume(&self, gadget: &str) -> Result<(), UnknownId> {
        self.runner.resume(gadget)
    }

    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    pub(crate) fn origins(&self) -> &OriginPolicy {
        &self.origins
    }

    /// Returns the call with these settings and their defaults, if the schema and the gadget accept them.
    pub(crate) fn checked(
        &self,
        gadget: &str,
        settings: Value,
        call: &Call,
    ) -> Result<Call, Error> {
        let settings = self.runner.resolved(gadget, settings)?;
        let call = call.clone().with_settings(settings);
        let problems = self.runner.check(&call)?;
        if problems.is_empty() {
            Ok(call)
        } else {
            Err(Error::of_fields(problems))
        }
    }

    /// Makes the view of a snapshot; without one, of the newest that is stored.
    pub(crate) fn rendered(
        &self,
        call: &Call,
        snapshot: Option<&SnapshotName>,
    ) -> Result<View, CallError> {
        let began = Instant::now();
        let rendered = self.runner.render(call, snapshot);
        let outcome = match &rendered {
            Ok(_) => "ok".to_owned(),
            Err(error) => outcome_of(error),
        };
        self.metrics
            .rendered(call.gadget(), &outcome, began.elapsed());
        rendered
    }

    /// Brings the data up to date and makes the view, both within `timeout`.
    ///
    /// Where the data cannot be read, earlier data stands in, and the view says that it is stale and why.
    /// `before_render` is called once nothing more is stored by this refresh.
    pub(crate) fn refreshed_view(
        &self,
        call: &Call,
        timeout: Duration,
        now: DateTime<Utc>,
        told: &dyn Fn(&Progress),
        before_render: &dyn Fn(),
    ) -> Result<RenderedView, CallError> {
        let began = Instant::now();
        let refreshed = self.refreshed(call, timeout, now, told, before_render);
        let outcome = match &refreshed {
            Ok(RenderedView { stale: None, .. }) => "ok".to_owned(),
            Ok(_) => "stale".to_owned(),
            Err(error) => outcome_of(error),
        };
        self.metrics
            .synced(call.gadget(), &outcome, began.elapsed());
        refreshed
    }

    fn refreshed(
        &self,
        call: &Call,
        timeout: Duration,
        now: DateTime<Utc>,
        told: &dyn Fn(&Progress),
        before_render: &dyn Fn(),
    ) -> Result<RenderedView, CallError> {
        let began = Instant::now();
        let refreshed = self
            .runner
            .refresh(&call.clone().within(timeout), now, told);
        before_render();
        let refreshed = match refreshed {
            Ok(refreshed) => refreshed,
            Err(error) => return self.stand_in(call, error),
        };
        let left = timeout.saturating_sub(began.elapsed());
        let Some(reason) = &refreshed.stale else {
            let view = self.rendered(&call.clone().within(left), refreshed.snapshot.as_ref())?;
            return Ok(RenderedView {
                view,
                snapshot: refreshed.snapshot,
                stale: None,
            });
        };
        let call = call.clone().within(left.max(STAND_IN_TIMEOUT));
        let view = self.rendered(&call, refreshed.snapshot.as_ref())?;
        let view = if view.is_stale() {
            view
        } else {
            marked_stale(view, reason)
        };
        Ok(RenderedView {
            view,
            snapshot: refreshed.snapshot,
            stale: Some(reason.kind()),
        })
    }

    /// Shows the newest stored data in place of what could not be read.
    fn stand_in(&self, call: &Call, error: CallError) -> Result<RenderedView, CallError> {
        // Bad settings make any view wrong, and who has cancelled wants none.
        if matches!(error.kind(), ErrorKind::Settings | ErrorKind::Cancelled) {
            return Err(error);
        }
        match self.rendered(&call.clone().within(STAND_IN_TIMEOUT), None) {
            Ok(view) => Ok(RenderedView {
                stale: Some(error.kind()),
                view: marked_stale(view, &error.into()),
                snapshot: None,
            }),
            Err(_) => Err(error),
        }
    }

    /// Returns the rows behind a part of a view.
    pub(crate) fn details(
        &self,
        call: &Call,
        selection: &Selection,
        snapshot: Option<&SnapshotName>,
    ) -> Result<Table, CallError> {
        self.runner.details(call, selection, snapshot)
    }

    /// Tests the datasource of a call; its steps are told as they run.
    pub(crate) fn test(
        &self,
        call: &Call,
        told: &dyn Fn(&Progress),
    ) -> Result<TestReport, CallError> {
        self.runner.test(call, told)
    }

    /// Returns what a dynamic field offers.
    pub(crate) fn choices(&self, call: &Call, field: &FieldPath) -> Result<Choices, CallError> {
        self.runner.choices(call, field)
    }
}

/// Returns the name of the kind of an error among the outcomes of calls.
fn outcome_of(error: &CallError) -> String {
    match serde_json::to_value(error.kind()) {
        Ok(Value::String(kind)) => kind,
        _ => "internal".to_owned(),
    }
}
