//! What the stand-in serves.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::Value;

use crate::case::CaseData;
use crate::row::Dataset;
use crate::sample::Sample;

/// What the stand-in serves: a sample vendor, a case file, rows of a test, or nothing.
#[derive(Clone)]
pub struct Data(Kind);

#[derive(Clone)]
enum Kind {
    Sample { licenses: u32, seed: u64 },
    CaseData(Arc<CaseData>),
}

impl Data {
    /// Creates the sample vendor with `licenses` licenses; the same number, seed and day give the same bytes.
    #[must_use]
    pub fn sample(licenses: u32, seed: u64) -> Self {
        Self(Kind::Sample { licenses, seed })
    }

    /// Parses a case: a JSON object with `licenses` and `transactions`, which are served unchanged, and optionally `today` and `app`.
    ///
    /// # Errors
    ///
    /// Returns an error when `text` is not such an object, or its `today` is not a date.
    pub fn case(text: &str) -> Result<Self, DataError> {
        Ok(Self(Kind::CaseData(Arc::new(CaseData::from_case(text)?))))
    }

    /// Reads a case from a file, as [`Data::case`] does.
    ///
    /// # Errors
    ///
    /// Returns an error when the file cannot be read, or is not a case.
    pub fn case_file(path: &Path) -> Result<Self, DataError> {
        let text = std::fs::read_to_string(path).map_err(|source| DataError::File {
            path: path.to_owned(),
            source,
        })?;
        Self::case(&text)
    }

    /// Creates the data from the rows of a test, which are served unchanged.
    #[must_use]
    pub fn rows(licenses: &[Value], transactions: &[Value]) -> Self {
        let stored = CaseData::from_values(licenses, transactions);
        Self(Kind::CaseData(Arc::new(stored)))
    }

    /// Creates the data of a vendor without apps, licenses and sales.
    #[must_use]
    pub fn nothing() -> Self {
        Self::rows(&[], &[])
    }

    /// Returns the day that the data were written for, if they name one.
    pub(crate) fn today(&self) -> Option<NaiveDate> {
        match &self.0 {
            Kind::Sample { .. } => None,
            Kind::CaseData(stored) => stored.today,
        }
    }

    /// Returns the rows as they are on `today`.
    pub(crate) fn open(&self, today: NaiveDate) -> Arc<dyn Dataset> {
        match &self.0 {
            Kind::Sample { licenses, seed } => Arc::new(Sample::new(*licenses, *seed, today)),
            Kind::CaseData(stored) => Arc::<CaseData>::clone(stored),
        }
    }
}

impl Default for Data {
    /// Creates the sample vendor in its usual size.
    fn default() -> Self {
        Self::sample(4_000, 1)
    }
}

/// Why data cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The case file cannot be read.
    #[error("failed to read the case file `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: std::io::Error,
    },
    /// The text is not a JSON object with arrays of rows.
    #[error("the case is not a JSON object with `licenses` and `transactions`")]
    Json(#[from] serde_json::Error),
    /// The day of the case is not a date.
    #[error("the case's `today` is `{0}`, which is not a date like 2026-11-20")]
    Today(String),
}
