//! Gadgets that behave, hang and panic, behind the border in this very program.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use gadget_api::{
    __abi, Choice, CreateContext, ErrorKind, Figure, Gadget, Manifest, RefreshContext,
    RenderContext, Request, Services, schema,
};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{Cancellation, NoCache, load::Loaded};

#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// What to do.
    #[schemars(title = "Do", extend("x-choices" = {"source": "deeds"}))]
    deed: String,
}

static IS_LET_GO: AtomicBool = AtomicBool::new(false);
static IS_WAITING: AtomicBool = AtomicBool::new(false);

/// A gadget that does what its settings say; there are several, so that one can hang.
struct Doer<const NUMBER: u8>;

impl<const NUMBER: u8> Gadget for Doer<NUMBER> {
    type Settings = Settings;

    fn manifest() -> Manifest {
        Manifest::new(format!("doer-{NUMBER}"), "Doer", "Does what it is told.")
    }

    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn choices(&self, field: &FieldPath, _: &Value, _: &dyn Services) -> Result<Choices, Error> {
        assert_eq!(field.as_str(), "/deed");
        let deeds = ["count", "panic", "hang", "wait", "fetch"];
        Ok(Choices::Offered(
            deeds.map(|deed| Choice::new(deed, deed)).into(),
        ))
    }

    fn check(settings: &Settings, _: NaiveDate) -> Vec<FieldError> {
        let is_bad = settings.deed == "hang";
        let problem = FieldError::new(FieldPath::root().child("deed"), "that is not nice");
        is_bad.then_some(problem).into_iter().collect()
    }

    fn refresh(&self, _: &Settings, context: &RefreshContext<'_>) -> Result<Refreshed, Error> {
        let services = context.services();
        services.progress(&Progress {
            text: "counting".to_owned(),
            ..Progress::default()
        });
        services.blob_put("count", b"7", 0)?;
        services.lease("left-behind", Duration::from_secs(60))?;
        Ok(Refreshed::fresh(SnapshotName::new("count")))
    }

    fn render(&self, settings: &Settings, context: &RenderContext<'_>) -> Result<View, Error> {
        let services = context.services();
        match settings.deed.as_str() {
            "panic" => panic!("as I was told"),
            "hang" => {
                while !IS_LET_GO.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(1));
                }
            }
            "wait" => {
                IS_WAITING.store(true, Ordering::Relaxed);
                services.wait(Duration::from_secs(3600))?;
            }
            "fetch" => drop(services.fetch(&Request::get("/x"))?),
            _ => {}
        }
        let blob = services.blob_get("count")?;
        let figure = Figure::new(
            "blob",
            "Blob",
            "bytes",
            blob.map_or(0, |blob| blob.bytes.len() as i64),
        );
        Ok(View::new("Done").with_figure(figure))
    }
}

fn runner(directory: &TempDir) -> Runner {
    let parts = vec![
        __abi::gadget::<Doer<1>>(),
        __abi::gadget::<Doer<2>>(),
        __abi::gadget::<Doer<3>>(),
        __abi::gadget::<Doer<4>>(),
    ];
    let mut catalog = Catalog::default();
    catalog
        .add(Loaded::local(
            parts.into_iter().map(Exported::local).collect(),
        ))
        .unwrap();
    let other = vec![Exported::local(__abi::gadget::<Doer<5>>())];
    catalog.add(Loaded::local_named("other", other)).unwrap();
    Runner::new(catalog, directory.path()).unwrap()
}

/// Waits for something that only a hang keeps from happening.
fn wait_until(holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(
            begin.elapsed() < Duration::from_secs(120),
            "it never happened"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

fn call(number: u8, deed: &str) -> Call {
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    Call::new(format!("doer-{number}"), json!({ "deed": deed }), today)
}

#[test]
fn what_a_refresh_stores_is_there_for_a_render_of_the_same_gadget_alone() {
    let directory = TempDir::new().unwrap();
    let runner = runner(&directory);
    let texts = Mutex::new(Vec::new());
    let on_progress = |progress: &Progress| texts.lock().unwrap().push(progress.text.clone());
    let refreshed = runner
        .refresh(&call(1, "count"), DateTime::UNIX_EPOCH, &on_progress)
        .unwrap();
    assert_eq!(refreshed.snapshot, Some(SnapshotName::new("count")));
    assert_eq!(*texts.lock().unwrap(), ["counting"]);
    let bytes = |number| runner.render(&call(number, "count"), None).unwrap().figures[0].value;
    assert_eq!((bytes(1), bytes(2)), (1.into(), 0.into()));
}

#[test]
fn what_a_gadget_must_not_do_is_an_error_of_its_call() {
    let directory = TempDir::new().unwrap();
    let runner = runner(&directory);
    for (deed, kind, text) in [
        ("panic", ErrorKind::Panicked, "as I was told"),
        (
            "fetch",
            ErrorKind::Unsupported,
            "rendering must not send requests",
        ),
    ] {
        let error = runner.render(&call(1, deed), None).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(text), "{error}");
        assert!(runner.render(&call(1, "count"), None).is_ok());
    }
    let unknown = runner.render(&call(9, "count"), None).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "no library has the gadget `doer-9`; there are `doer-1`, `doer-2`, `doer-3`, `doer-4`, `doer-5`"
    );
}

