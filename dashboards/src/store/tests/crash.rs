//! Acknowledged changes survive a crash of the host, and no change is half written.

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    fixture::{Fixture, on_both},
    *,
};
use crate::store::{Database, KeySource, OpenOptions, Store};

on_both!(an_acknowledged_change_survives_kill_9,);

const TILES: usize = 50;
const ROUNDS: u64 = 20;

/// Tells the child process which database to open; without it, the test does nothing.
const VARIABLE: &str = "HOST_DEMO_CRASH_DATABASE";

/// The child process: makes one change after another, and prints which were acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Ok(database) = env::var(VARIABLE) else {
        return;
    };
    let options = OpenOptions {
        database: Database::parse(&database).unwrap(),
        key: KeySource::File(PathBuf::from(env::var("HOST_DEMO_CRASH_KEY").unwrap())),
    };
    let store = Store::open(&options).await.unwrap();
    let dashboard = store.dashboard(&board_id()).await.unwrap().unwrap();
    for revision in dashboard.revision().. {
        store
            .change_dashboard(
                &board_id(),
                revision,
                &share(TILES, revision + 1),
                None,
                now(),
            )
            .await
            .unwrap();
        println!("\nacknowledged {}", revision + 1);
    }
}

/// Runs the child, kills it after its n-th change, and returns the last acknowledged revision.
fn run_child(fixture: &Fixture, changes: u64) -> u64 {
    let database = match &fixture.options.database {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(address) => address.expose_secret().to_owned(),
    };
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["store::tests::crash::child", "--exact", "--nocapture"])
        .env(VARIABLE, database)
        .env("HOST_DEMO_CRASH_KEY", fixture.key_path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = 0;
    let mut last = 0;
    let mut is_ended = false;
    for line in output.lines() {
        let Ok(line) = line else { break };
        if let Some(number) = line.strip_prefix("acknowledged ") {
            last = number.parse().unwrap();
            acknowledged += 1;
        }
        if acknowledged == changes && !is_ended {
            // Vary the point within a transaction.
            thread::sleep(Duration::from_micros(changes * 379 % 4000));
            child.kill().unwrap();
            is_ended = true;
        }
    }
    child.wait().unwrap();
    assert!(
        is_ended,
        "the child ended by itself after {acknowledged} changes"
    );
    last
}

async fn an_acknowledged_change_survives_kill_9(mut fixture: Fixture) {
    fixture
        .store
        .create_dashboard(&board(TILES), now())
        .await
        .unwrap();
    for round in 1..=ROUNDS {
        fixture.store.close().await;
        let acknowledged = run_child(&fixture, round % 7 + 1);
        fixture.store = Store::open(&fixture.options).await.unwrap();
        let read = fixture.store.dashboard(&board_id()).await.unwrap().unwrap();
        assert!(read.revision() >= acknowledged, "round {round}");
        assert_eq!(values(&read), [read.revision(); TILES], "round {round}");
        let history = fixture.store.history(&board_id(), 0).await.unwrap();
        assert_eq!(history.len() as u64, read.revision(), "round {round}");
    }
}

#[test]
fn a_postgres_address_survives_parsing() {
    let address = SecretString::from("postgres:///x?host=/run&user=host");
    assert!(matches!(
        Database::parse(address.expose_secret()),
        Ok(Database::Postgres(_))
    ));
}
