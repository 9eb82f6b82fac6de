//! The memory of a host that serves a dashboard, after its first sync.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::{Failure, measure::kib};

/// How long the first sync may take.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Stops the host when it is dropped.
struct Host(Child);

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a host, waits until every gadget of its dashboard has a view, and returns its resident memory.
pub(crate) fn run(command: &[OsString]) -> Result<Value, Failure> {
    // Only the first call of a process can install it.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let (program, arguments) = command.split_first().ok_or("there is no program")?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().ok_or("the host has no output")?;
    let host = Host(child);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    let page = line
        .trim()
        .strip_prefix("dashboard at ")
        .ok_or("the host names no page")?;
    let client = Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let (root, cookie) = sign_in(&client, page)?;
    let get = |path: &str| -> Result<Response, Failure> {
        let request = client.get(format!("{root}{path}"));
        Ok(request.header("cookie", &cookie).send()?)
    };
    let read = |path: &str| -> Result<Value, Failure> {
        Ok(serde_json::from_str(
            &get(path)?.error_for_status()?.text()?,
        )?)
    };
    let dashboards = read("/api/dashboards")?;
    let dashboard = text(&dashboards[0]["id"])?;
    let dashboard = format!("/api/dashboards/{dashboard}");
    let tiles = read(&dashboard)?["tiles"].clone();
    let tiles = tiles.as_array().ok_or("the dashboard has no tiles")?;
    let until = Instant::now() + PATIENCE;
    for tile in tiles {
        let view = format!("{dashboard}/tiles/{}/view.json", text(&tile["id"])?);
        while !get(&view)?.status().is_success() {
            if Instant::now() > until {
                return Err("a gadget has no view".into());
            }
            thread::sleep(Duration::from_millis(200));
        }
    }
    let status = fs::read_to_string(format!("/proc/{}/status", host.0.id()))?;
    Ok(json!({
        "tiles": tiles.len(),
        "resident_kib": kib(&status, "VmRSS:"),
        "peak_kib": kib(&status, "VmHWM:"),
    }))
}

/// Signs in with the token in the address that the host prints, and returns its root and the cookie.
fn sign_in(client: &Client, page: &str) -> Result<(String, String), Failure> {
    let (root, token) = page
        .split_once("/start?token=")
        .ok_or("the host prints no token")?;
    let sent = client
        .post(format!("{root}/api/first-start"))
        .header("content-type", "application/json")
        .header("origin", root)
        .body(json!({"token": token}).to_string())
        .send()?
        .error_for_status()?;
    let cookie = sent
        .headers()
        .get("set-cookie")
        .ok_or("there is no session")?;
    let cookie = cookie.to_str()?.split(';').next().unwrap_or_default();
    Ok((root.to_owned(), cookie.to_owned()))
}

fn text(value: &Value) -> Result<&str, Failure> {
    Ok(value.as_str().ok_or("an id is missing")?)
}
