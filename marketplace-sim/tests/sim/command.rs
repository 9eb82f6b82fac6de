//! The binary: one line when it is ready, and exit code 0 when it is stopped.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

use marketplace_sim::{Data, Fault, Options, Sim};
use serde_json::{Value, json};

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_marketplace-sim"))
}

/// Stops the program if a test fails first.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let status = Command::new("kill")
        .args(["-s", name, &id])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn it_prints_one_line_when_it_is_ready_and_exits_on_a_signal() {
    for name in ["TERM", "INT"] {
        let child = command()
            .args(["--licenses", "4000", "--today", "2026-11-20"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut running = Running(child);
        let mut out = BufReader::new(running.0.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line.strip_prefix("listening ").unwrap().trim_end();
        assert!(
            url.starts_with("http://127.0.0.1:") && url.ends_with("/marketplace"),
            "{url}"
        );
        let address = url
            .trim_start_matches("http://")
            .trim_end_matches("/marketplace");
        std::net::TcpStream::connect(address).unwrap();
        signal(&running.0, name);
        let status = running.0.wait().unwrap();
        assert!(status.success(), "{name}: {status}");
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

#[test]
fn it_describes_itself_as_a_datasource() {
    let child = command()
        .args([
            "--vendor",
            "77",
            "--email",
            "ann@acme.example",
            "--token",
            "t",
        ])
        .arg("--describe")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    let url = line.strip_prefix("listening ").unwrap();
    let description: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(
        description,
        json!({
            "name": "Sample Marketplace",
            "datasource": {
                "kind": "atlassian-marketplace",
                "base_url": url,
                "vendors": ["77"],
                "email": "ann@acme.example",
                "token": "t",
            },
            "answers": {
                "app": ["com.acme.timeboard", "com.acme.planboard", "com.acme.retronotes"],
            },
        })
    );
}

#[test]
fn without_apps_the_description_has_no_answers() {
    let sim = Sim::start(Options::new().data(Data::nothing())).unwrap();
    assert_eq!(sim.describe()["answers"], json!({}));
}

#[test]
fn days_go_by_at_the_asked_length() {
    let child = command()
        .args(["--licenses", "300", "--today", "2026-11-20"])
        .args(["--day-length", "1", "--changes", "3"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut line = String::new();
    let mut out = BufReader::new(running.0.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let root = line.strip_prefix("listening ").unwrap().trim_end();
    let control = root.replace("/marketplace", "/__control/advance?changes=0");
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::blocking::Client::builder()
        .no_proxy()
        .build()
        .unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(120);
    // Each request lets one more day go by; the clock lets others go by between them.
    for asked in 1_u64.. {
        let answer = client.post(&control).send().unwrap().text().unwrap();
        let day: Value = serde_json::from_str(&answer).unwrap();
        if day["revision"].as_u64().unwrap() > asked {
            break;
        }
        assert!(std::time::Instant::now() < until, "{day}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

fn run(arguments: &[&str]) -> Output {
    command()
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn the_help_names_every_option_and_every_fault() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    for option in [
        "--listen",
        "--licenses",
        "--seed",
        "--case",
        "--today",
        "--vendor",
        "--email",
        "--token",
        "--latency-ms",
        "--fault",
        "--describe",
        "--day-length",
        "--changes",
    ] {
        assert!(text.contains(option), "{option}");
    }
    for fault in Fault::all() {
        assert!(text.contains(&format!("  {} ", fault.name())), "{fault}");
    }
}

#[test]
fn bad_arguments_are_rejected_with_the_reason() {
    let cases: [(&[&str], i32, &str); 6] = [
        (&["--fault", "sloww"], 2, "unknown fault `sloww`"),
        (&["--today", "tomorrow"], 2, "tomorrow"),
        (
            &["--case", "a.json", "--seed", "2"],
            2,
            "cannot be used with",
        ),
        (
            &["--case", "no-such-file.json"],
            1,
            "failed to read the case file `no-such-file.json`",
        ),
        (&["--listen", "everywhere"], 2, "everywhere"),
        (&["--day-length", "0"], 2, "0 is not in 1.."),
    ];
    for (arguments, code, expected) in cases {
        let output = run(arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty());
    }
}
