//! What a sync leaves, in the store and in the cache, and who gets it.

use std::sync::atomic::{AtomicUsize, Ordering};

use gadget_api::{
    Blob, BlobInfo, DatasourceRef, LeaseId, Progress, Request, Response, Stream, testing::Canned,
};

use super::{super::*, TODAY, exports, license, repeating, run, run_with, space, users_now};
use crate::{Cache, Day, Rules};

#[test]
fn a_render_after_a_refresh_reads_no_stored_snapshot() {
    let services = repeating(&[license(1, 50)]);
    let datasource = Watched::new(&services, "first");
    let cache = Cache::default();
    for _ in 0..2 {
        let name = run_with(&datasource, &cache).unwrap().snapshot.unwrap();
        let loaded = cache.load(&datasource, "1212980", Some(&name)).unwrap();
        assert_eq!(loaded.snapshot.row_counts(), [1, 0]);
    }
    services.cancel();
    let stale = run_with(&datasource, &cache).unwrap().snapshot.unwrap();
    cache.load(&datasource, "1212980", Some(&stale)).unwrap();
    assert_eq!(datasource.snapshots_read(), 0);
    // Another process has to read it, once.
    let cache = Cache::default();
    for _ in 0..2 {
        cache.load(&datasource, "1212980", Some(&stale)).unwrap();
    }
    assert_eq!(datasource.snapshots_read(), 1);
}

#[test]
fn a_snapshot_that_a_sync_left_equals_the_stored_one() {
    let services = exports(space(), &[license(1, 50), license(2, 100)], &[]);
    let cache = Cache::default();
    let name = run_with(&services, &cache).unwrap().snapshot.unwrap();
    let [left, stored] = [&cache, &Cache::default()].map(|cache| {
        let loaded = cache.load(&services, "1212980", Some(&name)).unwrap();
        loaded.snapshot
    });
    assert_eq!(left.as_of(), stored.as_of());
    assert_eq!(left.encode(), stored.encode());
    assert_eq!(left.apps(), stored.apps());
}

#[test]
fn a_snapshot_in_the_cache_serves_only_the_datasource_that_read_it() {
    let services = exports(space(), &[license(1, 50)], &[]);
    let (first, second) = (
        Watched::new(&services, "first"),
        Watched::new(&services, "second"),
    );
    let cache = Cache::default();
    let name = run_with(&first, &cache).unwrap().snapshot.unwrap();
    // Here both share one store; what a host keeps apart must not meet in the cache.
    for name in [Some(&name), None] {
        cache.load(&first, "1212980", name).unwrap();
        cache.load(&second, "1212980", name).unwrap();
    }
    assert_eq!((first.snapshots_read(), second.snapshots_read()), (0, 1));
}

#[test]
fn two_snapshots_are_kept_and_a_damaged_one_is_skipped() {
    // The last canned answer repeats, so every sync gets the same data.
    let services = repeating(&[license(1, 50)]);
    let names: Vec<_> = (0..4)
        .map(|_| run(&services).unwrap().snapshot.unwrap())
        .collect();
    let cache = Cache::default();
    let is_there = |name| cache.load(&services, "1212980", Some(name)).is_ok();
    assert_eq!(
        names.iter().map(is_there).collect::<Vec<_>>(),
        [false, false, true, true]
    );
    let mut blobs = services.blob_list("snapshots/").unwrap();
    blobs.retain(|blob| blob.name.ends_with(".data"));
    let newest = blobs.pop().unwrap();
    services
        .blob_put(&newest.name, b"mktplace and then nothing", newest.revision)
        .unwrap();
    let cache = Cache::default();
    assert_eq!(users_now(&services, None), 50);
    let error = cache
        .load(&services, "1212980", Some(&names[3]))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(run(&services).unwrap().stale, None);
}

#[test]
fn parts_are_stored_once_and_removed_when_no_snapshot_has_them() {
    let parts = |services: &Canned| {
        let mut blobs = services.blob_list("snapshots/").unwrap();
        blobs.retain(|blob| blob.name.contains("/part."));
        blobs.len()
    };
    let first = exports(space(), &[license(1, 50)], &[]);
    run(&first).unwrap();
    run_again(&first, &[license(1, 50)], |second| {
        assert_eq!(parts(second), 1);
        run_again(second, &[license(1, 100)], |third| {
            assert_eq!(parts(third), 2);
            run_again(third, &[license(1, 250)], |fourth| {
                assert_eq!(parts(fourth), 2)
            });
        });
    });
}

