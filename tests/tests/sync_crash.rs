//! A host that is killed during a sync, and started again.

use std::time::{Duration, Instant};

use marketplace_sim::Sim;
use workspace_tests::{
    Host, datasource, library, running_host::RunningHost, small_vendor, wait_until,
};

#[test]
fn a_sync_that_was_killed_begins_again_after_a_restart() {
    let library = library("app-users-gadget", &[]);
    let options = small_vendor()
        // Only a sync that is killed ends within the test.
        .export_time(Duration::from_secs(3600));
    let sim = Sim::start(options).expect("the stand-in starts on loopback");
    let host = Host::new(library.directory());
    let file = host.file("marketplace.json", &datasource(&sim.base_url()));
    let serve = |more: &[&str]| {
        let mut command = host.command(&["serve", "--listen", "127.0.0.1:0"]);
        RunningHost::start(command.arg("--allow-insecure-datasource").args(more))
    };
    let is_begun = || {
        let mut requests = sim.requests().into_iter();
        requests.find(|request| request.path.ends_with("/async/export"))
    };
    let mut running = serve(&["--datasource", &file.to_string_lossy()]);
    for round in 0..2 {
        wait_until("a sync begins", is_begun);
        running.kill();
        running.end();
        sim.clear_requests();
        running = serve(&[]);
        let started = Instant::now();
        wait_until("the sync begins again", is_begun);
        println!("round {round}: it began after {:?}", started.elapsed());
    }
}
