//! Reads the records of an array that arrives in pieces.

use super::array::{ArrayError, ArraySplitter};
use super::envelope::Records;
use super::piece_text::PieceText;
use super::record::{License, Transaction};
use super::record_error::{Place, RecordError};
use super::scan::{Scan, scan, scan_record};

/// A record as it was sent, and what it says if that is known already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SentRecord<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) license: Option<&'a License<'a>>,
    pub(super) transaction: Option<&'a Transaction<'a>>,
}

impl<'a> SentRecord<'a> {
    /// Returns the bytes as they were sent.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl<'a> From<&'a [u8]> for SentRecord<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            license: None,
            transaction: None,
        }
    }
}

/// Splits a JSON array into records, and reads those that are simple on the way.
#[derive(Debug)]
pub(crate) struct RecordReader {
    splitter: ArraySplitter,
    records: Records,
}

impl RecordReader {
    pub(crate) fn new(records: Records) -> Self {
        Self {
            splitter: ArraySplitter::new(),
            records,
        }
    }

    /// Takes the next piece, and hands every record that it completes to `sink`.
    pub(crate) fn feed<E: From<ArrayError>>(
        &mut self,
        piece: &[u8],
        sink: &mut impl FnMut(SentRecord<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut text = PieceText::new(piece);
        match self.records {
            Records::Licenses => self.splitter.feed_objects(
                piece,
                |at, record| scan(text.starting_at(at)?, record),
                &mut |bytes, license: Option<&License<'_>>| {
                    sink(SentRecord {
                        license,
                        ..bytes.into()
                    })
                },
            ),
            Records::Transactions => self.splitter.feed_objects(
                piece,
                |at, record| scan(text.starting_at(at)?, record),
                &mut |bytes, transaction: Option<&Transaction<'_>>| {
                    sink(SentRecord {
                        transaction,
                        ..bytes.into()
                    })
                },
            ),
        }
    }

    /// Ends the array, and returns how many records it had.
    pub(crate) fn finish(self) -> Result<usize, ArrayError> {
        self.splitter.finish()
    }
}

impl SentRecord<'_> {
    /// Hands over the license of the record.
    pub(crate) fn license<T>(
        &self,
        place: Place,
        read: impl FnOnce(&License<'_>) -> T,
    ) -> Result<T, RecordError> {
        match self.license {
            Some(license) => Ok(read(license)),
            None => {
                let license = parse(self.bytes).map_err(|source| place.not_an_object(source))?;
                Ok(read(&license))
            }
        }
    }

    /// Hands over the transaction of the record.
    pub(crate) fn transaction<T>(
        &self,
        place: Place,
        read: impl FnOnce(&Transaction<'_>) -> T,
    ) -> Result<T, RecordError> {
        match self.transaction {
            Some(transaction) => Ok(read(transaction)),
            None => {
                let transaction =
                    parse(self.bytes).map_err(|source| place.not_an_object(source))?;
                Ok(read(&transaction))
            }
        }
    }
}

/// Reads a record, in one pass if it is simple; the error has no source if it is another JSON value than an object.
pub(super) fn parse<'a, T: Scan<'a> + serde::Deserialize<'a>>(
    record: &'a [u8],
) -> Result<T, Option<serde_json::Error>> {
    if let Some(object) = scan_record(record) {
        return Ok(object);
    }
    if record.trim_ascii_start().first() != Some(&b'{') {
        return Err(None);
    }
    serde_json::from_slice(record).map_err(Some)
}
