//! Measures a host under load and prints what it carries as Markdown:
//! `cargo run --release -p workspace-tests --example load`.
//!
//! It starts the demonstration with twenty gadgets, and three hosts on one PostgreSQL; `wrk` sends the
//! requests from the same machine. Without `wrk` or PostgreSQL it says what it leaves out.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;
use workspace_tests::{
    Host, PATIENCE, library, postgres::Server, program, running_host::RunningHost, wait_until,
};

/// How many gadgets the dashboard has.
const TILES: usize = 20;
/// How many pages follow it.
const PAGES: usize = 2_000;
const SECONDS: u32 = 10;
/// The key for the secrets, which all hosts of a database share.
const KEY: &str = "5d1e0cf5a7b1493fb4a8f3a5e5b2c1d07788990011223344aabbccddeeff0011";

fn main() {
    if cfg!(debug_assertions) {
        println!("These figures are of an unoptimized host; use `--release`.\n");
    }
    machine();
    let _stand_in = program("marketplace-sim");
    let gadgets = library("app-users-gadget", &[]);
    let data = Host::new(gadgets.directory());
    println!("| what | measured |\n|---|---|");
    idle(&data);
    let host =
        RunningHost::start(&mut data.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]));
    let page = host.dashboard();
    host.wait_until_filled();
    let four = measured(&host, &page, "page of 4 gadgets");
    fill(&host, &page);
    let twenty = measured(&host, &page, "page of 20 gadgets");
    let tile = format!(
        "/api/dashboards{}/tiles/{}/tile.html",
        &page[2..],
        last_tile(&host, &page)
    );
    for (path, what, connections) in [
        (&page, "page of 20 gadgets, 1 connection", 1),
        (&page, "page of 20 gadgets, 32 connections", 32),
        (&tile, "one gadget, 32 connections", 32),
        (&tile, "one gadget, 1,000 connections", 1_000),
    ] {
        wrk(&[&host], path, what, connections);
    }
    row("memory of the host after that", &mebibytes(memory(&host)));
    open_pages(&host, &page);
    drop(host);
    several_hosts(gadgets.directory());
    assert!(four && twenty, "a page was not complete");
}

fn row(what: &str, measured: &str) {
    println!("| {what} | {measured} |");
}

/// Says on what this runs.
fn machine() {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown", |model| {
        model.trim_start_matches(['\t', ':', ' '])
    });
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rust = Command::new("rustc").arg("--version").output();
    let rust = rust.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    println!(
        "{cores} cores of {model}, Linux {}, {}; load before: {}\n",
        kernel.trim(),
        rust.unwrap_or_default(),
        load.split(' ').next().unwrap_or_default()
    );
}

/// Measures a host with nothing to show: from its start to the first page, and its memory.
fn idle(data: &Host) {
    let began = Instant::now();
    let host = RunningHost::start(&mut data.command(&["serve", "--listen", "127.0.0.1:0"]));
    let first = host.get("/dashboards");
    let took = began.elapsed();
    assert_eq!(first.status, 200, "{first:?}");
    row("start to first page, nothing stored", &milliseconds(took));
    row("memory of an idle host", &mebibytes(memory(&host)));
}

/// Adds copies of the gadgets until there are [`TILES`], and waits until all show something.
fn fill(host: &RunningHost, page: &str) {
    let path = format!("/api/dashboards{}", &page[2..]);
    let board = host.get(&path).json();
    let tiles = board["tiles"].as_array().cloned().unwrap_or_default();
    let mut revision = board["revision"].clone();
    for tile in tiles.iter().cycle().take(TILES - tiles.len()) {
        let change = json!({"kind": "duplicate_tile", "tile": tile["id"]});
        let change = json!({"revision": revision, "change": change});
        let (status, added) = host.json("POST", &format!("{path}/changes"), &change);
        assert!(status < 300, "{added}");
        revision = added["revision"].clone();
    }
    wait_until("all gadgets show something".to_owned(), || {
        let html = host.get(page).body;
        let shown = html.matches("Licensed users now").count();
        (html.matches("<article").count() == TILES && shown >= TILES).then_some(())
    });
}

fn last_tile(host: &RunningHost, page: &str) -> String {
    let board = host.get(&format!("/api/dashboards{}", &page[2..])).json();
    let tiles = board["tiles"].as_array().cloned().unwrap_or_default();
    let id = tiles.last().and_then(|tile| tile["id"].as_str());
    id.unwrap_or_default().to_owned()
}

/// Measures one page: what is drawn for the first time, what is kept, and how large it is.
fn measured(host: &RunningHost, page: &str, what: &str) -> bool {
    let timed = || {
        let began = Instant::now();
        let (length, body) = gzipped(host, page);
        (began.elapsed(), length, body)
    };
    // Two readers of different rights would draw it twice; this one reads it again.
    let first = timed();
    let mut again: Vec<_> = (0..20).map(|_| timed().0).collect();
    again.sort_unstable();
    row(&format!("{what}, at first"), &milliseconds(first.0));
    row(
        &format!("{what}, again"),
        &milliseconds(again[again.len() / 2]),
    );
    let plain = host.get(page).body.len();
    row(
        &format!("{what}, size"),
        &format!(
            "{} KB gzip, {} KB HTML",
            first.1.div_ceil(1000),
            plain / 1000
        ),
    );
    first.2
}