#[test]
fn a_call_ends_when_it_is_cancelled_or_out_of_time() {
    let directory = TempDir::new().unwrap();
    let runner = runner(&directory);
    let cancellation = Cancellation::new();
    // The gadget waits for an hour.
    let waiting = call(1, "wait")
        .within(Duration::from_secs(3600))
        .cancelled_by(&cancellation);
    let cancelled = thread::scope(|scope| {
        let rendering = scope.spawn(|| runner.render(&waiting, None).unwrap_err());
        wait_until(|| IS_WAITING.load(Ordering::Relaxed));
        cancellation.cancel();
        rendering.join().unwrap()
    });
    assert_eq!(cancelled.kind(), ErrorKind::Cancelled);
    wait_until(|| runner.hung_calls() == 0);
    let late = runner
        .render(&call(1, "wait").within(Duration::from_millis(100)), None)
        .unwrap_err();
    assert_eq!(late.kind(), ErrorKind::TimedOut);
    wait_until(|| runner.hung_calls() == 0);
}

/// Keeps calls that are to hang from returning until it is dropped.
struct Hanging(&'static AtomicBool);

impl Drop for Hanging {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_gadget_is_suspended_after_two_hanging_calls_and_its_library_after_four_and_others_go_on() {
    let directory = TempDir::new().unwrap();
    let runner = runner(&directory);
    let hanging = Hanging(&IS_LET_GO);
    let is_called = |number| runner.render(&call(number, "count"), None);
    let hang = |number| {
        let hanging = call(number, "hang").within(Duration::from_millis(20));
        let error = runner.render(&hanging, None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    };
    hang(1);
    assert!(is_called(1).is_ok(), "one call may hang");
    // Those that began before the others hung hang too, and cost nobody else anything.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let hanging = call(1, "hang").within(Duration::from_millis(500));
                let _error = runner.render(&hanging, None).unwrap_err();
            });
        }
    });
    assert!(runner.hung_calls() >= 2);
    let suspended = is_called(1).unwrap_err();
    assert!(
        matches!(suspended, CallError::Suspended { .. }),
        "{suspended}"
    );
    assert!(is_called(2).is_ok(), "a neighbour in the same library");

    hang(2);
    assert!(is_called(3).is_ok(), "three count");
    hang(3);
    let suspended = is_called(4).unwrap_err();
    assert!(
        matches!(suspended, CallError::LibrarySuspended { count: 4, .. }),
        "{suspended}"
    );
    assert!(is_called(5).is_ok(), "a gadget of another library");

    runner.resume("doer-4").unwrap();
    assert!(runner.check_suspension("doer-1").is_ok());
    assert!(is_called(1).is_ok() && is_called(4).is_ok());
    hang(4);
    hang(4);
    assert!(runner.check_suspension("doer-4").is_err());
    drop(hanging);
    wait_until(|| runner.hung_calls() == 0);
    assert!(is_called(4).is_ok(), "it resumes when its calls return");
}

#[test]
fn a_form_is_answered_whole() {
    let directory = TempDir::new().unwrap();
    let runner = runner(&directory);
    let form = |deed: &str| {
        runner
            .form(&call(1, deed), &BTreeMap::new(), &NoCache)
            .unwrap()
    };
    let good = form("count");
    assert_eq!(good.problems, []);
    assert_eq!(
        good.schema["properties"]["deed"]["oneOf"][0],
        json!({"const": "count", "title": "count"})
    );
    assert_eq!(schema::without_extensions(&good.schema), good.schema);
    for (deed, expected) in [
        ("hang", "/deed: that is not nice"),
        (
            "dance",
            "/deed: it must be one of `count`, `panic`, `hang`, `wait`, `fetch`",
        ),
    ] {
        let problems: Vec<String> = form(deed)
            .problems
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(problems, [expected]);
    }
    let own = Choices::Offered(vec![Choice::new("sing", "Sing")]);
    let own = BTreeMap::from([(FieldPath::root().child("deed"), own)]);
    assert_eq!(
        runner
            .form(&call(1, "sing"), &own, &NoCache)
            .unwrap()
            .problems,
        []
    );
}

#[test]
fn a_form_takes_the_choices_that_are_in_the_cache_and_keeps_the_others() {
    #[derive(Default)]
    struct Kept(Mutex<Vec<ChoiceQuestion>>);
    impl ChoiceCache for Kept {
        fn known(&self, question: &ChoiceQuestion) -> Option<Choices> {
            let is_first = !self.0.lock().unwrap().contains(question);
            (!is_first).then(|| Choices::Waiting("kept".to_owned()))
        }

        fn keep(&self, question: ChoiceQuestion, _: &Choices) {
            self.0.lock().unwrap().push(question);
        }
    }
    let directory = TempDir::new().unwrap();
    let runner = runner(&directory);
    let kept = Kept::default();
    let form = || runner.form(&call(1, "count"), &BTreeMap::new(), &kept);
    let deed = FieldPath::root().child("deed");
    assert!(matches!(
        form().unwrap().choices[&deed],
        Choices::Offered(_)
    ));
    assert!(matches!(
        form().unwrap().choices[&deed],
        Choices::Waiting(_)
    ));
    assert_eq!(kept.0.lock().unwrap().len(), 1);
}
