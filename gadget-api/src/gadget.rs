//! The trait that a gadget's author implements, and what its methods are given.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Choices, Error, ErrorKind, FieldError, FieldPath, LogLevel, Manifest, Selection, Services,
    Table, Version, View, schema,
};

/// A gadget: a kind of thing that a dashboard can show.
///
/// A host uses it in this order:
///
/// 1. [`manifest`](Gadget::manifest) and the schema of [`Settings`](Gadget::Settings), at load.
/// 2. [`create`](Gadget::create), once, before the first of the calls below. They can come from
///    several threads at once.
/// 3. [`choices`](Gadget::choices) and [`check`](Gadget::check), while a user fills in the form.
/// 4. [`refresh`](Gadget::refresh), when the data should be brought up to date.
/// 5. [`render`](Gadget::render) and [`details`](Gadget::details), whenever the gadget is shown.
///
/// Only `manifest`, `create` and `render` must be written. A panic in any of them, `Drop` included,
/// becomes an error of this gadget alone.
///
/// # Examples
///
/// ```
/// use gadget_api::{CreateContext, Error, Figure, Gadget, Manifest, RenderContext, View, testing};
///
/// #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct Nothing {}
/// struct DayOfYear;
///
/// impl Gadget for DayOfYear {
///     type Settings = Nothing;
///     fn manifest() -> Manifest {
///         Manifest::new("day-of-year", "Day of the year", "How far the year is.")
///     }
///     fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
///         Ok(Self)
///     }
///     fn render(&self, _: &Nothing, context: &RenderContext<'_>) -> Result<View, Error> {
///         let day = i64::from(chrono::Datelike::ordinal(&context.today()));
///         Ok(View::new("Day of the year").with_figure(Figure::new("day", "Day", "days", day)))
///     }
/// }
///
/// // Every gadget's own tests should check that a form can be drawn from its settings.
/// assert_eq!(gadget_api::schema::lint(&DayOfYear::settings_schema()), []);
///
/// let services = testing::Canned::default();
/// let view = DayOfYear.render(&Nothing {}, &services.render_context("2026-02-01"))?;
/// assert_eq!(view.figures[0].value, 32.into());
/// # Ok::<(), Error>(())
/// ```
pub trait Gadget: Send + Sync + Sized + 'static {
    /// What the user can set. Its JSON Schema is the form; the doc comment of a field is its help.
    type Settings: Serialize + DeserializeOwned + JsonSchema;

    /// Returns the id, the title and what else a catalog shows.
    fn manifest() -> Manifest;

    /// Creates the gadget.
    ///
    /// # Errors
    ///
    /// Returns an error when the gadget cannot work at all; the next call tries again.
    fn create(context: &CreateContext<'_>) -> Result<Self, Error>;

    /// Renders the view of a snapshot.
    ///
    /// It sends no requests: the same snapshot, settings and day give the same view, byte for byte.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NotFound`] when the snapshot does not exist (any more).
    /// - [`ErrorKind::Settings`] when the settings do not fit the data (for example, an unknown app).
    fn render(&self, settings: &Self::Settings, context: &RenderContext<'_>)
    -> Result<View, Error>;

    /// Returns what a dynamic field offers, given what is set so far.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Unsupported`] for a field that has no dynamic choices.
    fn choices(
        &self,
        field: &FieldPath,
        settings: &Value,
        services: &dyn Services,
    ) -> Result<Choices, Error> {
        let _ = (settings, services);
        Err(Error::new(
            ErrorKind::Unsupported,
            format!("the field `{field}` has no dynamic choices"),
        ))
    }

    /// Returns problems of the settings that the schema cannot express, each at its field.
    fn check(settings: &Self::Settings, today: NaiveDate) -> Vec<FieldError> {
        let _ = (settings, today);
        Vec::new()
    }

    /// Brings the data up to date and returns which snapshot holds it now.
    ///
    /// It may take minutes: it reports its progress and ends soon after it is cancelled.
    ///
    /// # Errors
    ///
    /// Returns an error when the data cannot be read and there is no earlier snapshot to fall back to.
    fn refresh(
        &self,
        settings: &Self::Settings,
        context: &RefreshContext<'_>,
    ) -> Result<Refreshed, Error> {
        let _ = (settings, context);
        Ok(Refreshed::nothing_to_do())
    }

    /// Returns the rows behind a part of the view.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Unsupported`] where there are none.
    fn details(
        &self,
        settings: &Self::Settings,
        selection: &Selection,
        context: &RenderContext<'_>,
    ) -> Result<Table, Error> {
        let _ = (settings, selection, context);
        Err(Error::new(
            ErrorKind::Unsupported,
            "this gadget has no rows behind its view",
        ))
    }

    /// Returns which settings shared by another gadget this one takes, by semantic.
    ///
    /// By default it takes every value. The host checks what is taken against the schema afterwards, so
    /// a value that the schema would not accept can be converted here.
    fn adopt(own: &Value, shared: &BTreeMap<String, Value>) -> Adoption {
        let _ = own;
        Adoption::all(shared)
    }

    /// Migrates settings of an earlier version of the gadget to this one.
    ///
    /// # Errors
    ///
    /// Returns an error when the settings cannot be migrated.
    fn migrate(from: &Version, settings: Value) -> Result<Value, Error> {
        let _ = from;
        Ok(settings)
    }

    /// Returns the JSON Schema of the settings, in the schema profile of this crate.
    fn settings_schema() -> Value {
        schema::schema_of::<Self::Settings>()
    }
}

/// What [`Gadget::create`] is given.
#[derive(Clone, Copy)]
pub struct CreateContext<'a> {
    services: &'a dyn Services,
}

