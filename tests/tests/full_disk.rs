//! A disk that is full and then is not any more, with the host on it.

use std::process::Command;

use serde_json::{Value, json};
use workspace_tests::{
    Host, library, running_host::RunningHost, small_disk::SmallDisk, wait_until,
};

const PASSWORD: &str = "correct horse battery";

fn serve(host: &Host, disk: &SmallDisk) -> Command {
    let mut command = host.command(&["serve", "--listen", "127.0.0.1:0"]);
    let database = disk.path().join("dashboards.sqlite");
    command.args(["--database", &format!("sqlite:{}", database.display())]);
    command
}

#[test]
fn a_host_on_a_full_disk_says_so_and_works_again_as_soon_as_there_is_space() {
    let Some(disk) = SmallDisk::mount("8m") else {
        return;
    };
    let library = library("app-users-gadget", &[]);
    let host = Host::new(library.directory());
    let mut running = RunningHost::start(&mut serve(&host, &disk));
    let person = json!({"name": "Ann", "role": "administrator", "password": PASSWORD});
    let (status, made) = running.json("POST", "/api/users", &person);
    assert_eq!(status, 200, "{made}");
    let board = |title: &str| running.json("POST", "/api/dashboards", &json!({"title": title}));
    assert_eq!(board("Before").0, 200);
    assert_eq!(running.get("/ready").status, 200);

    disk.fill();
    let not_ready = wait_until("the host is not ready", || {
        Some(running.get("/ready")).filter(|reply| reply.status == 503)
    });
    assert!(
        not_ready.body.contains("the disk of the database is full"),
        "{not_ready:?}"
    );
    assert_eq!(running.get("/health").status, 200);
    // Small changes may fit into the files for a while.
    let long = "x".repeat(100);
    let (_, problem) = wait_until("a change is refused", || {
        Some(board(&long)).filter(|(status, _)| *status != 200)
    });
    assert_eq!(problem["code"], "full", "{problem}");
    let sign_in = json!({"name": "Ann", "password": PASSWORD});
    let refused = wait_until("a session is refused", || {
        Some(running.call("POST", "/api/session", &sign_in)).filter(|reply| reply.status != 200)
    });
    assert_eq!(refused.status, 507, "{refused:?}");
    let (status, all) = running.json("GET", "/api/dashboards", &Value::Null);
    assert_eq!(status, 200);
    assert_eq!(all[0]["title"], "Before");

    disk.free();
    let (status, made) = board("After");
    assert_eq!(status, 200, "{made}");
    wait_until("the host is ready", || {
        Some(running.get("/ready")).filter(|reply| reply.status == 200)
    });
    running.log_in("Ann", PASSWORD);
    running.end();
}
