//! Options of a stand-in.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use chrono::{NaiveDate, Utc};

use crate::changes::Changes;
use crate::data::Data;
use crate::fault::Faults;

/// Options of a stand-in. The defaults serve the sample vendor on a free port of 127.0.0.1, without latency.
///
/// # Examples
///
/// ```
/// use marketplace_sim::{Data, Options, Sim};
///
/// let sim = Sim::start(Options::new().data(Data::nothing()))?;
/// assert!(sim.base_url().ends_with("/marketplace"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct Options {
    pub(crate) listen: SocketAddr,
    pub(crate) data: Data,
    today: Option<NaiveDate>,
    pub(crate) vendor: String,
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) latency: Duration,
    pub(crate) export_time: Duration,
    pub(crate) redirect_to: String,
    pub(crate) faults: Faults,
    pub(crate) changes: Changes,
}

impl Options {
    /// The default vendor id.
    pub const VENDOR: &str = "1212980";
    /// The default e-mail address of the account.
    pub const EMAIL: &str = "partner@acme.example";
    /// The default token of the account.
    pub const TOKEN: &str = "demo-token";

    /// Creates the default options.
    #[must_use]
    pub fn new() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: Data::default(),
            today: None,
            vendor: Self::VENDOR.to_owned(),
            email: Self::EMAIL.to_owned(),
            token: Self::TOKEN.to_owned(),
            latency: Duration::ZERO,
            export_time: Duration::from_millis(120),
            redirect_to: "https://elsewhere.example/marketplace".to_owned(),
            faults: Faults::none(),
            changes: Changes::usual(),
        }
    }

    /// Listens on this address; port 0 takes a free one.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Serves this data.
    #[must_use]
    pub fn data(mut self, data: Data) -> Self {
        self.data = data;
        self
    }

    /// Sets the current day for the data. The default is the day of the case, or today in UTC.
    #[must_use]
    pub fn today(mut self, today: NaiveDate) -> Self {
        self.today = Some(today);
        self
    }

    /// Serves the vendor with this numeric id.
    #[must_use]
    pub fn vendor(mut self, id: impl Into<String>) -> Self {
        self.vendor = id.into();
        self
    }

    /// Gives access to this account only.
    #[must_use]
    pub fn account(mut self, email: impl Into<String>, token: impl Into<String>) -> Self {
        self.email = email.into();
        self.token = token.into();
        self
    }

    /// Waits this long before each answer.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Completes an export this long after its start: it is queued for a third of the time, then in progress.
    #[must_use]
    pub fn export_time(mut self, duration: Duration) -> Self {
        self.export_time = duration;
        self
    }

    /// Sets the target of the fault `redirect`.
    #[must_use]
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.redirect_to = url.into();
        self
    }

    /// Turns these faults on from the start.
    #[must_use]
    pub fn faults(mut self, faults: impl Into<Faults>) -> Self {
        self.faults = faults.into();
        self
    }

    /// Sets how many rows change when a day goes by, unless the call that lets it go by says it.
    #[must_use]
    pub fn changes(mut self, changes: Changes) -> Self {
        self.changes = changes;
        self
    }

    /// Returns the day on which `data` are served.
    pub(crate) fn day_of(&self, data: &Data) -> NaiveDate {
        self.today
            .or_else(|| data.today())
            .unwrap_or_else(|| Utc::now().date_naive())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
