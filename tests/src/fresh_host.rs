//! A host that starts with an empty data directory.

use std::{
    fs::{self, File},
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Host, Library, browser::Page, library, running_host::RunningHost};

/// A host that runs until this value is dropped, with its log at the finest level.
pub struct FreshHost {
    running: RunningHost,
    /// The token of the address that the host printed.
    pub token: String,
    log: PathBuf,
    host: Host,
    _library: Library,
}

impl FreshHost {
    /// Starts a host with the library of App Users, and signs in as its administrator.
    ///
    /// It allows datasources on this machine.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::with_libraries(&[])
    }

    /// Starts a host and an empty page of a browser.
    ///
    /// Returns nothing, and prints why, when no browser is installed.
    ///
    /// # Panics
    ///
    /// As [`FreshHost::start`] and [`Page::open`].
    #[must_use]
    pub fn in_browser() -> Option<(Self, Page)> {
        let page = Page::open()?;
        Some((Self::start(), page))
    }

    /// Starts a host as [`Self::start`] does, with the libraries of more packages.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn with_libraries(more: &[&str]) -> Self {
        let library = library("app-users-gadget", &[]);
        for package in more {
            let built = crate::library(package, &[]);
            let file = built.path().file_name().expect("a library is a file");
            fs::copy(built.path(), library.directory().join(file)).expect("it can be copied");
        }
        let host = Host::new(library.directory());
        let log = host.data().join("log.txt");
        let stderr = File::create(&log).expect("an own file can be written");
        let mut command = host.command(&["serve", "--listen", "127.0.0.1:0"]);
        command
            .args(["--allow-insecure-datasource", "--log", "trace"])
            .stderr(stderr);
        let running = RunningHost::start(&mut command);
        let token = running.url.split_once("token=");
        let token = token.map_or("", |(_, token)| token).to_owned();
        assert!(!running.cookie.is_empty(), "nobody has opened the host");
        Self {
            running,
            token,
            log,
            host,
            _library: library,
        }
    }

    /// Returns a command of the host that uses the same data.
    #[must_use]
    pub fn command(&self, words: &[&str]) -> Command {
        self.host.command(words)
    }

    /// Returns the data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.host.data()
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

impl Deref for FreshHost {
    type Target = RunningHost;

    fn deref(&self) -> &RunningHost {
        &self.running
    }
}

impl DerefMut for FreshHost {
    fn deref_mut(&mut self) -> &mut RunningHost {
        &mut self.running
    }
}
