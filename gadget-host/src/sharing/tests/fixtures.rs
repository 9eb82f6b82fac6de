//! What the tests share: gadgets, datasources, and dashboards of some tiles.

use std::{cell::Cell, collections::BTreeMap};

use gadget_api::{
    Adoption, Choice, Choices, Error, ErrorKind, FieldError, GadgetDescription, Manifest,
    schema::{lint, semantics},
};
use serde_json::{Map, Value, json};

use crate::{
    form::{dynamic_fields, resolve},
    settings::problems,
    sharing::{
        Editing, Exposure, FieldPreview, Preview, Proposal, ReasonKind, Receiver, ReceiverForm,
        ReceiverGadget, Scope, Setup, SharedSettings, Sharer, TilePreview,
    },
};

/// The kind that most gadgets here read.
pub(super) const MARKET: &str = "market";
/// The kind that one gadget here reads.
pub(super) const TRACKER: &str = "tracker";

/// Datasources: id, title, kind.
pub(super) const DATASOURCES: [(&str, &str, &str); 3] = [
    ("d1", "Acme Marketplace", MARKET),
    ("d2", "Bolt Marketplace", MARKET),
    ("t1", "Tracker", TRACKER),
];
/// What a datasource and a vendor offer: datasource, vendor, apps.
const OFFERED: [(&str, &str, &[&str]); 7] = [
    ("d1", "v1", &["timeboard", "docflow"]),
    ("d1", "v2", &["signoff"]),
    ("d2", "v1", &["timeboard"]),
    ("d2", "v3", &["pager"]),
    ("d2", "v4", &["timeboard"]),
    ("t1", "v1", &["timeboard"]),
    ("t1", "v9", &["beeper"]),
];

fn titled(id: &str) -> Choice {
    let mut title = id.to_owned();
    title[..1].make_ascii_uppercase();
    Choice::new(id, title)
}

/// Makes a gadget of some fields; all without a default are required.
pub(super) fn gadget(id: &str, kinds: &[&str], fields: Value) -> GadgetDescription {
    let required: Vec<&String> = fields
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, field)| field.get("default").is_none())
        .map(|(name, _)| name)
        .collect();
    let schema = json!({"type": "object", "additionalProperties": false, "required": required, "properties": fields});
    assert_eq!(lint(&schema), [], "{id}");
    let mut manifest = Manifest::new(id, format!("The {id}"), "A gadget.");
    manifest.datasource_kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    GadgetDescription {
        manifest,
        semantics: semantics(&schema),
        schema,
    }
}

pub(super) fn name() -> Value {
    json!({"type": "string", "title": "Name", "default": "", "x-semantic": "name"})
}

pub(super) fn datasource(kind: &str) -> Value {
    json!({"type": "string", "title": "Datasource", "x-semantic": "datasource", "x-datasource-kind": kind,
        "x-choices": {"source": "datasources", "dependsOn": []}})
}

pub(super) fn vendor() -> Value {
    json!({"type": "string", "title": "Vendor", "x-semantic": "vendor",
        "x-choices": {"source": "vendors", "dependsOn": ["/datasource"]}})
}

pub(super) fn app() -> Value {
    json!({"type": "string", "title": "App", "x-semantic": "app", "x-share": "when-unset",
        "x-choices": {"source": "apps", "dependsOn": ["/datasource", "/vendor"]}})
}

pub(super) fn period() -> Value {
    json!({"title": "Period", "x-semantic": "period", "default": {"kind": "last_30_days"}, "oneOf": [
        {"type": "object", "title": "Last 30 days", "additionalProperties": false, "required": ["kind"],
            "properties": {"kind": {"const": "last_30_days", "default": "last_30_days"}}},
        {"type": "object", "title": "Custom", "additionalProperties": false, "required": ["kind", "from", "to"],
            "properties": {"kind": {"const": "custom", "default": "custom"},
                "from": {"type": "string", "format": "date", "title": "From"},
                "to": {"type": "string", "format": "date", "title": "To"}}}]})
}

pub(super) fn bucket() -> Value {
    json!({"type": "string", "title": "Bucket", "x-semantic": "bucket", "default": "auto",
        "oneOf": [{"const": "auto", "title": "Auto"}, {"const": "day", "title": "Day"}, {"const": "week", "title": "Week"}]})
}

pub(super) fn include() -> Value {
    json!({"type": "array", "uniqueItems": true, "title": "Include", "x-semantic": "include", "default": [],
        "items": {"type": "string", "oneOf": [{"const": "community", "title": "Community"}, {"const": "free", "title": "Free"}]}})
}

