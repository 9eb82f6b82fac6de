//! The runner: calls gadgets and datasource kinds, each call on its own thread and within limits.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, Utc};
use gadget_api::{
    __abi::Exported, Adoption, Choices, Error, FieldError, FieldPath, Progress, Refreshed,
    Selection, SnapshotName, Table, TestReport, Version, View,
};
use serde_json::Value;

use crate::{
    BlobStore, Call, CallError, Catalog, ChoiceCache, ChoiceQuestion, ChoiceSource, Datasource,
    Form, LeaseStore, UnknownId,
    call::{Callee, HungCalls, Limit, ProgressSender, run},
    services::{CallServices, Fetches, FileStore, HttpClient, Leases},
    settings,
};

/// Calls the gadgets of a catalog.
///
/// Every call returns at most 200 ms after its timeout or cancellation, whatever the gadget does. A
/// gadget is suspended while two of its calls do not return, and a library while four calls of its gadgets do not;
/// others are still called. A panic becomes an error of its call.
pub struct Runner {
    catalog: Catalog,
    hung_calls: Arc<HungCalls>,
    blobs: Arc<dyn BlobStore>,
    leases: Arc<Leases>,
    http: Arc<HttpClient>,
}

impl Runner {
    /// Creates a runner that keeps the blobs and leases of gadgets in `directory`.
    ///
    /// # Errors
    ///
    /// Returns an error when the directory cannot be created.
    pub fn new(catalog: Catalog, directory: impl Into<PathBuf>) -> Result<Self, Error> {
        let store = Arc::new(FileStore::open(directory.into())?);
        Ok(Self::with_stores(catalog, Arc::clone(&store) as _, store))
    }

    /// Creates a runner whose gadgets keep their data in the host's stores.
    #[must_use]
    pub fn with_stores(
        catalog: Catalog,
        blobs: Arc<dyn BlobStore>,
        leases: Arc<dyn LeaseStore>,
    ) -> Self {
        Self {
            catalog,
            hung_calls: Arc::default(),
            blobs,
            leases: Leases::new(leases),
            http: Arc::default(),
        }
    }

    /// Returns the catalog.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Returns how many calls are still running although they were asked to end.
    #[must_use]
    pub fn hung_calls(&self) -> usize {
        self.hung_calls.count()
    }

    /// Checks that a gadget is not suspended.
    ///
    /// # Errors
    ///
    /// Returns an error when no library has the gadget, or it or its library is suspended.
    pub fn check_suspension(&self, gadget: &str) -> Result<(), CallError> {
        self.hung_calls.check(&self.callee(gadget)?)
    }

    /// Lets a suspended gadget be called again, although its calls have not returned.
    ///
    /// If its library is suspended, so does every gadget of it. Calls that hang from now on count anew.
    ///
    /// # Errors
    ///
    /// Returns an error when no library has the gadget.
    pub fn resume(&self, gadget: &str) -> Result<(), UnknownId> {
        self.hung_calls.resume(&self.callee(gadget)?);
        Ok(())
    }

    fn callee(&self, gadget: &str) -> Result<Callee, UnknownId> {
        let library = self.catalog.gadget(gadget)?.library().hash();
        Ok(Callee {
            library,
            id: gadget.to_owned(),
        })
    }

    /// Returns settings with their defaults, if the gadget's schema accepts them.
    ///
    /// # Errors
    ///
    /// Returns an error when the gadget is unknown, or the problems of the settings, each at its field.
    pub fn resolved(&self, gadget: &str, settings: Value) -> Result<Value, Error> {
        let schema = &self.catalog.gadget(gadget)?.description().schema;
        let settings = settings::with_defaults(schema, &settings);
        let problems = settings::problems(schema, &settings);
        if problems.is_empty() {
            Ok(settings)
        } else {
            Err(Error::of_fields(problems))
        }
    }

