//! Values of query parameters: how they are parsed, and how the API rejects them.

use chrono::NaiveDate;

use crate::day;

/// Why a query parameter is rejected.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ParameterError {
    /// The parameter.
    pub(crate) name: String,
    /// What is wrong with it, in the words of the API.
    pub(crate) message: String,
    /// Whether the API accepts the parameter but the stand-in does not implement it.
    pub(crate) is_unimplemented: bool,
}

impl ParameterError {
    /// Creates the error for a bad value of the parameter `name`.
    pub(crate) fn bad_value(name: &str, message: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            message: message.into(),
            is_unimplemented: false,
        }
    }

    /// Creates the error for a parameter that the stand-in does not implement.
    pub(crate) fn unimplemented(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            message: "not implemented by this stand-in".to_owned(),
            is_unimplemented: true,
        }
    }
}

/// Parses a date of exactly ten characters.
///
/// # Errors
///
/// Returns the error that the API sends.
pub(crate) fn date(name: &str, value: &str) -> Result<NaiveDate, ParameterError> {
    match day::read(value) {
        Some(day) if value.len() == 10 => Ok(day),
        _ => Err(ParameterError::bad_value(name, "Must be a date")),
    }
}

/// Parses `lastUpdated`, which may be a timestamp.
///
/// # Errors
///
/// Returns the error that the API sends.
pub(crate) fn date_of_timestamp(name: &str, value: &str) -> Result<NaiveDate, ParameterError> {
    let rest = value.get(10..).unwrap_or("");
    match day::read(value) {
        Some(day) if rest.is_empty() || rest.starts_with(['T', ' ']) => Ok(day),
        _ => Err(ParameterError::bad_value(name, "Must be a date")),
    }
}

/// Parses the first value of a parameter that is a count; `None` if it is not given.
///
/// # Errors
///
/// Returns the error that the API sends.
pub(crate) fn count(
    query: &[(String, String)],
    name: &str,
) -> Result<Option<usize>, ParameterError> {
    let Some((_, value)) = query.iter().find(|(other, _)| other == name) else {
        return Ok(None);
    };
    let message = "must be an integer that is not negative";
    let bad = |_| ParameterError::bad_value(name, message);
    value.parse().map(Some).map_err(bad)
}

/// Parses `true` or `false`.
///
/// # Errors
///
/// Returns the error that the API sends.
pub(crate) fn boolean(name: &str, value: &str) -> Result<bool, ParameterError> {
    let message = "must be one of true, false";
    let bad = |_| ParameterError::bad_value(name, message);
    value.parse().map_err(bad)
}

/// Parses one of the known words, ignoring case, and returns it as it is known.
///
/// # Errors
///
/// Returns the error that the API sends.
pub(crate) fn one_of(name: &str, value: &str, known: &[&str]) -> Result<String, ParameterError> {
    known
        .iter()
        .find(|known| known.eq_ignore_ascii_case(value))
        .map(|known| (*known).to_owned())
        .ok_or_else(|| {
            let message = format!("must be one of {}", known.join(", "));
            ParameterError::bad_value(name, message)
        })
}
