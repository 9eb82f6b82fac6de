//! The product alone: how its costs grow, and what the border costs.

use serde_json::{Value, json};

use super::{APP, BenchOptions, Places, TODAY, announce, process};
use crate::{Failure, LIBRARIES};

/// The changed rows of a sync, as a part of all licenses.
const CHANGED: u32 = 200;

/// Measures counting and syncing at each size, and the border.
pub(crate) fn measure(places: &Places, options: &BenchOptions) -> Result<Value, Failure> {
    let program = places.program("benchmarks");
    let runs = options.runs.to_string();
    let mut results = json!({});
    announce("the border");
    results["border"] = process::json(process::command(&program).arg("border"))?;
    let mut loads = Vec::new();
    for _ in 0..options.runs.max(5) {
        let mut load = process::command(&program);
        load.arg("load")
            .arg(places.programs.join("gadgets").join(LIBRARIES[0]));
        loads.push(process::json(&mut load)?);
    }
    loads.sort_by(|one, other| {
        let time = |load: &Value| load["load_ms"].as_f64().unwrap_or_default();
        time(one).total_cmp(&time(other))
    });
    results["load"] = loads.swap_remove(loads.len() / 2);
    for licenses in &options.licenses {
        let size = licenses.to_string();
        announce(&format!("counting {size} licenses"));
        let data = places.data_set(*licenses)?;
        let mut counting = process::command(&program);
        counting.arg("counting").arg(&data).args([APP, TODAY]);
        results["counting"][&size] = process::json(counting.args(["--runs", &runs]))?;
        announce(&format!("syncs of {size} licenses"));
        let changes = (licenses / CHANGED).to_string();
        let mut syncing = process::command(&program);
        syncing.args(["syncing", &size, &changes, APP, TODAY]);
        results["syncing"][&size] = process::json(syncing.args(["--runs", &runs]))?;
    }
    Ok(results)
}
