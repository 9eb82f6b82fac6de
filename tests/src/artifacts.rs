//! Libraries, programs and examples of this workspace, built for a test.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use tempfile::TempDir;

use crate::workspace;

/// Builds a library of this workspace and returns its file, in a directory of its own.
///
/// `features` are set on that build alone, such as `gadget-api/__abi-newer-minor`. The file is
/// called `<package>.so`.
///
/// # Panics
///
/// Panics when the build fails.
#[must_use]
pub fn library(package: &str, features: &[&str]) -> Library {
    let file = format!("lib{}.so", package.replace('-', "_"));
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let path = directory.path().join(format!("{package}.so"));
    build(package, &[], features, |built| {
        fs::copy(built.join(&file), &path).expect("the built library can be copied");
    });
    for (path, mode) in [(&path, 0o755), (&directory.path().to_owned(), 0o755)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .expect("the mode of an own file can be set");
    }
    Library { directory, path }
}

/// A library in a directory of its own, which is removed with this value.
pub struct Library {
    directory: TempDir,
    path: PathBuf,
}

impl Library {
    /// Returns the directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Builds a program of this workspace and returns its file.
///
/// # Panics
///
/// Panics when the build fails.
#[must_use]
pub fn program(package: &str) -> PathBuf {
    let mut path = PathBuf::new();
    build(package, &[], &[], |built| path = built.join(package));
    path
}

/// Builds an example of a package into `directory` and returns its file.
///
/// # Panics
///
/// Panics when the build fails.
#[must_use]
pub fn example(package: &str, name: &str, features: &[&str], directory: &Path) -> PathBuf {
    let path = directory.join(name);
    build(package, &["--example", name], features, |built| {
        fs::copy(built.join("examples").join(name), &path).expect("the example can be copied");
    });
    path
}

/// Lets one build run at a time, so that its file is taken before the next build replaces it.
static BUILDING: Mutex<()> = Mutex::new(());

fn build(package: &str, more: &[&str], features: &[&str], take: impl FnOnce(&Path)) {
    let _guard = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let built = build_directory();
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(workspace())
        .args(["build", "--quiet", "--package", package])
        .args(more)
        .arg("--target-dir")
        .arg(
            built
                .parent()
                .expect("a profile lies in a target directory"),
        );
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    // Cargo sets these for the package under test. Passed on, they would make some build scripts,
    // and everything that depends on them, run again in each build.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let status = command.status().expect("cargo can be started");
    assert!(
        status.success(),
        "the build of `{package}` with {features:?} failed"
    );
    take(&built);
}

/// Returns the directory that cargo builds this profile into.
fn build_directory() -> PathBuf {
    let own = env::current_exe().expect("a test knows its own file");
    let directory = own
        .ancestors()
        .nth(2)
        .expect("a test lies in target/PROFILE/deps");
    directory.to_owned()
}
