//! The host as it serves a team: with a data directory of its own, and nothing in it at first.

use std::{
    fs::{self, File},
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Host, Library, library, serving::Serving};

/// A host that serves until this value is dropped; its log is kept at the finest level.
pub struct Served {
    serving: Serving,
    /// The token of the address that the host printed.
    pub token: String,
    log: PathBuf,
    room: Host,
    _library: Library,
}

impl Served {
    /// Starts a host with the library of App Users, and opens it as its administrator.
    ///
    /// Datasources may be on this machine.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a host as [`Self::start`] does, with the libraries of more packages.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn with(more: &[&str]) -> Self {
        let library = library("app-users-gadget", &[]);
        for package in more {
            let built = crate::library(package, &[]);
            let file = built.path().file_name().expect("a library is a file");
            fs::copy(built.path(), library.directory().join(file)).expect("it can be copied");
        }
        let room = Host::new(library.directory());
        let log = room.data().join("log.txt");
        let stderr = File::create(&log).expect("an own file can be written");
        let mut command = room.command(&["serve", "--listen", "127.0.0.1:0"]);
        command
            .args(["--allow-insecure-datasource", "--log", "trace"])
            .stderr(stderr);
        let serving = Serving::start(&mut command);
        let token = serving.url.split_once("token=");
        let token = token.map_or("", |(_, token)| token).to_owned();
        assert!(!serving.cookie.is_empty(), "nobody has opened the host");
        Self {
            serving,
            token,
            log,
            room,
            _library: library,
        }
    }

    /// Returns a command of the host about the same data.
    #[must_use]
    pub fn command(&self, words: &[&str]) -> Command {
        self.room.command(words)
    }

    /// Returns the data directory, the log apart.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.room.data()
    }

    /// Returns what the host has written to its log so far.
    ///
    /// # Panics
    ///
    /// Panics when it cannot be read.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log can be read")
    }
}

impl Deref for Served {
    type Target = Serving;

    fn deref(&self) -> &Serving {
        &self.serving
    }
}

impl DerefMut for Served {
    fn deref_mut(&mut self) -> &mut Serving {
        &mut self.serving
    }
}
