//! What was acknowledged survives the sudden end of the host, and nothing is half there.

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
    bed::{Bed, on_both},
    *,
};
use crate::store::{Database, KeySource, OpenOptions, Store};

on_both!(an_acknowledged_change_survives_kill_9,);

const TILES: usize = 50;
const ROUNDS: u64 = 20;

/// Tells the child which database to open; without it the child's test does nothing.
const VARIABLE: &str = "HOST_DEMO_CRASH_DATABASE";

/// The child: shares one value after the other with all tiles, and says which were acknowledged.
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

/// Runs the child, ends it without warning after its n-th word, and returns the last.
fn run_child(bed: &Bed, words: u64) -> u64 {
    let database = match &bed.options.database {
        Database::Sqlite(path) => format!("sqlite:{}", path.display()),
        Database::Postgres(address) => address.expose_secret().to_owned(),
    };
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["store::tests::crash::child", "--exact", "--nocapture"])
        .env(VARIABLE, database)
        .env("HOST_DEMO_CRASH_KEY", bed.key_path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut heard = 0;
    let mut last = 0;
    let mut is_ended = false;
    for line in output.lines() {
        let Ok(line) = line else { break };
        if let Some(number) = line.strip_prefix("acknowledged ") {
            last = number.parse().unwrap();
            heard += 1;
        }
        if heard == words && !is_ended {
            // Not always at the same point of a transaction.
            thread::sleep(Duration::from_micros(words * 379 % 4000));
            child.kill().unwrap();
            is_ended = true;
        }
    }
    child.wait().unwrap();
    assert!(is_ended, "the child ended by itself after {heard} changes");
    last
}

async fn an_acknowledged_change_survives_kill_9(mut bed: Bed) {
    bed.store
        .create_dashboard(&board(TILES), now())
        .await
        .unwrap();
    for round in 1..=ROUNDS {
        bed.store.close().await;
        let acknowledged = run_child(&bed, round % 7 + 1);
        bed.store = Store::open(&bed.options).await.unwrap();
        let read = bed.store.dashboard(&board_id()).await.unwrap().unwrap();
        assert!(read.revision() >= acknowledged, "round {round}");
        assert_eq!(values(&read), [read.revision(); TILES], "round {round}");
        let history = bed.store.history(&board_id(), 0).await.unwrap();
        assert_eq!(history.len() as u64, read.revision(), "round {round}");
    }
}

#[test]
fn the_address_of_a_database_is_read_back() {
    let address = SecretString::from("postgres:///x?host=/run&user=host");
    assert!(matches!(
        Database::parse(address.expose_secret()),
        Ok(Database::Postgres(_))
    ));
}
