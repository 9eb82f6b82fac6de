//! The SQLite file: foreign, damaged, in use, private, backed up, restored.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::Path};

use sqlx::{Connection as _, SqliteConnection, raw_sql};

use super::{fixture::Fixture, *};
use crate::store::{Database, OpenError, OpenOptions, Store, StoreError};

/// Every file of a directory with its contents, except the empty lock file.
pub(super) fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.metadata().unwrap().is_file())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .filter(|(name, _)| !name.ends_with(".lock"))
        .collect()
}

/// A database that was used and then closed.
pub(super) async fn used() -> Fixture {
    let fixture = Fixture::sqlite().await;
    fixture
        .store
        .create_dashboard(&board(20), now())
        .await
        .unwrap();
    let bytes = vec![7; 200_000];
    fixture
        .store
        .put_blob("shop", "a", &bytes, 0)
        .await
        .unwrap();
    fixture.store.close().await;
    fixture
}

#[tokio::test]
async fn a_foreign_or_damaged_file_is_refused_and_not_changed() {
    let whole = fs::read(used().await.database_path()).unwrap();
    let flipped = |from: usize, to: usize| {
        let mut bytes = whole.clone();
        bytes[from..to].iter_mut().for_each(|byte| *byte ^= 0xff);
        bytes
    };
    let mut numbered = whole.clone();
    numbered[68..72].copy_from_slice(&7_u32.to_be_bytes());
    let table: [(&str, Vec<u8>, &str); 9] = [
        (
            "text",
            b"hello world, this is a text".to_vec(),
            "is not a SQLite database",
        ),
        ("one byte", b"S".to_vec(), "is not a SQLite database"),
        (
            "random",
            (0..=255).cycle().take(9000).collect(),
            "is not a SQLite database",
        ),
        ("other number", numbered, "belongs to another program"),
        ("flipped page", flipped(4096, 4096 + 2000), "is damaged"),
        ("flipped schema", flipped(100, 2000), "is damaged"),
        (
            "cut in half",
            whole[..whole.len() / 2].to_vec(),
            "is damaged",
        ),
        (
            "cut within a page",
            whole[..whole.len() - 100].to_vec(),
            "is damaged",
        ),
        ("head only", whole[..100].to_vec(), "is damaged"),
    ];
    for (title, bytes, expected) in table {
        let fixture = Fixture::sqlite().await;
        fixture.store.close().await;
        fs::write(fixture.database_path(), &bytes).unwrap();
        let before = files(fixture.path());
        let Err(error) = Store::open(&fixture.options).await else {
            panic!("{title} was opened");
        };
        let error = error.to_string();
        assert!(error.contains(expected), "{title}: {error}");
        assert!(error.contains("was not changed"), "{title}: {error}");
        assert!(files(fixture.path()) == before, "{title}");
    }
}

#[tokio::test]
async fn damage_of_any_page_is_found_at_the_start() {
    let mut fixture = used().await;
    let whole = fs::read(fixture.database_path()).unwrap();
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        let content = &mut bytes[page * 4096..][..100];
        content.iter_mut().for_each(|byte| *byte ^= 0xff);
        fs::write(fixture.database_path(), &bytes).unwrap();
        let before = files(fixture.path());
        let error = Store::open(&fixture.options).await.unwrap_err().to_string();
        assert!(error.contains("is damaged"), "page {page}: {error}");
        assert!(
            error.contains("`host-demo restore`"),
            "page {page}: {error}"
        );
        assert!(files(fixture.path()) == before, "page {page}");
    }
    fs::write(fixture.database_path(), &whole).unwrap();
    fixture.reopen().await;
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_not_changed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("dashboards.sqlite");
    let address = format!("sqlite:{}?mode=rwc", path.display());
    let mut other = SqliteConnection::connect(&address).await.unwrap();
    raw_sql("CREATE TABLE mails (id INTEGER); INSERT INTO mails VALUES (1)")
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    let options = OpenOptions {
        database: Database::Sqlite(path),
        key: crate::store::KeySource::File(directory.path().join("host.key")),
    };
    let before = files(directory.path());
    let error = Store::open(&options).await.unwrap_err();
    assert!(matches!(
        error,
        OpenError::Foreign {
            reason: "belongs to another program",
            ..
        }
    ));
    assert!(files(directory.path()) == before);
}

