//! Maintaining the store from the command line: users, backups, keys and migrations.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Output, Stdio},
};

use marketplace_sim::Sim;
use serde_json::{Value, json};
use workspace_tests::{
    Host, TOKEN, datasource, library, running_host::RunningHost, small_vendor, wait_until,
};

fn run(command: &mut Command) -> (i32, String, String) {
    ended(&command.output().expect("the host starts"))
}

fn ended(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    (code, text(&output.stdout), text(&output.stderr))
}

fn with_input(command: &mut Command, input: &str) -> (i32, String, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the host starts");
    let mut stdin = child.stdin.take().expect("its input is a pipe");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    ended(&child.wait_with_output().expect("the host ends"))
}

fn serve(host: &Host, more: &[&str]) -> RunningHost {
    let mut command = host.command(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--allow-insecure-datasource",
    ]);
    RunningHost::start(command.args(more))
}

#[test]
fn an_added_user_can_sign_in_and_a_removed_one_cannot() {
    let nothing = tempfile::tempdir().expect("a temporary directory can be made");
    let host = Host::new(nothing.path());
    let user = |words: &[&str]| {
        let mut command = host.command(&["user"]);
        command.args(words);
        command
    };
    let long = "correct horse battery";
    for (words, input, expected) in [
        (&["list"][..], "", (0, "no users yet\n", "")),
        (
            &["add", "Ann", "--role", "editor", "--password-stdin"],
            "short\n",
            (
                2,
                "",
                "host-demo: the password has 5 characters; use at least 12\n",
            ),
        ),
        (
            &["add", "Ann", "--role", "editor", "--password-stdin"],
            "correct horse battery\n",
            (0, "added Ann as editor\n", ""),
        ),
        (
            &["add", "ANN", "--role", "viewer", "--password-stdin"],
            "correct horse battery\n",
            (2, "", "host-demo: there is already a user with this name\n"),
        ),
        (
            &["add", "Boss", "--role", "administrator", "--password-stdin"],
            "correct horse battery",
            (0, "added Boss as administrator\n", ""),
        ),
        (
            &["list"],
            "",
            (0, "Ann   editor\nBoss  administrator\n", ""),
        ),
        (
            &["remove", "Boss"],
            "",
            (
                2,
                "",
                "host-demo: this is the last administrator; make somebody else an administrator first\n",
            ),
        ),
        (
            &["password", "Zoe", "--password-stdin"],
            "correct horse battery",
            (
                2,
                "",
                "host-demo: there is no user `Zoe`. `host-demo user list` lists the users.\n",
            ),
        ),
    ] {
        let (code, out, line) = with_input(&mut user(words), input);
        assert_eq!((code, out.as_str(), line.as_str()), expected, "{words:?}");
    }
    let (code, said, _) = run(&mut user(&["password", "boss"]));
    assert_eq!(code, 0);
    let made = said
        .lines()
        .nth(1)
        .and_then(|line| line.split(' ').next_back());
    let made = made.expect("a password is made and printed").to_owned();

    let mut running = serve(&host, &[]);
    // Somebody can sign in, so the printed address contains no token.
    assert!(running.url.ends_with('/'), "{}", running.url);
    for (name, password, role) in [
        ("ann", long, "editor"),
        ("Boss", made.as_str(), "administrator"),
    ] {
        running.log_in(name, password);
        let (status, me) = running.json("GET", "/api/session", &Value::Null);
        assert_eq!((status, &me["role"]), (200, &json!(role)));
    }
    let (code, out, line) = run(&mut user(&["list"]));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(
        line.contains("is used by another host; stop that host"),
        "{line}"
    );
    drop(running);

    assert_eq!(run(&mut user(&["remove", "ann"])).0, 0);
    let running = serve(&host, &[]);
    let wrong = json!({"name": "ann", "password": long});
    assert_eq!(running.json("POST", "/api/session", &wrong).0, 401);
}

