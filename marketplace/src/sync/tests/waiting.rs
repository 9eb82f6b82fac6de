//! Callers that find another sync of the same vendor under way.

use gadget_api::testing::Canned;

use super::{super::*, exports, license, repeating, run, space};

/// Syncs while somebody else holds the lease, and does `meanwhile` before it is given back.
fn run_beside(
    services: &Canned,
    meanwhile: impl FnOnce(&SnapshotStore<'_>),
) -> Result<Refreshed, Error> {
    let store = SnapshotStore::open(services, "1212980").unwrap();
    let key = format!("sync/{}", store.key());
    let other = Lease::acquire(services, &key, Duration::ZERO).unwrap();
    let waits = || {
        let told = services.progress_told();
        told.iter()
            .filter(|told| told.text.starts_with("Waiting for another"))
            .count()
    };
    let before = waits();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| run(services));
        while waits() == before {
            std::thread::yield_now();
        }
        meanwhile(&store);
        drop(other);
        waiting.join().unwrap()
    })
}

#[test]
fn a_caller_that_waited_for_another_sync_uses_its_result() {
    let services = exports(space(), &[license(1, 50)], &[]);
    run(&services).unwrap();
    let asked = services.requests().len();
    let found = run_beside(&services, |store| {
        let snapshot = store.snapshot(1).unwrap().unwrap();
        store.put(&snapshot, None).unwrap();
    });
    assert!(found.unwrap().snapshot.unwrap().as_str().ends_with(".2"));
    let failed = Error::new(ErrorKind::Datasource, "the API fails");
    let failure = SyncFailure {
        at: DateTime::UNIX_EPOCH,
        error: failed.clone(),
    };
    let found = run_beside(&services, |store| {
        let version = store.versions().unwrap()[0];
        store.put_failure(version, &failure).unwrap();
    });
    assert_eq!(found.unwrap().stale, Some(failed));
    assert_eq!(services.requests().len(), asked);
}

#[test]
fn a_caller_that_waited_for_a_cancelled_one_syncs_itself() {
    let services = repeating(&[license(1, 50)]);
    run(&services).unwrap();
    let asked = services.requests().len();
    let left = Error::new(ErrorKind::Cancelled, "the call was cancelled");
    let failure = SyncFailure {
        at: DateTime::UNIX_EPOCH,
        error: left,
    };
    let found = run_beside(&services, |store| {
        let version = store.versions().unwrap()[0];
        store.put_failure(version, &failure).unwrap();
    });
    assert_eq!(found.unwrap().stale, None);
    assert!(services.requests().len() > asked);
}

#[test]
fn a_waiting_caller_can_be_cancelled() {
    let services = exports(space(), &[license(1, 50)], &[]);
    let left = run_beside(&services, |_| services.cancel());
    assert_eq!(left.unwrap_err().kind(), ErrorKind::Cancelled);
}
