//! Backups destroy nothing, and leave nothing incomplete behind.

use std::{fs, os::unix::fs::symlink};

use workspace_tests::small_disk::SmallDisk;

use super::{
    fixture::Fixture,
    sqlite_file::{files, used},
    *,
};
use crate::store::{IfExists, OpenError, Store};

#[tokio::test]
async fn a_backup_replaces_nothing_but_an_earlier_backup_on_request() {
    let fixture = Fixture::sqlite().await;
    fixture
        .store
        .create_dashboard(&board(3), now())
        .await
        .unwrap();
    let other = used().await;
    let at = |name: &str| fixture.path().join(name);
    fs::write(at("letter"), "Dear Ann").unwrap();
    fs::write(at("empty"), "").unwrap();
    fs::create_dir(at("directory")).unwrap();
    symlink(fixture.database_path(), at("link")).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    fs::hard_link(fixture.key_path(), at("second-name")).unwrap();
    let detour = at("directory/../dashboards.sqlite");
    // What a host has used is not a backup, also while it is closed.
    let mut targets = vec![detour, other.database_path()];
    for name in [
        "dashboards.sqlite",
        "dashboards.sqlite-wal",
        "dashboards.sqlite-shm",
        "dashboards.sqlite-journal",
        "dashboards.sqlite.lock",
        "host.key",
        "host.key.next",
        "letter",
        "empty",
        "directory",
        "link",
        "dangling",
        "second-name",
    ] {
        targets.push(at(name));
    }
    let contents = || {
        let mut found = files(fixture.path());
        // The index of the log changes also with reading.
        found.remove("dashboards.sqlite-shm");
        (found, files(other.path()))
    };
    let before = contents();
    for target in &targets {
        for if_exists in [IfExists::Refuse, IfExists::ReplaceBackup] {
            let made = Store::backup_of(&fixture.options, target, if_exists).await;
            assert!(
                matches!(made, Err(OpenError::Target { .. })),
                "{}: {made:?}",
                target.display()
            );
            assert!(contents() == before, "{}", target.display());
        }
    }

    let copy = at("copy.sqlite");
    let backup = async |if_exists| Store::backup_of(&fixture.options, &copy, if_exists).await;
    backup(IfExists::Refuse).await.unwrap();
    let first = fs::read(&copy).unwrap();
    fixture
        .store
        .change_dashboard(&board_id(), 0, &share(3, 1), None, now())
        .await
        .unwrap();
    let error = backup(IfExists::Refuse).await.unwrap_err().to_string();
    assert!(error.contains("already exists"), "{error}");
    assert!(fs::read(&copy).unwrap() == first);
    backup(IfExists::ReplaceBackup).await.unwrap();
    assert!(fs::read(&copy).unwrap() != first);
    assert!(!at("copy.sqlite.half").exists());
}

#[tokio::test]
async fn a_backup_onto_a_full_disk_leaves_what_was_there_and_nothing_else() {
    let Some(disk) = SmallDisk::mount("2m") else {
        return;
    };
    let fixture = Fixture::sqlite().await;
    let copy = disk.path().join("copy.sqlite");
    let backup = async |if_exists| Store::backup_of(&fixture.options, &copy, if_exists).await;
    backup(IfExists::Refuse).await.unwrap();
    let bytes = vec![7; 400_000];
    fixture
        .store
        .put_blob("shop", "a", &bytes, 0)
        .await
        .unwrap();
    disk.fill();
    let before = files(disk.path());
    let error = backup(IfExists::ReplaceBackup).await.unwrap_err();
    assert!(matches!(error, OpenError::Copy { .. }), "{error}");
    assert!(error.to_string().contains("full"), "{error}");
    assert!(files(disk.path()) == before);
    disk.free();
    backup(IfExists::ReplaceBackup).await.unwrap();
    let names: Vec<_> = files(disk.path()).into_keys().collect();
    assert_eq!(names, ["copy.sqlite"]);
}

#[tokio::test]
async fn a_backup_takes_the_place_of_what_a_killed_one_left_and_of_no_other_file() {
    let fixture = Fixture::sqlite().await;
    let copy = fixture.path().join("copy.sqlite");
    let half = fixture.path().join("copy.sqlite.half");
    fs::write(&half, "Dear Ann").unwrap();
    let error = fixture.store.backup(&copy).await.unwrap_err();
    assert!(error.to_string().contains("copy.sqlite.half"), "{error}");
    assert_eq!(fs::read_to_string(&half).unwrap(), "Dear Ann");
    fs::write(&half, &fs::read(fixture.database_path()).unwrap()[..3000]).unwrap();
    fixture.store.backup(&copy).await.unwrap();
    assert!(!half.exists());
}