/// Asks for a page in gzip and returns the size of its body, and whether it came whole.
fn gzipped(host: &RunningHost, page: &str) -> (usize, bool) {
    let request = format!(
        "GET {page} HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n",
        host.address, host.cookie
    );
    let mut stream = TcpStream::connect(&host.address).expect("the host takes connections");
    stream
        .write_all(request.as_bytes())
        .expect("it takes a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = &answer[end.map_or(answer.len(), |end| end + 4)..];
    (body.len(), body.starts_with(&[0x1f, 0x8b]))
}

/// Sends requests with `wrk` to each host at once, and prints how many were answered and how soon.
fn wrk(hosts: &[&RunningHost], path: &str, what: &str, connections: u32) {
    let run = |host: &&RunningHost| {
        Command::new("wrk")
            .args(["-t1", "--latency", "-H", "accept-encoding: gzip", "-H"])
            .arg(format!("cookie: {}", host.cookie))
            .arg(format!("-c{connections}"))
            .arg(format!("-d{SECONDS}s"))
            .arg(format!("http://{}{path}", host.address))
            .stdout(Stdio::piped())
            .spawn()
    };
    let running: Vec<_> = hosts.iter().map(run).collect();
    let (mut rate, mut latencies, mut errors) = (0.0, Vec::new(), String::new());
    for each in running {
        let Ok(each) = each else {
            return row(what, "left out: `wrk` is not installed");
        };
        let output = each.wait_with_output().expect("wrk ends");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let after = |begin: &str| {
            let line = text
                .lines()
                .find_map(|line| line.trim().strip_prefix(begin));
            line.map(|rest| rest.trim().to_owned()).unwrap_or_default()
        };
        rate += after("Requests/sec:").parse::<f64>().unwrap_or_default();
        latencies.push(format!("p50 {}, p99 {}", after("50%"), after("99%")));
        errors += &after("Non-2xx or 3xx responses:");
        errors += &after("Socket errors:");
    }
    let errors = if errors.is_empty() {
        "no errors"
    } else {
        &errors
    };
    row(
        what,
        &format!("{rate:.0} requests/s, {}, {errors}", latencies.join("; ")),
    );
}

/// Follows the dashboard from many pages, and measures what each takes and when all hear of a change.
fn open_pages(host: &RunningHost, page: &str) {
    let path = format!("/api/dashboards{}", &page[2..]);
    let before = memory(host);
    let events = format!("{path}/events");
    let mut streams: Vec<_> = (0..PAGES).map(|_| host.follow(&events)).collect();
    for stream in &mut streams {
        assert!(stream.any(|line| line.is_ok_and(|line| line.starts_with("data: "))));
    }
    let each = memory(host).saturating_sub(before) / PAGES as u64;
    row(
        &format!("memory of one of {PAGES} open pages"),
        &format!("{} KiB", each / 1024),
    );
    let board = host.get(&path).json();
    let change = json!({"kind": "rename", "title": "Renamed"});
    let change = json!({"revision": board["revision"], "change": change});
    let began = Instant::now();
    let (status, answer) = host.json("POST", &format!("{path}/changes"), &change);
    assert!(status < 300, "{answer}");
    for stream in &mut streams {
        assert!(stream.any(|line| line.is_ok_and(|line| line.starts_with("data: "))));
    }
    row(
        &format!("until all {PAGES} open pages have heard of a change"),
        &milliseconds(began.elapsed()),
    );
    assert_eq!(host.get("/health").status, 200);
}

/// Sends requests to three hosts on one PostgreSQL.
fn several_hosts(gadgets: &Path) {
    let what = "three hosts on one PostgreSQL, 16 connections each";
    let Some(server) = Server::get() else {
        return row(what, "left out: no PostgreSQL");
    };
    let database = server.new_database();
    let homes = [(); 3].map(|()| Host::new(gadgets));
    let mut hosts: Vec<RunningHost> = Vec::new();
    for (place, home) in homes.iter().enumerate() {
        let mut command = home.command(&["serve", "--listen", "127.0.0.1:0"]);
        // The first one reads the sample data; the others show what it has stored.
        command.arg(match place {
            0 => "--demo",
            _ => "--allow-insecure-datasource",
        });
        command
            .args(["--database", &database])
            .env("GADGETS_KEY", KEY);
        let host = RunningHost::start(&mut command);
        host.wait_until_filled();
        hosts.push(host);
    }
    let path = hosts[0].dashboard();
    fill(&hosts[0], &path);
    for host in &hosts[1..] {
        wait_until("all gadgets on each host".to_owned(), || {
            let shown = host.get(&path).body.matches("Licensed users now").count();
            (shown >= TILES).then_some(())
        });
    }
    let all: Vec<_> = hosts.iter().collect();
    wrk(&all, &path, what, 16);
}

/// Returns the memory that the process of a host holds, in bytes.
fn memory(host: &RunningHost) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", host.process())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or_default() * 1024
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes / (1024 * 1024))
}

fn milliseconds(took: Duration) -> String {
    assert!(took < PATIENCE);
    format!("{:.1} ms", took.as_secs_f64() * 1000.0)
}