#[test]
fn a_damaged_part_is_an_error_until_the_next_sync_stores_it_again() {
    let services = exports(space(), &[license(1, 50)], &[]);
    let name = run(&services).unwrap().snapshot.unwrap();
    let blobs = services.blob_list("snapshots/").unwrap();
    let part = blobs.iter().find(|blob| blob.name.contains("/part."));
    let part = part.unwrap();
    services
        .blob_put(&part.name, b"mktparts and then nothing", part.revision)
        .unwrap();
    let (cache, day) = (Cache::default(), Day::parse(TODAY).unwrap());
    let loaded = cache.load(&services, "1212980", Some(&name)).unwrap();
    let of_another_day = cache.totals(&services, &loaded, &Rules::default(), day.plus(-1));
    assert_eq!(of_another_day.unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(users_now(&services, None), 50);
    run_again(&services, &[license(1, 50)], |again| {
        let cache = Cache::default();
        let loaded = cache.load(again, "1212980", None).unwrap();
        let totals = cache.totals(again, &loaded, &Rules::default(), day.plus(-1));
        assert_eq!(totals.unwrap().current_status().users_now, 50);
    });
}

/// Runs another sync over the same store, which reads these licenses.
fn run_again(services: &Canned, licenses: &[serde_json::Value], check: impl FnOnce(&Canned)) {
    // Each list of licenses brings all of them, whether all or the changes are asked for.
    let later = repeating(licenses);
    for blob in services.blob_list("").unwrap() {
        let bytes = services.blob_get(&blob.name).unwrap().unwrap().bytes;
        later.blob_put(&blob.name, &bytes, 0).unwrap();
    }
    run(&later).unwrap();
    check(&later);
}

#[test]
fn names_of_other_vendors_and_accounts_are_not_found() {
    let services = exports(space(), &[license(1, 50)], &[]);
    let name = run(&services).unwrap().snapshot.unwrap();
    let cache = Cache::default();
    let error = cache.load(&services, "7", Some(&name)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        cache.load(&services, "7", None).unwrap_err().to_string(),
        "nothing has been read for vendor 7 yet"
    );
    let odd = gadget_api::SnapshotName::new("../../etc/passwd");
    assert_eq!(
        cache
            .load(&services, "1212980", Some(&odd))
            .unwrap_err()
            .kind(),
        ErrorKind::NotFound
    );
}

/// The services of one datasource, with a count of the stored snapshots that were read.
struct Watched<'a> {
    services: &'a Canned,
    datasource: &'static str,
    snapshots_read: AtomicUsize,
}

impl<'a> Watched<'a> {
    fn new(services: &'a Canned, datasource: &'static str) -> Self {
        Self {
            services,
            datasource,
            snapshots_read: AtomicUsize::new(0),
        }
    }

    fn snapshots_read(&self) -> usize {
        self.snapshots_read.load(Ordering::Relaxed)
    }
}

impl Services for Watched<'_> {
    fn datasource(&self) -> Result<DatasourceRef, Error> {
        let mut datasource = self.services.datasource()?;
        datasource.id = self.datasource.to_owned();
        Ok(datasource)
    }

    fn blob_get(&self, name: &str) -> Result<Option<Blob>, Error> {
        let is_snapshot = name.ends_with(".data");
        self.snapshots_read
            .fetch_add(usize::from(is_snapshot), Ordering::Relaxed);
        self.services.blob_get(name)
    }

    fn fetch(&self, request: &Request) -> Result<Response, Error> {
        self.services.fetch(request)
    }

    fn open(&self, request: &Request) -> Result<Stream<'_>, Error> {
        self.services.open(request)
    }

    fn blob_put(&self, name: &str, bytes: &[u8], expected: u64) -> Result<u64, Error> {
        self.services.blob_put(name, bytes, expected)
    }

    fn blob_list(&self, prefix: &str) -> Result<Vec<BlobInfo>, Error> {
        self.services.blob_list(prefix)
    }

    fn blob_remove(&self, name: &str) -> Result<(), Error> {
        self.services.blob_remove(name)
    }

    fn lease(&self, key: &str, ttl: Duration) -> Result<Option<LeaseId>, Error> {
        self.services.lease(key, ttl)
    }

    fn release(&self, lease: LeaseId) {
        self.services.release(lease);
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.services.log(level, message);
    }

    fn progress(&self, progress: &Progress) {
        self.services.progress(progress);
    }

    fn is_cancelled(&self) -> bool {
        self.services.is_cancelled()
    }

    fn remaining(&self) -> Duration {
        self.services.remaining()
    }
}
