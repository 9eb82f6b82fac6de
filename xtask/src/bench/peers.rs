//! The product beside DuckDB and polars: the same files, in turns, with equal results.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use super::{APP, BenchOptions, Places, TODAY, announce, process};
use crate::Failure;

/// The changed rows of the third sync.
const CHANGES: u32 = 5_000;
/// From this many licenses on, syncs are measured once.
const LARGE: u32 = 1_000_000;
/// The day after [`TODAY`].
const TOMORROW: &str = "2026-11-21";

/// Measures reports from exports, and syncs of the host.
pub(crate) fn measure(places: &Places, options: &BenchOptions) -> Result<Value, Failure> {
    let python = python(places)?;
    let mut results = json!({});
    for licenses in options.licenses.iter().filter(|count| **count >= 100_000) {
        let size = licenses.to_string();
        let data = places.data_set(*licenses)?;
        announce(&format!("a report from an export of {size} licenses"));
        results["report"][&size] = report(places, &python, &data, options.runs)?;
        announce(&format!("syncs of the host with {size} licenses"));
        results["host"][&size] = host(places, &python, &data, (*licenses, options.runs))?;
    }
    let versions = "import duckdb, polars, platform, json; print(json.dumps([platform.python_version(), duckdb.__version__, polars.__version__]))";
    results["versions"] = process::json(process::command(&python).args(["-c", versions]))?;
    Ok(results)
}

/// Installs the peers, once for each change of their versions.
fn python(places: &Places) -> Result<PathBuf, Failure> {
    let requirements = scripts()?.join("requirements.txt");
    let environment = places.work.join("venv");
    let installed = environment.join("requirements.txt");
    let python = environment.join("bin").join("python");
    if fs::read(&installed).ok() != fs::read(&requirements).ok() {
        announce("nothing yet: installing the peers");
        let mut create = Command::new("python3");
        succeed(create.args(["-m", "venv", "--clear"]).arg(&environment))?;
        let mut install = process::command(&python);
        install.args(["-m", "pip", "install", "--quiet", "--requirement"]);
        succeed(install.arg(&requirements))?;
        fs::copy(&requirements, &installed)?;
    }
    Ok(python)
}

fn succeed(command: &mut Command) -> Result<(), Failure> {
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} failed: {status}").into())
    }
}

fn scripts() -> Result<PathBuf, Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Ok(root
        .ok_or("the workspace has no directory")?
        .join("benchmarks/peers"))
}

/// Measures ours and both peers in turns, and requires equal results.
fn report(places: &Places, python: &Path, data: &Path, runs: usize) -> Result<Value, Failure> {
    let file = data.join("licenses.ndjson");
    let scripts = scripts()?;
    let mut ours = process::command(&places.program("benchmarks"));
    ours.arg("export-report").arg(&file).args([APP, TODAY]);
    let peer = |script: &str| {
        let mut peer = process::command(python);
        peer.arg(scripts.join(script)).arg(&file).args([APP, TODAY]);
        peer
    };
    let sides = [
        ("ours", ours),
        ("duckdb", peer("duckdb_report.py")),
        ("polars", peer("polars_report.py")),
    ];
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    let mut expected = None;
    for _ in 0..runs {
        for ((name, command), times) in sides.iter().zip(&mut times) {
            let run = process::measured(places, command)?;
            let printed = expected.get_or_insert_with(|| run["printed"].clone());
            if *printed != run["printed"] {
                let found = &run["printed"];
                return Err(format!("{name} differs: {found} instead of {printed}").into());
            }
            times.push(run);
        }
    }
    let mut results = json!({"bytes": file.metadata()?.len(), "equal": true});
    for ((name, _), times) in sides.iter().zip(&times) {
        results[name] = process::medians(times);
    }
    for peer in ["duckdb", "polars"] {
        for (ratio, name) in [("wall", "wall_ms"), ("cpu", "cpu_ms")] {
            results["faster_than"][peer][ratio] = ratio_of(&results[peer], &results["ours"], name);
        }
    }
    Ok(results)
}

