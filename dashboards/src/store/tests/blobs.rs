//! Blobs and leases.

use std::time::Duration;

use gadget_api::LeaseId;

use super::fixture::{Fixture, on_both};
use crate::store::{Event, StoreError};

on_both!(
    a_blob_is_replaced_only_at_the_expected_revision,
    a_revision_is_never_reused,
    blobs_are_private_to_their_kind_and_listed_by_name,
    exactly_one_concurrent_writer_succeeds,
    a_large_blob_is_read_back_completely,
    a_lease_has_one_holder_until_it_expires,
    only_the_holder_renews_and_releases_a_lease,
    exactly_one_concurrent_taker_gets_the_lease,
);

async fn a_blob_is_replaced_only_at_the_expected_revision(fixture: Fixture) {
    let store = &fixture.store;
    let mut events = store.events();
    assert_eq!(store.blob("shop", "a").await.unwrap(), None);
    assert_eq!(store.put_blob("shop", "a", b"one", 0).await.unwrap(), 1);
    let event = Event::Blob {
        scope: "shop".to_owned(),
        name: "a".to_owned(),
    };
    assert_eq!(events.next().await, Some(event));
    assert_eq!(store.put_blob("shop", "a", b"two", 1).await.unwrap(), 2);
    for expected in [0, 1, 3] {
        let error = store
            .put_blob("shop", "a", b"late", expected)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the blob `a` has revision 2, not {expected}")
        );
    }
    let blob = store.blob("shop", "a").await.unwrap().unwrap();
    assert_eq!((blob.revision, blob.bytes.as_slice()), (2, &b"two"[..]));
}

async fn a_revision_is_never_reused(fixture: Fixture) {
    let store = &fixture.store;
    store.put_blob("shop", "a", b"one", 0).await.unwrap();
    store.remove_blob("shop", "a").await.unwrap();
    store.remove_blob("shop", "a").await.unwrap();
    assert_eq!(store.blob("shop", "a").await.unwrap(), None);
    let late = store.put_blob("shop", "a", b"late", 1).await.unwrap_err();
    assert_eq!(late.to_string(), "the blob `a` has revision 0, not 1");
    assert_eq!(store.put_blob("shop", "a", b"", 0).await.unwrap(), 3);
    let blob = store.blob("shop", "a").await.unwrap().unwrap();
    assert_eq!(blob.bytes, b"");
}

async fn blobs_are_private_to_their_kind_and_listed_by_name(fixture: Fixture) {
    let store = &fixture.store;
    for (scope, name) in [
        ("shop", "snap/b"),
        ("shop", "snap/a"),
        ("shop", "snap_a"),
        ("shop", "Snap/c"),
        ("other", "snap/d"),
    ] {
        store
            .put_blob(scope, name, name.as_bytes(), 0)
            .await
            .unwrap();
    }
    store.put_blob("shop", "snap/gone", b"x", 0).await.unwrap();
    store.remove_blob("shop", "snap/gone").await.unwrap();
    let names = async |prefix: &str| {
        let listed = store.list_blobs("shop", prefix).await.unwrap();
        listed
            .into_iter()
            .map(|info| (info.name, info.bytes))
            .collect::<Vec<_>>()
    };
    let expected = |names: &[&str]| {
        names
            .iter()
            .map(|name| ((*name).to_owned(), name.len() as u64))
            .collect::<Vec<_>>()
    };
    assert_eq!(names("snap/").await, expected(&["snap/a", "snap/b"]));
    assert_eq!(
        names("").await,
        expected(&["Snap/c", "snap/a", "snap/b", "snap_a"])
    );
    assert_eq!(names("%").await, expected(&[]));
    assert_eq!(store.blob("other", "snap/a").await.unwrap(), None);
    let info = &store.list_blobs("other", "").await.unwrap()[0];
    let age = chrono::Utc::now() - info.stored_at;
    assert!(age.abs() < chrono::TimeDelta::minutes(1), "{age}");
}

async fn exactly_one_concurrent_writer_succeeds(fixture: Fixture) {
    let writers = (0..20_u8).map(|number| {
        let store = fixture.store.clone();
        tokio::spawn(async move { store.put_blob("shop", "a", &[number], 0).await })
    });
    let mut won = 0;
    for writer in writers.collect::<Vec<_>>() {
        match writer.await.unwrap() {
            Ok(revision) => {
                assert_eq!(revision, 1);
                won += 1;
            }
            Err(StoreError::BlobConflict { found: 1, .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(won, 1);
}

async fn a_large_blob_is_read_back_completely(fixture: Fixture) {
    let bytes: Vec<u8> = (0..9_000_000_u32)
        .map(|number| number.to_le_bytes()[1] ^ number.to_le_bytes()[0])
        .collect();
    fixture
        .store
        .put_blob("shop", "a", &bytes, 0)
        .await
        .unwrap();
    let blob = fixture.store.blob("shop", "a").await.unwrap().unwrap();
    assert!(blob.bytes == bytes);
}

const LONG: Duration = Duration::from_secs(600);

async fn a_lease_has_one_holder_until_it_expires(fixture: Fixture) {
    let store = &fixture.store;
    let lease = store.take_lease("shop", "sync", LONG).await.unwrap();
    let lease = lease.unwrap();
    assert_eq!(store.take_lease("shop", "sync", LONG).await.unwrap(), None);
    let elsewhere = store.take_lease("other", "sync", LONG).await.unwrap();
    assert!(elsewhere.is_some());
    // Renewed for no time at all, the lease has expired by the next call.
    assert!(store.renew_lease(lease, Duration::ZERO).await.unwrap());
    assert!(!store.renew_lease(lease, LONG).await.unwrap());
    let next = store.take_lease("shop", "sync", LONG).await.unwrap();
    let next = next.unwrap();
    assert_ne!(next, lease);
    store.release_lease(next).await.unwrap();
    assert!(
        store
            .take_lease("shop", "sync", LONG)
            .await
            .unwrap()
            .is_some()
    );
}

async fn only_the_holder_renews_and_releases_a_lease(fixture: Fixture) {
    let store = &fixture.store;
    let lease = store.take_lease("shop", "sync", LONG).await.unwrap();
    let lease = lease.unwrap();
    assert!(store.renew_lease(lease, LONG).await.unwrap());
    let other = LeaseId(lease.0 ^ 1);
    assert!(!store.renew_lease(other, LONG).await.unwrap());
    store.release_lease(other).await.unwrap();
    assert_eq!(store.take_lease("shop", "sync", LONG).await.unwrap(), None);
}

async fn exactly_one_concurrent_taker_gets_the_lease(fixture: Fixture) {
    let takers = (0..20).map(|_| {
        let store = fixture.store.clone();
        tokio::spawn(async move { store.take_lease("shop", "sync", LONG).await.unwrap() })
    });
    let mut taken = 0;
    for taker in takers.collect::<Vec<_>>() {
        taken += usize::from(taker.await.unwrap().is_some());
    }
    assert_eq!(taken, 1);
}