#[tokio::test]
async fn a_directory_in_place_of_the_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let options = OpenOptions {
        database: Database::Sqlite(directory.path().to_owned()),
        key: crate::store::KeySource::File(directory.path().join("host.key")),
    };
    let error = Store::open(&options).await.unwrap_err();
    assert!(error.to_string().contains("is not a file"), "{error}");
}

#[tokio::test]
async fn two_hosts_do_not_share_a_file() {
    let fixture = Fixture::sqlite().await;
    let error = Store::open(&fixture.options).await.unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    fixture.store.close().await;
    Store::open(&fixture.options).await.unwrap();
}

#[tokio::test]
async fn a_lease_of_an_earlier_process_is_free() {
    let mut fixture = Fixture::sqlite().await;
    let long = std::time::Duration::from_secs(3600);
    let take = async |store: &Store| store.take_lease("shop", "sync", long).await.unwrap();
    assert!(take(&fixture.store).await.is_some());
    assert!(take(&fixture.store).await.is_none());
    fixture.reopen().await;
    assert!(take(&fixture.store).await.is_some());
}

#[tokio::test]
async fn all_files_are_private_regardless_of_the_umask() {
    rustix::process::umask(rustix::fs::Mode::empty());
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("a/b");
    let options = OpenOptions {
        database: Database::in_directory(&data),
        key: crate::store::KeySource::File(data.join("host.key")),
    };
    let store = Store::open(&options).await.unwrap();
    store.create_dashboard(&board(3), now()).await.unwrap();
    let copy = data.join("copy.sqlite");
    store.backup(&copy).await.unwrap();
    let mut found = Vec::new();
    for entry in fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        found.push(entry.file_name().into_string().unwrap());
    }
    found.sort();
    assert_eq!(
        found,
        [
            "copy.sqlite",
            "dashboards.sqlite",
            "dashboards.sqlite-shm",
            "dashboards.sqlite-wal",
            "dashboards.sqlite.lock",
            "host.key"
        ]
    );
    let mode = fs::metadata(&data).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_during_writes_is_complete() {
    let fixture = Fixture::sqlite().await;
    fixture
        .store
        .create_dashboard(&board(30), now())
        .await
        .unwrap();
    let writer = tokio::spawn({
        let store = fixture.store.clone();
        async move {
            for revision in 0..60 {
                store
                    .change_dashboard(&board_id(), revision, &share(30, revision + 1), None, now())
                    .await
                    .unwrap();
            }
        }
    });
    let copies = tempfile::tempdir().unwrap();
    for number in 0..5 {
        let path = copies.path().join(format!("{number}.sqlite"));
        fixture.store.backup(&path).await.unwrap();
        let options = OpenOptions {
            database: Database::Sqlite(path),
            key: fixture.options.key.clone(),
        };
        let copy = Store::open(&options).await.unwrap();
        assert_eq!(copy.key_problem(), None);
        let read = copy.dashboard(&board_id()).await.unwrap().unwrap();
        assert_eq!(values(&read), vec![read.revision(); 30]);
        copy.close().await;
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn a_restore_brings_back_the_backup_and_keeps_the_old_file() {
    let mut fixture = Fixture::sqlite().await;
    fixture
        .store
        .create_dashboard(&board(3), now())
        .await
        .unwrap();
    datasources::create(&fixture.store).await;
    let copy = fixture.path().join("copy.sqlite");
    fixture.store.backup(&copy).await.unwrap();
    fixture
        .store
        .change_dashboard(&board_id(), 0, &share(3, 1), None, now())
        .await
        .unwrap();
    let error = Store::restore(&copy, &fixture.database_path()).await;
    assert!(matches!(error, Err(OpenError::InUse { .. })));
    fixture.store.check_integrity().await.unwrap();
    fixture.store.close().await;
    // A log of the old database must not be applied to the backup.
    let log = fixture.path().join("dashboards.sqlite-wal");
    fs::write(&log, vec![7; 5000]).unwrap();
    let broken = fixture.path().join("broken.sqlite");
    fs::write(&broken, &fs::read(&copy).unwrap()[..9000]).unwrap();
    let before = files(fixture.path());
    for (backup, expected) in [
        (&broken, "is damaged"),
        (&fixture.path().join("none"), "is empty"),
    ] {
        let error = Store::restore(backup, &fixture.database_path()).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(files(fixture.path()) == before);
    }
    Store::restore(&copy, &fixture.database_path())
        .await
        .unwrap();
    assert!(!log.exists());
    fixture.store = Store::open(&fixture.options).await.unwrap();
    let read = fixture.store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(read, board(3));
    let token = datasources::secret(&fixture.store, "/token").await;
    assert_eq!(token.as_deref(), Some("canary-4711"));
    assert!(fixture.path().join("dashboards.sqlite.replaced").exists());
}

#[tokio::test]
async fn each_connection_has_the_documented_pragmas() {
    let fixture = Fixture::sqlite().await;
    for (sql, column, expected) in [
        ("PRAGMA journal_mode", "journal_mode", None),
        ("PRAGMA synchronous", "synchronous", Some(2)),
        ("PRAGMA foreign_keys", "foreign_keys", Some(1)),
        ("PRAGMA busy_timeout", "timeout", Some(5000)),
        ("PRAGMA trusted_schema", "trusted_schema", Some(0)),
    ] {
        for mut tx in [
            fixture.store.begin_write().await.unwrap(),
            fixture.store.begin_read().await.unwrap(),
        ] {
            let row = tx.row(sql, &[]).await.unwrap().unwrap();
            match expected {
                Some(expected) => assert_eq!(row.integer(column).unwrap(), expected, "{sql}"),
                None => assert_eq!(row.text(column).unwrap(), "wal"),
            }
            tx.rollback().await;
        }
    }
    let mut tx = fixture.store.begin_read().await.unwrap();
    let written = tx.execute("DELETE FROM users", &[]).await;
    assert!(matches!(written, Err(StoreError::Database(_))));
}

#[tokio::test]
async fn a_full_disk_is_reported_and_reading_still_works() {
    let fixture = Fixture::sqlite().await;
    fixture
        .store
        .create_dashboard(&board(3), now())
        .await
        .unwrap();
    let mut tx = fixture.store.begin_write().await.unwrap();
    let pages = tx.row("PRAGMA page_count", &[]).await.unwrap().unwrap();
    let pages = pages.integer("page_count").unwrap();
    tx.rollback().await;
    // SQLite fails in the same way at its page limit as on a full disk.
    fixture.store.limit_pages(pages + 2).await;
    let bytes = vec![1; 100_000];
    let full = fixture.store.put_blob("shop", "a", &bytes, 0).await;
    assert!(matches!(full, Err(StoreError::Full(_))), "{full:?}");
    let read = fixture.store.dashboard(&board_id()).await.unwrap().unwrap();
    assert_eq!(read, board(3));
    fixture.store.limit_pages(100_000).await;
    fixture
        .store
        .put_blob("shop", "a", &bytes, 0)
        .await
        .unwrap();
}

impl Store {
    /// Limits the size of the file.
    async fn limit_pages(&self, pages: i64) {
        let crate::store::handle::Pools::Sqlite { writer, .. } = &self.inner.pools else {
            panic!("PostgreSQL has no pages to bound");
        };
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "PRAGMA max_page_count = {pages}"
        )))
        .execute(writer)
        .await
        .unwrap();
    }
}
