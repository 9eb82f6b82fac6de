//! The one error of the contract: opaque, with a kind that a host can act on.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::FieldPath;

/// What went wrong, as far as a host acts on it.
///
/// New kinds may be added; a reader that does not know one reads it as [`ErrorKind::Internal`].
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The settings cannot be used; [`Error::fields`] says where.
    Settings,
    /// The datasource did not accept the credentials.
    Credentials,
    /// The credentials are good, but the account lacks a permission.
    Rights,
    /// The datasource answered with something that cannot be used.
    Datasource,
    /// The datasource could not be reached.
    Network,
    /// The time allowed for the call is over.
    TimedOut,
    /// The caller no longer wants the answer.
    Cancelled,
    /// The other side does not know this operation.
    Unsupported,
    /// Something is larger than the interface allows.
    TooLarge,
    /// A named thing (a snapshot, a blob) does not exist.
    NotFound,
    /// The same thing was changed in the meantime.
    Conflict,
    /// A panic was caught at the border.
    Panicked,
    /// Anything else: a bug on the answering side.
    #[default]
    #[serde(other)]
    Internal,
}

/// An error of a gadget or of a service, in words for a person and a kind for a program.
///
/// # Examples
///
/// ```
/// use gadget_api::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::Network, "no answer from api.example.com")
///     .with_remedy("Check the network, then refresh.");
/// assert_eq!(error.kind(), ErrorKind::Network);
/// assert_eq!(error.to_string(), "no answer from api.example.com");
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Error {
    #[serde(default)]
    kind: ErrorKind,
    #[serde(default)]
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldError>,
}

impl Error {
    /// Creates an error of `kind`; `message` names the object, in lower case and without a full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            remedy: None,
            fields: Vec::new(),
        }
    }

    /// Creates an error about settings, each problem at its field.
    pub fn of_fields(fields: Vec<FieldError>) -> Self {
        let message = fields
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ");
        Self {
            kind: ErrorKind::Settings,
            message,
            remedy: None,
            fields,
        }
    }

    /// Adds a sentence that tells a person what to do.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns what went wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns what a person can do about it, if known.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }

    /// Returns the fields of the settings that the error is about.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What is wrong with one field of the settings.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct FieldError {
    path: FieldPath,
    message: String,
}

impl FieldError {
    /// Creates the error of the field at `path`.
    pub fn new(path: FieldPath, message: impl Into<String>) -> Self {
        Self {
            path,
            message: message.into(),
        }
    }

    /// Returns the path of the field.
    #[must_use]
    pub fn path(&self) -> &FieldPath {
        &self.path
    }

    /// Returns what is wrong with it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.as_str().is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "{}: {}", self.path, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_a_newer_version_is_read_as_internal() {
        let error: Error =
            serde_json::from_str(r#"{"kind":"moon_phase","message":"m","new":1}"#).unwrap();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert_eq!(error.message(), "m");
    }

    #[test]
    fn errors_of_fields_name_each_field_by_its_pointer() {
        let path = FieldPath::parse("/period/to").unwrap();
        let error = Error::of_fields(vec![FieldError::new(
            path,
            "the last day is before the first",
        )]);
        assert_eq!(error.kind(), ErrorKind::Settings);
        assert_eq!(
            error.to_string(),
            "/period/to: the last day is before the first"
        );
    }
}
