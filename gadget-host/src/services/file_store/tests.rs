//! Blobs and leases with several users, in this process and in others that are killed.

use super::*;

#[test]
fn a_blob_changes_only_from_the_revision_that_was_seen() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::open(directory.path().join("store")).unwrap();
    assert_eq!(store.get("kind", "a/b"), Ok(None));
    assert_eq!(store.put("kind", "a/b", b"one", 0), Ok(1));
    assert_eq!(
        store.put("kind", "a/b", b"two", 0).unwrap_err().kind(),
        ErrorKind::Conflict
    );
    assert_eq!(store.put("kind", "a/b", b"two", 1), Ok(2));
    let other = FileStore::open(directory.path().join("store")).unwrap();
    assert_eq!(
        other.get("kind", "a/b"),
        Ok(Some(Blob {
            revision: 2,
            bytes: b"two".to_vec()
        }))
    );
    assert_eq!(other.get("other", "a/b"), Ok(None));
    let listed = other.list("kind", "a/").unwrap();
    assert_eq!(
        (listed[0].name.as_str(), listed[0].bytes, listed.len()),
        ("a/b", 3, 1)
    );
    other.remove("kind", "a/b").unwrap();
    assert_eq!(store.list("kind", "").unwrap(), []);
}

#[test]
fn a_lease_has_one_holder_until_it_is_given_back_or_over() {
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::open(directory.path().to_owned()).unwrap();
    let other = FileStore::open(directory.path().to_owned()).unwrap();
    let lease = store
        .take("kind", "sync", Duration::from_secs(60))
        .unwrap()
        .unwrap();
    assert_eq!(store.take("kind", "sync", Duration::ZERO), Ok(None));
    assert_eq!(other.take("kind", "sync", Duration::ZERO), Ok(None));
    store.release(lease);
    assert!(
        other
            .take("kind", "sync", Duration::ZERO)
            .unwrap()
            .is_some()
    );
    assert!(
        other
            .take("kind", "sync", Duration::ZERO)
            .unwrap()
            .is_some(),
        "the first is over"
    );
}

#[test]
fn a_lease_that_is_over_is_free_even_while_its_holder_hangs() {
    let directory = tempfile::tempdir().unwrap();
    let [one, other] = [(); 2].map(|()| FileStore::open(directory.path().to_owned()).unwrap());
    let lease = one.take("kind", "sync", Duration::ZERO).unwrap().unwrap();
    assert!(
        other
            .take("kind", "sync", Duration::from_secs(60))
            .unwrap()
            .is_some()
    );
    one.release(lease);
    assert_eq!(one.take("kind", "sync", Duration::ZERO), Ok(None));
}

#[test]
fn a_released_lock_is_free_although_a_forked_child_has_inherited_its_file() {
    let directory = tempfile::tempdir().unwrap();
    let [store, other] = [(); 2].map(|()| FileStore::open(directory.path().to_owned()).unwrap());
    let long = Duration::from_secs(60);
    // Between fork and exec, a child of this process shares the open file.
    let lease = store.take("kind", "sync", long).unwrap().unwrap();
    let inherited: Vec<_> = store
        .leases()
        .values()
        .map(|held| held.file.0.try_clone().unwrap())
        .collect();
    assert_eq!(inherited.len(), 1);
    store.release(lease);
    assert!(other.take("kind", "sync", long).unwrap().is_some());

    let lock = store.lock("kind").unwrap();
    let inherited = lock.0.try_clone().unwrap();
    drop(lock);
    let file = open_for_lock(&directory.path().join("kind/.lock")).unwrap();
    assert!(file.try_lock().is_ok());
    drop(inherited);
}

#[test]
fn a_renewed_lease_ends_later_and_one_that_is_over_cannot_be_renewed() {
    let directory = tempfile::tempdir().unwrap();
    let [store, other] = [(); 2].map(|()| FileStore::open(directory.path().to_owned()).unwrap());
    let long = Duration::from_secs(60);
    let lease = store.take("kind", "sync", long).unwrap().unwrap();
    assert_eq!(store.renew(lease, long), Ok(true));
    assert_eq!(other.take("kind", "sync", long), Ok(None));
    // Other holders do not know the lease.
    assert_eq!(other.renew(lease, long), Ok(false));
    assert_eq!(store.renew(lease, Duration::ZERO), Ok(true));
    assert!(other.take("kind", "sync", long).unwrap().is_some());
    assert_eq!(store.renew(lease, long), Ok(false));
    assert_eq!(store.take("kind", "sync", long), Ok(None));
}

#[test]
fn of_many_writers_at_once_none_loses_an_update() {
    let directory = tempfile::tempdir().unwrap();
    let add = |store: &FileStore| loop {
        let blob = store.get("kind", "sum").unwrap();
        let (revision, sum) = blob.map_or((0, 0), |blob| (blob.revision, blob.bytes.len()));
        match store.put("kind", "sum", &vec![0; sum + 1], revision) {
            Ok(_) => return,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict),
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let store = FileStore::open(directory.path().to_owned()).unwrap();
                (0..10).for_each(|_| add(&store));
            });
        }
    });
    let store = FileStore::open(directory.path().to_owned()).unwrap();
    let blob = store.get("kind", "sum").unwrap().unwrap();
    assert_eq!((blob.bytes.len(), blob.revision), (80, 80));
}

/// Where the child of the next test writes, and that it is the child.
const STORE_OF_CHILD: &str = "GADGET_HOST_TEST_STORE";

#[test]
fn what_was_stored_survives_a_writer_that_is_killed() {
    if let Some(directory) = std::env::var_os(STORE_OF_CHILD) {
        write_until_killed(directory.into());
    }
    let directory = tempfile::tempdir().unwrap();
    let store = FileStore::open(directory.path().to_owned()).unwrap();
    let mut last = 0;
    for round in 0..20 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "services::file_store::tests::what_was_stored_survives_a_writer_that_is_killed",
            ])
            .env(STORE_OF_CHILD, directory.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let begin = Instant::now();
        while revision_of(&store) == last {
            assert!(
                begin.elapsed() < Duration::from_secs(120),
                "nothing is written"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        // Each child is killed at another point of its work.
        std::thread::sleep(Duration::from_millis(round));
        child.kill().unwrap();
        child.wait().unwrap();
        if let Some(blob) = store.get("kind", "blob").unwrap() {
            assert_eq!(
                blob.bytes,
                pattern(blob.revision),
                "revision {}",
                blob.revision
            );
            assert!(blob.revision >= last);
            last = blob.revision;
        }
        // The lock and the lease ended with the process.
        let lease = store.take("kind", "held", Duration::from_secs(60)).unwrap();
        store.release(lease.expect("nobody holds the lease of a process that is gone"));
    }
    assert!(last > 0);
    assert!(fs::read_dir(directory.path().join("kind")).unwrap().count() <= 4);
}

fn revision_of(store: &FileStore) -> u64 {
    let blob = store.get("kind", "blob").unwrap();
    blob.map_or(0, |blob| blob.revision)
}

fn pattern(revision: u64) -> Vec<u8> {
    revision.to_le_bytes().repeat(20_000)
}

fn write_until_killed(directory: PathBuf) -> ! {
    let store = FileStore::open(directory).unwrap();
    store
        .take("kind", "held", Duration::from_secs(3600))
        .unwrap()
        .unwrap();
    loop {
        let revision = revision_of(&store);
        store
            .put("kind", "blob", &pattern(revision + 1), revision)
            .unwrap();
    }
}
