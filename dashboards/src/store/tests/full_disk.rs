//! A full disk: nothing is lost, and the first write after there is space again succeeds.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::TempDir;
use workspace_tests::{postgres::Server, small_disk::SmallDisk};

use super::{fixture::Fixture, *};
use crate::store::{Store, StoreError};

/// The last one is larger than the cache of a connection, so that SQLite writes before the
/// transaction ends.
const SIZES: [usize; 3] = [1_000, 100_000, 3_000_000];

/// Fills the disk several times, and checks that the store recovers by itself each time.
async fn check_recovery(
    store: &Store,
    fill: impl Fn(),
    free: impl Fn(),
    check_full: impl Fn(Result<(), StoreError>),
) {
    store.create_dashboard(&board(3), now()).await.unwrap();
    for round in 0..3 {
        fill();
        for size in SIZES {
            let bytes = vec![1; size];
            let mut number = 0;
            let error = loop {
                number += 1;
                // Small blobs fit into files that are there already, until these are full too.
                let name = format!("round-{round}-{size}-{number}");
                if let Err(error) = store.put_blob("shop", &name, &bytes, 0).await {
                    break error;
                }
            };
            assert!(matches!(error, StoreError::Full(_)), "{size}: {error:?}");
        }
        let read = store.dashboard(&board_id()).await.unwrap().unwrap();
        assert_eq!(read.revision(), round);
        check_full(store.check_writable().await);
        free();
        store
            .change_dashboard(&board_id(), round, &share(3, round + 1), None, now())
            .await
            .unwrap();
        store.check_writable().await.unwrap();
    }
    store.check_integrity().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_on_a_full_disk_writes_again_as_soon_as_there_is_space() {
    let Some(disk) = SmallDisk::mount("8m") else {
        return;
    };
    let fixture = Fixture::sqlite_in(TempDir::new_in(disk.path()).unwrap()).await;
    let check_full = |found| assert!(matches!(found, Err(StoreError::Full(_))), "{found:?}");
    check_recovery(&fixture.store, || disk.fill(), || disk.free(), check_full).await;
    fixture.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_postgres_on_a_full_disk_writes_again_as_soon_as_there_is_space() {
    let (Some(server), Some(disk)) = (Server::get(), SmallDisk::mount("48m")) else {
        return;
    };
    let database = server.new_database_on(disk);
    let fixture = Fixture::postgres_at(database.address.clone()).await;
    let disk = &database.disk;
    // A small change may still fit into the files.
    check_recovery(&fixture.store, || disk.fill(), || disk.free(), |_| ()).await;
    fixture.store.close().await;
}

/// Tells the child process that it is the child.
const VARIABLE: &str = "HOST_DEMO_LIMITED_FILES";

/// The child process, whose files may grow to a limit only.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    if env::var_os(VARIABLE).is_none() {
        return;
    }
    let fixture = Fixture::sqlite().await;
    let log = fixture.path().join("dashboards.sqlite-wal");
    let limit = |bytes| {
        let limit = Rlimit {
            current: bytes,
            ..getrlimit(Resource::Fsize)
        };
        setrlimit(Resource::Fsize, limit).unwrap();
    };
    let size = |path: &Path| fs::metadata(path).unwrap().len();
    let fill = || limit(Some(size(&log).max(size(&fixture.database_path())) + 8_000));
    // A small change may still fit into the files.
    check_recovery(&fixture.store, fill, || limit(None), |_| ()).await;
}

#[test]
fn a_store_at_the_limit_of_its_files_writes_again_as_soon_as_that_is_raised() {
    // By default the signal of the limit ends a process.
    let ended = Command::new("sh")
        .args(["-c", r#"trap '' XFSZ; exec "$0" "$@""#])
        .arg(env::current_exe().unwrap())
        .args(["store::tests::full_disk::child", "--exact"])
        .env(VARIABLE, "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{said}");
}
