//! Loading real libraries: each bad file has its own error, each misbehaviour is contained, and the host lives.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::{
        fs::{PermissionsExt, symlink},
        net::UnixListener,
    },
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc,
    thread,
};

use gadget_api::{ErrorKind, FieldPath, Selection, Version};
use gadget_host::{
    Call, Catalog, LibraryHash, LoadError, LoadOptions, RefusedLibrary, Runner, TrustPolicy,
};
use object::{Object, ObjectSymbol};
use serde_json::json;
use tempfile::TempDir;
use workspace_tests::{Host, Library, PATIENCE, example, library};

fn options(copies: &TempDir) -> LoadOptions {
    LoadOptions::new(TrustPolicy::AllowUnsigned, copies.path().join("copies"))
}

fn load(path: &Path) -> Result<Catalog, RefusedLibrary> {
    let copies = tempfile::tempdir().expect("a temporary directory can be made");
    Catalog::load_library(path, &options(&copies))
}

fn refusal(path: &Path) -> RefusedLibrary {
    load(path).expect_err("the file is refused")
}

fn runner(library: &Library) -> (Runner, TempDir) {
    let room = tempfile::tempdir().expect("a temporary directory can be made");
    let catalog = Catalog::load_library(library.path(), &options(&room)).expect("it loads");
    let runner = Runner::new(catalog, room.path().join("blobs")).expect("the room is made");
    (runner, room)
}

fn call(harm: &str) -> Call {
    let today = "2026-11-20".parse().expect("a date");
    Call::new("fragile", json!({"harm": harm}), today)
}

/// Writes a file with the mode of a staged library, and returns its path.
fn staged(directory: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, bytes).expect("an own file can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the mode can be set");
    path
}

#[test]
fn a_file_that_is_not_a_library_has_its_own_error_and_is_not_waited_for() {
    let hello = library("hello-gadget", &[]);
    let bytes = fs::read(hello.path()).expect("the library can be read");
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).expect("own mode");
    let at = |name: &str| directory.path().join(name);

    let fifo = at("fifo.so");
    let made = Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .expect("mkfifo is there");
    assert!(made.success());
    fs::create_dir(at("directory.so")).expect("an own directory can be made");
    symlink(hello.path(), at("link.so")).expect("a link can be made");
    symlink("/nowhere", at("dangling.so")).expect("a link can be made");
    let _socket = UnixListener::bind(at("socket.so")).expect("a socket can be made");
    staged(directory.path(), "text.so", b"not a library");
    staged(directory.path(), "empty.so", b"");
    let mut other = bytes.clone();
    // The machine of an ELF file: AArch64 in place of x86-64, or the other way round.
    other[18] = if other[18] == 0xb7 { 0x3e } else { 0xb7 };
    staged(directory.path(), "machine.so", &other);
    let open = staged(directory.path(), "open.so", &bytes);
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("own mode");

    type Is = fn(&LoadError) -> bool;
    let cases: [(&str, Is); 10] = [
        ("fifo.so", |error| {
            matches!(error, LoadError::NotRegular { .. })
        }),
        ("directory.so", |error| {
            matches!(error, LoadError::NotRegular { .. })
        }),
        ("socket.so", |error| {
            matches!(error, LoadError::NotRegular { .. })
        }),
        ("link.so", |error| matches!(error, LoadError::Link)),
        ("dangling.so", |error| matches!(error, LoadError::Link)),
        ("text.so", |error| matches!(error, LoadError::NotElf { .. })),
        ("empty.so", |error| {
            matches!(error, LoadError::NotElf { .. })
        }),
        ("machine.so", |error| {
            matches!(error, LoadError::OtherMachine { .. })
        }),
        ("open.so", |error| {
            matches!(error, LoadError::Writable { .. })
        }),
        ("missing.so", |error| matches!(error, LoadError::Missing)),
    ];
    for (name, is) in cases {
        // Opening a FIFO like a file would wait for somebody to write to it.
        let (sender, receiver) = mpsc::channel();
        let path = at(name);
        thread::spawn(move || sender.send(refusal(&path)));
        let refused = receiver.recv_timeout(PATIENCE);
        let refused = refused.unwrap_or_else(|error| panic!("{name} is not refused: {error}"));
        assert!(is(refused.error()), "{name}: {refused}");
        assert!(refused.to_string().contains(name), "{name}: {refused}");
        assert!(refused.to_string().len() < 1_000, "{name}: {refused}");
    }
}

