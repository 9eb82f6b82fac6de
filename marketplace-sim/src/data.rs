//! What the stand-in serves.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::Value;

use crate::row::Dataset;
use crate::sample::Sample;
use crate::stored::Stored;

/// What the stand-in serves: a sample vendor, a case file, rows of a test, or nothing.
#[derive(Clone)]
pub struct Data(Kind);

#[derive(Clone)]
enum Kind {
    Sample { licenses: u32, seed: u64 },
    Stored(Arc<Stored>),
}

impl Data {
    /// Creates the sample vendor with `licenses` licenses; the same number, seed and day give the same bytes.
    #[must_use]
    pub fn sample(licenses: u32, seed: u64) -> Self {
        Self(Kind::Sample { licenses, seed })
    }

    /// Reads a case: a JSON object with `licenses` and `transactions`, which are served as they stand, and `today` and `app`, if given.
    ///
    /// # Errors
    ///
    /// Returns an error when `text` is no such object, or its `today` is no date.
    pub fn case(text: &str) -> Result<Self, DataError> {
        Ok(Self(Kind::Stored(Arc::new(Stored::from_case(text)?))))
    }

    /// Reads a case from a file, as [`Data::case`] does.
    ///
    /// # Errors
    ///
    /// Returns an error when the file cannot be read, or holds no case.
    pub fn case_file(path: &Path) -> Result<Self, DataError> {
        let text = std::fs::read_to_string(path).map_err(|source| DataError::File {
            path: path.to_owned(),
            source,
        })?;
        Self::case(&text)
    }

    /// Takes the rows of a test, which are served as they stand.
    #[must_use]
    pub fn rows(licenses: &[Value], transactions: &[Value]) -> Self {
        let stored = Stored::from_values(licenses, transactions);
        Self(Kind::Stored(Arc::new(stored)))
    }

    /// Creates the data of a vendor that has no app, no license and no sale.
    #[must_use]
    pub fn nothing() -> Self {
        Self::rows(&[], &[])
    }

    /// Returns the day that the data are told for, if they say so.
    pub(crate) fn today(&self) -> Option<NaiveDate> {
        match &self.0 {
            Kind::Sample { .. } => None,
            Kind::Stored(stored) => stored.today,
        }
    }

    /// Makes the rows ready to be served on `today`.
    pub(crate) fn open(&self, today: NaiveDate) -> Arc<dyn Dataset> {
        match &self.0 {
            Kind::Sample { licenses, seed } => Arc::new(Sample::new(*licenses, *seed, today)),
            Kind::Stored(stored) => Arc::<Stored>::clone(stored),
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
    /// The text is no JSON object with arrays of rows.
    #[error("the case is no JSON object with `licenses` and `transactions`")]
    Json(#[from] serde_json::Error),
    /// The day of the case is no date.
    #[error("the case's `today` is `{0}`, which is no date like 2026-11-20")]
    Today(String),
}
