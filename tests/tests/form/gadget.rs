//! Real gadgets with forms: App Users on a stand-in, and one with every kind of field.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use gadget_api::{Choice, Choices, FieldPath};
use gadget_host::{
    Call, Catalog, Datasource, Form, LoadOptions, OriginPolicy, Runner, TrustPolicy,
};
use marketplace_sim::Sim;
use serde_json::Value;
use tempfile::TempDir;
use workspace_tests::{Library, datasource, library, small_vendor};

/// A gadget from a library that is loaded as a host loads it.
pub(crate) struct Gadget {
    runner: Runner,
    id: &'static str,
    datasource: Option<Arc<Datasource>>,
    _library: Library,
    _room: TempDir,
    _sim: Option<Sim>,
}

impl Gadget {
    pub(crate) fn every_field() -> Self {
        let library = library("every-field-gadget", &[]);
        let (runner, room) = runner(library.path());
        Self {
            runner,
            id: "every-field",
            datasource: None,
            _library: library,
            _room: room,
            _sim: None,
        }
    }

    pub(crate) fn app_users() -> Self {
        let options = small_vendor();
        let sim = Sim::start(options).expect("the stand-in starts on loopback");
        let library = library("app-users-gadget", &[]);
        let (runner, room) = runner(library.path());
        let kind = runner
            .catalog()
            .datasource_kind("atlassian-marketplace")
            .expect("the library brings it");
        let origins = OriginPolicy::new().with_insecure_loopback();
        let datasource = Datasource::new(kind, "main", datasource(&sim.base_url()), &origins)
            .expect("the stand-in can be reached");
        Self {
            datasource: Some(Arc::new(datasource)),
            runner,
            id: "app-users",
            _library: library,
            _room: room,
            _sim: Some(sim),
        }
    }

    /// Answers the whole form, as a host does that has one datasource.
    pub(crate) fn form(&self, settings: &Value) -> Form {
        let own = match &self.datasource {
            Some(_) => BTreeMap::from([(
                FieldPath::root().child("datasource"),
                Choices::Offered(vec![Choice::new("main", "Acme Marketplace")]),
            )]),
            None => BTreeMap::new(),
        };
        let call = self.call(settings);
        self.runner
            .form(&call, &own, &gadget_host::NoCache)
            .expect("a form is answered")
    }

    /// Returns what is wrong with settings, as the host does before it saves them.
    pub(crate) fn check(&self, settings: &Value) -> Vec<String> {
        let accepted = self.runner.resolved(self.id, settings.clone());
        let settings = accepted.expect("the schema accepts what a form sends");
        let problems = self.runner.check(&self.call(&settings));
        let problems = problems.expect("the gadget answers");
        problems.iter().map(ToString::to_string).collect()
    }

    fn call(&self, settings: &Value) -> Call {
        let today = "2026-11-20".parse().expect("a date");
        let call = Call::new(self.id, settings.clone(), today);
        match &self.datasource {
            Some(datasource) if settings["datasource"] == "main" => {
                call.with_datasource(Arc::clone(datasource))
            }
            _ => call,
        }
    }
}

fn runner(library: &Path) -> (Runner, TempDir) {
    let room = tempfile::tempdir().expect("a temporary directory can be made");
    let options = LoadOptions::new(TrustPolicy::AllowUnsigned, room.path().join("copies"));
    let catalog = Catalog::load_library(library, &options).expect("it loads");
    let runner = Runner::new(catalog, room.path().join("blobs")).expect("the room is made");
    (runner, room)
}