#[test]
fn a_truncated_library_is_refused_wherever_it_was_cut() {
    let hello = library("hello-gadget", &[]);
    let bytes = fs::read(hello.path()).expect("the library can be read");
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let length = bytes.len();
    // The last ones lie past the last segment, in the section header table.
    for cut in [
        0,
        1,
        16,
        63,
        64,
        40_000,
        length / 2,
        length - 5_000,
        length - 64,
        length - 1,
    ] {
        let path = staged(directory.path(), "cut.so", &bytes[..cut]);
        let error = refusal(&path);
        assert!(
            matches!(
                error.error(),
                LoadError::Truncated { .. } | LoadError::NotElf { .. }
            ),
            "{cut}: {error}"
        );
    }
}

#[test]
fn a_library_without_gadgets_is_refused() {
    let libm = [
        "/lib/x86_64-linux-gnu/libm.so.6",
        "/lib/aarch64-linux-gnu/libm.so.6",
        "/lib64/libm.so.6",
    ];
    let found = libm.iter().find_map(|path| fs::read(path).ok());
    let bytes = found.expect("every Linux has libm");
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let error = refusal(&staged(directory.path(), "libm.so", &bytes));
    assert!(
        matches!(error.error(), LoadError::NotAGadgetLibrary { .. }),
        "{error}"
    );
}

#[test]
fn a_library_of_another_abi_is_refused_and_a_newer_minor_is_loaded() {
    let changed = library("hello-gadget", &["gadget-api/__abi-changed-layout"]);
    let error = refusal(changed.path());
    assert!(matches!(error.error(), LoadError::Layout { .. }), "{error}");
    assert!(
        error.to_string().len() < 1_000,
        "the long text is for the log"
    );

    let major = library("hello-gadget", &["gadget-api/__abi-other-major"]);
    let error = refusal(major.path());
    let LoadError::AbiVersion {
        library: theirs,
        host,
    } = error.error()
    else {
        panic!("{error}");
    };
    assert_eq!((theirs.as_str(), host.as_str()), ("2.0.0", "1.0.0"));

    let newer = library("hello-gadget", &["gadget-api/__abi-newer-minor"]);
    let (runner, _room) = runner(&newer);
    let today = "2026-11-20".parse().expect("a date");
    let call = Call::new("hello", json!({"name": "you"}), today);
    assert_eq!(
        runner.render(&call, None).expect("it renders").title,
        "Hello, you"
    );
}

#[test]
fn a_newer_host_loads_a_library_of_an_older_minor() {
    let older = library("hello-gadget", &[]);
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let newer = example(
        "gadget-host",
        "load",
        &["gadget-api/__abi-newer-minor"],
        directory.path(),
    );
    let output = Command::new(newer)
        .arg("--allow-unsigned")
        .arg(older.path())
        .output()
        .expect("the example runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "gadget hello 1.0.0 Hello\n"
    );
}

#[test]
fn only_a_library_whose_hash_is_allowed_is_loaded() {
    let hello = library("hello-gadget", &[]);
    let bytes = fs::read(hello.path()).expect("the library can be read");
    let copies = tempfile::tempdir().expect("a temporary directory can be made");
    let with = |hashes: BTreeSet<LibraryHash>| {
        let options = LoadOptions::new(TrustPolicy::AllowedHashes(hashes), copies.path().join("c"));
        Catalog::load_library(hello.path(), &options)
    };
    let error = with(BTreeSet::new()).expect_err("nothing is allowed");
    assert!(
        matches!(error.error(), LoadError::NotTrusted { .. }),
        "{error}"
    );
    assert!(with(BTreeSet::from([LibraryHash::of(&bytes)])).is_ok());
}

