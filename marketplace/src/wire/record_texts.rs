//! The JSON texts of records, kept until the order of their rows is known.

use super::canonical::write_canonical;
use crate::digest::digest;

/// The texts of records in the order of their rows, or their digests once the texts take too much memory.
#[derive(Debug)]
pub(super) struct RecordTexts {
    budget_bytes: usize,
    pub(super) kept: Kept,
}

#[derive(Debug)]
pub(super) enum Kept {
    Texts { bytes: Vec<u8>, ends: Vec<usize> },
    Digests(Vec<u128>),
}

impl RecordTexts {
    pub(super) fn new(budget_bytes: usize) -> Self {
        let kept = Kept::Texts {
            bytes: Vec::new(),
            ends: Vec::new(),
        };
        Self { budget_bytes, kept }
    }

    pub(super) fn push(&mut self, record: &[u8]) {
        match &mut self.kept {
            Kept::Digests(digests) => digests.push(digest(record)),
            Kept::Texts { bytes, ends } if bytes.len() + record.len() <= self.budget_bytes => {
                bytes.extend_from_slice(record);
                ends.push(bytes.len());
            }
            Kept::Texts { bytes, ends } => {
                let mut from = 0;
                let mut digests = Vec::with_capacity(ends.len() + 1);
                for end in ends {
                    digests.push(digest(&bytes[from..*end]));
                    from = *end;
                }
                digests.push(digest(record));
                self.kept = Kept::Digests(digests);
            }
        }
    }
}

/// Returns the canonical text of a record, or the text as sent if it is nested too deep.
pub(super) fn canonical(record: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(record.len());
    if write_canonical(record, &mut text).is_err() {
        text.clear();
        text.extend_from_slice(record);
    }
    text
}
