//! How soon a render ends whose time is over: alone in its program, so that no other test keeps the machine busy.

use std::{
    process::Output,
    time::{Duration, Instant},
};

use marketplace_sim::{Data, Faults, Options, Sim};
use serde_json::{Value, json};
use workspace_tests::{EMAIL, Host, TOKEN, VENDOR, library};

fn settings() -> Value {
    json!({"vendor": VENDOR, "app": "com.acme.timeboard"})
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_render_that_hangs_ends_within_a_fifth_of_a_second_of_its_time() {
    let library = library("app-users-gadget", &[]);
    let options = Options::new()
        .data(Data::sample(120, 7))
        .vendor(VENDOR)
        .account(EMAIL, TOKEN);
    let sim = Sim::start(options).expect("the stand-in starts on loopback");
    let host = Host::new(library.directory());
    // What a run takes besides: starting the process and loading the library.
    let begin = Instant::now();
    let output = host.render(&sim.base_url(), &settings(), &["--offline"]);
    let overhead = begin.elapsed();
    assert_ne!(output.status.code(), Some(0), "nothing is stored yet");
    let hang: Faults = "hang@export".parse().expect("the stand-in has this fault");
    sim.set_faults(hang);
    for seconds in [1, 3] {
        let begin = Instant::now();
        let output = host.render(
            &sim.base_url(),
            &settings(),
            &["--timeout", &seconds.to_string()],
        );
        let over = begin
            .elapsed()
            .saturating_sub(Duration::from_secs(seconds) + overhead);
        assert_eq!(output.status.code(), Some(7), "{}", stderr(&output));
        // Two hundred milliseconds are promised; a busy machine gets as much again.
        assert!(over < Duration::from_millis(400), "{over:?} late");
    }
}
