//! A gadget whose id another library has already.

use gadget_api::{CreateContext, Error, Gadget, Manifest, RenderContext, View, export_gadgets};

/// Whom to greet.
#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The one who is greeted.
    #[schemars(title = "Name")]
    name: String,
}

/// Greets whoever is named.
pub struct Hello;

impl Gadget for Hello {
    type Settings = Settings;

    fn manifest() -> Manifest {
        Manifest::new("hello", "Hello again", "Greets whoever is named.")
    }

    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn render(&self, settings: &Settings, _: &RenderContext<'_>) -> Result<View, Error> {
        Ok(View::new(format!("Hello, {}", settings.name)))
    }
}

export_gadgets!(gadgets: [Hello]);
