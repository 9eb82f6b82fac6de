//! How a stand-in is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use chrono::{NaiveDate, Utc};

use crate::data::Data;
use crate::fault::Faults;

/// How a stand-in is set up. The defaults serve the sample vendor on a free port of 127.0.0.1 at the full speed of the machine.
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
}

impl Options {
    /// The vendor id without [`Options::vendor`].
    pub const VENDOR: &str = "1212980";
    /// The account's e-mail address without [`Options::account`].
    pub const EMAIL: &str = "partner@acme.example";
    /// The account's token without [`Options::account`].
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
        }
    }

    /// Listens on this address; port 0 takes a free one.
    #[must_use]
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Serves these data.
    #[must_use]
    pub fn data(mut self, data: Data) -> Self {
        self.data = data;
        self
    }

    /// Lives on this day. Without it the day is that of the case, and without a case that of the clock, in UTC.
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

    /// Lets in this account and no other.
    #[must_use]
    pub fn account(mut self, email: impl Into<String>, token: impl Into<String>) -> Self {
        self.email = email.into();
        self.token = token.into();
        self
    }

    /// Waits so long before each answer.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Completes an export so long after its start: a third of it queued, the rest in progress.
    #[must_use]
    pub fn export_time(mut self, duration: Duration) -> Self {
        self.export_time = duration;
        self
    }

    /// Points the fault `redirect` to this address.
    #[must_use]
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.redirect_to = url.into();
        self
    }

    /// Misbehaves in these ways from the start.
    #[must_use]
    pub fn faults(mut self, faults: impl Into<Faults>) -> Self {
        self.faults = faults.into();
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
