//! `render`: one gadget without a server.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use gadget_api::{GadgetDescription, Selection, Table, View};
use gadget_host::{Call, Cancellation};
use serde_json::{Map, Value};

use super::{
    arguments::{CommonOptions, Format, RenderOptions},
    exit::Exit,
    output::{answer, bytes, is_terminal, json},
    progress::ProgressLine,
};
use crate::app::{
    Engine, Failure, FailureKind, RenderedView, cancels, datasource_file, gadget_in, read, set,
};
use gadget_draw::{
    ImageOptions, Terminal,
    csv::csv,
    text::{Colours, table_text, text},
    tile_as_svg, tile_png,
};

/// The columns of a terminal that does not say how many it has.
const COLUMNS: usize = 100;

/// Renders one gadget.
pub(super) fn run(common: &CommonOptions, options: &RenderOptions) -> Result<Exit, Failure> {
    let ends_at = Instant::now() + Duration::from_secs(options.timeout);
    let cancellation = Cancellation::new();
    cancels(&cancellation).map_err(|error| {
        Failure::new(
            FailureKind::Other,
            format!("failed to catch interrupts: {error}"),
        )
    })?;
    let selection = selection(options)?;
    if is_standard_input(options.datasource.as_deref())
        && is_standard_input(options.settings.as_deref())
    {
        return Err(Failure::usage(
            "datasource and settings cannot both come from standard input",
        ));
    }

    let engine = Engine::start(&common.gadget_options()?, &common.render_directory()?)?;
    let description = gadget_in(engine.catalog(), &options.gadget)?
        .description()
        .clone();
    let datasource = options
        .datasource
        .as_deref()
        .map(|path| datasource_file::read_datasource(&engine, path))
        .transpose()?;
    if datasource.is_none() && !description.manifest.datasource_kinds.is_empty() {
        return Err(Failure::usage(format!(
            "the gadget `{}` needs a datasource",
            options.gadget
        ))
        .with_remedy("Pass its file with `--datasource`."));
    }
    let mut settings = settings(options.settings.as_deref())?;
    let today = options.today.unwrap_or_else(|| Utc::now().date_naive());
    if let Some(datasource) = &datasource {
        set(
            &mut settings,
            &description,
            "datasource",
            &Value::from(datasource.id()),
        );
    }
    let left = || ends_at.saturating_duration_since(Instant::now());
    let call = Call::new(&options.gadget, Value::Null, today)
        .cancelled_by(&cancellation)
        .within(left());
    let mut call = engine.checked(&options.gadget, settings, &call)?;
    if let Some(datasource) = datasource {
        call = call.with_datasource(Arc::new(datasource));
    }

    let line = ProgressLine::new();
    let shown = if options.offline {
        let view = engine.rendered(&call.clone().within(left()), None);
        view.map(|view| RenderedView {
            view,
            snapshot: None,
            stale: None,
        })
    } else {
        engine.refreshed_view(
            &call,
            left(),
            Utc::now(),
            &|progress| line.show(progress),
            &|| (),
        )
    };
    line.clear();
    let shown = shown?;
    match &selection {
        Some(selection) => {
            let rows = engine.details(&call.within(left()), selection, shown.snapshot.as_ref())?;
            write_rows(&rows, options.format)?;
        }
        None => write_view(&shown.view, options, &description)?,
    }
    Ok(if shown.view.is_stale() {
        Exit::Stale
    } else {
        Exit::Fresh
    })
}

fn is_standard_input(path: Option<&Path>) -> bool {
    path.is_some_and(|path| path.as_os_str() == "-")
}

fn selection(options: &RenderOptions) -> Result<Option<Selection>, Failure> {
    let Some(text) = &options.details else {
        return Ok(None);
    };
    serde_json::from_str(text).map(Some).map_err(|error| {
        Failure::usage(format!(
            "`--details` does not name a part of a view: {error}"
        ))
        .with_remedy(
            r#"Name one such as `{"figure": "ID"}` or `{"chart": "ID", "bucket": "2026-10-19"}`."#,
        )
    })
}

/// Reads the settings; without a file they are empty, so that only defaults hold.
fn settings(path: Option<&Path>) -> Result<Value, Failure> {
    let Some(path) = path else {
        return Ok(Value::Object(Map::new()));
    };
    let value: Value = serde_json::from_str(&read(path, "settings")?).map_err(|error| {
        Failure::usage(format!(
            "the settings in `{}` are not valid JSON: {error}",
            path.display()
        ))
    })?;
    if value.is_object() {
        return Ok(value);
    }
    Err(Failure::usage(format!(
        "the settings in `{}` are not a JSON object",
        path.display()
    )))
}

fn write_view(
    view: &View,
    options: &RenderOptions,
    description: &GadgetDescription,
) -> Result<(), Failure> {
    match options.format {
        Format::Json => json(view),
        Format::Text => answer(&text(view, terminal())),
        Format::Svg => answer(&tile_as_svg(view)),
        Format::Csv => answer(&csv(table_of(
            view,
            options.table.as_deref(),
            &description.manifest.id,
        )?)),
        Format::Png => {
            let picture = tile_png(view, &ImageOptions::default())
                .map_err(|error| Failure::new(FailureKind::Other, error))?;
            bytes(&picture)
        }
    }
}

fn table_of<'a>(view: &'a View, id: Option<&str>, gadget: &str) -> Result<&'a Table, Failure> {
    let table = match id {
        Some(id) => view.table(id),
        None => view.main_table(),
    };
    table.ok_or_else(|| {
        let known: Vec<_> = view
            .tables
            .iter()
            .map(|table| format!("`{}`", table.id))
            .collect();
        let wanted = id.map_or_else(|| "table".to_owned(), |id| format!("table `{id}`"));
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        Failure::usage(format!(
            "the view of `{gadget}` has no {wanted}; its tables are: {known}"
        ))
        .with_remedy("Choose one with `--table`.")
    })
}

fn write_rows(rows: &Table, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => json(rows),
        Format::Csv => answer(&csv(rows)),
        Format::Text => answer(&table_text(rows)),
        Format::Svg | Format::Png => Err(Failure::usage("rows cannot be drawn as a picture")
            .with_remedy(
                "Use `--format json`, `--format csv` or `--format text` with `--details`.",
            )),
    }
}

fn terminal() -> Terminal {
    let is_coloured =
        is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    Terminal {
        colours: if is_coloured {
            Colours::Ansi
        } else {
            Colours::None
        },
        width: width.unwrap_or(COLUMNS).clamp(40, 240),
    }
}
