//! The view of settings: a row for each, so that a test sees what arrived.

use gadget_api::{Cell, Column, ColumnKind, Error, ErrorKind, Table, View};
use serde::Serialize;
use serde_json::Value;

/// Returns a view that shows each setting as JSON.
pub(crate) fn view(title: &str, settings: &impl Serialize) -> Result<View, Error> {
    let settings = serde_json::to_value(settings)
        .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    let columns = vec![
        Column::new("setting", "Setting", ColumnKind::Text),
        Column::new("value", "Value", ColumnKind::Text),
    ];
    let mut table = Table::new("settings", "Settings", columns);
    for (name, value) in settings.as_object().into_iter().flatten() {
        table
            .rows
            .push(vec![Cell::from(name.as_str()), Cell::from(text(value))]);
    }
    let mut view = View::new(title);
    view.tables.push(table);
    Ok(view)
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
