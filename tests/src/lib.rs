//! What the tests of several crates share: built libraries and programs, and a stand-in to talk to.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};
use tempfile::TempDir;

pub mod axe;
pub mod browser;
pub mod demo;
pub mod fresh_host;
pub mod literals;
pub mod npm;
pub mod postgres;
pub mod running_host;
pub mod secret_scan;
pub mod web_server;

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

/// A library in a directory of its own, which lives as long as this value.
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

/// One build at a time in this process, and the file is taken before the next one replaces it.
static BUILDING: Mutex<()> = Mutex::new(());

fn build(package: &str, more: &[&str], features: &[&str], take: impl FnOnce(&Path)) {
    let _one_at_a_time = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let built = built();
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
    // What cargo tells a test about its package would have some build scripts, and all that needs
    // them, run anew in each build.
    for (name, _) in env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
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

/// The directory that cargo builds this profile into.
fn built() -> PathBuf {
    let own = env::current_exe().expect("a test knows its own file");
    let directory = own
        .ancestors()
        .nth(2)
        .expect("a test lies in target/PROFILE/deps");
    directory.to_owned()
}

/// Returns the root of the workspace.
///
/// # Panics
///
/// Panics when this crate lies elsewhere than in the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    root.expect("the tests lie in the workspace").to_owned()
}

/// Returns the case files of the counting rule, each with its name.
///
/// # Panics
///
/// Panics when a case cannot be read.
#[must_use]
pub fn cases() -> Vec<(String, Value)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(workspace().join("tests/cases"))
        .expect("the cases are there")
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a case can be read");
            let name = path
                .file_stem()
                .expect("a case has a name")
                .to_string_lossy()
                .into_owned();
            (name, serde_json::from_str(&text).expect("a case is JSON"))
        })
        .collect()
}

/// `host-demo` with a data directory of its own and one directory of gadgets.
pub struct Host {
    program: PathBuf,
    gadgets: PathBuf,
    data: TempDir,
}

impl Host {
    /// Creates a host that loads the libraries of `gadgets`.
    ///
    /// # Panics
    ///
    /// Panics when the program cannot be built.
    #[must_use]
    pub fn new(gadgets: &Path) -> Self {
        Self {
            program: program("host-demo"),
            gadgets: gadgets.to_owned(),
            data: tempfile::tempdir().expect("a temporary directory can be made"),
        }
    }

    /// Returns the data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Returns a command of the host: not yet with its common options.
    #[must_use]
    pub fn command(&self, subcommand: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(subcommand).arg("--allow-unsigned");
        command.arg("--gadgets").arg(&self.gadgets);
        command.arg("--data").arg(self.data.path());
        command.env_remove("GADGETS_TOKEN");
        command
    }

    /// Writes a JSON file into the data directory and returns its path.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be written.
    #[must_use]
    pub fn file(&self, name: &str, content: &Value) -> PathBuf {
        let path = self.data.path().join(name);
        fs::write(&path, content.to_string()).expect("an own file can be written");
        path
    }

    /// Renders App Users from the stand-in at `base_url`, with more arguments at the end.
    ///
    /// # Panics
    ///
    /// Panics when the program cannot be started.
    #[must_use]
    pub fn render(&self, base_url: &str, settings: &Value, more: &[&str]) -> Output {
        self.render_gadget("app-users", base_url, settings, more)
    }

    /// Renders a gadget from the stand-in at `base_url`, with more arguments at the end.
    ///
    /// # Panics
    ///
    /// Panics when the program cannot be started.
    #[must_use]
    pub fn render_gadget(
        &self,
        gadget: &str,
        base_url: &str,
        settings: &Value,
        more: &[&str],
    ) -> Output {
        let datasource = self.file("datasource.json", &datasource(base_url));
        let settings = self.file("settings.json", settings);
        self.command(&["render", gadget, "--allow-insecure-datasource"])
            .arg("--datasource")
            .arg(datasource)
            .arg("--settings")
            .arg(settings)
            .args(more)
            .output()
            .expect("the host can be started")
    }
}

/// The vendor, account and token of the stand-in in tests; the token is one that a search finds.
pub const VENDOR: &str = "1212980";
/// See [`VENDOR`].
pub const EMAIL: &str = "partner@acme.example";
/// See [`VENDOR`].
pub const TOKEN: &str = "canary-7f3a9c-token";

/// Returns a datasource for the stand-in at `base_url`.
#[must_use]
pub fn datasource(base_url: &str) -> Value {
    json!({"kind": "atlassian-marketplace", "base_url": base_url, "vendors": [VENDOR], "email": EMAIL, "token": TOKEN})
}
