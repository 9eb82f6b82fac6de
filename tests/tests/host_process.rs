//! The process of the host: gadgets that hang, print or end it, files that run out, and dumps of its memory.

use std::{
    fs,
    net::TcpStream,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use workspace_tests::{
    Host, fresh_host::FreshHost, library, running_host::RunningHost, wait_until,
};

/// Renders the gadget that does harm.
fn rendered(harm: &str) -> Output {
    let library = library("fragile-gadget", &[]);
    let host = Host::new(library.directory());
    let settings = host.file("settings.json", &json!({"harm": harm}));
    host.command(&["render", "fragile"])
        .arg("--settings")
        .arg(settings)
        .output()
        .expect("the host can be started")
}

#[test]
fn what_a_gadget_prints_is_not_part_of_the_answer() {
    let Output {
        status,
        stdout,
        stderr,
    } = rendered("print");
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(0), "{stderr}");
    let view: Value = serde_json::from_slice(&stdout).expect("the answer is JSON");
    assert_eq!(view["title"], "Fragile");
    assert!(stderr.contains("printed by a gadget"), "{stderr}");
}

#[test]
fn a_gadget_that_ends_the_process_is_a_failure_and_no_empty_answer() {
    for (harm, says) in [("exit", "with exit code 0"), ("abort", "by signal 6")] {
        let Output {
            status,
            stdout,
            stderr,
        } = rendered(harm);
        let stderr = String::from_utf8_lossy(&stderr);
        assert_eq!(status.code(), Some(4), "{harm}: {stderr}");
        assert!(stdout.is_empty(), "{harm}");
        let says = format!("a gadget or its library ended the process {says}");
        assert!(stderr.contains(&says), "{harm}: {stderr}");
    }
}

/// Returns the ids of the processes that a process has started.
fn children(process: u32) -> Vec<u32> {
    let path = format!("/proc/{process}/task/{process}/children");
    let ids = fs::read_to_string(path).unwrap_or_default();
    ids.split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// Tells whether a thread of a process runs a call of the gadget.
fn is_called(process: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
        return false;
    };
    let mut names = threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("comm")).ok());
    names.any(|name| name.trim_end() == "gadget fragile")
}

#[test]
fn an_interrupted_command_ends_with_its_gadget() {
    let library = library("fragile-gadget", &[]);
    let host = Host::new(library.directory());
    let settings = host.file("settings.json", &json!({"harm": "wait"}));
    let mut command = host.command(&["render", "fragile"]);
    command.arg("--settings").arg(settings);
    let mut started = command
        .stderr(Stdio::null())
        .spawn()
        .expect("the host can be started");
    let process = started.id();
    let gadgets = wait_until("the gadget is called", || {
        children(process)
            .into_iter()
            .find(|child| is_called(*child))
    });
    let interrupt = Command::new("kill").arg(process.to_string()).status();
    assert!(interrupt.is_ok_and(|status| status.success()));
    let status = started.wait().expect("the host ends");
    assert_eq!(status.code(), Some(7));
    assert!(!is_called(gadgets));
}

/// Starts a host as the shell command `before` leaves it.
fn started_after(before: &str, host: &Host) -> RunningHost {
    let serve = host.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &format!("{before}; exec \"$0\" \"$@\"")])
        .arg(serve.get_program())
        .args(serve.get_args());
    let log = fs::File::create(host.data().join("log.txt")).expect("an own file can be written");
    command.stderr(log);
    RunningHost::start(&mut command)
}

#[test]
fn a_host_that_may_open_few_files_says_so_and_answers_whoever_else_connects() {
    let library = library("hello-gadget", &[]);
    let host = Host::new(library.directory());
    let running = started_after("ulimit -n 64", &host);
    let log = fs::read_to_string(host.data().join("log.txt")).expect("the log can be read");
    assert!(log.contains("few files can be open at once"), "{log}");
    let idle: Vec<TcpStream> = (0..200)
        .map(|_| TcpStream::connect(&running.address).expect("the system takes the connection"))
        .collect();
    for path in ["/health", "/dashboards", "/api/session"] {
        assert_eq!(running.get(path).status, 200, "{path}");
    }
    drop(idle);
}

#[test]
fn a_limit_of_open_files_is_raised_as_far_as_it_may_be_and_no_core_is_dumped() {
    let library = library("hello-gadget", &[]);
    let host = Host::new(library.directory());
    let running = started_after("ulimit -S -n 256", &host);
    let limits = fs::read_to_string(format!("/proc/{}/limits", running.process()))
        .expect("the limits of a process can be read");
    let of = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name));
        let mut values = line.expect("there is such a limit").split_whitespace();
        (
            values.next().map(str::to_owned),
            values.next().map(str::to_owned),
        )
    };
    let (soft, hard) = of("Max open files");
    assert_eq!(soft, hard, "{limits}");
    assert_eq!(of("Max core file size").1.as_deref(), Some("0"), "{limits}");
}

fn made(host: &FreshHost, path: &str, body: &Value) -> Value {
    let reply = host.call("POST", path, body);
    assert!(reply.status < 300, "{path}: {reply:?}");
    reply.json()
}

/// Adds a gadget to a dashboard, saves its settings, and returns the path of the tile.
fn add_gadget(host: &FreshHost, board: &str, gadget: &str, settings: &Value) -> String {
    let revision = host.get(board).json()["revision"].clone();
    let change = json!({"kind": "add_tile", "gadget": gadget});
    let added = made(
        host,
        &format!("{board}/changes"),
        &json!({"revision": revision, "change": change}),
    );
    let tile = added["tile"].as_str().expect("a tile was added");
    let tile = format!("{board}/tiles/{tile}");
    let save = json!({"revision": added["revision"], "settings": settings});
    made(host, &format!("{tile}/settings"), &save);
    tile
}

#[test]
fn a_gadget_that_hangs_in_all_its_tiles_is_suspended_until_an_administrator_resumes_it() {
    let host = FreshHost::with_libraries(&["fragile-gadget", "hello-gadget"]);
    let board = made(&host, "/api/dashboards", &json!({"title": "Board"}));
    let board = format!("/api/dashboards/{}", board["id"].as_str().expect("an id"));
    for _ in 0..4 {
        add_gadget(&host, &board, "fragile", &json!({"harm": "hang"}));
    }
    wait_until("the catalog says that the gadget is suspended", || {
        assert_eq!(host.get("/health").status, 200);
        let catalog = host.get("/catalog").body;
        catalog.contains("is suspended").then_some(())
    });
    // Every other gadget goes on.
    let hello = add_gadget(&host, &board, "hello", &json!({"name": "Ann"}));
    wait_until("the other gadget shows something", || {
        let view = host.get(&format!("{hello}/view.json"));
        (view.status == 200).then_some(())
    });
    let resumed = host.call("POST", "/api/gadgets/fragile/resume", &Value::Null);
    assert_eq!(resumed.status, 204);
    assert!(!host.get("/catalog").body.contains("is suspended"));
}
