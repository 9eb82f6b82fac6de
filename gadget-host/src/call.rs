//! One call of a gadget: what it is about, how long it may take, and why it failed.

use std::{sync::Arc, time::Duration};

use chrono::NaiveDate;
use gadget_api::{Error, ErrorKind};
use serde_json::Value;

pub use self::cancellation::Cancellation;
pub(crate) use self::{
    limit::Limit,
    supervised::{Callee, HungCalls, ProgressSender, run},
};
use crate::{Datasource, UnknownId};

mod cancellation;
mod limit;
mod supervised;

/// How long a call may take by default.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// One call of a gadget: its id, settings, day, datasource and time limit.
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) gadget: String,
    pub(crate) settings: Value,
    pub(crate) today: NaiveDate,
    pub(crate) datasource: Option<Arc<Datasource>>,
    pub(crate) timeout: Duration,
    pub(crate) cancellation: Cancellation,
}

impl Call {
    /// Creates a call of the gadget `gadget` with these settings, on the day `today` (UTC).
    ///
    /// It has no datasource, cannot be cancelled, and may take [`DEFAULT_TIMEOUT`].
    pub fn new(gadget: impl Into<String>, settings: Value, today: NaiveDate) -> Self {
        Self {
            gadget: gadget.into(),
            settings,
            today,
            datasource: None,
            timeout: DEFAULT_TIMEOUT,
            cancellation: Cancellation::new(),
        }
    }

    /// Sets the datasource that the gadget reads.
    #[must_use]
    pub fn with_datasource(mut self, datasource: Arc<Datasource>) -> Self {
        self.datasource = Some(datasource);
        self
    }

    /// Returns the id of the gadget, or of the datasource kind, that is called.
    #[must_use]
    pub fn gadget(&self) -> &str {
        &self.gadget
    }

    /// Returns the datasource that the gadget reads, if it is to read one.
    #[must_use]
    pub fn datasource(&self) -> Option<&Datasource> {
        self.datasource.as_deref()
    }

    /// Sets how long each call may take.
    #[must_use]
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Ends the call as soon as `cancellation` is cancelled.
    #[must_use]
    pub fn cancelled_by(mut self, cancellation: &Cancellation) -> Self {
        self.cancellation = cancellation.clone();
        self
    }

    /// Sets the settings.
    #[must_use]
    pub fn with_settings(mut self, settings: Value) -> Self {
        self.settings = settings;
        self
    }
}

/// Why a call failed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// No library has the gadget or datasource kind.
    #[error(transparent)]
    Unknown(#[from] UnknownId),
    /// So many calls of a gadget or datasource kind have not returned that it is not called any more.
    #[error("`{id}` is suspended because {count} of its calls have not returned")]
    Suspended {
        /// The gadget or datasource kind.
        id: String,
        /// How many.
        count: usize,
    },
    /// So many calls of a library have not returned that nothing in it is called any more.
    #[error("`{id}` is suspended because {count} calls of its library have not returned")]
    LibrarySuspended {
        /// The gadget or datasource kind that was to be called.
        id: String,
        /// How many.
        count: usize,
    },
    /// The gadget, or a service that it needed, answered with an error.
    #[error(transparent)]
    Gadget(#[from] Error),
}

impl CallError {
    /// Returns the kind, for a host that acts on it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Unknown(_) => ErrorKind::NotFound,
            Self::Suspended { .. } | Self::LibrarySuspended { .. } => ErrorKind::Internal,
            Self::Gadget(error) => error.kind(),
        }
    }

    /// Returns what a person can do about it, if known.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        match self {
            Self::Unknown(_) => None,
            Self::Suspended { .. } | Self::LibrarySuspended { .. } => Some(
                "Ask an administrator to resume it, and its author to correct it. It resumes by itself when the calls return.",
            ),
            Self::Gadget(error) => error.remedy(),
        }
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Gadget(error) => error,
            other => {
                let mapped = Self::new(other.kind(), other.to_string());
                match other.remedy() {
                    Some(remedy) => mapped.with_remedy(remedy),
                    None => mapped,
                }
            }
        }
    }
}