/// Tells whether a file contains a text.
fn holds(path: &Path, text: &str) -> bool {
    let bytes = fs::read(path).expect("an own file can be read");
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[test]
fn a_restored_backup_has_its_secrets() {
    let library = library("app-users-gadget", &[]);
    let host = Host::new(library.directory());
    let options = small_vendor();
    let sim = Sim::start(options).expect("the stand-in starts on loopback");
    let file = host.file("marketplace.json", &datasource(&sim.base_url()));
    let running = serve(&host, &["--datasource", &file.to_string_lossy()]);
    running.wait_until_filled();
    let dashboards = |running: &RunningHost| running.json("GET", "/api/dashboards", &Value::Null).1;
    let before = dashboards(&running);

    // The backup is made while the host runs, and contains no secret in clear text.
    let backup = host.data().join("backup.sqlite");
    let run_host = |words: &[&str]| run(&mut host.command(words));
    let path = backup.to_string_lossy().into_owned();
    let (code, said, line) = run_host(&["backup", &path]);
    assert_eq!((code, line.as_str()), (0, ""));
    assert!(said.contains("is not part of the copy"), "{said}");
    let (code, _, line) = run_host(&["backup", &path]);
    assert_eq!(code, 2, "{line}");
    assert!(line.contains("already exists (`--replace`"), "{line}");
    let (code, _, line) = run_host(&["backup", "--replace", &path]);
    assert_eq!((code, line.as_str()), (0, ""));
    for used in ["dashboards.sqlite", "dashboards.sqlite-wal", "key"] {
        let used = host.data().join("serve").join(used);
        for replace in [&[][..], &["--replace"]] {
            let mut command = host.command(&["backup"]);
            let (code, _, line) = run(command.arg(&used).args(replace));
            assert_eq!(code, 2, "{line}");
            assert!(line.contains("the host itself uses"), "{line}");
        }
    }
    assert!(!holds(&backup, TOKEN));
    let database = host.data().join("serve/dashboards.sqlite");
    assert!(!holds(&database, TOKEN));

    let (code, _, line) = run_host(&["restore", &path]);
    assert_eq!(code, 1);
    assert!(line.contains("is used by another host"), "{line}");

    let id = before[0]["id"]
        .as_str()
        .expect("a dashboard has an id")
        .to_owned();
    assert_eq!(
        running
            .json("DELETE", &format!("/api/dashboards/{id}"), &Value::Null)
            .0,
        204
    );
    drop(running);
    let (code, _, line) = run_host(&["restore", &path]);
    assert_eq!((code, line.as_str()), (0, ""));
    let (code, _, line) = run_host(&["rotate-key"]);
    assert_eq!((code, line.as_str()), (0, ""));
    assert_eq!(run_host(&["migrate"]).0, 0);

    let running = serve(&host, &[]);
    assert_eq!(dashboards(&running), before);
    sim.clear_requests();
    let refreshed = format!("/api/dashboards/{id}/refresh");
    assert_eq!(running.json("POST", &refreshed, &Value::Null).0, 204);
    // The token is still the same: the source is asked with it.
    wait_until("the source is asked", || {
        sim.requests()
            .into_iter()
            .find(|request| request.has_credentials)
    });
}

#[test]
fn a_lost_database_is_reported_and_replaced_only_on_request() {
    let nothing = tempfile::tempdir().expect("a temporary directory can be made");
    let host = Host::new(nothing.path());
    let run_host = |words: &[&str]| run(&mut host.command(words));
    assert_eq!(run_host(&["migrate"]).0, 0);
    let database = host.data().join("serve/dashboards.sqlite");
    fs::remove_file(&database).expect("the database is there");
    for words in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"]] {
        let (code, out, line) = run_host(words);
        assert_eq!((code, out.as_str()), (1, ""), "{line}");
        for text in ["is empty or missing", "host-demo restore", "--new-database"] {
            assert!(line.contains(text), "{line}");
        }
        assert!(!database.exists());
    }
    assert_eq!(run_host(&["migrate", "--new-database"]).0, 0);
    drop(serve(&host, &[]));
}

