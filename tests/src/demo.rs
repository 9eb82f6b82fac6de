//! The demonstration of the host, as a running process.

use std::ops::Deref;

use crate::{Host, browser::Page, library, program, running_host::RunningHost};

/// A host that runs its demonstration until this value is dropped.
pub struct Demo {
    running: RunningHost,
    _data: Host,
}

impl Demo {
    /// Starts the host with the sample data and waits until it prints its address.
    ///
    /// # Panics
    ///
    /// Panics when the host does not start.
    #[must_use]
    pub fn start() -> Self {
        // The host finds the stand-in beside its own file.
        let _stand_in = program("marketplace-sim");
        let library = library("app-users-gadget", &[]);
        let data = Host::new(library.directory());
        let mut command = data.command(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
        Self {
            running: RunningHost::start(&mut command),
            _data: data,
        }
    }

    /// Starts the demonstration and opens its dashboard in a browser once the gadgets are filled.
    ///
    /// Returns nothing, and prints why, when no browser is installed.
    ///
    /// # Panics
    ///
    /// As [`Demo::start`] and [`Page::open`].
    #[must_use]
    pub fn in_browser() -> Option<(Self, Page)> {
        let mut page = Page::open()?;
        let demo = Self::start();
        demo.wait_until_filled();
        page.goto(&demo.url);
        Some((demo, page))
    }
}

impl Deref for Demo {
    type Target = RunningHost;

    fn deref(&self) -> &RunningHost {
        &self.running
    }
}
