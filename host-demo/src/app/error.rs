//! Why something that was asked for was not done.

use std::time::Duration;

use dashboards::{
    domain::{BadId, BadName, BadPassword, BadSettings, ChangeRefusal, Denied, ExportRefusal},
    store::StoreError,
};
use gadget_api::{Error, FieldError};
use gadget_host::{CallError, UnknownId, sharing::ApplyError};
use tokio::task::JoinError;

/// Why something was not done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    /// Something is not there, or the caller may not know of it.
    #[error("{what} not found")]
    NotFound { what: &'static str },
    /// What was entered cannot be used.
    #[error("{message}")]
    Invalid {
        message: String,
        remedy: Option<&'static str>,
    },
    /// Single fields are wrong.
    #[error("check {} fields", .0.len())]
    Fields(Vec<FieldError>),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A gadget, or what it reads, failed.
    #[error(transparent)]
    Gadget(Error),
    /// No library has a gadget or a datasource kind of that id.
    #[error("{unknown}")]
    Unknown {
        unknown: UnknownId,
        remedy: Option<&'static str>,
    },
    #[error(transparent)]
    BadPassword(#[from] BadPassword),
    #[error("{message}")]
    WrongPassword {
        message: &'static str,
        remedy: &'static str,
    },
    #[error("too many failed attempts; try again in {} seconds", .wait.as_secs() + 1)]
    TooManyAttempts { wait: Duration },
    #[error("this address was already used, or the host has been restarted since")]
    SetupTokenSpent,
    /// There are as many already as there may be.
    #[error("{0}")]
    TooMany(String),
    /// The preview of a change of other gadgets cannot be applied any more.
    #[error("the preview has expired, or the settings have changed since")]
    PreviewOver,
    #[error(transparent)]
    NotApplied(#[from] ApplyError),
    #[error("the gadget has no data yet")]
    NothingShown,
    #[error("{0}")]
    Drawing(String),
    /// A thread of the host broke off.
    #[error("the host failed to handle the request; see its log")]
    BrokenOff(#[from] JoinError),
}

impl AppError {
    pub(crate) fn not_found(what: &'static str) -> Self {
        Self::NotFound { what }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid {
            message: message.into(),
            remedy: None,
        }
    }

    /// Creates the error of one field.
    pub(crate) fn of_field(error: FieldError) -> Self {
        Self::Fields(vec![error])
    }

    /// Returns what to do about it, where that is known.
    pub(crate) fn remedy(&self) -> Option<&str> {
        match self {
            Self::Invalid { remedy, .. } | Self::Unknown { remedy, .. } => *remedy,
            Self::Gadget(error) => error.remedy(),
            Self::WrongPassword { remedy, .. } => Some(remedy),
            Self::PreviewOver => Some("Check the new preview, then apply it."),
            Self::NothingShown => Some("Set it up, or wait until its data is loaded."),
            Self::SetupTokenSpent => Some(
                "Restart the host: it prints a new address until an administrator has a password.",
            ),
            _ => None,
        }
    }
}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        if error.fields().is_empty() {
            Self::Gadget(error)
        } else {
            Self::Fields(error.fields().to_vec())
        }
    }
}

impl From<CallError> for AppError {
    fn from(error: CallError) -> Self {
        Error::from(error).into()
    }
}

impl From<UnknownId> for AppError {
    fn from(unknown: UnknownId) -> Self {
        Self::Unknown {
            unknown,
            remedy: None,
        }
    }
}

impl From<BadName> for AppError {
    fn from(error: BadName) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<BadSettings> for AppError {
    fn from(error: BadSettings) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<BadId> for AppError {
    fn from(error: BadId) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<ChangeRefusal> for AppError {
    fn from(refusal: ChangeRefusal) -> Self {
        Self::invalid(refusal.to_string())
    }
}

impl From<ExportRefusal> for AppError {
    fn from(refusal: ExportRefusal) -> Self {
        Self::invalid(refusal.to_string())
    }
}

/// Returns what people may read about a failure of the store.
pub(crate) fn store_message(error: &StoreError) -> String {
    match error {
        // What a database says of itself is for the log alone.
        StoreError::Database(_) | StoreError::Unreadable { .. } => {
            tracing::error!(%error, "the store failed");
            "the host failed to read or save data; see its log".to_owned()
        }
        error => error.to_string(),
    }
}