#[test]
fn a_lost_key_is_reported_and_replaced_only_on_request() {
    let nothing = tempfile::tempdir().expect("a temporary directory can be made");
    let host = Host::new(nothing.path());
    let run_host = |words: &[&str]| run(&mut host.command(words));
    assert_eq!(run_host(&["migrate"]).0, 0);
    fs::remove_file(host.data().join("serve/key")).expect("the key is there");
    let (code, _, line) = run_host(&["rotate-key"]);
    assert_eq!(code, 1);
    assert!(
        line.contains("is missing") && line.contains("--forget-secrets"),
        "{line}"
    );
    let (code, said, _) = run_host(&["rotate-key", "--forget-secrets"]);
    assert_eq!(code, 0);
    assert!(said.contains("enter them again"), "{said}");
    assert_eq!(run_host(&["rotate-key"]).0, 0);
    let mut given = host.command(&["rotate-key"]);
    let (code, _, line) = run(given.env("GADGETS_KEY", "00".repeat(32)));
    assert_eq!(code, 2);
    assert!(line.contains("GADGETS_KEY"), "{line}");
}

#[test]
fn listening_beyond_this_machine_needs_a_public_address_and_an_administrator_with_a_password() {
    let nothing = tempfile::tempdir().expect("a temporary directory can be made");
    let host = Host::new(nothing.path());
    let beyond = |more: &[&str]| {
        let mut command = host.command(&["serve", "--listen", "0.0.0.0:0"]);
        command.args(more);
        command
    };
    let public = ["--public-url", "https://boards.example"];
    for (more, said) in [
        (&[][..], "--public-url"),
        (&public, "no administrator has a password yet"),
    ] {
        let (code, _, line) = run(&mut beyond(more));
        assert_eq!(code, 2, "{line}");
        assert!(line.contains(said), "{line}");
    }
    let add = ["user", "add", "Ann", "--role", "editor", "--password-stdin"];
    let (code, ..) = with_input(&mut host.command(&add), "correct horse battery");
    assert_eq!(code, 0);
    assert_eq!(run(&mut beyond(&public)).0, 2, "an editor is not enough");
    let boss = [
        "user",
        "add",
        "Boss",
        "--role",
        "administrator",
        "--password-stdin",
    ];
    let (code, ..) = with_input(&mut host.command(&boss), "correct horse battery");
    assert_eq!(code, 0);
    let mut running = beyond(&public)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the host starts");
    let output = running.stdout.take().expect("its output is a pipe");
    let mut line = String::new();
    let read = BufReader::new(output).read_line(&mut line);
    running.kill().expect("it can be ended");
    running.wait().expect("it ends");
    assert!(read.is_ok());
    assert_eq!(line, "dashboard at https://boards.example/\n");
}

#[test]
fn a_file_that_is_not_a_database_is_refused_and_left_alone() {
    let nothing = tempfile::tempdir().expect("a temporary directory can be made");
    let host = Host::new(nothing.path());
    let other = host.data().join("letter.txt");
    fs::write(&other, "Dear Ann").expect("an own file can be written");
    let sqlite = format!("sqlite:{}", other.display());
    let path = other.to_string_lossy().into_owned();
    for (words, code, says) in [
        (&["backup", "copy"][..], 2, "there is no database"),
        (
            &["backup", "copy", "--database", &sqlite],
            1,
            "is not a SQLite database",
        ),
        (
            &["migrate", "--database", &sqlite],
            1,
            "is not a SQLite database",
        ),
        (&["restore", &path], 1, "is not a SQLite database"),
        (
            &[
                "backup",
                "copy",
                "--database",
                "postgres://a:canary@localhost/b",
            ],
            2,
            "pg_dump",
        ),
        (
            &["migrate", "--database", "mysql://a:canary@b/c"],
            2,
            "the database must be `sqlite:PATH`",
        ),
        (
            &["migrate", "--database", "postgres://a:canary@127.0.0.1:1/c"],
            1,
            "cannot open",
        ),
    ] {
        let (found, out, line) = run(&mut host.command(words));
        assert_eq!((found, out.as_str()), (code, ""), "{words:?}: {line}");
        assert!(line.contains(says), "{words:?}: {line}");
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(!line.contains("canary"), "{line}");
    }
    assert_eq!(fs::read_to_string(&other).expect("it is there"), "Dear Ann");
    assert!(!Path::new("copy").exists());
}
