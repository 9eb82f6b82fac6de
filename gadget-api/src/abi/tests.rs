//! The border inside one program: both sides, every operation, every guard.

use std::{
    collections::BTreeMap,
    panic::panic_any,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Exported, ROOT_SYMBOL, datasource, gadget};
use crate::{
    Adoption, Authentication, Blob, BlobInfo, Choice, Choices, CreateContext,
    DatasourceDeclaration, DatasourceKind, DatasourceRef, Error, ErrorKind, FieldError, FieldPath,
    Figure, Gadget, Lease, LeaseId, LogLevel, Manifest, Progress, RefreshContext, Refreshed,
    RenderContext, Request, Response, Selection, Services, SnapshotName, Stream, Table, TestReport,
    Version, View, ops::Part, testing::Canned,
};

/// What [`Fragile`] does when it is called.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Mood {
    /// Whether every method panics.
    #[schemars(title = "Panics")]
    panics: bool,
}

struct Fragile;

impl Gadget for Fragile {
    type Settings = Mood;

    fn manifest() -> Manifest {
        Manifest::new("fragile", "Fragile", "Panics when told to.")
    }

    fn create(context: &CreateContext<'_>) -> Result<Self, Error> {
        context.log(LogLevel::Info, "created");
        Ok(Self)
    }

    fn render(&self, mood: &Mood, context: &RenderContext<'_>) -> Result<View, Error> {
        assert!(!mood.panics, "render was told to panic");
        let blob = context.services().blob_get("number")?;
        let bytes = blob.map_or(0, |blob| blob.bytes.len());
        Ok(View::new("Fragile").with_figure(Figure::new("bytes", "Bytes", "bytes", bytes as i64)))
    }

    fn choices(
        &self,
        field: &FieldPath,
        settings: &Value,
        _: &dyn Services,
    ) -> Result<Choices, Error> {
        assert_ne!(settings["panics"], true, "choices was told to panic");
        Ok(Choices::Offered(vec![Choice::new(field.as_str(), "Title")]))
    }

    fn check(mood: &Mood, today: NaiveDate) -> Vec<FieldError> {
        assert!(!mood.panics, "check was told to panic");
        let path = FieldPath::root().child("panics");
        vec![FieldError::new(path, format!("not on {today}"))]
    }

    fn refresh(&self, mood: &Mood, context: &RefreshContext<'_>) -> Result<Refreshed, Error> {
        if mood.panics {
            panic_any(17_u8);
        }
        let services = context.services();
        let lease = Lease::acquire(services, "sync", Duration::from_secs(1))?;
        assert!(lease.is_some() && services.lease("sync", Duration::ZERO)?.is_none());
        let mut body = Vec::new();
        let mut stream = services.open(&Request::get("/large"))?.body;
        while let Some(piece) = stream.next_chunk()? {
            body.extend(piece);
        }
        let posted =
            services.fetch(&Request::post("/posted", b"{}".to_vec()).with_query("a", "b"))?;
        assert_eq!(
            (posted.head.status, posted.body.as_slice()),
            (201, b"made".as_slice())
        );
        let revision = services.blob_put("number", &body, 0)?;
        services.blob_put("gone", &body, 0)?;
        services.blob_remove("gone")?;
        services.progress(&Progress {
            fraction: Some(0.5),
            text: services.datasource()?.kind,
            steps: Vec::new(),
        });
        let names: Vec<String> = services
            .blob_list("n")?
            .into_iter()
            .map(|blob| blob.name)
            .collect();
        Ok(Refreshed::fresh(SnapshotName::new(format!(
            "{names:?} r{revision}"
        ))))
    }

    fn details(
        &self,
        mood: &Mood,
        selection: &Selection,
        _: &RenderContext<'_>,
    ) -> Result<Table, Error> {
        assert!(!mood.panics, "details was told to panic");
        Ok(Table::new(
            "details",
            selection.figure.clone().unwrap_or_default(),
            Vec::new(),
        ))
    }

    fn adopt(own: &Value, shared: &BTreeMap<String, Value>) -> Adoption {
        assert_ne!(own["panics"], true, "adopt was told to panic");
        Adoption::all(shared)
    }

    fn migrate(from: &Version, settings: Value) -> Result<Value, Error> {
        assert_ne!(settings["panics"], true, "migrate was told to panic");
        Ok(json!({ "panics": false, "from": from }))
    }
}