#[test]
fn of_two_gadgets_with_one_id_the_second_is_refused_and_both_paths_are_named() {
    let (hello, again) = (
        library("hello-gadget", &[]),
        library("hello-again-gadget", &[]),
    );
    let copies = tempfile::tempdir().expect("a temporary directory can be made");
    let directories = [hello.directory(), again.directory()];
    let catalog = Catalog::load(&directories, &options(&copies));
    assert_eq!(catalog.libraries().len(), 1);
    let refused = &catalog.refused()[0];
    assert!(
        matches!(refused.error(), LoadError::DuplicateGadget { .. }),
        "{refused}"
    );
    let text = refused.to_string();
    assert!(
        text.contains("hello-gadget.so") && text.contains("hello-again-gadget.so"),
        "{text}"
    );
}

#[test]
fn a_panic_in_any_method_is_an_error_and_the_next_call_works() {
    let fragile = library("fragile-gadget", &[]);
    let (runner, _room) = runner(&fragile);
    for harm in ["panic", "panic_payload"] {
        let call = call(harm);
        let now = chrono::DateTime::UNIX_EPOCH;
        let errors = [
            runner.render(&call, None).err(),
            runner.refresh(&call, now, &|_| ()).err(),
            runner.details(&call, &Selection::default(), None).err(),
            runner.choices(&call, &FieldPath::root()).err(),
            runner.migrate(&call, Version::new(1, 0, 0)).err(),
        ];
        for error in errors {
            let error = error.expect("a panic is an error");
            assert_eq!(error.kind(), ErrorKind::Panicked, "{harm}: {error}");
        }
    }
    let panic = call("panic");
    let error = runner.check(&panic).expect_err("a panic is an error");
    assert_eq!(error.kind(), ErrorKind::Panicked);
    let error = runner
        .adopt(&panic, &BTreeMap::new())
        .expect_err("a panic is an error");
    assert_eq!(error.kind(), ErrorKind::Panicked);
    let view = runner
        .render(&call("none"), None)
        .expect("the gadget still works");
    assert_eq!(view.figures[0].value, 1.into());
    // The gadget's `Drop` panics too, which does not cross the border.
    drop(runner);
}

#[test]
fn a_panic_before_any_settings_costs_this_library_alone() {
    let manifest = library("fragile-gadget", &["panics-in-manifest"]);
    let error = refusal(manifest.path());
    assert!(
        matches!(error.error(), LoadError::Description { .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("told to panic in manifest"),
        "{error}"
    );
    let create = library("fragile-gadget", &["panics-in-create"]);
    let (runner, _room) = runner(&create);
    let error = runner
        .render(&call("none"), None)
        .expect_err("a panic is an error");
    assert_eq!(error.kind(), ErrorKind::Panicked);
}

#[test]
fn invalid_views_and_fetches_while_rendering_are_refused() {
    let fragile = library("fragile-gadget", &[]);
    let (runner, _room) = runner(&fragile);
    for harm in ["too_large", "not_finite", "control"] {
        let error = runner
            .render(&call(harm), None)
            .expect_err("the view is refused");
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{harm}: {error}");
    }
    let error = runner
        .render(&call("fetch"), None)
        .expect_err("rendering must not send requests");
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
}

#[test]
fn a_library_exports_one_symbol() {
    for package in ["hello-gadget", "app-users-gadget"] {
        let library = library(package, &[]);
        let bytes = fs::read(library.path()).expect("the library can be read");
        let file = object::File::parse(&*bytes).expect("it is an ELF file");
        let exported: Vec<&str> = file
            .dynamic_symbols()
            .filter(|symbol| symbol.is_definition())
            .filter_map(|symbol| symbol.name().ok())
            .collect();
        assert_eq!(exported, [gadget_api::__abi::ROOT_SYMBOL], "{package}");
    }
}

#[test]
fn the_command_line_lists_refused_libraries_and_keeps_standard_output_for_answers() {
    let fragile = library("fragile-gadget", &[]);
    staged(fragile.directory(), "text.so", b"not a library");
    let host = Host::new(fragile.directory());
    let output = host.command(&["gadgets"]).output().expect("the host runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("fragile") && text.contains("text.so"),
        "{text}"
    );
    let check = host
        .command(&["check"])
        .arg(fragile.directory().join("text.so"))
        .output()
        .expect("the host runs");
    assert_eq!(check.status.code(), Some(1));
    let check = host
        .command(&["check"])
        .arg(fragile.path())
        .output()
        .expect("the host runs");
    let text = String::from_utf8_lossy(&check.stdout);
    assert_eq!(check.status.code(), Some(0), "{text}");
}
