//! Packages of the npm registry, for tests with third-party code.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// Packages in a directory of their own, which is removed with this value.
pub struct Packages(TempDir);

impl Packages {
    /// Installs packages, each as `name@version`, without running their scripts.
    ///
    /// Returns nothing, and prints why, when they cannot be installed.
    ///
    /// # Panics
    ///
    /// Panics when they cannot be installed where `CI` is set.
    #[must_use]
    #[expect(
        clippy::print_stderr,
        reason = "a test that is skipped says why, on the way that test runners show"
    )]
    pub fn install(packages: &[&str]) -> Option<Self> {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let installed = Command::new("npm")
            .args([
                "install",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .arg("--prefix")
            .arg(directory.path())
            .args(packages)
            .stdin(Stdio::null())
            .output();
        let reason = match installed {
            Err(error) => format!("npm cannot be started: {error}"),
            Ok(output) if output.status.success() => return Some(Self(directory)),
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        assert!(
            env::var_os("CI").is_none(),
            "CI needs {packages:?}: {reason}"
        );
        eprintln!("skipped: {packages:?} cannot be had: {reason}");
        None
    }

    /// Returns the directory that contains `node_modules`.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.0.path()
    }

    /// Returns a file of a package, such as `typescript/bin/tsc`.
    #[must_use]
    pub fn file(&self, path: impl AsRef<Path>) -> PathBuf {
        self.0.path().join("node_modules").join(path)
    }
}