/// Users of an app.
pub(super) fn app_users() -> GadgetDescription {
    gadget(
        "app-users",
        &[MARKET],
        json!({"name": name(), "datasource": datasource(MARKET), "vendor": vendor(), "app": app(),
            "period": period(), "bucket": bucket(), "include": include()}),
    )
}

/// Users of all apps of a vendor.
pub(super) fn vendor_users() -> GadgetDescription {
    gadget(
        "vendor-users",
        &[MARKET],
        json!({"name": name(), "datasource": datasource(MARKET), "vendor": vendor(),
            "period": period(), "bucket": bucket(), "include": include()}),
    )
}

/// A gadget with the same meanings on another kind of datasource.
pub(super) fn tracker_users() -> GadgetDescription {
    gadget(
        "tracker-users",
        &[TRACKER],
        json!({"datasource": datasource(TRACKER), "vendor": vendor(), "app": app(), "period": period()}),
    )
}

/// A gadget without any datasource.
pub(super) fn clock() -> GadgetDescription {
    gadget("clock", &[], json!({"period": period()}))
}

/// Settings of `app-users`.
pub(super) fn app_settings(datasource: &str, vendor: &str, app: &str) -> Value {
    json!({"name": format!("My {app}"), "datasource": datasource, "vendor": vendor, "app": app})
}

/// Returns `settings` with the members of `more`.
pub(super) fn with(mut settings: Value, more: Value) -> Value {
    let Value::Object(more) = more else {
        panic!("no object");
    };
    settings.as_object_mut().unwrap().extend(more);
    settings
}

type Adopt = dyn Fn(&Value, &BTreeMap<String, Value>) -> Result<Adoption, Error>;

/// What a gadget answers about its settings in this world.
pub(super) struct World {
    gadget: GadgetDescription,
    adopt: Box<Adopt>,
    unreachable: Option<&'static str>,
    silent: Option<&'static str>,
    asked: Cell<usize>,
}

impl World {
    pub(super) fn new(gadget: GadgetDescription) -> Self {
        Self {
            gadget,
            adopt: Box::new(|_, shared| Ok(Adoption::all(shared))),
            unreachable: None,
            silent: None,
            asked: Cell::new(0),
        }
    }

    pub(super) fn adopting(
        mut self,
        adopt: impl Fn(&Value, &BTreeMap<String, Value>) -> Result<Adoption, Error> + 'static,
    ) -> Self {
        self.adopt = Box::new(adopt);
        self
    }

    /// Makes the choices of one datasource unreadable.
    pub(super) fn without(mut self, datasource: &'static str) -> Self {
        self.unreachable = Some(datasource);
        self
    }

    /// Makes the fields that depend on one datasource say why they offer nothing.
    pub(super) fn silent_about(mut self, datasource: &'static str) -> Self {
        self.silent = Some(datasource);
        self
    }

    /// Returns how often the gadget was asked for anything.
    pub(super) fn asked(&self) -> usize {
        self.asked.get()
    }

    fn choices(&self, source: &str, field: &Value, settings: &Value) -> Vec<Choice> {
        let set = |name: &str| {
            settings
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let of_datasource = || OFFERED.iter().filter(|(id, ..)| *id == set("datasource"));
        match source {
            "datasources" => DATASOURCES
                .iter()
                .filter(|(.., kind)| field["x-datasource-kind"] == *kind)
                .map(|(id, title, _)| Choice::new(*id, *title))
                .collect(),
            "vendors" => of_datasource()
                .map(|(_, vendor, _)| titled(vendor))
                .collect(),
            "apps" => of_datasource()
                .filter(|(_, vendor, _)| *vendor == set("vendor"))
                .flat_map(|(.., apps)| apps.iter().map(|app| titled(app)))
                .collect(),
            other => panic!("no source {other}"),
        }
    }
}

impl ReceiverForm for World {
    fn resolve(&self, settings: &Value) -> Result<Value, Error> {
        self.asked.set(self.asked.get() + 1);
        if self
            .unreachable
            .is_some_and(|datasource| settings["datasource"] == datasource)
        {
            return Err(Error::new(ErrorKind::Network, "no answer"));
        }
        let schema = &self.gadget.schema;
        let choices = dynamic_fields(schema).into_iter().map(|path| {
            let field = &schema["properties"][&path.as_str()[1..]];
            let source = field["x-choices"]["source"].as_str().unwrap();
            let is_silent = self.silent.is_some_and(|id| settings["datasource"] == id);
            if is_silent && source != "datasources" {
                return (path, Choices::Waiting("There was no answer.".to_owned()));
            }
            let offered = match self.choices(source, field, settings) {
                choices if choices.is_empty() => Choices::Waiting("Set another first.".to_owned()),
                choices => Choices::Offered(choices),
            };
            (path, offered)
        });
        Ok(resolve(schema, &choices.collect()))
    }

