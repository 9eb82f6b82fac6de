//! Child processes and what they use.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use super::Places;
use crate::Failure;

/// Creates a command without the variables of cargo.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    command
}

/// Runs a command that prints one JSON value.
pub(crate) fn json(command: &mut Command) -> Result<Value, Failure> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{command:?} failed: {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs a command and returns what it uses, with the JSON value that it prints as `printed`.
pub(crate) fn measured(places: &Places, measured: &Command) -> Result<Value, Failure> {
    let output = places.work.join("output");
    let mut command = command(&places.program("benchmarks"));
    command.arg("measure").arg("--output").arg(&output);
    command.arg("--").arg(measured.get_program());
    let mut usage = json(command.args(measured.get_args()))?;
    usage["printed"] = serde_json::from_str(&fs::read_to_string(output)?)?;
    Ok(usage)
}

/// Returns, for each number of the runs, its median.
pub(crate) fn medians(runs: &[Value]) -> Value {
    let mut medians = json!({"runs": runs.len()});
    for name in ["wall_ms", "cpu_ms", "peak_kib"] {
        let mut values: Vec<f64> = runs.iter().filter_map(|run| run[name].as_f64()).collect();
        values.sort_by(f64::total_cmp);
        medians[name] = json!(values.get(values.len() / 2));
    }
    medians
}

/// A stand-in, until it is dropped.
pub(crate) struct StandIn {
    child: Child,
    /// The JSON that describes it as a datasource.
    pub(crate) datasource: Value,
}

impl StandIn {
    /// Starts the stand-in with this many licenses.
    pub(crate) fn start(places: &Places, licenses: u32, today: &str) -> Result<Self, Failure> {
        use std::io::BufRead;
        let mut child = command(&places.program("marketplace-sim"))
            .args(["--licenses", &licenses.to_string(), "--today", today])
            .arg("--describe")
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("the stand-in has no output")?;
        let mut stand_in = Self {
            child,
            datasource: Value::Null,
        };
        let described = std::io::BufReader::new(output).lines().nth(1);
        let described = described.ok_or("the stand-in does not describe itself")??;
        stand_in.datasource = serde_json::from_str::<Value>(&described)?["datasource"].take();
        Ok(stand_in)
    }

    /// Lets a day go by with this many changed rows.
    pub(crate) fn advance(&self, changes: u32) -> Result<(), Failure> {
        let url = self.datasource["base_url"].as_str().unwrap_or_default();
        let address = url.trim_start_matches("http://");
        let address = address.split('/').next().unwrap_or_default();
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "POST /__control/advance?changes={changes} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if answer.starts_with("HTTP/1.1 200") {
            Ok(())
        } else {
            Err(format!("the stand-in answers {answer}").into())
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the size of all files below a directory.
pub(crate) fn stored_bytes(directory: &Path) -> Result<u64, Failure> {
    let mut sum = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sum += stored_bytes(&entry.path())?;
        } else if kind.is_file() {
            sum += entry.metadata()?.len();
        }
    }
    Ok(sum)
}
