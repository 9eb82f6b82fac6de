//! The host as a program on the command line.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{datasource, program};

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

    /// Returns a command of the host with its common options.
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
