//! What the border costs: a bare call, a render of a large view, and the load of a library.

use std::{
    collections::BTreeMap,
    fs,
    hint::black_box,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use gadget_api::{
    __abi::{Exported, gadget},
    Cell, Column, ColumnKind, CreateContext, Error, Gadget, Manifest, RenderContext, Table, View,
    testing::Canned,
};
use gadget_host::{Catalog, LoadOptions, TrustPolicy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Failure, stopwatch::ms};

/// How many calls a render makes when bare calls are timed.
const CALLS: u32 = 1_000_000;
/// How often a pair of renders is timed.
const PAIRS: usize = 400;

/// What [`Wide`] does.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
struct Work {
    /// How often to ask the host for something trivial.
    #[schemars(title = "Calls")]
    calls: u32,
    /// How many rows the view has.
    #[schemars(title = "Rows")]
    rows: u32,
}

/// A gadget with a large view.
struct Wide;

impl Gadget for Wide {
    type Settings = Work;

    fn manifest() -> Manifest {
        Manifest::new("wide", "Wide", "Shows a large table.")
    }

    fn create(_: &CreateContext<'_>) -> Result<Self, Error> {
        Ok(Self)
    }

    fn render(&self, work: &Work, context: &RenderContext<'_>) -> Result<View, Error> {
        let services = context.services();
        for _ in 0..work.calls {
            if black_box(services.is_cancelled()) {
                break;
            }
        }
        Ok(view(work.rows))
    }
}

fn view(rows: u32) -> View {
    let titles = ["Company", "Country", "License"];
    let columns = titles.map(|title| Column::new(title.to_lowercase(), title, ColumnKind::Text));
    let mut table = Table::new("rows", "Rows", columns.into());
    table.rows = (0..rows)
        .map(|row| {
            [
                format!("Brenwick Logistics {row} GmbH"),
                "DE".to_owned(),
                format!("SEN-{}", 40_000_000 + row),
            ]
            .map(Cell::Text)
            .into()
        })
        .collect();
    let mut view = View::new("Wide");
    view.tables.push(table);
    view
}

/// Times calls of a gadget on the other side of the border.
pub(crate) fn run() -> Result<Value, Failure> {
    let exported = Exported::local(gadget::<Wide>());
    let services = Canned::default();
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or_default();
    let render = |work: &Work| -> Result<View, Failure> {
        let settings = serde_json::to_value(work)?;
        Ok(exported.render(&settings, today, None, &services)?)
    };
    let calls = |calls| render(&Work { calls, rows: 0 });
    calls(1)?;
    let mut bare = Vec::new();
    for _ in 0..9 {
        let started = Instant::now();
        calls(CALLS)?;
        bare.push(started.elapsed());
    }
    bare.sort_unstable();

    let work = Work {
        calls: 0,
        rows: 2_000,
    };
    let bytes = serde_json::to_vec(&view(work.rows))?.len();
    let mut through = Vec::new();
    let mut direct = Vec::new();
    for _ in 0..PAIRS {
        let started = Instant::now();
        let one = render(&work)?;
        through.push(started.elapsed());
        let started = Instant::now();
        let other = without_border(&work, today, &services)?;
        direct.push(started.elapsed());
        if one != other {
            return Err("the views differ".into());
        }
    }
    let [through, direct] = [through, direct].map(|mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    Ok(json!({
        "bare_call_ns": bare[bare.len() / 2].as_secs_f64() * 1e9 / f64::from(CALLS),
        "view_bytes": bytes,
        "through_border_ms": ms(through),
        "without_border_ms": ms(direct),
        "ratio": through.as_secs_f64() / direct.as_secs_f64(),
    }))
}

/// Renders with the same JSON on both ways, and the same bounds, but by a plain call.
fn without_border(work: &Work, today: NaiveDate, services: &Canned) -> Result<View, Failure> {
    #[derive(Deserialize, Serialize)]
    struct Input {
        settings: Value,
        today: NaiveDate,
        snapshot: Option<String>,
    }
    let input = serde_json::to_vec(&Input {
        settings: serde_json::to_value(work)?.clone(),
        today,
        snapshot: None,
    })?;
    let input: Input = serde_json::from_slice(&input)?;
    let settings: Work = serde_json::from_value(input.settings)?;
    let context = RenderContext::new(input.today, None, services);
    let view = Wide.render(&settings, &context)?;
    let json = serde_json::to_vec(&view.bounded()?)?;
    let view: View = serde_json::from_slice(&json)?;
    Ok(view.bounded()?)
}

/// Times the load of a library with all checks.
pub(crate) fn load(library: &Path) -> Result<Value, Failure> {
    let copies = tempfile::tempdir()?;
    fs::set_permissions(copies.path(), fs::Permissions::from_mode(0o700))?;
    // The file is read once before, so that the disk is not timed.
    let bytes = fs::read(library)?.len();
    let options = LoadOptions::new(TrustPolicy::AllowUnsigned, copies.path());
    let started = Instant::now();
    let catalog = Catalog::load_library(library, &options)?;
    let time = started.elapsed();
    let gadgets: BTreeMap<&str, usize> = catalog.gadgets().map(|gadget| (gadget.id(), 1)).collect();
    Ok(json!({
        "bytes": bytes,
        "gadgets": gadgets.len(),
        "load_ms": ms(time),
    }))
}