static DROPS: AtomicUsize = AtomicUsize::new(0);

impl Drop for Fragile {
    fn drop(&mut self) {
        DROPS.fetch_add(1, Ordering::Relaxed);
        panic!("drop was told to panic");
    }
}

struct Kind;

impl DatasourceKind for Kind {
    fn declaration() -> DatasourceDeclaration {
        DatasourceDeclaration {
            id: "kind".into(),
            title: "Kind".into(),
            summary: "A kind.".into(),
            schema: json!({"type": "object"}),
            origin: FieldPath::root().child("url"),
            known_origins: Vec::new(),
            authentication: Authentication::None,
        }
    }

    fn test(services: &dyn Services) -> Result<TestReport, Error> {
        assert_ne!(
            services.datasource()?.settings["panics"],
            true,
            "test was told to panic"
        );
        Ok(TestReport::default())
    }
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

fn canned() -> Canned {
    Canned::default()
        .with_datasource("kind", json!({"panics": true}))
        .with_answer("/large", 200, vec![7; 3_000_000])
        .with_answer("/posted", 201, "made")
}

#[test]
fn the_name_of_the_root_symbol_is_the_one_that_abi_stable_looks_for() {
    assert_eq!(ROOT_SYMBOL, abi_stable::library::ROOT_MODULE_LOADER_NAME);
}

#[test]
fn every_operation_and_every_service_works_through_the_border() {
    let services = canned();
    let part = Exported::local(gadget::<Fragile>());
    let calm = json!({"panics": false});
    let now = services.refresh_context("2026-11-20").now();

    let refreshed = part.refresh(&calm, today(), now, &services).unwrap();
    assert_eq!(
        refreshed.snapshot,
        Some(SnapshotName::new(r#"["number"] r1"#))
    );
    assert_eq!(services.progress_told()[0].text, "kind");
    assert_eq!(services.log_lines(), ["created"]);
    assert_eq!(services.requests()[1].body(), Some(b"{}".as_slice()));
    assert_eq!(
        services.requests()[1].query(),
        [("a".to_owned(), "b".to_owned())]
    );
    assert!(
        services.lease("sync", Duration::ZERO).unwrap().is_some(),
        "the lease was given back"
    );

    let view = part.render(&calm, today(), None, &services).unwrap();
    assert_eq!(view.figures[0].value, 3_000_000.into());

    let errors = part.check(&calm, today(), &services).unwrap();
    assert_eq!(errors[0].to_string(), "/panics: not on 2026-11-20");
    let field = FieldPath::parse("/app").unwrap();
    let choices = part.choices(&field, &calm, &services).unwrap();
    assert_eq!(
        choices,
        Choices::Offered(vec![Choice::new("/app", "Title")])
    );
    let table = part
        .details(
            &calm,
            &Selection::of_figure("gained"),
            today(),
            None,
            &services,
        )
        .unwrap();
    assert_eq!(table.label, "gained");
    let shared = BTreeMap::from([("app".to_owned(), json!("a"))]);
    assert_eq!(part.adopt(&calm, &shared, &services).unwrap().taken, shared);
    let migrated = part
        .migrate(Version::new(0, 9, 0), &calm, &services)
        .unwrap();
    assert_eq!(migrated["from"], "0.9.0");
}

#[test]
fn a_panic_in_any_method_and_in_drop_is_an_error_and_ends_at_the_border() {
    let services = canned();
    let part = Exported::local(gadget::<Fragile>());
    let upset = json!({"panics": true});
    let now = services.refresh_context("2026-11-20").now();
    let app = FieldPath::root();
    let errors = [
        part.render(&upset, today(), None, &services).unwrap_err(),
        part.refresh(&upset, today(), now, &services).unwrap_err(),
        part.check(&upset, today(), &services).unwrap_err(),
        part.choices(&app, &upset, &services).unwrap_err(),
        part.details(&upset, &Selection::default(), today(), None, &services)
            .unwrap_err(),
        part.adopt(&upset, &BTreeMap::new(), &services).unwrap_err(),
        part.migrate(Version::new(1, 0, 0), &upset, &services)
            .unwrap_err(),
        Exported::local(datasource::<Kind>())
            .test(&services)
            .unwrap_err(),
    ];
    for error in &errors {
        assert_eq!(error.kind(), ErrorKind::Panicked, "{error}");
    }
    assert!(
        errors[0].message().ends_with("render was told to panic"),
        "{}",
        errors[0]
    );
    assert!(
        errors[1].message().ends_with("the panic has no message"),
        "{}",
        errors[1]
    );

    let drops = DROPS.load(Ordering::Relaxed);
    drop(part);
    assert!(DROPS.load(Ordering::Relaxed) > drops);
}

/// A host whose every service panics.
struct Broken;

impl Services for Broken {
    fn datasource(&self) -> Result<DatasourceRef, Error> {
        panic!("datasource")
    }
    fn fetch(&self, _: &Request) -> Result<Response, Error> {
        panic!("fetch")
    }
    fn open(&self, _: &Request) -> Result<Stream<'_>, Error> {
        panic!("open")
    }
    fn blob_get(&self, _: &str) -> Result<Option<Blob>, Error> {
        panic!("blob_get")
    }
    fn blob_put(&self, _: &str, _: &[u8], _: u64) -> Result<u64, Error> {
        panic!("blob_put")
    }
    fn blob_list(&self, _: &str) -> Result<Vec<BlobInfo>, Error> {
        panic!("blob_list")
    }
    fn blob_remove(&self, _: &str) -> Result<(), Error> {
        panic!("blob_remove")
    }
    fn lease(&self, _: &str, _: Duration) -> Result<Option<LeaseId>, Error> {
        panic!("lease")
    }
    fn release(&self, _: LeaseId) {
        panic!("release")
    }
    fn log(&self, _: LogLevel, _: &str) {
        panic!("log")
    }
    fn progress(&self, _: &Progress) {
        panic!("progress")
    }
    fn is_cancelled(&self) -> bool {
        panic!("is_cancelled")
    }
    fn remaining(&self) -> Duration {
        panic!("remaining")
    }
}

/// Calls every service and counts those that answer with the guard's error.
struct Caller;

impl Gadget for Caller {
    type Settings = Mood;

    fn manifest() -> Manifest {
        Manifest::new("caller", "Caller", "Calls everything.")
    }

    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn render(&self, _: &Mood, context: &RenderContext<'_>) -> Result<View, Error> {
        let services = context.services();
        services.log(LogLevel::Error, "x");
        services.progress(&Progress::default());
        services.release(LeaseId(1));
        assert!(services.is_cancelled());
        assert_eq!(services.remaining(), Duration::ZERO);
        let errors = [
            services.datasource().err(),
            services.fetch(&Request::get("/")).err(),
            services.open(&Request::get("/")).err(),
            services.blob_get("a").err(),
            services.blob_put("a", b"", 0).err(),
            services.blob_list("a").err(),
            services.blob_remove("a").err(),
            services.lease("a", Duration::ZERO).err(),
        ];
        let caught = errors
            .iter()
            .flatten()
            .filter(|error| error.kind() == ErrorKind::Panicked);
        Ok(View::new("t").with_figure(Figure::new("caught", "Caught", "", caught.count() as i64)))
    }
}

#[test]
fn a_panic_in_a_service_of_the_host_is_an_error_for_the_gadget() {
    let part = Exported::local(gadget::<Caller>());
    let view = part
        .render(&json!({"panics": false}), today(), None, &Broken)
        .unwrap();
    assert_eq!(view.figures[0].value, 8.into());
}

#[test]
fn a_part_describes_itself_with_what_is_derived_from_its_types() {
    let Part::Gadget(description) = Exported::local(gadget::<Fragile>()).describe().unwrap() else {
        panic!("a gadget is described as one");
    };
    assert_eq!(description.manifest.id, "fragile");
    assert_eq!(
        description.schema["properties"]["panics"]["title"],
        "Panics"
    );
    let kind = Exported::local(datasource::<Kind>()).describe().unwrap();
    assert_eq!(kind, Part::Datasource(Box::new(Kind::declaration())));
}

#[test]
fn an_unknown_operation_and_settings_of_another_shape_are_errors() {
    let services = canned();
    let kind = Exported::local(datasource::<Kind>());
    let error = kind
        .render(&json!({}), today(), None, &services)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let part = Exported::local(gadget::<Fragile>());
    let error = part
        .render(&json!({"panics": "no"}), today(), None, &services)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Settings);
    assert!(
        error
            .message()
            .starts_with("failed to read the settings of `fragile`")
    );
}
