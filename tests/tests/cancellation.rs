//! Calls that never answer end when they are cancelled or out of time.

use std::{fs, thread, time::Duration};

use gadget_api::ErrorKind;
use gadget_host::{Call, Cancellation, Catalog, LoadOptions, Runner, TrustPolicy};
use marketplace_sim::{Faults, Sim};
use serde_json::json;
use workspace_tests::{Host, VENDOR, library, small_vendor, wait_until};

fn call(harm: &str) -> Call {
    let today = "2026-11-20".parse().expect("a date");
    Call::new("fragile", json!({"harm": harm}), today)
}

/// Tells whether a thread of this process runs a call of the gadget.
fn is_called(gadget: &str) -> bool {
    let threads = fs::read_dir("/proc/self/task").expect("a process has threads");
    let names = threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("comm")).ok());
    let name = format!("gadget {gadget}");
    names.into_iter().any(|running| running.trim_end() == name)
}

#[test]
fn a_call_that_would_take_an_hour_ends_when_it_is_cancelled() {
    let fragile = library("fragile-gadget", &[]);
    let data = tempfile::tempdir().expect("a temporary directory can be made");
    let options = LoadOptions::new(TrustPolicy::AllowUnsigned, data.path().join("copies"));
    let catalog = Catalog::load_library(fragile.path(), &options).expect("it loads");
    let runner = Runner::new(catalog, data.path().join("blobs")).expect("the runner starts");
    // One that waits for its cancellation, and one that sleeps whatever happens.
    for harm in ["wait", "hang"] {
        wait_until("no call is under way", || {
            (!is_called("fragile")).then_some(())
        });
        let cancellation = Cancellation::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                wait_until("the call is under way", || {
                    is_called("fragile").then_some(())
                });
                cancellation.cancel();
            });
            let error = runner
                .render(&call(harm).cancelled_by(&cancellation), None)
                .expect_err("the call was cancelled");
            assert_eq!(error.kind(), ErrorKind::Cancelled, "{harm}: {error}");
        });
    }
    // One call may hang; after the second the gadget is suspended, and the host lives.
    runner
        .render(&call("none"), None)
        .expect("one call that hangs suspends nothing");
    let hanging = call("hang").within(Duration::from_millis(20));
    runner
        .render(&hanging, None)
        .expect_err("the second call hangs");
    let error = runner
        .render(&call("none"), None)
        .expect_err("two calls have not returned");
    assert!(error.to_string().contains("is suspended"), "{error}");
    assert_eq!(runner.hung_calls(), 2);
}

#[test]
fn a_render_whose_source_never_answers_ends_when_its_time_is_over() {
    let library = library("app-users-gadget", &[]);
    let hang: Faults = "hang@export".parse().expect("the stand-in has this fault");
    let options = small_vendor().faults(hang);
    let sim = Sim::start(options).expect("the stand-in starts on loopback");
    let host = Host::new(library.directory());
    for seconds in ["1", "3"] {
        let output = host.render(
            &sim.base_url(),
            &json!({"vendor": VENDOR, "app": "com.acme.timeboard"}),
            &["--timeout", seconds],
        );
        // A source that is given up because of its silence, ten seconds later, ends with another code.
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(7), "{stderr}");
    }
}