impl<'a> CreateContext<'a> {
    /// Creates the context of one creation.
    #[must_use]
    pub fn new(services: &'a dyn Services) -> Self {
        Self { services }
    }

    /// Writes a line into the host's log.
    pub fn log(&self, level: LogLevel, message: &str) {
        self.services.log(level, message);
    }
}

/// What [`Gadget::refresh`] is given.
#[derive(Clone, Copy)]
pub struct RefreshContext<'a> {
    today: NaiveDate,
    now: DateTime<Utc>,
    services: &'a dyn Services,
}

impl<'a> RefreshContext<'a> {
    /// Creates the context of one refresh.
    #[must_use]
    pub fn new(today: NaiveDate, now: DateTime<Utc>, services: &'a dyn Services) -> Self {
        Self {
            today,
            now,
            services,
        }
    }

    /// Returns the day (UTC) that counts as today.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// Returns the time at which the refresh began.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Returns the services of the host.
    #[must_use]
    pub fn services(&self) -> &'a dyn Services {
        self.services
    }
}

/// What [`Gadget::render`] and [`Gadget::details`] are given.
#[derive(Clone, Copy)]
pub struct RenderContext<'a> {
    today: NaiveDate,
    snapshot: Option<&'a SnapshotName>,
    services: &'a dyn Services,
}

impl<'a> RenderContext<'a> {
    /// Creates the context of one render.
    #[must_use]
    pub fn new(
        today: NaiveDate,
        snapshot: Option<&'a SnapshotName>,
        services: &'a dyn Services,
    ) -> Self {
        Self {
            today,
            snapshot,
            services,
        }
    }

    /// Returns the day (UTC) that counts as today.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// Returns the snapshot to show; `None` means the newest stored one.
    #[must_use]
    pub fn snapshot(&self) -> Option<&'a SnapshotName> {
        self.snapshot
    }

    /// Returns the services of the host; requests are refused during a render.
    #[must_use]
    pub fn services(&self) -> &'a dyn Services {
        self.services
    }
}

/// Names data that a refresh has stored.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct SnapshotName(String);

impl SnapshotName {
    /// Creates a name; only the gadget knows what it means.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The result of a refresh.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Refreshed {
    /// The snapshot that holds the data now; none for a gadget that stores no data.
    pub snapshot: Option<SnapshotName>,
    /// Why the data is stale, if it is: the refresh failed and an earlier snapshot is used instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<Error>,
}

impl Refreshed {
    /// Creates the result of a gadget that stores no data.
    #[must_use]
    pub fn nothing_to_do() -> Self {
        Self {
            snapshot: None,
            stale: None,
        }
    }

    /// Creates the result of a successful refresh.
    #[must_use]
    pub fn fresh(snapshot: SnapshotName) -> Self {
        Self {
            snapshot: Some(snapshot),
            stale: None,
        }
    }

    /// Creates the result of a failed refresh that falls back to earlier data.
    #[must_use]
    pub fn stale(snapshot: SnapshotName, reason: Error) -> Self {
        Self {
            snapshot: Some(snapshot),
            stale: Some(reason),
        }
    }
}

/// Which shared settings a gadget takes.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Adoption {
    /// The values that it takes, by semantic; a value may be converted.
    #[serde(default)]
    pub taken: BTreeMap<String, Value>,
    /// The semantics that it refuses, each with a reason for the user.
    #[serde(default)]
    pub refused: BTreeMap<String, String>,
}

impl Adoption {
    /// Takes everything unchanged.
    #[must_use]
    pub fn all(shared: &BTreeMap<String, Value>) -> Self {
        Self {
            taken: shared.clone(),
            refused: BTreeMap::new(),
        }
    }
}