    fn adopt(&self, own: &Value, shared: &BTreeMap<String, Value>) -> Result<Adoption, Error> {
        self.asked.set(self.asked.get() + 1);
        (self.adopt)(own, shared)
    }
}

/// One tile of a test.
pub(super) struct Tile {
    pub(super) id: String,
    pub(super) settings: Value,
    pub(super) setup: Setup,
    pub(super) editing: Editing,
    pub(super) is_absent: bool,
    pub(super) world: World,
}

impl Tile {
    /// A tile that is set up.
    pub(super) fn of(id: &str, gadget: GadgetDescription, settings: Value) -> Self {
        Self {
            id: id.to_owned(),
            settings,
            setup: Setup::Done,
            editing: Editing::Allowed,
            is_absent: false,
            world: World::new(gadget),
        }
    }

    /// A tile that is not set up.
    pub(super) fn new(id: &str, gadget: GadgetDescription) -> Self {
        let mut tile = Self::of(id, gadget, Value::Object(Map::new()));
        tile.setup = Setup::NotYet;
        tile
    }

    pub(super) fn receiver(&self) -> Receiver<'_> {
        let description = &self.world.gadget;
        Receiver {
            tile: &self.id,
            title: &self.id,
            settings: &self.settings,
            setup: self.setup,
            editing: self.editing.clone(),
            gadget: if self.is_absent {
                ReceiverGadget::Absent {
                    id: &description.manifest.id,
                }
            } else {
                ReceiverGadget::Present {
                    description,
                    form: &self.world,
                }
            },
        }
    }

    pub(super) fn resolved(&self, settings: &Value) -> Value {
        self.world.resolve(settings).unwrap()
    }

    pub(super) fn problems(&self, settings: &Value) -> Vec<FieldError> {
        problems(&self.resolved(settings), settings)
    }
}

/// The revision of all dashboards here.
pub(super) const REVISION: u64 = 7;

/// Proposes to share `settings` of a gadget with the tiles.
pub(super) fn propose(gadget: &GadgetDescription, settings: &Value, tiles: &[Tile]) -> Proposal {
    let sharer = Sharer {
        tile: "sharer",
        gadget,
        settings,
        setup_before: Setup::Done,
        exposure: Exposure::Nothing,
    };
    let receivers: Vec<_> = tiles.iter().map(Tile::receiver).collect();
    Proposal::new(REVISION, &sharer, &receivers)
}

/// A gadget that has nothing to say beyond its schema.
pub(super) fn fine(_: &str, _: &Value) -> Vec<FieldError> {
    Vec::new()
}

/// Returns the preview of all tiles with the ticks that it starts with.
pub(super) fn first(proposal: &Proposal) -> Preview {
    let scope = Scope::AllCompatible;
    proposal.preview(scope, &proposal.first_ticks(scope), &fine)
}

/// Applies what the first preview says.
pub(super) fn apply_first(proposal: &Proposal) -> SharedSettings {
    let takes = first(proposal).takes();
    proposal.apply(&takes, REVISION, &fine).unwrap()
}

/// Returns a field of a tile of a preview.
pub(super) fn field<'a>(tile: &'a TilePreview, semantic: &str) -> &'a FieldPreview {
    tile.fields
        .iter()
        .find(|field| field.semantic == semantic)
        .unwrap()
}

/// Returns why a field keeps its value.
pub(super) fn why(tile: &TilePreview, semantic: &str) -> Option<(ReasonKind, String)> {
    let reason = field(tile, semantic).why.as_ref()?;
    Some((reason.kind, reason.text.clone()))
}

/// Returns the semantics that a tile would take, in order.
pub(super) fn taken(tile: &TilePreview) -> Vec<&str> {
    tile.fields
        .iter()
        .filter(|field| field.takes)
        .map(|field| field.semantic.as_str())
        .collect()
}

/// What the tile "sharer" shows in most tests.
pub(super) fn timeboard() -> Value {
    with(
        app_settings("d1", "v1", "timeboard"),
        json!({"period": {"kind": "custom", "from": "2026-09-01", "to": "2026-10-31"}, "include": ["community"]}),
    )
}

/// Returns the first preview of what one tile takes of `app-users`.
pub(super) fn preview_of(settings: &Value, tile: Tile) -> Preview {
    first(&propose(&app_users(), settings, &[tile]))
}
