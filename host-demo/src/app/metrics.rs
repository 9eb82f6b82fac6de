//! What the host measures of itself, for Prometheus. No label holds what people wrote or an address has.

use std::{fmt, fs, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
    },
    registry::{Registry, Unit},
};

use super::{DrawingCounts, Engine};

/// The requests to one endpoint that ended alike.
#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub(crate) struct RequestLabels {
    pub(crate) method: String,
    /// The path as the table of endpoints has it, such as `/d/{dashboard}`.
    pub(crate) endpoint: &'static str,
    pub(crate) status: u16,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct EndpointLabels {
    endpoint: &'static str,
}

/// The calls of one gadget that ended alike.
#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct CallLabels {
    gadget: String,
    /// `ok`, `stale`, or the kind of the error.
    outcome: String,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct GadgetLabels {
    gadget: String,
}

/// The measurements of a host.
#[derive(Debug)]
pub(crate) struct Metrics {
    requests: Family<RequestLabels, Counter>,
    request_seconds: Family<EndpointLabels, Histogram, fn() -> Histogram>,
    refused: Counter,
    waiting: Gauge,
    streams: Gauge,
    syncs: Family<CallLabels, Counter>,
    sync_seconds: Family<GadgetLabels, Histogram, fn() -> Histogram>,
    renders: Family<CallLabels, Counter>,
    render_seconds: Family<GadgetLabels, Histogram, fn() -> Histogram>,
}

/// Counts something for as long as it is there.
pub(crate) struct Counted(Gauge);

impl Counted {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Half a millisecond to eight seconds.
fn of_requests() -> Histogram {
    Histogram::new((0..15).map(|power| 0.0005 * f64::from(1 << power)))
}

/// Ten milliseconds to about three hours.
fn of_syncs() -> Histogram {
    Histogram::new((0..21).map(|power| 0.01 * f64::from(1 << power)))
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(of_requests),
            refused: Counter::default(),
            waiting: Gauge::default(),
            streams: Gauge::default(),
            syncs: Family::default(),
            sync_seconds: Family::new_with_constructor(of_syncs),
            renders: Family::default(),
            render_seconds: Family::new_with_constructor(of_requests),
        }
    }

    /// Notes a request that was answered.
    pub(crate) fn answered(&self, labels: RequestLabels, took: Duration) {
        let endpoint = labels.endpoint;
        self.requests.get_or_create(&labels).inc();
        let seconds = self
            .request_seconds
            .get_or_create(&EndpointLabels { endpoint });
        seconds.observe(took.as_secs_f64());
    }

    /// Notes a request that was refused because too many wait.
    pub(crate) fn refused(&self) {
        self.refused.inc();
    }

    /// Counts a request that waits for its turn.
    pub(crate) fn waiting(&self) -> Counted {
        Counted::new(&self.waiting)
    }

    /// Counts an open page that follows its dashboard.
    pub(crate) fn stream(&self) -> Counted {
        Counted::new(&self.streams)
    }

    pub(super) fn synced(&self, gadget: &str, outcome: &str, took: Duration) {
        note(&self.syncs, &self.sync_seconds, gadget, outcome, took);
    }

    pub(super) fn rendered(&self, gadget: &str, outcome: &str, took: Duration) {
        note(&self.renders, &self.render_seconds, gadget, outcome, took);
    }

    /// Writes everything as text.
    ///
    /// # Errors
    ///
    /// Returns an error when a measurement cannot be written.
    pub(crate) fn text(
        &self,
        engine: &Engine,
        drawings: DrawingCounts,
    ) -> Result<String, fmt::Error> {
        let mut all = Registry::with_prefix("gadgets");
        all.register(
            "http_requests",
            "Requests answered, by endpoint and status",
            self.requests.clone(),
        );
        all.register_with_unit(
            "http_request",
            "Time until a request was answered",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        all.register(
            "http_requests_refused",
            "Requests refused because too many were waiting",
            self.refused.clone(),
        );
        all.register(
            "http_requests_waiting",
            "Requests that wait for their turn",
            self.waiting.clone(),
        );
        all.register(
            "event_streams",
            "Open pages that follow their dashboard",
            self.streams.clone(),
        );
        all.register(
            "syncs",
            "Refreshes of a gadget's data, by outcome",
            self.syncs.clone(),
        );
        all.register_with_unit(
            "sync",
            "Time of a refresh of a gadget's data and its view",
            Unit::Seconds,
            self.sync_seconds.clone(),
        );
        all.register(
            "renders",
            "Views made of stored data, by outcome",
            self.renders.clone(),
        );
        all.register_with_unit(
            "render",
            "Time to make a view of stored data",
            Unit::Seconds,
            self.render_seconds.clone(),
        );
        all.register(
            "drawings_made",
            "Drawings that were made",
            ConstCounter::new(drawings.made),
        );
        all.register(
            "drawings_found",
            "Drawings that were kept already",
            ConstCounter::new(drawings.found),
        );
        all.register_with_unit(
            "drawings",
            "What kept drawings take",
            Unit::Bytes,
            ConstGauge::new(whole(drawings.bytes)),
        );
        all.register(
            "hung_calls",
            "Calls of gadgets that do not return",
            ConstGauge::new(i64::try_from(engine.hung_calls()).unwrap_or(i64::MAX)),
        );
        if let Some(memory) = Memory::now() {
            all.register_with_unit(
                "process_resident_memory",
                "Memory that this process holds",
                Unit::Bytes,
                ConstGauge::new(whole(memory.resident)),
            );
            all.register_with_unit(
                "process_peak_memory",
                "The most memory that this process has held",
                Unit::Bytes,
                ConstGauge::new(whole(memory.peak)),
            );
        }
        let mut text = String::new();
        encode(&mut text, &all)?;
        Ok(text)
    }
}

fn note(
    counts: &Family<CallLabels, Counter>,
    seconds: &Family<GadgetLabels, Histogram, fn() -> Histogram>,
    gadget: &str,
    outcome: &str,
    took: Duration,
) {
    let gadget = gadget.to_owned();
    let outcome = outcome.to_owned();
    seconds
        .get_or_create(&GadgetLabels {
            gadget: gadget.clone(),
        })
        .observe(took.as_secs_f64());
    counts.get_or_create(&CallLabels { gadget, outcome }).inc();
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The memory of this process in bytes.
struct Memory {
    resident: u64,
    peak: u64,
}

impl Memory {
    /// Reads it, where the system tells it.
    fn now() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let of = |name: &str| -> Option<u64> {
            let line = status.lines().find(|line| line.starts_with(name))?;
            let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some(kibibytes * 1024)
        };
        Some(Self {
            resident: of("VmRSS:")?,
            peak: of("VmHWM:")?,
        })
    }
}
