//! Why a record cannot become a row, and where it came.

use thiserror::Error;

use super::envelope::Records;

/// A record that cannot become a row; the other records are not affected.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The record is not JSON, or not an object.
    #[error("{list} record {position} is not a JSON object")]
    NotAnObject {
        /// Which list it came in: `license` or `transaction`.
        list: &'static str,
        /// Its position in the list, from 0.
        position: usize,
        /// The parser's error, if it is not JSON.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// The texts of all records take more than four gigabytes.
    #[error(
        "{list} record {position} does not fit: the texts of all records take more than four gigabytes"
    )]
    Full {
        /// Which list it came in: `license` or `transaction`.
        list: &'static str,
        /// Its position in the list, from 0.
        position: usize,
    },
}

/// Where a record came in a list, for errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    list: &'static str,
    position: usize,
}

impl Place {
    /// Takes the next place of a list.
    pub(crate) fn new(list: Records, seen: &mut usize) -> Self {
        let position = *seen;
        *seen += 1;
        let list = match list {
            Records::Licenses => "license",
            Records::Transactions => "transaction",
        };
        Self { list, position }
    }

    pub(crate) fn not_an_object(self, source: Option<serde_json::Error>) -> RecordError {
        let Self { list, position } = self;
        RecordError::NotAnObject {
            list,
            position,
            source,
        }
    }

    pub(crate) fn full(self) -> RecordError {
        let Self { list, position } = self;
        RecordError::Full { list, position }
    }
}
