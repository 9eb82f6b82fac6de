//! `check`: a library goes through every load step and the conformance kit, one line each.

use gadget_api::{ErrorKind, schema};
use gadget_host::{Call, Catalog, CatalogGadget, LoadStep};
use serde_json::{Map, Value};

use super::{
    arguments::{CheckOptions, CommonOptions},
    exit::Exit,
    output::answer,
};
use crate::app::{Engine, Failure};
use gadget_draw::text::clean;

/// Checks one library.
pub(super) fn run(common: &CommonOptions, options: &CheckOptions) -> Result<Exit, Failure> {
    let gadgets = common.gadget_options()?;
    let directory = common.render_directory()?;
    let mut report = Report::default();
    let catalog = match Catalog::load_library(&options.library, &gadgets.load_options(&directory)) {
        Ok(catalog) => {
            for step in steps() {
                report.ok(&format!("load: {step}"));
            }
            Some(catalog)
        }
        Err(refused) => {
            let failed = refused.error().step();
            for step in steps().take_while(|step| *step != failed) {
                report.ok(&format!("load: {step}"));
            }
            report.failed(
                &format!("load: {failed}"),
                &format!("{}. {}", refused.error(), refused.error().remedy()),
            );
            None
        }
    };
    if let Some(catalog) = catalog {
        let engine = Engine::with_catalog(catalog, &directory, gadgets.origins)?;
        for gadget in engine.catalog().gadgets() {
            of_gadget(&mut report, &engine, gadget);
        }
        of_library(&mut report, engine.catalog());
    }
    answer(&report.text)?;
    Ok(if report.has_failed {
        Exit::Other
    } else {
        Exit::Fresh
    })
}

/// The steps of a file that is named itself: no directory is read.
fn steps() -> impl Iterator<Item = LoadStep> {
    LoadStep::ALL
        .into_iter()
        .filter(|step| *step != LoadStep::Directory)
}

/// The lines so far.
#[derive(Default)]
struct Report {
    text: String,
    has_failed: bool,
}

impl Report {
    fn ok(&mut self, what: &str) {
        self.text += &format!("ok      {}\n", clean(what));
    }

    fn failed(&mut self, what: &str, why: &str) {
        self.has_failed = true;
        self.text += &format!("failed  {}: {}\n", clean(what), clean(why));
    }

    fn outcome(&mut self, what: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.ok(what),
            Err(why) => self.failed(what, &why),
        }
    }
}

fn of_gadget(report: &mut Report, engine: &Engine, gadget: &CatalogGadget) {
    let id = gadget.id();
    let description = gadget.description();
    let texts = [&description.manifest.title, &description.manifest.summary];
    let described = if texts.iter().all(|text| !text.trim().is_empty()) {
        Ok(())
    } else {
        Err("the title or the summary is empty".to_owned())
    };
    report.outcome(&format!("{id}: description"), described);

    let findings: Vec<_> = schema::lint(&description.schema)
        .iter()
        .map(ToString::to_string)
        .collect();
    let linted = if findings.is_empty() {
        Ok(())
    } else {
        Err(findings.join("; "))
    };
    report.outcome(&format!("{id}: settings schema"), linted);
    report.outcome(&format!("{id}: defaults"), defaults(&description.schema));
    report.outcome(
        &format!("{id}: unknown members are refused"),
        strangers(engine, gadget),
    );

    let sample = match &description.manifest.sample {
        None => Ok(()),
        Some(sample) => (**sample)
            .clone()
            .bounded()
            .map(drop)
            .map_err(|error| error.to_string()),
    };
    report.outcome(&format!("{id}: sample view"), sample);
    report.outcome(
        &format!("{id}: a call without data returns an error or a view"),
        rendered(engine, gadget),
    );
}

/// Every default of the schema has to be accepted by the part of the schema that it stands in.
fn defaults(schema: &Value) -> Result<(), String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if let Some(default) = property.get("default") {
            gadget_host::accepted(property, default)
                .map_err(|why| format!("the default of `/{name}`: {why}"))?;
        }
    }
    Ok(())
}

fn strangers(engine: &Engine, gadget: &CatalogGadget) -> Result<(), String> {
    let stranger = Value::Object(Map::from_iter([("no-such-member".to_owned(), Value::Null)]));
    match engine.checked(gadget.id(), stranger, &call_of(gadget)) {
        Ok(_) => Err("settings with an unknown member were accepted".to_owned()),
        Err(_) => Ok(()),
    }
}

/// Renders with what the schema has as defaults: a view, or an error that is no bug.
fn rendered(engine: &Engine, gadget: &CatalogGadget) -> Result<(), String> {
    let is_bug = |kind| {
        matches!(
            kind,
            ErrorKind::Panicked | ErrorKind::Internal | ErrorKind::TooLarge | ErrorKind::TimedOut
        )
    };
    let call = match engine.checked(gadget.id(), Value::Object(Map::new()), &call_of(gadget)) {
        Ok(call) => call,
        Err(error) if is_bug(error.kind()) => return Err(error.to_string()),
        // Some fields have no default; then there is nothing to render with.
        Err(_) => return Ok(()),
    };
    match engine.rendered(&call, None) {
        Err(error) if is_bug(error.kind()) => Err(error.to_string()),
        _ => Ok(()),
    }
}

/// Returns a call on a day on which nothing depends: the same library gives the same lines each time.
fn call_of(gadget: &CatalogGadget) -> Call {
    Call::new(gadget.id(), Value::Null, chrono::NaiveDate::default())
}

fn of_library(report: &mut Report, catalog: &Catalog) {
    for template in catalog.templates() {
        let template = template.template();
        let unknown: Vec<_> = template
            .tiles
            .iter()
            .filter(|tile| catalog.gadget(&tile.gadget).is_err())
            .map(|tile| format!("there is no gadget `{}`", tile.gadget))
            .collect();
        let outcome = if unknown.is_empty() {
            Ok(())
        } else {
            Err(unknown.join("; "))
        };
        report.outcome(&format!("template {}: tiles", template.id), outcome);
    }
    for kind in catalog.datasource_kinds() {
        let findings: Vec<_> = schema::lint_datasource(&kind.declaration().schema)
            .iter()
            .map(ToString::to_string)
            .collect();
        let outcome = if findings.is_empty() {
            Ok(())
        } else {
            Err(findings.join("; "))
        };
        report.outcome(
            &format!("datasource kind {}: settings schema", kind.id()),
            outcome,
        );
    }
}
