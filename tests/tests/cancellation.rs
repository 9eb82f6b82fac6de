//! How soon a call ends that is told to: alone in its program, so that no other test keeps the machine busy.

use std::time::{Duration, Instant};

use gadget_api::ErrorKind;
use gadget_host::{Call, Cancellation, Catalog, LoadOptions, Runner, TrustPolicy};
use serde_json::json;
use workspace_tests::library;

fn call(harm: &str) -> Call {
    let today = "2026-11-20".parse().expect("a date");
    Call::new("fragile", json!({"harm": harm}), today)
}

#[test]
fn a_call_that_is_out_of_time_or_cancelled_ends_within_a_fifth_of_a_second() {
    let fragile = library("fragile-gadget", &[]);
    let room = tempfile::tempdir().expect("a temporary directory can be made");
    let options = LoadOptions::new(TrustPolicy::AllowUnsigned, room.path().join("copies"));
    let catalog = Catalog::load_library(fragile.path(), &options).expect("it loads");
    let runner = Runner::new(catalog, room.path().join("blobs")).expect("the room is made");
    for harm in ["wait", "hang"] {
        let begin = Instant::now();
        let cancellation = Cancellation::new();
        let told = cancellation.clone();
        let teller = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            told.cancel();
        });
        let error = runner
            .render(&call(harm).cancelled_by(&cancellation), None)
            .expect_err("the call was cancelled");
        let took = begin.elapsed();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{harm}: {error}");
        assert!(took < Duration::from_millis(300 + 100), "{harm}: {took:?}");
        teller.join().expect("the teller ends");
    }
    // The one that hangs is not called again while its thread runs; the host lives.
    let error = runner
        .render(&call("none"), None)
        .expect_err("it has not come back");
    assert!(error.to_string().contains("has not come back"), "{error}");
    assert_eq!(runner.hung_calls(), 1);
}
