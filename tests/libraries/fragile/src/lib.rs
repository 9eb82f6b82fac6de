//! A gadget that does whatever harm its settings name.

use std::{collections::BTreeMap, panic::panic_any, process, thread, time::Duration};

use chrono::NaiveDate;
use gadget_api::{
    Adoption, Choices, CreateContext, Error, FieldError, FieldPath, Figure, Gadget, Manifest,
    RefreshContext, Refreshed, RenderContext, Request, Selection, Services, Table, Version, View,
    export_gadgets,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What to do.
#[derive(Clone, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What the gadget does when it is called.
    #[schemars(title = "Harm")]
    harm: Harm,
}

/// A kind of harm.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// None.
    #[schemars(title = "None")]
    None,
    /// A panic with a text.
    #[schemars(title = "Panic")]
    Panic,
    /// A panic whose payload panics when it is dropped.
    #[schemars(title = "Panic with a payload that panics")]
    PanicPayload,
    /// A view of a gibibyte.
    #[schemars(title = "Too large")]
    TooLarge,
    /// A number that is not finite.
    #[schemars(title = "Not finite")]
    NotFinite,
    /// Text that moves a terminal's cursor.
    #[schemars(title = "Control characters")]
    Control,
    /// An hour of sleep that looks at nothing.
    #[schemars(title = "Hang")]
    Hang,
    /// Waiting that ends when the call is cancelled.
    #[schemars(title = "Wait")]
    Wait,
    /// A fetch where none is allowed.
    #[schemars(title = "Fetch")]
    Fetch,
    /// A line on standard output.
    #[schemars(title = "Print")]
    Print,
    /// The end of the process, as if all was well.
    #[schemars(title = "Exit")]
    Exit,
    /// The end of the process.
    #[schemars(title = "Abort")]
    Abort,
}

/// A payload that panics once more when somebody drops it.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the payload was dropped");
    }
}

/// Does what its settings say.
pub struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("the gadget was dropped");
    }
}

fn harm(harm: Harm, services: Option<&dyn Services>) -> Result<View, Error> {
    let view = View::new("Fragile");
    match harm {
        Harm::None => Ok(view.with_figure(Figure::new("calls", "Calls", "calls", 1))),
        Harm::Panic => panic!("told to panic"),
        Harm::PanicPayload => panic_any(Bomb),
        Harm::TooLarge => Ok(View::new("x".repeat(1 << 30))),
        Harm::NotFinite => Ok(view.with_figure(Figure::new("nan", "NaN", "", f64::NAN))),
        Harm::Control => Ok(View::new("a\u{1b}[2Jb")),
        Harm::Hang => {
            thread::sleep(Duration::from_secs(3600));
            Ok(view)
        }
        Harm::Wait => {
            if let Some(services) = services {
                services.wait(Duration::from_secs(3600))?;
            }
            Ok(view)
        }
        Harm::Fetch => {
            if let Some(services) = services {
                services.fetch(&Request::get("/rest"))?;
            }
            Ok(view)
        }
        Harm::Exit => process::exit(0),
        Harm::Abort => process::abort(),
        Harm::Print => {
            #[expect(clippy::print_stdout, reason = "this is the harm")]
            {
                println!("printed by a gadget");
            }
            Ok(view)
        }
    }
}

fn harm_in(settings: &Value) -> Harm {
    let named = settings.get("harm").cloned().unwrap_or_default();
    serde_json::from_value(named).unwrap_or(Harm::None)
}

impl Gadget for Fragile {
    type Settings = Settings;

    fn manifest() -> Manifest {
        if cfg!(feature = "panics-in-manifest") {
            panic!("told to panic in manifest");
        }
        Manifest::new(
            "fragile",
            "Fragile",
            "Does whatever harm its settings name.",
        )
    }

    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        if cfg!(feature = "panics-in-create") {
            panic!("told to panic in create");
        }
        Ok(Self)
    }

    fn render(&self, settings: &Settings, context: &RenderContext<'_>) -> Result<View, Error> {
        harm(settings.harm, Some(context.services()))
    }

    fn choices(
        &self,
        _: &FieldPath,
        settings: &Value,
        services: &dyn Services,
    ) -> Result<Choices, Error> {
        harm(harm_in(settings), Some(services))?;
        Ok(Choices::Offered(Vec::new()))
    }

    fn check(settings: &Settings, _: NaiveDate) -> Vec<FieldError> {
        if settings.harm == Harm::Panic {
            panic!("told to panic");
        }
        Vec::new()
    }

    fn refresh(
        &self,
        settings: &Settings,
        context: &RefreshContext<'_>,
    ) -> Result<Refreshed, Error> {
        harm(settings.harm, Some(context.services()))?;
        Ok(Refreshed::nothing_to_do())
    }

    fn details(
        &self,
        settings: &Settings,
        _: &Selection,
        context: &RenderContext<'_>,
    ) -> Result<Table, Error> {
        harm(settings.harm, Some(context.services()))?;
        Ok(Table::new("details", "", Vec::new()))
    }

    fn adopt(own: &Value, shared: &BTreeMap<String, Value>) -> Adoption {
        if harm_in(own) == Harm::Panic {
            panic!("told to panic");
        }
        Adoption::all(shared)
    }

    fn migrate(_: &Version, settings: Value) -> Result<Value, Error> {
        harm(harm_in(&settings), None)?;
        Ok(settings)
    }
}

export_gadgets!(gadgets: [Fragile]);