fn ratio_of(one: &Value, other: &Value, name: &str) -> Value {
    match (one[name].as_f64(), other[name].as_f64()) {
        (Some(one), Some(other)) if other > 0.0 => json!(one / other),
        _ => Value::Null,
    }
}

/// Measures a host that syncs three times and renders without a sync, beside DuckDB.
fn host(
    places: &Places,
    python: &Path,
    data: &Path,
    (licenses, runs): (u32, usize),
) -> Result<Value, Failure> {
    let mut exports = process::command(python);
    exports.arg(scripts()?.join("duckdb_exports.py"));
    for name in ["licenses.json", "transactions.json"] {
        exports.arg(data.join(name));
    }
    let steps = ["first_sync", "unchanged_sync", "changed_sync", "offline"];
    let mut times = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    let mut peers = Vec::new();
    let mut results = json!({"changed_rows": CHANGES});
    // Syncs of a million licenses take minutes.
    let runs = if licenses < LARGE { runs.min(3) } else { 1 };
    for _ in 0..runs {
        let stand_in = process::StandIn::start(places, licenses, TODAY)?;
        let directory = places.work.join("host");
        if directory.exists() {
            fs::remove_dir_all(&directory)?;
        }
        let host = Host::new(places, &directory, &stand_in.datasource)?;
        peers.push(process::measured(places, &exports)?);
        times[0].push(process::measured(places, &host.render(TODAY, &[]))?);
        results["stored_bytes"] = json!(process::stored_bytes(&directory.join("data"))?);
        times[1].push(process::measured(places, &host.render(TODAY, &[]))?);
        stand_in.advance(CHANGES)?;
        times[2].push(process::measured(places, &host.render(TOMORROW, &[]))?);
        times[3].push(process::measured(
            places,
            &host.render(TOMORROW, &["--offline"]),
        )?);
        if results.get("serving").is_none() {
            results["serving"] = host.serving()?;
        }
    }
    results["duckdb"] = process::medians(&peers);
    for (step, times) in steps.iter().zip(&times) {
        results[*step] = process::medians(times);
    }
    results["cpu_beside_duckdb"] = ratio_of(&results["first_sync"], &results["duckdb"], "cpu_ms");
    for step in ["unchanged_sync", "changed_sync"] {
        let share = ratio_of(&results[step], &results["first_sync"], "cpu_ms");
        results[step]["share_of_first"] = share;
    }
    Ok(results)
}

/// A host with a directory of its own.
struct Host<'a> {
    places: &'a Places,
    directory: &'a Path,
}

impl<'a> Host<'a> {
    fn new(places: &'a Places, directory: &'a Path, source: &Value) -> Result<Self, Failure> {
        fs::create_dir_all(directory)?;
        let settings = json!({"vendor": source["vendors"][0], "app": APP});
        fs::write(directory.join("settings.json"), settings.to_string())?;
        fs::write(directory.join("datasource.json"), source.to_string())?;
        Ok(Self { places, directory })
    }

    fn command(&self, task: &str, data: &str) -> Command {
        let mut command = process::command(&self.places.program("host-demo"));
        command.arg(task);
        command.args(["--allow-unsigned", "--allow-insecure-datasource"]);
        command.arg("--data").arg(self.directory.join(data));
        command
            .arg("--datasource")
            .arg(self.directory.join("datasource.json"));
        command
    }

    fn render(&self, today: &str, more: &[&str]) -> Command {
        let mut command = self.command("render", "data");
        command
            .arg("--settings")
            .arg(self.directory.join("settings.json"));
        command.args(["--today", today, "--timeout", "3600", "app-users"]);
        command.args(more);
        command
    }

    /// Measures a host that serves a dashboard, with another directory for its data.
    fn serving(&self) -> Result<Value, Failure> {
        let host = self.command("serve", "served");
        let mut command = process::command(&self.places.program("benchmarks"));
        command.args(["serving", "--"]).arg(host.get_program());
        command.args(host.get_args());
        process::json(command.args(["--listen", "127.0.0.1:0"]))
    }
}
