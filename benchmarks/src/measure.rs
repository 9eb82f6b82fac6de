//! The resources that a process uses, as Linux tells them in `/proc`.

use std::{
    ffi::OsString,
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::Failure;

/// How often the peak memory is read. What a process allocates in its last moment may be missed.
const INTERVAL: Duration = Duration::from_millis(5);
/// The length of a tick, in which Linux counts CPU time for programs.
const TICK_MS: u64 = 10;

/// Runs a program and returns its wall time, CPU time (user and system) and peak memory.
pub(crate) fn run(output: &Path, command: &[OsString]) -> Result<Value, Failure> {
    let (program, arguments) = command.split_first().ok_or("there is no program")?;
    let output = File::create(output)?;
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output)
        .spawn()?;
    let process = child.id().to_string();
    let mut peak_kib = 0;
    // A process that has ended keeps its times until it is waited for, but not its memory.
    let cpu_ms = loop {
        let times = times(&process)?;
        if times.has_ended {
            break times.cpu_ms;
        }
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        peak_kib = kib(&status, "VmHWM:").unwrap_or(peak_kib);
        thread::sleep(INTERVAL);
    };
    let wall = started.elapsed();
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("`{}` failed: {status}", program.display()).into());
    }
    Ok(json!({
        "wall_ms": wall.as_millis() as u64,
        "cpu_ms": cpu_ms,
        "peak_kib": peak_kib,
    }))
}

/// Returns the CPU time of this process so far, in milliseconds.
pub(crate) fn own_cpu_ms() -> Result<u64, Failure> {
    Ok(times("self")?.cpu_ms)
}

/// Returns a number of `/proc/…/status`.
pub(crate) fn kib(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line?.split_whitespace().next()?.parse().ok()
}

struct Times {
    has_ended: bool,
    cpu_ms: u64,
}

fn times(process: &str) -> Result<Times, Failure> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    parsed(&stat).ok_or_else(|| format!("`{stat}` is not understood").into())
}

/// Parses `/proc/…/stat`: the state is the first field behind the name, the times are the 12th and 13th.
fn parsed(stat: &str) -> Option<Times> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Times {
        has_ended: matches!(*fields.first()?, "Z" | "X"),
        cpu_ms: (ticks(11)? + ticks(12)?) * TICK_MS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "7 (a) b) Z 1 7 7 0 -1 4 0 0 0 0 12 30 0 0 20 0 1 0 5 0 0";
        let times = parsed(stat).unwrap();
        assert!(times.has_ended);
        assert_eq!(times.cpu_ms, 420);
    }

    #[test]
    fn a_program_is_measured() {
        let output = tempfile::NamedTempFile::new().unwrap();
        let command = [
            "sh",
            "-c",
            "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo $i",
        ];
        let usage = run(output.path(), &command.map(OsString::from)).unwrap();
        assert!(usage["cpu_ms"].as_u64().unwrap() > 0, "{usage}");
        assert!(usage["peak_kib"].as_u64().unwrap() > 0, "{usage}");
        assert_eq!(fs::read_to_string(output.path()).unwrap(), "100000\n");
    }
}