    /// Asks the gadget what is wrong with settings that its schema accepts.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn check(&self, call: &Call) -> Result<Vec<FieldError>, CallError> {
        let (settings, today) = (call.settings.clone(), call.today);
        self.gadget(call, Fetches::Refused, &|_| (), move |gadget, services| {
            gadget.check(&settings, today, services)
        })
    }

    /// Renders the view of a snapshot, or of the newest stored one. Sends no requests.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn render(&self, call: &Call, snapshot: Option<&SnapshotName>) -> Result<View, CallError> {
        let datasource = call.datasource().map(Datasource::id);
        tracing::debug!(gadget = call.gadget, datasource, "rendering a view");
        let (settings, today, snapshot) = (call.settings.clone(), call.today, snapshot.cloned());
        self.gadget(call, Fetches::Refused, &|_| (), move |gadget, services| {
            gadget.render(&settings, today, snapshot.as_ref(), services)
        })
    }

    /// Returns the rows behind a part of a view. Sends no requests.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn details(
        &self,
        call: &Call,
        selection: &Selection,
        snapshot: Option<&SnapshotName>,
    ) -> Result<Table, CallError> {
        let (settings, today, snapshot) = (call.settings.clone(), call.today, snapshot.cloned());
        let selection = selection.clone();
        self.gadget(call, Fetches::Refused, &|_| (), move |gadget, services| {
            gadget.details(&settings, &selection, today, snapshot.as_ref(), services)
        })
    }

    /// Brings the data up to date; `on_progress` runs on the thread of the caller.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn refresh(
        &self,
        call: &Call,
        now: DateTime<Utc>,
        on_progress: &dyn Fn(&Progress),
    ) -> Result<Refreshed, CallError> {
        let (settings, today) = (call.settings.clone(), call.today);
        self.gadget(
            call,
            Fetches::Allowed,
            on_progress,
            move |gadget, services| gadget.refresh(&settings, today, now, services),
        )
    }

    /// Returns what a dynamic field offers.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn choices(&self, call: &Call, field: &FieldPath) -> Result<Choices, CallError> {
        let (settings, field) = (call.settings.clone(), field.clone());
        self.gadget(call, Fetches::Allowed, &|_| (), move |gadget, services| {
            gadget.choices(&field, &settings, services)
        })
    }

    /// Answers a whole form: asks for the choices of each dynamic field, resolves the schema, and
    /// checks the settings.
    ///
    /// `own` holds the choices that the host offers itself, such as its datasources; `cache` may know
    /// what the gadget would answer. See [`Form::answer`].
    ///
    /// # Errors
    ///
    /// Returns an error when there is no such gadget, or the call was cancelled.
    pub fn form(
        &self,
        call: &Call,
        own: &BTreeMap<FieldPath, Choices>,
        cache: &dyn ChoiceCache,
    ) -> Result<Form, CallError> {
        let schema = &self.catalog.gadget(&call.gadget)?.description().schema;
        let source = GadgetChoices {
            runner: self,
            schema,
            call,
            cache,
        };
        let mut form = Form::answer(schema, &call.settings, own, &source)?;
        if form.problems.is_empty() {
            form.problems = self.check(&call.clone().with_settings(form.settings.clone()))?;
        }
        Ok(form)
    }

    /// Asks the gadget which shared settings it takes; the call's settings are its own.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn adopt(
        &self,
        call: &Call,
        shared: &BTreeMap<String, Value>,
    ) -> Result<Adoption, CallError> {
        let (own, shared) = (call.settings.clone(), shared.clone());
        self.gadget(call, Fetches::Refused, &|_| (), move |gadget, services| {
            gadget.adopt(&own, &shared, services)
        })
    }

    /// Migrates the call's settings from an earlier version of the gadget to the current one.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn migrate(&self, call: &Call, from: Version) -> Result<Value, CallError> {
        let settings = call.settings.clone();
        self.gadget(call, Fetches::Refused, &|_| (), move |gadget, services| {
            gadget.migrate(from, &settings, services)
        })
    }

    /// Tests the datasource of the call, and reports its steps to `on_progress`.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn test(
        &self,
        call: &Call,
        on_progress: &dyn Fn(&Progress),
    ) -> Result<TestReport, CallError> {
        let kind = call
            .datasource
            .as_ref()
            .map(|datasource| datasource.kind().to_owned())
            .unwrap_or_default();
        let found = self.catalog.datasource_kind(&kind)?;
        let exported = Arc::clone(&found.exported);
        let callee = Callee {
            library: found.library().hash(),
            id: kind,
        };
        self.run(
            callee,
            exported,
            call,
            Fetches::Allowed,
            on_progress,
            |kind, services| kind.test(services),
        )
    }

    fn gadget<T: Send + 'static>(
        &self,
        call: &Call,
        fetches: Fetches,
        on_progress: &dyn Fn(&Progress),
        body: impl FnOnce(&Exported, &CallServices) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, CallError> {
        let exported = Arc::clone(&self.catalog.gadget(&call.gadget)?.exported);
        let callee = self.callee(&call.gadget)?;
        self.run(callee, exported, call, fetches, on_progress, body)
    }

    fn run<T: Send + 'static>(
        &self,
        callee: Callee,
        exported: Arc<Exported>,
        call: &Call,
        fetches: Fetches,
        on_progress: &dyn Fn(&Progress),
        body: impl FnOnce(&Exported, &CallServices) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, CallError> {
        let limit = Limit::new(call.timeout, &call.cancellation);
        let services = {
            let (id, datasource, limit) =
                (callee.id.clone(), call.datasource.clone(), limit.clone());
            let (blobs, shared_leases) = (Arc::clone(&self.blobs), Arc::clone(&self.leases));
            let http = Arc::clone(&self.http);
            move |progress_sender: ProgressSender| CallServices {
                id,
                datasource,
                blobs,
                shared_leases,
                http,
                limit,
                fetches,
                progress_sender,
                leases: Mutex::default(),
            }
        };
        run(
            &self.hung_calls,
            self.http.runtime()?,
            &callee,
            &limit,
            on_progress,
            move |progress_sender| body(&exported, &services(progress_sender)),
        )
    }
}

/// The choices of a gadget's own form.
struct GadgetChoices<'a> {
    runner: &'a Runner,
    schema: &'a Value,
    call: &'a Call,
    cache: &'a dyn ChoiceCache,
}

impl ChoiceSource for GadgetChoices<'_> {
    fn choices(&self, field: &FieldPath, settings: &Value) -> Result<Choices, CallError> {
        let call = self.call.clone().with_settings(settings.clone());
        let question = ChoiceQuestion::new(self.schema, &call, field);
        if let Some(known) = self.cache.known(&question) {
            return Ok(known);
        }
        let choices = self.runner.choices(&call, field)?;
        self.cache.keep(question, &choices);
        Ok(choices)
    }
}

#[cfg(test)]
mod tests;
